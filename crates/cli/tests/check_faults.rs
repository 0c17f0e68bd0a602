//! `touchmark check` where nothing can be checked: every format says why, and the exit code is 2.
//! And where the lock file is that nobody named.

mod support;

use std::fs;

use serde_json::{Value, json};
use support::{Scratch, touchmark};

/// What a fault at `pointer` of `file` looks like in each format for programs.
fn shown(format: &str, text: &str) -> (String, String, String) {
    match format {
        "json" => {
            let answer: Value = serde_json::from_str(text).expect("JSON");
            assert_eq!(answer["exit"], 2, "{text}");
            let fault = &answer["unread"][0];
            let of = |name: &str| fault[name].as_str().expect("a text").to_owned();
            (of("code"), of("file") + &of("pointer"), of("remedy"))
        }
        "sarif" => {
            let answer: Value = serde_json::from_str(text).expect("JSON");
            let run = &answer["runs"][0]["invocations"][0];
            assert_eq!(run["executionSuccessful"], false, "{text}");
            assert_eq!(run["exitCode"], 2, "{text}");
            let note = &run["toolExecutionNotifications"][0];
            let place = &note["locations"][0];
            let file = place["physicalLocation"]["artifactLocation"]["uri"].as_str();
            let at = place["logicalLocations"][0]["fullyQualifiedName"].as_str();
            let said = note["message"]["text"].as_str().expect("a text");
            let code = note["descriptor"]["id"].as_str().expect("a text");
            (
                code.to_owned(),
                file.expect("a file").to_owned() + at.unwrap_or_default(),
                said.to_owned(),
            )
        }
        "junit" => {
            let part = |from: &str, to: &str| {
                let rest = &text[text.find(from).expect("there") + from.len()..];
                rest[..rest.find(to).expect("closed")].to_owned()
            };
            assert!(text.contains(r#"errors="1""#), "{text}");
            let place = part("<testcase name=\"", "\"");
            let (code, place) = place.split_once(' ').expect("code and place");
            let place = place.replace('#', "");
            (code.to_owned(), place, part("<error ", "</error>"))
        }
        _ => {
            let rest = text.strip_prefix("::error file=").expect("an annotation");
            let (file, rest) = rest.split_once(",title=touchmark ").expect("a title");
            let (code, rest) = rest.split_once("::").expect("a message");
            let at = rest
                .split_once("(at ")
                .map_or("", |(_, rest)| &rest[..rest.find(')').expect("closed")]);
            (code.to_owned(), format!("{file}{at}"), rest.to_owned())
        }
    }
}

#[test]
fn a_fault_stands_in_every_format() {
    let scratch = Scratch::clinic("formats");
    let plan = scratch.read("plan.json");
    scratch.write("half.json", &plan[..plan.len() / 2]);
    scratch.write(
        "wrong.json",
        &plan.replacen("\"contract\": \"", "\"contract\": \"x", 1),
    );
    scratch.write("lock.json", "{}");
    for (args, code, place) in [
        (
            &["page.html", "--plan", "none.json"][..],
            "file_unreadable",
            "none.json",
        ),
        (
            &["page.html", "--plan", "half.json"],
            "json_malformed",
            "half.json",
        ),
        (
            &["page.html", "--plan", "wrong.json"],
            "contract_unknown",
            "wrong.json/forms/0/contract",
        ),
        (
            &["page.html", "--lock", "lock.json"],
            "lock_format",
            "lock.json",
        ),
        (
            &["page.html", "--lock", "gone.json"],
            "lock_missing",
            "gone.json",
        ),
        (&["none.html"], "page_unreadable", "none.html"),
        (&["*.xhtml"], "page_none", "*.xhtml"),
    ] {
        for format in ["json", "sarif", "junit", "github"] {
            let args = [&["check", "--format", format], args].concat();
            let output = touchmark(scratch.path(), &args);
            assert_eq!(output.status.code(), Some(2), "{args:?}");
            let text = String::from_utf8(output.stdout).expect("text");
            let (found, at, remedy) = shown(format, &text);
            assert_eq!((found.as_str(), at.as_str()), (code, place), "{args:?}");
            assert!(remedy.len() > 20, "{args:?}: {remedy}");
        }
    }
}

#[test]
fn a_fault_goes_into_the_file_that_was_named() {
    let scratch = Scratch::clinic("file");
    scratch.write("out.txt", "what another run left");
    let args = [
        "check",
        "page.html",
        "--plan",
        "none.json",
        "--format",
        "json",
    ];
    let text = touchmark(scratch.path(), &args).stdout;
    let output = touchmark(scratch.path(), &[&args[..], &["--out", "out.txt"]].concat());
    assert_eq!(output.status.code(), Some(2));
    assert!(output.stdout.is_empty());
    assert_eq!(scratch.read("out.txt").into_bytes(), text);
}

#[test]
fn a_page_that_can_not_be_read_hides_no_finding_of_another() {
    let scratch = Scratch::clinic("both");
    let page = scratch.read("page.html");
    scratch.write("page.html", &page.replace("name=\"full\"", "name=\"fn\""));
    let output = touchmark(
        scratch.path(),
        &["check", "none.html", "page.html", "--format", "json"],
    );
    assert_eq!(output.status.code(), Some(2));
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(answer["unread"][0]["code"], "page_unreadable");
    assert!(answer["errors"].as_u64() > Some(0), "{answer:#}");
    let text = touchmark(scratch.path(), &["check", "none.html"]).stdout;
    let text = String::from_utf8(text).expect("text");
    assert!(text.ends_with(": 1 not checked\n"), "{text}");
}

/// The lock file that a run in a folder compares with.
fn compared(scratch: &Scratch, folder: &str, args: &[&str]) -> Value {
    let args = [&["check", "--format", "json"], args].concat();
    let output = touchmark(&scratch.path().join(folder), &args);
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    answer["lock"].clone()
}

#[test]
fn the_lock_file_goes_with_its_plan_wherever_one_stands() {
    let scratch = Scratch::new("lock");
    // The root of a repository ends the search.
    scratch.write("repo/.git/HEAD", "");
    scratch.write("touchmark.lock.json", "not ours");
    let clinic = Scratch::clinic("lock-parts");
    for site in ["a", "b"] {
        for file in ["page.html", "plan.json", "schema.json"] {
            scratch.write(&format!("repo/{site}/{file}"), &clinic.read(file));
        }
    }
    let update = touchmark(
        &scratch.path().join("repo"),
        &["check", "--plan", "a/plan.json", "a", "--update"],
    );
    assert!(update.status.success());
    assert!(scratch.path().join("repo/a/touchmark.lock.json").is_file());
    let from_root = ["--plan", "a/plan.json", "a"];
    assert_eq!(
        compared(&scratch, "repo", &from_root),
        "a/touchmark.lock.json"
    );
    assert_eq!(compared(&scratch, "repo/a", &["."]), "touchmark.lock.json");
    assert_eq!(
        compared(&scratch, "repo/b", &["--plan", "../a/plan.json", "../a"]),
        "../a/touchmark.lock.json"
    );
    // Another site has none, and takes neither its neighbour's nor one outside of the repository.
    assert_eq!(compared(&scratch, "repo/b", &["."]), Value::Null);
    // One for the whole repository is found from below.
    fs::rename(
        scratch.path().join("repo/a/touchmark.lock.json"),
        scratch.path().join("repo/touchmark.lock.json"),
    )
    .expect("moved");
    assert_eq!(
        compared(&scratch, "repo", &from_root),
        "touchmark.lock.json"
    );
    assert_eq!(
        compared(&scratch, "repo/b", &["."]),
        "../touchmark.lock.json"
    );
    // A plan from elsewhere takes the one of the folder that it is used in.
    scratch.write("plans/plan.json", &clinic.read("plan.json"));
    scratch.write("plans/schema.json", &clinic.read("schema.json"));
    fs::remove_file(scratch.path().join("touchmark.lock.json")).expect("removed");
    assert_eq!(
        compared(
            &scratch,
            "repo/a",
            &["--plan", "../../plans/plan.json", "."]
        ),
        "../touchmark.lock.json"
    );
    // One that was named and is not there is no agreement.
    let named = touchmark(
        &scratch.path().join("repo/a"),
        &["check", ".", "--lock", "mine.json"],
    );
    assert_eq!(named.status.code(), Some(2));
}

#[test]
fn owners_come_as_a_table_or_for_programs() {
    let scratch = Scratch::clinic("owners");
    let run = |args: &[&str]| {
        let output = touchmark(scratch.path(), &[&["check", "--owners"], args].concat());
        let text = String::from_utf8(output.stdout).expect("text");
        (output.status.code(), text)
    };
    let (code, text) = run(&["--format", "json"]);
    assert_eq!(code, Some(0));
    let answer: Value = serde_json::from_str(&text).expect("JSON");
    let schema: Value = support::read(&scratch.path().join("schema.json"));
    assert_eq!(answer["schema"], schema["$id"]);
    let fields = answer["fields"].as_array().expect("a list");
    assert!(!fields.is_empty());
    for field in fields {
        let pointer = field["pointer"].as_str().expect("a pointer");
        let rule = schema.pointer(pointer).expect("it leads to the field");
        assert_eq!(field["owner"], rule["x-touchmark"]["owner"], "{pointer}");
    }
    // A field that says nothing has no owner, and is told as that.
    let bare = |owner: &Value| {
        let mut schema = schema.clone();
        let first = fields[0]["pointer"].as_str().expect("a pointer");
        let rule = schema.pointer_mut(first).expect("a field");
        rule["x-touchmark"] = json!({"collect": "never", "owner": owner});
        scratch.write("schema.json", &schema.to_string());
        let (_, text) = run(&["--format", "json"]);
        serde_json::from_str::<Value>(&text).expect("JSON")
    };
    let name = format!(
        "{}.{}",
        fields[0]["form"].as_str().expect("a form"),
        fields[0]["field"].as_str().expect("a field")
    );
    assert_eq!(bare(&Value::Null)["unowned"], json!([name]));
    assert_eq!(bare(&json!("desk"))["owners"]["desk"], json!([name]));

    assert_eq!(run(&["--format", "sarif"]).0, Some(2));
    assert_eq!(run(&["--schema", "none.json"]).0, Some(2));
    // A built plan names owners only with its schema.
    let built = touchmark(
        scratch.path(),
        &["plan", "build", "plan.json", "--out", "built.json"],
    );
    assert!(built.status.success());
    let (code, text) = run(&["--plan", "built.json", "--format", "json"]);
    assert_eq!(code, Some(2));
    assert!(text.contains("schema_missing"), "{text}");
    let (code, text) = run(&["--plan", "built.json", "--schema", "schema.json"]);
    assert_eq!(code, Some(0));
    assert!(text.contains("desk"), "{text}");
}
