//! A form contract into the wire schema: what of it may leave the page, and in which shape.
//!
//! A contract judges what was typed; the wire schema judges what was sent. It follows from
//! the contract alone, so nobody writes it by hand and the two can't drift apart.
//! Used by the collector and the CLI; the page sends by the same annotations (`privacy`).

use super::format::without_rows;
use crate::value::Value;

/// What leaves the page of one field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collect {
    /// The value as it was typed.
    Value,
    /// A SHA-256 of the normalised value, as 64 hex digits; needs the identify consent.
    Sha256,
    /// Only whether there was a value.
    Presence,
    /// Nothing. The default.
    Never,
}

/// What the annotation `x-touchmark.collect` of a property says.
pub fn collect(property: &Value) -> Collect {
    let annotation = property.member("x-touchmark");
    match annotation.map_or("", |own| own.text_of("collect")) {
        "value" => Collect::Value,
        "sha256" => Collect::Sha256,
        "presence" => Collect::Presence,
        _ => Collect::Never,
    }
}

/// Derives the wire schema of a form contract.
///
/// `value` keeps its subschema, `sha256` becomes 64 hex digits, `presence` a boolean,
/// `never` goes. Hashed fields are never required: without the identify consent they stay.
/// Additional properties are refused, unless the contract opens itself by `additionalProperties`
/// with an annotation: then they are sent as it says.
pub fn derive(contract: &Value) -> Value {
    let mut properties = Vec::new();
    let mut required = Vec::new();
    let declared = contract
        .member("properties")
        .map_or(&[][..], Value::members);
    for (name, property) in declared {
        let Some(kept) = sent(property) else {
            continue;
        };
        let needed = contract.member("required").map_or(&[][..], Value::items);
        if collect(property) != Collect::Sha256
            && needed.iter().any(|one| one.as_text() == Some(name))
        {
            required.push(text(name));
        }
        properties.push((name.clone(), kept));
    }
    let open = contract.member("additionalProperties").and_then(sent);
    object([
        ("type", text("object")),
        ("properties", Value::Object(properties)),
        ("required", Value::List(required)),
        ("additionalProperties", open.unwrap_or(Value::Bool(false))),
    ])
}

/// What is sent of a field; `None` when nothing is.
fn sent(property: &Value) -> Option<Value> {
    Some(match collect(property) {
        Collect::Value => without_annotation(&without_rows(property)),
        Collect::Sha256 => object([
            ("type", text("string")),
            ("pattern", text("^[0-9a-f]{64}$")),
        ]),
        Collect::Presence => object([("type", text("boolean"))]),
        Collect::Never => return None,
    })
}

fn without_annotation(property: &Value) -> Value {
    let kept = property.members().iter();
    Value::Object(
        kept.filter(|(name, _)| name != "x-touchmark")
            .cloned()
            .collect(),
    )
}

fn object<const N: usize>(members: [(&str, Value); N]) -> Value {
    Value::Object(members.map(|(name, value)| (name.to_owned(), value)).into())
}

fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

#[cfg(test)]
mod tests {
    use super::derive;
    use crate::value::Value;

    #[test]
    fn only_what_may_leave_is_in_the_wire_schema() {
        let contract = Value::parse(
            r#"{"type":"object","required":["name","email","service","ok"],"properties":{
            "name":{"type":"string","x-touchmark":{"collect":"never"}},
            "note":{"type":"string"},
            "email":{"type":"string","format":"email","x-touchmark":{"collect":"sha256"}},
            "ok":{"type":"boolean","x-touchmark":{"collect":"presence"}},
            "service":{"enum":["a","b"],"x-touchmark":{"collect":"value","owner":"web"}}}}"#,
        );
        let wire = derive(&contract.expect("the contract is JSON"));
        assert_eq!(
            wire.to_json(),
            r#"{"type":"object","properties":{"email":{"type":"string","pattern":"^[0-9a-f]{64}$"},"ok":{"type":"boolean"},"service":{"enum":["a","b"]}},"required":["ok","service"],"additionalProperties":false}"#
        );
    }
}
