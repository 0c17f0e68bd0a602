//! `POST /assert`: waits until what a test expects is there, or says how it is not.
//!
//! Answers as soon as everything holds, or can no longer hold; at the deadline at the latest. An
//! upper bound, such as none at all, holds only once nothing came for a while. Meaning of the body:
//! docs/ingestion.md. Not here: comparing values (`matcher`), reading the list (`expect`).

mod expect;
mod matcher;

use std::time::{Duration, Instant};

use axum::body::Bytes;
use axum::extract::{Query, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde_json::{Value, json};

use crate::error::StoreError;
use crate::operator::{Operator, Pairs, answer, refuse, session, unreadable};
use crate::read::{Range, Shelf};
use expect::{Expectations, Outcome};

/// One stored row as expectations see it.
pub struct Seen {
    /// Its members: state, verdict, reasons, event and so on.
    pub row: Value,
}

/// Answers 200 when all holds, 422 with a diff when not, 400 when the list can't be read.
pub async fn assert(
    State(operator): State<Operator>,
    Query(query): Query<Pairs>,
    headers: HeaderMap,
    body: Bytes,
) -> Response {
    let mut expectations = match Expectations::parse(&body) {
        Ok(expectations) => expectations,
        Err(reason) => return refuse(StatusCode::BAD_REQUEST, &reason),
    };
    match session(&query) {
        Ok(None) => {}
        Ok(named) => expectations.session = named,
        Err(reason) => return refuse(StatusCode::BAD_REQUEST, &reason),
    }
    let outcome = match watch(&operator, &expectations).await {
        Ok(outcome) => outcome,
        Err(cause) => return unreadable(&cause),
    };
    let status = if outcome.holds() {
        StatusCode::OK
    } else {
        StatusCode::UNPROCESSABLE_ENTITY
    };
    let accept = headers.get(header::ACCEPT);
    let plain = accept.is_some_and(|kind| kind.as_bytes().starts_with(b"text/plain"));
    if plain {
        return (status, outcome.to_text()).into_response();
    }
    answer(status, outcome.to_json().to_string())
}

/// Judges again with each commit.
async fn watch(operator: &Operator, expectations: &Expectations) -> Result<Outcome, StoreError> {
    let begin = Instant::now();
    let deadline = begin + expectations.within;
    let mut progress = operator.writer.progress();
    let mut stopping = operator.stopping.clone();
    let mut rows = Rows::default();
    loop {
        progress.borrow_and_update();
        let came = rows.read(operator, expectations).await?;
        let outcome = expectations.judge(&rows.seen, begin.elapsed());
        if came || rows.quiet_since.is_none() {
            rows.quiet_since = Some(Instant::now());
        }
        let quiet = rows.quiet_since.unwrap_or(begin) + expectations.quiet;
        let settled = outcome.holds() && (!expectations.is_bounded() || Instant::now() >= quiet);
        if settled || outcome.is_final() || Instant::now() >= deadline {
            return Ok(outcome);
        }
        let next = if outcome.holds() {
            quiet.min(deadline)
        } else {
            deadline
        };
        tokio::select! {
            changed = progress.changed() => {
                if changed.is_err() {
                    return Ok(outcome);
                }
            }
            () = tokio::time::sleep_until(next.into()) => {}
            _ = stopping.wait_for(|stopping| *stopping) => return Ok(outcome),
        }
    }
}

/// What was read so far.
#[derive(Default)]
struct Rows {
    seen: Vec<Seen>,
    event: Option<i64>,
    rejected: i64,
    quiet_since: Option<Instant>,
}

impl Rows {
    /// Reads what is new; whether anything was.
    async fn read(
        &mut self,
        operator: &Operator,
        expectations: &Expectations,
    ) -> Result<bool, StoreError> {
        let before = self.seen.len();
        let newest = operator.writer.progress().borrow().seq;
        let floor = match expectations.session {
            Some(_) => 0,
            None => newest.saturating_sub(MOST_ROWS),
        };
        let mut event = self.event.unwrap_or(expectations.after.max(floor));
        loop {
            let lines = operator
                .reader
                .rows(Shelf::All, expectations.range(event))
                .await?;
            let Some((last, _)) = lines.last() else { break };
            event = *last;
            self.add(lines);
        }
        self.event = Some(event);
        loop {
            let range = expectations.range(self.rejected);
            let lines = operator.reader.rows(Shelf::Rejected, range).await?;
            let Some((last, _)) = lines.last() else { break };
            self.rejected = *last;
            self.add(lines);
        }
        Ok(self.seen.len() > before)
    }

    fn add(&mut self, lines: Vec<(i64, String)>) {
        for (_, line) in lines {
            let Ok(mut row) = serde_json::from_str::<Value>(&line) else {
                continue;
            };
            if row.get("state").is_none() {
                row["state"] = json!("rejected");
            }
            self.seen.push(Seen { row });
        }
    }
}

impl Expectations {
    fn range(&self, after: i64) -> Range {
        Range {
            after,
            limit: PAGE_ROWS,
            session: self.session.clone(),
        }
    }
}

/// Without a session only the newest rows are looked at.
const MOST_ROWS: i64 = 10_000;
const PAGE_ROWS: u32 = 1000;
/// How long to wait when the list does not say.
const WITHIN: Duration = Duration::from_secs(5);
const LONGEST: Duration = Duration::from_secs(120);
const QUIET: Duration = Duration::from_millis(500);
