//! What a test run can ask: expectations, counts by rule, files.

mod support;

use std::time::{Duration, Instant};

use serde_json::{Value, json};
use support::{Answer, Running, note, submit};

fn assert(running: &Running, list: Value) -> Answer {
    running.ask(
        "POST",
        "/assert",
        "Content-Type: application/json\r\n",
        list.to_string().as_bytes(),
    )
}

fn report(answer: &Answer) -> String {
    answer.json()["report"]
        .as_str()
        .expect("a report")
        .to_owned()
}

#[test]
fn what_is_there_holds_at_once() {
    let running = Running::start();
    running.post(json!([submit(1, 1, "sent"), submit(2, 2, "accepted")]).to_string());
    let begin = Instant::now();
    let answer = assert(
        &running,
        json!([
            {"where": {"/type": "org.touchmark.form_submit", "/data/form/outcome": "accepted"},
             "expect": {
                "state": "good",
                "/subject": "appointment",
                "/id": {"matches": "^00000002-"},
                "/data/attribution/last/channel": {"one_of": ["Paid Search", "Paid Social"]},
                "/data/attribution/last_paid": {"absent": true},
                "/data/form/fields": {"count": 1},
                "/data/form/fields/name": {"exists": false},
                "/data/form/intent": {"type": "integer", "at_least": 2},
             }},
            {"where": {"/type": "org.touchmark.form_submit"}, "count": {"at_least": 2}},
        ]),
    );
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(
        begin.elapsed() < Duration::from_secs(4),
        "it did not wait for the deadline"
    );
    assert_eq!(answer.json()["ok"], true);
    assert_eq!(answer.json()["results"][0]["matched"], json!([2]));
}

#[test]
fn it_waits_for_what_comes() {
    let running = Running::start();
    let list = json!({"within_ms": 20_000, "expect": [{"where": {"/id": "late"}}]});
    std::thread::scope(|scope| {
        let waiting = scope.spawn(|| assert(&running, list));
        running.post(note("early").to_string());
        running.post(note("late").to_string());
        let answer = waiting.join().expect("answered");
        assert_eq!(answer.status, 200, "{}", answer.body);
    });
}

#[test]
fn what_is_missing_is_told_with_the_nearest_event_and_a_diff() {
    let running = Running::start();
    running.post(json!([note("other"), submit(1, 1, "failed")]).to_string());
    let list = json!({"within_ms": 200, "expect": [
        {"name": "the appointment arrives", "where": {"/type": "org.touchmark.form_submit"},
         "expect": {"/data/form/outcome": "accepted", "/data/form/fields/phone": {"type": "string"}, "/subject": "appointment"}},
        {"name": "a landing", "where": {"/type": "org.touchmark.landing", "/subject": "appointment"}},
        {"name": "something", "where": {"/id": "other"}},
    ]});
    let answer = assert(&running, list.clone());
    assert_eq!(answer.status, 422);
    let text = report(&answer);
    for line in [
        "FAIL the appointment arrives: at least 1 wanted, 0 there",
        "     nearest: #2 good org.touchmark.form_submit appointment",
        "     - /data/form/outcome: \"accepted\"",
        "     + /data/form/outcome: \"failed\"",
        "     - /data/form/fields/phone: a value of type string",
        "     + /data/form/fields/phone: nothing",
        "FAIL a landing",
        "     - /type: \"org.touchmark.landing\"",
        "ok   something",
        "1 of 3 expectations hold",
    ] {
        assert!(text.contains(line), "{line} is not in\n{text}");
    }
    assert!(!text.contains("- /subject"), "only what differs:\n{text}");
    let misses = &answer.json()["results"][0]["nearest"]["misses"];
    assert_eq!(
        misses[0],
        json!({"at": "/data/form/outcome", "expected": "\"accepted\"", "found": "failed"})
    );

    let plain = running.ask(
        "POST",
        "/assert",
        "Accept: text/plain\r\n",
        list.to_string().as_bytes(),
    );
    assert_eq!(plain.status, 422);
    let (text, plain) = (
        text.lines().next(),
        plain.body.lines().next().map(str::to_owned),
    );
    assert_eq!(text, plain.as_deref());
}

#[test]
fn a_quarantined_event_is_told_with_its_reasons() {
    let running = Running::start();
    let mut bad = note("1");
    bad["subject"] = json!("far too long for this schema");
    running.post(bad.to_string());
    let answer = assert(
        &running,
        json!({"within_ms": 100, "expect": [{"where": {"/id": "1"}, "expect": {"state": "good"}}]}),
    );
    let text = report(&answer);
    assert!(
        text.contains("- state: \"good\"") && text.contains("+ state: \"bad\""),
        "{text}"
    );
    assert!(
        text.contains("! /subject maxLength: is longer than 16 characters"),
        "{text}"
    );
    let quarantined = json!([{"where": {
        "state": "bad", "reasons": {"contains": {"instance": "/subject", "keyword": "maxLength"}}}}]);
    assert_eq!(assert(&running, quarantined).status, 200);
}

#[test]
fn upper_bounds_hold_only_after_a_quiet_time() {
    let running = Running::start();
    running.post(note("1").to_string());
    let none = |within: u64| {
        json!({"within_ms": within, "quiet_ms": 100, "expect": [
            {"name": "nothing bad", "where": {"state": "bad"}, "count": 0},
            {"where": {"state": "good"}, "count": 1},
        ]})
    };
    let begin = Instant::now();
    let answer = assert(&running, none(10_000));
    assert_eq!(answer.status, 200, "{}", answer.body);
    assert!(begin.elapsed() >= Duration::from_millis(100));
    assert!(
        begin.elapsed() < Duration::from_secs(9),
        "not the whole deadline"
    );

    // One too many can't be mended: it is told before the deadline.
    running.post(note("2").to_string());
    let begin = Instant::now();
    let answer = assert(&running, none(60_000));
    assert_eq!(answer.status, 422);
    assert!(begin.elapsed() < Duration::from_secs(15));
    assert!(
        report(&answer).contains("exactly 1 wanted, 2 there\n     too many: #2 good"),
        "{}",
        answer.body
    );
}

#[test]
fn every_selected_event_can_be_asked_for() {
    let running = Running::start();
    running.post(json!([submit(1, 1, "sent"), submit(2, 2, "failed")]).to_string());
    let every = json!({"within_ms": 100, "expect": [
        {"where": {"/type": "org.touchmark.form_submit"}, "expect": {"/data/form/outcome": "sent"}, "every": true}]});
    let answer = assert(&running, every);
    assert_eq!(answer.status, 422);
    assert!(
        report(&answer).contains("+ /data/form/outcome: \"failed\""),
        "{}",
        answer.body
    );
}

#[test]
fn rejected_elements_can_be_expected_too() {
    let running = Running::start();
    running.post("nope");
    let list = json!([{"where": {"state": "rejected", "reason": {"matches": "^not_json"}}}]);
    assert_eq!(assert(&running, list).status, 200);
}

#[test]
fn runs_beside_each_other_see_their_own_events() {
    let running = Running::start();
    let send = |session: &str, id: &str| {
        let path = format!("/v1/events?session={session}");
        running.send("POST", &path, "", note(id).to_string().as_bytes());
    };
    send("a", "1");
    send("b", "2");
    let one = |session: &str| json!({"session": session, "quiet_ms": 50, "expect": [{"where": {"/type": {"exists": true}}, "count": 1}]});
    assert_eq!(assert(&running, one("a")).status, 200);
    let list = json!([{"where": {"/id": "1"}}]);
    let path = "/assert?session=b";
    let other = json!({"within_ms": 50, "expect": list});
    let answer = running.ask("POST", path, "", other.to_string().as_bytes());
    assert_eq!(answer.status, 422);
    let after = json!({"after": 1, "within_ms": 50, "expect": [{"where": {"/id": "1"}}]});
    assert_eq!(assert(&running, after).status, 422);
}

#[test]
fn a_list_that_means_nothing_is_refused_with_its_place() {
    let running = Running::start();
    for (list, part) in [
        (json!("x"), "list of expectations"),
        (json!({"expct": []}), "/expect"),
        (json!([{"were": {}}]), "/0/were"),
        (json!([{}]), "/0: it expects nothing"),
        (json!([{"where": {"typ": "x"}}]), "`typ` is no JSON pointer"),
        (
            json!([{"where": {"/type": {"matches": "("}}}]),
            "/0/where: /type: matches",
        ),
        (json!({"expect": [{"count": "one"}]}), "/expect/0/count"),
        (json!({"within_ms": "1s", "expect": []}), "/within_ms"),
        (json!({"session": "a b", "expect": []}), "/session"),
        // Each of these would hold whatever came.
        (json!([]), "the list: it is empty and expects nothing"),
        (json!({"expect": []}), "/expect: it is empty"),
        (
            json!([{"where": {"/data/form/fields/email": {"matchs": "^c"}}, "count": 0}]),
            "/0/where: /data/form/fields/email: `matchs` is no matcher; matchers are equals exists",
        ),
        (
            json!([{"where": {"state": "godd"}, "count": 0}]),
            "/0/where: state: it is never \"godd\"; write good or bad or rejected",
        ),
        (
            json!([{"expect": {"state": {"not": {"one_of": ["bad", "reject"]}}}}]),
            "/0/expect: state: it is never \"reject\"",
        ),
        (
            json!([{"where": {"verdict": "invalide"}, "count": 0}]),
            "/0/where: verdict: it is never \"invalide\"; write valid or invalid or undeclared or unread or budget_exceeded",
        ),
        (
            json!([{"where": {"/data/validation/verdict": {"one_of": ["valid", "Invalid"]}}, "count": 0}]),
            "/0/where: /data/validation/verdict: it is never \"Invalid\"",
        ),
        (
            json!([{"where": {"verdict": null}, "count": 0}]),
            "/0/where: verdict: it is never null",
        ),
        (
            json!([{"expect": {"/data/form/outcome": {"not": "acepted"}}}]),
            "/0/expect: /data/form/outcome: it is never \"acepted\"; write sent or accepted",
        ),
        (
            json!([{"where": {"/subject": {"one_of": []}}, "count": 0}]),
            "/0/where: /subject: one_of: the list is empty, and nothing is one of none; write at least one value",
        ),
        (
            json!([{"expect": {"/subject": {"not": {"one_of": []}}}}]),
            "/0/expect: /subject: not: one_of: the list is empty",
        ),
        (
            json!([{"expect": {"/subject": {"contains": ""}}}]),
            "/0/expect: /subject: contains: everything contains an empty part",
        ),
        (
            json!([{"expect": {"/data": {"contains": {}}}}]),
            "/0/expect: /data: contains: everything contains",
        ),
        (
            json!([{"expect": {"/subject": {"matches": ""}}}]),
            "/0/expect: /subject: matches: every text matches",
        ),
        (
            json!([{"count": -1}]),
            "/0/count: nothing is there -1 times",
        ),
        (
            json!([{"count": 1.5}]),
            "/0/count: nothing is there 1.5 times",
        ),
        (
            json!([{"count": {"at_least": 3, "at_most": 1}}]),
            "/0/count: nothing is at least 3 and at most 1",
        ),
    ] {
        let answer = assert(&running, list.clone());
        assert_eq!(answer.status, 400, "{list}");
        let reason = answer.json()["reason"].as_str().expect("text").to_owned();
        assert!(reason.contains(part), "{list}: {reason}");
    }
    assert_eq!(running.ask("POST", "/assert", "", b"{").status, 400);
}

#[test]
fn broken_rules_are_counted() {
    let running = Running::start();
    for (n, topic) in [(1, "lung"), (2, "lung"), (3, "heart")] {
        let mut event = note(&n.to_string());
        event["data"]["form"]["fields"]["topic"] = json!(topic);
        if n == 1 {
            event["subject"] = json!("far too long for this schema");
        }
        running.post(event.to_string());
    }
    running.post("nope");
    running.post("nope");
    let rules = running.rows("/rules");
    let short: Vec<_> = rules
        .iter()
        .map(|rule| {
            (
                rule["rule"].as_str().expect("text"),
                rule["count"].as_u64().expect("a number"),
            )
        })
        .collect();
    assert_eq!(short, [("enum", 2), ("maxLength", 1), ("not_json", 2)]);
    assert_eq!(rules[0]["instance"], "/data/form/fields/topic");
    assert_eq!(
        rules[0]["schema"],
        "/$defs/contracts/contact/properties/topic/enum"
    );
    assert!(running.rows("/rules?session=other").is_empty());
}

#[test]
fn files_hold_every_event_as_it_came() {
    let running = Running::start();
    let events: Vec<Value> = (0..1203).map(|n| note(&n.to_string())).collect();
    running.post(json!(events).to_string());
    running.send(
        "POST",
        "/v1/events?session=s",
        "",
        br#"{"id":"x","source":"urn:touchmark:a","type":"t","data":"\",\"event\":"}"#,
    );

    let file = running.operate("GET", "/export");
    assert!(
        file.header("content-disposition")
            .expect("a name")
            .contains("touchmark.json")
    );
    let rows: Vec<Value> = serde_json::from_str(&file.body).expect("JSON");
    assert_eq!(rows.len(), 1204);

    let file = running.operate("GET", "/export?format=ndjson");
    let lines: Vec<&str> = file.body.lines().collect();
    assert_eq!(lines.len(), 1204);
    assert_eq!(lines[7], note("7").to_string());
    assert!(lines[1203].starts_with(r#"{"id":"x""#), "{}", lines[1203]);

    let har = running
        .operate("GET", "/export?format=har&session=s")
        .json();
    assert_eq!(har["log"]["version"], "1.2");
    let entry = &har["log"]["entries"][0];
    assert_eq!(har["log"]["entries"].as_array().map(Vec::len), Some(1));
    for place in [
        "/startedDateTime",
        "/time",
        "/request/method",
        "/request/headers",
        "/request/queryString/0/value",
        "/request/postData/text",
        "/response/status",
        "/response/content/size",
        "/cache",
        "/timings/wait",
    ] {
        assert!(entry.pointer(place).is_some(), "{place}");
    }
    let body: Value =
        serde_json::from_str(entry["request"]["postData"]["text"].as_str().expect("text"))
            .expect("JSON");
    assert_eq!(body["id"], "x");
    assert_eq!(
        running
            .operate("GET", "/export?format=har&session=none")
            .json()["log"]["entries"],
        json!([])
    );
    assert_eq!(
        running
            .operate("GET", "/export?format=ndjson&session=none")
            .body,
        ""
    );
    assert_eq!(running.operate("GET", "/export?format=xml").status, 400);
}
