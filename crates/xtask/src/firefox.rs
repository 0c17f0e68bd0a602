//! Finds the second engine to test with, or installs it: a stock Firefox.
//!
//! In this order: `TOUCHMARK_FIREFOX`, the system's Firefox, Debian's package when run as root.
//! Playwright drives it over WebDriver BiDi; its own patched Firefox is not used.

use std::env;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::browser::{apt_install, is_debian, is_root};
use crate::run::{self, say};
use crate::setup::on_path;

const VARIABLE: &str = "TOUCHMARK_FIREFOX";
/// The first with `network.addDataCollector`.
const OLDEST: u32 = 143;
const REMEDY: &str = "install a recent Firefox, or set TOUCHMARK_FIREFOX to the path of its program, or to \
                      `none` to do without its tests";

/// Whether the tests run in Firefox too.
pub enum Firefox {
    At(PathBuf),
    /// Somebody said so: the gate counts it as skipped.
    DoneWithout,
}

/// Finds Firefox, else installs it.
///
/// # Errors
/// When it can be neither found nor installed; the message names the remedy.
pub fn ensure() -> Result<Firefox> {
    if env::var_os(VARIABLE).is_some_and(|value| value == "none") {
        say(
            "setup",
            "Firefox          none, by TOUCHMARK_FIREFOX: its tests are skipped",
        );
        return Ok(Firefox::DoneWithout);
    }
    let program = match find()? {
        Some(program) if is_recent(&program) => program,
        Some(program) if env::var_os(VARIABLE).is_some() => bail!("{}", too_old(&program)),
        _ => install()?,
    };
    say(
        "setup",
        format_args!("Firefox          {}", program.display()),
    );
    Ok(Firefox::At(program))
}

fn find() -> Result<Option<PathBuf>> {
    let Some(named) = env::var_os(VARIABLE).map(PathBuf::from) else {
        return Ok(of_the_system());
    };
    if !named.is_file() {
        bail!(
            "{VARIABLE} names {}, which is no file; {REMEDY}",
            named.display()
        );
    }
    Ok(Some(named))
}

fn of_the_system() -> Option<PathBuf> {
    ["firefox-esr", "firefox"]
        .into_iter()
        .find_map(on_path)
        .or_else(|| {
            let mac = Path::new("/Applications/Firefox.app/Contents/MacOS/firefox");
            mac.is_file().then(|| mac.to_path_buf())
        })
}

fn install() -> Result<PathBuf> {
    if !(is_root() && is_debian()) {
        match of_the_system() {
            Some(program) => bail!("{}", too_old(&program)),
            None => bail!("there is no Firefox here; {REMEDY}"),
        }
    }
    apt_install(&["firefox-esr"], REMEDY)?;
    match of_the_system() {
        Some(program) if is_recent(&program) => Ok(program),
        Some(program) => bail!("{}", too_old(&program)),
        None => bail!("apt installed no Firefox; {REMEDY}"),
    }
}

/// Whether it knows what Playwright asks of it; one that doesn't say its version is believed.
fn is_recent(program: &Path) -> bool {
    let asked = run::capture(run::program(program).arg("--version"), REMEDY);
    let told = asked.unwrap_or_default();
    let version = told.split_whitespace().find_map(|word| {
        let major = word.split('.').next()?;
        major.parse::<u32>().ok()
    });
    version.is_none_or(|version| version >= OLDEST)
}

fn too_old(program: &Path) -> String {
    format!(
        "{} is older than Firefox {OLDEST}, whose WebDriver BiDi Playwright needs; {REMEDY}",
        program.display()
    )
}
