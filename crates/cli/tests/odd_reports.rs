//! `touchmark report` and `touchmark reconcile` asked for what can't be: each slip is refused with
//! what to write instead, for programs too, and never read as something else.

mod support;

use serde_json::{Value, json};
use support::{Scratch, touchmark};

const LEAD: &str = r#"{"specversion":"1.0","id":"a","source":"urn:touchmark:s","type":"org.touchmark.form_submit","time":"2026-11-20T10:00:00Z","data":{"page":{"id":"p"},"form":{"id":"f","outcome":"sent","fields":{}},"validation":{"verdict":"valid"},"attribution":{"last":{"campaign":"spring","id":"1"}}}}"#;

fn world(name: &str) -> Scratch {
    let scratch = Scratch::new(name);
    scratch.write("events.json", &format!("[{LEAD}]"));
    scratch.write("crm.csv", "Event ID,Created\na,2026-11-20\n");
    scratch
}

/// What reconcile says of that world, as JSON.
fn reconciled(scratch: &Scratch, more: &[&str]) -> Value {
    let line = [
        "reconcile",
        "--events",
        "events.json",
        "--crm",
        "crm.csv",
        "--format",
        "json",
    ];
    let (_, out, err) = run(scratch, &[&line, more].concat());
    serde_json::from_str(&out).unwrap_or_else(|_| panic!("{more:?}: {err}"))
}

/// Exit code, standard output, standard error.
fn run(scratch: &Scratch, line: &[&str]) -> (Option<i32>, String, String) {
    let output = touchmark(scratch.path(), line);
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).expect("text");
    (
        output.status.code(),
        text(output.stdout),
        text(output.stderr),
    )
}

#[test]
fn each_slip_is_refused_with_what_to_write() {
    let scratch = world("slips");
    scratch.write("empty.csv", "\n\n");
    scratch.write("us.csv", "Event ID,Created\na,11/20/2026\n");
    scratch.write("unnamed.csv", "campaign,id\n,1\n");
    scratch.write("shared.csv", "campaign,id\nspring,1\nautumn,1\n");
    let reconcile = ["reconcile", "--events", "events.json", "--crm"];
    let report = ["report", "--events", "events.json"];
    for (command, args, says) in [
        (&reconcile[..], &["none.csv"][..], "crm_unreadable"),
        (&reconcile, &["empty.csv"], "it is empty"),
        (
            &reconcile,
            &["crm.csv", "--stage", "Hot=lead_qualifed"],
            "did you mean `lead_qualified`?",
        ),
        (
            &reconcile,
            &["crm.csv", "--stage", "=lead_qualified"],
            "write it as WORD=TYPE",
        ),
        (
            &reconcile,
            &["crm.csv", "--column", "id"],
            "write it as WHAT=NAME",
        ),
        (
            &reconcile,
            &[
                "crm.csv",
                "--column",
                "id=Event ID",
                "--column",
                "id=Created",
            ],
            "says twice which one is id",
        ),
        (
            &reconcile,
            &["crm.csv", "--country-code", "00"],
            "don't begin with 0",
        ),
        (
            &reconcile,
            &["crm.csv", "--tolerance", "-1"],
            "from 0 to 100",
        ),
        (
            &reconcile,
            &["us.csv", "--since", "2026-11-01"],
            "`11/20/2026` on line 2 is no day as in 2026-11-20",
        ),
        (&report, &["--drop", "-1"], "from 0 to 100"),
        (
            &report,
            &["--campaigns", "unnamed.csv"],
            "line 2 lacks a campaign or its id",
        ),
        (
            &report,
            &["--campaigns", "shared.csv"],
            "the id 1 is `spring` and `autumn`",
        ),
        (&report, &["--html", "."], "file_unwritable"),
    ] {
        let (code, out, err) = run(&scratch, &[command, args].concat());
        assert_eq!(code, Some(2), "{args:?}: {out}{err}");
        assert!(err.contains(says), "{args:?}: {err}");
        assert!(out.is_empty(), "{args:?}: {out}");
    }
}

#[test]
fn programs_are_told_why_nothing_was_read() {
    let scratch = world("fault");
    for line in [
        &["report", "--events", "none.json", "--format", "json"][..],
        &[
            "reconcile",
            "--events",
            "none.json",
            "--crm",
            "crm.csv",
            "--format",
            "json",
        ],
    ] {
        let (code, out, _) = run(&scratch, line);
        assert_eq!(code, Some(2));
        let answer: Value = serde_json::from_str(&out).expect("JSON");
        assert_eq!(answer["exit"], 2);
        assert_eq!(answer["fault"]["code"], "events_unreadable");
        assert_eq!(answer["fault"]["file"], "none.json");
        assert!(answer["fault"]["remedy"].is_string());
    }
}

#[test]
fn days_with_the_year_first_are_read_whatever_is_between_their_parts() {
    let scratch = world("days");
    for (created, records) in [
        ("2026-11-20", 1),
        ("2026/11/20 10:15", 1),
        ("2026-11-20T10:15:00Z", 1),
        ("2026-10-31", 0),
        ("", 1),
    ] {
        scratch.write("crm.csv", &format!("Event ID,Created\nnobody,{created}\n"));
        let answer = reconciled(&scratch, &["--since", "2026-11-01"]);
        assert_eq!(answer["records"], records, "{created}");
    }
}

#[test]
fn events_are_read_as_windows_tools_write_them() {
    let scratch = world("mark");
    scratch.write("events.json", &format!("\u{feff}[{LEAD}]\r\n"));
    assert_eq!(reconciled(&scratch, &[])["leads"], 1);
}

#[test]
fn campaigns_are_read_as_excel_writes_them_in_half_of_the_world() {
    let scratch = world("excel");
    scratch.write("agreed.csv", "\u{feff}Campaign;ID\r\nspring;1\r\n");
    let line = [
        "report",
        "--events",
        "events.json",
        "--campaigns",
        "agreed.csv",
        "--until",
        "2026-11-20",
    ];
    let (code, out, err) = run(&scratch, &line);
    assert_eq!(code, Some(0), "{out}{err}");
}

#[test]
fn events_without_a_time_are_told_and_not_dropped_in_silence() {
    let scratch = world("undated");
    let odd = LEAD.replace("2026-11-20T10:00:00Z", "yesterday");
    scratch.write("events.json", &format!("[{LEAD},{odd}]"));
    let line = [
        "report",
        "--events",
        "events.json",
        "--until",
        "2026-11-20",
        "--format",
        "json",
    ];
    let (code, out, _) = run(&scratch, &line);
    assert_eq!(code, Some(1));
    let answer: Value = serde_json::from_str(&out).expect("JSON");
    let codes: Vec<&Value> = answer["flags"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| &one["code"])
        .collect();
    assert_eq!(codes, [&json!("time_unreadable")]);
}
