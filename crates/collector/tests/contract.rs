//! docs/openapi.json against the collector that runs.

mod support;

use std::collections::BTreeSet;

use serde_json::{Value, json};
use support::{Running, note, submit};

fn file() -> Value {
    let path = concat!(env!("CARGO_MANIFEST_DIR"), "/../../docs/openapi.json");
    let text = std::fs::read_to_string(path).expect("docs/openapi.json");
    serde_json::from_str(&text).expect("JSON")
}

#[test]
fn both_listeners_serve_the_file_itself() {
    let running = Running::start();
    let open = running.send("GET", "/openapi.json", "", b"");
    assert_eq!((open.status, open.json()), (200, file()));
    assert_eq!(open.header("content-type"), Some("application/json"));
    assert_eq!(running.operate("GET", "/openapi.json").json(), file());
    assert_eq!(
        running
            .knock("GET", "/openapi.json", &running.operator.to_string(), "")
            .status,
        401
    );
}

#[test]
fn routes_and_file_are_the_same() {
    let written: BTreeSet<(String, String, bool)> = file()["paths"]
        .as_object()
        .expect("paths")
        .iter()
        .flat_map(|(path, item)| {
            let methods = ["get", "post", "put", "patch", "delete"];
            let methods = methods
                .into_iter()
                .filter(|method| item.get(*method).is_some());
            let servers = item["servers"].as_array().expect("servers").clone();
            let of = move |server: &Value| server["url"] == "http://127.0.0.1:4319";
            methods
                .flat_map(move |method| {
                    servers
                        .clone()
                        .into_iter()
                        .map(move |server| (method, server))
                })
                .map(move |(method, server)| (method.to_owned(), path.clone(), of(&server)))
                .collect::<Vec<_>>()
        })
        .collect();
    let served: BTreeSet<(String, String, bool)> = touchmark_collector::routes()
        .into_iter()
        .map(|(method, path, operator)| (method.to_owned(), path.to_owned(), operator))
        .collect();
    assert_eq!(written, served);
    assert!(served.len() > 14);
}

/// Every `$ref` leads somewhere, and every answer that a route can give is in its list.
#[test]
fn the_file_has_no_loose_ends() {
    let file = file();
    let mut refs = Vec::new();
    collect(&file, &mut refs);
    assert!(refs.len() > 50);
    for reference in refs {
        let place = reference.strip_prefix('#').expect("a local reference");
        assert!(file.pointer(place).is_some(), "{reference}");
    }
}

fn collect(value: &Value, refs: &mut Vec<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                match value.as_str() {
                    Some(text) if name == "$ref" => refs.push(text.to_owned()),
                    _ => collect(value, refs),
                }
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(item, refs)),
        _ => {}
    }
}

/// What the routes give keeps the schemas that the file has for it.
#[test]
fn answers_keep_the_files_schemas() {
    let file = file();
    let running = Running::start();
    let mut bad = note("bad");
    bad["subject"] = json!("far too long for this schema");
    let stored = running.post(json!([note("1"), bad, 7, submit(1, 1, "sent")]).to_string());
    let refusal = running.post("nope");
    let list = br#"[{"where": {"/id": "1"}}, {"count": 9}]"#;
    let outcome = running.ask(
        "POST",
        "/assert",
        "",
        &[b"{\"within_ms\": 50, \"expect\": ", &list[..], b"}"].concat(),
    );
    for (path, method, status, body) in [
        ("/v1/events", "post", "202", stored.json()),
        ("/v1/events", "post", "400", refusal.json()),
        (
            "/healthz",
            "get",
            "200",
            running.send("GET", "/healthz", "", b"").json(),
        ),
        (
            "/good",
            "get",
            "200",
            running.operate("GET", "/good").json(),
        ),
        ("/bad", "get", "200", running.operate("GET", "/bad").json()),
        ("/all", "get", "200", running.operate("GET", "/all").json()),
        (
            "/rejected",
            "get",
            "200",
            running.operate("GET", "/rejected").json(),
        ),
        (
            "/leads",
            "get",
            "200",
            running.operate("GET", "/leads").json(),
        ),
        (
            "/rules",
            "get",
            "200",
            running.operate("GET", "/rules").json(),
        ),
        (
            "/stats",
            "get",
            "200",
            running.operate("GET", "/stats").json(),
        ),
        ("/assert", "post", "422", outcome.json()),
    ] {
        let mut schema = file["paths"][path][method]["responses"][status]["content"]["application/json"]["schema"].clone();
        assert!(schema.is_object(), "{method} {path} {status}");
        schema["components"] = file["components"].clone();
        let validator = jsonschema::draft202012::new(&schema).expect("compiles");
        let errors: Vec<_> = validator
            .iter_errors(&body)
            .map(|error| error.to_string())
            .collect();
        assert!(errors.is_empty(), "{method} {path} {status}: {errors:?}");
        assert_ne!(body, json!([]), "{path} gave something to judge");
    }
}
