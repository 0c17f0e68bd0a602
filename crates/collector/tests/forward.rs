//! What other receivers get: every good event, in order, until they have acknowledged it.

mod support;

use std::io::{BufRead, BufReader, Write};
use std::net::TcpListener;
use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use support::{Folder, Running, note, until};

/// A receiver whose answers a test chooses by what it got so far.
struct Receiver {
    url: String,
    got: Arc<Mutex<Vec<Got>>>,
}

struct Got {
    head: String,
    body: String,
    status: u16,
}

impl Receiver {
    /// `answer` gets the number of requests before this one.
    fn start(answer: impl Fn(usize) -> (u16, &'static str) + Send + 'static) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("bound");
        let url = format!(
            "http://{}/events",
            listener.local_addr().expect("an address")
        );
        let got: Arc<Mutex<Vec<Got>>> = Arc::default();
        let kept = Arc::clone(&got);
        std::thread::spawn(move || {
            for stream in listener.incoming() {
                let Ok(mut stream) = stream else { return };
                let mut reader = BufReader::new(stream.try_clone().expect("a stream"));
                while let Some((head, body)) = request(&mut reader) {
                    let mut got = kept.lock().expect("held");
                    let (status, headers) = answer(got.len());
                    got.push(Got { head, body, status });
                    drop(got);
                    let answer =
                        format!("HTTP/1.1 {status} x\r\n{headers}Content-Length: 0\r\n\r\n");
                    if stream.write_all(answer.as_bytes()).is_err() {
                        break;
                    }
                }
            }
        });
        Self { url, got }
    }

    /// The ids of what it acknowledged, in order.
    fn acknowledged(&self) -> Vec<String> {
        let got = self.got.lock().expect("held");
        let taken = got.iter().filter(|got| (200..300).contains(&got.status));
        taken.map(|got| id(&got.body)).collect()
    }
}

fn request(reader: &mut impl BufRead) -> Option<(String, String)> {
    let mut head = String::new();
    loop {
        let mut line = String::new();
        if reader.read_line(&mut line).ok()? == 0 {
            return None;
        }
        if line == "\r\n" {
            break;
        }
        head.push_str(&line.to_ascii_lowercase());
    }
    let length = head
        .lines()
        .find_map(|line| line.strip_prefix("content-length: "));
    let mut body = vec![0; length?.trim().parse().ok()?];
    reader.read_exact(&mut body).ok()?;
    Some((head, String::from_utf8(body).ok()?))
}

fn id(body: &str) -> String {
    let event: Value = serde_json::from_str(body).expect("JSON");
    event["id"].as_str().expect("an id").to_owned()
}

fn names(range: std::ops::Range<u32>) -> Vec<String> {
    range.map(|n| n.to_string()).collect()
}

fn send(running: &Running, range: std::ops::Range<u32>) {
    for n in range {
        assert_eq!(running.post(note(&n.to_string()).to_string()).status, 202);
    }
}

#[test]
fn a_receiver_gets_good_events_in_order_in_structured_mode() {
    let receiver = Receiver::start(|_| (204, ""));
    let url = receiver.url.clone();
    let running = Running::with(|options| {
        options.forward = vec![url];
        options.forward_authorization = Some("Bearer theirs".into());
    });
    send(&running, 0..3);
    let mut bad = note("bad");
    bad["subject"] = json!("far too long for this schema");
    running.post(bad.to_string());
    running.post("nope");
    running.post(serde_json::to_string_pretty(&note("3")).expect("JSON"));
    send(&running, 0..5);
    until("not all came", || {
        (receiver.acknowledged().len() >= 5).then_some(())
    });
    assert_eq!(receiver.acknowledged(), names(0..5));
    let got = receiver.got.lock().expect("held");
    assert!(
        got[0]
            .head
            .contains("content-type: application/cloudevents+json"),
        "{}",
        got[0].head
    );
    assert!(got[0].head.contains("authorization: bearer theirs"));
    assert_eq!(got[0].body, note("0").to_string(), "as it was received");
    drop(got);
    until("it never catches up", || {
        let metrics = running.operate("GET", "/metrics").body;
        let behind = metrics
            .lines()
            .find(|line| line.starts_with("touchmark_forward_behind{"));
        behind?.ends_with(" 0").then_some(())
    });
}

#[test]
fn a_refused_event_is_kept_and_what_follows_waits_for_it() {
    // Every status but 2xx means no: the third event is refused a few times.
    let refusals = [
        (503, "Retry-After: 0\r\n"),
        (400, ""),
        (302, "Location: http://127.0.0.1:9/\r\n"),
        (429, ""),
    ];
    let receiver = Receiver::start(move |n| match n {
        2..6 => refusals[n - 2],
        _ => (200, ""),
    });
    let url = receiver.url.clone();
    let running = Running::with(|options| options.forward = vec![url]);
    send(&running, 0..6);
    until("not all came", || {
        (receiver.acknowledged().len() >= 6).then_some(())
    });
    assert_eq!(receiver.acknowledged(), names(0..6));
    let got = receiver.got.lock().expect("held");
    assert!(got[2..6].iter().all(|got| id(&got.body) == "2"));
}

#[test]
fn a_restart_goes_on_where_it_was() {
    static OPEN: AtomicBool = AtomicBool::new(false);
    let receiver = Receiver::start(|n| match n {
        0..3 => (200, ""),
        _ if OPEN.load(Ordering::Relaxed) => (200, ""),
        _ => (500, ""),
    });
    let url = receiver.url.clone();
    let running = Running::with(|options| options.forward = vec![url.clone()]);
    send(&running, 0..6);
    until("none came", || {
        (receiver.got.lock().expect("held").len() > 4).then_some(())
    });
    let (_, folder) = running.stop();
    OPEN.store(true, Ordering::Relaxed);
    let running = Running::open(folder, |options| options.forward = vec![url]);
    send(&running, 6..9);
    until("not all came", || {
        (receiver.acknowledged().len() >= 9).then_some(())
    });
    assert_eq!(
        receiver.acknowledged(),
        names(0..9),
        "none twice, none lost, in order"
    );
}

#[test]
fn a_receiver_that_is_away_holds_up_neither_events_nor_the_end() {
    let away = TcpListener::bind("127.0.0.1:0").expect("bound");
    let silent = format!("http://{}/", away.local_addr().expect("an address"));
    let running = Running::with(|options| {
        options.forward = vec![silent, "http://127.0.0.1:9/".into()];
    });
    send(&running, 0..3);
    let metrics = running.operate("GET", "/metrics").body;
    assert_eq!(
        metrics.matches("touchmark_forward_behind{").count(),
        2,
        "{metrics}"
    );
    let begin = std::time::Instant::now();
    running.stop();
    assert!(begin.elapsed().as_secs() < 9);
}

fn file(folder: &Folder) -> PathBuf {
    folder.0.join("events.ndjson")
}

fn lines(path: &PathBuf) -> Vec<String> {
    let text = std::fs::read_to_string(path).unwrap_or_default();
    assert!(
        text.is_empty() || text.ends_with('\n') || !text.contains('\n'),
        "{text}"
    );
    text.lines().map(str::to_owned).collect()
}

fn to_file(folder: Folder) -> (Running, PathBuf) {
    let path = file(&folder);
    let named = path.clone();
    let running = Running::open(folder, |options| options.forward_files = vec![named]);
    (running, path)
}

#[test]
fn a_file_gets_each_event_once_on_a_line_of_its_own() {
    let (running, path) = to_file(Folder::new());
    send(&running, 0..3);
    running.post(serde_json::to_string_pretty(&note("3")).expect("JSON"));
    until("not all came", || (lines(&path).len() >= 4).then_some(()));
    assert_eq!(lines(&path)[0], note("0").to_string());
    let (_, folder) = running.stop();
    let (running, path) = to_file(folder);
    send(&running, 4..6);
    until("not all came", || (lines(&path).len() >= 6).then_some(()));
    assert_eq!(
        lines(&path).iter().map(|line| id(line)).collect::<Vec<_>>(),
        names(0..6)
    );
}

#[test]
fn what_a_crash_left_in_the_file_is_not_written_twice() {
    let (running, path) = to_file(Folder::new());
    send(&running, 0..6);
    until("not all came", || (lines(&path).len() >= 6).then_some(()));
    let (_, folder) = running.stop();
    // As if the crash had come between the file and the note of it: two events and a half.
    let database = rusqlite::Connection::open(folder.database()).expect("opened");
    let mark = (note("0").to_string().len() + note("1").to_string().len() + 2) as i64;
    let set = "UPDATE forwarded SET seq = 2, mark = ?";
    assert_eq!(database.execute(set, [mark]).expect("set"), 1);
    drop(database);
    let whole = std::fs::read_to_string(&path).expect("text");
    let half = note("0").to_string().len() * 4 + 4 + 20;
    std::fs::write(&path, &whole[..half]).expect("cut");
    let (running, path) = to_file(folder);
    send(&running, 6..8);
    // The half event is there until the receiver has begun.
    until("not all came", || {
        let text = std::fs::read_to_string(&path).expect("text");
        (text.ends_with('\n') && text.lines().count() >= 8).then_some(())
    });
    assert_eq!(
        lines(&path).iter().map(|line| id(line)).collect::<Vec<_>>(),
        names(0..8)
    );
}

#[test]
fn a_rotated_file_is_begun_anew() {
    let (running, path) = to_file(Folder::new());
    send(&running, 0..3);
    until("not all came", || (lines(&path).len() >= 3).then_some(()));
    std::fs::rename(&path, path.with_extension("1")).expect("rotated");
    send(&running, 3..5);
    until("not all came", || (lines(&path).len() >= 2).then_some(()));
    assert_eq!(
        lines(&path).iter().map(|line| id(line)).collect::<Vec<_>>(),
        names(3..5)
    );
}

#[test]
fn what_is_no_receiver_is_named_at_the_start() {
    let start = |change: &dyn Fn(&mut touchmark_collector::Options)| {
        let folder = Folder::new();
        let mut options = support::options(&folder);
        change(&mut options);
        let runtime = tokio::runtime::Runtime::new().expect("runtime");
        let start = runtime.block_on(touchmark_collector::Collector::start(options));
        start.err().expect("refused").to_string()
    };
    for url in [
        "clinic.example/events",
        "ftp://clinic.example",
        "http://",
        "",
    ] {
        let text = start(&|options| options.forward = vec![url.into()]);
        assert!(text.contains("--forward"), "{text}");
    }
    let text = start(&|options| {
        options.forward = vec!["https://clinic.example/events".into()];
        options.forward_authorization = Some("Bearer from-a-file\r\n".into());
    });
    assert!(
        text.contains("TOUCHMARK_FORWARD_AUTHORIZATION") && !text.contains("from-a-file"),
        "{text}"
    );
    // The database, there or not yet, would get lines between its pages.
    for is_there in [false, true] {
        let text = start(&|options| {
            if is_there {
                std::fs::write(&options.database, "").expect("written");
            }
            options.forward_files = vec![options.database.clone()];
        });
        assert!(text.contains("keeps this file itself"), "{text}");
    }
    let text = start(&|options| options.forward_files = vec!["/no/such/folder/file".into()]);
    assert!(
        text.contains("--forward-file") && text.contains("/no/such/folder"),
        "{text}"
    );
}
