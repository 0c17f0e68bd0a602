//! What happens when the disk is full, the file locked, corrupt, moved or of an older format:
//! a clear word, and nothing answered 2xx that is not there.

mod support;

use std::os::unix::fs::FileExt;

use rusqlite::Connection;
use serde_json::{Value, json};
use support::{Folder, Running, note, options, submit};
use touchmark_collector::Collector;

/// Why a start on this folder fails.
fn refusal(folder: &Folder) -> String {
    let runtime = tokio::runtime::Runtime::new().expect("runtime");
    let start = runtime.block_on(Collector::start(options(folder)));
    start.err().expect("refused").to_string()
}

fn ids(running: &Running) -> Vec<String> {
    let rows = running.rows("/all?limit=10000");
    let id = |row: &Value| row["id"].as_str().expect("an id").to_owned();
    rows.iter().map(id).collect()
}

#[test]
fn a_full_database_refuses_and_loses_nothing_that_it_took() {
    let running = Running::with(|options| {
        options.qa = true;
        options.max_bytes = Some(400_000);
    });
    let mut taken = Vec::new();
    let refused = support::until("never full", || {
        let id = taken.len().to_string();
        let mut event = note(&id);
        event["data"]["padding"] = json!("x".repeat(20_000));
        let answer = running.post(event.to_string());
        if answer.status == 202 {
            taken.push(id);
            return None;
        }
        Some(answer)
    });
    assert!(taken.len() > 5, "{}", taken.len());
    assert_eq!(refused.status, 503);
    assert_eq!(refused.header("retry-after"), Some("30"));
    assert_eq!(refused.header("access-control-allow-origin"), Some("*"));
    let health = running.send("GET", "/healthz", "", b"");
    assert_eq!(
        (health.status, &health.json()["reason"]),
        (503, &json!("full"))
    );
    let metrics = running.operate("GET", "/metrics").body;
    assert!(metrics.contains("touchmark_failing 1\n"), "{metrics}");
    assert_eq!(ids(&running), taken);

    assert_eq!(running.operate("POST", "/reset").status, 200);
    assert_eq!(running.post(note("again").to_string()).status, 202);
    assert_eq!(running.send("GET", "/healthz", "", b"").status, 200);
    assert_eq!(ids(&running), ["again"]);
}

#[test]
fn the_log_is_brought_into_the_file_while_events_come() {
    let running = Running::start();
    let mut log = running.folder.database().into_os_string();
    log.push("-wal");
    let (bodies, bytes) = (60, 900_000);
    for _ in 0..bodies {
        assert_eq!(running.post("x".repeat(bytes)).status, 400);
    }
    let log = std::fs::metadata(log).expect("a log").len();
    assert!(log < 36_000_000, "{log} bytes for {}", bodies * bytes);
    assert_eq!(running.rows("/rejected?limit=1000").len(), bodies);
}

#[test]
fn a_locked_database_is_waited_for_then_told() {
    let running = Running::start();
    running.post(note("before").to_string());
    let other = Connection::open(running.folder.database()).expect("opened");
    other.execute_batch("BEGIN IMMEDIATE").expect("locked");
    let answer = running.post(note("locked out").to_string());
    assert_eq!(
        (answer.status, answer.header("retry-after")),
        (503, Some("5"))
    );
    let health = running.send("GET", "/healthz", "", b"").json();
    assert_eq!(health["reason"], "locked");
    other.execute_batch("ROLLBACK").expect("free");
    assert_eq!(running.post(note("after").to_string()).status, 202);
    assert_eq!(ids(&running), ["before", "after"]);

    let (_, folder) = running.stop();
    let other = Connection::open(folder.database()).expect("opened");
    other.execute_batch("BEGIN IMMEDIATE").expect("locked");
    let text = refusal(&folder);
    assert!(
        text.contains("locked") && text.contains("touchmark.db"),
        "{text}"
    );
}

#[test]
fn a_corrupt_database_is_not_written_to() {
    let running = Running::start();
    let events: Vec<Value> = (0..300).map(|n| note(&n.to_string())).collect();
    running.post(json!(events).to_string());
    let (_, folder) = running.stop();
    let file = std::fs::OpenOptions::new()
        .write(true)
        .open(folder.database())
        .expect("opened");
    let pages = file.metadata().expect("a file").len() / 4096;
    assert!(pages > 20, "{pages}");
    for page in (2..pages).step_by(3) {
        file.write_all_at(&[0xa5; 512], page * 4096)
            .expect("written");
    }
    let text = refusal(&folder);
    for part in ["touchmark.db", "corrupt", ".recover"] {
        assert!(text.contains(part), "{text}");
    }
    assert!(!text.contains("writable"), "one remedy: {text}");
}

#[test]
fn a_file_that_was_moved_away_takes_no_more_events() {
    let running = Running::start();
    assert_eq!(running.post(note("1").to_string()).status, 202);
    let (here, there) = (running.folder.database(), running.folder.0.join("moved.db"));
    std::fs::rename(&here, &there).expect("moved");
    assert_eq!(running.post(note("2").to_string()).status, 503);
    std::fs::write(&here, "").expect("another file");
    assert_eq!(running.post(note("3").to_string()).status, 503);
    assert_eq!(
        running.send("GET", "/healthz", "", b"").json()["reason"],
        "moved"
    );
    std::fs::rename(&there, &here).expect("moved back");
    assert_eq!(running.post(note("4").to_string()).json()["stored"], 1);
    // The file itself has what came meanwhile, though nobody was told so.
    assert_eq!(running.post(note("3").to_string()).json()["duplicate"], 1);
    assert_eq!(running.rows("/all").len(), 4);
}

#[test]
fn an_older_format_is_brought_up_to_date() {
    let folder = Folder::new();
    let old = Connection::open(folder.database()).expect("made");
    old.execute_batch(FORMAT_1).expect("tables");
    let insert = "INSERT INTO events (received_at, source, id, type, subject, verdict, state, reasons, skew_ms, body)
                  VALUES ('2026-11-22T17:40:46.000Z', ?1, ?2, ?3, 'appointment', 'valid', 'good', '[]', 877, ?4)";
    let failed = support::result(9, 2, "failed");
    for event in [submit(1, 1, "sent"), submit(2, 2, "sent"), failed] {
        let text = |name: &str| event[name].as_str().expect("text").to_owned();
        old.execute(
            insert,
            [text("source"), text("id"), text("type"), event.to_string()],
        )
        .expect("a row");
    }
    old.execute_batch("DELETE FROM events WHERE seq = 0; INSERT INTO rejected VALUES (1, 'x', '', 'not_json: no', 'nope')")
        .expect("rows");
    drop(old);

    let running = Running::open(folder, |_| {});
    assert_eq!(running.rows("/all").len(), 3);
    assert_eq!(running.rows("/rejected").len(), 1);
    assert_eq!(running.stats()["duplicate"], 5);
    let leads = running.rows("/leads");
    assert_eq!(leads.len(), 1);
    assert_eq!(leads[0]["id"], support::page_id(1));
    assert_eq!(
        running.post(submit(1, 1, "sent").to_string()).json()["duplicate"],
        1
    );
    let mut retry = submit(3, 3, "sent");
    retry["data"]["form"]["retry_of"] = json!(support::page_id(1));
    assert_eq!(running.post(retry.to_string()).json()["stored"], 1);
    assert_eq!(running.stats()["seq"], 4);
    assert_eq!(running.rows("/leads")[0]["id"], support::page_id(3));
    let (_, folder) = running.stop();
    // A second start finds nothing to do.
    assert_eq!(Running::open(folder, |_| {}).rows("/all").len(), 4);
}

#[test]
fn format_2_is_brought_up_to_date() {
    let running = Running::start();
    for event in [submit(1, 1, "sent"), submit(2, 2, "sent")] {
        assert_eq!(running.post(event.to_string()).json()["stored"], 1);
    }
    let mut other = submit(2, 2, "sent");
    other["subject"] = json!("another");
    assert_eq!(running.post(other.to_string()).json()["bad"], 1);
    let (_, folder) = running.stop();
    let old = Connection::open(folder.database()).expect("opened");
    old.execute_batch(BACK_TO_2).expect("as it was");
    drop(old);

    let running = Running::open(folder, |_| {});
    assert_eq!(running.rows("/all").len(), 3);
    for again in [submit(1, 1, "sent"), submit(2, 2, "sent"), other] {
        assert_eq!(running.post(again.to_string()).json()["duplicate"], 1);
    }
    let mut third = submit(1, 1, "sent");
    third["subject"] = json!("a third");
    assert_eq!(running.post(third.to_string()).json()["bad"], 1);
    assert_eq!(
        running.post(submit(3, 3, "sent").to_string()).json()["stored"],
        1
    );
    let (_, folder) = running.stop();
    assert_eq!(Running::open(folder, |_| {}).rows("/all").len(), 5);
}

const BACK_TO_2: &str = "
DROP INDEX events_identity;
DROP INDEX events_conflicts;
DROP VIEW leads;
ALTER TABLE events DROP COLUMN identity;
CREATE UNIQUE INDEX events_identity ON events (source, id) WHERE conflict = 0;
CREATE INDEX events_conflicts ON events (source, id) WHERE conflict = 1;
PRAGMA user_version = 2;
";

#[test]
fn a_newer_format_is_left_untouched() {
    let folder = Folder::new();
    let newer = Connection::open(folder.database()).expect("made");
    newer
        .execute_batch(
            "PRAGMA application_id = 0x746d726b; PRAGMA user_version = 4; CREATE TABLE t (a)",
        )
        .expect("made");
    let text = refusal(&folder);
    assert!(text.contains("newer touchmark (format 4)"), "{text}");
}

const FORMAT_1: &str = "
PRAGMA application_id = 0x746d726b;
PRAGMA user_version = 1;
CREATE TABLE events (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, received_at TEXT NOT NULL, source TEXT NOT NULL,
    id TEXT NOT NULL, type TEXT NOT NULL, subject TEXT, verdict TEXT,
    state TEXT NOT NULL CHECK (state IN ('good', 'bad')), reasons TEXT NOT NULL, skew_ms INTEGER,
    body TEXT NOT NULL, conflict INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX events_identity ON events (source, id) WHERE conflict = 0;
CREATE INDEX events_conflicts ON events (source, id) WHERE conflict = 1;
CREATE INDEX events_bad ON events (seq) WHERE state = 'bad';
CREATE TABLE rejected (
    seq INTEGER PRIMARY KEY AUTOINCREMENT, received_at TEXT NOT NULL, pointer TEXT NOT NULL,
    reason TEXT NOT NULL, body BLOB NOT NULL
);
CREATE TABLE tally (duplicate INTEGER NOT NULL);
INSERT INTO tally VALUES (5);
";
