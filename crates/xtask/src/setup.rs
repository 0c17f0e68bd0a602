//! `cargo xtask setup`: installs what is missing, and only that.
//!
//! Each check looks at a file or asks a program its version, so a second run takes well under a
//! second. Installing goes through each tool's ordinary client: rustup, npm, apt, Playwright.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use sha2::{Digest as _, Sha256};

use crate::browser::{self, Browser};
use crate::firefox;
use crate::run::{self, say};
use crate::stamp;

const NODE_AT_LEAST: u32 = 20;

/// What the other commands may count on.
pub struct Tools {
    pub browser: Browser,
}

/// Installs everything that any command needs.
///
/// # Errors
/// When something can neither be found nor installed; the message names the remedy.
pub fn everything() -> Result<()> {
    run()?;
    firefox::ensure()?;
    Ok(())
}

/// Installs what most commands need.
///
/// # Errors
/// When something can neither be found nor installed; the message names the remedy.
pub fn run() -> Result<Tools> {
    rust()?;
    node()?;
    let browser = browser::ensure()?;
    Ok(Tools { browser })
}

/// Installs the wasm target, and Rust's sources where that is possible.
///
/// # Errors
/// When the wasm target can neither be found nor added.
pub fn rust() -> Result<()> {
    let target = sysroot()?.join("lib/rustlib/wasm32-unknown-unknown");
    if target.is_dir() {
        say("setup", "wasm target      present");
    } else {
        run::step(
            "setup",
            "rustup target add wasm32-unknown-unknown",
            run::program("rustup").args(["target", "add", "wasm32-unknown-unknown"]),
            "install Rust by rustup (https://rustup.rs), or the wasm32 standard library of your distribution's Rust",
        )?;
    }
    if has_sources()? {
        say("setup", "Rust's sources   present");
        return Ok(());
    }
    let added = run::step(
        "setup",
        "rustup component add rust-src",
        run::program("rustup").args(["component", "add", "rust-src"]),
        "the smaller build needs it",
    );
    if let Err(reason) = added {
        say(
            "setup",
            format_args!(
                "Rust's sources   not to be had ({reason:#}); the plain stable build serves, about 1 kB larger"
            ),
        );
    }
    Ok(())
}

/// Whether the standard library's sources are there, which the smaller build compiles anew.
///
/// # Errors
/// When `rustc` is missing.
pub fn has_sources() -> Result<bool> {
    Ok(sysroot()?
        .join("lib/rustlib/src/rust/library/Cargo.lock")
        .is_file())
}

/// Checks Node and installs the npm packages that package-lock.json names.
///
/// # Errors
/// When Node is missing or too old, or npm fails.
pub fn node() -> Result<()> {
    const REMEDY: &str = "install Node 20 or newer: https://nodejs.org, or your system's package";
    let version = run::capture(run::program("node").arg("--version"), REMEDY)?;
    let version = version.trim();
    let major = version
        .trim_start_matches('v')
        .split('.')
        .next()
        .and_then(|digits| digits.parse::<u32>().ok())
        .with_context(|| format!("`node --version` said `{version}`; {REMEDY}"))?;
    if major < NODE_AT_LEAST {
        bail!("Node {version} is too old; {REMEDY}");
    }
    say("setup", format_args!("Node             {version}"));

    packages(&run::root())
}

/// Installs the npm packages that a folder's package-lock.json names, when it changed.
///
/// # Errors
/// When there is no lock file, or npm fails.
pub fn packages(folder: &Path) -> Result<()> {
    let lock = folder.join("package-lock.json");
    let wanted = fs::read(&lock)
        .with_context(|| format!("can't read {}: restore it from git", lock.display()))?;
    let wanted = stamp::hex(&Sha256::digest(&wanted));
    let kept = folder.join("node_modules/.touchmark-lock");
    if fs::read_to_string(&kept).is_ok_and(|hash| hash == wanted) {
        say("setup", "npm packages     present");
        return Ok(());
    }
    run::step(
        "setup",
        "npm ci",
        run::program("npm")
            .arg("ci")
            .current_dir(folder)
            // The browser is found or installed by its own step.
            .env("PLAYWRIGHT_SKIP_BROWSER_DOWNLOAD", "1"),
        "check the network, and `npm config get registry`",
    )?;
    fs::write(&kept, wanted).with_context(|| format!("can't write {}", kept.display()))
}

/// A program on the PATH.
pub fn on_path(name: &str) -> Option<PathBuf> {
    env::split_paths(&env::var_os("PATH")?)
        .map(|folder| folder.join(name))
        .find(|file| file.is_file())
}

/// Where the toolchain in use keeps its libraries.
///
/// # Errors
/// When `rustc` is missing.
pub fn sysroot() -> Result<PathBuf> {
    let printed = run::capture(
        run::program("rustc").args(["--print", "sysroot"]),
        "install Rust by rustup: https://rustup.rs",
    )?;
    Ok(Path::new(printed.trim()).to_path_buf())
}
