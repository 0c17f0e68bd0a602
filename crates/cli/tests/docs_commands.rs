//! Every command of README.md and docs/*.md: run as it stands there, or asked whether it would run.
//!
//! Run are `touchmark`, `curl` and SQL, in one folder, against a collector of the test's own.
//! `cargo xtask`, `cargo test` and `npx playwright` are the gate, or take minutes: of them it is
//! asked that command, flags, files and tests exist. What can't even be asked stands in `NOT_RUN`,
//! each with its reason; an entry that no page shows any more fails. The commands of `docs/qa.md`
//! are run by `docs.rs`, which compares what is printed, and only asked here.

mod support;

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use serde_json::{Value, json};
use support::asked::ask;
use support::commands::{self, Shown, words};
use support::{Scratch, copy, here, touchmark};

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
                } else if name != "docs/qa.md" && world.did(&shown) {
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

/// README and documentation.
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
    files.iter().map(page).collect()
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
