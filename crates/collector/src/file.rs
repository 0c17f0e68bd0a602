//! The SQLite file: opening it, knowing whose it is, and bringing an older one up to date.
//!
//! Write-ahead log with `synchronous=FULL`; the writer's own commits are synced by `disk`.
//! Tables: `sql/tables.sql`; the canonical dataset: `sql/leads.sql`. Not here: what one write does
//! (`store`).

use std::path::{Path, PathBuf};
use std::time::Duration;

use rusqlite::functions::FunctionFlags;
use rusqlite::types::Value;
use rusqlite::{Connection, ErrorCode, OptionalExtension};

use crate::error::{StartError, StoreError};
use crate::store;

/// Opens the database for writing, makes its tables where they are missing, and looks whether it
/// is whole.
///
/// `max_bytes` bounds the file; past it nothing more is stored, and senders hear so.
pub fn open(path: &Path, max_bytes: Option<u64>) -> Result<Connection, StartError> {
    let folder = path
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty());
    if let Some(folder) = folder.filter(|folder| !folder.exists()) {
        return Err(StartError::NoFolder {
            path: path.into(),
            folder: folder.into(),
        });
    }
    let refuse = |cause: rusqlite::Error| {
        let cause = match cause.sqlite_error_code() {
            Some(ErrorCode::NotADatabase) => {
                "the file is not a database; choose another file with --db".into()
            }
            _ if path.is_dir() => "it is a folder; name a file in it with --db".into(),
            _ => StoreError::from(cause).to_string(),
        };
        StartError::Database {
            path: path.into(),
            cause,
        }
    };
    let connection = Connection::open(path).map_err(refuse)?;
    connection.busy_timeout(BUSY).map_err(refuse)?;
    let foreign = |found: String| StartError::ForeignDatabase {
        path: path.into(),
        found,
    };
    let owner = owner(&connection).map_err(refuse)?;
    match owner {
        Owner::Nobody | Owner::Touchmark(1..=FORMAT) => {}
        Owner::Other => return Err(foreign("is another program's database".into())),
        Owner::Touchmark(version) => {
            let found = format!("was written by a newer touchmark (format {version})");
            return Err(foreign(found));
        }
    }
    check(&connection, path).map_err(refuse)?;
    settle(&connection, &owner, max_bytes).map_err(refuse)?;
    Ok(connection)
}

/// Opens a second, reading connection to a file that [`open`] made.
pub fn open_reader(path: &Path) -> Result<Connection, StoreError> {
    let flags = rusqlite::OpenFlags::SQLITE_OPEN_READ_ONLY;
    let connection = Connection::open_with_flags(path, flags)?;
    connection.busy_timeout(BUSY)?;
    // A question that an index doesn't answer sorts in memory, never in the database's folder.
    connection.pragma_update(None, "temp_store", "MEMORY")?;
    Ok(connection)
}

/// Opens one more connection to it, for what is done beside the writing.
pub fn open_beside(path: &Path) -> Result<Connection, StoreError> {
    let connection = Connection::open(path)?;
    connection.busy_timeout(BUSY)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    Ok(connection)
}

/// Sees whether a path still leads to the file that was opened.
///
/// A file that somebody deletes or replaces goes on taking writes, which are gone at the end.
pub struct Anchor {
    path: PathBuf,
    log: PathBuf,
    opened: Option<Identity>,
}

impl Anchor {
    /// Remembers the file that stands at `path` now.
    pub fn of(path: &Path) -> Self {
        let mut log = path.as_os_str().to_owned();
        log.push("-wal");
        Self {
            path: path.into(),
            log: log.into(),
            opened: identity(path),
        }
    }

    /// The database's log.
    pub fn log(&self) -> &Path {
        &self.log
    }

    /// Whether the database and its log are still where they were.
    pub fn holds(&self) -> bool {
        self.opened.is_none() || identity(&self.path) == self.opened && self.log.exists()
    }
}

#[cfg(unix)]
fn identity(path: &Path) -> Option<Identity> {
    use std::os::unix::fs::MetadataExt;
    let found = std::fs::metadata(path).ok()?;
    Some((found.dev(), found.ino()))
}

/// Elsewhere an open file can't be deleted.
#[cfg(not(unix))]
fn identity(_: &Path) -> Option<Identity> {
    None
}

type Identity = (u64, u64);

/// Looks through the file's structure; a large one is trusted, since that would take long.
fn check(connection: &Connection, path: &Path) -> rusqlite::Result<()> {
    if std::fs::metadata(path).is_ok_and(|found| found.len() > CHECKED_BYTES) {
        return Ok(());
    }
    let word: String = connection.query_row("PRAGMA quick_check(1)", [], |row| row.get(0))?;
    if word == "ok" {
        return Ok(());
    }
    let corrupt = rusqlite::ffi::Error::new(rusqlite::ffi::SQLITE_CORRUPT);
    Err(rusqlite::Error::SqliteFailure(corrupt, None))
}

fn settle(connection: &Connection, owner: &Owner, max_bytes: Option<u64>) -> rusqlite::Result<()> {
    connection.execute_batch(SETTINGS)?;
    if let Some(bytes) = max_bytes {
        let page: i64 = connection.pragma_query_value(None, "page_size", |row| row.get(0))?;
        let pages = i64::try_from(bytes).unwrap_or(i64::MAX) / page.max(1);
        // SQLite answers with the bound that holds, which this does not need.
        connection.pragma_update_and_check(None, "max_page_count", pages.max(1), |_| Ok(()))?;
    }
    let steps: &[&str] = match owner {
        Owner::Nobody => &[TABLES, "INSERT INTO tally VALUES (0, 0);", MARKS],
        Owner::Touchmark(1) => &[FROM_1, TABLES, COPY_1, MARKS],
        Owner::Touchmark(2) => &[FROM_2, MARKS],
        _ => &[],
    };
    if matches!(owner, Owner::Touchmark(1 | 2)) {
        teach_identity(connection)?;
    }
    connection.execute_batch("BEGIN IMMEDIATE")?;
    for step in steps.iter().chain([&LEADS]) {
        connection.execute_batch(step)?;
    }
    connection.execute_batch("COMMIT")
}

/// Formats 1 and 2 had no identities: their rows get them in SQL.
fn teach_identity(connection: &Connection) -> rusqlite::Result<()> {
    connection.create_scalar_function(
        "touchmark_identity",
        2,
        FunctionFlags::SQLITE_UTF8 | FunctionFlags::SQLITE_DETERMINISTIC,
        |context| {
            let text = |at| context.get_raw(at).as_str().map_err(rusqlite::Error::from);
            Ok(store::identity(text(0)?, text(1)?))
        },
    )
}

enum Owner {
    Nobody,
    /// And the format's number.
    Touchmark(i64),
    Other,
}

fn owner(connection: &Connection) -> rusqlite::Result<Owner> {
    let pragma = |name: &str| connection.pragma_query_value(None, name, |row| row.get::<_, i64>(0));
    let (application, version) = (pragma("application_id")?, pragma("user_version")?);
    let table = "SELECT name FROM sqlite_schema LIMIT 1";
    let empty = connection
        .query_row(table, [], |row| row.get::<_, Value>(0))
        .optional()?
        .is_none();
    Ok(match (application, version) {
        (APPLICATION, version) => Owner::Touchmark(version),
        (0, 0) if empty => Owner::Nobody,
        _ => Owner::Other,
    })
}

/// `tmrk` in SQLite's header, so that another program's file is told from ours.
const APPLICATION: i64 = 0x746d_726b;
const FORMAT: i64 = 3;
const MARKS: &str = "PRAGMA application_id = 0x746d726b; PRAGMA user_version = 3;";
const BUSY: Duration = Duration::from_secs(5);
/// Files up to this are looked through at each start; that takes about a second.
const CHECKED_BYTES: u64 = 256 << 20;

/// Each event dirties a page of the table and, ids being random, one of the index: what is written
/// for it is mostly the rest of those pages, so they are small. Between checkpoints, every 16 MiB,
/// the index's pages are written once for many events. A file keeps the pages that it was made with.
///
/// The cache is small on purpose: a commit after a page split looks at all of it.
const SETTINGS: &str = "
PRAGMA page_size = 2048;
PRAGMA journal_mode = WAL;
PRAGMA synchronous = FULL;
PRAGMA wal_autocheckpoint = 8000;
PRAGMA temp_store = MEMORY;
PRAGMA cache_size = -8192;
";
const TABLES: &str = include_str!("sql/tables.sql");
const FROM_1: &str = include_str!("sql/from_1.sql");
const FROM_2: &str = include_str!("sql/from_2.sql");
const COPY_1: &str = include_str!("sql/copy_1.sql");
const LEADS: &str = include_str!("sql/leads.sql");
