//! `touchmark collect`: runs the collector until it is told to stop.
//!
//! Prints two lines that programs may read, `ingestion <url>` and `operator <url>`, once both listen.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::Context;
use touchmark_collector::{Collector, Counts, Options};

/// Collects events into one SQLite file and shows them live.
#[derive(clap::Args)]
pub struct CollectArgs {
    /// The database; it is made when missing
    #[arg(long, value_name = "FILE", default_value = "touchmark.db")]
    db: PathBuf,
    /// Where pages send events to; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4318", value_parser = address)]
    listen: SocketAddr,
    /// Where you read them, for this machine only; port 0 takes a free one
    #[arg(long, value_name = "ADDRESS", default_value = "127.0.0.1:4319", value_parser = address)]
    operator: SocketAddr,
    /// A schema beside the shared one; events name theirs by its $id (repeatable)
    #[arg(long, value_name = "FILE")]
    schema: Vec<PathBuf>,
    /// Allow POST /reset on the operator's address, which deletes everything
    #[arg(long)]
    qa: bool,
    /// The operator's token, 8 or more of A-Z a-z 0-9 - _ [default: random at each start]
    #[arg(long, value_name = "TOKEN", value_parser = token)]
    operator_token: Option<String>,
    /// Print nothing but the two addresses and errors
    #[arg(long)]
    quiet: bool,
}

/// Serves until SIGINT or SIGTERM; a second one ends it at once.
pub fn run(args: CollectArgs) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("can't start the runtime")?;
    runtime.block_on(serve(args))
}

async fn serve(args: CollectArgs) -> anyhow::Result<()> {
    // Before anything is answered: a signal that comes early must find its handler.
    let mut signals = Signals::new().context("can't listen for signals")?;
    let db = args.db.display().to_string();
    let collector = Collector::start(Options {
        database: args.db,
        ingestion: args.listen,
        operator: args.operator,
        schemas: args.schema,
        qa: args.qa,
        token: args.operator_token,
    })
    .await?;
    let (ingestion, operator) = (
        reachable(collector.ingestion()),
        reachable(collector.operator()),
    );
    say(&format!("ingestion http://{ingestion}/v1/events"));
    say(&format!(
        "operator http://{operator}/?token={}",
        collector.token()
    ));
    if !args.quiet {
        let Counts { good, bad, .. } = collector.found();
        say(&format!(
            "database {db}, {good} good and {bad} bad events so far; stop with Ctrl-C"
        ));
    }
    signals.next().await;
    if !args.quiet {
        say("stopping: finishing what is under way");
    }
    tokio::spawn(async move {
        signals.next().await;
        std::process::exit(130);
    });
    let summary = collector.stop().await;
    if !args.quiet {
        let total = summary.counts.good + summary.counts.bad;
        say(&format!(
            "stopped: {} events stored, {total} in {db}",
            summary.stored
        ));
    }
    Ok(())
}

/// Prints a line at once. Nobody reading it is no reason to stop collecting.
fn say(line: &str) {
    let mut out = std::io::stdout().lock();
    let _ = writeln!(out, "{line}").and_then(|()| out.flush());
}

/// An address that a browser on this machine can open.
fn reachable(mut address: SocketAddr) -> SocketAddr {
    if address.ip().is_unspecified() {
        address.set_ip(Ipv4Addr::LOCALHOST.into());
    }
    address
}

/// Reads `127.0.0.1:4318`, `localhost:4318` or a port alone.
fn address(text: &str) -> Result<SocketAddr, String> {
    let full = match text.strip_prefix("localhost:") {
        Some(port) => format!("127.0.0.1:{port}"),
        None if text.parse::<u16>().is_ok() => format!("127.0.0.1:{text}"),
        None => text.to_owned(),
    };
    full.parse()
        .map_err(|_| "write an address and port, such as 127.0.0.1:4318".to_owned())
}

fn token(text: &str) -> Result<String, String> {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_');
    if text.len() >= 8 && text.bytes().all(plain) {
        return Ok(text.to_owned());
    }
    Err("a token has at least 8 characters, each one of A-Z a-z 0-9 - _".to_owned())
}

/// The signals that ask a program to end.
struct Signals {
    #[cfg(unix)]
    interrupt: tokio::signal::unix::Signal,
    #[cfg(unix)]
    terminate: tokio::signal::unix::Signal,
}

impl Signals {
    #[cfg(unix)]
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        let (interrupt, terminate) = (SignalKind::interrupt(), SignalKind::terminate());
        Ok(Self {
            interrupt: signal(interrupt)?,
            terminate: signal(terminate)?,
        })
    }

    #[cfg(unix)]
    async fn next(&mut self) {
        tokio::select! {
            _ = self.interrupt.recv() => {}
            _ = self.terminate.recv() => {}
        }
    }

    #[cfg(not(unix))]
    fn new() -> std::io::Result<Self> {
        Ok(Self {})
    }

    #[cfg(not(unix))]
    async fn next(&mut self) {
        let _ = tokio::signal::ctrl_c().await;
    }
}

#[cfg(test)]
mod tests {
    use super::{address, token};

    #[test]
    fn addresses_may_be_short() {
        for (text, expect) in [
            ("4400", Some("127.0.0.1:4400")),
            ("localhost:0", Some("127.0.0.1:0")),
            ("0.0.0.0:80", Some("0.0.0.0:80")),
            ("[::1]:80", Some("[::1]:80")),
            ("clinic.example:80", None),
            ("70000", None),
        ] {
            let read = address(text).ok().map(|address| address.to_string());
            assert_eq!(read.as_deref(), expect, "{text}");
        }
    }

    #[test]
    fn tokens_fit_into_an_address() {
        assert!(token("abcDEF-_9").is_ok());
        assert!(token("short").is_err() && token("with space&more").is_err());
    }
}
