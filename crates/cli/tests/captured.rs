//! `reconcile` and `report` on a collector's own database, while it runs and after.

mod support;

use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use support::{Scratch, here, read, touchmark};

/// A running `touchmark collect` with its database in the folder; killed with its value.
struct Collect {
    child: Child,
    ingestion: String,
}

impl Collect {
    fn start(scratch: &Scratch) -> Self {
        let mut child = Command::new(env!("CARGO_BIN_EXE_touchmark"))
            .args(["collect", "--db", "events.db"])
            .args(["--listen", "127.0.0.1:0", "--operator", "0"])
            .current_dir(scratch.path())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .expect("touchmark runs");
        let mut line = String::new();
        let mut stdout = BufReader::new(child.stdout.take().expect("piped"));
        stdout.read_line(&mut line).expect("a line");
        let address = line.trim_end().strip_prefix("ingestion http://");
        let ingestion = address
            .and_then(|address| address.strip_suffix("/v1/events"))
            .unwrap_or_else(|| panic!("not its address: {line}"))
            .to_owned();
        Self { child, ingestion }
    }

    /// Posts events; returns once they are on the disk.
    fn take(&self, events: &Value) {
        let (host, body) = (&self.ingestion, events.to_string());
        let mut stream = TcpStream::connect(host).expect("connected");
        write!(
            stream,
            "POST /v1/events HTTP/1.1\r\nHost: {host}\r\nContent-Type: text/plain\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .expect("sent");
        let mut answer = String::new();
        stream.read_to_string(&mut answer).expect("an answer");
        assert!(answer.starts_with("HTTP/1.1 202"), "{answer}");
    }
}

impl Drop for Collect {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// A submission that the shared schema takes; its id is a UUID whose last digit is `number`.
fn submit(number: u8, verdict: &str) -> Value {
    let vectors = read(&here("../../../spec/vectors/wire/form_submit.json"));
    let named = |case: &&Value| case["name"] == "a_valid_submission";
    let good = vectors.as_array().expect("a list").iter().find(named);
    let mut event = good.expect("a valid submission")["given"].clone();
    event["id"] = json!(format!("00000000-0000-5000-8000-00000000000{number}"));
    event["data"]["form"]["intent"] = json!(number);
    if verdict == "invalid" {
        event["data"]["validation"] = json!({"verdict": "invalid", "violations": [
            {"instance": "/phone", "keyword": "required", "schema": "/required/1"}]});
        event["data"]["form"]["fields"]
            .as_object_mut()
            .expect("fields")
            .remove("phone");
    }
    event
}

fn run(scratch: &Scratch, args: &[&str]) -> (Option<i32>, Value) {
    let output = touchmark(scratch.path(), args);
    let answer = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
        panic!(
            "{args:?} printed no JSON: {}",
            String::from_utf8_lossy(&output.stderr)
        )
    });
    (output.status.code(), answer)
}

#[test]
fn a_database_is_read_while_its_collector_writes_and_after_it_was_killed() {
    let scratch = Scratch::new("database");
    scratch.write(
        "crm.csv",
        "event_id\n00000000-0000-5000-8000-000000000001\n00000000-0000-5000-8000-000000000002\n",
    );
    let reconcile = [
        "reconcile",
        "--events",
        "events.db",
        "--crm",
        "crm.csv",
        "--format",
        "json",
    ];
    let report = [
        "report",
        "--events",
        "events.db",
        "--until",
        "2026-11-22",
        "--format",
        "json",
    ];
    let collector = Collect::start(&scratch);
    collector.take(&json!([submit(1, "valid")]));
    let (code, answer) = run(&scratch, &reconcile);
    assert_eq!(
        (code, &answer["matched"]["event_id"]),
        (Some(1), &json!(1)),
        "{answer}"
    );

    collector.take(&json!([submit(2, "valid"), submit(3, "invalid")]));
    let (_, answer) = run(&scratch, &reconcile);
    assert_eq!(answer["matched"]["event_id"], 2, "{answer}");
    let (code, live) = run(&scratch, &report);
    let page = &live["groups"]["page"][0];
    assert_eq!(
        (&page["events"], &page["invalid"]),
        (&json!(3), &json!(1)),
        "{live}"
    );
    assert!(
        live["flags"].to_string().contains("required_missing"),
        "{live}"
    );
    drop(collector);
    // What was in its write-ahead log is read from there.
    let (again, after) = run(&scratch, &report);
    assert_eq!((again, after), (code, live));
}

#[test]
fn another_programs_database_is_refused_with_the_remedy() {
    let scratch = Scratch::new("foreign");
    let path = scratch.path().join("other.db");
    let other = rusqlite::Connection::open(&path).expect("a database");
    other
        .execute_batch("CREATE TABLE things (id INTEGER)")
        .expect("a table");
    drop(other);
    let output = touchmark(scratch.path(), &["report", "--events", "other.db"]);
    let told = String::from_utf8_lossy(&output.stderr);
    assert_eq!(output.status.code(), Some(2), "{told}");
    assert!(
        told.contains("events_unreadable") && told.contains("name a collector's database"),
        "{told}"
    );
}
