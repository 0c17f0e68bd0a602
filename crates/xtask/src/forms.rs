//! `cargo xtask forms`: the form test site as a table, one row a page, in one engine.
//!
//! The pages are tests/e2e/forms; Playwright runs them, `table.ts` prints. An engine that is not
//! there is a failure with its remedy, never a table without it.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::browser;
use crate::build::{self, Cli};
use crate::run;
use crate::setup::{self, on_path};

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

    /// The program that drives it, by its variable and where it usually is.
    ///
    /// # Errors
    /// When it is not there; the message names the remedy.
    fn program(self) -> Result<PathBuf> {
        let (variable, places, remedy): (_, &[&str], _) = match self {
            Engine::Chromium => return Ok(browser::ensure()?.program),
            Engine::Firefox => (
                "TOUCHMARK_FIREFOX",
                &["firefox-esr", "firefox"],
                "install Firefox (Debian: firefox-esr)",
            ),
            Engine::Webkit => (
                "TOUCHMARK_WEBKIT_DRIVER",
                &["WebKitWebDriver"],
                "install WebKitGTK's driver and browser (Debian: webkit2gtk-driver)",
            ),
        };
        let named = std::env::var_os(variable).map(PathBuf::from);
        let found = named
            .or_else(|| places.iter().copied().find_map(on_path))
            .filter(|program| program.is_file());
        match found {
            Some(program) => Ok(program),
            None => bail!(
                "no {} to run the pages in; {remedy}, or name its program in {variable}",
                self.name()
            ),
        }
    }
}

/// Builds what is missing, runs the pages, prints the table; `false` on any miss.
///
/// # Errors
/// When the engine is not there, or something can't be built.
pub fn run(arguments: &FormsArgs) -> Result<bool> {
    setup::node()?;
    let engine = arguments.engine.program()?;
    let program = build::all(false, Cli::Dev)?;
    table(arguments, &engine, &program)
}

fn table(arguments: &FormsArgs, engine: &Path, program: &Path) -> Result<bool> {
    let mut node = run::program("node");
    node.args(["node_modules/@playwright/test/cli.js", "test"])
        .args(["--config", "tests/e2e/playwright.config.ts"])
        .arg("--reporter=./tests/e2e/forms/table.ts")
        .arg("forms.spec")
        .env("TOUCHMARK_ENGINE", arguments.engine.name())
        .env("TOUCHMARK_BIN", program);
    match arguments.engine {
        Engine::Chromium => node.env("TOUCHMARK_CHROMIUM", engine),
        Engine::Firefox => node.env("TOUCHMARK_FIREFOX", engine),
        Engine::Webkit => node.env("TOUCHMARK_WEBKIT_DRIVER", engine),
    };
    // Each project would run them once; Playwright has none for WebKitGTK.
    node.arg(match arguments.engine {
        Engine::Firefox => "--project=firefox",
        Engine::Chromium | Engine::Webkit => "--project=chromium",
    });
    if let Some(only) = &arguments.only {
        node.args(["--grep", only]);
    }
    if arguments.models {
        node.env("TOUCHMARK_FORMS", "models");
    }
    let (status, _) = run::tee(&mut node, "`cargo xtask setup` installs what it needs")?;
    Ok(status.success())
}
