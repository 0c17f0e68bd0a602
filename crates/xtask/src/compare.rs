//! `cargo xtask compare`: touchmark beside published trackers, in one browser run, in turns.
//!
//! tests/compare has the peers, each configured as its documentation recommends, pages, and the
//! measurements; it prints tables and writes docs/comparison.md. Nothing leaves the machine: every
//! tracker sends to a server of the run's own.

use std::path::PathBuf;

use anyhow::Result;

use crate::build::{self, Cli};
use crate::run::{self, say};
use crate::setup;

/// Measures bytes, start-up, event cost, delivery and forms caught, against published trackers.
#[derive(clap::Args)]
pub struct CompareArgs {
    /// Loads of each tracker in each setting
    #[arg(long, default_value_t = 15)]
    loads: u32,
    /// Only print; leave docs/comparison.md as it is
    #[arg(long)]
    dry: bool,
    /// One part only: bytes, start, event, delivery or forms; implies --dry
    #[arg(long)]
    only: Option<String>,
}

/// Builds what is missing, measures, prints, writes.
///
/// # Errors
/// When something can't be built or measured; the message names the remedy.
pub fn run(arguments: &CompareArgs) -> Result<()> {
    let tools = setup::run()?;
    setup::packages(&run::root().join("tests/compare"))?;
    let program: PathBuf = build::all(false, Cli::Release)?;
    say(
        "compare",
        format_args!(
            "{} loads of each tracker in two settings: leave the machine alone meanwhile",
            arguments.loads
        ),
    );
    let mut node = run::program("node");
    node.arg("tests/compare/compare.mjs")
        .args(["--loads", &arguments.loads.to_string()])
        .env("TOUCHMARK_BIN", program);
    if let Some(part) = &arguments.only {
        node.args(["--only", part]);
    } else if !arguments.dry {
        node.args(["--out", "docs/comparison.md"]);
    }
    run::step(
        "compare",
        "in the browser",
        tools.browser.tell(&mut node),
        "run `cargo xtask setup`",
    )
}
