//! The operator listener's routes: what was stored, counts, the live page; for one person.
//!
//! Events are read here, so the door has three locks: it listens on this machine only, the Host
//! must say so (else a hostile name could be pointed at it, DNS rebinding), and a token is asked.
//! No CORS: no other origin may read.

use std::net::SocketAddr;
use std::sync::Arc;

use axum::Router;
use axum::extract::{Query, Request, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::middleware::{Next, from_fn_with_state};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde_json::{Value, json};
use tokio::sync::watch;

use crate::error::StoreError;
use crate::live;
use crate::read::{Reader, Shelf};
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
    pub locks: Arc<Locks>,
}

/// Who may come in.
pub struct Locks {
    hosts: Vec<String>,
    token: String,
}

impl Locks {
    /// Opens for `token`, and for the names of this machine at `address`.
    pub fn new(address: SocketAddr, token: String) -> Self {
        let port = address.port();
        let mut hosts: Vec<_> = ["127.0.0.1", "localhost", "[::1]"]
            .map(|host| format!("{host}:{port}"))
            .into();
        hosts.push(address.to_string());
        Self { hosts, token }
    }

    fn is_host(&self, headers: &HeaderMap) -> bool {
        let host = headers
            .get(header::HOST)
            .and_then(|host| host.to_str().ok())
            .unwrap_or("");
        self.hosts
            .iter()
            .any(|known| known.eq_ignore_ascii_case(host))
    }

    fn is_token(&self, request: &Request) -> bool {
        let bearer = request
            .headers()
            .get(header::AUTHORIZATION)
            .and_then(|text| text.to_str().ok());
        let bearer = bearer.and_then(|text| text.strip_prefix("Bearer "));
        let query = request.uri().query().unwrap_or("").split('&');
        let query = query.filter_map(|pair| pair.strip_prefix("token="));
        bearer
            .into_iter()
            .chain(query)
            .any(|token| equal(token, &self.token))
    }
}

/// The operator listener's routes.
pub fn routes(operator: Operator) -> Router {
    let locks = Arc::clone(&operator.locks);
    Router::new()
        .route("/", get(live::page))
        .route("/live", get(live::feed))
        .route(
            "/good",
            get(|operator, range| rows(operator, range, Shelf::Good)),
        )
        .route(
            "/bad",
            get(|operator, range| rows(operator, range, Shelf::Bad)),
        )
        .route(
            "/all",
            get(|operator, range| rows(operator, range, Shelf::All)),
        )
        .route(
            "/rejected",
            get(|operator, range| rows(operator, range, Shelf::Rejected)),
        )
        .route("/stats", get(stats))
        .route("/reset", post(reset))
        .fallback(|| async {
            refuse(
                StatusCode::NOT_FOUND,
                "there is / /live /good /bad /all /rejected /stats /reset",
            )
        })
        .with_state(operator)
        .layer(from_fn_with_state(locks, guard))
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

async fn guard(State(locks): State<Arc<Locks>>, request: Request, next: Next) -> Response {
    let mut response = if !locks.is_host(request.headers()) {
        refuse(
            StatusCode::FORBIDDEN,
            "the Host is none of this machine's names with the operator's port",
        )
    } else if !locks.is_token(&request) {
        let mut response = refuse(
            StatusCode::UNAUTHORIZED,
            "open the address that touchmark collect printed at its start: it carries the token",
        );
        let bearer = HeaderValue::from_static("Bearer");
        response
            .headers_mut()
            .insert(header::WWW_AUTHENTICATE, bearer);
        response
    } else {
        next.run(request).await
    };
    for (name, value) in [
        (header::CACHE_CONTROL, "no-store"),
        (header::REFERRER_POLICY, "no-referrer"),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
    ] {
        response
            .headers_mut()
            .insert(name, HeaderValue::from_static(value));
    }
    response
}

async fn rows(
    State(operator): State<Operator>,
    Query(range): Query<Pairs>,
    shelf: Shelf,
) -> Response {
    let (after, limit) = match (
        number(&range, "after", 0),
        number(&range, "limit", DEFAULT_ROWS),
    ) {
        (Ok(after), Ok(limit)) => (after, limit.clamp(0, MAX_ROWS)),
        (Err(reason), _) | (_, Err(reason)) => return refuse(StatusCode::BAD_REQUEST, &reason),
    };
    let limit = u32::try_from(limit).unwrap_or(0);
    match operator.reader.rows(shelf, after, limit).await {
        Ok(rows) => {
            let lines: Vec<_> = rows.into_iter().map(|(_, line)| line).collect();
            answer(StatusCode::OK, format!("[{}]\n", lines.join(",\n")))
        }
        Err(cause) => unreadable(&cause),
    }
}

async fn stats(State(operator): State<Operator>) -> Response {
    let progress = *operator.writer.progress().borrow();
    answer(StatusCode::OK, counts(&progress).to_string())
}

async fn reset(State(operator): State<Operator>) -> Response {
    if !operator.qa {
        return refuse(
            StatusCode::FORBIDDEN,
            "start touchmark collect with --qa to allow /reset",
        );
    }
    match operator.writer.reset().await {
        Ok(progress) => answer(StatusCode::OK, counts(&progress).to_string()),
        Err(cause) => unreadable(&cause),
    }
}

/// A whole number from the query.
pub fn number(pairs: &Pairs, name: &str, default: i64) -> Result<i64, String> {
    let Some((_, text)) = pairs.iter().find(|(key, _)| key == name) else {
        return Ok(default);
    };
    text.parse()
        .map_err(|_| format!("{name} is no whole number"))
}

fn answer(status: StatusCode, body: String) -> Response {
    (status, [(header::CONTENT_TYPE, "application/json")], body).into_response()
}

/// Compares in a time that says nothing about where the first difference is.
fn equal(one: &str, other: &str) -> bool {
    let differences = one
        .bytes()
        .zip(other.bytes())
        .fold(0, |sum, (a, b)| sum | (a ^ b));
    one.len() == other.len() && differences == 0
}

/// A query's names and values.
pub type Pairs = Vec<(String, String)>;

const DEFAULT_ROWS: i64 = 1000;
const MAX_ROWS: i64 = 10_000;
