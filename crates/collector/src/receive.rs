//! Turns a request into its body's bytes, or into the answer that refuses it.
//!
//! Bounded in size, in memory for all requests together (`budget`), and never decompressed: a
//! small body that grows large is refused by its header.

use axum::body::{Body, Bytes};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::Response;
use tokio_stream::StreamExt;

use crate::answer::{busy, refuse};
use crate::budget::Held;

/// Reads a body up to the limit.
///
/// One that is too long is read on for a while before it is refused: a browser that can't finish
/// sending sees a broken connection instead of the answer, and would try again for ever.
pub async fn receive(headers: &HeaderMap, body: Body, held: &mut Held) -> Result<Bytes, Response> {
    if !is_readable(headers) {
        return Err(refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send JSON, as one of: text/plain, \
            application/json, application/cloudevents+json, application/cloudevents-batch+json",
        ));
    }
    if is_encoded(headers) {
        return Err(refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "encoded: send the body as it is, without Content-Encoding",
        ));
    }
    let declared = headers
        .get(header::CONTENT_LENGTH)
        .and_then(|length| length.to_str().ok());
    let declared = declared.and_then(|length| length.parse::<usize>().ok());
    let waits = headers.contains_key(header::EXPECT);
    if declared.is_some_and(|bytes| bytes > DRAIN_BYTES || waits && bytes > LIMIT_BYTES) {
        return Err(too_long());
    }
    let mut stream = body.into_data_stream();
    let mut whole = Vec::new();
    let mut drained = 0;
    while let Some(chunk) = stream.next().await {
        let chunk = chunk.map_err(|_| {
            refuse(
                StatusCode::REQUEST_TIMEOUT,
                "the body broke off; send it again",
            )
        })?;
        drained += chunk.len();
        if drained > DRAIN_BYTES {
            return Err(too_long());
        }
        if drained <= LIMIT_BYTES {
            if !held.grow(chunk.len()) {
                return Err(busy());
            }
            if whole.is_empty() && declared == Some(chunk.len()) {
                return Ok(chunk);
            }
            whole.extend_from_slice(&chunk);
        }
    }
    if drained > LIMIT_BYTES {
        Err(too_long())
    } else {
        Ok(whole.into())
    }
}

/// Whether the content type is one that holds JSON; none at all is taken for one.
fn is_readable(headers: &HeaderMap) -> bool {
    let Some(kind) = headers.get(header::CONTENT_TYPE) else {
        return true;
    };
    let kind = kind.to_str().unwrap_or("-");
    let essence = kind.split(';').next().unwrap_or("").trim();
    essence.is_empty()
        || KINDS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(essence))
}

fn is_encoded(headers: &HeaderMap) -> bool {
    headers
        .get_all(header::CONTENT_ENCODING)
        .iter()
        .any(|encoding| !encoding.as_bytes().eq_ignore_ascii_case(b"identity"))
}

fn too_long() -> Response {
    refuse(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_long: a body has at most 1048576 bytes",
    )
}

const KINDS: [&str; 4] = [
    "text/plain",
    "application/json",
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
];
const LIMIT_BYTES: usize = 1 << 20;
/// How much of a body is read only to be refused.
const DRAIN_BYTES: usize = 8 << 20;
