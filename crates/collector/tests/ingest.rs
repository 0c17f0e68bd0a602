//! What the ingestion listener stores, refuses and answers.

mod support;

use std::io::{Read, Write};

use serde_json::{Value, json};
use support::{Running, connect, exchange, note};

#[test]
fn a_good_event_is_answered_202_and_read_back_byte_for_byte() {
    let running = Running::start();
    let body = note("1").to_string();
    let answer = running.post(&body);
    assert_eq!(answer.status, 202);
    assert_eq!(
        answer.json(),
        json!({"stored": 1, "duplicate": 0, "bad": 0, "rejected": []})
    );
    let rows = running.rows("/good");
    assert_eq!(rows.len(), 1);
    assert_eq!(rows[0]["event"].to_string(), body);
    assert_eq!(rows[0]["type"], "org.touchmark.note");
    assert_eq!(rows[0]["verdict"], "valid");
    assert_eq!(rows[0]["reasons"], json!([]));
    assert!(running.rows("/bad").is_empty());
    let time = rows[0]["received_at"].as_str().expect("a time");
    assert!(time.ends_with('Z') && time.len() == 24, "{time}");
}

#[test]
fn every_content_type_of_the_contract_is_read() {
    let running = Running::start();
    let kinds = [
        "text/plain",
        "text/plain;charset=UTF-8",
        "application/json",
        "application/cloudevents+json",
        "Application/CloudEvents-Batch+JSON",
    ];
    for (n, kind) in kinds.into_iter().enumerate() {
        let body = format!("[{}]", note(&n.to_string()));
        let kind = format!("Content-Type: {kind}\r\n");
        assert_eq!(
            running
                .send("POST", "/v1/events", &kind, body.as_bytes())
                .status,
            202,
            "{kind}"
        );
    }
    let body = note("none").to_string();
    assert_eq!(
        running
            .send("POST", "/v1/events", "", body.as_bytes())
            .status,
        202
    );
    let form = "Content-Type: application/x-www-form-urlencoded\r\n";
    assert_eq!(running.send("POST", "/v1/events", form, b"a=b").status, 415);
}

#[test]
fn concurrent_duplicates_are_stored_exactly_once() {
    let running = Running::start();
    let stored: u64 = std::thread::scope(|scope| {
        let senders: Vec<_> = (0..8)
            .map(|_| {
                scope.spawn(|| {
                    let ids = (0..40).map(|n| (n % 20).to_string());
                    ids.map(|id| running.post(note(&id).to_string()).json()["stored"].as_u64())
                        .map(|stored| stored.expect("a number"))
                        .sum::<u64>()
                })
            })
            .collect();
        senders
            .into_iter()
            .map(|sender| sender.join().expect("sent"))
            .sum()
    });
    assert_eq!(stored, 20);
    assert_eq!(running.rows("/all").len(), 20);
    assert_eq!(running.stats()["duplicate"], 300);
    assert_eq!(running.stats()["seq"], 20, "a duplicate takes no number");
}

#[test]
fn an_array_is_judged_element_by_element() {
    let running = Running::start();
    let (good, mut bad) = (note("good"), note("bad"));
    bad["subject"] = json!("far too long for this schema");
    let body = format!(r#"[{good}, {bad}, 7, {{"id":"x","id":"x"}}, {good}, {{"id":"x"}}]"#);
    let answer = running.post(body);
    assert_eq!(answer.status, 202);
    let answer = answer.json();
    assert_eq!(
        (&answer["stored"], &answer["bad"], &answer["duplicate"]),
        (&json!(2), &json!(1), &json!(1))
    );
    let pointers: Vec<_> = answer["rejected"]
        .as_array()
        .expect("a list")
        .iter()
        .collect();
    assert_eq!(
        pointers
            .iter()
            .map(|one| &one["pointer"])
            .collect::<Vec<_>>(),
        ["/2", "/3", "/5"]
    );
    assert!(
        pointers[1]["reason"]
            .as_str()
            .expect("text")
            .starts_with("duplicate_key")
    );
    assert!(
        pointers[2]["reason"]
            .as_str()
            .expect("text")
            .contains("no source")
    );
    assert_eq!(
        running.rows("/bad")[0]["reasons"][0]["instance"],
        "/subject"
    );
    let kept: Vec<_> = running
        .rows("/rejected")
        .iter()
        .map(|row| row["body"].clone())
        .collect();
    assert_eq!(kept, ["7", r#"{"id":"x","id":"x"}"#, r#"{"id":"x"}"#]);
}

#[test]
fn another_payload_under_the_same_id_is_kept_as_bad() {
    let running = Running::start();
    let first = note("1");
    let mut other = note("1");
    other["subject"] = json!("other");
    running.post(first.to_string());
    assert_eq!(running.post(other.to_string()).json()["bad"], 1);
    let rows = running.rows("/all");
    assert_eq!(rows.len(), 2);
    assert_eq!(rows[0]["state"], "good");
    assert_eq!(rows[1]["state"], "bad");
    assert_eq!(rows[1]["reasons"][0]["keyword"], "id_conflict");

    // Both again, the first one with other spaces and another order: nothing new.
    let spaced = serde_json::to_string_pretty(&first).expect("JSON");
    let members = first.as_object().expect("object").iter().rev();
    let turned: Value = members
        .map(|(key, value)| (key.clone(), value.clone()))
        .collect();
    for again in [
        first.to_string(),
        other.to_string(),
        spaced,
        turned.to_string(),
    ] {
        assert_eq!(running.post(again).json()["duplicate"], 1);
    }
    assert_eq!(running.rows("/all").len(), 2);
}

#[test]
fn the_same_id_of_another_source_is_another_event() {
    let running = Running::start();
    let mut other = note("1");
    other["source"] = json!("urn:touchmark:other");
    running.post(note("1").to_string());
    assert_eq!(running.post(other.to_string()).json()["stored"], 1);
    assert_eq!(running.rows("/good").len(), 2);
}

#[test]
fn bodies_that_are_no_event_get_400_and_are_kept() {
    let running = Running::start();
    let bomb = "[".repeat(200_000);
    let deep = format!(
        r#"{{"id":"1","source":"s","type":"t","data":{}1{}}}"#,
        "[".repeat(500),
        "]".repeat(500)
    );
    let long = format!(r#"{{"id":"{}","source":"s","type":"t"}}"#, "x".repeat(2000));
    let bodies: Vec<(&[u8], &str, &str)> = vec![
        (b"", "", "incomplete_json"),
        (b"nope", "", "not_json"),
        (b"{\"id\":", "", "incomplete_json"),
        (b"{} {}", "", "not_json"),
        (b"\xff\xfe", "", "not_json"),
        (b"{\"id\":\"\xff\"}", "", "not_json"),
        (b"\0", "", "not_json"),
        (b"{\"id\":\"\0\"}", "", "not_json"),
        (b"[]", "", "empty"),
        (b"null", "", "not_an_event"),
        (b"[[]]", "/0", "not_an_event"),
        (bomb.as_bytes(), "/0", "too_deep"),
        (deep.as_bytes(), "", "too_deep"),
        (long.as_bytes(), "", "not_an_event"),
        (
            br#"{"id":"1","id":"1","source":"s","type":"t"}"#,
            "",
            "duplicate_key",
        ),
        (
            br#"{"id":"1","source":"s","type":"t","data":1e999}"#,
            "",
            "number_out_of_range",
        ),
        (
            br#"{"id":"\ud800","source":"s","type":"t"}"#,
            "",
            "not_json",
        ),
        (
            br#"{"id":"\u0000","source":"s","type":"t"}"#,
            "",
            "not_an_event",
        ),
        (br#"{"id":1,"source":"s","type":"t"}"#, "", "not_an_event"),
        (br#"{"id":"","source":"s","type":"t"}"#, "", "not_an_event"),
        (br#"{"id":"1","source":"s"}"#, "", "not_an_event"),
    ];
    for (body, pointer, code) in &bodies {
        let answer = running.post(body);
        let name = String::from_utf8_lossy(&body[..body.len().min(60)]).into_owned();
        assert_eq!(answer.status, 400, "{name}");
        assert_eq!(answer.json()["pointer"], *pointer, "{name}");
        let reason = answer.json()["reason"].as_str().expect("text").to_owned();
        assert!(reason.starts_with(code), "{name}: {reason}");
    }
    assert_eq!(running.stats()["rejected"], bodies.len());
    assert!(running.rows("/all").is_empty());

    let (_, folder) = running.stop();
    let database = rusqlite::Connection::open(folder.database()).expect("a database");
    let mut query = database
        .prepare("SELECT body FROM rejected ORDER BY seq")
        .expect("a table");
    let kept = query
        .query_map([], |row| Ok(row.get_ref(0)?.as_bytes()?.to_owned()))
        .expect("rows");
    let kept: Vec<Vec<u8>> = kept.map(|row| row.expect("a row")).collect();
    for ((sent, pointer, _), kept) in bodies.iter().zip(&kept) {
        let element = if pointer.is_empty() { sent } else { &sent[1..] };
        // An element is kept without its array's closing bracket.
        assert!(element.starts_with(kept) && element.len() - kept.len() <= 1);
    }
}

#[test]
fn every_status_can_be_read_by_every_origin() {
    let running = Running::start();
    let plain = "Content-Type: text/plain\r\n";
    let event = note("1").to_string().into_bytes();
    let mut lifecycle = note("2");
    lifecycle["type"] = json!("org.touchmark.lead_created");
    let long = vec![b' '; (1 << 20) + 1];
    let answers = [
        (202, running.post(&event)),
        (400, running.post("nope")),
        (404, running.send("GET", "/nothing", "", b"")),
        (405, running.send("GET", "/v1/events", "", b"")),
        (405, running.send("DELETE", "/healthz", "", b"")),
        (413, running.post(long)),
        (
            415,
            running.send("POST", "/v1/events", "Content-Type: image/png\r\n", b"x"),
        ),
        (
            415,
            running.send(
                "POST",
                "/v1/events",
                "Content-Encoding: gzip\r\n",
                b"\x1f\x8b",
            ),
        ),
        (
            401,
            running.send("POST", "/v1/events", "Authorization: Bearer x\r\n", b"[]"),
        ),
        (401, running.post(lifecycle.to_string())),
        (
            403,
            running.send("POST", "/v1/events", "Sec-Fetch-Mode: navigate\r\n", &event),
        ),
        (200, running.send("GET", "/openapi.json", "", b"")),
        (200, running.send("GET", "/healthz", plain, b"")),
        (
            204,
            running.send(
                "OPTIONS",
                "/v1/events",
                "Origin: https://a.example\r\n",
                b"",
            ),
        ),
    ];
    for (status, answer) in &answers {
        assert_eq!(answer.status, *status, "{}", answer.head);
        assert_eq!(
            answer.header("access-control-allow-origin"),
            Some("*"),
            "{status}"
        );
        assert_eq!(
            answer.header("access-control-expose-headers"),
            Some("Retry-After"),
            "{status}"
        );
        assert!(
            answer.header("access-control-allow-credentials").is_none(),
            "{status}"
        );
    }
    let preflight = &answers.last().expect("the preflight").1;
    assert!(
        preflight
            .header("access-control-allow-methods")
            .expect("methods")
            .contains("POST")
    );
    let allowed = preflight
        .header("access-control-allow-headers")
        .expect("headers");
    // Whatever tracing tools add is let through: `*`.
    for header in ["content-type", "authorization", "touchmark-session", "*"] {
        assert!(allowed.to_ascii_lowercase().contains(header), "{allowed}");
    }
    assert!(preflight.header("access-control-max-age").is_some());
}

#[test]
fn a_body_of_the_limit_is_read_and_one_byte_more_is_413() {
    let running = Running::start();
    let mut body = note("1").to_string().into_bytes();
    body.resize(1 << 20, b' ');
    assert_eq!(running.post(&body).status, 202);
    body.push(b' ');
    let answer = running.post(&body);
    assert_eq!(answer.status, 413);
    assert!(
        answer.json()["reason"]
            .as_str()
            .expect("text")
            .contains("1048576")
    );

    let mut chunked = b"POST /v1/events HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n".to_vec();
    for _ in 0..17 {
        chunked.extend_from_slice(b"10000\r\n");
        chunked.resize(chunked.len() + 0x10000, b' ');
        chunked.extend_from_slice(b"\r\n");
    }
    chunked.extend_from_slice(b"0\r\n\r\n");
    assert_eq!(exchange(running.ingestion, &chunked, b"").status, 413);
    assert_eq!(running.rows("/all").len(), 1);
}

#[test]
fn a_request_that_breaks_off_stores_nothing() {
    let running = Running::start();
    let body = note("1").to_string();
    let mut stream = connect(running.ingestion);
    let length = body.len() + 10;
    write!(
        stream,
        "POST /v1/events HTTP/1.1\r\nHost: x\r\nContent-Length: {length}\r\n\r\n{body}"
    )
    .expect("sent");
    stream.shutdown(std::net::Shutdown::Write).expect("closed");
    let mut rest = String::new();
    let _ = stream.read_to_string(&mut rest);
    assert!(
        rest.is_empty() || rest.starts_with("HTTP/1.1 408"),
        "{rest}"
    );
    assert!(running.rows("/all").is_empty());
}
