//! Sealed events into batches, and answers into what happens to them.
//!
//! After `event`, before `tracker`. Write-ahead: a record is stored before it is first sent and
//! leaves storage only after a 2xx that covers it or a counted drop. Any page may send any
//! record that is due; ids make overlap harmless, and `due` keeps it rare: a page that sends
//! a record first moves its `due` on, on storage too.
//! Not here: storage and network (outputs), consent (the tracker asks).

use crate::output::{Area, OUTBOX_PREFIX, Output};
use crate::time::UnixMillis;
use crate::value::{Value, push_whole, whole};

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
        outputs: &mut Vec<Output>,
    ) {
        if self.records.len() >= MAX_RECORDS && !self.records.is_empty() {
            let oldest = self.records.remove(0);
            self.drop_record(&oldest, "outbox_full", outputs);
        }
        let record = Record {
            id: String::from(id),
            created: now,
            due,
            tries: 0,
            body,
            batch: 0,
        };
        self.store(&record, outputs);
        self.records.push(record);
    }

    /// Gives a waiting event its outcome and lets it go.
    pub fn release(
        &mut self,
        now: UnixMillis,
        id: &str,
        amend: &dyn Fn(&str) -> String,
        outputs: &mut Vec<Output>,
    ) {
        if let Some(index) = self.records.iter().position(|record| record.id == id) {
            let mut record = self.records.swap_remove(index);
            record.body = amend(&record.body);
            record.due = now;
            self.store(&record, outputs);
            self.records.push(record);
        }
    }

    /// Stores every record: storage has just been allowed.
    pub fn store_all(&self, outputs: &mut Vec<Output>) {
        for record in &self.records {
            self.store(record, outputs);
        }
    }

    /// Takes a record that an earlier page stored. It is checked like any other input; what is
    /// no record of this source is removed and reported.
    pub fn restore(
        &mut self,
        now: UnixMillis,
        key: &str,
        text: &str,
        source: &str,
        outputs: &mut Vec<Output>,
    ) {
        let id = key.strip_prefix(OUTBOX_PREFIX).unwrap_or("");
        if self.records.iter().any(|record| record.id == id) {
            return;
        }
        match Record::from_text(id, text, source) {
            Some(record) if now.since(record.created) > MAX_AGE_MS => {
                self.drop_record(&record, "record_expired", outputs);
            }
            Some(record) if record.created > now.plus(MAX_AGE_MS) => {
                self.drop_record(&record, "record_unreadable", outputs);
            }
            Some(record) => {
                self.failures = self.failures.max(record.tries);
                self.records.push(record);
            }
            None => {
                outputs.push(Output::Remove {
                    area: self.area,
                    key: String::from(key),
                });
                outputs.push(Output::Report {
                    code: "record_unreadable",
                    about: String::from("storage"),
                });
            }
        }
    }

    /// Sends what is due, in as few batches as the size limit allows.
    pub fn flush(&mut self, now: UnixMillis, url: &str, outputs: &mut Vec<Output>) {
        while now >= self.not_before || self.failures == 0 {
            let mut body = String::from("[");
            self.batches += 1;
            let batch = self.batches;
            let mut sent = Vec::new();
            for record in &mut self.records {
                let room = body.len() + record.body.len() + 2 <= MAX_BATCH_BYTES;
                if record.due <= now && (room || body.len() == 1) {
                    if body.len() > 1 {
                        body.push(',');
                    }
                    body.push_str(&record.body);
                    record.batch = batch;
                    record.due = now.plus(IN_FLIGHT_MS);
                    sent.push(record.to_text());
                }
            }
            if sent.is_empty() {
                return;
            }
            if self.is_durable {
                for (key, text) in sent {
                    outputs.push(Output::Store {
                        area: self.area,
                        key,
                        text,
                    });
                }
            }
            body.push(']');
            outputs.push(Output::Send {
                batch,
                url: String::from(url),
                body,
            });
        }
    }

    /// Takes the endpoint's answer to a batch.
    ///
    /// 2xx: done. No answer, 408, 425, 429 and 5xx: later, after a random part of a growing
    /// limit, and not before `retry_after` seconds. Any other status is a refusal for good.
    pub fn settle(
        &mut self,
        now: UnixMillis,
        (batch, status): (u64, u64),
        retry_after: u64,
        random: u64,
        outputs: &mut Vec<Output>,
    ) {
        let is_retryable = matches!(status, 0 | 408 | 425 | 429 | 500..);
        if is_retryable {
            self.failures += 1;
            let mut limit = FIRST_BACKOFF_MS;
            for _ in 1..self.failures.min(8) {
                limit *= 3;
            }
            let wait = random % limit.min(MAX_BACKOFF_MS);
            let asked = retry_after.saturating_mul(1000);
            self.not_before = now.plus(wait.max(asked).clamp(500, MAX_BACKOFF_MS));
        } else {
            self.failures = 0;
        }
        let (ours, others): (Vec<_>, Vec<_>) = core::mem::take(&mut self.records)
            .into_iter()
            .partition(|record| record.batch == batch);
        self.records = others;
        for mut record in ours {
            if is_retryable {
                record.batch = 0;
                record.tries = self.failures;
                record.due = self.not_before;
                self.store(&record, outputs);
                self.records.push(record);
            } else if status < 300 {
                self.forget(&record, outputs);
            } else {
                self.drop_record(&record, "delivery_refused", outputs);
            }
        }
    }

    /// The network is back: what failed may go at once.
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
    }

    /// When the next record is due.
    pub fn next_due(&self) -> Option<UnixMillis> {
        self.records.iter().map(|record| record.due).min()
    }

    fn store(&self, record: &Record, outputs: &mut Vec<Output>) {
        if self.is_durable {
            let (key, text) = record.to_text();
            outputs.push(Output::Store {
                area: self.area,
                key,
                text,
            });
        }
    }

    fn forget(&self, record: &Record, outputs: &mut Vec<Output>) {
        if self.is_durable {
            outputs.push(Output::Remove {
                area: self.area,
                key: [OUTBOX_PREFIX, &record.id].concat(),
            });
        }
    }

    fn drop_record(&self, record: &Record, code: &'static str, outputs: &mut Vec<Output>) {
        self.forget(record, outputs);
        outputs.push(Output::Report {
            code,
            about: record.id.clone(),
        });
    }
}

impl Record {
    /// Key and text in storage: `1 created due tries` on a line, then the event's own bytes.
    fn to_text(&self) -> (String, String) {
        let mut text = String::from("1");
        for number in [self.created.0, self.due.0, self.tries] {
            text.push(' ');
            push_whole(&mut text, number);
        }
        text.push('\n');
        text.push_str(&self.body);
        ([OUTBOX_PREFIX, &self.id].concat(), text)
    }

    fn from_text(id: &str, text: &str, source: &str) -> Option<Record> {
        let (head, body) = text.split_once('\n')?;
        let mut numbers = head.split(' ').map(whole);
        let mut next = || numbers.next().flatten();
        let (version, created, due, tries) = (next()?, next()?, next()?, next()?);
        let event = Value::parse(body).ok()?;
        let is_ours =
            version == 1 && event.text_of("id") == id && event.text_of("source") == source;
        is_ours.then(|| Record {
            id: String::from(id),
            created: UnixMillis(created),
            due: UnixMillis(due.min(created.saturating_add(MAX_AGE_MS))),
            tries,
            body: String::from(body),
            batch: 0,
        })
    }
}
