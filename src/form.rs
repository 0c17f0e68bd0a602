//! Control entries into an instance that a form contract can judge.
//!
//! After `attribution`, before `privacy`. The plan maps control names to fields; types
//! follow the contract. Not here: judging (`schema`), what may leave (`privacy`), the DOM.

use crate::plan::Form;
use crate::schema::Host;
use crate::value::Value;

/// Builds the instance: one member for each mapped field that holds something.
///
/// An entry is `[name, value, kind]`, kind being the control's type. An empty control is an
/// absent field, since a form sends empty text where nothing was typed. Controls that the plan
/// doesn't map are not looked at. A field of type `array` takes every value; of any other
/// type the last one, as servers do. `boolean` is true for any value but `false`, `0`, `no` and
/// `off`; numbers keep their digits. What does not fit its type stays text, so that the
/// contract can say so.
pub fn instance(form: Form<'_>, contract: &Value, entries: &[Value], host: &dyn Host) -> Value {
    let mut members: Vec<(String, Value)> = Vec::new();
    for entry in entries {
        let cell = |index: usize| {
            let cell = entry.items().get(index).and_then(Value::as_text);
            cell.unwrap_or("")
        };
        let (field, text, kind) = (form.field_of(cell(0)), cell(1), cell(2));
        // A password never, not even one that is shown as text, whatever the schema says. Of a
        // file the kernel tells only that there is one.
        if field.is_empty() || text.is_empty() || kind == "password" {
            continue;
        }
        let properties = contract.member("properties").unwrap_or(&Value::Null);
        let kind = properties
            .member(field)
            .map_or("", |property| property.text_of("type"));
        let value = typed(kind, text, host);
        let known = members.iter_mut().find(|(name, _)| name == field);
        match known {
            Some((_, Value::List(items))) => items.push(value),
            Some((_, last)) => *last = value,
            None => {
                let value = match kind {
                    "array" => Value::List(vec![value]),
                    _ => value,
                };
                members.push((String::from(field), value));
            }
        }
    }
    Value::Object(members)
}

fn typed(kind: &str, text: &str, host: &dyn Host) -> Value {
    match kind {
        "boolean" => Value::Bool(!matches!(text, "false" | "0" | "no" | "off")),
        "number" | "integer" => match Value::parse(text) {
            // I-JSON: a number that no double can hold would be refused by every receiver.
            Ok(Value::Number(digits)) if host.number(&digits).is_finite() => Value::Number(digits),
            _ => Value::Text(String::from(text)),
        },
        _ => Value::Text(String::from(text)),
    }
}
