//! Turns stored rows into the JSON that the operator reads.
//!
//! A connection of its own, so that a reader never waits for the writer nor holds it up.
//! An event's body is copied as it was received; nothing is parsed again.

use std::path::Path;
use std::sync::{Arc, Mutex, PoisonError};

use rusqlite::{Connection, Row, params};
use serde_json::json;

use crate::error::StoreError;
use crate::store;

/// Which rows are asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Shelf {
    Good,
    Bad,
    All,
    Rejected,
}

/// One row: its number and its JSON, on one line.
pub type Line = (i64, String);

/// A door to the stored rows; clones share one connection.
#[derive(Clone)]
pub struct Reader {
    connection: Arc<Mutex<Connection>>,
}

impl Reader {
    /// Opens the file for reading.
    pub fn open(path: &Path) -> Result<Self, StoreError> {
        let connection = Arc::new(Mutex::new(store::open_reader(path)?));
        Ok(Self { connection })
    }

    /// At most `limit` rows numbered above `after`, oldest first.
    pub async fn rows(
        &self,
        shelf: Shelf,
        after: i64,
        limit: u32,
    ) -> Result<Vec<Line>, StoreError> {
        let connection = Arc::clone(&self.connection);
        let read = move || {
            // A panic while reading leaves nothing half-written behind.
            let connection = connection.lock().unwrap_or_else(PoisonError::into_inner);
            rows(&connection, shelf, after, limit)
        };
        let rows = tokio::task::spawn_blocking(read)
            .await
            .map_err(|_| StoreError::Closed)?;
        Ok(rows?)
    }
}

fn rows(
    connection: &Connection,
    shelf: Shelf,
    after: i64,
    limit: u32,
) -> rusqlite::Result<Vec<Line>> {
    let (query, line): (_, fn(&Row<'_>) -> rusqlite::Result<Line>) = match shelf {
        Shelf::Good => (
            concat!(select!(), "state = 'good' AND ", from_seq!()),
            event,
        ),
        Shelf::Bad => (concat!(select!(), "state = 'bad' AND ", from_seq!()), event),
        Shelf::All => (concat!(select!(), from_seq!()), event),
        Shelf::Rejected => (REJECTED, rejected),
    };
    let mut query = connection.prepare_cached(query)?;
    query.query_map(params![after, limit], line)?.collect()
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
    });
    let mut line = head.to_string();
    line.pop();
    line.push_str(",\"reasons\":");
    line.push_str(&reasons);
    line.push_str(",\"event\":");
    // Outside strings JSON may hold line ends, inside them it can't: a row stays one line.
    line.extend(
        text(10)?
            .unwrap_or_default()
            .chars()
            .map(|c| if matches!(c, '\r' | '\n') { ' ' } else { c }),
    );
    line.push('}');
    Ok((seq, line))
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
    });
    Ok((seq, line.to_string()))
}

macro_rules! select {
    () => {
        "SELECT seq, received_at, skew_ms, source, id, type, subject, verdict, reasons, state, body \
         FROM events WHERE "
    };
}
macro_rules! from_seq {
    () => {
        "seq > ?1 ORDER BY seq LIMIT ?2"
    };
}
use {from_seq, select};

const REJECTED: &str = "SELECT seq, received_at, pointer, reason, body FROM rejected \
                        WHERE seq > ?1 ORDER BY seq LIMIT ?2";
