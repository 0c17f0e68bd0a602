//! How many events a second each source may send: a bucket for each, filled by time.
//!
//! Asked by `ingest` before a request is stored; over the limit nothing of it is, and the sender
//! keeps it. Time is an argument.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};
use std::time::{Duration, Instant};

/// The buckets of all sources.
pub struct Rates {
    per_second: f64,
    begin: Instant,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    buckets: HashMap<String, Bucket>,
    /// When full buckets were last thrown away.
    swept: Duration,
}

struct Bucket {
    /// Events that may come now; below zero after a batch larger than what was left.
    left: f64,
    /// When `left` was right.
    at: Duration,
}

impl Rates {
    /// `per_second` events for each source; bursts up to [`BURST_SECONDS`] of that.
    pub fn new(per_second: u32, begin: Instant) -> Self {
        Self {
            per_second: f64::from(per_second.max(1)),
            begin,
            state: Mutex::default(),
        }
    }

    /// Takes what a request brings, the number of events of each source.
    ///
    /// A batch passes whole while its source has anything left, and the next ones wait the longer:
    /// so a batch of any size passes at some time.
    ///
    /// # Errors
    /// How long to wait; then nothing was taken.
    pub fn take(&self, brought: &HashMap<&str, u32>, now: Instant) -> Result<(), Duration> {
        let now = now.duration_since(self.begin);
        let mut state = self.state.lock().unwrap_or_else(PoisonError::into_inner);
        let State { buckets, swept } = &mut *state;
        if buckets.len() > MAX_SOURCES && now.saturating_sub(*swept) >= SWEEP_EVERY {
            // A full bucket is like none.
            buckets.retain(|_, bucket| self.filled(bucket, now) < self.per_second * BURST_SECONDS);
            *swept = now;
        }
        let mut wait = 0.0_f64;
        for source in brought.keys() {
            if let Some(bucket) = buckets.get(self.name(buckets, source)) {
                let left = self.filled(bucket, now);
                if left < 1.0 {
                    wait = wait.max((1.0 - left) / self.per_second);
                }
            }
        }
        if wait > 0.0 {
            return Err(Duration::from_secs_f64(wait.min(MAX_WAIT_SECONDS)));
        }
        for (source, count) in brought {
            let name = self.name(buckets, source).to_owned();
            let full = self.per_second * BURST_SECONDS;
            let bucket = buckets.entry(name).or_insert(Bucket {
                left: full,
                at: now,
            });
            bucket.left = self.filled(bucket, now) - f64::from(*count);
            bucket.at = now;
        }
        Ok(())
    }

    /// Sources past the bound share one bucket, so that made-up ones can't fill the memory.
    fn name<'a>(&self, buckets: &HashMap<String, Bucket>, source: &'a str) -> &'a str {
        if buckets.len() > MAX_SOURCES && !buckets.contains_key(source) {
            ""
        } else {
            source
        }
    }

    fn filled(&self, bucket: &Bucket, now: Duration) -> f64 {
        let since = now.saturating_sub(bucket.at).as_secs_f64();
        (bucket.left + since * self.per_second).min(self.per_second * BURST_SECONDS)
    }
}

const BURST_SECONDS: f64 = 10.0;
const MAX_SOURCES: usize = 10_000;
const SWEEP_EVERY: Duration = Duration::from_secs(1);
const MAX_WAIT_SECONDS: f64 = 60.0;

#[cfg(test)]
mod tests {
    use super::{Duration, HashMap, Instant, MAX_SOURCES, Rates};

    #[test]
    fn a_burst_passes_then_the_rate_holds_for_each_source() {
        let begin = Instant::now();
        let rates = Rates::new(10, begin);
        let one = |name, n| HashMap::from([(name, n)]);
        for _ in 0..100 {
            rates
                .take(&one("a", 1), begin)
                .expect("a burst of ten seconds");
        }
        let wait = rates.take(&one("a", 1), begin).expect_err("no more");
        assert_eq!(wait, Duration::from_millis(100));
        rates.take(&one("b", 1), begin).expect("another source");
        let both = HashMap::from([("a", 1), ("b", 1)]);
        rates.take(&both, begin).expect_err("one of them waits");
        rates
            .take(&one("a", 1), begin + wait)
            .expect("after the wait");
        // A batch of any size passes, and is paid for later.
        rates.take(&one("b", 5000), begin).expect("whole");
        rates
            .take(&one("b", 1), begin + Duration::from_secs(400))
            .expect_err("not yet");
        rates
            .take(&one("b", 1), begin + Duration::from_secs(500))
            .expect("paid");
    }

    #[test]
    fn made_up_sources_do_not_fill_the_memory() {
        let begin = Instant::now();
        let rates = Rates::new(1, begin);
        for n in 0..3 * MAX_SOURCES {
            let _ = rates.take(&HashMap::from([(n.to_string().as_str(), 1)]), begin);
        }
        let held = rates.state.lock().expect("held").buckets.len();
        assert!(held <= MAX_SOURCES + 2, "{held}");
        let later = begin + Duration::from_secs(60);
        rates
            .take(&HashMap::from([("late", 1)]), later)
            .expect("room again");
        assert!(rates.state.lock().expect("held").buckets.len() <= 2);
    }
}
