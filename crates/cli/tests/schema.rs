//! `touchmark schema`, from outside: what it makes of two versions, and whether what it generates is fresh.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use serde_json::{Value, json};

#[test]
fn generated_files_are_fresh() {
    for (command, file) in [("docs", "docs/events.md"), ("types", "spec/event.d.ts")] {
        let output = touchmark(&root(), &["schema", command, "--out", file, "--check"]);
        assert!(output.status.success(), "{}", said(&output));
    }
}

#[test]
fn a_stale_file_is_told() {
    let folder = scratch("stale");
    fs::write(folder.join("events.md"), "# Old\n").expect("writable");
    let output = touchmark(
        &folder,
        &["schema", "docs", "--out", "events.md", "--check"],
    );
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains("[file_stale] events.md"),
        "{}",
        said(&output)
    );
}

#[test]
fn a_schema_with_faults_leaves_the_dictionary_as_it_is() {
    let folder = scratch("faulty");
    fs::write(folder.join("plan.json"), "{\"touchmark\": 1}").expect("writable");
    for (command, file) in [("docs", "events.md"), ("types", "events.d.ts")] {
        fs::write(folder.join(file), "as it was").expect("writable");
        let args = ["schema", command, "--schema", "plan.json", "--out", file];
        let output = touchmark(&folder, &args);
        assert_eq!(output.status.code(), Some(1), "{command}");
        assert!(
            said(&output).contains("[schema_head] plan.json"),
            "{}",
            said(&output)
        );
        let text = fs::read_to_string(folder.join(file)).expect("readable");
        assert_eq!(text, "as it was", "{command}");
    }
}

#[test]
fn an_entrys_day_is_one_of_the_calendar() {
    let schema = "spec/event.schema.json";
    for day in ["24.11.2026", "2026-02-31", "today"] {
        let output = touchmark(&root(), &["schema", "diff", schema, schema, "--date", day]);
        assert_eq!(output.status.code(), Some(2), "{day}");
    }
}

#[test]
fn the_dictionary_is_also_html() {
    let folder = scratch("html");
    let output = touchmark(&folder, &["schema", "docs", "--html", "events.html"]);
    assert!(output.status.success(), "{}", said(&output));
    let html = fs::read_to_string(folder.join("events.html")).expect("written");
    for part in [
        "<h3 id=\"appointment_request\">",
        "<td>marketing_operations</td>",
        "<code>service_line</code>",
    ] {
        assert!(html.contains(part), "{part}");
    }
}

/// What changes, and as what it counts: class, step.
#[test]
fn each_change_has_its_class_and_step() {
    let field = "/$defs/contracts/visit_request/properties";
    for (name, change, class, step) in [
        (
            "a new field",
            json!({format!("{field}/age"): {"type": "integer"}}),
            "compatible",
            "addition",
        ),
        (
            "a new field that leaves",
            json!({format!("{field}/diagnosis"): {"type": "string", "x-touchmark": {"collect": "value"}}}),
            "needs attention",
            "addition",
        ),
        (
            "a new field that leaves by what it refers to",
            json!({
                format!("{field}/note"): {"$ref": "#/$defs/note"},
                "/$defs/note": {"type": "string", "x-touchmark": {"collect": "sha256"}},
            }),
            "needs attention",
            "addition",
        ),
        (
            "a new value",
            json!({format!("{field}/service_line/enum"): ["heart", "skin", "eye"]}),
            "compatible",
            "addition",
        ),
        (
            "a wider limit",
            json!({format!("{field}/count/maximum"): 10}),
            "compatible",
            "addition",
        ),
        (
            "no limit",
            json!({format!("{field}/count/maximum"): null}),
            "compatible",
            "addition",
        ),
        (
            "a new definition",
            json!({"/$defs/other": {"type": "string"}}),
            "compatible",
            "addition",
        ),
        (
            "a new contract",
            json!({"/$defs/contracts/other": {"type": "object", "properties": {}}}),
            "compatible",
            "addition",
        ),
        (
            "open",
            json!({"/$defs/contracts/visit_request/additionalProperties": null}),
            "needs attention",
            "addition",
        ),
        (
            "other words",
            json!({"/$defs/email/description": "E-mail."}),
            "needs attention",
            "addition",
        ),
        (
            "another owner",
            json!({format!("{field}/email/x-touchmark/owner"): "crm"}),
            "needs attention",
            "addition",
        ),
        (
            "it leaves now",
            json!({format!("{field}/count/x-touchmark"): {"collect": "value"}}),
            "needs attention",
            "addition",
        ),
        (
            "not required",
            json!({"/$defs/contracts/visit_request/required": []}),
            "needs attention",
            "addition",
        ),
        (
            "more types",
            json!({format!("{field}/count/type"): ["integer", "null"]}),
            "needs attention",
            "addition",
        ),
        (
            "a value less",
            json!({format!("{field}/service_line/enum"): ["heart"]}),
            "breaking",
            "revision",
        ),
        (
            "a narrower limit",
            json!({format!("{field}/count/maximum"): 8}),
            "breaking",
            "revision",
        ),
        (
            "a new limit",
            json!({"/$defs/email/maxLength": 100}),
            "breaking",
            "revision",
        ),
        (
            "required",
            json!({"/$defs/contracts/visit_request/required": ["email", "count"]}),
            "breaking",
            "revision",
        ),
        (
            "another format",
            json!({"/$defs/email/format": "uri"}),
            "breaking",
            "revision",
        ),
        (
            "a pattern",
            json!({"/$defs/email/pattern": "@"}),
            "breaking",
            "revision",
        ),
        (
            "number to integer",
            json!({format!("{field}/count/type"): "number"}),
            "needs attention",
            "addition",
        ),
        (
            "a rule more",
            json!({"/$defs/email/not": {"const": "a@b"}}),
            "breaking",
            "revision",
        ),
        (
            "another type",
            json!({format!("{field}/count/type"): "string"}),
            "breaking",
            "model",
        ),
        (
            "a field gone",
            json!({format!("{field}/count"): null}),
            "breaking",
            "model",
        ),
        (
            "a contract gone",
            json!({"/$defs/contracts/visit_request": null}),
            "breaking",
            "model",
        ),
        (
            "another shape leaves",
            json!({format!("{field}/email/x-touchmark/collect"): "value"}),
            "breaking",
            "model",
        ),
        (
            "another hash",
            json!({format!("{field}/email/x-touchmark/normalise"): "text"}),
            "breaking",
            "model",
        ),
    ] {
        let folder = scratch("class");
        let old = base();
        let new = changed(old.clone(), &change);
        let report = diff(&folder, &old, &new);
        let worst = report["changes"].as_array().expect("a list").iter();
        let classes: Vec<&str> = worst.filter_map(|one| one["class"].as_str()).collect();
        assert!(
            !classes.is_empty() && classes.iter().all(|one| *one == class),
            "{name}: {report:#}"
        );
        assert_eq!(report["step"], step, "{name}: {report:#}");
        assert_eq!(
            report["fits"], false,
            "{name}: the version stayed, and that fits"
        );
        let version = report["proposed"].as_str().expect("a version");
        let expect = match step {
            "addition" => "1-0-1",
            "revision" => "1-1-0",
            _ => "2-0-0",
        };
        assert_eq!(version, expect, "{name}");
        let mut risen = new;
        risen["$id"] = json!(format!("https://clinic.example/schema/event/{version}"));
        assert_eq!(diff(&folder, &old, &risen)["fits"], true, "{name}");
    }
}

#[test]
fn the_same_schema_in_another_order_is_no_change() {
    let old = base();
    let mut new = old.clone();
    let turned = old["$defs"]
        .as_object()
        .expect("an object")
        .clone()
        .into_iter()
        .rev()
        .collect();
    new["$defs"] = Value::Object(turned);
    let report = diff(&scratch("order"), &old, &new);
    assert_eq!(
        (&report["step"], &report["fits"]),
        (&json!("none"), &json!(true)),
        "{report:#}"
    );
}

#[test]
fn a_version_needs_its_entry_in_the_changelog() {
    let folder = scratch("changelog");
    let mut new = changed(base(), &json!({"/$defs/email/maxLength": 100}));
    new["$id"] = json!("https://clinic.example/schema/event/1-1-0");
    write(&folder, "old.json", &base());
    write(&folder, "new.json", &new);
    let run = |more: &[&str]| {
        let arguments = [
            &[
                "schema",
                "diff",
                "old.json",
                "new.json",
                "--changelog",
                "log.md",
            ],
            more,
        ]
        .concat();
        let output = touchmark(&folder, &arguments);
        (output.status.code(), said(&output))
    };
    fs::write(folder.join("log.md"), "# Schema changelog\n").expect("writable");
    let (code, text) = run(&[]);
    assert!(
        code == Some(1) && text.contains("no entry for 1-1-0"),
        "{text}"
    );
    let (code, text) = run(&[
        "--write",
        "--reason",
        "The CRM takes 100.",
        "--date",
        "2026-11-22",
    ]);
    assert_eq!(code, Some(0), "{text}");
    let log = fs::read_to_string(folder.join("log.md")).expect("written");
    // The definition names nobody; the contract's field that uses it does.
    assert_eq!(
        log,
        "# Schema changelog\n\n## 1-1-0 – 2026-11-22\n\nReason: The CRM takes 100.\n\nSystems affected: web\n\n- breaking: `/$defs/email/maxLength` nothing → 100\n"
    );
    assert_eq!(run(&[]).0, Some(0));
    let (code, text) = run(&["--write", "--reason", "Again."]);
    assert!(code == Some(1) && text.contains("already"), "{text}");
    for (part, lack) in [
        ("The CRM takes 100.", "a reason"),
        ("web\n", "the system web"),
        ("`/$defs/email/maxLength`", "/$defs/email/maxLength"),
    ] {
        fs::write(folder.join("log.md"), log.replacen(part, "\n", 1)).expect("writable");
        let (code, text) = run(&[]);
        assert!(
            code == Some(1) && text.contains("lacks") && text.contains(lack),
            "{lack}: {text}"
        );
    }
}

#[test]
fn documents_come_together_and_a_missing_one_is_named() {
    let folder = scratch("bundle");
    write(
        &folder,
        "a.json",
        &json!({"properties": {"b": {"$ref": "b.json#/$defs/x"}, "c": {"$ref": "https://c.example/s/c"}}}),
    );
    write(
        &folder,
        "b.json",
        &json!({"$defs": {"x": {"type": "integer"}}}),
    );
    fs::create_dir_all(folder.join("theirs")).expect("a folder");
    write(
        &folder,
        "theirs/c.json",
        &json!({"$id": "https://c.example/s/see", "type": "string"}),
    );
    let output = touchmark(&folder, &["schema", "bundle", "a.json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        said(&output).contains("https://c.example/s/c, which is not at hand"),
        "{}",
        said(&output)
    );
    let output = touchmark(
        &folder,
        &[
            "schema",
            "bundle",
            "a.json",
            "--map",
            "https://c.example/s/=theirs",
            "--out",
            "whole.json",
        ],
    );
    assert!(output.status.success(), "{}", said(&output));
    let whole: Value =
        serde_json::from_str(&fs::read_to_string(folder.join("whole.json")).expect("written"))
            .expect("JSON");
    assert_eq!(whole["properties"]["c"]["$ref"], "https://c.example/s/see");
    let validator = jsonschema::draft202012::options()
        .offline()
        .build(&whole)
        .expect("needs no other document");
    assert!(validator.is_valid(&json!({"b": 1, "c": "x"})));
    assert!(!validator.is_valid(&json!({"b": "x"})) && !validator.is_valid(&json!({"c": 1})));
}

fn base() -> Value {
    let file = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/plans/base.schema.json");
    serde_json::from_str(&fs::read_to_string(file).expect("readable")).expect("JSON")
}

/// The document with the values at some pointers changed; null removes.
fn changed(mut document: Value, changes: &Value) -> Value {
    for (pointer, value) in changes.as_object().expect("pointers") {
        let (place, name) = pointer.rsplit_once('/').expect("a pointer");
        let holder = document
            .pointer_mut(place)
            .and_then(Value::as_object_mut)
            .expect("an object there");
        if value.is_null() {
            holder.shift_remove(name).expect("a member to remove");
        } else {
            holder.insert(name.to_owned(), value.clone());
        }
    }
    document
}

fn diff(folder: &Path, old: &Value, new: &Value) -> Value {
    write(folder, "old.json", old);
    write(folder, "new.json", new);
    let output = touchmark(
        folder,
        &["schema", "diff", "old.json", "new.json", "--format", "json"],
    );
    let report: Value =
        serde_json::from_slice(&output.stdout).unwrap_or_else(|_| panic!("{}", said(&output)));
    assert_eq!(
        output.status.success(),
        report["fits"] == true,
        "{}",
        said(&output)
    );
    report
}

fn write(folder: &Path, name: &str, value: &Value) {
    fs::write(folder.join(name), value.to_string()).expect("writable");
}

fn touchmark(folder: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_touchmark"));
    command
        .args(arguments)
        .current_dir(folder)
        .output()
        .expect("the program runs")
}

fn said(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("schema-{name}"));
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("a folder");
    folder
}
