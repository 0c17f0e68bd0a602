//! Control entries into an instance that a form contract can judge.
//!
//! After `attribution`, before `privacy`. The plan maps controls to fields; types follow the
//! contract. Not here: judging (`schema`), what may leave (`privacy`), the DOM.

use crate::plan::Form;
use crate::schema::Host;
use crate::scrub::is_secret;
use crate::text::part;
use crate::value::Value;

/// No event carries more fields.
const MAX_FIELDS: usize = 64;

/// Builds the instance: one member for each field that a control with a value maps to.
///
/// An entry is `[name, value, kind, hint]`: kind is the control's type, hint the field or the
/// autocomplete token that the page's author gave it. An empty control is an absent field, since a
/// form sends empty text where nothing was typed. A control that maps to no field is not looked
/// at, unless the contract opens itself by `additionalProperties`: then its own name is the field's, if
/// it can be one. Passwords, and controls whose names say that they hold a secret, are never
/// looked at, whatever plan and contract say. `rules` are the plan's, for `scrub`.
///
/// A field of type `array` takes every value; of any other type the last one, as servers do.
/// `boolean` is true for any value but `false`, `0`, `no` and `off`; numbers keep their digits; a
/// `date` is the day of a moment. What does not fit its type stays text, so that the contract
/// can say so.
pub fn instance(
    form: Form<'_>,
    contract: &Value,
    entries: &[Value],
    rules: &[Value],
    host: &dyn Host,
) -> Value {
    let mut members: Vec<(String, Value)> = Vec::new();
    let declared = contract.member("properties").unwrap_or(&Value::Null);
    let open = contract
        .member("additionalProperties")
        .unwrap_or(&Value::Null);
    // One question for all: most forms have no secrets.
    let mut names = String::new();
    for entry in entries {
        names.push_str(cell(entry, 0));
        names.push('\n');
    }
    let has_secret = is_secret(&names, rules, host);
    for entry in entries {
        let (name, text, control) = (cell(entry, 0), cell(entry, 1), cell(entry, 2));
        if text.is_empty() || control == "password" {
            continue;
        }
        let mut field = form.field_of(name, cell(entry, 3));
        let is_open = field.is_empty()
            && matches!(open, Value::Object(_))
            && host.is_match("^[a-z][a-z0-9_]{0,63}$", name) == Some(true);
        if is_open {
            field = name;
        }
        if field.is_empty() || has_secret && is_secret(name, rules, host) {
            continue;
        }
        let property = declared.member(field).unwrap_or(open);
        let item = property
            .member("items")
            .filter(|_| kind(property) == "array");
        let value = typed(item.unwrap_or(property), text, control, host);
        let is_full = members.len() == MAX_FIELDS;
        match members.iter_mut().find(|(known, _)| known == field) {
            Some((_, Value::List(items))) => items.push(value),
            Some((_, last)) => *last = value,
            None if is_full => {}
            None => {
                let value = match kind(property) {
                    "array" => Value::List(vec![value]),
                    _ => value,
                };
                members.push((String::from(field), value));
            }
        }
    }
    Value::Object(members)
}

fn cell(entry: &Value, index: usize) -> &str {
    let cell = entry.items().get(index).and_then(Value::as_text);
    cell.unwrap_or("")
}

/// The type that a contract asks of a field; of several the first.
fn kind(property: &Value) -> &str {
    let kind = property.member("type").unwrap_or(&Value::Null);
    kind.items().first().unwrap_or(kind).as_text().unwrap_or("")
}

fn typed(property: &Value, text: &str, control: &str, host: &dyn Host) -> Value {
    match kind(property) {
        "boolean" => Value::Bool(!matches!(
            &*text.to_ascii_lowercase(),
            "false" | "0" | "no" | "off"
        )),
        "number" | "integer" => match Value::parse(text) {
            // I-JSON: a number that no double can hold would be refused by every receiver.
            Ok(Value::Number(digits)) if host.number(&digits).is_finite() => Value::Number(digits),
            _ => Value::Text(String::from(text)),
        },
        _ => {
            let is_day =
                control == "datetime-local" && property.text_of("format").starts_with("date ");
            let end = if is_day { 10 } else { text.len() };
            Value::Text(String::from(part(text, 0, end)))
        }
    }
}
