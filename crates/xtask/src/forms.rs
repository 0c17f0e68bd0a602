//! `cargo xtask forms`: the form test site as a table, one row a page, in one engine.
//!
//! The pages are tests/e2e/forms; Playwright runs them, `table.ts` prints. An engine that is not
//! there is a failure with its remedy, never a table without it.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::browser;
use crate::build::{self, Cli};
use crate::firefox::{self, Firefox};
use crate::run;
use crate::setup;
use crate::webkit;

/// Run the form test site and print page, engine, expected, got, neutral; fails on any miss
#[derive(clap::Args)]
pub struct FormsArgs {
    /// The engine that the pages run in
    #[arg(long, default_value = "chromium")]
    engine: Engine,
    /// Only pages whose name contains this
    #[arg(long)]
    only: Option<String>,
    /// Only the pages that stand for a behaviour: what the gate runs in other engines
    #[arg(long)]
    models: bool,
}

/// What can be driven.
#[derive(Clone, Copy, PartialEq, Eq, clap::ValueEnum)]
pub enum Engine {
    /// Chromium, by Playwright
    Chromium,
    /// Firefox, over WebDriver BiDi
    Firefox,
    /// WebKitGTK's MiniBrowser, by WebKitWebDriver
    Webkit,
}

impl Engine {
    fn name(self) -> &'static str {
        match self {
            Engine::Chromium => "chromium",
            Engine::Firefox => "firefox",
            Engine::Webkit => "webkit",
        }
    }

    /// The programs that drive it, by the variables that tell Node of them.
    ///
    /// # Errors
    /// When one is not there; the message names the remedy.
    fn programs(self) -> Result<Vec<(&'static str, PathBuf)>> {
        Ok(match self {
            Engine::Chromium => vec![("TOUCHMARK_CHROMIUM", browser::ensure()?.program)],
            Engine::Webkit => webkit::find()?,
            Engine::Firefox => match firefox::ensure()? {
                Firefox::At(program) => vec![("TOUCHMARK_FIREFOX", program)],
                Firefox::DoneWithout => bail!("TOUCHMARK_FIREFOX is `none`: name a Firefox in it"),
            },
        })
    }
}

/// Builds what is missing, runs the pages, prints the table; `false` on any miss.
///
/// # Errors
/// When the engine is not there, or something can't be built.
pub fn run(arguments: &FormsArgs) -> Result<bool> {
    setup::node()?;
    let browser = arguments.engine.programs()?;
    let program = build::all(false, Cli::Dev)?;
    table(arguments, browser, &program)
}

fn table(
    arguments: &FormsArgs,
    browser: Vec<(&'static str, PathBuf)>,
    program: &Path,
) -> Result<bool> {
    let mut node = run::program("node");
    node.args(["node_modules/@playwright/test/cli.js", "test"])
        .args(["--config", "tests/e2e/playwright.config.ts"])
        .arg("--reporter=./tests/e2e/forms/table.ts")
        .arg("forms.spec")
        .env("TOUCHMARK_ENGINE", arguments.engine.name())
        .env("TOUCHMARK_BIN", program);
    node.envs(browser);
    match arguments.engine {
        Engine::Chromium => node.arg("--project=chromium"),
        Engine::Firefox => node.arg("--project=firefox"),
        // Each project would run them once; Playwright has none for WebKitGTK. Each tab is a whole
        // browser there: one at a time.
        Engine::Webkit => node.args(["--project=chromium", "--workers=1"]),
    };
    if let Some(only) = &arguments.only {
        node.args(["--grep", only]);
    }
    if arguments.models {
        node.env("TOUCHMARK_FORMS", "models");
    }
    let (status, _) = run::tee(&mut node, "`cargo xtask setup` installs what it needs")?;
    Ok(status.success())
}
