//! The SQLite file: opening it, its tables, and what one write does.
//!
//! Write-ahead log with `synchronous=FULL`: what is committed survives a power cut. The exactly-once
//! rule stands here, in a unique index over (`source`, `id`).
//! Not here: grouping writes (`writer`), reading them for the operator (`read`).

use std::path::Path;
use std::time::Duration;

use rusqlite::types::{ToSqlOutput, Value, ValueRef};
use rusqlite::{Connection, OptionalExtension, ToSql, params};

use crate::clock;
use crate::error::{StartError, StoreError};
use crate::judge::{Event, Rejected};
use crate::reason::Reason;

/// How many of each there are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Counts {
    pub good: u64,
    pub bad: u64,
    pub duplicate: u64,
    pub rejected: u64,
}

/// What became of one event.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kept {
    Good,
    Bad,
    Duplicate,
}

/// Opens the database for writing and makes its tables where they are missing.
pub fn open(path: &Path) -> Result<Connection, StartError> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.exists()) {
        return Err(StartError::NoFolder {
            path: path.into(),
            folder: folder.into(),
        });
    }
    let refuse = |cause: rusqlite::Error| {
        let cause = match cause.sqlite_error_code() {
            Some(rusqlite::ErrorCode::NotADatabase) => "the file is not a database".into(),
            _ if path.is_dir() => "it is a folder".into(),
            _ => cause.to_string(),
        };
        StartError::Database {
            path: path.into(),
            cause,
        }
    };
    let connection = Connection::open(path).map_err(refuse)?;
    connection.busy_timeout(BUSY).map_err(refuse)?;
    match owner(&connection).map_err(refuse)? {
        Owner::Nobody | Owner::Touchmark => {}
        Owner::Other => {
            let found = "is another program's database".into();
            return Err(StartError::ForeignDatabase {
                path: path.into(),
                found,
            });
        }
        Owner::Newer(version) => {
            let found = format!("was written by a newer touchmark (format {version})");
            return Err(StartError::ForeignDatabase {
                path: path.into(),
                found,
            });
        }
    }
    connection
        .execute_batch(SETTINGS)
        .and_then(|()| connection.execute_batch(TABLES))
        .map_err(refuse)?;
    Ok(connection)
}

/// Opens a second, reading connection to a file that [`open`] made.
pub fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    Ok(connection)
}

/// Counts what is stored.
pub fn counts(connection: &Connection) -> rusqlite::Result<Counts> {
    connection.query_row(COUNTS, [], |row| {
        let count = |at: usize| row.get::<_, i64>(at).map(|n| u64::try_from(n).unwrap_or(0));
        Ok(Counts {
            good: count(0)?,
            bad: count(1)?,
            duplicate: count(2)?,
            rejected: count(3)?,
        })
    })
}

/// The number of the newest event; 0 when there is none.
pub fn last_seq(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row("SELECT coalesce(max(seq), 0) FROM events", [], |row| {
        row.get(0)
    })
}

/// Stores an event unless it is there already.
///
/// The same payload again, even if spaced or ordered differently, is a duplicate. Another payload
/// under the same identity is kept beside the first, as bad.
pub fn put(connection: &Connection, event: &Event) -> rusqlite::Result<Kept> {
    if insert(connection, event, &event.reasons, false)? {
        return Ok(if event.reasons.is_empty() {
            Kept::Good
        } else {
            Kept::Bad
        });
    }
    let Some(first) = conflict(connection, event)? else {
        connection
            .prepare_cached("UPDATE tally SET duplicate = duplicate + 1")?
            .execute([])?;
        return Ok(Kept::Duplicate);
    };
    let message = format!("event {first} has this source and id, and another payload");
    let mut reasons = event.reasons.clone();
    reasons.push(Reason::own("/id", "id_conflict", message));
    insert(connection, event, &reasons, true)?;
    Ok(Kept::Bad)
}

/// Keeps what is no event.
pub fn put_rejected(connection: &Connection, rejected: &Rejected) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO rejected (received_at, pointer, reason, body) VALUES (?, ?, ?, ?)",
    )?;
    let at = clock::to_rfc3339(rejected.received_at);
    insert.execute(params![
        at,
        rejected.pointer,
        rejected.reason,
        Raw(&rejected.body)
    ])?;
    Ok(())
}

/// Forgets everything; numbers go on rising, so that a reader's place stays a place.
pub fn clear(connection: &Connection) -> rusqlite::Result<()> {
    connection
        .execute_batch("DELETE FROM events; DELETE FROM rejected; UPDATE tally SET duplicate = 0")
}

fn insert(
    connection: &Connection,
    event: &Event,
    reasons: &[Reason],
    conflict: bool,
) -> rusqlite::Result<bool> {
    let state = if reasons.is_empty() { "good" } else { "bad" };
    let reasons = match reasons {
        [] => "[]".to_owned(),
        reasons => reasons
            .iter()
            .map(Reason::to_json)
            .collect::<serde_json::Value>()
            .to_string(),
    };
    let rows = connection.prepare_cached(INSERT)?.execute(params![
        clock::to_rfc3339(event.received_at),
        event.source,
        event.id,
        event.kind,
        event.subject,
        event.verdict,
        state,
        reasons,
        event.skew_ms,
        Raw(&event.body),
        conflict,
    ])?;
    Ok(rows == 1)
}

/// The number of the first event of this identity, if none of them has this payload.
fn conflict(connection: &Connection, event: &Event) -> rusqlite::Result<Option<i64>> {
    let mut same = connection.prepare_cached(SAME)?;
    let mut rows = same.query(params![event.source, event.id])?;
    let (mut first, mut parsed) = (None, None);
    while let Some(row) = rows.next()? {
        let body = row.get_ref(1)?.as_bytes()?;
        if body == event.body {
            return Ok(None);
        }
        let parse = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).ok();
        let parsed = parsed.get_or_insert_with(|| parse(&event.body));
        if parsed.is_some() && *parsed == parse(body) {
            return Ok(None);
        }
        first = first.or(Some(row.get(0)?));
    }
    Ok(first)
}

/// Bytes as SQLite text where they are UTF-8, else as a blob: nothing is changed or cut.
struct Raw<'a>(&'a [u8]);

impl ToSql for Raw<'_> {
    fn to_sql(&self) -> rusqlite::Result<ToSqlOutput<'_>> {
        let text = std::str::from_utf8(self.0).is_ok();
        let bytes = if text {
            ValueRef::Text(self.0)
        } else {
            ValueRef::Blob(self.0)
        };
        Ok(ToSqlOutput::Borrowed(bytes))
    }
}

enum Owner {
    Nobody,
    Touchmark,
    Other,
    Newer(i64),
}

fn owner(connection: &Connection) -> rusqlite::Result<Owner> {
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (application, version) = (pragma("application_id")?, pragma("user_version")?);
    let table = "SELECT name FROM sqlite_schema LIMIT 1";
    let empty = connection
        .query_row(table, [], |row| row.get::<_, Value>(0))
        .optional()?
        .is_none();
    Ok(match (application, version) {
        (APPLICATION, FORMAT) => Owner::Touchmark,
        (APPLICATION, newer) => Owner::Newer(newer),
        (0, 0) if empty => Owner::Nobody,
        _ => Owner::Other,
    })
}

/// `tmrk` in SQLite's header, so that another program's file is told from ours.
const APPLICATION: i64 = 0x746d_726b;
const FORMAT: i64 = 1;
const BUSY: Duration = Duration::from_secs(5);

const SETTINGS: &str = "
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA wal_autocheckpoint = 4000;
PRAGMA temp_store = MEMORY;
";

const TABLES: &str = "
BEGIN IMMEDIATE;
PRAGMA application_id = 0x746d726b;
PRAGMA user_version = 1;
CREATE TABLE IF NOT EXISTS events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at TEXT NOT NULL,
    source TEXT NOT NULL,
    id TEXT NOT NULL,
    type TEXT NOT NULL,
    subject TEXT,
    verdict TEXT,
    state TEXT NOT NULL CHECK (state IN ('good', 'bad')),
    reasons TEXT NOT NULL,
    skew_ms INTEGER,
    body TEXT NOT NULL,
    conflict INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX IF NOT EXISTS events_identity ON events (source, id) WHERE conflict = 0;
CREATE INDEX IF NOT EXISTS events_conflicts ON events (source, id) WHERE conflict = 1;
CREATE INDEX IF NOT EXISTS events_bad ON events (seq) WHERE state = 'bad';
CREATE TABLE IF NOT EXISTS rejected (
    seq INTEGER PRIMARY KEY AUTOINCREMENT,
    received_at TEXT NOT NULL,
    pointer TEXT NOT NULL,
    reason TEXT NOT NULL,
    body BLOB NOT NULL
);
CREATE TABLE IF NOT EXISTS tally (duplicate INTEGER NOT NULL);
INSERT INTO tally SELECT 0 WHERE NOT EXISTS (SELECT 1 FROM tally);
COMMIT;
";

/// Asks before it inserts: a refused insert would use up a number. The writer is alone in its
/// transaction, so nothing comes between; the unique index holds even if that were untrue.
const INSERT: &str = "
INSERT INTO events (received_at, source, id, type, subject, verdict, state, reasons, skew_ms, body, conflict)
SELECT ?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11
WHERE ?11 = 1 OR NOT EXISTS (SELECT 1 FROM events WHERE source = ?2 AND id = ?3 AND conflict = 0)";

/// The first event of an identity, then the newest that conflict with it: a flood of different
/// payloads under one id must not make each comparison slower than the last.
const SAME: &str = "
SELECT seq, body FROM events WHERE source = ?1 AND id = ?2 AND conflict = 0
UNION ALL
SELECT * FROM (
    SELECT seq, body FROM events WHERE source = ?1 AND id = ?2 AND conflict = 1
    ORDER BY seq DESC LIMIT 16
)";

const COUNTS: &str = "
SELECT (SELECT count(*) FROM events) - (SELECT count(*) FROM events WHERE state = 'bad'),
       (SELECT count(*) FROM events WHERE state = 'bad'),
       (SELECT duplicate FROM tally),
       (SELECT count(*) FROM rejected)";
