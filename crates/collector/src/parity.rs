//! Tests alone: what a page finds wrong with a form, by the schema as it was written.
//!
//! `spec/vectors/parity` holds instances with the violations that the core finds by a built plan's
//! contract, natively and as wasm in a browser. Here the independent `jsonschema` crate judges the
//! same by the document itself, references and all: instance pointer, keyword and schema pointer
//! must be the same. Then the collector gets each as an event, and must say the same again.

use std::sync::Arc;

use axum::body::Bytes;
use jsonschema::error::ValidationErrorKind as Kind;
use serde_json::{Value, json};

use crate::admit::{Sender, Sites};
use crate::body::elements;
use crate::judge::{Arrival, Judged, Rules, judge};
use crate::keys::Grant;
use crate::schema::Schemas;

const SCHEMA: &str = include_str!("../../../spec/event.schema.json");
const VECTORS: &str = include_str!("../../../spec/vectors/parity/contracts.json");

/// Instance pointer, keyword, schema pointer.
type Found = (String, String, String);

#[test]
fn page_and_collector_find_the_same_at_the_same_places() {
    let document: Value = serde_json::from_str(SCHEMA).expect("JSON");
    let vectors: Value = serde_json::from_str(VECTORS).expect("JSON");
    let schemas = Schemas::compile(&[]).expect("compiles");
    let rules = Rules {
        schemas,
        sites: Sites::new(),
    };
    let (mut judged, mut violations) = (0, 0);
    for vector in vectors.as_array().expect("a list") {
        let name = vector["name"].as_str().expect("a name");
        let contract = vector["given"]["contract"].as_str().expect("a contract");
        let expect = vector["expect"].as_array().expect("a list");
        let mut page: Vec<Found> = expect.iter().map(triple).collect();
        page.sort();
        let written = written(&document, contract, &vector["given"]["instance"]);
        assert_eq!(page, written, "{name}: the schema as it was written");
        for (_, _, schema) in &page {
            let whole = format!("/$defs/contracts/{contract}{schema}");
            assert!(leads(&document, &whole), "{name}: {whole} leads nowhere");
        }
        let told = told(&rules, contract, expect);
        assert_eq!(told.is_empty(), page.is_empty(), "{name}: {told:?}");
        for (instance, keyword, schema) in &page {
            let Some(field) = instance.strip_prefix('/') else {
                panic!("{name}: {instance} is no field");
            };
            let declared = &document["$defs"]["contracts"][contract]["properties"][field];
            // A name that the schema doesn't have may be anything, and is not repeated.
            if !declared.is_object() {
                let end = format!("/{field}");
                let is_told = told.iter().any(|one| one.0.ends_with(&end));
                assert!(!is_told, "{name}: {told:?}");
                continue;
            }
            let place = format!("/$defs/contracts/{contract}");
            // The event names the field; the list of required ones is told as a whole.
            let schema = if keyword == "required" {
                "/required"
            } else {
                schema
            };
            let same = (
                format!("/data/form/fields/{field}"),
                keyword.clone(),
                format!("{place}{schema}"),
            );
            assert!(told.contains(&same), "{name}: {same:?} is not in {told:?}");
        }
        judged += 1;
        violations += page.len();
    }
    println!("{judged} instances, {violations} violations, equal in page and collector");
    assert!(judged >= 25 && violations >= 40, "{judged} {violations}");
}

fn triple(one: &Value) -> Found {
    let text = |at: usize| one[at].as_str().expect("a text").to_owned();
    (text(0), text(1), text(2))
}

/// What the crate finds by the document itself.
fn written(document: &Value, contract: &str, instance: &Value) -> Vec<Found> {
    // The document's definitions alone: its root asks what an event must be.
    let mut whole = json!({"$ref": format!("#/$defs/contracts/{contract}")});
    for name in ["$schema", "$id", "$defs"] {
        whole[name] = document[name].clone();
    }
    let validator = jsonschema::options()
        .should_validate_formats(true)
        .offline()
        .build(&whole)
        .expect("a schema");
    let mut found = Vec::new();
    for error in validator.iter_errors(instance) {
        let keyword = error.kind().keyword().to_owned();
        let at = error.instance_path().to_string();
        // By the way that was gone, without the steps over references.
        let way = error.evaluation_path().to_string();
        let schema = way.replace("/$ref", "");
        match error.kind() {
            Kind::Required { property } => {
                let name = property.as_str().expect("a name");
                let all = &document["$defs"]["contracts"][contract]["required"];
                let all = all.as_array().expect("a list");
                let index = all.iter().position(|one| one == name).expect("required");
                found.push((
                    format!("{at}/{}", escaped(name)),
                    keyword,
                    format!("{schema}/{index}"),
                ));
            }
            Kind::AdditionalProperties { unexpected } => {
                for name in unexpected {
                    found.push((
                        format!("{at}/{}", escaped(name)),
                        keyword.clone(),
                        schema.clone(),
                    ));
                }
            }
            _ => found.push((at, keyword, schema)),
        }
    }
    found.sort();
    found
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// Whether a pointer leads somewhere in a document, references followed on the way.
fn leads(document: &Value, pointer: &str) -> bool {
    let mut here = document;
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        let step = |value: &'_ Value| match value {
            Value::Array(_) => token
                .parse::<usize>()
                .is_ok_and(|at| value.get(at).is_some()),
            _ => value.get(&token).is_some(),
        };
        while !step(here) {
            let Some(target) = here["$ref"].as_str().and_then(|uri| uri.strip_prefix('#')) else {
                return false;
            };
            let Some(next) = document.pointer(target) else {
                return false;
            };
            here = next;
        }
        here = match here {
            Value::Array(items) => &items[token.parse::<usize>().expect("a number")],
            _ => &here[&token],
        };
    }
    true
}

/// The collector's reasons for an event with these violations and no field.
fn told(rules: &Rules, contract: &str, violations: &[Value]) -> Vec<Found> {
    let named = |one: &Value| json!({"instance": one[0], "keyword": one[1], "schema": one[2]});
    let violations: Vec<Value> = violations.iter().map(named).collect();
    let is_valid = violations.is_empty();
    let mut validation = json!({"verdict": if is_valid { "unread" } else { "invalid" }});
    if !is_valid {
        validation["violations"] = json!(violations);
    }
    let schema: Value = serde_json::from_str(SCHEMA).expect("JSON");
    let id = schema["$id"].as_str().expect("an id");
    let event = json!({
        "specversion": "1.0", "id": "00000000-0000-5000-8000-000000000001",
        "source": "urn:touchmark:parity", "type": "org.touchmark.form_submit",
        "subject": "form", "time": "2026-11-22T17:40:45.123Z",
        "datacontenttype": "application/json", "dataschema": format!("{id}#form_submit"),
        "data": {
            "page": {"id": "p"}, "attribution": {},
            "form": {"id": "form", "contract": contract, "intent": 1, "outcome": "sent", "fields": {}},
            "validation": validation,
            "consent": {"store": "granted", "attribute": "granted", "identify": "granted", "send": "granted", "source": "api"},
            "device": "desktop",
            "tracker": {"name": "touchmark", "version": "0.1.0", "nonce": "0".repeat(32), "plan": "0".repeat(16), "tables": "2026-11-22"},
        },
    });
    let body = Bytes::from(event.to_string());
    let grant = Grant::new("urn:touchmark:parity", &["org.touchmark.form_submit"]);
    let arrival = Arrival {
        at: 0,
        sender: Sender::of(&Default::default(), Some(Arc::new(grant))),
        session: None,
    };
    let Judged::Event(event) = judge(rules, elements(&body).remove(0), &arrival) else {
        panic!("no event");
    };
    let reasons = event.reasons.into_iter();
    reasons
        .map(|one| (one.instance, one.keyword, one.schema))
        .collect()
}
