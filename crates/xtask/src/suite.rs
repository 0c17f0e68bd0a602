//! The official JSON Schema test suite: obtained once, checked, and made into one file for tests.
//!
//! It is not in the repository. The source package of PyPI's jsonschema ships it, which pip
//! downloads from whatever index it is set up with; the hash is pinned. Used by `test`.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use flate2::read::GzDecoder;
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256};
use tar::Archive;

use crate::run;

/// The variable by which tests find the file.
pub const VARIABLE: &str = "TOUCHMARK_SUITE";

/// The file with the suite: `{"remotes": {URI: document}, "required" and "formats": {file: groups}}`.
///
/// # Errors
/// When it can't be downloaded, or is not the one that is pinned.
pub fn file() -> Result<PathBuf> {
    let folder = run::scratch("suite")?;
    let file = folder.join(format!("{PACKAGE}-{VERSION}.json"));
    if file.is_file() {
        return Ok(file);
    }
    let archive = folder.join(format!("{PACKAGE}-{VERSION}.tar.gz"));
    if !archive.is_file() {
        run::step(
            "test",
            "the JSON Schema test suite",
            run::program("python3")
                .args(["-m", "pip", "download", "--quiet", "--no-deps"])
                .args(["--no-binary", PACKAGE, "--dest"])
                .arg(&folder)
                .arg(format!("{PACKAGE}=={VERSION}")),
            "it needs Python 3 with pip, and a package index that pip can reach",
        )?;
    }
    let bytes = fs::read(&archive).with_context(|| format!("no {}", archive.display()))?;
    let digest: String = Sha256::digest(&bytes)
        .iter()
        .map(|byte| format!("{byte:02x}"))
        .collect();
    ensure!(
        digest == SHA256,
        "{} has the SHA-256 {digest}, not {SHA256}; remove it if it is broken",
        archive.display()
    );
    let suite = read(&bytes)?;
    let partial = file.with_extension("partial");
    fs::write(&partial, suite.to_string())?;
    fs::rename(&partial, &file)?;
    Ok(file)
}

fn read(bytes: &[u8]) -> Result<Value> {
    let (mut remotes, mut required, mut formats) = (Map::new(), Map::new(), Map::new());
    let mut archive = Archive::new(GzDecoder::new(bytes));
    for entry in archive.entries()? {
        let mut entry = entry?;
        let path = entry.path()?.into_owned();
        let mut parts = path.components();
        parts.next();
        let Ok(inside) = parts.as_path().strip_prefix("json").map(Path::to_owned) else {
            continue;
        };
        if inside.extension().is_none_or(|end| end != "json") {
            continue;
        }
        let name = |path: &Path| path.display().to_string();
        let mut add = |map: &mut Map<String, Value>, name: String| -> Result<()> {
            let mut text = String::new();
            entry.read_to_string(&mut text)?;
            // As text: what numbers and names look like is what is tested.
            map.insert(name, Value::String(text));
            Ok(())
        };
        if let Ok(remote) = inside.strip_prefix("remotes") {
            add(
                &mut remotes,
                format!("http://localhost:1234/{}", name(remote)),
            )?;
        } else if let Ok(format) = inside.strip_prefix("tests/draft2020-12/optional/format") {
            add(&mut formats, name(format))?;
        } else if let Ok(test) = inside.strip_prefix("tests/draft2020-12")
            && test.components().count() == 1
        {
            add(&mut required, name(test))?;
        }
    }
    ensure!(
        required.len() > 40,
        "the suite has only {} files",
        required.len()
    );
    Ok(json!({"remotes": remotes, "required": required, "formats": formats}))
}

const PACKAGE: &str = "jsonschema";
const VERSION: &str = "4.26.0";
const SHA256: &str = "0c26707e2efad8aa1bfc5b7ce170f3fccc2e4918ff85989ba9ffa9facb2be326";
