//! What one write does to the database.
//!
//! The exactly-once rule stands here, in a unique index over what (`source`, `id`) hash to.
//! Not here: opening the file (`file`), grouping writes (`writer`), reading them (`read`).

use rusqlite::types::{ToSqlOutput, ValueRef};
use rusqlite::{Connection, OptionalExtension, ToSql, params};
use sha2::{Digest, Sha256};

use crate::clock;
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

/// The number of the newest event that ever was; 0 when there was none.
pub fn last_seq(connection: &Connection) -> rusqlite::Result<i64> {
    connection.query_row(
        "SELECT max(coalesce((SELECT max(seq) FROM events), 0), (SELECT last_seq FROM tally))",
        [],
        |row| row.get(0),
    )
}

/// Stores an event unless it is there already.
///
/// The same payload again, even if spaced or ordered differently, is a duplicate. Another payload
/// under the same identity is kept beside the first, as bad.
///
/// A new row gets the number `seq`.
pub fn put(connection: &Connection, event: &Event, seq: i64) -> rusqlite::Result<Kept> {
    let mut identity = event.identity;
    loop {
        let place = Place {
            seq,
            identity,
            conflict: false,
        };
        if insert(connection, event, &event.reasons, place)? {
            return Ok(if event.reasons.is_empty() {
                Kept::Good
            } else {
                Kept::Bad
            });
        }
        match holder(connection, event, identity)? {
            Holder::This => {
                connection
                    .prepare_cached("UPDATE tally SET duplicate = duplicate + 1")?
                    .execute([])?;
                return Ok(Kept::Duplicate);
            }
            Holder::OtherPayload(first) => {
                let message = format!("event {first} has this source and id, and another payload");
                let mut reasons = event.reasons.clone();
                reasons.push(Reason::own("/id", "id_conflict", message));
                let conflict = true;
                insert(connection, event, &reasons, Place { conflict, ..place })?;
                return Ok(Kept::Bad);
            }
            Holder::OtherIdentity => identity = identity.wrapping_add(1),
        }
    }
}

/// What a source and an id are found by: the first 64 bits of their SHA-256, the source's length
/// in front. Two pairs may share it; the later one then takes the next number that is free.
pub fn identity(source: &str, id: &str) -> i64 {
    let hash = Sha256::new()
        .chain_update((source.len() as u64).to_be_bytes())
        .chain_update(source)
        .chain_update(id)
        .finalize();
    hash[..8]
        .iter()
        .fold(0, |bits, byte| bits << 8 | i64::from(*byte))
}

/// Keeps what is no event.
pub fn put_rejected(connection: &Connection, rejected: &Rejected) -> rusqlite::Result<()> {
    let mut insert = connection.prepare_cached(
        "INSERT INTO rejected (received_at, pointer, reason, body, session) VALUES (?, ?, ?, ?, ?)",
    )?;
    let at = clock::to_rfc3339(rejected.received_at);
    insert.execute(params![
        at,
        rejected.pointer,
        rejected.reason,
        Raw(&rejected.body),
        rejected.session.as_deref(),
    ])?;
    Ok(())
}

/// Forgets everything, or what one session brought; numbers go on rising, so that a reader's
/// place stays a place.
pub fn clear(
    connection: &Connection,
    session: Option<&str>,
    last_seq: i64,
) -> rusqlite::Result<()> {
    let transaction = connection.unchecked_transaction()?;
    match session {
        None => transaction.execute_batch(
            "DELETE FROM channels; DELETE FROM events; DELETE FROM rejected; UPDATE tally SET duplicate = 0",
        )?,
        Some(session) => {
            transaction.execute(
                "DELETE FROM channels WHERE seq IN (SELECT seq FROM events WHERE session = ?)",
                [session],
            )?;
            transaction.execute("DELETE FROM events WHERE session = ?", [session])?;
            transaction.execute("DELETE FROM rejected WHERE session = ?", [session])?;
        }
    }
    transaction.execute("UPDATE tally SET last_seq = ?", [last_seq])?;
    transaction.commit()
}

/// How far a receiver has acknowledged, and its own note.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Acknowledged {
    /// The number of the last event that it has.
    pub seq: i64,
    /// What the receiver keeps beside it, such as a file's length.
    pub mark: i64,
}

/// Where a receiver stands; the beginning for a new one.
pub fn acknowledged(connection: &Connection, receiver: &str) -> rusqlite::Result<Acknowledged> {
    let found = connection
        .query_row(
            "SELECT seq, mark FROM forwarded WHERE receiver = ?",
            [receiver],
            |row| {
                Ok(Acknowledged {
                    seq: row.get(0)?,
                    mark: row.get(1)?,
                })
            },
        )
        .optional()?;
    Ok(found.unwrap_or_default())
}

/// Writes down where a receiver stands.
pub fn acknowledge(
    connection: &Connection,
    receiver: &str,
    at: Acknowledged,
) -> rusqlite::Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO forwarded VALUES (?, ?, ?, ?)
             ON CONFLICT DO UPDATE SET seq = excluded.seq, mark = excluded.mark, at = excluded.at",
        )?
        .execute(params![
            receiver,
            at.seq,
            at.mark,
            clock::to_rfc3339(clock::now())
        ])?;
    Ok(())
}

fn insert(
    connection: &Connection,
    event: &Event,
    reasons: &[Reason],
    place: Place,
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
        place.seq,
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
        place.conflict,
        event.session.as_deref(),
        event.skew_ms.map(|skew| event.received_at - skew),
        event.facts.outcome,
        event.facts.relates_to,
        event.facts.nonce,
        event.facts.intent,
        place.identity,
    ])?;
    if rows == 1
        && let Some([first, last, last_paid]) = event.facts.channels.as_deref()
    {
        connection
            .prepare_cached("INSERT INTO channels VALUES (?, ?, ?, ?)")?
            .execute(params![place.seq, first, last, last_paid])?;
    }
    Ok(rows == 1)
}

/// Where a row goes.
#[derive(Clone, Copy)]
struct Place {
    seq: i64,
    identity: i64,
    conflict: bool,
}

/// Whose an identity is.
enum Holder {
    /// The event itself, stored before.
    This,
    /// An event of this source and id, the number of the first; none of them has this payload.
    OtherPayload(i64),
    /// An event of another source or id.
    OtherIdentity,
}

fn holder(connection: &Connection, event: &Event, identity: i64) -> rusqlite::Result<Holder> {
    let mut same = connection.prepare_cached(SAME)?;
    let mut rows = same.query(params![identity, event.source, event.id])?;
    let (mut first, mut parsed) = (None, None);
    while let Some(row) = rows.next()? {
        let body = row.get_ref(1)?.as_bytes()?;
        if body == event.body {
            return Ok(Holder::This);
        }
        let parse = |bytes: &[u8]| serde_json::from_slice::<serde_json::Value>(bytes).ok();
        let parsed = parsed.get_or_insert_with(|| parse(&event.body));
        if parsed.is_some() && *parsed == parse(body) {
            return Ok(Holder::This);
        }
        first = first.or(Some(row.get(0)?));
    }
    Ok(first.map_or(Holder::OtherIdentity, Holder::OtherPayload))
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

/// Only the identity may stand against an insert; then nothing happens and no number is used up.
const INSERT: &str = "
INSERT INTO events (seq, received_at, source, id, type, subject, verdict, state, reasons, skew_ms, body,
                    conflict, session, time_ms, outcome, relates_to, nonce, intent, identity)
VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7, ?8, ?9, ?10, ?11, ?12, ?13, ?14, ?15, ?16, ?17, ?18, ?19)
ON CONFLICT (identity) WHERE conflict = 0 DO NOTHING";

/// The first event of an identity, then the newest that conflict with it: a flood of different
/// payloads under one id must not make each comparison slower than the last.
const SAME: &str = "
SELECT seq, body FROM events WHERE identity = ?1 AND source = ?2 AND id = ?3 AND conflict = 0
UNION ALL
SELECT * FROM (
    SELECT seq, body FROM events WHERE identity = ?1 AND source = ?2 AND id = ?3 AND conflict = 1
    ORDER BY seq DESC LIMIT 16
)";

const COUNTS: &str = "
SELECT (SELECT count(*) FROM events) - (SELECT count(*) FROM events WHERE state = 'bad'),
       (SELECT count(*) FROM events WHERE state = 'bad'),
       (SELECT duplicate FROM tally),
       (SELECT count(*) FROM rejected)";

#[cfg(test)]
mod tests {
    use axum::body::Bytes;

    use super::*;
    use crate::file;
    use crate::judge::Facts;

    fn event(id: &str, body: &'static str) -> Event {
        Event {
            received_at: 0,
            source: "urn:touchmark:x".into(),
            id: id.into(),
            identity: i64::MAX,
            kind: "org.touchmark.landing".into(),
            subject: None,
            verdict: None,
            reasons: Vec::new(),
            skew_ms: None,
            body: Bytes::from_static(body.as_bytes()),
            session: None,
            facts: Facts::default(),
        }
    }

    #[test]
    fn events_that_share_a_hash_are_each_stored_once() {
        let connection = file::open(":memory:".as_ref(), None).expect("a database");
        let mut seq = 0;
        let mut store = |id, body| {
            seq += 1;
            put(&connection, &event(id, body), seq).expect("stored")
        };
        for id in ["a", "b", "c"] {
            assert_eq!(store(id, "1"), Kept::Good, "{id}");
        }
        for id in ["c", "b", "a"] {
            assert_eq!(store(id, "1"), Kept::Duplicate, "{id}");
            assert_eq!(store(id, "2"), Kept::Bad, "{id}");
            assert_eq!(store(id, "2"), Kept::Duplicate, "{id}");
        }
        let counted = counts(&connection).expect("counts");
        assert_eq!((counted.good, counted.bad, counted.duplicate), (3, 3, 6));
    }

    #[test]
    fn an_identity_stays_what_it_was() {
        // printf '\0\0\0\0\0\0\0\1ab' | sha256sum
        assert_eq!(identity("a", "b") as u64, 0xbfd8_d48c_5ab0_28a9);
        assert_ne!(identity("a", "b"), identity("", "ab"));
    }
}
