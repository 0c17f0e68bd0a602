//! `touchmark reconcile` and `touchmark report` on events of a made-up month.

mod support;

use std::fmt::Write;

use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use support::{Scratch, touchmark};

fn sha(text: &str) -> String {
    Sha256::digest(text)
        .iter()
        .fold(String::new(), |mut hex, byte| {
            let _ = write!(hex, "{byte:02x}");
            hex
        })
}

/// A submission's event, as a page sends it.
fn submit(id: &str, time: &str, page: &str, campaign: &str, email: &str, phone: &str) -> Value {
    json!({
        "specversion": "1.0", "id": id, "source": "urn:touchmark:clinic", "type": "org.touchmark.form_submit",
        "subject": "contact", "time": time,
        "data": {
            "page": {"id": page},
            "attribution": {"last": {"campaign": campaign, "id": format!("{campaign}-1"), "channel": "Paid Search"}},
            "form": {"id": "contact", "contract": "contact", "intent": 1, "outcome": "sent",
                     "fields": {"email": sha(email), "phone": sha(phone)}},
            "validation": {"verdict": "valid"},
        }
    })
}

fn lifecycle(kind: &str, id: &str, time: &str, submission: &str) -> Value {
    json!({"specversion": "1.0", "id": id, "source": "https://crm.example", "type": format!("org.touchmark.{kind}"),
           "time": time, "data": {"submission": submission, "system": "crm"}})
}

/// Runs a command on `events.json`; exit code and its JSON.
fn answer(scratch: &Scratch, command: &[&str], args: &[&str]) -> (Option<i32>, Value) {
    let given = [
        command,
        &["--events", "events.json", "--format", "json"],
        args,
    ]
    .concat();
    let output = touchmark(scratch.path(), &given);
    let answer = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
        panic!(
            "{given:?} printed no JSON: {}",
            String::from_utf8_lossy(&output.stderr)
        )
    });
    (output.status.code(), answer)
}

fn reconcile(scratch: &Scratch, args: &[&str]) -> (Option<i32>, Value) {
    answer(scratch, &["reconcile", "--crm", "crm.csv"], args)
}

fn report(scratch: &Scratch, args: &[&str]) -> (Option<i32>, Value) {
    answer(scratch, &["report"], args)
}

/// `code line event` of everything that doesn't agree.
fn troubles(answer: &Value) -> Vec<String> {
    let all = answer["troubles"].as_array().expect("a list").iter();
    let mut all: Vec<String> = all
        .map(|one| {
            format!(
                "{} {} {}",
                one["code"].as_str().unwrap_or_default(),
                one["line"],
                one["event"].as_str().unwrap_or_default()
            )
        })
        .collect();
    all.sort();
    all
}

fn events() -> Vec<Value> {
    let mut events = vec![
        submit(
            "e1",
            "2026-11-01T10:00:00Z",
            "cardiology",
            "heart",
            "ana@clinic.example",
            "+13125550142",
        ),
        submit(
            "e2",
            "2026-11-02T10:00:00Z",
            "cardiology",
            "heart",
            "bo@clinic.example",
            "+13125550143",
        ),
        submit(
            "e3",
            "2026-11-03T10:00:00Z",
            "home",
            "brand",
            "cy@clinic.example",
            "+13125550144",
        ),
        submit(
            "e4",
            "2026-11-04T10:00:00Z",
            "home",
            "brand",
            "di@clinic.example",
            "+13125550145",
        ),
    ];
    // Tried again: only the second counts. Refused: none counts.
    let mut failed = submit(
        "f1",
        "2026-11-05T10:00:00Z",
        "home",
        "brand",
        "ed@clinic.example",
        "+13125550146",
    );
    failed["data"]["form"]["outcome"] = json!("failed");
    let mut again = submit(
        "f2",
        "2026-11-05T10:01:00Z",
        "home",
        "brand",
        "ed@clinic.example",
        "+13125550146",
    );
    again["data"]["form"]["retry_of"] = json!("f1");
    events.extend([failed, again]);
    events
}

#[test]
fn records_are_matched_by_id_then_by_both_keys() {
    let scratch = Scratch::new("match");
    scratch.write("events.json", &json!(events()).to_string());
    scratch.write(
        "crm.csv",
        "Created,Touchmark Event ID,Email,Phone,UTM Campaign\n\
        2026-11-01,E1,,,heart\n\
        2026-11-02,, Bo@Clinic.example ,(312) 555-0143,heart\n\
        2026-11-03,,cy@clinic.example,,brand\n\
        2026-11-04,,di@clinic.example,+1 312 555 9999,brand\n\
        2026-11-05,f2,,,brand\n",
    );
    let (code, answer) = reconcile(&scratch, &["--country-code", "1"]);
    assert_eq!(answer["leads"], 5, "what failed or was tried again is none");
    assert_eq!(
        answer["matched"],
        json!({"event_id": 2, "email_and_phone": 1, "one_key": 1})
    );
    // An e-mail that fits and a phone that doesn't is somebody else, or a mistake for people to see.
    assert_eq!(
        troubles(&answer),
        ["missing_in_crm 0 e4", "missing_in_events 5 "]
    );
    assert_eq!(code, Some(1));
    assert_eq!(
        answer["pages"]["home"],
        json!({"captured": 3, "in_crm": 2, "missing": 1, "duplicate": 0, "contradictory": 0, "without_event": 0})
    );
    assert_eq!(
        reconcile(&scratch, &["--country-code", "1", "--tolerance", "20"]).0,
        Some(0)
    );
    assert_eq!(
        reconcile(&scratch, &["--country-code", "1", "--until", "2026-11-03"]).0,
        Some(0)
    );
    let text = String::from_utf8(
        touchmark(
            scratch.path(),
            &["reconcile", "--events", "events.json", "--crm", "crm.csv"],
        )
        .stdout,
    )
    .expect("text");
    assert!(
        !text.to_lowercase().contains("clinic.example") && !text.contains("555"),
        "no contact data: {text}"
    );
}

#[test]
fn doubles_and_contradictions_are_told() {
    let scratch = Scratch::new("contradict");
    let mut all = events();
    all.truncate(3);
    all.push(submit(
        "e1b",
        "2026-11-01T10:20:00Z",
        "cardiology",
        "heart",
        "ana@clinic.example",
        "+13125550142",
    ));
    all.push(lifecycle(
        "lead_qualified",
        "q1",
        "2026-11-06T10:00:00Z",
        "e1",
    ));
    all.push(lifecycle(
        "appointment_created",
        "a1",
        "2026-11-07T10:00:00Z",
        "e1",
    ));
    all.push(lifecycle(
        "lead_qualified",
        "q2",
        "2026-11-07T10:00:00Z",
        "e2",
    ));
    all.push(lifecycle(
        "lead_disqualified",
        "q3",
        "2026-11-07T10:00:00Z",
        "e3",
    ));
    scratch.write("events.json", &json!(all).to_string());
    scratch.write(
        "crm.csv",
        "Event ID;Campaign;Campaign ID;Lead Status\n\
        e1;Heart;heart-1;Scheduled\n\
        e1;heart;heart-1;Scheduled\n\
        e1b;heart;heart-1;\n\
        e2;brand;heart-2;Hot\n\
        e3;brand;brand-1;MQL\n\
        x9;brand;brand-1;New\n",
    );
    let (code, answer) = reconcile(&scratch, &[]);
    assert_eq!(code, Some(1));
    let expect = [
        "campaign_differs 5 e2",
        "campaign_id_differs 5 e2",
        "duplicate_event 0 e1b",
        "duplicate_in_crm 3 e1",
        "missing_in_events 7 ",
        "stage_differs 5 e2",
        "stage_differs 6 e3",
    ];
    assert_eq!(troubles(&answer), expect);
    let (_, answer) = reconcile(&scratch, &["--stage", "Hot=lead_qualified"]);
    assert!(!troubles(&answer).contains(&"stage_differs 5 e2".to_owned()));
}

#[test]
fn what_can_not_be_read_is_told() {
    let scratch = Scratch::new("unreadable");
    scratch.write("events.json", "[]");
    scratch.write("crm.csv", "Name,City\nAna,Chicago\n");
    scratch.write("letter.txt", "Dear reader");
    for (args, code) in [
        (
            &["--events", "none.db", "--crm", "crm.csv"][..],
            "events_unreadable",
        ),
        (
            &["--events", "letter.txt", "--crm", "crm.csv"],
            "events_unreadable",
        ),
        (
            &["--events", "events.json", "--crm", "none.csv"],
            "crm_unreadable",
        ),
        (
            &["--events", "events.json", "--crm", "crm.csv"],
            "crm_columns_missing",
        ),
        (
            &[
                "--events",
                "events.json",
                "--crm",
                "crm.csv",
                "--column",
                "id=Nam",
            ],
            "crm_column_unknown",
        ),
        (
            &[
                "--events",
                "events.json",
                "--crm",
                "crm.csv",
                "--column",
                "ident=Name",
            ],
            "crm_column_unknown",
        ),
    ] {
        let output = touchmark(scratch.path(), &[&["reconcile"], args].concat());
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            text.contains(&format!("error[{code}]")) && text.contains("remedy: "),
            "{args:?}: {text}"
        );
    }
}

/// Thirty days of ten events on each of two pages; one page goes silent, a form loses a field.
fn month() -> Vec<Value> {
    let mut events = Vec::new();
    for day in 1..=30 {
        for n in 0..20 {
            let page = if n % 2 == 0 { "cardiology" } else { "home" };
            if page == "home" && day >= 21 {
                continue;
            }
            let mut event = submit(
                &format!("m{day}-{n}"),
                &format!("2026-09-{day:02}T{n:02}:00:00Z"),
                page,
                "heart",
                &format!("{day}-{n}@x.example"),
                "1",
            );
            if day >= 25 && n == 0 {
                event["data"]["validation"] = json!({"verdict": "invalid", "violations": [{"instance": "/email", "keyword": "required", "schema": "/required/0"}]});
            }
            if day == 3 && n == 4 {
                event["data"]["attribution"]["last"]["id"] = json!("other-7");
                event["data"]["page"]["id"] = json!("<script>alert(1)</script>");
            }
            events.push(event);
        }
    }
    events
}

#[test]
fn a_report_counts_and_flags() {
    let scratch = Scratch::new("report");
    scratch.write("events.json", &json!(month()).to_string());
    let (code, answer) = report(
        &scratch,
        &["--until", "2026-09-30", "--html", "out/report.html"],
    );
    assert_eq!(code, Some(1));
    let flags = answer["flags"].as_array().expect("flags").iter();
    let flags: Vec<String> = flags
        .map(|one| {
            format!(
                "{}: {}",
                one["code"].as_str().unwrap_or_default(),
                one["what"].as_str().unwrap_or_default()
            )
        })
        .collect();
    assert_eq!(
        flags.len(),
        7,
        "all, type, form and campaign fell by half: {flags:#?}"
    );
    let all = flags.join("\n");
    for part in [
        "silent: page home fell to 0 on 2026-09-21, 100 % below the usual 10",
        "required_missing: `email` is required on `contact` and was missing 6 times",
        "campaign_mismatch: campaign `heart` came with 2 ids: heart-1, other-7",
    ] {
        assert!(all.contains(part), "{part}\n{all}");
    }
    let cardiology = &answer["groups"]["page"][0];
    assert_eq!(
        (
            &cardiology["name"],
            &cardiology["events"],
            &cardiology["invalid"]
        ),
        (&json!("cardiology"), &json!(299), &json!(6))
    );
    assert_eq!(answer["days"].as_array().map(Vec::len), Some(30));
    let html = scratch.read("out/report.html");
    assert!(
        html.contains("<svg") && html.contains("By page"),
        "plots are in it"
    );
    assert!(
        !html.contains("<script") && !html.contains("http"),
        "self-contained, and what came from addresses is text"
    );
    let (_, answer) = report(
        &scratch,
        &["--since", "2026-09-05", "--until", "2026-09-20"],
    );
    assert_eq!(answer["flags"], json!([]), "a quiet fortnight");
}

#[test]
fn a_range_of_days_pairs_over_its_ends() {
    let scratch = Scratch::new("range");
    let lead = |id: &str, time: &str, name: &str| submit(id, time, "home", "heart", name, "");
    let events = json!([
        lead("late", "2026-11-11T05:30:00Z", "late@x.example"),
        lead("keys", "2026-11-11T05:40:00Z", "keys@x.example"),
        lead("gone", "2026-11-11T12:00:00Z", "gone@x.example"),
        lead("after", "2026-11-13T01:00:00Z", "after@x.example"),
        lead("early", "2026-11-02T12:00:00Z", "early@x.example"),
    ]);
    scratch.write("events.json", &events.to_string());
    scratch.write(
        "crm.csv",
        "touchmark_event_id__c,Email,Campaign,Campaign Id,Created\n\
         late,late@x.example,heart,heart-1,2026-11-10T23:30:00-06:00\n\
         ,keys@x.example,heart,heart-1,2026-11-10 23:40\n\
         after,after@x.example,heart,heart-1,2026-11-12 19:00\n\
         early,early@x.example,heart,heart-1,2026-11-11\n\
         ,nobody@x.example,heart,heart-1,2026-11-12\n\
         ,elsewhere@x.example,heart,heart-1,2026-11-13\n",
    );
    let (code, answer) = reconcile(
        &scratch,
        &["--since", "2026-11-11", "--until", "2026-11-12"],
    );
    assert_eq!(code, Some(1));
    assert_eq!(
        (&answer["leads"], &answer["records"], &answer["matched"]),
        (
            &json!(3),
            &json!(3),
            &json!({"event_id": 1, "email_and_phone": 0, "one_key": 1})
        )
    );
    let told: Vec<_> = answer["troubles"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|one| (&one["code"], &one["event"], &one["line"]))
        .collect();
    let expect = [
        (&json!("missing_in_crm"), &json!("gone"), &json!(0)),
        (&json!("missing_in_events"), &json!(""), &json!(6)),
    ];
    assert_eq!(told, expect);
}

#[test]
fn campaigns_are_held_against_those_agreed_upon() {
    let scratch = Scratch::new("campaigns");
    let mut events = events();
    events.push(submit(
        "e9",
        "2026-11-04T12:00:00Z",
        "home",
        "haert",
        "x@x.example",
        "1",
    ));
    scratch.write("events.json", &json!(events).to_string());
    scratch.write(
        "campaigns.csv",
        "campaign,id\nheart,heart-1\nbrand,brand-7\n",
    );
    let (_, answer) = report(
        &scratch,
        &["--campaigns", "campaigns.csv", "--until", "2026-11-05"],
    );
    let all = answer["flags"].to_string();
    assert!(
        all.contains("came 4 times with id brand-1, and brand-7 is agreed upon"),
        "{all}"
    );
    assert!(
        all.contains("`haert` came 1 time and is not agreed upon; did somebody mean `heart`?"),
        "{all}"
    );
}

/// Ten events on each of some days before today, the first and the last named by how long ago.
fn steady(first: u64, last: u64) -> Vec<Value> {
    let days = (last..=first).rev();
    days.flat_map(|ago| (0..10).map(move |n| (ago, n)))
        .map(|(ago, n)| {
            let time = format!("{}T{n:02}:00:00Z", days_ago(ago));
            submit(&format!("s{ago}-{n}"), &time, "home", "heart", "", "")
        })
        .collect()
}

/// A day in UTC by the machine's clock, as the program reads it.
fn days_ago(days: u64) -> String {
    let since = std::time::SystemTime::UNIX_EPOCH.elapsed();
    let millis = since.expect("a clock after 1970").as_millis() as u64;
    let then = touchmark::time::UnixMillis(millis - days * 86_400_000);
    then.to_rfc3339().chars().take(10).collect()
}

/// `code: what` of everything flagged.
fn flagged(answer: &Value) -> Vec<String> {
    let flags = answer["flags"].as_array().expect("flags").iter();
    flags
        .map(|one| {
            let word = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
            format!("{}: {}", word("code"), word("what"))
        })
        .collect()
}

#[test]
fn a_total_outage_is_told_without_a_range() {
    let scratch = Scratch::new("outage");
    scratch.write("events.json", &json!(steady(22, 9)).to_string());
    let (code, answer) = report(&scratch, &[]);
    assert_eq!(code, Some(1));
    let wanted = format!("silent: all events fell to 0 on {}", days_ago(8));
    let all = flagged(&answer);
    assert!(all.iter().any(|one| one.starts_with(&wanted)), "{all:#?}");
    assert_eq!(
        answer["days"].as_array().and_then(|days| days.last()),
        Some(&json!(days_ago(1)))
    );
    // A day that is not over is no drop.
    scratch.write("events.json", &json!(steady(14, 1)).to_string());
    let (code, answer) = report(&scratch, &[]);
    assert_eq!((code, &answer["flags"]), (Some(0), &json!([])));
}

#[test]
fn what_came_before_the_range_says_what_is_usual() {
    let scratch = Scratch::new("before");
    scratch.write("events.json", &json!(steady(22, 3)).to_string());
    let since = days_ago(4);
    let (code, answer) = report(&scratch, &["--since", &since]);
    assert_eq!(code, Some(1));
    let wanted = format!("silent: page home fell to 0 on {}", days_ago(2));
    let all = flagged(&answer);
    assert!(all.iter().any(|one| one.starts_with(&wanted)), "{all:#?}");
    assert_eq!(
        (
            &answer["groups"]["page"][0]["events"],
            answer["days"].as_array().map(Vec::len)
        ),
        (&json!(20), Some(4)),
        "days before the range are not counted"
    );
    let (_, answer) = report(&scratch, &["--since", &days_ago(2)]);
    let all = flagged(&answer);
    assert!(all[0].starts_with("no_events: "), "{all:#?}");
    assert!(
        all.iter().any(|one| one.contains("form contact fell to 0")),
        "{all:#?}"
    );
    assert_eq!(answer["groups"]["page"], json!([]));
}

#[test]
fn ranges_that_no_calendar_has_are_refused() {
    let scratch = Scratch::new("ranges");
    scratch.write("events.json", &json!(steady(14, 1)).to_string());
    let tomorrow = (days_ago(0), "since_after_until");
    for (args, part) in [
        (&["--since", "2026-13-45"][..], "--since"),
        (&["--until", "2026-02-29"], "--until"),
        (
            &["--since", "2026-11-05", "--until", "2026-11-04"],
            "--since",
        ),
        (&["--since", &tomorrow.0], tomorrow.1),
        (&["--drop", "101"], "--drop"),
        (&["--drop=-1"], "--drop"),
        (&["--drop", "NaN"], "--drop"),
    ] {
        let given = [&["report", "--events", "events.json"], args].concat();
        let output = touchmark(scratch.path(), &given);
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert_eq!(output.status.code(), Some(2), "{args:?}: {text}");
        assert!(text.contains(part), "{args:?}: {text}");
    }
}

#[test]
fn no_events_are_a_finding() {
    let scratch = Scratch::new("none");
    for text in ["[]", ""] {
        scratch.write("events.json", text);
        let (code, answer) = report(&scratch, &["--html", "report.html"]);
        let all = flagged(&answer);
        assert_eq!((code, all.len()), (Some(1), 1), "{all:#?}");
        assert!(
            all[0].starts_with("no_events: no event came in the range; the input holds none"),
            "{all:#?}"
        );
        assert!(scratch.read("report.html").contains("No events"));
    }
    scratch.write("events.json", &json!(steady(0, 0)).to_string());
    let (code, answer) = report(&scratch, &[]);
    assert_eq!(code, Some(1));
    let wanted = format!("which --until {} counts", days_ago(0));
    assert!(flagged(&answer)[0].contains(&wanted), "{answer}");
}

#[test]
fn lines_are_those_of_the_file_whatever_ends_them() {
    let scratch = Scratch::new("lines");
    scratch.write("events.json", "[]");
    let rows = "Event ID,Campaign|x1,heart|x2,\"two|lines\"||x3,brand|";
    for (end, third) in [("\n", 6), ("\r\n", 6), ("\r", 6)] {
        scratch.write("crm.csv", &rows.replace('|', end));
        let (_, answer) = reconcile(&scratch, &[]);
        let third = format!("missing_in_events {third} ");
        assert_eq!(
            troubles(&answer),
            [
                "missing_in_events 2 ",
                "missing_in_events 3 ",
                third.as_str()
            ],
            "{end:?}"
        );
    }
}

#[test]
fn rows_that_do_not_fit_the_header_are_told() {
    let scratch = Scratch::new("uneven");
    scratch.write("events.json", &json!(events()[..2]).to_string());
    scratch.write(
        "crm.csv",
        "Event ID,Name,Campaign\ne1,Lee, Ana,heart\ne2,Bo\n",
    );
    let (code, answer) = reconcile(&scratch, &[]);
    assert_eq!(code, Some(1));
    let all = troubles(&answer);
    assert!(all.contains(&"row_uneven 2 ".to_owned()), "{all:#?}");
    assert!(all.contains(&"row_uneven 3 ".to_owned()), "{all:#?}");
    let text = answer["troubles"].to_string();
    assert!(
        text.contains("of crm.csv has 4 cells, and the header has 3"),
        "{text}"
    );

    scratch.write(
        "crm.csv",
        "Event ID,Name\r\ne1,\"Ana \"\"A\"\" Lee\"\r\ne2,\"Bo\r\ne3,Cy\r\n",
    );
    let given = ["reconcile", "--events", "events.json", "--crm", "crm.csv"];
    let output = touchmark(scratch.path(), &given);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(output.status.code(), Some(2), "{text}");
    assert!(
        text.contains("crm.csv: the quote that begins on line 3 is never closed"),
        "{text}"
    );
}

#[test]
fn phones_without_a_country_code_are_told_once() {
    let scratch = Scratch::new("national");
    scratch.write("events.json", &json!(events()[..2]).to_string());
    let told = |csv: &str, args: &[&str]| {
        scratch.write("crm.csv", csv);
        let given = ["reconcile", "--events", "events.json", "--crm", "crm.csv"];
        let output = touchmark(scratch.path(), &[&given, args].concat());
        String::from_utf8(output.stdout).expect("text")
    };
    let national = "Phone\n(312) 555-0142\n312-555-0143\n";
    let text = told(national, &[]);
    assert!(text.contains("0 records matched"), "{text}");
    assert!(
        text.contains("note: 2 records have phone numbers without a country code")
            && text.contains("--country-code 1"),
        "{text}"
    );
    assert_eq!(text.matches("--country-code").count(), 1, "{text}");
    assert!(!told(national, &["--country-code", "1"]).contains("note:"));
    let text = told("Phone\n13125550142\n", &[]);
    assert!(
        text.contains("\n1 record matched: ") && !text.contains("note:"),
        "{text}"
    );
}
