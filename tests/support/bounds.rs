//! Schemas and instances made to take forever: each ends, by a verdict or an error.

use touchmark::schema::full::{Fault, Formats, Schema, Verdict, index};
use touchmark::schema::{Host, violations};
use touchmark::value::Value;

/// # Panics
/// When one gets another verdict; when one hangs or overflows the stack, the test does too.
pub fn hostile_schemas_end(host: &dyn Host) {
    let doubling: Vec<String> = (0..40)
        .map(|level| {
            let next = format!("{{\"$ref\":\"#/$defs/d{}\"}}", level + 1);
            format!("\"d{level}\":{{\"allOf\":[{next},{next}]}}")
        })
        .collect();
    let doubling = format!(
        "{{\"$ref\":\"#/$defs/d0\",\"$defs\":{{{},\"d40\":{{\"type\":\"null\"}}}}}}",
        doubling.join(",")
    );
    let many: Vec<String> = (0..1_500).map(|number| number.to_string()).collect();
    let many = format!("[{}]", many.join(","));
    let deep = format!("{}1{}", "[".repeat(45), "]".repeat(45));
    for (name, schema, instance, exceeds) in [
        ("a cycle", r##"{"$ref":"#"}"##, "1", true),
        (
            "a cycle of two",
            r##"{"$ref":"#/$defs/a","$defs":{"a":{"$ref":"#/$defs/b"},"b":{"anyOf":[{"$ref":"#/$defs/a"}]}}}"##,
            "1",
            true,
        ),
        (
            "a dynamic cycle",
            r##"{"$dynamicAnchor":"a","not":{"$dynamicRef":"#a"}}"##,
            "1",
            true,
        ),
        ("doubling", &doubling, "1", true),
        (
            "unique items without end",
            r#"{"uniqueItems":true}"#,
            &many,
            true,
        ),
        (
            "items of items",
            r##"{"items":{"$ref":"#"}}"##,
            &deep,
            false,
        ),
    ] {
        let document = Value::parse(schema).expect("a schema is JSON");
        let instance = Value::parse(instance).expect("an instance is JSON");
        let ready = Schema::of(&document, host).unwrap_or_else(|wrong| panic!("{name}: {wrong}"));
        let verdict = ready.judge(&instance, host, Formats::Assert);
        assert_eq!(
            verdict == Verdict::BudgetExceeded,
            exceeds,
            "{name}: {verdict:?}"
        );
    }
    let crowd = vec!["true"; index::MAX_SCHEMAS + 1].join(",");
    for (schema, fault, pointer) in [
        (
            format!("{{\"allOf\":[{crowd}]}}"),
            Fault::TooLarge,
            "/allOf/19999",
        ),
        (
            r#"{"properties":{"a":{"pattern":"("}}}"#.to_owned(),
            Fault::Pattern,
            "/properties/a/pattern",
        ),
        (
            r#"{"items":{"$ref":"https://a.example/b"}}"#.to_owned(),
            Fault::Reference,
            "/items/$ref",
        ),
        (r#"{"items":7}"#.to_owned(), Fault::NoSchema, "/items"),
        (
            r#"{"$schema":"https://a.example/own"}"#.to_owned(),
            Fault::Dialect,
            "",
        ),
    ] {
        let document = Value::parse(&schema).expect("a schema is JSON");
        let wrong = Schema::of(&document, host)
            .err()
            .expect("no schema to judge by");
        assert_eq!(
            (wrong.fault, wrong.pointer.as_str()),
            (fault, pointer),
            "{wrong}"
        );
    }
    // A contract that plan build left whole, as pages judge by it.
    let whole =
        Value::parse(r##"{"$schema":"https://json-schema.org/draft/2020-12/schema","$ref":"#"}"##);
    let found = violations(&whole.expect("JSON"), &Value::Null, host);
    assert_eq!(found.len(), 1);
    assert_eq!(
        found.first().map(|one| one.keyword.as_str()),
        Some("budget_exceeded")
    );
}
