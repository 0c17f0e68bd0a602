//! `cargo xtask package`: everything that is published, from pkg/ and pkg-config/.
//!
//! - pkg/npm/ and its tarball pkg/touchmark-VERSION.tgz: scripts, modules, types, wasm, lazy parts,
//!   schemas, the Playwright fixture, integrity.json, csp.txt, the bill of materials
//! - pkg-config/gtm/template.tpl, committed, since Google's gallery reads it from the repository
//! - the crate: `cargo package`
//!
//! The package's steps: `files` chooses, `immutable` names by content, `policy` writes csp.txt,
//! `bill` the bill of materials, `gtm` joins the template. Not here: publishing.

mod bill;
mod files;
pub mod gtm;
mod immutable;
mod policy;

use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::build::{self, Cli};
use crate::run::{self, say};
use crate::setup;

/// The command: builds, packs, and checks that the crate is publishable.
///
/// # Errors
/// When something is missing or a tool refuses; the message names the remedy.
pub fn run() -> Result<bool> {
    setup::rust()?;
    setup::node()?;
    gtm::run(&run::root())?;
    build::all(false, Cli::Release)?;
    let tarball = npm()?;
    run::step(
        "package",
        "the crate",
        run::cargo().args(["package", "--package", "touchmark", "--allow-dirty"]),
        "mend what cargo says",
    )?;
    say(
        "package",
        format_args!(
            "ready: {}, target/package/touchmark-*.crate",
            shown(&tarball)
        ),
    );
    Ok(true)
}

/// Makes pkg/npm and its tarball from a finished build; returns the tarball.
///
/// # Errors
/// When a required file is missing or npm fails.
pub fn npm() -> Result<PathBuf> {
    let root = run::root();
    let (pkg, out) = (root.join("pkg"), root.join("pkg/npm"));
    if out.exists() {
        fs::remove_dir_all(&out).with_context(|| format!("can't clear {}", out.display()))?;
    }
    fs::create_dir_all(&out).with_context(|| format!("can't make {}", out.display()))?;
    let version = files::version(&root)?;
    let scripts = files::copy(&root, &pkg, &out, &version)?;
    run::step(
        "package",
        "the Playwright fixture",
        run::program("node")
            .arg("pkg-config/npm/build.mjs")
            .arg("--out")
            .arg(&out),
        "mend what esbuild or tsc says",
    )?;
    let sealed = immutable::write(&out, &scripts)?;
    immutable::manifest(&out, &version, &sealed)?;
    policy::write(&root, &out)?;
    bill::write(&out, &version)?;
    let tarball = pack(&pkg, &out)?;
    table(&out)?;
    Ok(tarball)
}

fn pack(pkg: &Path, out: &Path) -> Result<PathBuf> {
    let printed = run::capture(
        run::program("npm")
            .args(["pack", "--json", "--pack-destination"])
            .arg(pkg)
            .current_dir(out),
        "mend pkg-config/npm/package.json",
    )?;
    let told: Value =
        serde_json::from_str(&printed).context("`npm pack --json` printed no JSON")?;
    let Some(name) = told.pointer("/0/filename").and_then(Value::as_str) else {
        bail!("`npm pack --json` names no file: {printed}");
    };
    let tarball = pkg.join(name);
    say("package", format_args!("{} made", shown(&tarball)));
    Ok(tarball)
}

fn table(out: &Path) -> Result<()> {
    println!("\n{:<40} bytes", "pkg/npm");
    for name in files::list(out)? {
        println!("{name:<40} {:>8}", fs::metadata(out.join(&name))?.len());
    }
    println!("\n`cargo xtask size` tells them compressed.");
    Ok(())
}

/// A path as people type it in the repository's root.
fn shown(path: &Path) -> String {
    path.strip_prefix(run::root())
        .unwrap_or(path)
        .display()
        .to_string()
}
