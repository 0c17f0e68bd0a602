//! Fuzzing, for `cargo xtask test --all`: a minute for each target of fuzz/, from its corpus.
//!
//! It needs a nightly toolchain, and says so; libFuzzer itself is built with the targets. The
//! flags are those of cargo-fuzz, which works on the same folder. The gate replays the corpus in
//! tests/native/touches.rs. An input that fails is kept in fuzz/artifacts.

use anyhow::{Context as _, Result, ensure};

use crate::counts::Counts;
use crate::report::Outcome;
use crate::run;

const TARGETS: [&str; 2] = ["query", "stored"];
const SECONDS: u32 = 60;
const HOST: &str = "x86_64-unknown-linux-gnu";
const FLAGS: &str = "--cfg fuzzing -Cpasses=sancov-module -Cllvm-args=-sanitizer-coverage-level=4 \
     -Cllvm-args=-sanitizer-coverage-inline-8bit-counters \
     -Cllvm-args=-sanitizer-coverage-pc-table -Zsanitizer=address -Ccodegen-units=1";

/// Runs every target for a while.
///
/// # Errors
/// Without a nightly toolchain, and when a target finds something.
pub fn run() -> Result<Outcome> {
    let nightly = run::program("rustup")
        .args(["run", "nightly", "rustc", "--version"])
        .output()
        .context("fuzzing needs rustup")?;
    ensure!(
        nightly.status.success(),
        "fuzzing needs a nightly toolchain: `rustup toolchain install nightly --profile minimal`"
    );
    let folder = run::root().join("fuzz");
    let mut counts = Counts::default();
    for target in TARGETS {
        let found = run::root().join("fuzz/artifacts").join(target);
        std::fs::create_dir_all(&found)?;
        // New inputs go beside the build; the committed corpus is only read.
        let grown = run::scratch("fuzz")?.join(target);
        std::fs::create_dir_all(&grown)?;
        let mut cargo = run::program("rustup");
        cargo
            .args([
                "run",
                "nightly",
                "cargo",
                "run",
                "--release",
                "--target",
                HOST,
            ])
            .args(["--bin", target, "--"])
            .arg(&grown)
            .arg(folder.join("corpus").join(target))
            .arg(format!("-artifact_prefix={}/", found.display()))
            .arg(format!("-max_total_time={SECONDS}"))
            .args([
                "-max_len=4096",
                "-timeout=5",
                "-rss_limit_mb=1024",
                "-print_final_stats=1",
            ])
            .current_dir(&folder)
            .env("CARGO_TARGET_DIR", run::target_dir().join("fuzz"))
            .env("RUSTFLAGS", FLAGS)
            .env_remove("CARGO_ENCODED_RUSTFLAGS")
            .env_remove("RUSTUP_TOOLCHAIN");
        let (status, _) = run::tee(&mut cargo, "see what the target printed")?;
        if status.success() {
            counts.passed += 1;
        } else {
            counts.failed += 1;
        }
    }
    Ok(Outcome::Ran(counts))
}
