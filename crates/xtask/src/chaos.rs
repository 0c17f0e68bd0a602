//! `cargo xtask chaos`: everything between page and collector goes wrong.
//!
//! tests/e2e/line/chaos.spec.ts is the doing; a short version of it runs with the gate. Here the
//! whole runs alone, in one engine, and its lines are told again at the end.

use anyhow::{Result, ensure};
use clap::ValueEnum;

use crate::build::{self, Cli};
use crate::firefox::{self, Firefox};
use crate::run::{self, say};
use crate::setup;

/// Break the way between page and collector; print sent, stored, lost, duplicated.
#[derive(clap::Args)]
pub struct ChaosArgs {
    /// Which browser
    #[arg(long, value_enum, default_value_t = Engine::Chromium)]
    engine: Engine,
    /// Seed of what goes wrong, and when
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
enum Engine {
    Chromium,
    Firefox,
}

/// Builds what is missing and runs every scenario; `false` when one has lost or doubled events.
///
/// # Errors
/// When something can't be built or started; the message names the remedy.
pub fn run(arguments: &ChaosArgs) -> Result<bool> {
    let tools = setup::run()?;
    let program = build::all(false, Cli::Dev)?;
    let mut node = run::program("node");
    node.args(["node_modules/@playwright/test/cli.js", "test"])
        .args(["--config", "tests/e2e/playwright.config.ts"])
        .args(["--workers=1", "--reporter=list", "e2e/line/chaos.spec.ts"])
        .env("TOUCHMARK_BIN", program)
        .env("TOUCHMARK_TEST_ALL", "1")
        .env("TOUCHMARK_CHAOS_SEED", arguments.seed.to_string());
    match arguments.engine {
        Engine::Chromium => {
            node.arg("--project=chromium");
        }
        Engine::Firefox => {
            let Firefox::At(firefox) = firefox::ensure()? else {
                anyhow::bail!("TOUCHMARK_FIREFOX is `none`: set it to Firefox's program");
            };
            node.arg("--project=firefox")
                .env("TOUCHMARK_FIREFOX", firefox);
        }
    }
    let (status, printed) = run::tee(
        tools.browser.tell(&mut node),
        "`cargo xtask setup` installs what it needs",
    )?;
    println!();
    let mut lines = 0;
    for line in printed.lines().filter(|line| line.starts_with("chaos ")) {
        println!("{line}");
        lines += 1;
    }
    ensure!(lines > 0, "no scenario ran");
    say(
        "chaos",
        format_args!("seed {}; what failed is above", arguments.seed),
    );
    Ok(status.success())
}
