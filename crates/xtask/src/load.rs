//! `cargo xtask load`: how many single events a second the collector stores on this machine.
//!
//! Starts the release `touchmark collect` on free ports with a database of its own, sends distinct
//! valid `form_submit` events over keep-alive connections, one a request, then reads everything
//! back and holds each id against what was sent. Sender and collector share the machine.
//!
//! On a machine that does other work events a second say little: the CPU time of an event, and the
//! ratio of two builds that were measured in turns, say more. Not here: sending (`sender`).

mod sender;

use std::collections::HashSet;
use std::io::{BufRead, BufReader, Write};
use std::net::TcpStream;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::Duration;

use anyhow::{Context, Result, bail, ensure};
use serde_json::Value;

use sender::{id, response};

/// Measures the collector with single events.
#[derive(clap::Args)]
pub struct LoadArgs {
    /// Events to send
    #[arg(long, default_value_t = 100_000)]
    events: usize,
    /// Connections that send at the same time
    #[arg(long, default_value_t = 128)]
    connections: usize,
    /// Events a second that the collector should reach
    #[arg(long, default_value_t = 20_000)]
    bar: u32,
    /// The command to measure [default: the release build, made first]
    #[arg(long, value_name = "FILE")]
    binary: Option<PathBuf>,
    /// Another build of the command, measured in turns with the first
    #[arg(long, value_name = "FILE")]
    against: Option<PathBuf>,
    /// How often to measure
    #[arg(long, default_value_t = 1)]
    rounds: usize,
    /// Fail below the bar, instead of only saying so
    #[arg(long)]
    strict: bool,
}

/// What one round found.
struct Round {
    rate: f64,
    /// Sorted.
    latencies: Vec<Duration>,
    /// CPU time that the collector took for an event.
    collector: Duration,
    /// The same for the sender.
    sender: Duration,
}

/// Sends, checks, prints.
pub fn run(args: LoadArgs) -> Result<()> {
    ensure!(
        args.events > 0 && args.connections > 0 && args.rounds > 0,
        "send at least one event over one connection"
    );
    let binary = match &args.binary {
        Some(binary) => binary.clone(),
        None => build()?,
    };
    println!(
        "sending {} events over {} connections, {} times",
        args.events, args.connections, args.rounds
    );
    let (mut own, mut other) = (Vec::new(), Vec::new());
    for _ in 0..args.rounds {
        if let Some(against) = &args.against {
            other.push(round("against", against, &args)?);
        }
        own.push(round("this", &binary, &args)?);
    }
    let best = |rounds: &[Round]| rounds.iter().map(|round| round.rate).fold(0.0, f64::max);
    let least = |rounds: &[Round]| rounds.iter().map(|round| round.collector).min();
    if let (Some(own), Some(other), true) = (least(&own), least(&other), !other.is_empty()) {
        let ratio = other.as_secs_f64() / own.as_secs_f64();
        println!("CPU time of an event: {ratio:.2} times less than the other build");
    }
    if !other.is_empty() {
        println!(
            "events/s: {:.2} times the other build",
            best(&own) / best(&other)
        );
    }
    let rate = best(&own);
    let met = rate >= f64::from(args.bar);
    let verdict = if met { "met" } else { "missed" };
    let cores = std::thread::available_parallelism().map_or(1, usize::from);
    println!(
        "{rate:.0} events/s stored, validated, synced to disk (bar {}/s: {verdict})",
        args.bar
    );
    println!("{cores} cores, shared with the sender; every event stored exactly once");
    if args.strict && !met {
        bail!("the collector stores fewer than {} events/s", args.bar);
    }
    Ok(())
}

/// One collector with an empty database, from its start to its end.
fn round(name: &str, binary: &Path, args: &LoadArgs) -> Result<Round> {
    let collector = Collector::start(binary)?;
    let before = (cpu(collector.child.id()), cpu(std::process::id()));
    let (elapsed, mut latencies) =
        sender::send(&collector.ingestion, args.events, args.connections)?;
    let each = |after: Duration, before: Duration| {
        after.saturating_sub(before) / u32::try_from(args.events).unwrap_or(u32::MAX)
    };
    let round_cpu = each(cpu(collector.child.id()), before.0);
    let sender_cpu = each(cpu(std::process::id()), before.1);
    check(&collector, args.events)?;
    collector.stop()?;
    latencies.sort_unstable();
    let round = Round {
        rate: args.events as f64 / elapsed.as_secs_f64(),
        latencies,
        collector: round_cpu,
        sender: sender_cpu,
    };
    let at = |percent: usize| millis(round.latencies[(round.latencies.len() - 1) * percent / 100]);
    println!(
        "{name:>8}: {:.0} events/s; latency p50 {:.2} ms, p99 {:.2} ms, longest {:.2} ms; \
         CPU of an event {:.1} µs, of sending it {:.1} µs",
        round.rate,
        at(50),
        at(99),
        at(100),
        round.collector.as_secs_f64() * 1e6,
        round.sender.as_secs_f64() * 1e6,
    );
    Ok(round)
}

/// The CPU time that a process has had, zero where the system doesn't tell it that way.
fn cpu(process: u32) -> Duration {
    let text = std::fs::read_to_string(format!("/proc/{process}/stat")).unwrap_or_default();
    // Behind the name in brackets, which may hold anything: utime and stime are the 12th and 13th.
    let rest = text.rsplit(')').next().unwrap_or_default();
    let ticks = rest.split_whitespace().skip(11).take(2);
    let ticks: u64 = ticks.filter_map(|ticks| ticks.parse::<u64>().ok()).sum();
    // Linux tells them in hundredths of a second on every machine.
    Duration::from_millis(ticks * 10)
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
    fn start(binary: &Path) -> Result<Self> {
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

fn millis(duration: Duration) -> f64 {
    duration.as_secs_f64() * 1000.0
}
