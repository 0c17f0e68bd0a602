//! The one thread that writes: takes what requests bring, commits it in groups, then tells them.
//!
//! A request waits for the commit of its group, so an answer means stored. While one commit waits
//! for the disk the next group gathers: the busier the collector, the larger its groups.
//! Not here: SQL (`store`), HTTP.

use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::thread::JoinHandle;

use rusqlite::{Connection, Transaction, TransactionBehavior};
use tokio::sync::{mpsc, oneshot, watch};

use crate::error::{StartError, StoreError};
use crate::judge::Judged;
use crate::store::{self, Counts, Kept};

/// What one request's elements became; rejected ones are known before.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Stored {
    /// New events, bad ones included.
    pub stored: u64,
    pub duplicate: u64,
    /// How many of `stored` are bad.
    pub bad: u64,
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
    orders: mpsc::Sender<Order>,
    progress: watch::Receiver<Progress>,
    failing: Arc<AtomicBool>,
}

impl Writer {
    /// Starts the thread; joining it gives the database's last state.
    pub fn start(connection: Connection) -> Result<(Self, JoinHandle<Progress>), StartError> {
        let path = connection.path().unwrap_or_default().into();
        let first = progress(&connection).map_err(|cause| StartError::Database {
            path,
            cause: cause.to_string(),
        })?;
        let (orders, queue) = mpsc::channel(QUEUE);
        let (publish, progress) = watch::channel(first);
        let failing = Arc::new(AtomicBool::new(false));
        let writer = Self {
            orders,
            progress,
            failing: Arc::clone(&failing),
        };
        let work = Work {
            connection,
            queue,
            publish,
            failing,
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
        self.order(Order::Append { judged, answer }).await?;
        stored.await.map_err(|_| StoreError::Closed)?
    }

    /// Forgets everything that is stored.
    pub async fn reset(&self) -> Result<Progress, StoreError> {
        let (answer, done) = oneshot::channel();
        self.order(Order::Reset { answer }).await?;
        done.await.map_err(|_| StoreError::Closed)?
    }

    /// Ends the thread once everything ordered before is committed; later orders are refused.
    pub async fn close(&self) {
        // It fails only if the thread has ended already.
        let _ = self.order(Order::Close).await;
    }

    /// The state after the last commit.
    pub fn progress(&self) -> watch::Receiver<Progress> {
        self.progress.clone()
    }

    /// Whether the last commit failed.
    pub fn is_failing(&self) -> bool {
        self.failing.load(Ordering::Relaxed)
    }

    async fn order(&self, order: Order) -> Result<(), StoreError> {
        self.orders
            .send(order)
            .await
            .map_err(|_| StoreError::Closed)
    }
}

enum Order {
    Append {
        judged: Vec<Judged>,
        answer: oneshot::Sender<Result<Stored, StoreError>>,
    },
    Reset {
        answer: oneshot::Sender<Result<Progress, StoreError>>,
    },
    Close,
}

struct Work {
    connection: Connection,
    queue: mpsc::Receiver<Order>,
    publish: watch::Sender<Progress>,
    failing: Arc<AtomicBool>,
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
                Some(Order::Reset { answer }) => self.reset(answer),
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
    fn commit(&self, group: Group) {
        match self.write(&group.requests) {
            Ok((stored, progress)) => {
                self.failing.store(false, Ordering::Relaxed);
                self.publish.send_replace(progress);
                for ((_, answer), stored) in group.requests.into_iter().zip(stored) {
                    let _ = answer.send(Ok(stored));
                }
            }
            Err(cause) => {
                self.failing.store(true, Ordering::Relaxed);
                let cause = StoreError::from(cause);
                for (_, answer) in group.requests {
                    let _ = answer.send(Err(cause.clone()));
                }
            }
        }
    }

    fn write(&self, requests: &[Request]) -> rusqlite::Result<(Vec<Stored>, Progress)> {
        let immediate = TransactionBehavior::Immediate;
        let transaction = Transaction::new_unchecked(&self.connection, immediate)?;
        let mut progress = *self.publish.borrow();
        let mut all = Vec::with_capacity(requests.len());
        for (judged, _) in requests {
            let mut stored = Stored::default();
            for one in judged {
                put(&transaction, one, &mut stored, &mut progress.counts)?;
            }
            progress.stored += stored.stored;
            all.push(stored);
        }
        progress.seq = store::last_seq(&transaction)?.max(progress.seq);
        transaction.commit()?;
        Ok((all, progress))
    }

    fn reset(&self, answer: oneshot::Sender<Result<Progress, StoreError>>) {
        let cleared = store::clear(&self.connection).and_then(|()| store::counts(&self.connection));
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
    counts: &mut Counts,
) -> rusqlite::Result<()> {
    match judged {
        Judged::Rejected(rejected) => {
            store::put_rejected(connection, rejected)?;
            counts.rejected += 1;
        }
        Judged::Event(event) => match store::put(connection, event)? {
            Kept::Good => {
                stored.stored += 1;
                counts.good += 1;
            }
            Kept::Bad => {
                stored.stored += 1;
                stored.bad += 1;
                counts.bad += 1;
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

/// Requests that may wait; the next ones wait to wait.
const QUEUE: usize = 1024;
/// Elements after which a group is full.
const GROUP: usize = 4096;
