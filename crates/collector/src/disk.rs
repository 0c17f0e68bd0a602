//! The thread that waits for the disk: syncs the log, then tells what the writer has committed.
//!
//! One sync answers everything that was committed before it began. SQLite's `synchronous=FULL` does
//! the same within each commit, and the writer would stand still meanwhile.
//! A sync that failed may have lost pages that the next one passes over in silence: nothing is
//! answered as stored any more until the collector starts anew.

use std::fs::{File, OpenOptions};
use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use tokio::sync::{mpsc, watch};

use crate::error::{StartError, StoreError};
use crate::file::Anchor;
use crate::log;
use crate::metrics::Metrics;
use crate::thread;
use crate::writer::Progress;

/// What the writer has done, and who is to hear of it.
pub struct Done {
    /// How far the database has come with it.
    pub progress: Progress,
    pub written: Result<(), StoreError>,
    /// Of a group of elements: when its writing began, and how many they are.
    pub group: Option<(Instant, usize)>,
    pub tell: Box<dyn FnOnce(Result<(), StoreError>) + Send>,
}

/// Starts the thread; it ends when the writer's end of the queue is gone.
pub fn start(
    database: &Path,
    publish: watch::Sender<Progress>,
    fail: watch::Sender<Option<StoreError>>,
    metrics: Arc<Metrics>,
) -> Result<(mpsc::UnboundedSender<Done>, JoinHandle<()>), StartError> {
    let anchor = Anchor::of(database);
    let refuse = |cause| StartError::System {
        doing: "open the database's log",
        cause,
    };
    let log = OpenOptions::new().append(true).open(anchor.log());
    let disk = Disk {
        log: log.map_err(refuse)?,
        anchor,
        lost: None,
        publish,
        fail,
        metrics,
        told: None,
    };
    let (done, queue) = mpsc::unbounded_channel();
    let doing = "start the thread that waits for the disk";
    let thread = thread::start("touchmark-disk", doing, move || disk.run(queue))?;
    Ok((done, thread))
}

struct Disk {
    log: File,
    anchor: Anchor,
    /// Why a sync failed once.
    lost: Option<String>,
    publish: watch::Sender<Progress>,
    fail: watch::Sender<Option<StoreError>>,
    metrics: Arc<Metrics>,
    /// What was last printed of a failure, and when.
    told: Option<(&'static str, Instant)>,
}

impl Disk {
    fn run(mut self, mut queue: mpsc::UnboundedReceiver<Done>) {
        let mut all = Vec::new();
        while let Some(first) = queue.blocking_recv() {
            all.push(first);
            while let Ok(next) = queue.try_recv() {
                all.push(next);
            }
            let synced = self.sync();
            // Numbers that are taken stay taken, also in a file that is no longer in its place.
            let last = all.last().map(|one| one.progress);
            self.publish.send_replace(last.unwrap_or_default());
            for one in all.drain(..) {
                self.tell(one, &synced);
            }
        }
    }

    fn sync(&mut self) -> Result<(), StoreError> {
        if self.lost.is_none()
            && let Err(cause) = self.log.sync_data()
        {
            self.lost = Some(cause.to_string());
        }
        match &self.lost {
            Some(cause) => Err(StoreError::Unsynced(cause.clone())),
            None if self.anchor.holds() => Ok(()),
            None => Err(StoreError::Moved),
        }
    }

    fn tell(&mut self, done: Done, synced: &Result<(), StoreError>) {
        let result = done.written.and_then(|()| synced.clone());
        if let Some((begin, elements)) = done.group {
            match &result {
                Ok(()) => {
                    self.metrics.committed(begin.elapsed(), elements);
                    if self.told.take().is_some() {
                        self.fail.send_replace(None);
                        log::say(format_args!("storing again"));
                    }
                }
                Err(cause) => self.complain(cause),
            }
        }
        (done.tell)(result);
    }

    /// Says once why nothing can be stored, and again from time to time.
    fn complain(&mut self, cause: &StoreError) {
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
}

/// How often a failure that lasts is printed.
const TELL_EVERY: Duration = Duration::from_secs(30);

#[cfg(all(test, unix))]
mod tests {
    use std::os::fd::OwnedFd;
    use std::sync::mpsc::channel;

    use super::*;

    /// Whether two groups, one after the other, are told as stored.
    fn told(log: File) -> Vec<Result<(), &'static str>> {
        let disk = Disk {
            log,
            anchor: Anchor::of("".as_ref()),
            lost: None,
            publish: watch::channel(Progress::default()).0,
            fail: watch::channel(None).0,
            metrics: Arc::default(),
            told: None,
        };
        let (done, queue) = mpsc::unbounded_channel();
        let thread = std::thread::spawn(move || disk.run(queue));
        let told = (0..2).map(|_| {
            let (tell, told) = channel();
            let sent = done.send(Done {
                progress: Progress::default(),
                written: Ok(()),
                group: Some((Instant::now(), 1)),
                tell: Box::new(move |result| {
                    let _ = tell.send(result.map_err(|cause| cause.code()));
                }),
            });
            assert!(sent.is_ok());
            told.recv().expect("told")
        });
        let told = told.collect();
        drop(done);
        thread.join().expect("ends");
        told
    }

    #[test]
    fn what_the_disk_refuses_to_keep_is_not_told_as_stored() {
        // Nobody can sync a pipe.
        let (_reader, writer) = std::io::pipe().expect("a pipe");
        let refusing = File::from(OwnedFd::from(writer));
        assert_eq!(told(refusing), [Err("unsynced"), Err("unsynced")]);
        let taking = std::env::temp_dir().join(format!("touchmark-sync-{}", std::process::id()));
        let file = File::create(&taking).expect("a file");
        assert_eq!(told(file), [Ok(()), Ok(())]);
        std::fs::remove_file(&taking).expect("gone");
    }
}
