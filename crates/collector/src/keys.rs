//! Keys of other systems: made once, shown once, kept as SHA-256 in a file.
//!
//! A key is 256 random bits, so a plain hash keeps it: there is nothing to guess. The file may be
//! changed while the collector runs; it is read again at the next request with a key.
//! Not here: what a key opens (`admit`).

use std::collections::HashMap;
use std::fmt;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::SystemTime;

use serde::{Deserialize, Serialize};
use touchmark::digest::sha256_hex;

use crate::{clock, log, token};

/// One key as the file keeps it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Key {
    /// The team's word for it, such as `crm`; unique in the file.
    pub name: String,
    /// SHA-256 of the key's text, in hex.
    pub sha256: String,
    /// The only `source` that its events may have.
    pub source: String,
    /// The only types that they may have, in full.
    pub types: Vec<String>,
    /// When it was made, RFC 3339.
    pub created: String,
}

/// The keys of one file.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Keys {
    pub keys: Vec<Key>,
}

/// Why a key file can't be used.
#[derive(Debug)]
#[non_exhaustive]
pub enum KeyError {
    /// It can't be read or written.
    File {
        path: PathBuf,
        cause: std::io::Error,
    },
    /// It is no key file; the text says where.
    Format { path: PathBuf, cause: String },
    /// A key of that name is there already.
    NameTaken(String),
    /// No key has that name.
    NoSuchName(String),
    /// The new key would open nothing, or too much.
    Empty(&'static str),
}

impl KeyError {
    /// A stable name for the error.
    pub fn code(&self) -> &'static str {
        match self {
            Self::File { .. } => "key_file",
            Self::Format { .. } => "key_format",
            Self::NameTaken(_) => "key_name_taken",
            Self::NoSuchName(_) => "key_unknown",
            Self::Empty(_) => "key_empty",
        }
    }
}

impl fmt::Display for KeyError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::File { path, cause } => write!(
                out,
                "can't use the key file {}: {cause}; make one with `touchmark key new --keys {}`",
                path.display(),
                path.display()
            ),
            Self::Format { path, cause } => write!(
                out,
                "{} is no key file: {cause}; `touchmark key new` writes one",
                path.display()
            ),
            Self::NameTaken(name) => write!(
                out,
                "there is a key {name} already; choose another --name, or revoke the old one with \
                 `touchmark key revoke {name}`"
            ),
            Self::NoSuchName(name) => write!(
                out,
                "there is no key {name}; `touchmark key list` shows which there are"
            ),
            Self::Empty(what) => write!(out, "a key needs {what}"),
        }
    }
}

impl std::error::Error for KeyError {}

impl Keys {
    /// Reads a key file.
    ///
    /// # Errors
    /// [`KeyError::File`], [`KeyError::Format`].
    pub fn read(path: &Path) -> Result<Self, KeyError> {
        let text = std::fs::read_to_string(path).map_err(|cause| KeyError::File {
            path: path.into(),
            cause,
        })?;
        let format = |cause: String| KeyError::Format {
            path: path.into(),
            cause,
        };
        let read: Self = serde_json::from_str(&text).map_err(|cause| format(cause.to_string()))?;
        for (at, key) in read.keys.iter().enumerate() {
            let is_hash = key.sha256.len() == 64
                && key
                    .sha256
                    .bytes()
                    .all(|byte| matches!(byte, b'0'..=b'9' | b'a'..=b'f'));
            if !is_hash {
                return Err(format(format!("/keys/{at}/sha256 is no SHA-256 in hex")));
            }
            key.check()
                .map_err(|cause| format(format!("/keys/{at}: {cause}")))?;
        }
        Ok(read)
    }

    /// Writes the file whole or not at all; only its owner may read it.
    ///
    /// # Errors
    /// [`KeyError::File`].
    pub fn write(&self, path: &Path) -> Result<(), KeyError> {
        let mut text = serde_json::to_string_pretty(self).unwrap_or_default();
        text.push('\n');
        let mut beside = path.as_os_str().to_owned();
        beside.push(".new");
        let write = || {
            let mut options = std::fs::OpenOptions::new();
            options.write(true).create(true).truncate(true);
            #[cfg(unix)]
            std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
            let mut file = options.open(&beside)?;
            file.write_all(text.as_bytes())?;
            file.sync_all()?;
            std::fs::rename(&beside, path)
        };
        write().map_err(|cause| KeyError::File {
            path: path.into(),
            cause,
        })
    }

    /// Adds a key; gives its text, which is kept nowhere.
    ///
    /// # Errors
    /// [`KeyError::NameTaken`], [`KeyError::Empty`].
    pub fn add(
        &mut self,
        name: &str,
        source: &str,
        types: Vec<String>,
    ) -> Result<String, KeyError> {
        if self.keys.iter().any(|key| key.name == name) {
            return Err(KeyError::NameTaken(name.to_owned()));
        }
        let text = format!("{PREFIX}{}{}", token::random(), token::random());
        let key = Key {
            name: name.to_owned(),
            sha256: sha256_hex(text.as_bytes()),
            source: source.to_owned(),
            types,
            created: clock::to_rfc3339(clock::now()),
        };
        key.check()?;
        self.keys.push(key);
        Ok(text)
    }

    /// Takes a key out.
    ///
    /// # Errors
    /// [`KeyError::NoSuchName`].
    pub fn revoke(&mut self, name: &str) -> Result<(), KeyError> {
        let before = self.keys.len();
        self.keys.retain(|key| key.name != name);
        if self.keys.len() == before {
            return Err(KeyError::NoSuchName(name.to_owned()));
        }
        Ok(())
    }
}

impl Key {
    fn check(&self) -> Result<(), KeyError> {
        if self.name.is_empty() || self.name.chars().any(char::is_control) {
            return Err(KeyError::Empty("a name without control characters"));
        }
        if self.source.is_empty() {
            return Err(KeyError::Empty("the source that its events have"));
        }
        if self.types.is_empty() {
            return Err(KeyError::Empty("at least one type of event"));
        }
        Ok(())
    }
}

/// What a key opens.
#[derive(Debug, PartialEq, Eq)]
pub struct Grant {
    source: String,
    types: Vec<String>,
}

impl Grant {
    /// A grant for a source and its types.
    #[cfg(test)]
    pub fn new(source: &str, types: &[&str]) -> Self {
        Self {
            source: source.to_owned(),
            types: types.iter().map(|&kind| kind.to_owned()).collect(),
        }
    }

    /// Whether the key is bound to this source and type.
    pub fn covers(&self, source: &str, kind: &str) -> bool {
        self.source == source && self.types.iter().any(|known| known == kind)
    }
}

/// The keys that open now.
pub struct Keyring {
    path: Option<PathBuf>,
    held: Mutex<Held>,
}

#[derive(Default)]
struct Held {
    stamp: Option<(SystemTime, u64)>,
    grants: HashMap<String, Arc<Grant>>,
}

impl Keyring {
    /// Reads the file; without one no key opens.
    ///
    /// # Errors
    /// [`KeyError::File`], [`KeyError::Format`].
    pub fn open(path: Option<PathBuf>) -> Result<Self, KeyError> {
        let mut held = Held::default();
        if let Some(path) = &path {
            held = Held {
                stamp: stamp(path),
                grants: grants(Keys::read(path)?),
            };
        }
        let held = Mutex::new(held);
        Ok(Self { path, held })
    }

    /// What this key opens; `None` when it is none of the file's.
    ///
    /// Found by its hash, so that the time of a look-up says nothing about a key.
    pub fn grant(&self, text: &str) -> Option<Arc<Grant>> {
        let mut held = self.held.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(path) = &self.path {
            let stamp = stamp(path);
            if stamp != held.stamp {
                held.stamp = stamp;
                match Keys::read(path) {
                    Ok(keys) => held.grants = grants(keys),
                    // Half a file, perhaps: the keys that held go on holding.
                    Err(cause) => {
                        log::say(format_args!("{cause}; the keys read before still hold"))
                    }
                }
            }
        }
        held.grants.get(&sha256_hex(text.as_bytes())).cloned()
    }
}

fn grants(keys: Keys) -> HashMap<String, Arc<Grant>> {
    let grant = |key: Key| {
        let Key {
            sha256,
            source,
            types,
            ..
        } = key;
        (sha256, Arc::new(Grant { source, types }))
    };
    keys.keys.into_iter().map(grant).collect()
}

fn stamp(path: &Path) -> Option<(SystemTime, u64)> {
    let found = std::fs::metadata(path).ok()?;
    Some((found.modified().ok()?, found.len()))
}

/// So that a key is known for one where it leaks.
const PREFIX: &str = "tmk_";
