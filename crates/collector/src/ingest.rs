//! The ingestion listener's routes: takes bodies from anywhere, answers once they are stored.
//!
//! Open to every origin and without credentials: a page of any site may send. Every answer, errors
//! included, carries the CORS headers, else a page could not read why it was refused.
//! Not here: reading events back (`operator`).

use std::sync::Arc;

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::State;
use axum::http::{HeaderMap, HeaderValue, Method, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio_stream::StreamExt;

use crate::body::elements;
use crate::clock;
use crate::error::StoreError;
use crate::judge::{Judged, Rejected, judge};
use crate::schema::Schemas;
use crate::writer::Writer;

/// What the routes share.
#[derive(Clone)]
pub struct Ingestion {
    pub schemas: Arc<Schemas>,
    pub writer: Writer,
}

/// The ingestion listener's routes.
pub fn routes(ingestion: Ingestion) -> Router {
    Router::new()
        .route("/v1/events", post(events).options(preflight))
        .route("/healthz", get(health).options(preflight))
        .fallback(|| async { refuse(StatusCode::NOT_FOUND, "events go to POST /v1/events") })
        .method_not_allowed_fallback(|method: Method| async move {
            match method {
                Method::OPTIONS => StatusCode::NO_CONTENT.into_response(),
                _ => refuse(
                    StatusCode::METHOD_NOT_ALLOWED,
                    "events go to POST /v1/events",
                ),
            }
        })
        .with_state(ingestion)
        .layer(axum::middleware::map_response(open_to_all))
}

async fn events(State(ingestion): State<Ingestion>, headers: HeaderMap, body: Body) -> Response {
    if !is_readable(&headers) {
        return refuse(
            StatusCode::UNSUPPORTED_MEDIA_TYPE,
            "send JSON, as one of: text/plain, \
            application/json, application/cloudevents+json, application/cloudevents-batch+json",
        );
    }
    let body = match read(&headers, body).await {
        Ok(body) => body,
        Err(response) => return response,
    };
    let judged = if body.len() > LONG_BYTES {
        // Judging a long batch takes milliseconds; other connections must not wait for it.
        let schemas = Arc::clone(&ingestion.schemas);
        match tokio::task::spawn_blocking(move || judge_body(&schemas, &body)).await {
            Ok(judged) => judged,
            Err(_) => return unavailable(&StoreError::Closed),
        }
    } else {
        judge_body(&ingestion.schemas, &body)
    };
    let rejected: Vec<Value> = judged.iter().filter_map(rejection).collect();
    let all_rejected = rejected.len() == judged.len();
    match ingestion.writer.append(judged).await {
        Err(cause) => unavailable(&cause),
        Ok(_) if all_rejected => {
            let first = rejected.into_iter().next().unwrap_or_default();
            answer(StatusCode::BAD_REQUEST, &first)
        }
        Ok(stored) => answer(
            StatusCode::ACCEPTED,
            &json!({
                "stored": stored.stored,
                "duplicate": stored.duplicate,
                "bad": stored.bad,
                "rejected": rejected,
            }),
        ),
    }
}

async fn preflight() -> StatusCode {
    StatusCode::NO_CONTENT
}

async fn health(State(ingestion): State<Ingestion>) -> Response {
    if ingestion.writer.is_failing() {
        return answer(
            StatusCode::SERVICE_UNAVAILABLE,
            &json!({"status": "failing"}),
        );
    }
    answer(StatusCode::OK, &json!({"status": "ok"}))
}

/// Judges every element; a body without any is itself rejected.
fn judge_body(schemas: &Schemas, body: &Bytes) -> Vec<Judged> {
    let received_at = clock::now();
    let elements = elements(body);
    if elements.is_empty() {
        return vec![Judged::Rejected(Rejected {
            received_at,
            pointer: String::new(),
            reason: "empty: the array holds no event".into(),
            body: body.clone(),
        })];
    }
    elements
        .into_iter()
        .map(|element| judge(schemas, element, received_at))
        .collect()
}

fn rejection(judged: &Judged) -> Option<Value> {
    match judged {
        Judged::Rejected(Rejected {
            pointer, reason, ..
        }) => Some(json!({"pointer": pointer, "reason": reason})),
        Judged::Event(_) => None,
    }
}

/// Reads a body up to the limit.
///
/// One that is too long is read on for a while before it is refused: a browser that can't finish
/// sending sees a broken connection instead of the answer, and would try again for ever.
async fn read(headers: &HeaderMap, body: Body) -> Result<Bytes, Response> {
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
        if whole.is_empty() && declared == Some(chunk.len()) && chunk.len() <= LIMIT_BYTES {
            return Ok(chunk);
        }
        drained += chunk.len();
        if drained > DRAIN_BYTES {
            return Err(too_long());
        }
        if drained <= LIMIT_BYTES {
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
    let essence = kind
        .to_str()
        .unwrap_or("-")
        .split(';')
        .next()
        .unwrap_or("")
        .trim();
    essence.is_empty()
        || KINDS
            .iter()
            .any(|known| known.eq_ignore_ascii_case(essence))
}

fn too_long() -> Response {
    refuse(
        StatusCode::PAYLOAD_TOO_LARGE,
        "too_long: a body has at most 1048576 bytes",
    )
}

/// The sender keeps its events and comes back.
fn unavailable(cause: &StoreError) -> Response {
    eprintln!("touchmark: events not stored: {cause}");
    let mut response = refuse(StatusCode::SERVICE_UNAVAILABLE, "not stored; try again");
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from_static("5"));
    response
}

fn refuse(status: StatusCode, reason: &str) -> Response {
    answer(status, &json!({"pointer": "", "reason": reason}))
}

fn answer(status: StatusCode, body: &Value) -> Response {
    let json = HeaderValue::from_static("application/json");
    (status, [(header::CONTENT_TYPE, json)], body.to_string()).into_response()
}

async fn open_to_all(mut response: Response) -> Response {
    let headers = response.headers_mut();
    for (name, value) in CORS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

const CORS: [(header::HeaderName, &str); 5] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (header::ACCESS_CONTROL_EXPOSE_HEADERS, "Retry-After"),
    (header::ACCESS_CONTROL_ALLOW_METHODS, "POST, GET, OPTIONS"),
    (
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        "Content-Type, Authorization",
    ),
    (header::ACCESS_CONTROL_MAX_AGE, "86400"),
];
const KINDS: [&str; 4] = [
    "text/plain",
    "application/json",
    "application/cloudevents+json",
    "application/cloudevents-batch+json",
];
const LIMIT_BYTES: usize = 1 << 20;
/// How much of a body is read only to be refused.
const DRAIN_BYTES: usize = 8 << 20;
/// Bodies above this are judged off the connection's thread.
const LONG_BYTES: usize = 64 << 10;
