//! Runs other programs: says what starts, shows what they print, times them, explains failures.
//!
//! Every command of xtask goes through here, so that a failure always names the program,
//! the folder it ran in and, where one is known, the remedy.

use std::env;
use std::ffi::OsStr;
use std::fmt::Display;
use std::fs;
use std::io::{BufRead as _, BufReader, IsTerminal as _, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, Result, bail};

/// The repository's root folder.
pub fn root() -> PathBuf {
    let package = env::var_os("CARGO_MANIFEST_DIR")
        .map_or_else(|| PathBuf::from(env!("CARGO_MANIFEST_DIR")), PathBuf::from);
    package
        .ancestors()
        .nth(2)
        .map_or_else(|| package.clone(), Path::to_path_buf)
}

/// Where cargo builds: `target`, or what `CARGO_TARGET_DIR` says.
pub fn target_dir() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR").map_or_else(|| root().join("target"), PathBuf::from)
}

/// A folder for xtask's own intermediate files, made when missing.
///
/// # Errors
/// When the folder can't be made.
pub fn scratch(name: &str) -> Result<PathBuf> {
    let folder = target_dir().join("touchmark").join(name);
    fs::create_dir_all(&folder)
        .with_context(|| format!("can't make {}: is the disk writable?", folder.display()))?;
    Ok(folder)
}

/// One line of progress.
pub fn say(area: &str, text: impl Display) {
    println!("{area:<7} {text}");
    // Progress must not wait in a pipe while a long step runs.
    let _ = std::io::stdout().flush();
}

/// A duration as people read it: `0.4 s`, `1 min 05 s`.
pub fn seconds(time: Duration) -> String {
    let whole = time.as_secs();
    if whole < 60 {
        format!("{:.1} s", time.as_secs_f64())
    } else {
        format!("{} min {:02} s", whole / 60, whole % 60)
    }
}

/// Cargo, in the repository's root, with the pinned toolchain and none of the outer run's variables.
pub fn cargo() -> Command {
    let mut command = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    command.current_dir(root());
    // `cargo run` describes xtask's own package in these; a nested cargo must not inherit them.
    for (name, _) in env::vars_os() {
        let text = name.to_string_lossy();
        let of_package = ["CARGO_PKG_", "CARGO_BIN_", "CARGO_MANIFEST_"]
            .iter()
            .any(|prefix| text.starts_with(prefix));
        if of_package || text == "CARGO_CRATE_NAME" || text == "CARGO_PRIMARY_PACKAGE" {
            command.env_remove(&name);
        }
    }
    if std::io::stdout().is_terminal() && env::var_os("CARGO_TERM_COLOR").is_none() {
        command.env("CARGO_TERM_COLOR", "always");
    }
    command
}

/// A program in the repository's root.
pub fn program(name: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(name);
    command.current_dir(root());
    command
}

/// Runs a step whose output the reader should see, and says how long it took.
///
/// # Errors
/// When the program is missing or fails; `remedy` says what to do then.
pub fn step(area: &str, what: &str, command: &mut Command, remedy: &str) -> Result<()> {
    say(area, format_args!("{what} …"));
    let start = Instant::now();
    let status = command
        .stdin(Stdio::null())
        .status()
        .with_context(|| missing(command, remedy))?;
    if !status.success() {
        bail!("{}", failed(command, status, remedy));
    }
    say(
        area,
        format_args!("{what}: done in {}", seconds(start.elapsed())),
    );
    Ok(())
}

/// Runs a short program and returns what it printed; shows its output only when it fails.
///
/// # Errors
/// When the program is missing or fails; `remedy` says what to do then.
pub fn capture(command: &mut Command, remedy: &str) -> Result<String> {
    let output = command
        .stdin(Stdio::null())
        .output()
        .with_context(|| missing(command, remedy))?;
    let printed = String::from_utf8_lossy(&output.stdout).into_owned();
    if !output.status.success() {
        let complaint = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{}\n{printed}{complaint}",
            failed(command, output.status, remedy)
        );
    }
    Ok(printed)
}

/// Runs a program, shows its standard output line by line and returns it too, for counting.
///
/// # Errors
/// When the program can't be started; a failing exit is in the status.
pub fn tee(command: &mut Command, remedy: &str) -> Result<(ExitStatus, String)> {
    let mut child = command
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()
        .with_context(|| missing(command, remedy))?;
    let mut text = String::new();
    if let Some(pipe) = child.stdout.take() {
        let mut out = std::io::stdout();
        for line in BufReader::new(pipe).split(b'\n') {
            let line = String::from_utf8_lossy(&line?).into_owned();
            writeln!(out, "{line}")?;
            text.push_str(&line);
            text.push('\n');
        }
    }
    Ok((child.wait()?, text))
}

fn missing(command: &Command, remedy: &str) -> String {
    format!("can't start `{}`; {remedy}", shown(command))
}

fn failed(command: &Command, status: ExitStatus, remedy: &str) -> String {
    format!("`{}` failed ({status}); {remedy}", shown(command))
}

fn shown(command: &Command) -> String {
    let mut text = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program())
        .to_string_lossy()
        .into_owned();
    for argument in command.get_args() {
        text.push(' ');
        text.push_str(&argument.to_string_lossy());
    }
    text
}
