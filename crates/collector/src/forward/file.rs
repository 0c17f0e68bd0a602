//! Appends events to a file, one JSON object a line, each exactly once.
//!
//! Synced before it is acknowledged. The length that was acknowledged is the receiver's mark: what
//! stands behind it after a crash is compared with what would be written, and not written twice.

use std::collections::VecDeque;
use std::fs::{File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::{Delivery, Failure, Outgoing, Receiver};

/// A receiver that is a file.
pub struct FileReceiver {
    path: PathBuf,
    name: String,
    /// Whether what stands behind the mark was looked at.
    looked: bool,
    /// Whole lines behind the mark, from before a crash.
    written: VecDeque<Vec<u8>>,
}

impl FileReceiver {
    /// Appends to `path`, which is made when it is missing.
    ///
    /// # Errors
    /// When it can't be opened for writing.
    pub fn new(path: &Path) -> io::Result<Self> {
        open(path)?;
        // A relative path must mean the same file after a restart elsewhere.
        let path = path.canonicalize()?;
        Ok(Self {
            name: format!("file:{}", path.display()),
            path,
            looked: false,
            written: VecDeque::new(),
        })
    }

    fn append(&mut self, events: &[Outgoing], mark: u64) -> io::Result<u64> {
        let mut file = open(&self.path)?;
        let mut mark = mark;
        let length = file.metadata()?.len();
        if length < mark {
            // Another file, or a shorter one: it was rotated away.
            (mark, self.looked) = (length, true);
            self.written.clear();
        }
        if !self.looked {
            self.written = lines(&mut file, mark)?;
            self.looked = true;
        }
        let known: u64 = self.written.iter().map(|line| line.len() as u64 + 1).sum();
        if length > mark + known {
            // Half a line: from a crash, or a disk that was full.
            file.set_len(mark + known)?;
        }
        let mut out = Vec::new();
        for event in events {
            match self.written.pop_front() {
                Some(line) if line == event.body.as_bytes() && out.is_empty() => {
                    mark += line.len() as u64 + 1;
                }
                Some(line) => {
                    // Somebody else's lines; ours come after them.
                    let theirs = std::iter::once(line).chain(self.written.drain(..));
                    mark += theirs.map(|line| line.len() as u64 + 1).sum::<u64>();
                    push(&mut out, event);
                }
                None => push(&mut out, event),
            }
        }
        if !out.is_empty() {
            file.seek(SeekFrom::Start(mark))?;
            file.write_all(&out)?;
        }
        file.sync_data()?;
        Ok(mark + out.len() as u64)
    }
}

impl Receiver for FileReceiver {
    fn name(&self) -> &str {
        &self.name
    }

    fn deliver(&mut self, events: &[Outgoing], mark: i64) -> Delivery {
        match self.append(events, u64::try_from(mark).unwrap_or(0)) {
            Ok(length) => Delivery {
                taken: events.len(),
                mark: i64::try_from(length).unwrap_or(i64::MAX),
                failure: None,
            },
            Err(cause) => {
                // What was written of it is found, and cut, at the next try.
                self.looked = false;
                let cause = cause.to_string();
                Delivery {
                    taken: 0,
                    mark,
                    failure: Some(Failure { cause, wait: None }),
                }
            }
        }
    }
}

fn open(path: &Path) -> io::Result<File> {
    OpenOptions::new()
        .read(true)
        .write(true)
        .create(true)
        .truncate(false)
        .open(path)
}

/// The whole lines from `mark` on.
fn lines(file: &mut File, mark: u64) -> io::Result<VecDeque<Vec<u8>>> {
    file.seek(SeekFrom::Start(mark))?;
    let mut text = Vec::new();
    file.read_to_end(&mut text)?;
    let Some(end) = text.iter().rposition(|byte| *byte == b'\n') else {
        return Ok(VecDeque::new());
    };
    let lines = text[..end].split(|byte| *byte == b'\n');
    Ok(lines.map(<[u8]>::to_vec).collect())
}

fn push(out: &mut Vec<u8>, event: &Outgoing) {
    out.extend_from_slice(event.body.as_bytes());
    out.push(b'\n');
}
