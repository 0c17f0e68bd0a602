//! The ingestion listener's answers: what they say, and the headers that each of them carries.

use std::time::Duration;

use axum::body::Body;
use axum::http::{HeaderName, HeaderValue, StatusCode, header};
use axum::response::Response;
use serde_json::json;

/// An answer with a JSON body. Every origin may read it, whatever its status.
pub fn answer(status: StatusCode, body: impl Into<Body>) -> Response {
    let mut response = bare(status);
    *response.body_mut() = body.into();
    let json = HeaderValue::from_static("application/json");
    response.headers_mut().insert(header::CONTENT_TYPE, json);
    response
}

/// An answer without a body.
pub fn bare(status: StatusCode) -> Response {
    let mut response = Response::new(Body::empty());
    *response.status_mut() = status;
    let headers = response.headers_mut();
    headers.reserve(8);
    for (name, value) in CORS {
        headers.insert(name, HeaderValue::from_static(value));
    }
    response
}

/// The answer to a preflight: what a page may send.
pub fn preflight() -> Response {
    let mut response = bare(StatusCode::NO_CONTENT);
    for (name, value) in PREFLIGHT {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

/// An answer that says why nothing was taken.
pub fn refuse(status: StatusCode, reason: &str) -> Response {
    let body = json!({"pointer": "", "reason": reason}).to_string();
    let mut response = answer(status, body);
    if status == StatusCode::UNAUTHORIZED {
        let bearer = HeaderValue::from_static("Bearer");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, bearer);
    }
    response
}

/// The collector is behind.
pub fn busy() -> Response {
    let reason = "busy: more waits than the collector holds; come back";
    later(
        StatusCode::TOO_MANY_REQUESTS,
        reason,
        Duration::from_secs(2),
    )
}

/// The sender keeps its events, and comes back after `wait`, rounded up to seconds.
pub fn later(status: StatusCode, reason: &str, wait: Duration) -> Response {
    let mut response = refuse(status, reason);
    let seconds = wait.as_secs() + u64::from(wait.subsec_nanos() > 0);
    response
        .headers_mut()
        .insert(header::RETRY_AFTER, HeaderValue::from(seconds.max(1)));
    response
}

/// On every answer, else a page could not read why it was refused, nor when to come back.
const CORS: [(HeaderName, &str); 2] = [
    (header::ACCESS_CONTROL_ALLOW_ORIGIN, "*"),
    (header::ACCESS_CONTROL_EXPOSE_HEADERS, "Retry-After"),
];
/// Any header: tools that trace requests add theirs to every `fetch` of a page. Where none is named,
/// the browser lets no event through. No cookie comes along, and `*` is none of authorization.
const PREFLIGHT: [(HeaderName, &str); 3] = [
    (header::ACCESS_CONTROL_ALLOW_METHODS, "POST, GET, OPTIONS"),
    (
        header::ACCESS_CONTROL_ALLOW_HEADERS,
        "Content-Type, Authorization, Touchmark-Session, *",
    ),
    (header::ACCESS_CONTROL_MAX_AGE, "86400"),
];
