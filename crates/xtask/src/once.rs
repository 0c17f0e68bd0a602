//! `cargo xtask demo --once`: a browser walks from the ad click to the thank-you page, then the
//! stored event is judged.
//!
//! The browser's part is tests/e2e/demo-once.mjs, which also runs the clinic's site and so knows
//! what the server received. What counts here is what the collector's file holds: the collector is
//! stopped and started anew on it before the event is read for good.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::Value;

use crate::browser::Browser;
use crate::demo::{self, CLICK, Stage};
use crate::run::{self, say};

const ARRIVES_WITHIN: Duration = Duration::from_secs(15);
const ASK_EVERY: Duration = Duration::from_millis(100);

/// What the walk through the site tells.
struct Walk {
    /// As the site's server received it in the form's hidden field.
    event_id: String,
    /// What the visitor typed that must never leave.
    secrets: Vec<String>,
}

/// Drives the demo and checks the event; `false` when a check fails.
///
/// # Errors
/// When the browser or the collector can't do their part.
pub fn run(browser: &Browser, stage: &Stage) -> Result<bool> {
    let (collector, live) = demo::collector(stage)?;
    let walk = walk(browser, stage)?;
    say(
        "once",
        format_args!("the clinic's server received event id {}", walk.event_id),
    );
    let deadline = Instant::now() + ARRIVES_WITHIN;
    while submissions(&ask(&live, "/all")?, &walk.event_id).is_empty() {
        if Instant::now() > deadline {
            let all = ask(&live, "/all")?;
            bail!(
                "no form_submit with this id was stored within {}; stored: {}",
                run::seconds(ARRIVES_WITHIN),
                serde_json::to_string_pretty(&all)?
            );
        }
        std::thread::sleep(ASK_EVERY);
    }
    collector.stop();

    let (collector, live) = demo::collector(stage)?;
    let all = ask(&live, "/all")?;
    let good = ask(&live, "/good")?;
    let bad = ask(&live, "/bad")?;
    collector.stop();

    let stored = submissions(&all, &walk.event_id);
    for row in &stored {
        println!("\n{}\n", serde_json::to_string_pretty(row)?);
    }
    let mut failures = judge(&stored, &all, &good, &bad, &walk);
    failures.extend(leaks(stage, &walk)?);
    for failure in &failures {
        say("once", format_args!("FAILED  {failure}"));
    }
    if failures.is_empty() {
        say(
            "once",
            "stored exactly once, good and valid, with click id, UTM parameters, channel and event id; \
             nothing undeclared in the database",
        );
    }
    Ok(failures.is_empty())
}

fn walk(browser: &Browser, stage: &Stage) -> Result<Walk> {
    const SCRIPT: &str = "tests/e2e/demo-once.mjs";
    let mut node = run::program("node");
    node.arg(SCRIPT)
        .args(["--package", "pkg", "--landing", CLICK, "--plan"])
        .arg(&stage.plan);
    let (status, printed) = run::tee(browser.tell(&mut node), "run `cargo xtask setup`")?;
    ensure!(
        status.success(),
        "{SCRIPT} failed ({status}); what it said stands above"
    );
    let report = printed
        .lines()
        .rev()
        .find_map(|line| serde_json::from_str::<Value>(line.strip_prefix("walked ")?).ok())
        .with_context(|| format!("{SCRIPT} reported nothing"))?;
    let event_id = report["event_id"].as_str().unwrap_or_default().to_owned();
    ensure!(
        !event_id.is_empty(),
        "the site's server received the form without an event id: touchmark did not fill the hidden field"
    );
    let secrets = report["secrets"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(|secret| secret.as_str().map(str::to_owned))
        .collect::<Vec<_>>();
    ensure!(
        !secrets.is_empty(),
        "{SCRIPT} typed no text that must stay private"
    );
    Ok(Walk { event_id, secrets })
}

/// The stored form submissions that carry this id.
fn submissions<'a>(rows: &'a Value, id: &str) -> Vec<&'a Value> {
    rows.as_array()
        .into_iter()
        .flatten()
        .filter(|row| is_submission(row) && row["id"] == id)
        .collect()
}

fn is_submission(row: &Value) -> bool {
    row["type"] == "org.touchmark.form_submit"
}

fn judge(stored: &[&Value], all: &Value, good: &Value, bad: &Value, walk: &Walk) -> Vec<String> {
    let mut failures = Vec::new();
    let mut expect = |holds: bool, what: String| {
        if !holds {
            failures.push(what);
        }
    };
    let in_all = all
        .as_array()
        .into_iter()
        .flatten()
        .filter(|row| is_submission(row))
        .count();
    expect(
        stored.len() == 1 && in_all == 1,
        format!(
            "expected one form_submit, found {in_all}, {} of them with the id",
            stored.len()
        ),
    );
    expect(
        submissions(good, &walk.event_id).len() == 1,
        "the event is not among the good ones".to_owned(),
    );
    expect(
        bad.as_array().is_some_and(Vec::is_empty),
        format!("bad events: {bad}"),
    );
    let Some(row) = stored.first() else {
        return failures;
    };
    expect(
        row["verdict"] == "valid",
        format!("verdict is {}, not valid", row["verdict"]),
    );
    let expected = [
        ("/id", walk.event_id.as_str()),
        ("/data/form/id", "appointment"),
        ("/data/validation/verdict", "valid"),
        ("/data/attribution/last/source", "google"),
        ("/data/attribution/last/medium", "cpc"),
        ("/data/attribution/last/campaign", "cardiology-q4"),
        ("/data/attribution/last/click_id/param", "gclid"),
        ("/data/attribution/last/click_id/value", "Cj0KCQdemo"),
        ("/data/attribution/last/channel", "Paid Search"),
    ];
    for (pointer, value) in expected {
        let found = row["event"].pointer(pointer);
        expect(
            found.and_then(Value::as_str) == Some(value),
            format!(
                "{pointer} is {}, not \"{value}\"",
                found.unwrap_or(&Value::Null)
            ),
        );
    }
    failures
}

/// Files of the database in which a private text stands.
fn leaks(stage: &Stage, walk: &Walk) -> Result<Vec<String>> {
    let mut found = Vec::new();
    let mut has_id = false;
    for ending in ["", "-wal", "-shm"] {
        let mut name = stage.database.clone().into_os_string();
        name.push(ending);
        let file = PathBuf::from(name);
        if !file.exists() {
            continue;
        }
        let bytes = fs::read(&file).with_context(|| format!("can't read {}", file.display()))?;
        has_id |= contains(&bytes, &walk.event_id);
        for secret in &walk.secrets {
            if contains(&bytes, secret) {
                found.push(format!(
                    "{} holds the private text \"{secret}\"",
                    file.display()
                ));
            }
        }
    }
    if !has_id {
        found.push(format!(
            "{} does not hold the event id",
            stage.database.display()
        ));
    }
    Ok(found)
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes
        .windows(text.len())
        .any(|window| window == text.as_bytes())
}

/// Asks the collector's operator listener, whose live page is at `live`.
fn ask(live: &str, path: &str) -> Result<Value> {
    let parts = live
        .strip_prefix("http://")
        .and_then(|rest| rest.split_once('/'))
        .and_then(|(host, rest)| Some((host, rest.split_once("token=")?.1)));
    let (host, token) = parts.with_context(|| format!("no host and token in {live}"))?;
    let mut stream = TcpStream::connect(host)
        .with_context(|| format!("the collector's operator listener at {host} does not answer"))?;
    // HTTP/1.0: the answer ends with the connection and comes in one piece.
    write!(
        stream,
        "GET {path}?limit=1000 HTTP/1.0\r\nHost: {host}\r\nAuthorization: Bearer {token}\r\n\r\n"
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let (head, body) = answer
        .split_once("\r\n\r\n")
        .with_context(|| format!("{host}{path} answered `{answer}`"))?;
    let status = head.lines().next().unwrap_or_default();
    ensure!(
        status.contains(" 200"),
        "{host}{path} answered `{status}`: {body}"
    );
    serde_json::from_str(body).with_context(|| format!("{host}{path} answered no JSON: {body}"))
}
