//! By which schema an event is judged, and what its reasons say.

mod support;

use serde_json::{Value, json};
use support::{Running, note};

/// Sends one event; gives its state and its reasons as `instance keyword schema` lines.
fn judged(event: &Value) -> (String, Vec<String>) {
    let running = Running::start();
    assert_eq!(running.post(event.to_string()).status, 202);
    let row = running.rows("/all").remove(0);
    let reasons = row["reasons"]
        .as_array()
        .expect("a list")
        .iter()
        .map(|reason| {
            let word = |name: &str| reason[name].as_str().expect("text").to_owned();
            assert!(!word("message").is_empty());
            format!(
                "{} {} {}",
                word("instance"),
                word("keyword"),
                word("schema")
            )
            .trim_end()
            .to_owned()
        });
    (
        row["state"].as_str().expect("text").to_owned(),
        reasons.collect(),
    )
}

fn check(event: &Value, state: &str, reasons: &[&str]) {
    let (found_state, found) = judged(event);
    assert_eq!(
        (found_state.as_str(), found),
        (state, reasons.iter().map(|one| (*one).to_owned()).collect())
    );
}

#[test]
fn the_schema_that_the_event_names_judges_it() {
    check(&note("1"), "good", &[]);
    let mut event = note("1");
    event["time"] = json!("yesterday");
    check(&event, "bad", &["/time format /properties/time/format"]);
    event = note("1");
    event["dataschema"] = json!("https://schema.example/test/2-0-0#note");
    check(&event, "bad", &["/dataschema unknown_schema"]);
}

#[test]
fn without_a_named_schema_the_shared_one_judges() {
    let mut event = support::submit(1, 1, "sent");
    event["dataschema"] = json!("https://touchmark.dev/schema/event/1-0-0#form_submit");
    check(&event, "good", &[]);
    event
        .as_object_mut()
        .expect("an object")
        .remove("dataschema");
    check(&event, "bad", &[" required /$defs/page_envelope/required"]);
}

#[test]
fn the_wire_schema_of_the_contract_judges_the_fields() {
    let hash = "a".repeat(64);
    let mut event = note("1");
    event["data"]["form"]["fields"] = json!({"topic": "heart", "note": false, "email": hash});
    check(&event, "good", &[]);
    // What the contract says is never collected must not arrive; nor what should be hashed, plain.
    event["data"]["form"]["fields"] = json!({"topic": "heart", "note": true, "name": "Jane"});
    check(
        &event,
        "bad",
        &["/data/form/fields additionalProperties /$defs/contracts/contact/additionalProperties"],
    );
    event["data"]["form"]["fields"] =
        json!({"topic": "heart", "note": true, "email": "jane@clinic.example"});
    check(
        &event,
        "bad",
        &["/data/form/fields/email pattern /$defs/contracts/contact/properties/email/pattern"],
    );
    event["data"]["form"]["fields"] = json!({"note": true});
    check(
        &event,
        "bad",
        &["/data/form/fields required /$defs/contracts/contact/required"],
    );
    event["data"]["form"]["contract"] = json!("unheard_of");
    check(&event, "bad", &["/data/form/contract unknown_contract"]);
}

#[test]
fn a_record_is_judged_like_a_form() {
    let mut event = note("1");
    event["data"] = json!({"record": {"contract": "contact", "fields": {"topic": "lung", "note": true}},
                           "validation": {"verdict": "valid"}});
    check(
        &event,
        "bad",
        &["/data/record/fields/topic enum /$defs/contracts/contact/properties/topic/enum"],
    );
}

#[test]
fn an_invalid_form_is_bad_by_what_the_page_found() {
    let mut event = note("1");
    event["data"] = json!({
        "form": {"contract": "contact", "fields": {"note": true}},
        "validation": {"verdict": "invalid", "violations": [
            {"instance": "/topic", "keyword": "required", "schema": "/required/2"},
            {"instance": "/email", "keyword": "format", "schema": "/properties/email/format"},
            {"instance": "/jane@clinic.example", "keyword": "jane", "schema": "/jane"},
        ]},
    });
    check(
        &event,
        "bad",
        &[
            "/data/form/fields/topic required /$defs/contracts/contact/required",
            "/data/form/fields/email format /$defs/contracts/contact/properties/email/format",
            "/data/validation/violations/2 violation",
        ],
    );
    // What such a form does send must still keep the wire schema.
    event["data"]["form"]["fields"] = json!({"topic": "lung"});
    let (_, reasons) = judged(&event);
    assert_eq!(
        reasons[0],
        "/data/form/fields/topic enum /$defs/contracts/contact/properties/topic/enum"
    );
}

#[test]
fn undeclared_and_unread_forms_are_good_without_fields() {
    for verdict in ["undeclared", "unread"] {
        let mut event = note("1");
        event["data"] = json!({"form": {"fields": {}}, "validation": {"verdict": verdict}});
        check(&event, "good", &[]);
    }
}

#[test]
fn no_answer_or_reason_repeats_a_value() {
    let running = Running::start();
    let secret = "jane.doe@clinic.example";
    let mut event = note("1");
    event["subject"] = json!(secret);
    event["time"] = json!(secret);
    event["data"]["form"]["fields"] = json!({"topic": secret, "note": secret, secret: 1});
    let answer = running.post(event.to_string());
    assert!(!answer.body.contains("jane"));
    let row = running.rows("/bad").remove(0);
    assert!(row["reasons"].as_array().expect("a list").len() >= 4);
    assert!(
        !row["reasons"].to_string().contains("jane"),
        "{}",
        row["reasons"]
    );
    let answer = running.post(format!(r#"{{"{secret}":1,"{secret}":2}}"#));
    assert!(answer.status == 400 && !answer.body.contains("jane"));
}
