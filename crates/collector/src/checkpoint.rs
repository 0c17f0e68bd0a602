//! Brings the log into the database's file, beside the writing.
//!
//! SQLite begins the log anew once all of it is in the file. A thread brings over what there is while
//! the writer goes on; the writer itself then brings the little that came meanwhile, which nothing
//! can grow. Without the thread each 16 MiB of log held every sender up for tens of milliseconds.

use std::path::Path;
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread::JoinHandle;

use rusqlite::Connection;

use crate::error::StartError;
use crate::file;
use crate::thread;

/// The thread, as the writer sees it.
pub struct Checkpoints {
    ask: Sender<()>,
    done: Receiver<()>,
    thread: JoinHandle<()>,
    is_under_way: bool,
    /// About how long the log is.
    bytes: usize,
}

impl Checkpoints {
    /// Starts the thread, with a connection of its own.
    pub fn start(database: &Path) -> Result<Self, StartError> {
        let connection = file::open_beside(database).map_err(|cause| StartError::Database {
            path: database.into(),
            cause: cause.to_string(),
        })?;
        let (ask, asked) = channel();
        let (tell, done) = channel();
        let thread = thread::start("touchmark-log", "start the log's thread", move || {
            while asked.recv().is_ok() {
                // The second brings what came during the first.
                for _ in 0..2 {
                    bring(&connection);
                }
                if tell.send(()).is_err() {
                    break;
                }
            }
        })?;
        Ok(Self {
            ask,
            done,
            thread,
            is_under_way: false,
            bytes: 0,
        })
    }

    /// The writer has added so many bytes of events, and writes nothing now.
    pub fn look(&mut self, writer: &Connection, bytes: usize) {
        self.bytes += bytes;
        if self.is_under_way {
            if self.done.try_recv().is_ok() {
                bring(writer);
                (self.is_under_way, self.bytes) = (false, 0);
            }
        } else if self.bytes > LOG_BYTES {
            self.is_under_way = self.ask.send(()).is_ok();
        }
    }

    /// Ends the thread after what it is doing.
    pub fn end(self) {
        drop(self.ask);
        let _ = self.thread.join();
    }
}

/// As much as no reader needs to find where it is. What fails, also for want of room, is tried again
/// with the next: until then it is safe in the log.
fn bring(connection: &Connection) {
    let _ = connection.query_row("PRAGMA wal_checkpoint(PASSIVE)", [], |_| Ok(()));
}

/// Bytes of events after which the log is brought over; what is logged for them is about twice as much.
const LOG_BYTES: usize = 8 << 20;
