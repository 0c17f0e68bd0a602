//! Sealed events into batches, and answers into what happens to them.
//!
//! After `event`, before `tracker`. Write-ahead: a record is stored before it is first sent and
//! leaves storage only after a 2xx that covers it or a counted drop. Any page may send any
//! record that is due; ids make overlap harmless, and `due` keeps it rare: a page that sends
//! a record first moves its `due` on, on storage too.
//! Not here: storage and network (outputs), consent (the tracker asks).

use crate::event::with_outcome;
use crate::output::{Area, OUTBOX_PREFIX, Outputs, What};
use crate::text::{concat, cut, decimal, next, pieces, whole};
use crate::time::UnixMillis;
use crate::value::Value;

/// A batch's body is at most this long: browsers grant 64 KiB to requests that outlive a page.
pub const MAX_BATCH_BYTES: usize = 60_000;
/// More records than this are never kept; the oldest goes first.
pub const MAX_RECORDS: usize = 100;
/// A record older than this is dropped.
pub const MAX_AGE_MS: u64 = 7 * 24 * 3_600_000;
/// For so long after sending a record no page sends it again.
pub const IN_FLIGHT_MS: u64 = 10_000;
/// The first retry waits at most this long; each later one up to three times the last.
pub const FIRST_BACKOFF_MS: u64 = 8_000;
/// No retry waits longer, whatever the endpoint asks for.
pub const MAX_BACKOFF_MS: u64 = 300_000;

/// Events on their way.
#[derive(Debug, Default)]
pub struct Outbox {
    records: Vec<Record>,
    batches: u64,
    /// Failed deliveries in a row; it survives the page in the records' `tries`.
    failures: u64,
    not_before: UnixMillis,
    /// Whether records are also kept in storage.
    pub is_durable: bool,
    /// Which storage that is.
    pub area: Area,
}

#[derive(Debug)]
struct Record {
    id: String,
    created: UnixMillis,
    due: UnixMillis,
    tries: u64,
    body: String,
    /// The batch that it is in flight with; 0 for none.
    batch: u64,
    /// Whether storage holds it as it is.
    is_stored: bool,
}

impl Outbox {
    /// Takes a sealed event. It is sent from `due` on: now, or when the wait for its outcome
    /// must be over even if this page is gone by then.
    pub fn put(
        &mut self,
        now: UnixMillis,
        due: UnixMillis,
        id: &str,
        body: String,
        out: &mut Outputs,
    ) {
        // Read again before it was ever sent.
        self.records.retain(|record| record.id != id);
        if self.records.len() >= MAX_RECORDS {
            let oldest = self.records.remove(0);
            self.forget(&oldest.id, out);
            out.report("outbox_full", &oldest.id);
        }
        self.records.push(Record {
            id: String::from(id),
            created: now,
            due,
            tries: 0,
            body,
            batch: 0,
            is_stored: false,
        });
    }

    /// Gives a waiting event its outcome and lets it go.
    pub fn release(&mut self, now: UnixMillis, id: &str, outcome: &str) {
        if let Some(record) = self.records.iter_mut().find(|record| record.id == id) {
            record.body = with_outcome(&record.body, outcome);
            record.due = now;
            record.is_stored = false;
        }
    }

    /// Takes a waiting event back: it did not happen.
    pub fn withdraw(&mut self, id: &str, out: &mut Outputs) {
        self.records.retain(|record| record.id != id);
        self.forget(id, out);
    }

    /// Takes a record that an earlier page stored. It is checked like any other input; what is
    /// no record of this source is removed and reported.
    pub fn restore(
        &mut self,
        now: UnixMillis,
        id: &str,
        text: &str,
        source: &str,
        out: &mut Outputs,
    ) {
        if self.records.iter().any(|record| record.id == id) {
            return;
        }
        let (head, body) = cut(text, b'\n');
        let numbers = &mut pieces(head, b' ');
        let mut number = || whole(next(numbers)).unwrap_or(0);
        let (version, created, due, tries) = (number(), number(), number(), number());
        let event = Value::parse(body).unwrap_or(Value::Null);
        let is_ours =
            version == 1 && event.text_of("id") == id && event.text_of("source") == source;
        let code = if !is_ours || created > now.0 + MAX_AGE_MS {
            "record_unreadable"
        } else if created + MAX_AGE_MS < now.0 {
            "record_expired"
        } else {
            self.failures = self.failures.max(tries);
            return self.records.push(Record {
                id: String::from(id),
                created: UnixMillis(created),
                due: UnixMillis(due.min(created + MAX_AGE_MS)),
                tries,
                body: String::from(body),
                batch: 0,
                is_stored: true,
            });
        };
        out.remove_everywhere(&key_of(id));
        out.report(code, "outbox");
    }

    /// Stores what storage does not hold yet, and sends what is due, in as few batches as the
    /// size limit allows.
    pub fn flush(&mut self, now: UnixMillis, url: &str, out: &mut Outputs) {
        loop {
            let mut body = String::new();
            for record in &mut self.records {
                let size = body.len() + record.body.len() + 2;
                let fits = body.is_empty() || size <= MAX_BATCH_BYTES;
                if record.due <= now && now >= self.not_before && fits {
                    body.push_str(if body.is_empty() { "[" } else { "," });
                    body.push_str(&record.body);
                    record.batch = self.batches + 1;
                    record.due = now.plus(IN_FLIGHT_MS);
                    record.is_stored = false;
                }
                if self.is_durable && !record.is_stored {
                    record.is_stored = true;
                    let text = record.to_text();
                    out.push(What::Store(self.area), 0, &key_of(&record.id), &text);
                }
            }
            if body.is_empty() {
                return;
            }
            self.batches += 1;
            body.push_str("]");
            out.push(What::Send, self.batches, url, &body);
        }
    }

    /// Takes the endpoint's answer to a batch.
    ///
    /// 2xx: done. No answer, 408, 425, 429 and 5xx: later, after a random part of a growing
    /// limit, and not before `retry_after` seconds. Any other status is a refusal for good.
    pub fn settle(
        &mut self,
        now: UnixMillis,
        batch: u64,
        status: u64,
        retry_after: u64,
        random: u64,
        out: &mut Outputs,
    ) {
        let is_retryable = matches!(status, 0 | 408 | 425 | 429 | 500..);
        if is_retryable {
            self.failures += 1;
            let mut limit = FIRST_BACKOFF_MS;
            for _ in 1..self.failures.min(8) {
                limit *= 3;
            }
            let wait = random % limit.min(MAX_BACKOFF_MS);
            let asked = retry_after.min(MAX_BACKOFF_MS / 1000) * 1000;
            self.not_before = now.plus(wait.max(asked).clamp(500, MAX_BACKOFF_MS));
        } else {
            self.failures = 0;
        }
        let mut index = 0;
        while let Some(record) = self.records.get_mut(index) {
            if record.batch != batch {
                index += 1;
            } else if is_retryable {
                record.batch = 0;
                record.tries = self.failures;
                record.due = self.not_before;
                record.is_stored = false;
                index += 1;
            } else {
                let settled = self.records.remove(index);
                self.forget(&settled.id, out);
                if status >= 300 {
                    out.report("delivery_refused", &settled.id);
                }
            }
        }
    }

    /// The network is back, or time is up: what failed may go at once.
    pub fn retry_now(&mut self, now: UnixMillis) {
        self.not_before = now;
        for record in &mut self.records {
            if record.tries > 0 && record.batch == 0 {
                record.due = now;
            }
        }
    }

    /// Forgets everything without a trace; the caller wipes storage.
    pub fn clear(&mut self) {
        self.records.clear();
        self.is_durable = false;
    }

    /// When the next record may be sent.
    pub fn next_due(&self) -> Option<UnixMillis> {
        let due = self.records.iter().map(|record| record.due).min();
        due.map(|due| due.max(self.not_before))
    }

    #[inline(never)]
    fn forget(&self, id: &str, out: &mut Outputs) {
        if self.is_durable {
            out.push(What::Remove(self.area), 0, &key_of(id), "");
        }
    }
}

impl Record {
    /// The text in storage: `1 created due tries` on a line, then the event's own bytes.
    fn to_text(&self) -> String {
        concat(&[
            "1 ",
            &decimal(self.created.0),
            " ",
            &decimal(self.due.0),
            " ",
            &decimal(self.tries),
            "\n",
            &self.body,
        ])
    }
}

fn key_of(id: &str) -> String {
    concat(&[OUTBOX_PREFIX, id])
}
