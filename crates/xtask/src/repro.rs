//! `cargo xtask repro`: whether the same commit gives the same bytes wherever it is built.
//!
//! Two fresh copies of the commit in folders of different names and depths, each built from
//! nothing, then the SHA-384 of every file that pages load. Uncommitted changes are not in it.

use std::collections::BTreeMap;
use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail, ensure};
use sha2::{Digest as _, Sha384};

use crate::run;
use crate::stamp;

/// Builds twice and compares; `false` when a file differs.
///
/// # Errors
/// When git or a build fails.
pub fn run() -> Result<bool> {
    let scratch = run::scratch("repro")?;
    let mut made = Vec::new();
    for name in ["a", "another/folder with a longer name"] {
        let folder = scratch.join(name);
        copy(&folder)?;
        build(&folder)?;
        made.push(hashes(&folder.join("pkg"))?);
        fs::remove_dir_all(&folder)
            .with_context(|| format!("can't remove {}", folder.display()))?;
    }
    let [first, second] = made.as_slice() else {
        bail!("two builds were asked for");
    };
    ensure!(
        first.contains_key("touchmark.wasm"),
        "the build made no touchmark.wasm"
    );
    let mut is_equal = first.len() == second.len();
    for (file, hash) in first {
        let verdict = if second.get(file) == Some(hash) {
            "equal"
        } else {
            is_equal = false;
            "DIFFERS"
        };
        println!("{verdict:<8} {file:<28} sha384 {hash}");
    }
    Ok(is_equal)
}

/// The commit's files, and the npm packages of this checkout: they come by the lock file's hashes.
fn copy(folder: &Path) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder).with_context(|| format!("can't remove {}", folder.display()))?;
    }
    fs::create_dir_all(folder).with_context(|| format!("can't make {}", folder.display()))?;
    let archive = folder.join("commit.tar");
    run::capture(
        run::program("git")
            .current_dir(run::root())
            .args(["archive", "--output"])
            .arg(&archive)
            .arg("HEAD"),
        "run it in a git checkout",
    )?;
    run::capture(
        run::program("tar")
            .arg("-xf")
            .arg(&archive)
            .arg("-C")
            .arg(folder),
        "install tar",
    )?;
    let packages = folder.join("node_modules");
    run::capture(
        run::program("cp")
            .arg("-r")
            .arg(run::root().join("node_modules"))
            .arg(&packages),
        "run `cargo xtask setup`",
    )?;
    Ok(())
}

/// This very program, told that the copy is its root.
fn build(folder: &Path) -> Result<()> {
    let program = env::current_exe().context("can't tell where this program is")?;
    run::step(
        "repro",
        &folder.display().to_string(),
        run::program(&program)
            .args(["build", "--pages-only"])
            .current_dir(folder)
            .env("CARGO_MANIFEST_DIR", folder.join("crates/xtask"))
            .env_remove("CARGO_TARGET_DIR"),
        "mend what the build says",
    )
}

fn hashes(pkg: &Path) -> Result<BTreeMap<String, String>> {
    let mut files = BTreeMap::new();
    let mut folders = vec![PathBuf::new()];
    while let Some(folder) = folders.pop() {
        let place = pkg.join(&folder);
        for entry in
            fs::read_dir(&place).with_context(|| format!("can't list {}", place.display()))?
        {
            let name = folder.join(entry?.file_name());
            let path = pkg.join(&name);
            if path.is_dir() {
                folders.push(name);
            } else {
                let bytes =
                    fs::read(&path).with_context(|| format!("can't read {}", path.display()))?;
                let hash = stamp::hex(&Sha384::digest(&bytes));
                files.insert(name.display().to_string(), hash);
            }
        }
    }
    Ok(files)
}
