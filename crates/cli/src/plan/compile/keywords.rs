//! The page's keyword set: what pages judge, what says nothing, what is refused and why.
//!
//! Used by `compile` alone. Not here: what the keywords hold.

use serde_json::{Map, Value, json};

/// Members in one order whatever the author's, so that equal contracts are equal bytes; the
/// order of fields stays, since it is that of the form.
pub fn order(schema: &mut Map<String, Value>) {
    let mut rest = std::mem::take(schema);
    for keyword in PAGE_KEYWORDS {
        let Some(mut value) = rest.remove(*keyword) else {
            continue;
        };
        match (&mut value, *keyword) {
            (Value::Object(fields), "properties") => {
                fields
                    .values_mut()
                    .filter_map(Value::as_object_mut)
                    .for_each(order);
            }
            (Value::Object(one), "items" | "additionalProperties") => order(one),
            (Value::Object(own), "x-touchmark") => {
                let both = ["collect", "normalise"].map(|name| (name, own.remove(name)));
                own.extend(
                    both.into_iter()
                        .filter_map(|(name, value)| Some((name.to_owned(), value?))),
                );
            }
            _ => {}
        }
        schema.insert((*keyword).to_owned(), value);
    }
}

/// `2.0` is the integer 2 in JSON Schema; pages read one way to write it.
pub fn whole(value: &Value) -> Value {
    match value.as_f64() {
        Some(number) if value.is_f64() && number.fract() == 0.0 && number.abs() < 9e15 => {
            json!(number as i64)
        }
        _ => value.clone(),
    }
}

/// A length or a count. Pages read limits of up to 18 digits; no text and no list comes near.
pub fn limit(value: &Value) -> Value {
    const HUGE: u64 = 1_000_000_000_000_000;
    match value.as_f64() {
        Some(number) if number > HUGE as f64 => json!(HUGE),
        _ => whole(value),
    }
}

/// The formats that pages assert, as the core lists them.
pub fn formats() -> Vec<&'static str> {
    let lines = touchmark::schema::FORMATS.lines();
    lines
        .filter_map(|line| Some(line.split_once(' ')?.0))
        .collect()
}

/// What pages judge, in the order in which it is written.
pub const PAGE_KEYWORDS: &[&str] = &[
    "type",
    "enum",
    "const",
    "required",
    "properties",
    "additionalProperties",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minimum",
    "maximum",
    "items",
    "minItems",
    "maxItems",
    "x-touchmark",
];
/// What says nothing about values.
pub const SILENT: &[&str] = &[
    "$anchor",
    "$comment",
    "$defs",
    "$dynamicAnchor",
    "$id",
    "$ref",
    "$schema",
    "default",
    "deprecated",
    "description",
    "examples",
    "readOnly",
    "title",
    "writeOnly",
];
/// What JSON Schema knows and pages don't, with what to write instead.
pub const REFUSED: &[(&[&str], &str)] = &[
    (
        &[
            "allOf",
            "anyOf",
            "oneOf",
            "not",
            "if",
            "then",
            "else",
            "dependentRequired",
            "dependentSchemas",
        ],
        "write the rule on the field itself, as enum or pattern; rules across fields belong to the server",
    ),
    (&["exclusiveMinimum"], "use minimum"),
    (&["exclusiveMaximum"], "use maximum"),
    (&["multipleOf"], "use type integer, or a pattern on text"),
    (
        &["patternProperties", "propertyNames"],
        "list every field under properties",
    ),
    (
        &["minProperties", "maxProperties"],
        "use required and additionalProperties",
    ),
    (
        &[
            "prefixItems",
            "contains",
            "minContains",
            "maxContains",
            "uniqueItems",
            "unevaluatedItems",
        ],
        "use items, minItems and maxItems",
    ),
    (&["unevaluatedProperties"], "use additionalProperties"),
    (&["$dynamicRef", "$vocabulary"], "use $ref"),
    (
        &["contentEncoding", "contentMediaType", "contentSchema"],
        "leave it out: it checks nothing",
    ),
];
