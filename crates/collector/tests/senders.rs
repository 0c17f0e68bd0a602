//! Who may send what, how much, and for which test run.

mod support;

use std::path::PathBuf;

use serde_json::{Value, json};
use support::{Answer, Folder, Running, lifecycle, note, submit};
use touchmark_collector::keys::Keys;

const CRM: &str = "https://crm.example";

/// A key file in the folder with one key for two types; its text.
fn key(folder: &Folder) -> (PathBuf, String) {
    let path = folder.0.join("keys.json");
    let mut keys = Keys::default();
    let types = ["lead_created", "lead_qualified"].map(|kind| format!("org.touchmark.{kind}"));
    let text = keys.add("crm", CRM, types.to_vec()).expect("added");
    keys.write(&path).expect("written");
    (path, text)
}

fn with_key() -> (Running, String) {
    let folder = Folder::new();
    let (path, text) = key(&folder);
    let running = Running::open(folder, |options| options.keys = Some(path));
    (running, text)
}

fn post(running: &Running, headers: &str, event: &Value) -> Answer {
    running.send("POST", "/v1/events", headers, event.to_string().as_bytes())
}

fn bearer(key: &str) -> String {
    format!("Authorization: Bearer {key}\r\n")
}

fn code(answer: &Answer) -> String {
    let reason = answer.json()["reason"]
        .as_str()
        .expect("a reason")
        .to_owned();
    reason.split(':').next().expect("a code").to_owned()
}

#[test]
fn other_systems_need_a_key_bound_to_their_source_and_type() {
    let (running, key) = with_key();
    let event = lifecycle("1", "lead_created", 7, json!({}));
    let answer = post(&running, "", &event);
    assert_eq!(
        (answer.status, code(&answer).as_str()),
        (401, "key_missing")
    );
    assert_eq!(answer.header("www-authenticate"), Some("Bearer"));

    let answer = post(&running, &bearer(&key), &event);
    assert_eq!(answer.status, 202, "{}", answer.body);
    assert_eq!(
        answer.json()["bad"],
        0,
        "{}",
        running.operate("GET", "/bad").body
    );

    let unexplained = lifecycle("3", "lead_qualified", 7, json!({"reason_code": "because"}));
    let answer = post(&running, &bearer(&key), &unexplained);
    assert_eq!(answer.json()["bad"], 1, "the shared schema judges");

    for (name, value) in [
        ("type", json!("org.touchmark.appointment_created")),
        ("source", json!("https://other.example")),
        // A page's source is no other system's.
        ("source", json!("urn:touchmark:northside")),
    ] {
        let mut other = lifecycle("2", "lead_created", 7, json!({}));
        other[name] = value;
        let answer = post(&running, &bearer(&key), &other);
        assert_eq!(
            (answer.status, code(&answer).as_str()),
            (403, "key_not_bound"),
            "{other}"
        );
    }
    for wrong in [
        bearer("tmk_wrong"),
        bearer(""),
        "Authorization: Basic YTpi\r\n".into(),
    ] {
        let answer = post(&running, &wrong, &event);
        assert_eq!(
            (answer.status, code(&answer).as_str()),
            (401, "key_unknown"),
            "{wrong}"
        );
    }
    assert_eq!(running.rows("/all").len(), 2);
}

#[test]
fn without_keys_no_other_system_may_send_and_pages_still_may() {
    let running = Running::start();
    let answer = post(
        &running,
        "",
        &lifecycle("1", "lead_qualified", 7, json!({})),
    );
    assert_eq!(answer.status, 401);
    let mut hidden = lifecycle("1", "lead_qualified", 7, json!({}));
    // Neither a page's source nor another schema's name opens.
    hidden["source"] = json!("urn:touchmark:northside");
    hidden["dataschema"] = json!(support::SCHEMA);
    assert_eq!(post(&running, "", &hidden).status, 401);
    assert_eq!(post(&running, "", &submit(1, 1, "sent")).json()["bad"], 0);
    assert_eq!(running.rows("/all").len(), 1);
}

#[test]
fn who_has_no_key_takes_no_identity() {
    let (running, key) = with_key();
    let mut forged = lifecycle("1", "lead_created", 7, json!({}));
    forged["data"]["submission"] = json!(support::page_id(8));
    // In one array with a page's event: the answer is 202, and says what was left out.
    let answer = running.post(json!([submit(1, 1, "sent"), forged]).to_string());
    assert_eq!(answer.status, 202);
    let rejected = &answer.json()["rejected"][0];
    assert_eq!(rejected["pointer"], "/1");
    assert!(
        rejected["reason"]
            .as_str()
            .expect("text")
            .starts_with("key_missing")
    );
    assert_eq!(running.rows("/rejected")[0]["body"], forged.to_string());

    let genuine = lifecycle("1", "lead_created", 7, json!({}));
    let answer = post(&running, &bearer(&key), &genuine);
    assert_eq!(answer.json()["bad"], 0, "no conflict with the forged one");
}

#[test]
fn a_changed_key_file_holds_at_once_and_a_broken_one_changes_nothing() {
    let (running, key) = with_key();
    let path = running.folder.0.join("keys.json");
    let text = std::fs::read_to_string(&path).expect("a file");
    assert!(!text.contains(&key), "only its hash is kept");
    let event = |id: &str| lifecycle(id, "lead_created", 7, json!({}));
    assert_eq!(post(&running, &bearer(&key), &event("1")).status, 202);

    std::fs::write(&path, "{").expect("written");
    assert_eq!(post(&running, &bearer(&key), &event("2")).status, 202);

    let mut keys: Keys = serde_json::from_str(&text).expect("keys");
    let types = vec!["org.touchmark.lead_created".to_owned()];
    let second = keys.add("crm-2", CRM, types).expect("added");
    keys.revoke("crm").expect("revoked");
    keys.write(&path).expect("written");
    assert_eq!(post(&running, &bearer(&key), &event("3")).status, 401);
    assert_eq!(post(&running, &bearer(&second), &event("3")).status, 202);
}

#[test]
fn pages_send_from_the_origins_of_their_site_only() {
    let folder = Folder::new();
    let (path, _) = key(&folder);
    let running = Running::open(folder, |options| {
        options.keys = Some(path);
        options
            .sites
            .insert("northside".into(), vec!["https://clinic.example".into()]);
        options.sites.insert("anywhere".into(), vec![]);
    });
    let event = |site: &str, n: u32| {
        let mut event = submit(n, 1, "sent");
        event["source"] = json!(format!("urn:touchmark:{site}"));
        event
    };
    let browser = "Sec-Fetch-Site: cross-site\r\nSec-Fetch-Mode: cors\r\nSec-Fetch-Dest: empty\r\n";
    for (site, headers, status, expect) in [
        ("northside", "Origin: https://clinic.example\r\n", 202, ""),
        ("northside", "Origin: HTTPS://Clinic.example\r\n", 202, ""),
        (
            "northside",
            "Origin: https://clinic.example.evil.example\r\n",
            403,
            "origin_unknown",
        ),
        (
            "northside",
            "Origin: http://clinic.example\r\n",
            403,
            "origin_unknown",
        ),
        ("northside", "Origin: null\r\n", 403, "origin_unknown"),
        ("northside", "", 403, "origin_missing"),
        ("anywhere", "", 202, ""),
        (
            "elsewhere",
            "Origin: https://clinic.example\r\n",
            403,
            "unknown_site",
        ),
    ] {
        let headers = format!("{browser}{headers}");
        let n = 100 + running.rows("/all").len() as u32;
        let answer = post(&running, &headers, &event(site, n));
        assert_eq!(answer.status, status, "{site} {headers}");
        if status == 403 {
            assert_eq!(code(&answer), expect, "{site} {headers}");
        }
    }
}

#[test]
fn a_key_stands_in_for_the_origin() {
    let folder = Folder::new();
    let path = folder.0.join("keys.json");
    let mut keys = Keys::default();
    let types = vec!["org.touchmark.form_submit".to_owned()];
    let key = keys
        .add("server", "urn:touchmark:northside", types)
        .expect("added");
    keys.write(&path).expect("written");
    let running = Running::open(folder, |options| {
        options.keys = Some(path);
        options
            .sites
            .insert("northside".into(), vec!["https://clinic.example".into()]);
    });
    assert_eq!(post(&running, "", &submit(1, 1, "sent")).status, 403);
    assert_eq!(
        post(&running, &bearer(&key), &submit(1, 1, "sent")).status,
        202
    );
}

#[test]
fn what_no_script_sent_is_no_pages_event() {
    let running = Running::start();
    for headers in [
        "Sec-Fetch-Mode: navigate\r\nSec-Fetch-Dest: document\r\n",
        "Sec-Fetch-Mode: no-cors\r\nSec-Fetch-Dest: image\r\n",
        "Sec-Fetch-Dest: iframe\r\n",
    ] {
        let answer = post(&running, headers, &note("1"));
        assert_eq!(
            (answer.status, code(&answer).as_str()),
            (403, "not_by_script"),
            "{headers}"
        );
    }
    for (n, mode) in ["cors", "no-cors", "same-origin"].into_iter().enumerate() {
        let headers = format!("Sec-Fetch-Mode: {mode}\r\nSec-Fetch-Dest: empty\r\n");
        assert_eq!(
            post(&running, &headers, &note(&n.to_string())).status,
            202,
            "{mode}"
        );
    }
}

#[test]
fn each_source_has_its_own_rate() {
    let running = Running::with(|options| options.site_rate = Some(1));
    let mut other = note("other");
    other["source"] = json!("urn:touchmark:other");
    let refused = support::until("no limit", || {
        let n = running.rows("/all").len();
        let answer = running.post(note(&n.to_string()).to_string());
        (answer.status != 202).then_some(answer)
    });
    assert_eq!((refused.status, code(&refused).as_str()), (429, "rate"));
    assert_eq!(refused.header("retry-after"), Some("1"));
    assert_eq!(
        refused.header("access-control-expose-headers"),
        Some("Retry-After")
    );
    let stored = running.rows("/all").len();
    assert!(stored >= 10, "a burst of ten seconds passes: {stored}");
    assert_eq!(running.post(other.to_string()).status, 202);
    // The answer was no lie: after it the next one passes.
    support::until("never again", || {
        (running.post(note("later").to_string()).status == 202).then_some(())
    });
}

#[test]
fn what_waits_is_bounded_and_the_rest_is_told_to_come_back() {
    let running = Running::with(|options| options.max_waiting_bytes = 10_000);
    let other = rusqlite::Connection::open(running.folder.database()).expect("opened");
    other.execute_batch("BEGIN IMMEDIATE").expect("locked");
    std::thread::scope(|scope| {
        let waiting: Vec<_> = ["a", "b"]
            .map(|id| scope.spawn(|| running.post(note(id).to_string())))
            .into();
        let full = || {
            running
                .operate("GET", "/metrics")
                .body
                .contains("_waiting_bytes 8")
        };
        support::until("they don't wait", || full().then_some(()));
        let busy = running.post(note("c").to_string());
        assert_eq!(busy.status, 429);
        assert_eq!(code(&busy), "busy");
        assert_eq!(busy.header("retry-after"), Some("2"));
        other.execute_batch("COMMIT").expect("free");
        for sender in waiting {
            assert_eq!(sender.join().expect("answered").status, 202);
        }
    });
    let metrics = running.operate("GET", "/metrics").body;
    assert!(metrics.contains("touchmark_waiting_bytes 0"), "{metrics}");
    assert!(
        !metrics.contains("touchmark_requests_total{status=\"429\"} 0\n"),
        "{metrics}"
    );
    assert_eq!(running.post(note("d").to_string()).status, 202);
}

#[test]
fn a_session_comes_by_header_or_address_and_keeps_runs_apart() {
    let running = Running::with(|options| options.qa = true);
    let send = |path: &str, headers: &str, id: &str| {
        let answer = running.send("POST", path, headers, note(id).to_string().as_bytes());
        assert_eq!(answer.status, 202);
    };
    send("/v1/events", "Touchmark-Session: run-1\r\n", "a");
    send("/v1/events?session=run-2", "", "b");
    send("/v1/events?session=run-2", "", "c");
    send("/v1/events", "", "d");
    // What is no word is no session; the event is stored all the same.
    send("/v1/events?session=%22%3Cscript%3E", "", "e");
    running.send("POST", "/v1/events?session=run-2", "", b"nope");
    let ids = |path: &str| -> Vec<String> {
        let rows = running.rows(path);
        rows.iter()
            .map(|row| row["id"].as_str().unwrap_or("-").to_owned())
            .collect()
    };
    assert_eq!(ids("/all?session=run-1"), ["a"]);
    assert_eq!(ids("/good?session=run-2"), ["b", "c"]);
    assert_eq!(ids("/rejected?session=run-2"), ["-"]);
    assert!(ids("/rejected?session=run-1").is_empty());
    assert_eq!(ids("/all"), ["a", "b", "c", "d", "e"]);
    assert_eq!(running.rows("/all?session=run-1")[0]["session"], "run-1");
    assert_eq!(running.operate("GET", "/all?session=a%20b").status, 400);

    assert_eq!(running.operate("POST", "/reset?session=run-2").status, 200);
    assert_eq!(ids("/all"), ["a", "d", "e"]);
    assert!(ids("/rejected").is_empty());
    send("/v1/events", "", "f");
    assert_eq!(
        running.rows("/all").last().expect("a row")["seq"],
        6,
        "numbers go on"
    );
}
