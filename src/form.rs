//! Control entries into an instance that a form contract can judge.
//!
//! After `attribution`, before `privacy`. The plan maps control names to fields; types
//! follow the contract. Not here: judging (`schema`), what may leave (`privacy`), the DOM.

use crate::plan::Form;
use crate::value::Value;

/// One entry of a submission, as the kernel read it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    pub name: String,
    pub value: String,
    /// The control's type, such as `text`, `checkbox` or `select-one`.
    pub kind: String,
}

impl Entry {
    /// Reads `[name, value, kind]`.
    pub fn from_value(entry: &Value) -> Entry {
        let text = |index: usize| {
            let text = entry.items().get(index).and_then(Value::as_text);
            String::from(text.unwrap_or(""))
        };
        Entry {
            name: text(0),
            value: text(1),
            kind: text(2),
        }
    }
}

/// Builds the instance: one member for each mapped field that holds something.
///
/// An empty control is an absent field, since a form sends empty text where nothing was
/// typed. Controls that the plan doesn't map are not looked at. A field of type `array`
/// takes every value; of any other type the last one, as servers do. `boolean` is true for
/// any value but `false`, `0`, `no` and `off`; numbers keep their digits. What does not fit its
/// type stays text, so that the contract can say so.
pub fn instance(form: &Form, contract: &Value, entries: &[Entry]) -> Value {
    let mapped = entries
        .iter()
        .filter_map(|entry| Some((form.field_of(&entry.name)?, entry)));
    let mut members: Vec<(String, Value)> = Vec::new();
    for (field, entry) in mapped {
        // Not even as text shown by a toggle, and whatever the schema says.
        if entry.value.is_empty() || entry.kind == "password" || entry.kind == "file" {
            continue;
        }
        let property = contract
            .member("properties")
            .and_then(|all| all.member(field));
        let kind = property.map_or("", |property| property.text_of("type"));
        let known = members.iter().position(|(name, _)| name == field);
        let slot = known.and_then(|index| members.get_mut(index));
        match (kind, slot) {
            ("array", Some((_, Value::List(items)))) => items.push(text(entry)),
            ("array", _) => members.push((field.into(), Value::List(vec![text(entry)]))),
            (_, Some((_, value))) => *value = typed(kind, entry),
            (_, None) => members.push((field.into(), typed(kind, entry))),
        }
    }
    Value::Object(members)
}

/// Builds the instance from values that the page gave as an object, types as they are.
pub fn recorded(fields: Option<&Value>) -> Value {
    match fields {
        Some(Value::Object(members)) => Value::Object(members.clone()),
        _ => Value::Object(Vec::new()),
    }
}

fn typed(kind: &str, entry: &Entry) -> Value {
    let value = entry.value.as_str();
    match kind {
        "boolean" => Value::Bool(!matches!(value, "false" | "0" | "no" | "off")),
        "number" | "integer" => match Value::parse(value) {
            Ok(Value::Number(digits)) => Value::Number(digits),
            _ => text(entry),
        },
        _ => text(entry),
    }
}

fn text(entry: &Entry) -> Value {
    Value::Text(entry.value.clone())
}
