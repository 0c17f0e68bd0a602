//! A judged instance into the fields that may leave the page, each in its declared shape.
//!
//! After `form`, before `id`. Deny by default: what the contract does not annotate never
//! leaves, and a field that breaks its contract is left out whole. Cards and social security numbers
//! never leave, whatever the contract says.
//! Not here: consent states (the caller says whether hashes may go), the judging.

use crate::digest::sha256_hex;
use crate::schema::wire::{Collect, collect};
use crate::schema::{Host, Violation};
use crate::scrub::finding;
use crate::text::{cut, pieces, starts, trim};
use crate::value::{Json, Value};

/// Writes the wire fields of an instance as an object: the contract's in its order, then others
/// that it lets in. Returns a code for each value that was held back because of what it is.
pub fn write_fields(
    json: &mut Json,
    contract: &Value,
    instance: &Value,
    violations: &[Violation],
    may_identify: bool,
    rules: &[Value],
    host: &dyn Host,
) -> Vec<&'static str> {
    let mut redactions = Vec::new();
    let declared = contract.member("properties").unwrap_or(&Value::Null);
    let open = contract
        .member("additionalProperties")
        .unwrap_or(&Value::Null);
    json.open("{");
    let mut field = |name: &str, property: &Value| {
        let broken = violations.iter().any(|violation| concerns(violation, name));
        let how = collect(property);
        let (Some(value), false) = (instance.member(name), broken || how == Collect::Never) else {
            return;
        };
        if how == Collect::Presence {
            json.name(name);
            return json.raw("true");
        }
        // Even a hash of one gives a card's or social security number away: all can be tried.
        let code = finding(&value.to_json(), rules, host);
        if matches!(code, "redacted_card" | "redacted_ssn") {
            redactions.push(code);
        } else if how == Collect::Value {
            json.name(name);
            json.value(value);
        } else if may_identify {
            let annotation = property.member("x-touchmark");
            let rule = annotation.map_or("", |own| own.text_of("normalise"));
            let text = value.as_text().unwrap_or("");
            json.member(name, &sha256_hex(&normalise(rule, text)));
        }
    };
    for (name, property) in declared.members() {
        field(name, property);
    }
    for (name, _) in instance.members() {
        if declared.member(name).is_none() {
            field(name, open);
        }
    }
    json.close("}");
    redactions
}

/// Brings a contact field to the form that its hash is taken of; every rule takes outer white space
/// off.
///
/// `email`: ASCII lower case. `email_gmail`: also without inner white space, and at gmail.com and
/// googlemail.com without dots and without what follows a plus. `email_strip_all`: the same at every
/// domain. `phone`: digits only, with a leading `+` kept. `phone_digits`: digits only, without leading
/// zeros. Any other rule: nothing more.
///
/// Source: `email` as Meta, TikTok, LinkedIn and Snap ask for it, `email_gmail` Google,
/// `email_strip_all` Reddit and Microsoft; `phone` Google, TikTok and Reddit, `phone_digits` Meta,
/// Snap and Pinterest. All of them expect the country's number in front; it is not added here.
pub fn normalise(rule: &str, text: &str) -> Vec<u8> {
    let text = trim(text);
    let is_email = starts(rule, 0, "email");
    let is_phone = starts(rule, 0, "phone");
    let domain = cut(text, b'@').1;
    let is_folded = match rule {
        "email_gmail" => ["gmail.com", "googlemail.com"]
            .iter()
            .any(|one| one.eq_ignore_ascii_case(domain)),
        _ => rule == "email_strip_all",
    };
    let local_end = text.len() - domain.len();
    let mut kept: Vec<u8> = Vec::new();
    let mut is_tag = false;
    for (at, byte) in text.bytes().enumerate() {
        is_tag = at < local_end && byte != b'@' && (is_tag || (is_folded && byte == b'+'));
        let is_kept = if is_phone {
            let is_zero = byte == b'0' && kept.is_empty() && rule != "phone";
            (byte.is_ascii_digit() && !is_zero) || (at == 0 && byte == b'+' && rule == "phone")
        } else if is_email && rule != "email" {
            !is_tag && byte != b' ' && !(is_folded && at < local_end && byte == b'.')
        } else {
            true
        };
        if is_kept {
            kept.push(if is_email {
                byte.to_ascii_lowercase()
            } else {
                byte
            });
        }
    }
    kept
}

/// Whether a violation is about a field, something inside it, or all of them together.
fn concerns(violation: &Violation, name: &str) -> bool {
    // Field names of contracts need no JSON pointer escapes: plan build sees to it.
    pieces(&violation.instance, b'/')
        .next()
        .is_none_or(|field| field == name)
}
