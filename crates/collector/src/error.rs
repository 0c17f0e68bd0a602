//! What can keep a collector from starting, and what can keep it from storing.
//!
//! Each text says what to do about it: the reader is the person who typed the command.

use std::fmt;
use std::io;
use std::net::SocketAddr;
use std::path::PathBuf;

use rusqlite::ErrorCode;

use crate::keys::KeyError;

/// Why a collector did not start.
#[derive(Debug)]
#[non_exhaustive]
pub enum StartError {
    /// An address can't be listened on; `flag` is the option that sets it.
    Listen {
        address: SocketAddr,
        flag: &'static str,
        cause: io::Error,
    },
    /// The database's folder is not there.
    NoFolder { path: PathBuf, folder: PathBuf },
    /// The database can't be opened or written; `cause` has its own remedy.
    Database { path: PathBuf, cause: String },
    /// The file is a SQLite database, but another program's, or of a newer touchmark.
    ForeignDatabase { path: PathBuf, found: String },
    /// A schema can't be read or compiled; `name` is its path, or `built-in`.
    Schema { name: String, cause: String },
    /// The keys of other systems can't be read.
    Keys(KeyError),
    /// A receiver of forwarded events can't be used; `flag` is the option that names it.
    Forward { flag: &'static str, cause: String },
    /// The runtime or the operating system refused something basic.
    System {
        doing: &'static str,
        cause: io::Error,
    },
}

impl StartError {
    /// A stable name for the error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Listen { .. } => "listen",
            Self::NoFolder { .. } => "no_folder",
            Self::Database { .. } => "database",
            Self::ForeignDatabase { .. } => "foreign_database",
            Self::Schema { .. } => "schema",
            Self::Keys(cause) => cause.code(),
            Self::Forward { .. } => "forward",
            Self::System { .. } => "system",
        }
    }
}

impl fmt::Display for StartError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Listen {
                address,
                flag,
                cause,
            } if cause.kind() == io::ErrorKind::AddrInUse => {
                write!(
                    out,
                    "port {port} on {ip} is taken by another program: end that one, or choose \
                     another port with {flag} {ip}:<port> (0 takes any free one)",
                    port = address.port(),
                    ip = host(address),
                )
            }
            Self::Listen {
                address,
                flag,
                cause,
            } => write!(
                out,
                "can't listen on {address}: {cause}; choose another address with {flag}"
            ),
            Self::NoFolder { path, folder } => write!(
                out,
                "can't create the database {}: the folder {} does not exist; create it, or choose \
                 another file with --db",
                path.display(),
                folder.display()
            ),
            Self::Database { path, cause } => {
                write!(out, "can't use {} as the database: {cause}", path.display())
            }
            Self::ForeignDatabase { path, found } => write!(
                out,
                "{} {found}; it was left untouched: choose another file with --db",
                path.display()
            ),
            Self::Schema { name, cause } => write!(out, "can't use the schema {name}: {cause}"),
            Self::Keys(cause) => write!(out, "{cause}"),
            Self::Forward { flag, cause } => write!(out, "can't use {flag}: {cause}"),
            Self::System { doing, cause } => write!(out, "can't {doing}: {cause}"),
        }
    }
}

impl std::error::Error for StartError {}

/// Why a batch is not stored; the sender may try again.
#[derive(Debug, Clone)]
#[non_exhaustive]
pub enum StoreError {
    /// The disk is full, or the database has reached its bound.
    Full,
    /// Another program held the database for longer than the collector waits.
    Locked,
    /// The file's structure is broken.
    Corrupt(String),
    /// The file was deleted or replaced under the collector.
    Moved,
    /// The operating system refused to read or write; also a file that became read-only.
    Disk(String),
    /// The disk failed to keep what it had taken.
    Unsynced(String),
    /// SQLite refused for another reason.
    Database(String),
    /// The collector is shutting down.
    Closed,
}

impl StoreError {
    /// A stable name for the error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Full => "full",
            Self::Locked => "locked",
            Self::Corrupt(_) => "corrupt",
            Self::Moved => "moved",
            Self::Disk(_) => "disk",
            Self::Unsynced(_) => "unsynced",
            Self::Database(_) => "database",
            Self::Closed => "closed",
        }
    }
}

impl fmt::Display for StoreError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Full => write!(
                out,
                "the disk is full, or the database has reached --max-size; make room, or allow more"
            ),
            Self::Locked => write!(
                out,
                "another program keeps the database locked; end its transaction"
            ),
            Self::Corrupt(cause) => write!(
                out,
                "the database is corrupt ({cause}); stop the collector, move the file away with \
                 its -wal and -shm, and start anew; `sqlite3 FILE .recover` saves what can be read"
            ),
            Self::Moved => write!(
                out,
                "the database was deleted or replaced while it was open; start the collector anew"
            ),
            Self::Disk(cause) => write!(
                out,
                "the disk refuses ({cause}); see to it that the file and its folder are writable"
            ),
            Self::Unsynced(cause) => write!(
                out,
                "the disk failed to keep what was written ({cause}); look after the disk, then start \
                 the collector anew"
            ),
            Self::Database(cause) => write!(out, "the database refused: {cause}"),
            Self::Closed => write!(out, "the collector is shutting down"),
        }
    }
}

impl std::error::Error for StoreError {}

impl From<rusqlite::Error> for StoreError {
    fn from(cause: rusqlite::Error) -> Self {
        let text = cause.to_string();
        match cause.sqlite_error_code() {
            Some(ErrorCode::DiskFull) => Self::Full,
            Some(ErrorCode::DatabaseBusy | ErrorCode::DatabaseLocked) => Self::Locked,
            Some(ErrorCode::DatabaseCorrupt | ErrorCode::NotADatabase) => Self::Corrupt(text),
            Some(ErrorCode::SystemIoFailure | ErrorCode::ReadOnly | ErrorCode::CannotOpen) => {
                Self::Disk(text)
            }
            _ => Self::Database(text),
        }
    }
}

fn host(address: &SocketAddr) -> String {
    match address {
        SocketAddr::V4(address) => address.ip().to_string(),
        SocketAddr::V6(address) => format!("[{}]", address.ip()),
    }
}
