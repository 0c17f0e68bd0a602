//! `cargo xtask fuzz`: an hour for each target of fuzz/; a minute each under `cargo xtask test --all`.
//!
//! It needs a nightly toolchain, and says so; libFuzzer itself is built with the targets. The
//! flags are those of cargo-fuzz, which works on the same folder. The gate replays the corpus
//! natively. An input that fails is kept in fuzz/artifacts.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::Stdio;

use anyhow::{Context as _, Result, ensure};

use crate::counts::Counts;
use crate::report::Outcome;
use crate::run;

const TARGETS: [&str; 6] = ["query", "stored", "plan", "contract", "form", "body"];
const HOST: &str = "x86_64-unknown-linux-gnu";
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
     -Cllvm-args=-sanitizer-coverage-pc-table -Zsanitizer=address -Ccodegen-units=1";
/// What libFuzzer prints at its end, and what it stands before.
const EXECUTIONS: &str = "stat::number_of_executed_units:";

/// Fuzz the readers of what anybody may send: addresses, records, plans, contracts, pages, bodies
#[derive(Debug, clap::Args)]
pub struct FuzzArgs {
    /// Minutes for each target
    #[arg(long, default_value_t = 60)]
    minutes: u32,
    /// One target only
    #[arg(long, value_parser = TARGETS)]
    only: Option<String>,
}

/// The command; `false` when a target has found something.
///
/// # Errors
/// Without a nightly toolchain.
pub fn run(arguments: &FuzzArgs) -> Result<bool> {
    let only = arguments.only.as_deref();
    let wanted = |target: &&str| only.is_none_or(|only| only == *target);
    let counts = fuzz(
        TARGETS.iter().copied().filter(wanted),
        arguments.minutes * 60,
    )?;
    Ok(counts.failed == 0)
}

/// The gate's stage.
///
/// # Errors
/// Without a nightly toolchain.
pub fn a_minute_each() -> Result<Outcome> {
    Ok(Outcome::Ran(fuzz(TARGETS.iter().copied(), 60)?))
}

fn fuzz<'a>(targets: impl Iterator<Item = &'a str>, seconds: u32) -> Result<Counts> {
    let nightly = run::program("rustup")
        .args(["run", "nightly", "rustc", "--version"])
        .output()
        .context("fuzzing needs rustup")?;
    ensure!(
        nightly.status.success(),
        "fuzzing needs a nightly toolchain: `rustup toolchain install nightly --profile minimal`"
    );
    let mut counts = Counts::default();
    let mut rows = Vec::new();
    for target in targets {
        let (is_quiet, executions) = fuzz_one(target, seconds)?;
        if is_quiet {
            counts.passed += 1;
        } else {
            counts.failed += 1;
        }
        let verdict = if is_quiet {
            "no finding"
        } else {
            "FOUND: see fuzz/artifacts"
        };
        rows.push(format!("{target:<10}{executions:>14}  {verdict}"));
    }
    println!(
        "\n{:<10}{:>14}  in {seconds} s each",
        "target", "executions"
    );
    println!("{}", rows.join("\n"));
    Ok(counts)
}

/// Whether nothing was found, and how often the target ran.
fn fuzz_one(target: &str, seconds: u32) -> Result<(bool, String)> {
    let folder = run::root().join("fuzz");
    let found = folder.join("artifacts").join(target);
    // New inputs go beside the build; the committed corpus is only read.
    let grown = run::scratch("fuzz")?.join(target);
    for made in [&found, &grown] {
        make(made)?;
    }
    let mut cargo = run::program("rustup");
    cargo
        .args(["run", "nightly", "cargo", "run", "--release"])
        .args(["--target", HOST, "--bin", target, "--"])
        .arg(&grown)
        .arg(folder.join("corpus").join(target))
        .args((target == "form").then(|| run::root().join("www")))
        .arg(format!("-artifact_prefix={}/", found.display()))
        .arg(format!("-max_total_time={seconds}"))
        .args(["-max_len=4096", "-timeout=5", "-rss_limit_mb=1024"])
        .arg("-print_final_stats=1")
        .current_dir(&folder)
        .env("CARGO_TARGET_DIR", run::target_dir().join("fuzz"))
        .env("RUSTFLAGS", FLAGS)
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("RUSTUP_TOOLCHAIN");
    let mut child = cargo
        .stdin(Stdio::null())
        .stderr(Stdio::piped())
        .spawn()
        .context("fuzzing needs rustup")?;
    let mut executions = String::from("none");
    // libFuzzer tells everything there.
    if let Some(told) = child.stderr.take() {
        for line in BufReader::new(told).split(b'\n') {
            let line = line?;
            let line = String::from_utf8_lossy(&line);
            eprintln!("{line}");
            if let Some(count) = line.strip_prefix(EXECUTIONS) {
                count.trim().clone_into(&mut executions);
            }
        }
    }
    Ok((child.wait()?.success(), executions))
}

fn make(folder: &Path) -> Result<()> {
    fs::create_dir_all(folder).with_context(|| format!("can't make {}", folder.display()))
}
