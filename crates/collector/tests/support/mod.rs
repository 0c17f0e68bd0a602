//! A collector on free ports in a folder of its own, and a small HTTP client over real sockets.

#![allow(dead_code, reason = "each test file uses its own part")]

use std::io::{Read, Write};
use std::net::{SocketAddr, TcpStream};
use std::path::PathBuf;
use std::sync::atomic::{AtomicU32, Ordering};
use std::time::{Duration, Instant};

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
        // As the command does: a receiver that does not answer keeps nobody.
        self.runtime.shutdown_background();
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

    /// A request with a body to the operator listener.
    pub fn ask(&self, method: &str, path: &str, headers: &str, body: &[u8]) -> Answer {
        let (host, length) = (self.operator, body.len());
        let head = format!(
            "{method} {path} HTTP/1.1\r\nHost: {host}\r\nConnection: close\r\nAuthorization: Bearer {TOKEN}\r\n{headers}Content-Length: {length}\r\n\r\n"
        );
        exchange(self.operator, head.as_bytes(), body)
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
    let chunked = head
        .to_ascii_lowercase()
        .contains("transfer-encoding: chunked");
    Answer {
        status,
        head: head.to_owned(),
        body: if chunked {
            unchunked(body)
        } else {
            body.to_owned()
        },
    }
}

fn unchunked(mut rest: &str) -> String {
    let mut body = String::new();
    while let Some((size, after)) = rest.split_once("\r\n") {
        let size = usize::from_str_radix(size, 16).expect("a chunk's size");
        body.push_str(&after[..size]);
        rest = after[size..].trim_start_matches("\r\n");
        if size == 0 {
            break;
        }
    }
    body
}

/// Looks until it finds something; panics with `what` past the deadline.
pub fn until<T>(what: &str, mut look: impl FnMut() -> Option<T>) -> T {
    let deadline = Instant::now() + DEADLINE;
    loop {
        if let Some(found) = look() {
            return found;
        }
        assert!(Instant::now() < deadline, "{what}");
        std::thread::yield_now();
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

/// A submission by the shared schema, as a page sends it.
pub fn submit(id: u32, intent: u32, outcome: &str) -> Value {
    let mut event: Value = serde_json::from_str(SUBMIT).expect("JSON");
    event["id"] = json!(page_id(id));
    event["data"]["form"]["intent"] = json!(intent);
    event["data"]["form"]["outcome"] = json!(outcome);
    event
}

/// What became of a submission.
pub fn result(id: u32, submission: u32, outcome: &str) -> Value {
    let mut event = submit(id, 1, outcome);
    event["type"] = json!("org.touchmark.form_result");
    event["dataschema"] = json!("https://touchmark.dev/schema/event/1-0-0#form_result");
    event["data"]["form"] =
        json!({"id": "appointment", "submission": page_id(submission), "outcome": outcome});
    for name in ["attribution", "validation"] {
        event["data"]
            .as_object_mut()
            .expect("an object")
            .remove(name);
    }
    event
}

/// Another system's word about a submission.
pub fn lifecycle(id: &str, kind: &str, submission: u32, more: Value) -> Value {
    let mut event = json!({
        "specversion": "1.0", "id": id, "source": "https://crm.example",
        "type": format!("org.touchmark.{kind}"), "time": "2026-11-23T09:00:00Z",
        "data": {"submission": page_id(submission), "system": "crm"},
    });
    for (name, value) in more.as_object().expect("an object") {
        event["data"][name] = value.clone();
    }
    event
}

/// The n-th id that a page could have made.
pub fn page_id(n: u32) -> String {
    format!("{n:08x}-0000-5000-8000-{n:012x}")
}

const SUBMIT: &str = r#"{"specversion":"1.0","id":"","source":"urn:touchmark:northside","type":"org.touchmark.form_submit","subject":"appointment","time":"2026-11-22T17:40:45.123Z","datacontenttype":"application/json","dataschema":"https://touchmark.dev/schema/event/1-0-0#form_submit","data":{"page":{"id":"cardiology"},"attribution":{"first":{"at":"2026-11-20T10:00:00.000Z","page":"home","referrer":"www.example.org","channel":"Referral","rule":"referral"},"last":{"at":"2026-11-22T17:38:02.000Z","page":"cardiology","source":"google","medium":"cpc","campaign":"cardiology-q4","click_id":{"param":"gclid","platform":"google_ads","value":"Cj0KCQ"},"referrer":"www.google.com","channel":"Paid Search","rule":"paid_search"}},"form":{"id":"appointment","contract":"appointment_request","intent":1,"outcome":"sent","fields":{"service_line":"cardiology"}},"validation":{"verdict":"valid"},"consent":{"store":"granted","attribute":"granted","identify":"denied","send":"granted","source":"api"},"device":"mobile","tracker":{"name":"touchmark","version":"0.1.0","nonce":"0123456789abcdef0123456789abcdef","plan":"0123456789abcdef","tables":"2026-11-22"}}}"#;
pub const SCHEMA: &str = "https://schema.example/test/1-0-0#note";
pub const DEADLINE: Duration = Duration::from_secs(20);
