//! Tells whether a step's inputs changed since it last succeeded.
//!
//! A stamp is the SHA-256 over the names and bytes of the inputs, kept beside the build. Contents,
//! not times: a checkout touches files without changing them.

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result};
use sha2::{Digest as _, Sha256};

use crate::run;

/// The inputs of one step, being listed.
pub struct Stamp {
    file: PathBuf,
    hash: Sha256,
}

impl Stamp {
    /// Begins the stamp of the step `name`.
    ///
    /// # Errors
    /// When the folder of the stamps can't be made.
    pub fn of(name: &str) -> Result<Self> {
        Ok(Self {
            file: run::scratch("stamps")?.join(name),
            hash: Sha256::new(),
        })
    }

    /// Adds a setting, such as a flag or a version.
    pub fn text(mut self, text: &str) -> Self {
        self.part(text.as_bytes());
        self
    }

    /// Adds a file, or every file below a folder; a missing one counts as such.
    ///
    /// # Errors
    /// When a file that is there can't be read.
    pub fn path(mut self, path: &Path) -> Result<Self> {
        let mut files = Vec::new();
        list(path, &mut files)?;
        files.sort();
        self.part(path.as_os_str().as_encoded_bytes());
        for file in files {
            let bytes =
                fs::read(&file).with_context(|| format!("can't read {}", file.display()))?;
            self.part(file.as_os_str().as_encoded_bytes());
            self.part(&bytes);
        }
        Ok(self)
    }

    /// Adds a large file by its size and time of change, such as a program cargo built.
    ///
    /// # Errors
    /// When the file is missing.
    pub fn built(mut self, path: &Path) -> Result<Self> {
        let about = fs::metadata(path).with_context(|| format!("can't read {}", path.display()))?;
        self.part(format!("{}:{:?}", about.len(), about.modified().ok()).as_bytes());
        Ok(self)
    }

    /// Ends the list: the seal to compare and keep.
    pub fn seal(self) -> Seal {
        Seal {
            file: self.file,
            digest: hex(&self.hash.finalize()),
        }
    }

    fn part(&mut self, bytes: &[u8]) {
        // The length first, so that two neighbouring parts can't be read as one.
        self.hash.update(bytes.len().to_le_bytes());
        self.hash.update(bytes);
    }
}

/// The digest of a step's inputs.
pub struct Seal {
    file: PathBuf,
    digest: String,
}

impl Seal {
    /// Whether the step last succeeded with the same inputs, and its outputs are still there.
    pub fn fresh(&self, outputs: &[PathBuf]) -> bool {
        outputs.iter().all(|output| output.exists())
            && fs::read_to_string(&self.file).is_ok_and(|kept| kept == self.digest)
    }

    /// Keeps the digest: the step succeeded.
    ///
    /// # Errors
    /// When the stamp can't be written.
    pub fn keep(&self) -> Result<()> {
        fs::write(&self.file, &self.digest)
            .with_context(|| format!("can't write {}", self.file.display()))
    }
}

fn list(path: &Path, files: &mut Vec<PathBuf>) -> Result<()> {
    if path.is_file() {
        files.push(path.to_path_buf());
    } else if path.is_dir() {
        for entry in fs::read_dir(path).with_context(|| format!("can't list {}", path.display()))? {
            list(&entry?.path(), files)?;
        }
    }
    Ok(())
}

/// Bytes as lower-case hex digits.
pub fn hex(bytes: &[u8]) -> String {
    use std::fmt::Write as _;
    bytes.iter().fold(String::new(), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}
