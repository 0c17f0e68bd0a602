//! Whether a command would run that takes too long to be run: its flags, files and tests exist.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use super::commands::{Shown, words};
use super::{here, touchmark};

/// Asks whether a command would run: that it, its flags, files and tests exist.
pub fn ask(shown: &Shown) {
    let Shown { place, text, .. } = shown;
    let words = words(text);
    let words: Vec<&str> = words.iter().map(String::as_str).collect();
    match words.as_slice() {
        ["cargo", "xtask", rest @ ..] => {
            let help = |command: &[&str]| {
                let cargo = std::env::var("CARGO").unwrap_or_else(|_| "cargo".to_owned());
                let mut asked = Command::new(cargo);
                asked.args(["run", "--quiet", "--package", "xtask", "--"]);
                asked
                    .args(command)
                    .arg("--help")
                    .current_dir(here("../../.."));
                asked.output().expect("cargo runs")
            };
            known(place, text, rest, help);
        }
        ["touchmark", rest @ ..] => {
            let help = |command: &[&str]| touchmark(&here("."), &[command, &["--help"]].concat());
            known(place, text, rest, help);
        }
        ["cargo", "test", rest @ ..] => tests(place, text, rest),
        ["npx", "playwright", "test", rest @ ..] => specs(place, text, rest),
        _ => panic!("{place}: nothing runs this, and NOT_RUN has no reason: {text}"),
    }
}

/// Commands and flags by what the program's own help says.
fn known(place: &str, text: &str, words: &[&str], help: impl Fn(&[&str]) -> Output) {
    let is_word = |word: &&&str| {
        word.chars()
            .all(|one| one.is_ascii_lowercase() || one == '-')
            && !word.starts_with('-')
    };
    let mut command: Vec<&str> = Vec::new();
    let mut said = String::new();
    let mut commands: Vec<&&str> = words.iter().take_while(is_word).collect();
    // Of xtask the first word alone is a command, and each question takes a second.
    if text.starts_with("cargo ") {
        commands.truncate(1);
    }
    for word in commands {
        command.push(word);
        let output = help(&command);
        let fresh = String::from_utf8_lossy(&output.stdout).into_owned();
        assert!(
            output.status.success(),
            "{place}: there is no such command: {text}"
        );
        // Arguments are words too; they ask for the same help once more.
        let is_command = fresh.contains(&format!(" {}", command.join(" ")));
        if !is_command {
            break;
        }
        said = fresh;
    }
    assert!(
        !said.is_empty(),
        "{place}: there is no such command: {text}"
    );
    for flag in words
        .iter()
        .filter(|word| word.starts_with("--") && word.len() > 2)
    {
        let is_there = said
            .split([' ', ',', '\n', '[', '='])
            .any(|word| word == *flag);
        assert!(is_there, "{place}: {flag} is no flag of it: {text}");
    }
}

/// `cargo test`: the package, its test file, and something that the filter finds.
fn tests(place: &str, text: &str, words: &[&str]) {
    let root = here("../../..");
    let mut folder = root.clone();
    let mut filter = None;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "-p" | "--package" => {
                let name = words.next().copied().unwrap_or_default();
                let short = name
                    .strip_prefix("touchmark-")
                    .map(|one| format!("crates/{one}"));
                folder = root.join(short.unwrap_or_default());
                let manifest = fs::read_to_string(folder.join("Cargo.toml")).unwrap_or_default();
                assert!(
                    manifest.contains(&format!("name = \"{name}\"")),
                    "{place}: no package {name}: {text}"
                );
            }
            "--test" => {
                let name = words.next().copied().unwrap_or_default();
                let tests = folder.join("tests");
                let is_there = tests.join(format!("{name}.rs")).is_file()
                    || tests.join(name).join("main.rs").is_file();
                assert!(is_there, "{place}: no test file {name}: {text}");
            }
            "--" | "--lib" | "--nocapture" | "--workspace" | "--ignored" => {}
            word if !word.starts_with('-') => filter = Some(word),
            word => panic!("{place}: {word} is unknown here: {text}"),
        }
    }
    let Some(filter) = filter else { return };
    let is_found = ["src", "tests"].iter().any(|part| {
        let mut files = Vec::new();
        rust_files(&folder.join(part), &mut files);
        files.iter().any(|file| {
            let source = fs::read_to_string(file).expect("readable");
            let plain = file.with_extension("");
            let is_named = plain.iter().any(|part| part == filter);
            source.contains("#[test]")
                && (is_named
                    || source
                        .lines()
                        .any(|line| line.trim_start().starts_with("fn ") && line.contains(filter)))
        })
    });
    assert!(is_found, "{place}: no test is found by {filter}: {text}");
}

/// `npx playwright test`: the configuration, the files, a title.
fn specs(place: &str, text: &str, words: &[&str]) {
    let root = here("../../..");
    let mut found: Vec<String> = Vec::new();
    let mut title = None;
    let mut words = words.iter();
    while let Some(word) = words.next() {
        match *word {
            "--config" => {
                let file = words.next().copied().unwrap_or_default();
                assert!(root.join(file).is_file(), "{place}: no {file}: {text}");
            }
            "-g" => title = words.next().copied(),
            "--project=chromium" | "--project=firefox" => {}
            word if !word.starts_with('-') => {
                let file = root.join("tests/e2e").join(format!("{word}.spec.ts"));
                let source = fs::read_to_string(&file);
                found.push(
                    source.unwrap_or_else(|_| panic!("{place}: no {}: {text}", file.display())),
                );
            }
            word => panic!("{place}: {word} is unknown here: {text}"),
        }
    }
    if let Some(title) = title {
        let is_found = found.iter().any(|source| source.contains(title));
        assert!(
            is_found,
            "{place}: no test has {title} in its title: {text}"
        );
    }
}

fn rust_files(folder: &Path, found: &mut Vec<PathBuf>) {
    for entry in fs::read_dir(folder).into_iter().flatten() {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            rust_files(&path, found);
        } else if path.extension().is_some_and(|end| end == "rs") {
            found.push(path);
        }
    }
}
