//! `cargo xtask supply`: what others wrote and touchmark is made of, held against deny.toml and the
//! registries' own signatures.
//!
//! Each check runs even when an earlier one failed. What can't run, for want of a tool or of a way
//! to its database, is told with its remedy, and counts as failed. Not here: the list of what
//! the files are made of (`sbom`), equal builds (`repro`).

use anyhow::Result;

use crate::run::{self, say};

/// What is held against what. The fuzz targets go nowhere, so that nobody asks for their licences;
/// advisories come from a database that is fetched.
const CHECKS: [(&str, &str); 6] = [
    ("Cargo.toml", "licenses"),
    ("Cargo.toml", "bans"),
    ("Cargo.toml", "sources"),
    ("Cargo.toml", "advisories"),
    ("fuzz/Cargo.toml", "sources"),
    ("fuzz/Cargo.toml", "advisories"),
];

/// Runs every check; `false` when one found something or could not run.
///
/// # Errors
/// When a program can't be started for another reason than that it isn't there.
pub fn run() -> Result<bool> {
    let mut is_clean = true;
    let mut cargo = run::program("cargo");
    let has_deny = cargo.args(["deny", "--version"]).output();
    if has_deny.is_ok_and(|told| told.status.success()) {
        for (manifest, check) in CHECKS {
            let mut cargo = run::program("cargo");
            cargo.args(["deny", "--manifest-path", manifest]);
            cargo.args(["--config", "deny.toml", "check", check]);
            let is_good = cargo.current_dir(run::root()).status()?.success();
            told(&format!("{check} of {manifest}"), is_good);
            is_clean &= is_good;
        }
    } else {
        say(
            "supply",
            "NOT RUN: cargo-deny; `cargo install cargo-deny --locked`",
        );
        is_clean = false;
    }
    // A registry that has no keys may not answer at all.
    let mut npm = run::program("npm");
    npm.args(["audit", "signatures"]);
    npm.args(["--fetch-retries=0", "--fetch-timeout=20000"]);
    let is_good = npm.current_dir(run::root()).status()?.success();
    told("signatures of the npm packages", is_good);
    Ok(is_clean && is_good)
}

fn told(what: &str, is_good: bool) {
    let verdict = if is_good {
        "nothing found"
    } else {
        "FOUND, or NOT RUN: see above"
    };
    say("supply", format_args!("{what}: {verdict}"));
}
