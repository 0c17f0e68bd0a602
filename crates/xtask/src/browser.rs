//! Finds a Chromium to test with, or installs one.
//!
//! In this order: `TOUCHMARK_CHROMIUM`, the system's Chromium or Chrome, Debian's package when run
//! as root, Playwright's own download. A chromedriver is optional: without one the wasm tests run
//! through Playwright. So is Chromium's headless shell, which takes half the time for most browser
//! tests: it has no windows, and no cache of pages that come back.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use anyhow::{Result, bail};

use crate::run::{self, say};
use crate::setup::on_path;

const REMEDY: &str =
    "install Chromium or Chrome, or set TOUCHMARK_CHROMIUM to the path of its program";

/// A browser that answers.
pub struct Browser {
    pub program: PathBuf,
    /// `None`: wasm tests go through Playwright instead.
    pub driver: Option<PathBuf>,
    /// The headless shell; where there is none, `program` does.
    pub shell: Option<PathBuf>,
}

impl Browser {
    /// Tells a program which browser to use.
    pub fn tell<'a>(&self, command: &'a mut Command) -> &'a mut Command {
        command.env("TOUCHMARK_CHROMIUM", &self.program);
        if let Some(driver) = &self.driver {
            command.env("CHROMEDRIVER", driver);
        }
        if let Some(shell) = &self.shell {
            command.env("TOUCHMARK_CHROMIUM_SHELL", shell);
        }
        command
    }
}

/// Finds a browser, else installs one.
///
/// # Errors
/// When none can be found or installed; the message names the remedy.
pub fn ensure() -> Result<Browser> {
    let program = match find()? {
        Some(program) => program,
        None => install()?,
    };
    let driver = env::var_os("CHROMEDRIVER")
        .map(PathBuf::from)
        .or_else(|| on_path("chromedriver"))
        .filter(|driver| driver.is_file());
    say(
        "setup",
        format_args!("browser          {}", program.display()),
    );
    match &driver {
        Some(driver) => say(
            "setup",
            format_args!("chromedriver     {}", driver.display()),
        ),
        None => say(
            "setup",
            "chromedriver     none; Playwright serves in its place",
        ),
    }
    let shell = find_shell();
    say(
        "setup",
        match &shell {
            Some(shell) => format!("headless shell   {}", shell.display()),
            None => "headless shell   none; the browser serves in its place".to_owned(),
        },
    );
    Ok(Browser {
        program,
        driver,
        shell,
    })
}

/// Whoever names a browser means that one.
fn find_shell() -> Option<PathBuf> {
    if env::var_os("TOUCHMARK_CHROMIUM").is_some() {
        return None;
    }
    let name = "chromium-headless-shell";
    if on_path(name).is_none() && is_root() && is_debian() {
        let installed = apt_install(&[name], REMEDY);
        if let Err(reason) = installed {
            say("setup", format_args!("{reason:#}"));
        }
    }
    on_path(name)
}

/// Installs Debian's packages.
///
/// # Errors
/// When apt can't; the message ends in the remedy.
pub fn apt_install(packages: &[&str], remedy: &str) -> Result<()> {
    run::step(
        "setup",
        "apt-get update",
        run::program("apt-get").args(["update", "-q"]),
        remedy,
    )?;
    run::step(
        "setup",
        &format!("apt-get install {}", packages.join(" ")),
        run::program("apt-get")
            .args(["install", "-y", "-q", "--no-install-recommends"])
            .args(packages)
            .env("DEBIAN_FRONTEND", "noninteractive"),
        remedy,
    )
}

fn find() -> Result<Option<PathBuf>> {
    if let Some(named) = env::var_os("TOUCHMARK_CHROMIUM").map(PathBuf::from) {
        if !named.is_file() {
            bail!(
                "TOUCHMARK_CHROMIUM names {}, which is no file; {REMEDY}",
                named.display()
            );
        }
        return Ok(Some(named));
    }
    Ok(of_the_system().or_else(of_playwright))
}

fn of_the_system() -> Option<PathBuf> {
    [
        "chromium",
        "google-chrome",
        "google-chrome-stable",
        "chrome",
    ]
    .into_iter()
    .find_map(on_path)
    .or_else(|| {
        let mac = Path::new("/Applications/Google Chrome.app/Contents/MacOS/Google Chrome");
        mac.is_file().then(|| mac.to_path_buf())
    })
}

fn of_playwright() -> Option<PathBuf> {
    let script = "process.stdout.write(require('@playwright/test').chromium.executablePath())";
    let printed = run::capture(run::program("node").args(["-e", script]), "run `npm ci`").ok()?;
    let program = PathBuf::from(printed.trim());
    program.is_file().then_some(program)
}

fn install() -> Result<PathBuf> {
    let root = is_root();
    if root && is_debian() {
        let installed = apt_install(&["chromium", "chromium-driver", "fonts-liberation"], REMEDY);
        match (installed, of_the_system()) {
            (Ok(()), Some(program)) => return Ok(program),
            (Ok(()), None) => say(
                "setup",
                "apt installed no chromium; trying Playwright's own",
            ),
            (Err(reason), _) => say("setup", format_args!("{reason:#}; trying Playwright's own")),
        }
    }
    let mut command = run::program("npx");
    command.args(["playwright", "install"]);
    if root {
        command.arg("--with-deps");
    }
    run::step(
        "setup",
        "npx playwright install chromium",
        command.arg("chromium"),
        REMEDY,
    )?;
    match of_playwright() {
        Some(program) => Ok(program),
        None => bail!("Playwright installed no Chromium; {REMEDY}"),
    }
}

/// Whether packages can be installed.
pub fn is_root() -> bool {
    run::capture(run::program("id").arg("-u"), "").is_ok_and(|id| id.trim() == "0")
}

/// Whether apt has real packages of browsers.
pub fn is_debian() -> bool {
    // Ubuntu's chromium package only points to a snap, which servers and containers can't run.
    fs::read_to_string("/etc/os-release").is_ok_and(|text| {
        text.lines()
            .any(|line| line.trim_matches('"') == "ID=debian")
    })
}
