//! `cargo xtask bench`: what touchmark costs, beside DESIGN's budgets. It reports and never fails
//! past one, since machines differ.
//!
//! The core natively (benches/submission.rs), then in a real browser (tests/bench/page.mjs): the
//! same submission in the production wasm, and the clinic's landing page without touchmark and
//! with each of its two forms. The build is copied first, so that another one beside changes nothing.

use std::fs;
use std::path::PathBuf;

use anyhow::{Context as _, Result};

use crate::build::{self, Cli};
use crate::run::{self, say};
use crate::setup;

const PAGE: &str = "tests/bench/page.mjs";

/// Measures the core natively, and the production build in a browser.
#[derive(clap::Args)]
pub struct BenchArgs {
    /// Loads of each page in each setting
    #[arg(long, default_value_t = 15)]
    loads: u32,
}

/// Builds what is missing, measures, prints.
///
/// # Errors
/// When something can't be built or measured; the message names the remedy.
pub fn run(arguments: &BenchArgs) -> Result<()> {
    let tools = setup::run()?;
    build::all(false, Cli::Release)?;
    let package = package()?;
    run::step(
        "bench",
        "natively",
        run::cargo().args(["bench", "--bench", "submission"]),
        "mend what the compiler says",
    )?;
    say(
        "bench",
        format_args!(
            "{} loads each of three pages in three settings: leave the machine alone meanwhile",
            arguments.loads
        ),
    );
    let mut node = run::program("node");
    node.arg(PAGE)
        .arg("--package")
        .arg(&package)
        .args(["--loads", &arguments.loads.to_string()]);
    run::step(
        "bench",
        "in the browser",
        tools.browser.tell(&mut node),
        "run `cargo xtask setup`",
    )
}

/// What the pages under test load, in a folder of its own.
fn package() -> Result<PathBuf> {
    const FILES: [&str; 7] = [
        "pkg/touchmark.js",
        "pkg/touchmark.inline.js",
        "pkg/touchmark.forms.js",
        "pkg/touchmark.wasm",
        "pkg/demo/plan.json",
        "benches/visit.json",
        // Only as a module of its own can a page measure it without a kernel around.
        "glue.js",
    ];
    let (root, folder) = (run::root(), run::scratch("bench")?);
    for file in FILES {
        let source = match file {
            "glue.js" => run::scratch("wasm")?.join(file),
            _ => root.join(file),
        };
        let name = source.file_name().context("a file has a name")?;
        fs::copy(&source, folder.join(name))
            .with_context(|| format!("can't copy {}", source.display()))?;
    }
    Ok(folder)
}
