//! The one thread that writes: takes what requests bring and commits it in groups.
//!
//! Whoever waits is told by `disk`, once the log that holds the commit is synced: an answer means
//! stored. Meanwhile the next group is written, so the busier the collector, the larger its groups.
//! Not here: SQL (`store`), bringing the log into the file (`checkpoint`), HTTP.

use std::path::PathBuf;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::Instant;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{mpsc, oneshot, watch};

use crate::checkpoint::Checkpoints;
use crate::disk::{self, Done};
use crate::error::{StartError, StoreError};
use crate::judge::Judged;
use crate::metrics::Metrics;
use crate::store::{self, Acknowledged, Counts, Kept};
use crate::thread;

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
        let path: PathBuf = connection.path().unwrap_or_default().into();
        let refuse = |cause: rusqlite::Error| StartError::Database {
            path: path.clone(),
            cause: StoreError::from(cause).to_string(),
        };
        let first = progress(&connection).map_err(refuse)?;
        connection.execute_batch(UNSYNCED).map_err(refuse)?;
        // Bounded by what waiting requests may hold (`budget`).
        let (orders, queue) = mpsc::unbounded_channel();
        let (publish, progress) = watch::channel(first);
        let (fail, failing) = watch::channel(None);
        let (done, disk) = disk::start(&path, publish, fail, Arc::clone(&metrics))?;
        let work = Work {
            checkpoints: Checkpoints::start(&path)?,
            connection,
            queue,
            progress: first,
            done,
            metrics,
        };
        let doing = "start the writer's thread";
        let thread = thread::start("touchmark-writer", doing, move || work.run(disk))?;
        let writer = Self {
            orders,
            progress,
            failing,
        };
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
    queue: mpsc::UnboundedReceiver<Order>,
    /// After the last commit; published once the disk has it.
    progress: Progress,
    done: mpsc::UnboundedSender<Done>,
    checkpoints: Checkpoints,
    metrics: Arc<Metrics>,
}

impl Work {
    fn run(mut self, disk: JoinHandle<()>) -> Progress {
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
                Some(Order::Reset { session, answer }) => self.reset(session.as_deref(), answer),
                Some(Order::Acknowledge {
                    receiver,
                    at,
                    answer,
                }) => {
                    let written = store::acknowledge(&self.connection, &receiver, at);
                    self.hand_on(written.map_err(StoreError::from), None, move |stored| {
                        let _ = answer.send(stored);
                    });
                }
                Some(Order::Close) => break,
                Some(Order::Append { .. }) | None => {}
            }
        }
        // It tells everybody who still waits, then ends.
        drop(self.done);
        let _ = disk.join();
        self.checkpoints.end();
        // Everything is committed by now; this only tidies the log into the one file.
        let _ = self
            .connection
            .execute_batch("PRAGMA wal_checkpoint(TRUNCATE)");
        self.progress
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
        let (written, all) = match self.write(&group.requests) {
            Ok(all) => (Ok(()), all),
            Err(cause) => (Err(cause), vec![Stored::default(); group.requests.len()]),
        };
        let metrics = Arc::clone(&self.metrics);
        self.hand_on(written, Some((begin, group.elements)), move |result| {
            for ((_, answer), stored) in group.requests.into_iter().zip(all) {
                if result.is_ok() {
                    metrics.stored(&stored);
                }
                let _ = answer.send(result.clone().map(|()| stored));
            }
        });
        self.checkpoints.look(&self.connection, group.bytes);
    }

    /// Has somebody told, once the disk has what was written until now.
    fn hand_on(
        &self,
        written: Result<(), StoreError>,
        group: Option<(Instant, usize)>,
        tell: impl FnOnce(Result<(), StoreError>) + Send + 'static,
    ) {
        // It ends only after this thread.
        let _ = self.done.send(Done {
            progress: self.progress,
            written,
            group,
            tell: Box::new(tell),
        });
    }

    fn write(&mut self, requests: &[Request]) -> Result<Vec<Stored>, StoreError> {
        let immediate = TransactionBehavior::Immediate;
        let transaction = Transaction::new_unchecked(&self.connection, immediate)?;
        let mut progress = self.progress;
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
        self.progress = progress;
        Ok(all)
    }

    fn reset(
        &mut self,
        session: Option<&str>,
        answer: oneshot::Sender<Result<Progress, StoreError>>,
    ) {
        let cleared = store::clear(&self.connection, session, self.progress.seq);
        let cleared = cleared.and_then(|()| store::counts(&self.connection));
        let cleared = cleared.map_err(StoreError::from).map(|counts| {
            self.progress.counts = counts;
            self.progress.resets += 1;
        });
        let progress = self.progress;
        self.hand_on(cleared, None, move |stored| {
            let _ = answer.send(stored.map(|()| progress));
        });
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
    bytes: usize,
}

impl Group {
    fn add(&mut self, judged: Vec<Judged>, answer: oneshot::Sender<Result<Stored, StoreError>>) {
        self.elements += judged.len();
        self.bytes += judged.iter().map(Judged::bytes).sum::<usize>();
        self.requests.push((judged, answer));
    }
}

/// Elements after which a group is full.
const GROUP: usize = 4096;
/// A commit goes into the log and is not waited for: `disk` syncs it. Nor does a commit bring the
/// log into the file: `checkpoint` does. What a log needs to stay whole SQLite syncs all the same.
const UNSYNCED: &str = "PRAGMA synchronous = NORMAL; PRAGMA wal_autocheckpoint = 0;";
