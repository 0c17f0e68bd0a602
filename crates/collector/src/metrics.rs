//! What the collector counts about itself, in Prometheus' text format.
//!
//! Counters begin at zero with each start. Labels are words of the collector's own, never a
//! sender's. Source: Prometheus text-based exposition format 0.0.4.

use std::fmt::Write as _;
use std::sync::atomic::{AtomicU64, Ordering};
use std::time::Duration;

use axum::http::StatusCode;

use crate::writer::Stored;

/// The counters; all of them may be raised from any thread.
#[derive(Default)]
pub struct Metrics {
    requests: [AtomicU64; STATUSES.len() + 1],
    good: AtomicU64,
    bad: AtomicU64,
    duplicate: AtomicU64,
    rejected: AtomicU64,
    received_bytes: AtomicU64,
    commits: AtomicU64,
    committed_elements: AtomicU64,
    commit_micros: AtomicU64,
    commit_buckets: [AtomicU64; COMMIT_MILLIS.len()],
    failed_commits: AtomicU64,
    wrong_tokens: AtomicU64,
}

/// What is read elsewhere when the counters are written out.
pub struct Gauges {
    pub failing: bool,
    pub waiting_bytes: usize,
    pub database_bytes: u64,
    /// Name, events behind, failed deliveries, of each receiver.
    pub receivers: Vec<(String, u64, u64)>,
}

impl Metrics {
    /// One answer of the ingestion listener, and the size of what it answers.
    pub fn answered(&self, status: StatusCode) {
        let known = STATUSES.iter().position(|known| *known == status.as_u16());
        add(&self.requests[known.unwrap_or(STATUSES.len())], 1);
    }

    /// A body was read.
    pub fn received(&self, bytes: usize) {
        add(&self.received_bytes, bytes as u64);
    }

    /// One request's elements are on the disk.
    pub fn stored(&self, stored: &Stored) {
        add(&self.good, stored.stored - stored.bad);
        add(&self.bad, stored.bad);
        add(&self.duplicate, stored.duplicate);
        add(&self.rejected, stored.rejected);
    }

    /// A group of elements was committed in that time.
    pub fn committed(&self, took: Duration, elements: usize) {
        add(&self.commits, 1);
        add(&self.committed_elements, elements as u64);
        let micros = took.as_micros() as u64;
        add(&self.commit_micros, micros);
        for (bucket, millis) in self.commit_buckets.iter().zip(COMMIT_MILLIS) {
            if micros <= millis * 1000 {
                add(bucket, 1);
            }
        }
    }

    /// A group could not be committed.
    pub fn commit_failed(&self) {
        add(&self.failed_commits, 1);
    }

    /// Somebody tried a wrong operator's token.
    pub fn wrong_token(&self) {
        add(&self.wrong_tokens, 1);
    }

    /// All of it as text.
    pub fn to_text(&self, gauges: &Gauges) -> String {
        let mut out = Text(String::new());
        out.head(
            "touchmark_requests_total",
            "counter",
            "Answers of the ingestion listener.",
        );
        for (status, count) in STATUSES.iter().zip(&self.requests) {
            out.line(
                "touchmark_requests_total",
                &format!("status=\"{status}\""),
                read(count),
            );
        }
        let other = read(&self.requests[STATUSES.len()]);
        out.line("touchmark_requests_total", "status=\"other\"", other);
        out.head(
            "touchmark_events_total",
            "counter",
            "Elements by what became of them; all but duplicates are kept.",
        );
        for (state, count) in [
            ("good", &self.good),
            ("bad", &self.bad),
            ("duplicate", &self.duplicate),
            ("rejected", &self.rejected),
        ] {
            out.line(
                "touchmark_events_total",
                &format!("state=\"{state}\""),
                read(count),
            );
        }
        out.one(
            "touchmark_received_bytes_total",
            "counter",
            "Bytes of bodies that were read.",
            read(&self.received_bytes),
        );
        let name = "touchmark_commit_seconds";
        out.head(
            name,
            "histogram",
            "Time from a group's begin to its sync to disk.",
        );
        for (bucket, millis) in self.commit_buckets.iter().zip(COMMIT_MILLIS) {
            let label = format!("le=\"{}\"", millis as f64 / 1000.0);
            out.line(&format!("{name}_bucket"), &label, read(bucket));
        }
        let commits = read(&self.commits);
        out.line(&format!("{name}_bucket"), "le=\"+Inf\"", commits);
        let seconds = read(&self.commit_micros) as f64 / 1e6;
        let _ = writeln!(out.0, "{name}_sum {seconds}\n{name}_count {commits}");
        out.one(
            "touchmark_committed_elements_total",
            "counter",
            "Elements of all groups; by commits it is the mean group.",
            read(&self.committed_elements),
        );
        out.one(
            "touchmark_failed_commits_total",
            "counter",
            "Groups that could not be stored; their senders were told to come back.",
            read(&self.failed_commits),
        );
        out.one(
            "touchmark_wrong_tokens_total",
            "counter",
            "Requests to the operator's address with a wrong token.",
            read(&self.wrong_tokens),
        );
        out.one(
            "touchmark_failing",
            "gauge",
            "1 while the last commit failed.",
            u64::from(gauges.failing),
        );
        out.one(
            "touchmark_waiting_bytes",
            "gauge",
            "What requests under way hold; at the bound they are answered 429.",
            gauges.waiting_bytes as u64,
        );
        out.one(
            "touchmark_database_bytes",
            "gauge",
            "Size of the database with its log.",
            gauges.database_bytes,
        );
        if !gauges.receivers.is_empty() {
            let (behind, failed) = (
                "touchmark_forward_behind",
                "touchmark_forward_failures_total",
            );
            out.head(
                behind,
                "gauge",
                "Events that a receiver has not acknowledged.",
            );
            for (name, count, _) in &gauges.receivers {
                out.line(behind, &format!("receiver=\"{name}\""), *count);
            }
            out.head(
                failed,
                "counter",
                "Deliveries that failed and are tried again.",
            );
            for (name, _, count) in &gauges.receivers {
                out.line(failed, &format!("receiver=\"{name}\""), *count);
            }
        }
        out.0
    }
}

struct Text(String);

impl Text {
    fn head(&mut self, name: &str, kind: &str, help: &str) {
        let _ = writeln!(self.0, "# HELP {name} {help}\n# TYPE {name} {kind}");
    }

    fn line(&mut self, name: &str, label: &str, value: u64) {
        let _ = writeln!(self.0, "{name}{{{label}}} {value}");
    }

    fn one(&mut self, name: &str, kind: &str, help: &str, value: u64) {
        self.head(name, kind, help);
        let _ = writeln!(self.0, "{name} {value}");
    }
}

fn add(counter: &AtomicU64, n: u64) {
    counter.fetch_add(n, Ordering::Relaxed);
}

fn read(counter: &AtomicU64) -> u64 {
    counter.load(Ordering::Relaxed)
}

/// Statuses that the ingestion listener gives.
const STATUSES: [u16; 13] = [
    200, 202, 204, 400, 401, 403, 404, 405, 408, 413, 415, 429, 503,
];
const COMMIT_MILLIS: [u64; 10] = [1, 2, 5, 10, 25, 50, 100, 250, 1000, 5000];
