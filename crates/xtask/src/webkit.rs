//! Finds what the form test site needs to run in WebKitGTK: driver, browser, and a screen.
//!
//! Each by its variable, else where systems keep it. Nothing is installed: only
//! `cargo xtask forms --engine webkit` needs it. Started and ended by
//! tests/e2e/forms/engines/webdriver.ts.

use std::env;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Result, bail};

use crate::setup::on_path;

/// Finds all of them, each with the variable that tells Node of it.
///
/// # Errors
/// When any is missing; the message names each with its variable, and the packages to install.
pub fn find() -> Result<Found> {
    look(|variable| env::var_os(variable).map(PathBuf::from))
}

type Found = Vec<(&'static str, PathBuf)>;

struct Piece {
    variable: &'static str,
    what: &'static str,
    /// Debian's.
    package: &'static str,
    usual: fn() -> Option<PathBuf>,
}

const PIECES: [Piece; 3] = [
    Piece {
        variable: "TOUCHMARK_WEBKIT_DRIVER",
        what: "WebKitWebDriver",
        package: "webkit2gtk-driver",
        usual: || on_path("WebKitWebDriver"),
    },
    Piece {
        variable: "TOUCHMARK_WEBKIT",
        what: "WebKitGTK's MiniBrowser",
        package: "libwebkit2gtk-4.1-0",
        usual: mini_browser,
    },
    Piece {
        variable: "TOUCHMARK_XVFB",
        what: "Xvfb",
        package: "xvfb",
        usual: || on_path("Xvfb"),
    },
];

fn look(named: impl Fn(&str) -> Option<PathBuf>) -> Result<Found> {
    let mut found = Vec::new();
    let mut complaints = Vec::new();
    let mut packages = Vec::new();
    for piece in &PIECES {
        let name = named(piece.variable);
        match name.clone().or_else(piece.usual) {
            Some(program) if program.is_file() => found.push((piece.variable, program)),
            _ => {
                complaints.push(match name {
                    Some(name) => format!(
                        "{} names {}, which is no file",
                        piece.variable,
                        name.display()
                    ),
                    None => format!("no {} (or name it in {})", piece.what, piece.variable),
                });
                packages.push(piece.package);
            }
        }
    }
    if !complaints.is_empty() {
        bail!(
            "the pages can't run in WebKitGTK: {}; on Debian: apt-get install {}",
            complaints.join(", "),
            packages.join(" ")
        );
    }
    Ok(found)
}

/// It lies with the library, on Debian below the machine's name.
fn mini_browser() -> Option<PathBuf> {
    let mut folders = vec![PathBuf::from("/usr/lib"), PathBuf::from("/usr/libexec")];
    let machines = fs::read_dir("/usr/lib").into_iter().flatten().flatten();
    folders.extend(machines.map(|entry| entry.path()));
    ["webkit2gtk-4.1", "webkitgtk-6.0", "webkit2gtk-4.0"]
        .into_iter()
        .flat_map(|version| {
            folders
                .iter()
                .map(move |folder| program_in(folder, version))
        })
        .find(|program| program.is_file())
}

fn program_in(folder: &Path, version: &str) -> PathBuf {
    folder.join(version).join("MiniBrowser")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_is_named_with_its_package() {
        let Err(fault) = look(|variable| Some(PathBuf::from(format!("/nowhere/{variable}"))))
        else {
            panic!("files that are not there were found");
        };
        let text = format!("{fault}");
        for Piece {
            variable, package, ..
        } in &PIECES
        {
            assert!(
                text.contains(&format!("{variable} names /nowhere/{variable}")),
                "{text}"
            );
            assert!(text.contains(package), "{text}");
        }
    }
}
