//! Turns a form contract of a schema document into the JSON that judges what was sent.
//!
//! Inlines the contract's local `$ref`s, then applies the core's wire derivation.
//! Not here: compiling the result (`schema`), the derivation's rules (touchmark's `schema::wire`).

use serde_json::{Map, Value};

/// Why a contract has no wire schema.
pub type WireError = String;

/// The document's contracts by name, and the pointer that leads to them.
///
/// They stand under `$defs.contracts`, or, so that the whole stays a schema, in its own `$defs`.
pub fn contracts(document: &Value) -> (&'static str, impl Iterator<Item = (&String, &Value)>) {
    let nested = document.pointer(NESTED).and_then(Value::as_object);
    let (place, all) = match nested {
        Some(all) => (NESTED, Some(all)),
        None => (FLAT, document.pointer(FLAT).and_then(Value::as_object)),
    };
    (place, all.into_iter().flatten())
}

/// The wire schema of one of `document`'s contracts.
pub fn of_contract(document: &Value, contract: &Value) -> Result<Value, WireError> {
    let inlined = inline(document, contract, 0)?.to_string();
    let inlined = touchmark::value::Value::parse(&inlined).map_err(|cause| format!("{cause:?}"))?;
    let wire = touchmark::schema::wire::derive(&inlined).to_json();
    serde_json::from_str(&wire).map_err(|cause| cause.to_string())
}

/// The same schema without any `required`: an invalid form sends only the fields that are sound.
pub fn without_required(schema: &Value) -> Value {
    match schema {
        Value::Object(members) => {
            let kept = members
                .iter()
                .filter(|(name, value)| *name != "required" || !value.is_array());
            Value::Object(
                kept.map(|(name, value)| (name.clone(), without_required(value)))
                    .collect(),
            )
        }
        Value::Array(items) => Value::Array(items.iter().map(without_required).collect()),
        other => other.clone(),
    }
}

/// Replaces local references by what they name; members beside a `$ref` win over the target's.
fn inline(document: &Value, schema: &Value, depth: usize) -> Result<Value, WireError> {
    if depth > MAX_DEPTH {
        return Err(format!(
            "references or schemas stand more than {MAX_DEPTH} deep"
        ));
    }
    let own = match schema {
        Value::Object(own) => own,
        Value::Array(items) => {
            return items
                .iter()
                .map(|item| inline(document, item, depth + 1))
                .collect();
        }
        other => return Ok(other.clone()),
    };
    let mut members = Map::new();
    if let Some(Value::String(reference)) = own.get("$ref") {
        let target = refer(document, reference)
            .ok_or_else(|| format!("the reference {reference} leads nowhere"))?;
        if let Value::Object(inlined) = inline(document, target, depth + 1)? {
            members = inlined;
        }
    }
    for (name, value) in own.iter().filter(|(name, _)| *name != "$ref") {
        let value = inline(document, value, depth + 1)?;
        join(&mut members, name, value);
    }
    Ok(Value::Object(members))
}

/// Puts a keyword that stands beside a `$ref` over what the reference brought, as plan build does.
fn join(members: &mut Map<String, Value>, keyword: &str, value: Value) {
    match (members.get_mut(keyword), value) {
        (Some(Value::Object(known)), Value::Object(own)) if keyword == "x-touchmark" => {
            known.extend(own);
        }
        (Some(Value::Array(known)), Value::Array(own)) if keyword == "required" => {
            for name in own {
                if !known.contains(&name) {
                    known.push(name);
                }
            }
        }
        (_, value) => {
            members.insert(keyword.to_owned(), value);
        }
    }
}

/// What a reference means: a pointer or an anchor, alone or behind the document's own `$id`.
pub fn refer<'a>(document: &'a Value, reference: &str) -> Option<&'a Value> {
    let id = document["$id"].as_str().unwrap_or_default();
    let own = reference
        .strip_prefix(id)
        .filter(|rest| rest.starts_with('#'));
    let fragment = unescape(own.unwrap_or(reference).strip_prefix('#')?)?;
    match fragment.as_str() {
        "" => Some(document),
        pointer if pointer.starts_with('/') => document.pointer(pointer),
        anchor => find_anchor(document, anchor),
    }
}

/// The schema with that `$anchor`, looked for only where schemas can stand.
fn find_anchor<'a>(schema: &'a Value, anchor: &str) -> Option<&'a Value> {
    if schema["$anchor"].as_str() == Some(anchor) {
        return Some(schema);
    }
    match schema {
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| !VALUES.contains(&name.as_str()))
            .find_map(|(_, value)| find_anchor(value, anchor)),
        Value::Array(items) => items.iter().find_map(|item| find_anchor(item, anchor)),
        _ => None,
    }
}

/// Percent escapes of a fragment (RFC 6901 §6); `None` if they give no text.
fn unescape(fragment: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(fragment.len());
    let mut rest = fragment.as_bytes();
    while let [first, tail @ ..] = rest {
        let escaped = (*first == b'%').then(|| tail.get(..2)).flatten();
        let escaped = escaped.and_then(|pair| std::str::from_utf8(pair).ok());
        let escaped = escaped.and_then(|pair| u8::from_str_radix(pair, 16).ok());
        bytes.push(escaped.unwrap_or(*first));
        rest = if escaped.is_some() { &tail[2..] } else { tail };
    }
    String::from_utf8(bytes).ok()
}

/// Keywords that hold values: what looks like a schema in them is none.
const VALUES: [&str; 4] = ["enum", "const", "examples", "default"];
const MAX_DEPTH: usize = 64;
const FLAT: &str = "/$defs/contracts";
const NESTED: &str = "/$defs/contracts/$defs";

#[cfg(test)]
mod tests {
    use super::{contracts, of_contract, without_required};
    use serde_json::json;

    #[test]
    fn references_are_followed_and_the_rest_is_derived() {
        let document = json!({"$defs": {
            "email": {"type": "string", "format": "email", "x-touchmark": {"collect": "value"}},
            "contracts": {"c": {
                "required": ["email", "phone", "note", "secret"],
                "properties": {
                    "email": {"$ref": "#/$defs/email"},
                    "phone": {"$ref": "#/$defs/email", "x-touchmark": {"collect": "sha256"}},
                    "note": {"type": "string", "x-touchmark": {"collect": "presence"}},
                    "secret": {"type": "string"},
                },
            }},
        }});
        let (place, mut all) = contracts(&document);
        let (name, contract) = all.next().expect("a contract");
        assert_eq!((place, name.as_str()), ("/$defs/contracts", "c"));
        let wire = of_contract(&document, contract).expect("derives");
        assert_eq!(wire["required"], json!(["email", "note"]));
        assert_eq!(wire["properties"]["email"]["format"], "email");
        assert_eq!(wire["properties"]["phone"]["pattern"], "^[0-9a-f]{64}$");
        assert_eq!(wire["properties"]["note"], json!({"type": "boolean"}));
        assert!(wire["properties"].get("secret").is_none());
        assert_eq!(wire["additionalProperties"], false);
        assert!(without_required(&wire).get("required").is_none());
    }

    #[test]
    fn anchors_escapes_and_the_own_id_lead_somewhere() {
        let document = json!({
            "$id": "https://example.org/s/1-0-0",
            "enum": [{"$anchor": "email"}],
            "$defs": {
                "a b": {"$anchor": "email", "type": "string", "format": "email",
                        "x-touchmark": {"collect": "value", "normalise": "email"}},
                "contracts": {"c": {
                    "properties": {
                        "anchor": {"$ref": "#email", "x-touchmark": {"collect": "sha256"}},
                        "pointer": {"$ref": "#/$defs/a%20b"},
                        "whole": {"$ref": "https://example.org/s/1-0-0#email"},
                    },
                }},
            },
        });
        let (_, mut all) = contracts(&document);
        let wire = of_contract(&document, all.next().expect("a contract").1).expect("derives");
        assert_eq!(
            wire["properties"]["anchor"]["pattern"], "^[0-9a-f]{64}$",
            "{wire}"
        );
        assert_eq!(wire["properties"]["pointer"]["format"], "email");
        assert_eq!(wire["properties"]["whole"]["format"], "email");
    }

    #[test]
    fn circles_and_lost_references_are_refused() {
        let document = json!({"$defs": {"contracts": {"description": "nested", "$defs": {
            "circle": {"properties": {"a": {"$ref": "#/$defs/contracts/$defs/circle"}}},
            "lost": {"$ref": "#/$defs/nowhere"},
        }}}});
        let (place, all) = contracts(&document);
        assert_eq!(place, "/$defs/contracts/$defs");
        let refusals: Vec<_> = all.map(|(_, one)| of_contract(&document, one)).collect();
        assert!(refusals.iter().all(Result::is_err) && refusals.len() == 2);
        assert!(
            refusals[1]
                .as_ref()
                .expect_err("lost")
                .contains("#/$defs/nowhere")
        );
    }
}
