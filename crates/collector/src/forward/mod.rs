//! Hands stored events on to other receivers, each in order and until it has acknowledged them.
//!
//! Good events only, as they were received, oldest first. How far a receiver is stands in the
//! database beside the events, so a restart goes on where it was; what was under way is sent
//! again under the same ids. A refused event is never skipped: what comes after it waits.
//! A new kind of receiver is one more file with a [`Receiver`].

mod file;
mod http;

use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};
use std::time::Duration;

use tokio::sync::watch;

pub use file::FileReceiver;
pub use http::HttpReceiver;

use crate::log;
use crate::read::Reader;
use crate::store::Acknowledged;
use crate::writer::Writer;

/// Something that takes events.
pub trait Receiver: Send + Sync {
    /// Names it for ever: by this its place is found again after a restart.
    fn name(&self) -> &str;

    /// Takes `events` in their order, and returns once it has them for good.
    ///
    /// `mark` is what it returned last time, 0 at first.
    fn deliver(&mut self, events: &[Outgoing], mark: i64) -> Delivery;
}

/// One event on its way.
pub struct Outgoing {
    pub seq: i64,
    /// JSON on one line, without its end.
    pub body: String,
}

/// How far a receiver came.
pub struct Delivery {
    /// How many of the events, from the first on, it has acknowledged.
    pub taken: usize,
    /// Its own note, kept beside its place.
    pub mark: i64,
    /// Why it did not take all.
    pub failure: Option<Failure>,
}

/// Why an event was not taken; it is tried again.
#[derive(Debug)]
pub struct Failure {
    pub cause: String,
    /// What the receiver asked for; else the wait doubles each time.
    pub wait: Option<Duration>,
}

impl fmt::Display for Failure {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&self.cause)
    }
}

/// How each receiver is doing; clones share it.
#[derive(Clone, Default)]
pub struct Receivers(Arc<Vec<Arc<Standing>>>);

struct Standing {
    name: String,
    seq: AtomicI64,
    failures: AtomicU64,
}

impl Receivers {
    /// Of each: its name, how many events it is behind `seq` at most, and its failures.
    pub fn standing(&self, seq: i64) -> Vec<(String, u64, u64)> {
        let one = |one: &Arc<Standing>| {
            let behind = seq.saturating_sub(one.seq.load(Ordering::Relaxed));
            let failures = one.failures.load(Ordering::Relaxed);
            (
                one.name.clone(),
                u64::try_from(behind).unwrap_or(0),
                failures,
            )
        };
        self.0.iter().map(one).collect()
    }
}

/// Starts a task for each receiver; they end when the collector stops.
pub fn start(
    receivers: Vec<Box<dyn Receiver>>,
    reader: &Reader,
    writer: &Writer,
    stopping: &watch::Receiver<bool>,
) -> (Receivers, Vec<tokio::task::JoinHandle<()>>) {
    let mut standings = Vec::new();
    let mut tasks = Vec::new();
    for receiver in receivers {
        let standing = Arc::new(Standing {
            name: log::plain(receiver.name()).replace(['"', '\\'], "?"),
            seq: AtomicI64::new(0),
            failures: AtomicU64::new(0),
        });
        standings.push(Arc::clone(&standing));
        let forward = Forward {
            receiver: Some(receiver),
            reader: reader.clone(),
            writer: writer.clone(),
            stopping: stopping.clone(),
            standing,
        };
        tasks.push(tokio::spawn(async move {
            forward.run().await;
        }));
    }
    (Receivers(Arc::new(standings)), tasks)
}

struct Forward {
    /// Away only while it delivers.
    receiver: Option<Box<dyn Receiver>>,
    reader: Reader,
    writer: Writer,
    stopping: watch::Receiver<bool>,
    standing: Arc<Standing>,
}

impl Forward {
    /// `None` once the collector stops.
    async fn run(mut self) -> Option<()> {
        let name = self.receiver.as_ref()?.name().to_owned();
        let mut progress = self.writer.progress();
        let mut waits = Waits::default();
        let mut at = loop {
            match self.reader.acknowledged(name.clone()).await {
                Ok(at) => break at,
                Err(cause) => self.fail(&mut waits, &cause.to_string(), None).await?,
            }
        };
        loop {
            // What is not yet on the disk nobody else may have.
            let newest = progress.borrow_and_update().seq;
            let events = match self.reader.outgoing(at.seq, newest, GROUP).await {
                Ok(events) => events,
                Err(cause) => {
                    self.fail(&mut waits, &cause.to_string(), None).await?;
                    continue;
                }
            };
            let Some(last) = events.len().checked_sub(1) else {
                self.standing.seq.store(newest, Ordering::Relaxed);
                tokio::select! {
                    changed = progress.changed() => changed.ok()?,
                    () = stopped(&self.stopping) => return None,
                }
                continue;
            };
            let (delivery, events) = self.deliver(events, at.mark).await?;
            let Delivery {
                taken,
                mark,
                failure,
            } = delivery;
            if let Some(event) = taken
                .checked_sub(1)
                .and_then(|taken| events.get(taken.min(last)))
            {
                let seq = event.seq;
                at = Acknowledged { seq, mark };
                self.standing.seq.store(seq, Ordering::Relaxed);
                waits = Waits::default();
                while let Err(cause) = self.writer.acknowledge(&name, at).await {
                    self.fail(&mut waits, &cause.to_string(), None).await?;
                }
            }
            if let Some(Failure { cause, wait }) = failure {
                self.fail(&mut waits, &cause, wait).await?;
            }
        }
    }

    async fn deliver(
        &mut self,
        events: Vec<Outgoing>,
        mark: i64,
    ) -> Option<(Delivery, Vec<Outgoing>)> {
        let mut receiver = self.receiver.take()?;
        let work = move || {
            let delivery = receiver.deliver(&events, mark);
            (receiver, delivery, events)
        };
        let working = tokio::task::spawn_blocking(work);
        let (receiver, delivery, events) = tokio::select! {
            done = working => done.ok()?,
            () = stopped(&self.stopping) => return None,
        };
        self.receiver = Some(receiver);
        Some((delivery, events))
    }

    /// Says what went wrong, and waits; `None` when the collector stops meanwhile.
    async fn fail(&self, waits: &mut Waits, cause: &str, wait: Option<Duration>) -> Option<()> {
        self.standing.failures.fetch_add(1, Ordering::Relaxed);
        let wait = wait
            .unwrap_or_else(|| waits.next())
            .clamp(FIRST_WAIT, LAST_WAIT);
        if waits.told.as_deref() != Some(cause) {
            let name = &self.standing.name;
            log::say(format_args!(
                "{name} takes no event: {cause}; they are kept, and tried again"
            ));
            waits.told = Some(cause.to_owned());
        }
        tokio::select! {
            () = tokio::time::sleep(wait) => Some(()),
            () = stopped(&self.stopping) => None,
        }
    }
}

/// Waits that double.
#[derive(Default)]
struct Waits {
    last: Option<Duration>,
    told: Option<String>,
}

impl Waits {
    fn next(&mut self) -> Duration {
        let wait = self
            .last
            .map_or(FIRST_WAIT, |last| (last * 2).min(LAST_WAIT));
        self.last = Some(wait);
        wait
    }
}

async fn stopped(stopping: &watch::Receiver<bool>) {
    let mut stopping = stopping.clone();
    let _ = stopping.wait_for(|stopping| *stopping).await;
}

const FIRST_WAIT: Duration = Duration::from_millis(250);
const LAST_WAIT: Duration = Duration::from_secs(60);
/// Events read at once; after so many a receiver's place is written down.
const GROUP: u32 = 64;
