//! The one thread that writes: takes what requests bring, commits it in groups, then tells them.
//!
//! A request waits for the commit of its group, so an answer means stored. While one commit waits
//! for the disk the next group gathers: the busier the collector, the larger its groups.
//! Not here: SQL (`store`), HTTP.

use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{mpsc, oneshot, watch};

use crate::error::{StartError, StoreError};
use crate::file::Anchor;
use crate::judge::Judged;
use crate::log;
use crate::metrics::Metrics;
use crate::store::{self, Acknowledged, Counts, Kept};

/// What one request's elements became.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stored {
    /// New events, bad ones included.
    pub stored: u64,
    pub duplicate: u64,
    /// How many of `stored` are bad.
    pub bad: u64,
    /// Elements that are no event, or not their sender's to send.
    pub rejected: u64,
}

/// How far the database has come; published after each commit.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Progress {
    /// The number of the newest event.
    pub seq: i64,
    pub counts: Counts,
    /// Events stored since the start.
    pub stored: u64,
    /// Rises with each reset.
    pub resets: u64,
}

/// A door to the writer; clones share it.
#[derive(Clone)]
pub struct Writer {
    orders: mpsc::UnboundedSender<Order>,
    progress: watch::Receiver<Progress>,
    failing: watch::Receiver<Option<StoreError>>,
}

impl Writer {
    /// Starts the thread; joining it gives the database's last state.
    pub fn start(
        connection: Connection,
        metrics: Arc<Metrics>,
    ) -> Result<(Self, JoinHandle<Progress>), StartError> {
        let path: std::path::PathBuf = connection.path().unwrap_or_default().into();
        let first = progress(&connection).map_err(|cause| StartError::Database {
            path: path.clone(),
            cause: StoreError::from(cause).to_string(),
        })?;
        // Bounded by what waiting requests may hold (`budget`).
        let (orders, queue) = mpsc::unbounded_channel();
        let (publish, progress) = watch::channel(first);
        let (fail, failing) = watch::channel(None);
        let writer = Self {
            orders,
            progress,
            failing,
        };
        let work = Work {
            anchor: Anchor::of(&path),
            connection,
            queue,
            publish,
            fail,
            metrics,
            told: None,
        };
        let thread = std::thread::Builder::new().name("touchmark-writer".into());
        let thread = thread
            .spawn(move || work.run())
            .map_err(|cause| StartError::System {
                doing: "start the writer's thread",
                cause,
            })?;
        Ok((writer, thread))
    }

    /// Stores what was judged, and returns once it is on the disk.
    pub async fn append(&self, judged: Vec<Judged>) -> Result<Stored, StoreError> {
        let (answer, stored) = oneshot::channel();
        self.order(Order::Append { judged, answer })?;
        stored.await.map_err(|_| StoreError::Closed)?
    }

    /// Forgets everything that is stored, or what one session brought.
    pub async fn reset(&self, session: Option<String>) -> Result<Progress, StoreError> {
        let (answer, done) = oneshot::channel();
        self.order(Order::Reset { session, answer })?;
        done.await.map_err(|_| StoreError::Closed)?
    }

    /// Writes down what a receiver has acknowledged.
    pub async fn acknowledge(&self, receiver: &str, at: Acknowledged) -> Result<(), StoreError> {
        let (answer, done) = oneshot::channel();
        let receiver = receiver.to_owned();
        self.order(Order::Acknowledge {
            receiver,
            at,
            answer,
        })?;
        done.await.map_err(|_| StoreError::Closed)?
    }

    /// Ends the thread once everything ordered before is committed; later orders are refused.
    pub fn close(&self) {
        // It fails only if the thread has ended already.
        let _ = self.order(Order::Close);
    }

    /// The state after the last commit.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }

    /// Why the last commit failed; `None` when it did not.
    pub fn failing(&self) -> Option<StoreError> {
        self.failing.borrow().clone()
    }

    fn order(&self, order: Order) -> Result<(), StoreError> {
        self.orders.send(order).map_err(|_| StoreError::Closed)
    }
}

enum Order {
    Append {
        judged: Vec<Judged>,
        answer: oneshot::Sender<Result<Stored, StoreError>>,
    },
    Reset {
        session: Option<String>,
        answer: oneshot::Sender<Result<Progress, StoreError>>,
    },
    Acknowledge {
        receiver: String,
        at: Acknowledged,
        answer: oneshot::Sender<Result<(), StoreError>>,
    },
    Close,
}

struct Work {
    connection: Connection,
    anchor: Anchor,
    queue: mpsc::UnboundedReceiver<Order>,
    publish: watch::Sender<Progress>,
    fail: watch::Sender<Option<StoreError>>,
    metrics: Arc<Metrics>,
    /// What was last printed of a failure, and when.
    told: Option<(&'static str, Instant)>,
}

impl Work {
    fn run(mut self) -> Progress {
        while let Some(order) = self.queue.blocking_recv() {
            let after = match order {
                Order::Append { judged, answer } => {
                    let mut group = Group::default();
                    group.add(judged, answer);
                    let after = self.gather(&mut group);
                    self.commit(group);
                    after
                }
                other => Some(other),
            };
            match after {
                Some(Order::Reset { session, answer }) => self.reset(session, answer),
                Some(Order::Acknowledge {
                    receiver,
                    at,
                    answer,
                }) => {
                    let done = store::acknowledge(&self.connection, &receiver, at);
                    let _ = answer.send(done.map_err(StoreError::from));
                }
                Some(Order::Close) => break,
                Some(Order::Append { .. }) | None => {}
            }
        }
        // Everything is committed by now; this only tidies the log into the one file.
        let _ = self
            .connection
            .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
        *self.publish.borrow()
    }

    /// Adds what waits already; an order of another kind ends the group, and is returned.
    fn gather(&mut self, group: &mut Group) -> Option<Order> {
        while group.elements < GROUP {
            match self.queue.try_recv() {
                Ok(Order::Append { judged, answer }) => group.add(judged, answer),
                Ok(other) => return Some(other),
                Err(_) => break,
            }
        }
        None
    }

    /// One transaction for the whole group: all of it is stored, or none and everybody hears so.
    fn commit(&mut self, group: Group) {
        let begin = Instant::now();
        let written = self.write(&group.requests).and_then(|(stored, progress)| {
            // Numbers that are taken stay taken, also in a file that is no longer in its place.
            self.publish.send_replace(progress);
            if self.anchor.holds() {
                Ok(stored)
            } else {
                Err(StoreError::Moved)
            }
        });
        match written {
            Ok(stored) => {
                self.metrics.committed(begin.elapsed(), group.elements);
                if self.told.take().is_some() {
                    self.fail.send_replace(None);
                    log::say(format_args!("storing again"));
                }
                for ((_, answer), stored) in group.requests.into_iter().zip(stored) {
                    self.metrics.stored(&stored);
                    let _ = answer.send(Ok(stored));
                }
            }
            Err(cause) => {
                self.tell(&cause);
                for (_, answer) in group.requests {
                    let _ = answer.send(Err(cause.clone()));
                }
            }
        }
    }

    /// Says once why nothing can be stored, and again from time to time.
    fn tell(&mut self, cause: &StoreError) {
        self.metrics.commit_failed();
        self.fail.send_replace(Some(cause.clone()));
        let again = self
            .told
            .is_none_or(|(code, at)| code != cause.code() || at.elapsed() > TELL_EVERY);
        if again {
            log::say(format_args!(
                "events not stored, senders keep them: {cause}"
            ));
            self.told = Some((cause.code(), Instant::now()));
        }
    }

    fn write(&self, requests: &[Request]) -> Result<(Vec<Stored>, Progress), StoreError> {
        let immediate = TransactionBehavior::Immediate;
        let transaction = Transaction::new_unchecked(&self.connection, immediate)?;
        let mut progress = *self.publish.borrow();
        let mut all = Vec::with_capacity(requests.len());
        for (judged, _) in requests {
            let mut stored = Stored::default();
            for one in judged {
                put(&transaction, one, &mut stored, &mut progress)?;
            }
            progress.stored += stored.stored;
            all.push(stored);
        }
        transaction.commit()?;
        Ok((all, progress))
    }

    fn reset(
        &self,
        session: Option<String>,
        answer: oneshot::Sender<Result<Progress, StoreError>>,
    ) {
        let last_seq = self.publish.borrow().seq;
        let cleared = store::clear(&self.connection, session.as_deref(), last_seq);
        let cleared = cleared.and_then(|()| store::counts(&self.connection));
        let _ = answer.send(cleared.map_err(StoreError::from).map(|counts| {
            self.publish.send_modify(|progress| {
                progress.counts = counts;
                progress.resets += 1;
            });
            *self.publish.borrow()
        }));
    }
}

fn put(
    connection: &Connection,
    judged: &Judged,
    stored: &mut Stored,
    progress: &mut Progress,
) -> rusqlite::Result<()> {
    let counts = &mut progress.counts;
    match judged {
        Judged::Rejected(rejected) => {
            store::put_rejected(connection, rejected)?;
            stored.rejected += 1;
            counts.rejected += 1;
        }
        Judged::Event(event) => match store::put(connection, event, progress.seq + 1)? {
            Kept::Good => {
                stored.stored += 1;
                counts.good += 1;
                progress.seq += 1;
            }
            Kept::Bad => {
                stored.stored += 1;
                stored.bad += 1;
                counts.bad += 1;
                progress.seq += 1;
            }
            Kept::Duplicate => {
                stored.duplicate += 1;
                counts.duplicate += 1;
            }
        },
    }
    Ok(())
}

fn progress(connection: &Connection) -> rusqlite::Result<Progress> {
    let (seq, counts) = (store::last_seq(connection)?, store::counts(connection)?);
    Ok(Progress {
        seq,
        counts,
        ..Progress::default()
    })
}

type Request = (Vec<Judged>, oneshot::Sender<Result<Stored, StoreError>>);

#[derive(Default)]
struct Group {
    requests: Vec<Request>,
    elements: usize,
}

impl Group {
    fn add(&mut self, judged: Vec<Judged>, answer: oneshot::Sender<Result<Stored, StoreError>>) {
        self.elements += judged.len();
        self.requests.push((judged, answer));
    }
}

/// Elements after which a group is full.
const GROUP: usize = 4096;
/// How often a failure that lasts is printed.
const TELL_EVERY: Duration = Duration::from_secs(30);
