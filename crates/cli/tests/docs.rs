//! The commands of docs/qa.md, run as they stand there, in a copy of the repository's site.
//!
//! Console blocks are sessions: `$` begins a command, what follows is its output, `…` is anything.
//! Commands in tables and CI recipes are run too; those that aren't are listed with the reason.
//! Needs a Chromium for the two commands that open pages.

mod support;

use std::fs;
use std::path::Path;
use std::process::Command;

use support::site::Site;
use support::{Scratch, copy, here, read};

/// Beginnings of commands that this test doesn't run, each with the reason.
const NOT_RUN: &[(&str, &str)] = &[
    ("cargo ", "builds; the gate runs it"),
    (
        "command -v touchmark || cargo install",
        "installs from the network",
    ),
    (
        "test -x .touchmark/bin/touchmark || cargo install",
        "installs from the network",
    ),
    ("export PATH=", "only names what was installed"),
    ("gh pr comment", "writes to GitHub"),
    (
        "jq -r '.changes[].owner // empty' check.json",
        "writes to GitHub",
    ),
];

#[test]
fn every_command_does_what_the_page_says() {
    let text = fs::read_to_string(here("../../../docs/qa.md")).expect("the page");
    let scratch = Scratch::new("qa");
    for folder in ["www", "spec"] {
        copy(&here("../../..").join(folder), &scratch.path().join(folder));
    }
    for file in ["events.json", "leads.csv", "campaigns.csv"] {
        fs::copy(here("docs").join(file), scratch.path().join(file)).expect("copied");
    }
    let site = Site::start();
    let page = fs::read_to_string(here("../../../www/appointment/index.html")).expect("the page");
    site.set("/appointment/", "Content-Type: text/html", &page);
    let mut count = 0;
    for block in blocks(&text, "console") {
        for (command, expect) in sessions(&block) {
            let said = run(&scratch, &site, &command);
            compare(&command, &said.1, &expect);
            count += 1;
        }
    }
    assert!(count >= 12, "{count} commands");
    let recipes: Vec<String> = blocks(&text, "yaml")
        .iter()
        .flat_map(|block| steps(block))
        .collect();
    let tables = text
        .lines()
        .filter(|line| line.starts_with("| "))
        .flat_map(commands);
    let mut unused: Vec<&str> = NOT_RUN.iter().map(|(start, _)| *start).collect();
    for command in recipes.into_iter().chain(tables) {
        if NOT_RUN.iter().any(|(start, _)| command.starts_with(start)) {
            unused.retain(|start| !command.starts_with(start));
            continue;
        }
        let (code, said) = run(&scratch, &site, &command);
        // 2 means that the command itself is wrong.
        assert!(matches!(code, Some(0 | 1)), "{command}: {code:?}\n{said}");
        count += 1;
    }
    assert!(count >= 25, "{count} commands");
    assert!(
        unused.is_empty(),
        "the page shows these no more: {unused:?}"
    );
}

#[test]
fn the_code_owners_are_those_of_the_schema() {
    let text = fs::read_to_string(here("../../../docs/qa.md")).expect("the page");
    let block = blocks(&text, "codeowners").concat();
    let lines = block.lines().filter(|line| !line.starts_with('#'));
    let mut teams = Vec::new();
    for line in lines {
        let mut words = line.split_whitespace();
        let file = words.next().expect("a file");
        // The demo's lock file is not committed: its plan is where one would be.
        let file = file.replace("touchmark.lock.json", "plan.json");
        let is_there = here("../../..").join(file.trim_matches('/')).exists();
        assert!(is_there, "{file} is not there");
        if file.starts_with("/spec/") {
            let names = words.map(|word| word.rsplit('/').next().unwrap_or_default());
            teams.extend(names.map(|name| name.replace('-', "_")));
        }
    }
    let mut owners = Vec::new();
    let schema = read(&here("../../../spec/event.schema.json"));
    let contracts = schema["$defs"]["contracts"].as_object().expect("contracts");
    for contract in contracts.values() {
        let fields = contract["properties"].as_object().into_iter().flatten();
        let named = fields.filter_map(|(_, rule)| rule["x-touchmark"]["owner"].as_str());
        owners.extend(named.map(str::to_owned));
    }
    teams.sort();
    owners.sort();
    owners.dedup();
    assert_eq!(teams, owners);
}

/// Runs a line in a shell that finds this build's `touchmark`.
fn run(scratch: &Scratch, site: &Site, command: &str) -> (Option<i32>, String) {
    let program = Path::new(env!("CARGO_BIN_EXE_touchmark"));
    let folder = program
        .parent()
        .expect("a folder")
        .to_string_lossy()
        .into_owned();
    let path = format!("{folder}:{}", std::env::var("PATH").unwrap_or_default());
    let line = command.replace("https://clinic.example", &site.origin);
    let mut shell = Command::new("sh");
    shell
        .args(["-c", &format!("({line}) 2>&1")])
        .current_dir(scratch.path())
        .env("PATH", path);
    let output = shell.output().expect("a shell");
    let said =
        String::from_utf8_lossy(&output.stdout).replace(&site.origin, "https://clinic.example");
    (output.status.code(), said)
}

/// Holds what was said against what the page says, line by line.
fn compare(command: &str, said: &str, expect: &[String]) {
    let lines: Vec<&str> = said.lines().collect();
    let mut at = 0;
    let mut may_skip = false;
    for want in expect {
        if want == "…" {
            may_skip = true;
            continue;
        }
        let found = lines[at..].iter().position(|line| like(line, want));
        let found =
            found.unwrap_or_else(|| panic!("$ {command}\nsays nothing like {want:?}:\n{said}"));
        // Findings end with an empty line, which a page need not show.
        let between = lines[at..at + found]
            .iter()
            .all(|line| line.trim_matches([' ', '|', '^']).is_empty());
        assert!(
            may_skip || between,
            "$ {command}\nsays more before {want:?}:\n{said}"
        );
        at += found + 1;
        may_skip = false;
    }
}

fn like(line: &str, want: &str) -> bool {
    let mut rest = line;
    let parts: Vec<&str> = want.split('…').collect();
    for (number, part) in parts.iter().enumerate() {
        match rest.find(part) {
            Some(at) if number > 0 || at == 0 => rest = &rest[at + part.len()..],
            _ => return false,
        }
    }
    rest.is_empty() || want.ends_with('…')
}

fn blocks(text: &str, kind: &str) -> Vec<String> {
    let open = format!("```{kind}\n");
    let parts = text.split(&open).skip(1);
    parts
        .map(|part| part.split("```").next().unwrap_or_default().to_owned())
        .collect()
}

fn sessions(block: &str) -> Vec<(String, Vec<String>)> {
    let mut all: Vec<(String, Vec<String>)> = Vec::new();
    for line in block.lines() {
        match (line.strip_prefix("$ "), all.last_mut()) {
            (Some(command), _) => all.push((command.to_owned(), Vec::new())),
            (None, Some((_, output))) => output.push(line.to_owned()),
            (None, None) => panic!("a console block begins with a command, not with {line:?}"),
        }
    }
    all
}

/// The commands of a CI recipe.
fn steps(block: &str) -> Vec<String> {
    let mut all = Vec::new();
    let mut is_script = false;
    for line in block.lines() {
        let plain = line.trim().trim_start_matches("- ");
        if let Some(command) = plain.strip_prefix("run: ") {
            all.push(command.to_owned());
        } else if is_script && line.trim().starts_with("- ") {
            all.push(plain.to_owned());
        }
        if !line.trim().starts_with("- ") {
            is_script = line.trim() == "script:";
        }
    }
    assert!(!all.is_empty(), "no command in {block}");
    all
}

/// The commands in a table's row.
fn commands(row: &str) -> Vec<String> {
    let code = row.split('`').skip(1).step_by(2);
    let is_command = |code: &&str| {
        code.starts_with("touchmark ") && code.len() > 20 || code.starts_with("cargo ")
    };
    code.filter(is_command).map(str::to_owned).collect()
}
