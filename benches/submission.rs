//! What a form submission and a landing cost natively: `cargo bench`.
//!
//! One submission is what the kernel says of it (`attempt`, `submit`, then the endpoint's
//! answer), from its JSON text through mapping, validation, privacy, envelope and outbox to the
//! last output. Inputs: visit.json, which the page of tests/bench measures in wasm too.
//! It reports, it never fails: the budget is for wasm, and machines differ.

#![allow(
    clippy::disallowed_methods,
    reason = "a benchmark is about the clock; what it measures still gets its time as an argument"
)]

use std::hint::black_box;
use std::time::{Duration, Instant};

use touchmark::input::{Answer, Input};
use touchmark::native::NativeHost;
use touchmark::output::What;
use touchmark::time::UnixMillis;
use touchmark::tracker::Tracker;
use touchmark::value::Value;

const PLAN: &str = include_str!("../tests/support/plan.json");
const VISIT: &str = include_str!("visit.json");
const BEGIN: UnixMillis = UnixMillis(1_764_000_000_000);
/// Past the limit of a navigation, so that each submission is an intent of its own.
const PAUSE_MS: u64 = 60_000;
/// DESIGN's budget for one submission, in wasm.
const BUDGET_US: f64 = 100.0;

fn main() {
    let visit = Value::parse(VISIT).expect("visit.json is JSON");
    let said = |name: &str| visit.member(name).expect("a message").to_json();
    let landing = said("landing");
    println!(
        "{:<28} {:>7} {:>9} {:>9} {:>9}   budget",
        "native, µs", "runs", "min", "median", "p99"
    );
    let messages = [said("attempt"), said("submit")];
    let budget = format!("{BUDGET_US} in wasm");
    row("form submission", submissions(&landing, &messages), &budget);
    for (name, bytes, runs) in [
        ("landing, query of 85 B", 0, 1_000),
        ("landing, query of 2 kB", 2_000, 1_000),
        ("landing, query of 2 MB", 2_000_000, 40),
    ] {
        row(name, landings(&long(&landing, bytes), runs), "none");
    }
}

fn submissions(landing: &str, messages: &[String; 2]) -> Vec<Duration> {
    const WARM_UP: usize = 500;
    const RUNS: usize = 5_000;
    let mut tracker = started();
    let mut now = BEGIN;
    settle(&mut tracker, now, landing);
    let mut times = Vec::new();
    for _ in 0..WARM_UP + RUNS {
        now = now.plus(PAUSE_MS);
        let start = Instant::now();
        let mut sent = String::new();
        for message in messages {
            sent.push_str(&settle(&mut tracker, now, black_box(message)));
        }
        times.push(start.elapsed());
        assert!(
            sent.contains("form_submit") && sent.contains(r#""verdict":"valid""#),
            "not the event that this is about: {sent}"
        );
    }
    times.split_off(WARM_UP)
}

fn landings(landing: &str, runs: usize) -> Vec<Duration> {
    let warm_up = runs / 10;
    let mut times = Vec::new();
    for _ in 0..warm_up + runs {
        let mut tracker = started();
        let start = Instant::now();
        settle(&mut tracker, BEGIN, black_box(landing));
        times.push(start.elapsed());
    }
    times.split_off(warm_up)
}

/// A tracker that has its plan. Each keeps its plan for good, so this is not for many thousands.
fn started() -> Tracker {
    let mut tracker = Tracker::new(&NativeHost);
    let start = format!(
        r#"{{"in":"start","nonce":"0123456789abcdef0123456789abcdef","seed":42,"device":"desktop","plan":{PLAN}}}"#
    );
    settle(&mut tracker, BEGIN, &start);
    tracker
}

/// Hands over one message and plays shell and endpoint until nothing is left to do; the body
/// that went out last.
fn settle(tracker: &mut Tracker, now: UnixMillis, message: &str) -> String {
    let mut sent = String::new();
    let message = Value::parse(message).expect("a message is JSON");
    tracker.handle_input(now, Input::from_value(message));
    while let Some(output) = tracker.poll_output() {
        match black_box(&output).what {
            What::Load => tracker.handle_input(now, Input::loaded(Vec::new(), true)),
            What::Send => {
                let answer = Answer {
                    batch: output.number,
                    status: 202,
                    ..Answer::default()
                };
                tracker.handle_input(now, Input::delivered(&answer));
                sent = output.text;
            }
            What::Report => panic!("{} {}", output.key, output.text),
            _ => {}
        }
    }
    sent
}

/// The landing with a query of about `bytes`: half in one value, half in many parameters.
fn long(landing: &str, bytes: usize) -> String {
    const PARAM: &str = "&padding=some%20value";
    let (front, rest) = landing
        .split_once("gclid=")
        .expect("the landing has a click id");
    let value = "x".repeat(bytes / 2);
    let many = PARAM.repeat(bytes / 2 / PARAM.len());
    let lead = if bytes == 0 {
        String::new()
    } else {
        format!("long={value}{many}&")
    };
    format!("{front}{lead}gclid={rest}")
}

fn row(name: &str, mut times: Vec<Duration>, budget: &str) {
    times.sort_unstable();
    let at = |percent: usize| {
        let index = (times.len() - 1) * percent / 100;
        times
            .get(index)
            .map_or(f64::NAN, |time| time.as_secs_f64() * 1e6)
    };
    println!(
        "{name:<28} {:>7} {:>9.1} {:>9.1} {:>9.1}   {budget}",
        times.len(),
        at(0),
        at(50),
        at(99),
    );
}
