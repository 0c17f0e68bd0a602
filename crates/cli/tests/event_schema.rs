//! The shared event schema: a schema, complete, and right about every vector in spec/vectors/wire.
//!
//! The `jsonschema` crate judges, with formats asserted.

use std::collections::BTreeSet;
use std::fs;
use std::path::PathBuf;

use jsonschema::Validator;
use serde_json::{Value, json};

#[test]
fn it_keeps_the_metaschema_contracts_included() {
    let schema = schema();
    let meta = jsonschema::draft202012::meta::validator();
    let contracts = schema["$defs"]["contracts"].as_object().expect("contracts");
    let plan = read(spec().join("plan.schema.json"));
    for part in contracts.values().chain([&schema, &plan]) {
        let wrong: Vec<String> = meta
            .iter_errors(part)
            .map(|error| error.to_string())
            .collect();
        assert!(wrong.is_empty(), "{wrong:?}");
    }
}

#[test]
fn every_type_is_dispatched_and_found_by_its_anchor() {
    let schema = schema();
    let types = schema["$defs"]["types"]["$defs"]
        .as_object()
        .expect("types");
    let listed = schema["properties"]["type"]["enum"]
        .as_array()
        .expect("an enum");
    let rules = schema["$defs"]["dispatch"]["allOf"]
        .as_array()
        .expect("a list");
    assert_eq!((listed.len(), rules.len()), (types.len(), types.len()));
    for (index, (name, definition)) in types.iter().enumerate() {
        let kind = json!(format!("org.touchmark.{name}"));
        assert_eq!(definition["$anchor"], json!(name));
        assert_eq!(listed[index], kind);
        assert_eq!(rules[index]["if"]["properties"]["type"]["const"], kind);
        let then = &rules[index]["then"]["properties"];
        assert_eq!(then["data"]["$ref"], json!(format!("#{name}")));
        assert_eq!(then["dataschema"]["pattern"], json!(format!("#{name}$")));
    }
}

#[test]
fn every_entity_names_its_three_layers_and_known_events() {
    let schema = schema();
    let types = &schema["$defs"]["types"]["$defs"];
    let stages = texts(&schema["$defs"]["stage"]["enum"]);
    let entities = schema["$defs"]["entities"]["$defs"]
        .as_object()
        .expect("entities");
    assert_eq!(entities.len(), 6);
    for (name, entity) in entities {
        let own = &entity["x-touchmark-entity"];
        assert!(
            stages.contains(own["stage"].as_str().unwrap_or_default()),
            "{name}"
        );
        for layer in ["created_by", "verified_by", "reported_by"] {
            assert!(own[layer].is_string(), "{name} has no {layer}");
        }
        for event in texts(&own["events"]) {
            assert!(
                types[event].is_object(),
                "{name} is moved by an unknown event {event}"
            );
        }
        for field in texts(&entity["required"]) {
            assert!(entity["properties"][field].is_object(), "{name}.{field}");
        }
        assert!(entity["description"].is_string(), "{name}");
    }
}

#[test]
fn every_code_has_a_meaning_and_every_contract_field_an_owner() {
    let schema = schema();
    let mut lists = 0;
    walk(&schema, &mut |object| {
        if let Some(meanings) = object["x-touchmark-meanings"].as_object() {
            let named: BTreeSet<&str> = meanings.keys().map(String::as_str).collect();
            assert_eq!(named, texts(&object["enum"]));
            lists += 1;
        }
    });
    assert_eq!(
        lists, 7,
        "four lists of reasons, verdicts, outcomes, stages"
    );
    for (name, contract) in schema["$defs"]["contracts"].as_object().expect("contracts") {
        for (field, rule) in contract["properties"].as_object().expect("properties") {
            for fact in ["collect", "owner", "stage", "system_of_record"] {
                assert!(
                    rule["x-touchmark"][fact].is_string(),
                    "{name}.{field} has no {fact}"
                );
            }
        }
    }
}

#[test]
fn every_event_gets_the_verdict_of_its_vector() {
    let validator = validator();
    let mut per_type: Vec<(String, usize, usize)> = Vec::new();
    for (file, vectors) in vectors() {
        let (mut good, mut bad) = (0, 0);
        for vector in vectors.as_array().expect("a list") {
            let name = vector["name"].as_str().expect("a name");
            assert!(vector["why"].is_string(), "{file}: {name} has no why");
            let is_good = vector["expect"] == json!("valid");
            let expected = if is_good {
                json!([])
            } else {
                vector["expect"].clone()
            };
            assert_eq!(
                reasons(&validator, &vector["given"]),
                expected,
                "{file}: {name}"
            );
            *(if is_good { &mut good } else { &mut bad }) += 1;
        }
        per_type.push((file, good, bad));
    }
    let schema = schema();
    let pages = texts(&schema["allOf"][0]["if"]["properties"]["type"]["enum"]);
    assert_eq!(pages.len(), 5);
    for name in texts(&schema["properties"]["type"]["enum"]) {
        let short = name.trim_start_matches("org.touchmark.");
        let counted = per_type.iter().find(|(file, ..)| file == short);
        let (_, good, bad) = counted.unwrap_or_else(|| panic!("no vectors for {short}"));
        let least = if pages.contains(name) { 3 } else { 2 };
        assert!(
            *good >= 2 && *bad >= least,
            "{short}: {good} good, {bad} bad"
        );
    }
}

#[test]
fn canonical_events_survive_a_round_trip_byte_by_byte() {
    for (file, vectors) in vectors() {
        let text = fs::read_to_string(folder().join(format!("{file}.json"))).expect("readable");
        for vector in vectors.as_array().expect("a list") {
            assert!(
                text.contains(&vector["given"].to_string()),
                "{file}: {}",
                vector["name"]
            );
        }
    }
}

/// Place and keyword of each reason, in the order of the places.
fn reasons(validator: &Validator, event: &Value) -> Value {
    let mut reasons: Vec<(String, String)> = validator
        .iter_errors(event)
        .map(|error| {
            (
                error.instance_path().to_string(),
                error.kind().keyword().to_owned(),
            )
        })
        .collect();
    reasons.sort();
    reasons.dedup();
    reasons
        .iter()
        .map(|(instance, keyword)| json!({"instance": instance, "keyword": keyword}))
        .collect()
}

fn walk(value: &Value, visit: &mut dyn FnMut(&Value)) {
    match value {
        Value::Object(members) => {
            visit(value);
            members.values().for_each(|member| walk(member, visit));
        }
        Value::Array(items) => items.iter().for_each(|item| walk(item, visit)),
        _ => {}
    }
}

fn texts(list: &Value) -> BTreeSet<&str> {
    list.as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect()
}

fn schema() -> Value {
    read(spec().join("event.schema.json"))
}

fn read(file: PathBuf) -> Value {
    serde_json::from_str(&fs::read_to_string(file).expect("readable")).expect("JSON")
}

fn validator() -> Validator {
    let options = jsonschema::draft202012::options()
        .should_validate_formats(true)
        .offline();
    options.build(&schema()).expect("it compiles")
}

fn vectors() -> Vec<(String, Value)> {
    let entries = fs::read_dir(folder()).expect("vectors");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    let read = |file: PathBuf| {
        let name = file
            .file_stem()
            .expect("a name")
            .to_string_lossy()
            .into_owned();
        let text = fs::read_to_string(&file).expect("readable");
        (name, serde_json::from_str(&text).expect("JSON"))
    };
    files.into_iter().map(read).collect()
}

fn folder() -> PathBuf {
    spec().join("vectors/wire")
}

fn spec() -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../spec")
}
