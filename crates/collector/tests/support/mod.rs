//! A collector on free ports in a folder of its own, and a small HTTP client over real sockets.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::Duration;

use serde_json::{Value, json};
use tokio::runtime::Runtime;
use touchmark_collector::{Collector, Options, Summary};

/// A running collector; its folder goes with it.
pub struct Running {
    runtime: Runtime,
    collector: Option<Collector>,
    pub folder: Folder,
    pub ingestion: SocketAddr,
    pub operator: SocketAddr,
}

pub const TOKEN: &str = "test-token";

impl Running {
    pub fn start() -> Self {
        Self::with(|_| {})
    }

    /// Starts with changed options.
    pub fn with(change: impl FnOnce(&mut Options)) -> Self {
        Self::open(Folder::new(), change)
    }

    /// Starts on what an earlier one left in the folder.
    pub fn open(folder: Folder, change: impl FnOnce(&mut Options)) -> Self {
        let mut options = options(&folder);
        change(&mut options);
        let runtime = Runtime::new().expect("runtime");
        let collector = runtime.block_on(Collector::start(options)).expect("starts");
        let (ingestion, operator) = (collector.ingestion(), collector.operator());
        Self {
            runtime,
            collector: Some(collector),
            folder,
            ingestion,
            operator,
        }
    }

    /// Stops as a signal would, and leaves the folder.
    pub fn stop(mut self) -> (Summary, Folder) {
        let collector = self.collector.take().expect("runs");
        let summary = self.runtime.block_on(collector.stop());
        (summary, self.folder)
    }

    pub fn post(&self, body: impl AsRef<[u8]>) -> Answer {
        self.send(
            "POST",
            "/v1/events",
            "Content-Type: text/plain\r\n",
            body.as_ref(),
        )
    }

    /// Any request to the ingestion listener.
    pub fn send(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        let length = body.len();
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: x\r\nConnection: close\r\n{headers}Content-Length: {length}\r\n\r\n"
        );
        exchange(self.ingestion, head.as_bytes(), body)
    }

    /// A request to the operator listener with the right Host and token.
    pub fn operate(&self, method: &str, path: &str) -> Answer {
        let bearer = format!("Authorization: Bearer {TOKEN}\r\n");
        self.knock(method, path, &self.operator.to_string(), &bearer)
    }

    /// A request to the operator listener with any Host and headers.
    pub fn knock(&self, method: &str, path: &str, host: &str, headers: &str) -> Answer {
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\n{headers}Content-Length: 0\r\n\r\n"
        );
        exchange(self.operator, head.as_bytes(), b"")
    }

    /// What `/good`, `/bad`, `/all` or `/rejected` hold.
    pub fn rows(&self, path: &str) -> Vec<Value> {
        let answer = self.operate("GET", path);
        assert_eq!(answer.status, 200, "{}", answer.body);
        serde_json::from_str(&answer.body).expect("an array")
    }

    pub fn stats(&self) -> Value {
        self.operate("GET", "/stats").json()
    }
}

/// Options on free ports, with the small schema of tests/schema.json beside the shared one.
pub fn options(folder: &Folder) -> Options {
    Options {
        database: folder.database(),
        ingestion: ([127, 0, 0, 1], 0).into(),
        operator: ([127, 0, 0, 1], 0).into(),
        schemas: vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("tests/schema.json")],
        token: Some(TOKEN.to_owned()),
        ..Options::default()
    }
}

/// A folder that is deleted with its value.
pub struct Folder(pub PathBuf);

impl Folder {
    pub fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let n = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("touchmark-test-{}-{n}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        std::fs::create_dir_all(&folder).expect("folder");
        Self(folder)
    }

    pub fn database(&self) -> PathBuf {
        self.0.join("touchmark.db")
    }
}

impl Drop for Folder {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

/// An HTTP answer; header names in lower case.
#[derive(Debug)]
pub struct Answer {
    pub status: u16,
    pub head: String,
    pub body: String,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_str(&self.body).unwrap_or_else(|_| panic!("no JSON: {}", self.body))
    }

    pub fn header(&self, name: &str) -> Option<&str> {
        let lines = self.head.lines().filter_map(|line| line.split_once(": "));
        lines
            .filter(|(known, _)| known.eq_ignore_ascii_case(name))
            .map(|(_, value)| value)
            .next()
    }
}

/// Sends bytes, and reads until the other side closes.
pub fn exchange(address: SocketAddr, head: &[u8], body: &[u8]) -> Answer {
    let mut stream = connect(address);
    stream.write_all(head).expect("sent");
    // The answer to a refused body may come before its end; then writing may fail.
    let _ = stream.write_all(body);
    let mut bytes = Vec::new();
    stream.read_to_end(&mut bytes).expect("an answer");
    let text = String::from_utf8(bytes).expect("UTF-8");
    let (head, body) = text.split_once("\r\n\r\n").expect("an HTTP answer");
    let status = head[9..12].parse().expect("a status");
    Answer {
        status,
        head: head.to_owned(),
        body: body.to_owned(),
    }
}

pub fn connect(address: SocketAddr) -> TcpStream {
    let stream = TcpStream::connect(address).expect("connected");
    stream.set_read_timeout(Some(DEADLINE)).expect("deadline");
    stream
}

/// A valid event of tests/schema.json.
pub fn note(id: &str) -> Value {
    json!({
        "specversion": "1.0", "id": id, "source": "urn:touchmark:test", "type": "org.touchmark.note",
        "subject": "contact", "time": "2026-11-22T17:40:45.123Z", "dataschema": SCHEMA,
        "data": {"form": {"contract": "contact", "fields": {"topic": "heart", "note": true}},
                 "validation": {"verdict": "valid"}},
    })
}

pub const SCHEMA: &str = "https://schema.example/test/1-0-0#note";
pub const DEADLINE: Duration = Duration::from_secs(20);
