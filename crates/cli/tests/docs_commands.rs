//! Every command of README.md and docs/*.md: run as it stands there, or asked whether it would run.
//!
//! Run are `touchmark`, `curl` and SQL, in one folder, against a collector of the test's own.
//! `cargo xtask`, `cargo test` and `npx playwright` are the gate, or take minutes: of them it is
//! asked that command, flags, files and tests exist. What can't even be asked stands in `NOT_RUN`,
//! each with its reason; an entry that no page shows any more fails. `docs/qa.md` has a test of its
//! own, which compares what is printed: `docs.rs`.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use support::commands::{self, Shown, words};
use support::{Scratch, here, touchmark};

/// Commands that are neither run nor asked, each with the reason.
const NOT_RUN: &[(&str, &str)] = &[
    (
        "npm install --save-dev touchmark @playwright/test",
        "installs from the network; tests/packaging installs the tarball",
    ),
    (
        "cargo build --release --package touchmark-cli",
        "builds for minutes what this test has built",
    ),
    ("cargo install cargo-deny", "installs from the network"),
    (
        "cargo deny check",
        "a program of its own, with its own list of advisories",
    ),
    ("cargo clippy -p touchmark --lib", "a lint of the gate"),
    (
        "sqlite3 old.db .recover",
        "SQLite's own, for a file that is broken",
    ),
    ("sqlite3 events.db \".backup copy.db\"", "SQLite's own"),
];

#[test]
fn every_command_of_the_documentation_runs() {
    let world = World::new();
    let mut unused: BTreeSet<&str> = NOT_RUN.iter().map(|(text, _)| *text).collect();
    let (mut run, mut asked) = (0, BTreeSet::new());
    for (name, text) in pages() {
        for shown in commands::of(&name, &text) {
            for part in shown.text.split(" && ") {
                let shown = Shown {
                    text: part.to_owned(),
                    ..shown.clone()
                };
                if NOT_RUN.iter().any(|(known, _)| *known == part) {
                    unused.remove(part);
                } else if world.did(&shown) {
                    run += 1;
                } else if asked.insert(part.to_owned()) {
                    ask(&shown);
                }
            }
        }
    }
    let asked = asked.len();
    println!("{run} run, {asked} asked, {} neither", NOT_RUN.len());
    assert!(
        unused.is_empty(),
        "no page shows these any more: {unused:?}"
    );
    assert!(run >= 15 && asked >= 20, "{run} run, {asked} asked");
}

#[test]
fn a_command_that_does_not_exist_is_found_out() {
    for text in [
        "cargo xtask no-such-command",
        "cargo xtask size --no-such-flag",
        "cargo test -p touchmark-cli --test no_such_test",
        "cargo test -p touchmark-cli no_such_function_anywhere_at_all",
        "npx playwright test --config tests/e2e/playwright.config.ts line/no-such-spec",
        "npx playwright test --config tests/e2e/playwright.config.ts line/faults -g \"no such title\"",
        "touchmark plan burn",
        "touchmark collect --no-such-flag",
        "rm -rf target",
    ] {
        let shown = Shown {
            place: "here".to_owned(),
            text: text.to_owned(),
            is_inline: true,
        };
        let found = std::panic::catch_unwind(|| ask(&shown));
        assert!(found.is_err(), "{text} passes");
    }
}

/// README and documentation, but for the page that `docs.rs` runs.
fn pages() -> Vec<(String, String)> {
    let root = here("../../..");
    let mut files = vec![root.join("README.md")];
    let docs = fs::read_dir(root.join("docs")).expect("a folder");
    files.extend(docs.map(|entry| entry.expect("an entry").path()));
    files.retain(|file| file.extension().is_some_and(|end| end == "md"));
    files.sort();
    let page = |file: &PathBuf| {
        let name = file
            .strip_prefix(&root)
            .expect("within")
            .display()
            .to_string();
        (name, fs::read_to_string(file).expect("readable"))
    };
    let pages = files.iter().map(page);
    pages.filter(|(name, _)| name != "docs/qa.md").collect()
}

/// A folder with what the pages speak of, and a collector that has got their event.
struct World {
    scratch: Scratch,
    collector: Child,
    ingestion: String,
    operator: String,
    token: String,
    key: String,
}

impl World {
    fn new() -> Self {
        let scratch = Scratch::new("commands");
        for folder in ["www", "spec"] {
            copy(&here("../../..").join(folder), &scratch.path().join(folder));
        }
        for folder in ["etc/touchmark", "var/lib/touchmark"] {
            fs::create_dir_all(scratch.path().join(folder)).expect("writable");
        }
        let schema = fs::read_to_string(here("../../../spec/event.schema.json")).expect("there");
        scratch.write("old.schema.json", &schema);
        scratch.write("new.schema.json", &next(&schema));
        let made = touchmark(
            scratch.path(),
            &[
                "key",
                "new",
                "--keys",
                "world.keys.json",
                "--name",
                "crm",
                "--source",
                "https://crm.example",
                "--type",
                "lead_qualified",
            ],
        );
        let key = String::from_utf8(made.stdout).expect("text");
        let key = key.lines().last().expect("a key").trim().to_owned();
        let flags = "--db world.db --keys world.keys.json --qa";
        let (collector, ingestion, operator) = collect(&scratch, flags, &[]);
        let (operator, token) = operator.split_once("/?token=").expect("a token");
        let world = Self {
            ingestion,
            operator: operator.to_owned(),
            token: token.to_owned(),
            key,
            collector,
            scratch,
        };
        world.post_readme();
        world
    }

    /// The event of README.md is a good one, and the one that the pages ask for.
    fn post_readme(&self) {
        let text = fs::read_to_string(here("../../../README.md")).expect("there");
        let json = text.split("```json\n").nth(1).expect("an event");
        let json = json.split("```").next().unwrap_or_default();
        self.scratch.write("readme.json", json);
        let line = format!(
            "curl -s 'http://{}/v1/events?session=run-1' -H 'Content-Type: application/json' -d @readme.json",
            self.ingestion
        );
        let (code, said) = self.shell(&line);
        assert_eq!(code, Some(0), "curl is needed: {said}");
        assert_eq!(stored(&said), 1, "README.md's event: {said}");
        let line = format!(
            "curl -s http://{}/good -H 'Authorization: Bearer {}'",
            self.operator, self.token
        );
        let (_, said) = self.shell(&line);
        let good: Value = serde_json::from_str(&said).expect("JSON");
        assert_eq!(
            good.as_array().map(Vec::len),
            Some(1),
            "README.md's event is good"
        );
    }

    /// Runs what can be run here; whether it was.
    fn did(&self, shown: &Shown) -> bool {
        let Shown {
            place,
            text,
            is_inline,
        } = shown;
        let line = text
            .strip_prefix("target/release/")
            .unwrap_or(text)
            .replace("/etc/touchmark", "etc/touchmark")
            .replace("/var/lib/touchmark", "var/lib/touchmark")
            .replace("127.0.0.1:4318", &self.ingestion)
            .replace("127.0.0.1:4319", &self.operator);
        let is_name = *is_inline && is_name(&line);
        if line.starts_with("touchmark collect") && !is_name {
            let token = [("TOKEN", self.token.as_str())];
            let flags = line.trim_start_matches("touchmark collect");
            let (mut child, ..) = collect(&self.scratch, flags, &token);
            child.kill().expect("killed");
            child.wait().expect("ended");
        } else if line.starts_with("touchmark ") && !is_name {
            let (code, said) = self.shell(&line);
            assert_eq!(code, Some(0), "{place}: {text}\n{said}");
        } else if line.starts_with("curl ") {
            let (code, said) = self.shell(&line.replacen("curl ", "curl -s ", 1));
            assert_eq!(code, Some(0), "{place}: {text}\n{said}");
            let is_well = match line.contains("/assert") {
                true => answer(&said)["ok"] == true,
                false => stored(&said) == 1,
            };
            assert!(is_well, "{place}: {text}\n{said}");
        } else if line.starts_with("sqlite3 ") {
            self.sql(place, &line);
        } else {
            return false;
        }
        true
    }

    /// Runs SQL as `sqlite3 FILE "SQL"` would, and takes it back.
    fn sql(&self, place: &str, line: &str) {
        let words = words(line);
        let [_, file, sql] = words.as_slice() else {
            panic!("{place}: not as in sqlite3 FILE \"SQL\": {line}");
        };
        let named = self.scratch.path().join(file);
        let file = if named.exists() {
            named
        } else {
            self.scratch.path().join("world.db")
        };
        let mut database = rusqlite::Connection::open(file).expect("opened");
        let inside = database.transaction().expect("begun");
        {
            let mut query = inside
                .prepare(sql)
                .unwrap_or_else(|cause| panic!("{place}: {cause}"));
            if query.column_count() > 0 {
                let mut rows = query.query([]).expect("asked");
                while rows
                    .next()
                    .unwrap_or_else(|cause| panic!("{place}: {cause}"))
                    .is_some()
                {}
            } else {
                query
                    .execute([])
                    .unwrap_or_else(|cause| panic!("{place}: {cause}"));
            }
        }
        inside.rollback().expect("taken back");
    }

    fn shell(&self, line: &str) -> (Option<i32>, String) {
        let mut shell = shell(&self.scratch, line);
        shell.env("KEY", &self.key).env("TOKEN", &self.token);
        let output = shell.output().expect("a shell");
        let mut said = String::from_utf8_lossy(&output.stdout).into_owned();
        said.push_str(&String::from_utf8_lossy(&output.stderr));
        (output.status.code(), said)
    }
}

impl Drop for World {
    fn drop(&mut self) {
        let _ = self.collector.kill();
        let _ = self.collector.wait();
    }
}

/// Starts a collector on free ports, and reads its addresses.
fn collect(scratch: &Scratch, flags: &str, env: &[(&str, &str)]) -> (Child, String, String) {
    let line =
        format!("exec touchmark collect {flags} --listen 127.0.0.1:0 --operator 127.0.0.1:0");
    let mut shell = shell(scratch, &line);
    shell.envs(env.iter().copied());
    let mut child = shell.stdout(Stdio::piped()).spawn().expect("a shell");
    let mut lines = BufReader::new(child.stdout.take().expect("piped")).lines();
    let mut after = |word: &str| {
        let said = lines.next().and_then(Result::ok).unwrap_or_default();
        let address = said.strip_prefix(word).map(str::to_owned);
        address.unwrap_or_else(|| panic!("touchmark collect{flags} says {said:?}"))
    };
    let ingestion = after("ingestion http://");
    let operator = after("operator http://");
    // It writes on; nobody reading would end it.
    std::thread::spawn(move || lines.for_each(drop));
    (
        child,
        ingestion.trim_end_matches("/v1/events").to_owned(),
        operator,
    )
}

fn shell(scratch: &Scratch, line: &str) -> Command {
    let program = Path::new(env!("CARGO_BIN_EXE_touchmark"));
    let folder = program.parent().expect("a folder").display();
    let path = format!("{folder}:{}", std::env::var("PATH").unwrap_or_default());
    let mut shell = Command::new("sh");
    shell
        .args(["-c", line])
        .current_dir(scratch.path())
        .env("PATH", path);
    shell
}

/// Whether it names a command, or leaves places open, instead of being one.
fn is_name(line: &str) -> bool {
    let words = words(line);
    let is_open = |word: &String| {
        word.contains(['<', '…'])
            || word.len() > 1 && word.chars().all(|one| one.is_ascii_uppercase())
    };
    let is_bare = words
        .iter()
        .all(|word| word.starts_with("--") || !word.contains(['.', '/', '_']));
    words.iter().any(is_open) || is_bare
}

/// Asks whether a command would run: that it, its flags, files and tests exist.
fn ask(shown: &Shown) {
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
fn known(place: &str, text: &str, words: &[&str], help: impl Fn(&[&str]) -> std::process::Output) {
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

/// The schema with one more field, and its next version.
fn next(schema: &str) -> String {
    let mut value: Value = serde_json::from_str(schema).expect("JSON");
    let id = value["$id"].as_str().expect("an id").to_owned();
    let (base, last) = id.rsplit_once('-').expect("a version");
    let last: u32 = last.parse().expect("a number");
    value["$id"] = json!(format!("{base}-{}", last + 1));
    let fields = &mut value["$defs"]["contracts"]["callback_request"]["properties"];
    assert!(fields.is_object(), "the contract has another name now");
    fields["language"] = json!({
        "description": "The language to call back in.",
        "enum": ["en", "es"],
        "x-touchmark": {"collect": "value", "owner": "web", "stage": "lead", "system_of_record": "crm"},
    });
    value.to_string()
}

fn answer(said: &str) -> Value {
    serde_json::from_str(said).unwrap_or_default()
}

fn stored(said: &str) -> u64 {
    answer(said)["stored"].as_u64().unwrap_or_default()
}

fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("writable");
    for entry in fs::read_dir(from).expect("readable") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("copied");
        }
    }
}
