//! `touchmark collect`: runs the collector until it is told to stop.
//!
//! Prints two lines that programs may read, `ingestion <url>` and `operator <url>`, once both listen.

use std::io::Write;
use std::net::{Ipv4Addr, SocketAddr};
use std::path::PathBuf;

use anyhow::Context;
use touchmark_collector::{Collector, Counts, Options, Sites, plain};

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
    /// Keys of other systems, made by `touchmark key new`; without it only pages may send
    #[arg(long, value_name = "FILE")]
    keys: Option<PathBuf>,
    /// A site that pages may send for, with an origin of its pages: northside=https://clinic.example;
    /// repeatable, several origins for one site too. Then no other site is taken [default: every
    /// site from anywhere]
    #[arg(long, value_name = "SITE=ORIGIN", value_parser = site)]
    site: Vec<(String, Option<String>)>,
    /// Events a second that one source may send, bursts of ten seconds aside; more is answered 429
    /// [default: what can be stored]
    #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
    site_rate: Option<u32>,
    /// What requests under way may hold in memory; more is answered 429
    #[arg(long, value_name = "BYTES", default_value = "64M", value_parser = bytes)]
    max_waiting: u64,
    /// How large the database may become; then nothing is stored, and senders are answered 503
    /// [default: the disk's end]
    #[arg(long, value_name = "BYTES", value_parser = bytes)]
    max_size: Option<u64>,
    /// Hand good events on to this CloudEvents receiver, in order, until it acknowledges each;
    /// repeatable. TOUCHMARK_FORWARD_AUTHORIZATION is sent as Authorization
    #[arg(long, value_name = "URL")]
    forward: Vec<String>,
    /// Append good events to this file, one JSON object a line; repeatable
    #[arg(long, value_name = "FILE")]
    forward_file: Vec<PathBuf>,
    /// Print nothing but the two addresses and errors
    #[arg(long)]
    quiet: bool,
}

/// Serves until SIGINT or SIGTERM; a second one ends it at once.
pub fn run(args: CollectArgs) -> anyhow::Result<()> {
    let runtime = tokio::runtime::Runtime::new().context("can't start the runtime")?;
    let done = runtime.block_on(serve(args));
    // A receiver that does not answer must not keep the program from ending.
    runtime.shutdown_background();
    done
}

async fn serve(args: CollectArgs) -> anyhow::Result<()> {
    // Before anything is answered: a signal that comes early must find its handler.
    let mut signals = Signals::new().context("can't listen for signals")?;
    let db = plain(&args.db.display().to_string());
    let collector = Collector::start(Options {
        database: args.db,
        ingestion: args.listen,
        operator: args.operator,
        schemas: args.schema,
        qa: args.qa,
        token: args.operator_token,
        keys: args.keys,
        sites: sites(args.site),
        site_rate: args.site_rate,
        max_waiting_bytes: usize::try_from(args.max_waiting).unwrap_or(usize::MAX),
        max_bytes: args.max_size,
        forward: args.forward,
        forward_authorization: std::env::var("TOUCHMARK_FORWARD_AUTHORIZATION").ok(),
        forward_files: args.forward_file,
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

/// Reads `northside` or `northside=https://clinic.example`.
fn site(text: &str) -> Result<(String, Option<String>), String> {
    let (site, origin) = match text.split_once('=') {
        Some((site, origin)) => (site, Some(origin)),
        None => (text, None),
    };
    let plain = |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-';
    if site.is_empty() || !site.bytes().all(plain) {
        return Err("a site is of a-z 0-9 -, as in the plan".to_owned());
    }
    let Some(origin) = origin else {
        return Ok((site.to_owned(), None));
    };
    let origin = origin.to_ascii_lowercase();
    let host = [("https://", ":443"), ("http://", ":80")]
        .into_iter()
        .find_map(|(scheme, port)| Some((origin.strip_prefix(scheme)?, port)));
    let host = host.filter(|(host, _)| {
        !host.is_empty() && !host.contains(['/', '?', '#', '@', '*', ' ', '\\'])
    });
    let Some((host, port)) = host else {
        let text = "an origin is scheme and host without a path, such as https://clinic.example";
        return Err(text.to_owned());
    };
    if !host.is_ascii() {
        let text = "browsers send such a host in its form with xn--: write that, as the console's \
                    location.origin shows it";
        return Err(text.to_owned());
    }
    // Browsers leave out the scheme's own port.
    let origin = origin.strip_suffix(port).unwrap_or(&origin);
    Ok((site.to_owned(), Some(origin.to_owned())))
}

fn sites(all: Vec<(String, Option<String>)>) -> Sites {
    let mut sites = Sites::new();
    for (site, origin) in all {
        sites.entry(site).or_default().extend(origin);
    }
    sites
}

/// Reads `500000`, `64M`, `10G`: bytes, in units of 1024.
fn bytes(text: &str) -> Result<u64, String> {
    let text = text.trim_end_matches(['b', 'B']).trim_end_matches(['i']);
    let (digits, unit) = match text.char_indices().next_back() {
        Some((at, 'k' | 'K')) => (&text[..at], 1 << 10),
        Some((at, 'm' | 'M')) => (&text[..at], 1 << 20),
        Some((at, 'g' | 'G')) => (&text[..at], 1 << 30),
        Some((at, 't' | 'T')) => (&text[..at], 1 << 40),
        _ => (text, 1),
    };
    let number = digits.parse::<u64>().ok();
    let bytes = number.and_then(|number| number.checked_mul(unit));
    bytes
        .filter(|bytes| *bytes >= 1 << 20)
        .ok_or_else(|| "write at least 1M, such as 500M or 10G".to_owned())
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
    use super::{address, bytes, site, sites, token};

    #[test]
    fn sizes_have_units() {
        for (text, expect) in [
            ("1M", Some(1 << 20)),
            ("10GiB", Some(10 << 30)),
            ("2000000", Some(2_000_000)),
            ("1T", Some(1 << 40)),
            ("1K", None),
            ("", None),
            ("-1G", None),
            ("99999999999T", None),
        ] {
            assert_eq!(bytes(text).ok(), expect, "{text}");
        }
    }

    #[test]
    fn sites_gather_their_origins() {
        let read = |text| site(text).expect("a site");
        let all = vec![
            read("north=https://A.example"),
            read("north=http://localhost:8080"),
            read("north=https://b.example:443"),
            read("north=http://c.example:80"),
            read("north=https://d.example:80"),
            read("south"),
        ];
        let sites = sites(all);
        assert_eq!(
            sites["north"],
            [
                "https://a.example",
                "http://localhost:8080",
                "https://b.example",
                "http://c.example",
                "https://d.example:80"
            ],
            "as browsers write them"
        );
        assert!(sites["south"].is_empty());
        for wrong in [
            "",
            "North",
            "north=",
            "north=a.example",
            "north=https://a.example/",
            "north=https://klinik-münchen.example",
            "a=*",
        ] {
            assert!(site(wrong).is_err(), "{wrong}");
        }
    }

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
