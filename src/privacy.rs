//! A judged instance into the fields that may leave the page, each in its declared shape.
//!
//! After `form`, before `id`. Deny by default: what the contract does not annotate never
//! leaves, and a field that breaks its contract is left out whole.
//! Not here: consent states (the caller says whether hashes may go), the judging.

use crate::digest::sha256_hex;
use crate::schema::Violation;
use crate::schema::wire::{Collect, collect};
use crate::text::{part, pieces, trim};
use crate::value::{Json, Value};

/// Writes the wire fields of an instance as an object, in the contract's order.
pub fn write_fields(
    json: &mut Json,
    contract: &Value,
    instance: &Value,
    violations: &[Violation],
    may_identify: bool,
) {
    json.open("{");
    let properties = contract
        .member("properties")
        .map_or(&[][..], Value::members);
    for (name, property) in properties {
        let Some(value) = instance.member(name) else {
            continue;
        };
        if violations.iter().any(|violation| concerns(violation, name)) {
            continue;
        }
        match collect(property) {
            Collect::Value => {
                json.name(name);
                json.value(value);
            }
            Collect::Sha256 if may_identify => {
                let annotation = property.member("x-touchmark");
                let rule = annotation.map_or("", |own| own.text_of("normalise"));
                let text = value.as_text().unwrap_or("");
                json.member(name, &sha256_hex(normalise(rule, text).as_bytes()));
            }
            Collect::Presence => {
                json.name(name);
                json.raw("true");
            }
            Collect::Sha256 | Collect::Never => {}
        }
    }
    json.close("}");
}

/// Brings a contact field to the form that its hash is taken of.
///
/// `email`: outer white space off, ASCII lower case. `phone`: digits only, with a leading
/// `+` kept. Any other rule: outer white space off.
pub fn normalise(rule: &str, text: &str) -> String {
    let text = trim(text);
    match rule {
        "email" => text.to_ascii_lowercase(),
        "phone" => {
            let mut digits = String::new();
            for (at, byte) in text.bytes().enumerate() {
                if byte.is_ascii_digit() || (at == 0 && byte == b'+') {
                    digits.push_str(part(text, at, at + 1));
                }
            }
            digits
        }
        _ => String::from(text),
    }
}

/// Whether a violation is about a field, something inside it, or all of them together.
fn concerns(violation: &Violation, name: &str) -> bool {
    // Field names of contracts need no JSON pointer escapes: plan build sees to it.
    pieces(&violation.instance, b'/')
        .next()
        .is_none_or(|field| field == name)
}
