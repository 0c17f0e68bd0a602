//! The ingestion listener's routes: takes bodies from anywhere, answers once they are stored.
//!
//! The order of the locks: room (`budget`), key (`keys`), body (`receive`), what each element is and
//! whether its sender may send it (`judge`, `admit`), rate (`rate`), disk (`writer`).
//! Not here: reading events back (`operator`).

use std::collections::HashMap;
use std::sync::Arc;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::extract::{Request, State};
use axum::http::request::Parts;
use axum::http::{HeaderMap, Method, StatusCode, Uri, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::Response;
use axum::routing::{get, post};
use serde_json::json;

use crate::admit::Sender;
use crate::answer::{answer, busy, later, preflight, refuse};
use crate::body::elements;
use crate::budget::Budget;
use crate::clock;
use crate::error::StoreError;
use crate::judge::{Arrival, Judged, Rejected, Rules, judge};
use crate::keys::{Grant, Keyring};
use crate::metrics::Metrics;
use crate::rate::Rates;
use crate::receive::receive;
use crate::routes::{OPENAPI, Routes};
use crate::session;
use crate::writer::{Stored, Writer};

/// What the routes share.
#[derive(Clone)]
pub struct Ingestion {
    pub rules: Arc<Rules>,
    pub keys: Arc<Keyring>,
    pub rates: Option<Arc<Rates>>,
    pub budget: Budget,
    pub metrics: Arc<Metrics>,
    pub writer: Writer,
}

/// The ingestion listener's routes.
pub fn routes(ingestion: Ingestion) -> Router {
    let metrics = Arc::clone(&ingestion.metrics);
    listed()
        .router
        .fallback(|| async { refuse(StatusCode::NOT_FOUND, "events go to POST /v1/events") })
        .method_not_allowed_fallback(|method: Method| async move {
            match method {
                Method::OPTIONS => preflight(),
                _ => refuse(
                    StatusCode::METHOD_NOT_ALLOWED,
                    "events go to POST /v1/events",
                ),
            }
        })
        .with_state(ingestion)
        .layer(from_fn_with_state(metrics, count))
}

/// The routes with their list.
pub fn listed() -> Routes<Ingestion> {
    Routes::default()
        .add("post", EVENTS, post(posted).options(options))
        .add("get", "/healthz", get(health).options(options))
        .add("get", "/openapi.json", get(openapi).options(options))
}

async fn count(State(metrics): State<Arc<Metrics>>, request: Request, next: Next) -> Response {
    let response = next.run(request).await;
    metrics.answered(response.status());
    response
}

async fn posted(State(ingestion): State<Ingestion>, request: Request) -> Response {
    events(&ingestion, request).await
}

async fn options() -> Response {
    preflight()
}

async fn openapi() -> Response {
    answer(StatusCode::OK, OPENAPI)
}

/// Takes a request that posts events.
pub async fn events(ingestion: &Ingestion, request: Request) -> Response {
    let (parts, body) = request.into_parts();
    take(ingestion, parts, body)
        .await
        .unwrap_or_else(|refusal| refusal)
}

async fn take(ingestion: &Ingestion, parts: Parts, body: Body) -> Result<Response, Response> {
    let Parts { headers, uri, .. } = parts;
    let mut held = ingestion.budget.begin().ok_or_else(busy)?;
    let grant = grant(&ingestion.keys, &headers).map_err(|refusal| *refusal)?;
    let body = receive(&headers, body, &mut held).await?;
    ingestion.metrics.received(body.len());
    let arrival = arrival(&headers, &uri, grant);
    let judged = if body.len() > LONG_BYTES {
        // Judging a long batch takes milliseconds; other connections must not wait for it.
        let rules = Arc::clone(&ingestion.rules);
        let judging = tokio::task::spawn_blocking(move || judge_body(&rules, &body, &arrival));
        judging
            .await
            .map_err(|_| unavailable(&StoreError::Closed))?
    } else {
        judge_body(&ingestion.rules, &body, &arrival)
    };
    slow_down(ingestion, &judged).map_err(|refusal| *refusal)?;
    let rejected: Vec<_> = judged.iter().filter_map(rejection).collect();
    let refused = (rejected.len() == judged.len()).then(|| refusal(&judged));
    let stored = ingestion.writer.append(judged).await;
    let stored = stored.map_err(|cause| unavailable(&cause))?;
    Ok(refused
        .flatten()
        .unwrap_or_else(|| accepted(stored, &rejected)))
}

async fn health(State(ingestion): State<Ingestion>) -> Response {
    match ingestion.writer.failing() {
        None => answer(StatusCode::OK, r#"{"status":"ok"}"#),
        Some(cause) => {
            let body = json!({"status": "failing", "reason": cause.code()});
            answer(StatusCode::SERVICE_UNAVAILABLE, body.to_string())
        }
    }
}

/// What the request's key opens; `None` without one.
fn grant(keys: &Keyring, headers: &HeaderMap) -> Result<Option<Arc<Grant>>, Box<Response>> {
    let Some(value) = headers.get(header::AUTHORIZATION) else {
        return Ok(None);
    };
    let text = value.to_str().unwrap_or_default();
    let bearer = text
        .split_once(' ')
        .filter(|(scheme, _)| scheme.eq_ignore_ascii_case("bearer"));
    let grant = bearer.and_then(|(_, key)| keys.grant(key.trim()));
    let unknown = "key_unknown: the key is none of this collector's; send a valid one, or none";
    grant
        .map(Some)
        .ok_or_else(|| refuse(StatusCode::UNAUTHORIZED, unknown).into())
}

fn arrival(headers: &HeaderMap, uri: &Uri, grant: Option<Arc<Grant>>) -> Arrival {
    Arrival {
        at: clock::now(),
        sender: Sender::of(headers, grant),
        session: session::of_request(headers, uri),
    }
}

/// Judges every element; a body without any is itself rejected.
fn judge_body(rules: &Rules, body: &Bytes, arrival: &Arrival) -> Vec<Judged> {
    let elements = elements(body);
    if elements.is_empty() {
        return vec![Judged::Rejected(Rejected {
            received_at: arrival.at,
            session: arrival.session.clone(),
            status: StatusCode::BAD_REQUEST,
            pointer: String::new(),
            reason: "empty: the array holds no event".into(),
            body: body.clone(),
        })];
    }
    let judged = elements.into_iter();
    judged
        .map(|element| judge(rules, element, arrival))
        .collect()
}

/// Holds each source to its rate.
fn slow_down(ingestion: &Ingestion, judged: &[Judged]) -> Result<(), Box<Response>> {
    let Some(rates) = &ingestion.rates else {
        return Ok(());
    };
    let mut brought = HashMap::new();
    for one in judged {
        // What is no event has no source; such senders share one rate.
        let source = match one {
            Judged::Event(event) => event.source.as_str(),
            Judged::Rejected(_) => "",
        };
        *brought.entry(source).or_insert(0) += 1;
    }
    rates.take(&brought, Instant::now()).map_err(|wait| {
        let reason = "rate: this source sends more than --site-rate allows; come back";
        later(StatusCode::TOO_MANY_REQUESTS, reason, wait).into()
    })
}

fn rejection(judged: &Judged) -> Option<serde_json::Value> {
    match judged {
        Judged::Rejected(Rejected {
            pointer, reason, ..
        }) => Some(json!({"pointer": pointer, "reason": reason})),
        Judged::Event(_) => None,
    }
}

/// The answer when nothing is an event: about the first element.
fn refusal(judged: &[Judged]) -> Option<Response> {
    let Some(Judged::Rejected(first)) = judged.first() else {
        return None;
    };
    let mut response = refuse(first.status, &first.reason);
    let body = json!({"pointer": first.pointer, "reason": first.reason});
    *response.body_mut() = body.to_string().into();
    Some(response)
}

fn accepted(stored: Stored, rejected: &[serde_json::Value]) -> Response {
    let Stored {
        stored,
        duplicate,
        bad,
        ..
    } = stored;
    let rejected = match rejected {
        [] => "[]".to_owned(),
        rejected => serde_json::Value::from(rejected).to_string(),
    };
    let body = format!(
        r#"{{"stored":{stored},"duplicate":{duplicate},"bad":{bad},"rejected":{rejected}}}"#
    );
    answer(StatusCode::ACCEPTED, body)
}

/// The sender keeps its events and comes back. The writer has told why at the terminal.
fn unavailable(cause: &StoreError) -> Response {
    let (wait, reason) = match cause {
        StoreError::Locked | StoreError::Closed => (5, "not stored; try again"),
        // A person has to do something first.
        _ => (
            30,
            "not stored, the collector's disk or file needs a person; try again",
        ),
    };
    let wait = Duration::from_secs(wait);
    later(StatusCode::SERVICE_UNAVAILABLE, reason, wait)
}

/// Where events are posted to.
pub const EVENTS: &str = "/v1/events";
/// Bodies above this are judged off the connection's thread.
const LONG_BYTES: usize = 64 << 10;
