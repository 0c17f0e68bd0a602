//! The live page and the feed behind it (server-sent events).
//!
//! The feed reads rows from the database after each commit, so it can begin at any number and
//! misses nothing, however slow its reader is. A message's id is the row's number.
//! Not here: the page itself (live.html).

use std::convert::Infallible;
use std::time::Duration;

use axum::extract::{Query, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::sse::{Event, KeepAlive, Sse};
use axum::response::{IntoResponse, Response};
use tokio::sync::{mpsc, watch};
use tokio_stream::wrappers::ReceiverStream;

use crate::operator::{Operator, Pairs, counts, number, refuse, session};
use crate::read::{Range, Reader, Shelf};
use crate::token;
use crate::writer::Progress;

/// `GET /`: the page. Its script and style run by a nonce; nothing else may load.
pub async fn page(State(operator): State<Operator>) -> Response {
    let nonce = token::random();
    let endpoint = format!("http://{}/v1/events", operator.ingestion);
    let page = PAGE
        .replace("{{nonce}}", &nonce)
        .replace("{{endpoint}}", &endpoint);
    let policy = format!(
        "default-src 'none'; script-src 'nonce-{nonce}'; style-src 'nonce-{nonce}'; img-src data:; \
         connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; \
         require-trusted-types-for 'script'; trusted-types 'none'"
    );
    let policy =
        HeaderValue::from_str(&policy).unwrap_or(HeaderValue::from_static("default-src 'none'"));
    let html = HeaderValue::from_static("text/html; charset=utf-8");
    let headers = [
        (header::CONTENT_TYPE, html),
        (header::CONTENT_SECURITY_POLICY, policy),
    ];
    (headers, page).into_response()
}

/// `GET /live`: rows after `Last-Event-ID` or `?after=`, else the last [`BACKLOG`], or all
/// of the session that is asked for; then new ones.
///
/// Messages: unnamed, a row as in `/all`; `counts`; `reset`.
pub async fn feed(
    State(operator): State<Operator>,
    Query(query): Query<Pairs>,
    headers: HeaderMap,
) -> Response {
    let last = headers.get("last-event-id").and_then(|id| id.to_str().ok());
    let last = last.and_then(|id| id.parse().ok());
    let session = match session(&query) {
        Ok(session) => session,
        Err(reason) => return refuse(StatusCode::BAD_REQUEST, &reason),
    };
    let newest = operator.writer.progress().borrow().seq;
    let first = match session {
        Some(_) => 0,
        None => newest.saturating_sub(BACKLOG),
    };
    let after = match number(&query, "after", first) {
        Ok(after) => last.unwrap_or(after),
        Err(reason) => return refuse(StatusCode::BAD_REQUEST, &reason),
    };
    let (out, messages) = mpsc::channel(64);
    let feed = Feed {
        reader: operator.reader,
        progress: operator.writer.progress(),
        stopping: operator.stopping,
        after,
        session,
        out,
    };
    // Ends by itself: when the reader has gone, or the collector stops.
    tokio::spawn(feed.run());
    let alive = KeepAlive::new().interval(Duration::from_secs(15));
    Sse::new(ReceiverStream::new(messages))
        .keep_alive(alive)
        .into_response()
}

struct Feed {
    reader: Reader,
    progress: watch::Receiver<Progress>,
    stopping: watch::Receiver<bool>,
    after: i64,
    session: Option<String>,
    out: mpsc::Sender<Result<Event, Infallible>>,
}

impl Feed {
    async fn run(mut self) -> Option<()> {
        let mut resets = self.progress.borrow().resets;
        loop {
            let progress = *self.progress.borrow_and_update();
            if progress.resets != resets {
                resets = progress.resets;
                self.say(Event::default().event("reset").data("{}")).await?;
            }
            self.rows().await?;
            self.say(
                Event::default()
                    .event("counts")
                    .data(counts(&progress).to_string()),
            )
            .await?;
            tokio::select! {
                changed = self.progress.changed() => changed.ok()?,
                _ = self.stopping.wait_for(|stopping| *stopping) => return None,
                () = self.out.closed() => return None,
            }
        }
    }

    async fn rows(&mut self) -> Option<()> {
        loop {
            let range = Range {
                after: self.after,
                limit: PAGE_ROWS,
                session: self.session.clone(),
            };
            let rows = self.reader.rows(Shelf::All, range).await.ok()?;
            if rows.is_empty() {
                return Some(());
            }
            for (seq, line) in rows {
                self.after = seq;
                self.say(Event::default().id(seq.to_string()).data(line))
                    .await?;
            }
        }
    }

    /// `None` once nobody listens any more.
    async fn say(&self, message: Event) -> Option<()> {
        tokio::select! {
            sent = self.out.send(Ok(message)) => sent.ok(),
            () = stopped(self.stopping.clone()) => None,
        }
    }
}

async fn stopped(mut stopping: watch::Receiver<bool>) {
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

const PAGE: &str = include_str!("live.html");
const BACKLOG: i64 = 100;
const PAGE_ROWS: u32 = 200;
