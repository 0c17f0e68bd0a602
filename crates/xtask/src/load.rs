//! `cargo xtask load`: how many single events a second the collector stores on this machine.
//!
//! Starts the release `touchmark collect` on free ports with a database of its own, sends distinct
//! valid `form_submit` events over keep-alive connections, one a request, then reads everything
//! back and holds each id against what was sent. Sender and collector share the machine.

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::path::PathBuf;
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

/// Measures the collector with single events.
#[derive(clap::Args)]
pub struct LoadArgs {
    /// Events to send
    #[arg(long, default_value_t = 100_000)]
    events: usize,
    /// Connections that send at the same time
    #[arg(long, default_value_t = 64)]
    connections: usize,
    /// Events a second that the collector should reach
    #[arg(long, default_value_t = 5_000)]
    bar: u32,
    /// The command to measure [default: the release build, made first]
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Fail below the bar, instead of only saying so
    #[arg(long)]
    strict: bool,
}

/// Sends, checks, prints.
pub fn run(args: LoadArgs) -> Result<()> {
    ensure!(
        args.events > 0 && args.connections > 0,
        "send at least one event over one connection"
    );
    let binary = match args.binary {
        Some(binary) => binary,
        None => build()?,
    };
    let collector = Collector::start(&binary)?;
    println!(
        "sending {} events over {} connections",
        args.events, args.connections
    );
    let (elapsed, mut latencies) = send(&collector.ingestion, args.events, args.connections)?;
    check(&collector, args.events)?;
    collector.stop()?;

    latencies.sort_unstable();
    let at = |percent: usize| millis(latencies[(latencies.len() - 1) * percent / 100]);
    let rate = args.events as f64 / elapsed.as_secs_f64();
    let met = rate >= f64::from(args.bar);
    let verdict = if met { "met" } else { "missed" };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!(
        "{rate:.0} events/s stored, validated, synced to disk (bar {}/s: {verdict})",
        args.bar
    );
    println!(
        "latency p50 {:.2} ms, p99 {:.2} ms, longest {:.2} ms",
        at(50),
        at(99),
        at(100)
    );
    println!("{cores} cores, shared with the sender; every event stored exactly once");
    if args.strict && !met {
        bail!("the collector stores fewer than {} events/s", args.bar);
    }
    Ok(())
}

/// Builds the release command; cargo says where it is.
fn build() -> Result<PathBuf> {
    println!("building touchmark (release)");
    let cargo = std::env::var_os("CARGO").unwrap_or_else(|| "cargo".into());
    let output = Command::new(cargo)
        .args([
            "build",
            "--release",
            "--package",
            "touchmark-cli",
            "--message-format",
            "json",
        ])
        .stderr(Stdio::inherit())
        .output()
        .context("can't run cargo")?;
    ensure!(output.status.success(), "touchmark does not build");
    String::from_utf8_lossy(&output.stdout)
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
        .filter_map(|message| message["executable"].as_str().map(PathBuf::from))
        .next_back()
        .context("cargo named no executable")
}

/// A collector with a folder of its own; both go with it.
struct Collector {
    child: Child,
    folder: PathBuf,
    ingestion: String,
    operator: String,
    token: String,
}

impl Collector {
    fn start(binary: &PathBuf) -> Result<Self> {
        let folder = std::env::temp_dir().join(format!("touchmark-load-{}", std::process::id()));
        std::fs::create_dir_all(&folder)?;
        let mut child = Command::new(binary)
            .args([
                "collect",
                "--quiet",
                "--listen",
                "127.0.0.1:0",
                "--operator",
                "127.0.0.1:0",
            ])
            .arg("--db")
            .arg(folder.join("load.db"))
            .stdout(Stdio::piped())
            .spawn()
            .with_context(|| format!("can't run {}", binary.display()))?;
        let stdout = child.stdout.take().context("no stdout")?;
        let mut lines = BufReader::new(stdout).lines();
        let mut address = |word: &str| -> Result<String> {
            let line = lines.next().context("the collector said nothing")??;
            let url = line
                .strip_prefix(word)
                .with_context(|| format!("not expected: {line}"))?;
            Ok(url.trim().trim_start_matches("http://").to_owned())
        };
        let (ingestion, operator) = (address("ingestion")?, address("operator")?);
        let (operator, token) = operator.split_once("/?token=").context("no token")?;
        Ok(Self {
            child,
            folder,
            ingestion: ingestion.trim_end_matches("/v1/events").to_owned(),
            operator: operator.to_owned(),
            token: token.to_owned(),
        })
    }

    /// Asks it to end, so that what is measured includes a clean close.
    fn stop(mut self) -> Result<()> {
        let asked = Command::new("kill")
            .args(["-TERM", &self.child.id().to_string()])
            .status();
        ensure!(
            asked.is_ok_and(|status| status.success()),
            "can't stop the collector"
        );
        ensure!(
            self.child.wait()?.success(),
            "the collector ended with an error"
        );
        Ok(())
    }
}

impl Drop for Collector {
    fn drop(&mut self) {
        // After a clean stop both of these have nothing to do.
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = std::fs::remove_dir_all(&self.folder);
    }
}

/// Sends the events; returns how long it took in all, and each request's time.
fn send(address: &str, events: usize, connections: usize) -> Result<(Duration, Vec<Duration>)> {
    let next = AtomicUsize::new(0);
    let begin = Instant::now();
    let latencies = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..connections)
            .map(|_| scope.spawn(|| connection(address, &next, events)))
            .collect();
        let mut all = Vec::with_capacity(events);
        for sender in senders {
            let latencies = sender
                .join()
                .map_err(|_| anyhow::anyhow!("a sender panicked"))?;
            all.extend(latencies?);
        }
        anyhow::Ok(all)
    })?;
    Ok((begin.elapsed(), latencies))
}

fn connection(address: &str, next: &AtomicUsize, events: usize) -> Result<Vec<Duration>> {
    let mut stream = TcpStream::connect(address)?;
    stream.set_nodelay(true)?;
    stream.set_read_timeout(Some(Duration::from_secs(30)))?;
    let mut latencies = Vec::new();
    let mut request = String::new();
    loop {
        let n = next.fetch_add(1, Ordering::Relaxed);
        if n >= events {
            return Ok(latencies);
        }
        let body = event(n);
        request.clear();
        request.push_str("POST /v1/events HTTP/1.1\r\nHost: ");
        request.push_str(address);
        request.push_str("\r\nContent-Type: text/plain\r\nContent-Length: ");
        request.push_str(&body.len().to_string());
        request.push_str("\r\n\r\n");
        request.push_str(&body);
        let begin = Instant::now();
        stream.write_all(request.as_bytes())?;
        let (status, answer) = response(&mut stream)?;
        latencies.push(begin.elapsed());
        let clean =
            status == 202 && answer.contains("\"stored\":1") && answer.contains("\"bad\":0");
        ensure!(clean, "the collector answered {status}: {answer}");
    }
}

/// Reads one response that has a content length.
fn response(stream: &mut TcpStream) -> Result<(u16, String)> {
    let mut bytes = Vec::with_capacity(1024);
    let mut chunk = [0; 1024];
    loop {
        let read = stream.read(&mut chunk)?;
        ensure!(read > 0, "the collector closed a connection");
        bytes.extend_from_slice(&chunk[..read]);
        let Some(end) = bytes.windows(4).position(|four| four == b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let length = head
            .lines()
            .find_map(|line| line.strip_prefix("content-length:"));
        let length: usize = length.context("no content length")?.trim().parse()?;
        while bytes.len() < end + 4 + length {
            let read = stream.read(&mut chunk)?;
            ensure!(read > 0, "the collector closed a connection");
            bytes.extend_from_slice(&chunk[..read]);
        }
        let status = head.get(9..12).unwrap_or("").parse()?;
        let body = String::from_utf8_lossy(&bytes[end + 4..]).into_owned();
        return Ok((status, body));
    }
}

/// Reads everything back by the operator's way: each id once, none else, all of them good.
fn check(collector: &Collector, events: usize) -> Result<()> {
    let mut ids = HashSet::with_capacity(events);
    let mut after = 0;
    loop {
        let mut stream = TcpStream::connect(&collector.operator)?;
        write!(
            stream,
            "GET /good?limit=5000&after={after} HTTP/1.1\r\nHost: {}\r\nAuthorization: Bearer {}\r\n\r\n",
            collector.operator, collector.token
        )?;
        let (status, body) = response(&mut stream)?;
        ensure!(status == 200, "the operator's answer was {status}: {body}");
        let rows: Vec<Value> = serde_json::from_str(&body)?;
        let Some(last) = rows.last() else { break };
        after = last["seq"].as_i64().context("a row without a number")?;
        for row in &rows {
            let id = row["id"].as_str().context("a row without an id")?;
            ensure!(ids.insert(id.to_owned()), "{id} is stored twice");
        }
    }
    let missing = (0..events).filter(|n| !ids.contains(&id(*n))).count();
    ensure!(missing == 0, "{missing} of {events} events are not there");
    ensure!(
        ids.len() == events,
        "{} events were never sent",
        ids.len() - events
    );
    Ok(())
}

fn id(n: usize) -> String {
    format!("{n:08x}-0000-5000-8000-{n:012x}")
}

/// A valid submission as a page sends it; all of them differ by id and number.
fn event(n: usize) -> String {
    let (touch, id) = (TOUCH, id(n));
    let intent = n % 1000 + 1;
    format!(
        r#"{{"specversion":"1.0","id":"{id}","source":"urn:touchmark:load","type":"org.touchmark.form_submit","subject":"appointment","time":"2026-11-22T17:40:45.123Z","datacontenttype":"application/json","dataschema":"https://touchmark.dev/schema/event/1-0-0#form_submit","data":{{"page":{{"id":"cardiology"}},"attribution":{{"first":{touch},"last":{touch},"last_paid":{touch}}},"form":{{"id":"appointment","contract":"appointment_request","intent":{intent},"outcome":"accepted","fields":{{"email":"{SHA256}","phone":"{SHA256}","service_line":"cardiology","preferred_time":"morning"}}}},"validation":{{"verdict":"valid"}},"consent":{{"store":"granted","attribute":"granted","identify":"granted","send":"granted","source":"api"}},"device":"mobile","tracker":{{"name":"touchmark","version":"0.1.0","nonce":"0123456789abcdef0123456789abcdef","plan":"0123456789abcdef","tables":"2026-11-22"}}}}}}"#
    )
}

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}

const SHA256: &str = "973dfe463ec85785f5f95af5ba3906eedb2d931c24e69824a89ea65dba4e813b";
const TOUCH: &str = r#"{"at":"2026-11-22T17:38:02.000Z","page":"cardiology","source":"google","medium":"cpc","campaign":"cardiology-q4","click_id":{"param":"gclid","platform":"google_ads","value":"Cj0KCQiA-example-click-id-of-usual-length"},"referrer":"www.google.com","channel":"Paid Search","rule":"paid_search"}"#;
