//! Sealed events into batches, and answers into what happens to them.
//!
//! After `event`, before `tracker`. Write-ahead: a record is stored before it is first sent and
//! leaves storage only after a 2xx that covers it or a reported drop. A page sends its own fresh
//! records at once; retries, and records that other pages left, only under the lease that pages
//! share. Without a lease between them ids make overlap harmless, and `due`, which moves on in
//! storage with every send, keeps it rare.
//! Not here: storage, network and locks (outputs), consent (the tracker asks).

#![expect(
    clippy::integer_division_remainder_used,
    reason = "by constants, and by a spread that is one of three"
)]

use crate::event::with_outcome;
use crate::input::Answer;
use crate::output::{Area, OUTBOX_PREFIX, Outputs, What};
use crate::text::{concat, cut, decimal, next, pieces, whole};
use crate::time::UnixMillis;
use crate::value::Value;

/// All requests in flight together hold at most this many bytes, and so does each: browsers
/// grant 64 KiB to requests that outlive a page.
pub const MAX_FLIGHT_BYTES: usize = 60_000;
/// So many requests are in flight at most.
pub const MAX_FLIGHTS: usize = 15;
/// More records than this are never kept; the oldest goes first.
pub const MAX_RECORDS: usize = 1_000;
/// Nor more bytes of them: a fifth of what browsers grant a site.
pub const MAX_BYTES: usize = 1_000_000;
/// A record older than this is dropped.
pub const MAX_AGE_MS: u64 = 7 * 24 * 3_600_000;
/// For so long after sending a record its page sends it no second time.
pub const IN_FLIGHT_MS: u64 = 10_000;
/// A record whose page has let its `due` pass by this much belongs to whoever takes it: 30 s
/// after its last send.
pub const ADOPTION_MS: u64 = 20_000;
/// A retry waits at most this long, and so again for what the endpoint asks for.
pub const MAX_BACKOFF_MS: u64 = 300_000;

/// Events on their way.
#[derive(Debug, Default)]
pub struct Outbox {
    records: Vec<Record>,
    batches: u64,
    /// Failed deliveries in a row; it survives the page in the records' `tries`.
    failures: u64,
    /// Those of them without any answer while the browser was online.
    opaque: u64,
    /// How often batches were halved, because the endpoint took none of the full size.
    halvings: u32,
    not_before: UnixMillis,
    /// When records that other pages left may next be taken over.
    look: Option<UnixMillis>,
    /// Whether this page holds the lease, and when it may next ask for it.
    pub is_leased: bool,
    ask: UnixMillis,
    /// The page goes away: what waits goes now, whatever its turn.
    is_leaving: bool,
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
    /// Whether it is the first of that batch.
    is_first: bool,
    /// Whether storage holds it as it is.
    is_stored: bool,
}

/// A record as whoever inspects the page sees it; times in milliseconds since 1970.
#[cfg(feature = "typed")]
#[derive(serde::Serialize)]
pub struct Kept<'a> {
    id: &'a str,
    created: u64,
    due: u64,
    tries: u64,
    is_in_flight: bool,
    is_stored: bool,
    event: Value,
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
        self.add(now, due, 0, id, body);
        let mut bytes: usize = self.records.iter().map(|record| record.body.len()).sum();
        while self.records.len() > MAX_RECORDS || bytes > MAX_BYTES {
            let oldest = self.records.remove(0);
            bytes -= oldest.body.len();
            self.forget(&oldest.id, out);
            out.report("outbox_full", &oldest.id);
        }
    }

    #[inline(never)]
    fn add(&mut self, created: UnixMillis, due: UnixMillis, tries: u64, id: &str, body: String) {
        // The oldest stands first.
        let is_older = |record: &Record| record.created <= created;
        let at = self
            .records
            .iter()
            .rposition(is_older)
            .map_or(0, |at| at + 1);
        let record = Record {
            id: String::from(id),
            created,
            due,
            tries,
            body,
            batch: 0,
            is_first: false,
            is_stored: false,
        };
        self.records.insert(at, record);
    }

    /// Gives a waiting event its outcome and lets it go.
    ///
    /// One that was sent meanwhile, perhaps by another page that took it over, stays as it is: one
    /// id never carries two payloads.
    pub fn release(&mut self, now: UnixMillis, id: &str, outcome: &str) {
        let is_waiting = |record: &&mut Record| record.id == id && record.batch == 0;
        if let Some(record) = self.records.iter_mut().find(is_waiting) {
            if record.tries == 0 && now <= record.due.plus(ADOPTION_MS) {
                record.body = with_outcome(&record.body, outcome);
            }
            record.due = now;
            record.is_stored = false;
        }
    }

    /// Takes a waiting event back: it did not happen.
    pub fn withdraw(&mut self, id: &str, out: &mut Outputs) {
        self.records.retain(|record| record.id != id);
        self.forget(id, out);
    }

    /// Storage is about to tell anew what other pages keep in it.
    pub fn forget_others(&mut self) {
        self.look = None;
    }

    /// Takes a record as storage holds it. It is checked like any other input; what is no record
    /// of this source is removed and reported. Another page's is taken over under the lease,
    /// once that page has let it lie; until then only its word about the endpoint counts. Those of
    /// `former`, the nonce of a core of this page that trapped, are this page's own.
    pub fn restore(
        &mut self,
        now: UnixMillis,
        id: &str,
        text: &str,
        [source, former]: [&str; 2],
        out: &mut Outputs,
    ) {
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
            let due = due_of(now, UnixMillis(due));
            if tries > 0 && due > now {
                self.failures = self.failures.max(tries);
                self.not_before = self.not_before.max(due);
            }
            let nonce = event.member("data").and_then(|data| data.member("tracker"));
            let is_former = nonce.is_some_and(|tracker| tracker.text_of("nonce") == former);
            let free = due.plus(ADOPTION_MS);
            if let Some(at) = self.records.iter().position(|record| record.id == id) {
                // Whoever moved it on since has taken it over.
                if self.records.get(at).is_some_and(|own| own.due < due) {
                    self.records.remove(at);
                }
            } else if is_former || self.is_leased && free <= now {
                // As one that was tried, it goes under the lease even later, or when the page
                // goes away.
                self.add(
                    UnixMillis(created),
                    due,
                    tries.max(1),
                    id,
                    String::from(body),
                );
            } else {
                let sooner = self.look.map_or(free, |look| look.min(free));
                self.look = Some(sooner);
            }
            return;
        };
        out.remove_everywhere(&key_of(id));
        out.report(code, "outbox");
    }

    /// Stores what storage does not hold yet, and sends what is due, in as few batches as the
    /// limits allow; asks for the lease where that is needed, and gives it back.
    pub fn flush(&mut self, now: UnixMillis, send: What, url: &str, out: &mut Outputs) {
        self.not_before = due_of(now, self.not_before);
        self.ask = due_of(now, self.ask);
        self.look = self.look.map(|look| due_of(now, look));
        let (mut flights, mut weight) = (0, 0);
        let mut at = 0;
        while let Some(record) = self.records.get_mut(at) {
            record.due = due_of(now, record.due);
            // One never tried is no older than this page: the clock was wrong when it was made.
            if record.tries > 0 && record.created.plus(MAX_AGE_MS) < now {
                let expired = self.records.remove(at);
                self.forget(&expired.id, out);
                out.report("record_expired", "outbox");
                continue;
            }
            if record.batch != 0 && record.due <= now {
                // No answer ever came.
                record.batch = 0;
                record.tries = record.tries.max(1);
            }
            if record.batch != 0 {
                weight += record.body.len() + 2;
                flights += usize::from(record.is_first);
            }
            at += 1;
        }
        let may_retry = self.is_leased || self.is_leaving || !self.is_durable;
        let is_open = now >= self.not_before || self.is_leaving;
        let limit = MAX_FLIGHT_BYTES >> self.halvings.min(16);
        let mut is_waiting = self.look.is_some_and(|look| look <= now);
        while is_open && flights < MAX_FLIGHTS {
            let mut body = String::new();
            for record in &mut self.records {
                if record.batch != 0 || record.due > now {
                    continue;
                }
                if record.tries > 0 && !may_retry {
                    is_waiting = true;
                    continue;
                }
                let size = body.len() + record.body.len() + 2;
                if weight + size <= MAX_FLIGHT_BYTES && (body.is_empty() || size <= limit) {
                    record.is_first = body.is_empty();
                    body.push_str(if body.is_empty() { "[" } else { "," });
                    body.push_str(&record.body);
                    record.batch = self.batches + 1;
                    record.due = now.plus(IN_FLIGHT_MS);
                    record.is_stored = false;
                }
            }
            if body.is_empty() {
                break;
            }
            self.store(out);
            body.push_str("]");
            weight += body.len();
            flights += 1;
            self.batches += 1;
            out.push(send, self.batches, url, &body);
        }
        self.store(out);
        if self.is_leaving || flights == 0 {
            self.give_back(out);
        }
        let has_none = self.is_durable && !self.is_leased && !self.is_leaving;
        self.is_leaving = false;
        if is_waiting && is_open && has_none && now >= self.ask {
            self.ask = now.plus(IN_FLIGHT_MS);
            out.push(What::Lease, 0, "", "");
        }
    }

    fn store(&mut self, out: &mut Outputs) {
        for record in &mut self.records {
            if self.is_durable && !record.is_stored {
                record.is_stored = true;
                // A page that goes away gives up its claim: the next one need not wait for long.
                let early = if self.is_leaving { ADOPTION_MS } else { 0 };
                let text = record.to_text(early);
                out.push(What::Store(self.area), 0, &key_of(&record.id), &text);
            }
        }
    }

    /// Whether a record is neither in storage nor on its way.
    pub fn owes(&self) -> bool {
        let is_owed = |record: &Record| !record.is_stored && record.batch == 0;
        self.records.iter().any(is_owed)
    }

    /// The lease is this page's until it is given back.
    pub fn hold(&mut self) {
        self.is_leased = true;
        self.ask = UnixMillis::default();
    }

    /// Gives the lease back, if it is held.
    pub fn give_back(&mut self, out: &mut Outputs) {
        if self.is_leased {
            self.is_leased = false;
            out.push(What::Release, 0, "", "");
        }
    }

    /// Takes the endpoint's answer to a batch.
    ///
    /// 2xx: done. No answer, 408, 425, 429 and 5xx: later, after a random part of a growing
    /// time, and after the `retry_after` seconds that were asked for. 413, and a second time
    /// without any answer though `is_online`: in halves. Any other status is a refusal for good.
    pub fn settle(&mut self, now: UnixMillis, answer: &Answer, random: u64, out: &mut Outputs) {
        let Answer { batch, status, .. } = *answer;
        let is_of = |record: &&Record| batch != 0 && record.batch == batch;
        let count = self.records.iter().filter(is_of).count();
        // Given up meanwhile.
        if count == 0 {
            return;
        }
        let is_opaque = status == 0 && answer.is_online;
        let is_split = count > 1 && (status == 413 || is_opaque && self.opaque > 0);
        self.opaque = if is_opaque { self.opaque + 1 } else { 0 };
        let is_retryable = matches!(status, 0 | 408 | 425 | 429 | 500..);
        if is_split {
            self.halvings += 1;
        } else if !is_retryable {
            self.halvings = self.halvings.saturating_sub(1);
        }
        let mut due = now;
        if is_retryable {
            self.failures += 1;
            // Never more than six requests in ten minutes, and spread out when they end.
            let (floor, spread) = match self.failures {
                1 => (1_000, 8_000),
                2 => (8_000, 40_000),
                _ => (MAX_BACKOFF_MS / 2, MAX_BACKOFF_MS / 2),
            };
            let asked = answer.retry_after.min(MAX_BACKOFF_MS / 1000) * 1000;
            due = now.plus(asked.max(floor) + random % spread);
        } else {
            self.failures = 0;
        }
        self.not_before = due;
        let mut index = 0;
        while let Some(record) = self.records.get_mut(index) {
            index += 1;
            if record.batch != batch {
                // The endpoint answers: what failed before may go on.
                if !is_retryable && record.batch == 0 && record.tries > 0 {
                    record.due = now;
                    record.is_stored = false;
                }
            } else if is_retryable || is_split {
                record.batch = 0;
                record.tries = record.tries.max(self.failures);
                record.due = due;
                record.is_stored = false;
            } else {
                index -= 1;
                let settled = self.records.remove(index);
                self.forget(&settled.id, out);
                if status >= 300 {
                    let is_large = status == 413;
                    let code = if is_large {
                        "event_oversize"
                    } else {
                        "delivery_refused"
                    };
                    out.report(code, &settled.id);
                }
            }
        }
    }

    /// The network is back: what failed may go at once.
    pub fn retry_now(&mut self, now: UnixMillis) {
        self.hurry(now, u64::MAX);
        self.not_before = now;
    }

    /// The page goes away, perhaps for good: what has not failed twice goes once more.
    pub fn leave(&mut self, now: UnixMillis) {
        self.hurry(now, 2);
        self.is_leaving = true;
        for record in &mut self.records {
            record.is_stored &= record.batch == 0;
        }
    }

    fn hurry(&mut self, now: UnixMillis, tries: u64) {
        for record in &mut self.records {
            if record.batch == 0 && 0 < record.tries && record.tries < tries {
                record.due = now;
                // Else this page would believe that another had moved it on.
                record.is_stored = false;
            }
        }
    }

    /// Forgets everything without a trace; the caller wipes storage.
    pub fn clear(&mut self, out: &mut Outputs) {
        self.records.clear();
        self.look = None;
        self.is_durable = false;
        self.give_back(out);
    }

    /// When there will be something to do; what waits for an answer is not.
    pub fn next_due(&self, now: UnixMillis) -> Option<UnixMillis> {
        let turn = self.ask.max(self.not_before);
        let mut next = self
            .look
            .map(|look| look.max(turn))
            .filter(|due| *due > now);
        for record in &self.records {
            let due = match record.batch {
                0 if record.tries > 0 && self.is_durable => record.due.max(turn),
                0 => record.due.max(self.not_before),
                _ => record.due,
            };
            if due > now && next.is_none_or(|next| due < next) {
                next = Some(due);
            }
        }
        next
    }

    /// What is kept, the oldest first.
    #[cfg(feature = "typed")]
    pub fn kept(&self) -> impl Iterator<Item = Kept<'_>> {
        self.records.iter().map(|record| Kept {
            id: &record.id,
            created: record.created.0,
            due: record.due.0,
            tries: record.tries,
            is_in_flight: record.batch != 0,
            is_stored: record.is_stored,
            event: Value::parse(&record.body).unwrap_or(Value::Null),
        })
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
    fn to_text(&self, early: u64) -> String {
        concat(&[
            "1 ",
            &decimal(self.created.0),
            " ",
            &decimal(self.due.0.saturating_sub(early)),
            " ",
            &decimal(self.tries),
            "\n",
            &self.body,
        ])
    }
}

/// A moment to wait for; long past, when it is further off than any wait: the clock went back.
#[inline(never)]
fn due_of(now: UnixMillis, due: UnixMillis) -> UnixMillis {
    if due > now.plus(2 * MAX_BACKOFF_MS) {
        UnixMillis::default()
    } else {
        due
    }
}

fn key_of(id: &str) -> String {
    concat(&[OUTBOX_PREFIX, id])
}
