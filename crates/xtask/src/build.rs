//! `cargo xtask build`: everything that pages load, into pkg/.
//!
//! Wasm and glue (`wasm`), then the scripts (js/build.mjs bundles them), then the demo clinic's
//! plans (`touchmark plan build`). A step whose inputs are unchanged is skipped.

use std::fs::{self, File};
use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context as _, Result, ensure};

use crate::run::{self, say, seconds};
use crate::setup;
use crate::stamp::Stamp;
use crate::wasm::{self, Artefacts};

/// How the `touchmark` program is compiled.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Cli {
    /// With the tests: shares what `cargo test` compiled.
    Dev,
    Release,
}

/// The command: installs what is missing, then builds.
///
/// # Errors
/// When a tool is missing or fails; the message names the remedy.
pub fn run(stable: bool, pages_only: bool) -> Result<bool> {
    setup::rust()?;
    setup::node()?;
    if pages_only {
        let _alone = alone()?;
        pages(stable)?;
        return Ok(true);
    }
    all(stable, Cli::Release)?;
    Ok(true)
}

/// Builds pkg/ and returns the path of the `touchmark` program.
///
/// # Errors
/// When a tool fails; the message names the remedy.
pub fn all(stable: bool, cli: Cli) -> Result<PathBuf> {
    let start = Instant::now();
    let _alone = alone()?;
    pages(stable)?;
    let program = touchmark(cli)?;
    plans(&program)?;
    say(
        "build",
        format_args!("pkg/ is ready after {}", seconds(start.elapsed())),
    );
    Ok(program)
}

/// What browsers load: every core, and the scripts around them.
fn pages(stable: bool) -> Result<()> {
    let made = wasm::make(stable)?;
    let script = wasm::make_script()?;
    let full = wasm::make_full()?;
    let typed = wasm::make_typed()?;
    let also = Also {
        script: script.as_ref(),
        full: full.as_ref(),
        typed: typed.as_ref(),
    };
    scripts(&made, &also)
}

/// Waits until no other build of this checkout runs: they write the same files.
///
/// The lock ends with the file's handle, so a build that was killed leaves none behind.
fn alone() -> Result<File> {
    let path = run::scratch("stamps")?.join("lock");
    let file = File::create(&path).with_context(|| format!("can't write {}", path.display()))?;
    if file.try_lock().is_err() {
        say(
            "build",
            "another build of this checkout is running; waiting for it …",
        );
        file.lock()
            .with_context(|| format!("can't lock {}", path.display()))?;
    }
    Ok(file)
}

/// Compiles the `touchmark` program and returns its path.
///
/// # Errors
/// When cargo fails.
pub fn touchmark(cli: Cli) -> Result<PathBuf> {
    let mut cargo = run::cargo();
    cargo.args(["build", "--package", "touchmark-cli"]);
    let folder = match cli {
        Cli::Dev => "debug",
        Cli::Release => {
            cargo.arg("--release");
            "release"
        }
    };
    run::step(
        "build",
        "the touchmark program",
        &mut cargo,
        "mend what the compiler says",
    )?;
    let name = format!("touchmark{}", std::env::consts::EXE_SUFFIX);
    Ok(run::target_dir().join(folder).join(name))
}

/// Builds one source plan into the file that pages load.
///
/// # Errors
/// When the plan or the schema is refused; the program says where and why.
pub fn plan(program: &Path, source: &Path, built: &Path) -> Result<()> {
    if let Some(folder) = built.parent() {
        fs::create_dir_all(folder).with_context(|| format!("can't make {}", folder.display()))?;
    }
    run::capture(
        run::program(program)
            .args(["plan", "build"])
            .arg(source)
            .arg("--out")
            .arg(built),
        "mend the plan as the message says",
    )?;
    Ok(())
}

/// The cores beside the one that pages load; each needs Rust's sources.
struct Also<'a> {
    script: Option<&'a Artefacts>,
    full: Option<&'a Artefacts>,
    typed: Option<&'a Artefacts>,
}

fn scripts(made: &Artefacts, also: &Also<'_>) -> Result<()> {
    let root = run::root();
    let pkg = root.join("pkg");
    let mut outputs = [
        "touchmark.js",
        "touchmark.inline.js",
        "touchmark.mjs",
        "touchmark.inline.mjs",
        "touchmark.inline.cjs",
        "touchmark.wasm",
        "touchmark.forms.js",
        "stub.js",
        "size/kernel.js",
        "size/glue.js",
        "consent/several.js",
        "integrity.json",
    ]
    .map(|name| pkg.join(name))
    .to_vec();
    let mut stamp = Stamp::of("scripts")?
        .path(&root.join("js"))?
        .path(&root.join("package-lock.json"))?
        .path(&made.glue)?
        .path(&made.wasm)?;
    if let Some(script) = also.script {
        outputs.push(pkg.join("touchmark.wasm.mjs"));
        stamp = stamp.path(&script.glue)?.path(&script.wasm)?;
    }
    if let Some(full) = also.full {
        outputs.extend(["touchmark.full.js", "touchmark.full.wasm"].map(|name| pkg.join(name)));
        stamp = stamp.path(&full.glue)?.path(&full.wasm)?;
    }
    if let Some(typed) = also.typed {
        outputs.extend(
            ["touchmark.inspector.js", "touchmark.inspector.wasm"].map(|name| pkg.join(name)),
        );
        stamp = stamp.path(&typed.glue)?.path(&typed.wasm)?;
    }
    let seal = stamp.seal();
    if seal.fresh(&outputs) {
        say("build", "scripts: unchanged");
        return Ok(());
    }
    let size = pkg.join("size");
    fs::create_dir_all(&size).with_context(|| format!("can't make {}", size.display()))?;
    let mut node = run::program("node");
    node.arg("js/build.mjs")
        .arg("--glue")
        .arg(&made.glue)
        .arg("--wasm")
        .arg(&made.wasm)
        .arg("--out")
        .arg(&pkg);
    if let Some(script) = also.script {
        node.arg("--script").arg(&script.wasm);
        node.arg("--script-glue").arg(&script.glue);
    }
    if let Some(typed) = also.typed {
        node.arg("--inspector").arg(&typed.wasm);
        node.arg("--inspector-glue").arg(&typed.glue);
    }
    if let Some(full) = also.full {
        node.arg("--full").arg(&full.wasm);
        node.arg("--full-glue").arg(&full.glue);
    }
    run::step(
        "build",
        "scripts",
        &mut node,
        "mend what esbuild says; `cargo xtask setup` installs it",
    )?;
    fs::copy(&made.wasm, pkg.join("touchmark.wasm")).context("can't write pkg/touchmark.wasm")?;
    // The glue alone, only to be weighed.
    run::capture(
        // Not through node: after npm ran its install script this is a native program.
        run::program(root.join("node_modules/.bin/esbuild"))
            .arg(&made.glue)
            .args(["--minify", "--charset=utf8", "--format=esm"])
            .arg(format!("--outfile={}", size.join("glue.js").display())),
        "run `cargo xtask setup`",
    )?;
    for output in &outputs {
        ensure!(
            output.is_file(),
            "js/build.mjs did not write {}",
            output.display()
        );
    }
    seal.keep()
}

fn plans(program: &Path) -> Result<()> {
    let root = run::root();
    for name in ["plan", "plan.consent"] {
        let source = root.join(format!("www/{name}.json"));
        let built = root.join(format!("pkg/demo/{name}.json"));
        ensure!(
            source.is_file(),
            "{} is missing: restore it from git",
            source.display()
        );
        let seal = Stamp::of(name)?
            .built(program)?
            .path(&source)?
            .path(&root.join("spec"))?
            .seal();
        if seal.fresh(std::slice::from_ref(&built)) {
            say("build", format_args!("demo/{name}.json: unchanged"));
            continue;
        }
        plan(program, &source, &built)?;
        say("build", format_args!("demo/{name}.json"));
        seal.keep()?;
    }
    Ok(())
}
