//! What counts as a lead, what is joined to it, and which channels it is said to come by.

mod support;

use rusqlite::OptionalExtension;
use serde_json::{Value, json};
use support::{Folder, Running, lifecycle, page_id, result, submit};
use touchmark::channel::Channel;
use touchmark::generated::tables::{PLAN_REFERRERS, VERSION};
use touchmark_collector::keys::Keys;

/// Sends events; gives the leads' ids by their numbers, and the leads.
fn leads(events: &[Value]) -> (Vec<u32>, Vec<Value>) {
    let folder = Folder::new();
    let path = folder.0.join("keys.json");
    let mut keys = Keys::default();
    let types = [
        "lead_created",
        "lead_qualified",
        "appointment_created",
        "appointment_canceled",
    ];
    let types = types.map(|kind| format!("org.touchmark.{kind}")).to_vec();
    let key = keys
        .add("crm", "https://crm.example", types)
        .expect("added");
    keys.write(&path).expect("written");
    let running = Running::open(folder, |options| options.keys = Some(path));
    for event in events {
        let headers = format!("Authorization: Bearer {key}\r\n");
        let body = event.to_string();
        let answer = running.send("POST", "/v1/events", &headers, body.as_bytes());
        assert_eq!(answer.status, 202, "{}", answer.body);
    }
    let rows = running.rows("/leads");
    let number = |row: &Value| {
        let id = row["id"].as_str().expect("an id");
        u32::from_str_radix(&id[..8], 16).expect("a number")
    };
    (rows.iter().map(number).collect(), rows)
}

fn retry(id: u32, intent: u32, of: u32, outcome: &str) -> Value {
    let mut event = submit(id, intent, outcome);
    event["data"]["form"]["retry_of"] = json!(page_id(of));
    event
}

#[test]
fn outcomes_results_and_retries_decide_what_is_a_lead() {
    for (why, events, expect) in [
        (
            "each outcome but failed",
            vec![
                submit(1, 1, "sent"),
                submit(2, 2, "accepted"),
                submit(3, 3, "unconfirmed"),
                submit(4, 4, "failed"),
            ],
            vec![1, 2, 3],
        ),
        (
            "a failed result",
            vec![submit(1, 1, "sent"), result(9, 1, "failed")],
            vec![],
        ),
        (
            "an accepted result",
            vec![submit(1, 1, "sent"), result(9, 1, "accepted")],
            vec![1],
        ),
        (
            "the result came first",
            vec![result(9, 1, "failed"), submit(1, 1, "sent")],
            vec![],
        ),
        (
            "another one's result",
            vec![submit(1, 1, "sent"), result(9, 2, "failed")],
            vec![1],
        ),
        (
            "a retry takes its place",
            vec![submit(1, 1, "unconfirmed"), retry(2, 2, 1, "sent")],
            vec![2],
        ),
        (
            "the retry came first",
            vec![retry(2, 2, 1, "sent"), submit(1, 1, "unconfirmed")],
            vec![2],
        ),
        (
            "a failed retry still takes its place",
            vec![submit(1, 1, "sent"), retry(2, 2, 1, "failed")],
            vec![],
        ),
        (
            "a chain ends in its last",
            vec![
                submit(1, 1, "failed"),
                retry(2, 2, 1, "unconfirmed"),
                retry(3, 3, 2, "accepted"),
            ],
            vec![3],
        ),
        (
            "an earlier one can't name a later one",
            vec![submit(2, 2, "sent"), retry(1, 1, 2, "sent")],
            vec![2, 1],
        ),
        (
            "nobody names himself away",
            vec![retry(1, 1, 1, "sent")],
            vec![1],
        ),
        (
            "the same event twice is one lead",
            vec![submit(1, 1, "sent"), submit(1, 1, "sent")],
            vec![1],
        ),
        (
            "another payload under its id is none",
            vec![submit(1, 1, "sent"), submit(1, 1, "accepted")],
            vec![1],
        ),
        (
            "nor does it undo the first",
            vec![submit(1, 1, "accepted"), submit(1, 1, "failed")],
            vec![1],
        ),
        (
            "a result in conflict with the first one",
            vec![
                submit(1, 1, "sent"),
                result(9, 1, "accepted"),
                result(9, 1, "failed"),
            ],
            vec![1],
        ),
    ] {
        assert_eq!(leads(&events).0, expect, "{why}");
    }
}

#[test]
fn across_documents_the_pages_clock_decides_which_is_later() {
    let other = |mut event: Value, time: &str| {
        event["data"]["tracker"]["nonce"] = json!("f".repeat(32));
        event["time"] = json!(time);
        event
    };
    let later = other(retry(2, 1, 1, "sent"), "2026-11-22T19:40:46+01:00");
    assert_eq!(leads(&[submit(1, 1, "sent"), later]).0, [2]);
    let earlier = other(retry(2, 1, 1, "sent"), "2026-11-22T17:40:44.000Z");
    assert_eq!(leads(&[submit(1, 1, "sent"), earlier]).0, [1, 2]);
}

#[test]
fn another_sites_events_take_no_lead_away() {
    let foreign = |mut event: Value| {
        event["source"] = json!("urn:touchmark:elsewhere");
        event
    };
    let (ids, _) = leads(&[
        submit(1, 1, "sent"),
        foreign(result(9, 1, "failed")),
        foreign(retry(2, 2, 1, "failed")),
    ]);
    assert_eq!(ids, [1]);
}

#[test]
fn a_form_that_the_page_found_invalid_was_sent_all_the_same() {
    let mut event = submit(1, 1, "accepted");
    event["data"]["validation"] = json!({"verdict": "invalid", "violations": [
        {"instance": "/phone", "keyword": "required", "schema": "/required/2"},
    ]});
    let (ids, rows) = leads(&[event]);
    assert_eq!(ids, [1]);
    assert_eq!(
        (&rows[0]["state"], &rows[0]["verdict"]),
        (&json!("bad"), &json!("invalid"))
    );
}

#[test]
fn a_lead_carries_its_campaign_touches_and_lifecycle() {
    let (_, rows) = leads(&[
        submit(1, 1, "sent"),
        result(9, 1, "accepted"),
        lifecycle("c1", "lead_created", 1, json!({"stage": "lead"})),
        lifecycle(
            "c2",
            "lead_qualified",
            1,
            json!({"reason_code": "service_offered", "campaign_id": "q4"}),
        ),
        lifecycle("c3", "lead_created", 2, json!({})),
    ]);
    assert_eq!(rows.len(), 1);
    let lead = &rows[0];
    for (name, expect) in [
        ("site", json!("northside")),
        ("form", json!("appointment")),
        ("contract", json!("appointment_request")),
        ("page", json!("cardiology")),
        ("time", json!("2026-11-22T17:40:45.123Z")),
        ("outcome", json!("accepted")),
        ("channel", json!("Paid Search")),
        ("utm_source", json!("google")),
        ("utm_campaign", json!("cardiology-q4")),
        ("platform", json!("google_ads")),
        ("click_id", json!("Cj0KCQ")),
        ("device", json!("mobile")),
        ("stage", json!("qualified")),
        ("last_paid_touch", json!(null)),
    ] {
        assert_eq!(lead[name], expect, "{name}");
    }
    assert_eq!(lead["first_touch"]["channel"], "Referral");
    assert_eq!(lead["fields"], json!({"service_line": "cardiology"}));
    assert_eq!(lead["consent"]["identify"], "denied");
    let lifecycle = lead["lifecycle"].as_array().expect("a list");
    let ids: Vec<_> = lifecycle.iter().map(|one| &one["id"]).collect();
    assert_eq!(ids, ["c1", "c2"]);
    assert_eq!(lifecycle[1]["reason_code"], "service_offered");
    assert_eq!(lifecycle[1]["campaign_id"], "q4");
}

#[test]
fn the_view_is_there_for_any_sqlite_program() {
    let running = Running::start();
    running.post(json!([submit(1, 1, "sent"), submit(2, 2, "failed")]).to_string());
    let (_, folder) = running.stop();
    let database = rusqlite::Connection::open(folder.database()).expect("a database");
    let count: i64 = database
        .query_row(
            "SELECT count(*) FROM leads WHERE channel = 'Paid Search'",
            [],
            |row| row.get(0),
        )
        .expect("a view");
    assert_eq!(count, 1);
    // One that can't read a view refuses the whole file: Debian 12 has 3.40, RHEL 9 has 3.34.
    let newer =
        "SELECT name, sql FROM sqlite_schema WHERE sql LIKE '%->%' OR sql LIKE '%) ORDER BY%'";
    let newer: Option<(String, String)> = database
        .query_row(newer, [], |row| Ok((row.get(0)?, row.get(1)?)))
        .optional()
        .expect("asked");
    assert_eq!(newer, None, "`->` is of 3.38, an ordered aggregate of 3.44");
}

#[test]
fn a_leads_lifecycle_is_in_the_order_of_its_times() {
    let at = |id: &str, time: &str| {
        let mut event = lifecycle(id, "lead_created", 1, json!({}));
        event["time"] = json!(time);
        event
    };
    let (_, rows) = leads(&[
        submit(1, 1, "sent"),
        at("c3", "2026-11-25T09:00:00Z"),
        at("c1", "2026-11-23T09:00:00Z"),
        at("c2", "2026-11-24T09:00:00Z"),
    ]);
    let lifecycle = rows[0]["lifecycle"].as_array().expect("a list");
    let ids: Vec<_> = lifecycle.iter().map(|one| &one["id"]).collect();
    assert_eq!(ids, ["c1", "c2", "c3"]);
}

/// A submission whose last touch is this one, as a page with a plan makes it.
fn by(number: u32, touch: &[Value]) -> Value {
    let mut event = submit(number, number, "sent");
    let mut last = json!({"at": "2026-11-22T17:40:45.123Z", "page": "home"});
    let word = |at: usize| touch[at].as_str().expect("a text");
    for (at, name) in ["source", "medium", "campaign", "referrer"]
        .iter()
        .enumerate()
    {
        if !word(at).is_empty() {
            last[name] = touch[at].clone();
        }
    }
    let page = Channel::of(PLAN_REFERRERS, word(0), word(1), word(2));
    last["channel"] = json!(page.name);
    last["rule"] = json!(page.rule);
    event["data"]["attribution"] = json!({"first": last, "last": last});
    event["data"]["tracker"]["tables"] = json!(VERSION);
    event
}

#[test]
fn channels_are_those_of_every_row_of_the_tables() {
    let vectors = include_str!("../../../spec/vectors/channel/reported.json");
    let vectors: Vec<Value> = serde_json::from_str(vectors).expect("JSON");
    let given = |vector: &Value| vector["given"].as_array().expect("a touch").clone();
    let running = Running::start();
    let mut changed = 0;
    for (number, vector) in (1..).zip(&vectors) {
        let event = by(number, &given(vector));
        changed += usize::from(event["data"]["attribution"]["last"]["rule"] != vector["expect"][1]);
        let answer = running.post(event.to_string());
        assert_eq!(answer.status, 202, "{}", answer.body);
    }
    let rows = running.rows("/leads");
    assert_eq!(rows.len(), vectors.len());
    for (row, vector) in rows.iter().zip(&vectors) {
        let name = &vector["name"];
        assert_eq!(row["state"], "good", "{name}: {row}");
        assert_eq!(row["channel"], vector["expect"][0], "{name}");
        assert_eq!(row["first_channel"], vector["expect"][0], "{name}");
        assert_eq!(row["last_paid_channel"], Value::Null, "{name}");
    }
    assert!(
        changed > 20,
        "{changed} channels are others than the page's"
    );
    running.operate("POST", "/reset");
    running.post(by(1, &given(&vectors[0])).to_string());
    assert_eq!(running.rows("/leads")[0]["channel"], "Organic Search");
}

#[test]
fn the_teams_own_names_and_newer_tables_stand() {
    let running = Running::start();
    let mut renamed = by(1, &[json!("google"), json!("cpc"), json!(""), json!("")]);
    renamed["data"]["attribution"]["last"]["channel"] = json!("SEM");
    let mut newer = by(
        2,
        &[json!("1.cz"), json!("referral"), json!(""), json!("1.cz")],
    );
    newer["data"]["tracker"]["tables"] = json!("2099-01-01");
    let mut denied = submit(3, 3, "sent");
    denied["data"]["consent"]["attribute"] = json!("denied");
    denied["data"]
        .as_object_mut()
        .expect("an object")
        .remove("attribution");
    running.post(json!([renamed, newer, denied]).to_string());
    let rows = running.rows("/leads");
    let channels: Vec<&Value> = rows.iter().map(|row| &row["channel"]).collect();
    assert_eq!(channels, [&json!("SEM"), &json!("Referral"), &Value::Null]);
    assert_eq!(rows[0]["first_channel"], "Paid Search");
    assert_eq!(rows[0]["last_touch"]["channel"], "SEM", "as sent");
}
