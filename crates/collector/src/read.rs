//! Turns stored rows into the JSON that the operator reads.
//!
//! Connections of its own, so that a reader never waits for the writer nor holds it up.
//! An event's body is copied as it was received; nothing is parsed again.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::types::ValueRef;
use rusqlite::{Connection, Row, params};
use serde_json::json;

use crate::error::StoreError;
use crate::file;
use crate::forward::Outgoing;
use crate::store::{self, Acknowledged};

/// Which rows are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    Good,
    Bad,
    All,
    Rejected,
    Leads,
}

/// How many of them.
#[derive(Debug, Clone, Default)]
pub struct Range {
    /// Only rows numbered above it.
    pub after: i64,
    /// At most so many.
    pub limit: u32,
    /// Only those of one test run; `None` is all.
    pub session: Option<String>,
}

/// One row: its number and its JSON, on one line.
pub type Line = (i64, String);

/// A door to the stored rows; clones share its connections.
#[derive(Clone)]
pub struct Reader {
    path: Arc<Path>,
    /// For rows, which are quick.
    rows: Arc<Mutex<Connection>>,
    /// For questions about everything, which must not hold up the live feed.
    slow: Arc<Mutex<Connection>>,
}

impl Reader {
    /// Opens the file for reading.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = || Ok::<_, StoreError>(Arc::new(Mutex::new(file::open_reader(path)?)));
        Ok(Self {
            path: path.into(),
            rows: connection()?,
            slow: connection()?,
        })
    }

    /// The rows of a range, oldest first.
    pub async fn rows(&self, shelf: Shelf, range: Range) -> Result<Vec<Line>, StoreError> {
        let by = if shelf == Shelf::Leads {
            &self.slow
        } else {
            &self.rows
        };
        ask(by, move |connection| rows(connection, shelf, &range)).await
    }

    /// How often each rule was broken, most often first; then what was rejected, by reason.
    pub async fn rules(&self, session: Option<String>) -> Result<Vec<Line>, StoreError> {
        ask(&self.slow, move |connection| {
            rules(connection, session.as_deref())
        })
        .await
    }

    /// How far a receiver has acknowledged.
    pub async fn acknowledged(&self, receiver: String) -> Result<Acknowledged, StoreError> {
        ask(&self.rows, move |connection| {
            store::acknowledged(connection, &receiver)
        })
        .await
    }

    /// Good events above a number and up to another, oldest first, as they are handed on.
    pub async fn outgoing(
        &self,
        after: i64,
        last: i64,
        limit: u32,
    ) -> Result<Vec<Outgoing>, StoreError> {
        ask(&self.slow, move |connection| {
            let mut query = connection.prepare_cached(OUTGOING)?;
            let outgoing = |row: &Row<'_>| {
                let (seq, body) = (row.get(0)?, one_line(&row.get::<_, String>(1)?));
                Ok(Outgoing { seq, body })
            };
            query
                .query_map(params![after, last, limit], outgoing)?
                .collect()
        })
        .await
    }

    /// The size of the file with its log.
    pub fn bytes(&self) -> u64 {
        let mut log = self.path.as_os_str().to_owned();
        log.push("-wal");
        let size = |path: &Path| std::fs::metadata(path).map_or(0, |found| found.len());
        size(&self.path) + size(Path::new(&log))
    }
}

async fn ask<T: Send + 'static>(
    connection: &Arc<Mutex<Connection>>,
    question: impl FnOnce(&Connection) -> rusqlite::Result<T> + Send + 'static,
) -> Result<T, StoreError> {
    let connection = Arc::clone(connection);
    let ask = move || {
        // A panic while reading leaves nothing half-written behind.
        question(&connection.lock().unwrap_or_else(PoisonError::into_inner))
    };
    let answer = tokio::task::spawn_blocking(ask)
        .await
        .map_err(|_| StoreError::Closed)?;
    Ok(answer?)
}

fn rows(connection: &Connection, shelf: Shelf, range: &Range) -> rusqlite::Result<Vec<Line>> {
    let (from, only, line): (_, _, fn(&Row<'_>) -> rusqlite::Result<Line>) = match shelf {
        Shelf::Good => (EVENTS, "state = 'good' AND ", event),
        Shelf::Bad => (EVENTS, "state = 'bad' AND ", event),
        Shelf::All => (EVENTS, "", event),
        Shelf::Rejected => (REJECTED, "", rejected),
        Shelf::Leads => (LEADS, "", lead),
    };
    let session = match range.session {
        Some(_) => "session = ?3 AND ",
        None => "?3 IS NULL AND ",
    };
    let query = format!("{from} WHERE {only}{session}seq > ?1 ORDER BY seq LIMIT ?2");
    let mut query = connection.prepare_cached(&query)?;
    query
        .query_map(params![range.after, range.limit, range.session], line)?
        .collect()
}

fn rules(connection: &Connection, session: Option<&str>) -> rusqlite::Result<Vec<Line>> {
    let mut lines = Vec::new();
    for query in [BROKEN, REFUSED] {
        let mut query = connection.prepare_cached(query)?;
        let rows = query.query_map([session], |row| {
            let text = |at: usize| row.get::<_, Option<String>>(at);
            let line = json!({
                "rule": text(0)?,
                "instance": text(1)?,
                "schema": text(2)?,
                "count": row.get::<_, i64>(3)?,
                "first": text(4)?,
                "last": text(5)?,
            });
            Ok((0, line.to_string()))
        })?;
        for line in rows {
            lines.push(line?);
        }
    }
    Ok(lines)
}

/// A row of the view: its columns by their names, those that hold JSON as it is.
fn lead(row: &Row<'_>) -> rusqlite::Result<Line> {
    let mut line = String::from("{");
    for (at, name) in LEAD_COLUMNS.iter().enumerate() {
        if at > 0 {
            line.push(',');
        }
        line.push_str(&format!("\"{name}\":"));
        match row.get_ref(at)? {
            ValueRef::Integer(number) => line.push_str(&number.to_string()),
            ValueRef::Text(text) if LEAD_JSON.contains(name) => {
                line.push_str(&String::from_utf8_lossy(text));
            }
            ValueRef::Text(text) => {
                line.push_str(&json!(String::from_utf8_lossy(text)).to_string());
            }
            _ => line.push_str("null"),
        }
    }
    line.push('}');
    Ok((row.get(0)?, line))
}

fn event(row: &Row<'_>) -> rusqlite::Result<Line> {
    let seq = row.get(0)?;
    let text = |at: usize| row.get::<_, Option<String>>(at);
    let reasons: String = row.get(8)?;
    let head = json!({
        "seq": seq,
        "received_at": text(1)?,
        "skew_ms": row.get::<_, Option<i64>>(2)?,
        "source": text(3)?,
        "id": text(4)?,
        "type": text(5)?,
        "subject": text(6)?,
        "state": text(9)?,
        "verdict": text(7)?,
        "session": text(11)?,
    });
    let mut line = head.to_string();
    line.pop();
    line.push_str(",\"reasons\":");
    line.push_str(&reasons);
    line.push_str(",\"event\":");
    line.push_str(&one_line(&text(10)?.unwrap_or_default()));
    line.push('}');
    Ok((seq, line))
}

/// JSON without line ends: outside strings it may hold some, inside them it can't.
fn one_line(json: &str) -> String {
    json.replace(['\r', '\n'], " ")
}

fn rejected(row: &Row<'_>) -> rusqlite::Result<Line> {
    let seq = row.get(0)?;
    let text = |at: usize| row.get::<_, String>(at);
    let body = row.get_ref(4)?.as_bytes()?;
    let line = json!({
        "seq": seq,
        "received_at": text(1)?,
        "pointer": text(2)?,
        "reason": text(3)?,
        "body": String::from_utf8_lossy(body),
        "session": row.get::<_, Option<String>>(5)?,
    });
    Ok((seq, line.to_string()))
}

const EVENTS: &str = "SELECT seq, received_at, skew_ms, source, id, type, subject, verdict, \
                      reasons, state, body, session FROM events";
const OUTGOING: &str = "SELECT seq, body FROM events WHERE state = 'good' AND seq > ?1 AND seq <= ?2 ORDER BY seq LIMIT ?3";
const REJECTED: &str = "SELECT seq, received_at, pointer, reason, body, session FROM rejected";
const LEADS: &str = "SELECT * FROM leads";
/// The view's columns, in its order.
const LEAD_COLUMNS: [&str; 30] = [
    "seq",
    "received_at",
    "source",
    "id",
    "time",
    "site",
    "form",
    "contract",
    "page",
    "outcome",
    "verdict",
    "state",
    "session",
    "channel",
    "first_channel",
    "last_paid_channel",
    "utm_source",
    "utm_medium",
    "utm_campaign",
    "utm_id",
    "platform",
    "click_id",
    "first_touch",
    "last_touch",
    "last_paid_touch",
    "device",
    "consent",
    "fields",
    "stage",
    "lifecycle",
];
const LEAD_JSON: [&str; 6] = [
    "first_touch",
    "last_touch",
    "last_paid_touch",
    "consent",
    "fields",
    "lifecycle",
];

const BROKEN: &str = "
SELECT reason.value ->> '$.keyword', reason.value ->> '$.instance', reason.value ->> '$.schema',
       count(*) AS times, min(received_at), max(received_at)
FROM events, json_each(events.reasons) AS reason
WHERE state = 'bad' AND (?1 IS NULL OR session = ?1)
GROUP BY 1, 2, 3 ORDER BY times DESC, 1, 2 LIMIT 1000";
const REFUSED: &str = "
SELECT substr(reason, 1, instr(reason || ':', ':') - 1), NULL, NULL,
       count(*) AS times, min(received_at), max(received_at)
FROM rejected WHERE ?1 IS NULL OR session = ?1
GROUP BY 1 ORDER BY times DESC, 1 LIMIT 1000";
