//! The operator listener's routes: what was stored, counts, leads, the live page; for one person.
//!
//! Behind the locks of `guard`. No CORS: no other origin may read.
//! Not here: the feed (`live`), waiting for events (`assert`), files of them (`export`).

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, State};
use axum::http::{StatusCode, header};
use axum::middleware::from_fn_with_state;
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::budget::Budget;
use crate::error::StoreError;
use crate::forward::Receivers;
use crate::guard::{Locks, guard};
use crate::live;
use crate::metrics::{Gauges, Metrics};
use crate::read::{Line, Range, Reader, Shelf};
use crate::routes::{OPENAPI, Routes};
use crate::session;
use crate::writer::{Progress, Writer};

/// What the routes share.
#[derive(Clone)]
pub struct Operator {
    pub reader: Reader,
    pub writer: Writer,
    /// `true` once the collector stops; the live feed ends with it.
    pub stopping: watch::Receiver<bool>,
    /// Whether `/reset` works.
    pub qa: bool,
    /// Where events are sent to; the live page shows it.
    pub ingestion: SocketAddr,
    pub metrics: Arc<Metrics>,
    pub budget: Budget,
    pub receivers: Receivers,
    pub locks: Arc<Locks>,
}

/// The operator listener's routes.
pub fn routes(operator: Operator) -> Router {
    let locks = Arc::clone(&operator.locks);
    let Routes { router, list } = listed();
    let paths: Vec<_> = list.iter().map(|(_, path)| *path).collect();
    let known = format!("there is {}", paths.join(" "));
    router
        .fallback(move || async move { refuse(StatusCode::NOT_FOUND, &known) })
        .with_state(operator)
        .layer(from_fn_with_state(locks, guard))
}

/// The routes with their list.
pub fn listed() -> Routes<Operator> {
    Routes::default()
        .add("get", "/", get(live::page))
        .add("get", "/live", get(live::feed))
        .add(
            "get",
            "/good",
            get(|operator, query| rows(operator, query, Shelf::Good)),
        )
        .add(
            "get",
            "/bad",
            get(|operator, query| rows(operator, query, Shelf::Bad)),
        )
        .add(
            "get",
            "/all",
            get(|operator, query| rows(operator, query, Shelf::All)),
        )
        .add(
            "get",
            "/rejected",
            get(|operator, query| rows(operator, query, Shelf::Rejected)),
        )
        .add(
            "get",
            "/leads",
            get(|operator, query| rows(operator, query, Shelf::Leads)),
        )
        .add("get", "/rules", get(rules))
        .add("get", "/stats", get(stats))
        .add("get", "/metrics", get(metrics))
        .add("get", "/openapi.json", get(openapi))
        .add("get", "/export", get(crate::export::export))
        .add("post", "/assert", post(crate::assert::assert))
        .add("post", "/reset", post(reset))
}

/// The counts as JSON.
pub fn counts(progress: &Progress) -> Value {
    let counts = progress.counts;
    json!({
        "good": counts.good,
        "bad": counts.bad,
        "duplicate": counts.duplicate,
        "rejected": counts.rejected,
        "seq": progress.seq,
    })
}

/// An answer that explains itself.
pub fn refuse(status: StatusCode, reason: &str) -> Response {
    answer(status, json!({"reason": reason}).to_string())
}

/// The database did not give what was asked.
pub fn unreadable(cause: &StoreError) -> Response {
    refuse(StatusCode::SERVICE_UNAVAILABLE, &cause.to_string())
}

/// An answer in JSON.
pub fn answer(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

async fn rows(
    State(operator): State<Operator>,
    Query(query): Query<Pairs>,
    shelf: Shelf,
) -> Response {
    let range = match range(&query) {
        Ok(range) => range,
        Err(reason) => return refuse(StatusCode::BAD_REQUEST, &reason),
    };
    match operator.reader.rows(shelf, range).await {
        Ok(rows) => answer(StatusCode::OK, list(rows)),
        Err(cause) => unreadable(&cause),
    }
}

async fn rules(State(operator): State<Operator>, Query(query): Query<Pairs>) -> Response {
    let session = match session(&query) {
        Ok(session) => session,
        Err(reason) => return refuse(StatusCode::BAD_REQUEST, &reason),
    };
    match operator.reader.rules(session).await {
        Ok(lines) => answer(StatusCode::OK, list(lines)),
        Err(cause) => unreadable(&cause),
    }
}

async fn openapi() -> Response {
    answer(StatusCode::OK, OPENAPI.to_owned())
}

async fn stats(State(operator): State<Operator>) -> Response {
    let progress = *operator.writer.progress().borrow();
    answer(StatusCode::OK, counts(&progress).to_string())
}

async fn metrics(State(operator): State<Operator>) -> Response {
    let seq = operator.writer.progress().borrow().seq;
    let gauges = Gauges {
        failing: operator.writer.failing().is_some(),
        waiting_bytes: operator.budget.taken(),
        database_bytes: operator.reader.bytes(),
        receivers: operator.receivers.standing(seq),
    };
    let text = operator.metrics.to_text(&gauges);
    let kind = "text/plain; version=0.0.4; charset=utf-8";
    ([(header::CONTENT_TYPE, kind)], text).into_response()
}

async fn reset(State(operator): State<Operator>, Query(query): Query<Pairs>) -> Response {
    if !operator.qa {
        return refuse(
            StatusCode::FORBIDDEN,
            "start touchmark collect with --qa to allow /reset",
        );
    }
    let session = match session(&query) {
        Ok(session) => session,
        Err(reason) => return refuse(StatusCode::BAD_REQUEST, &reason),
    };
    match operator.writer.reset(session).await {
        Ok(progress) => answer(StatusCode::OK, counts(&progress).to_string()),
        Err(cause) => unreadable(&cause),
    }
}

fn list(rows: Vec<Line>) -> String {
    let lines: Vec<_> = rows.into_iter().map(|(_, line)| line).collect();
    format!("[{}]\n", lines.join(",\n"))
}

/// Which rows a query asks for.
pub fn range(query: &Pairs) -> Result<Range, String> {
    let limit = number(query, "limit", DEFAULT_ROWS)?.clamp(0, MAX_ROWS);
    Ok(Range {
        after: number(query, "after", 0)?,
        limit: u32::try_from(limit).unwrap_or(0),
        session: session(query)?,
    })
}

/// A whole number from the query.
pub fn number(pairs: &Pairs, name: &str, default: i64) -> Result<i64, String> {
    let Some((_, text)) = pairs.iter().find(|(key, _)| key == name) else {
        return Ok(default);
    };
    text.parse()
        .map_err(|_| format!("{name} is no whole number"))
}

/// The session that a query asks for; `None` is all.
pub fn session(pairs: &Pairs) -> Result<Option<String>, String> {
    match pairs.iter().find(|(key, _)| key == "session") {
        Some((_, word)) if !session::is_word(word) => {
            Err("a session is 1 to 64 of A-Z a-z 0-9 . _ -".into())
        }
        found => Ok(found.map(|(_, word)| word.clone())),
    }
}

/// A query's names and values.
pub type Pairs = Vec<(String, String)>;

const DEFAULT_ROWS: i64 = 1000;
const MAX_ROWS: i64 = 10_000;
