//! A file into a JSON value whose meaning is unique, with the name that faults show.
//!
//! First stage of plan build. I-JSON (RFC 7493): duplicate member names and numbers out of range
//! are refused with line and column. Not here: what the value should say.

use std::fmt;
use std::path::{Component, Path, PathBuf};

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

use super::fault::Fault;

/// A JSON document and where it came from.
#[derive(Debug)]
pub struct Source {
    pub name: String,
    pub value: Value,
}

impl Source {
    /// Reads a file.
    ///
    /// # Errors
    /// `file_unreadable`, `json_malformed`.
    pub fn read(path: &Path) -> Result<Self, Fault> {
        let name = path.display().to_string();
        let unreadable = |what: String, remedy: &str| {
            Fault::new("file_unreadable", &name, "", what, remedy.to_owned())
        };
        let bytes = std::fs::read(path).map_err(|cause| {
            let remedy = "name a file that exists and that you may read";
            unreadable(cause.to_string(), remedy)
        })?;
        match String::from_utf8(bytes) {
            // UTF-16 of plain text is UTF-8 as well, but for its zeros; no JSON has one.
            Ok(text) if !text.contains('\0') => Self::parse(&name, &text),
            _ => Err(unreadable(
                "it is not in UTF-8".to_owned(),
                "save it as UTF-8: some editors and shells write UTF-16, or an older encoding",
            )),
        }
    }

    /// Reads a text.
    ///
    /// # Errors
    /// `json_malformed`.
    pub fn parse(name: &str, text: &str) -> Result<Self, Fault> {
        // Some editors write a byte order mark, which RFC 8259 §8.1 lets readers ignore.
        let text = text.strip_prefix('\u{feff}').unwrap_or(text);
        match serde_json::from_str::<Unique>(text) {
            Ok(Unique(value)) => Ok(Self {
                name: name.to_owned(),
                value,
            }),
            Err(cause) => {
                let remedy =
                    "mend the JSON there: each member once, no comments, no trailing commas";
                let what = cause.to_string();
                Err(Fault::new(
                    "json_malformed",
                    name,
                    "",
                    what,
                    remedy.to_owned(),
                ))
            }
        }
    }
}

/// A path from a file's folder, without the `..` that a reader would have to follow.
pub fn beside(file: &Path, relative: &str) -> PathBuf {
    let joined = file.parent().unwrap_or(Path::new("")).join(relative);
    let mut plain = PathBuf::new();
    for part in joined.components() {
        let is_named = matches!(plain.components().next_back(), Some(Component::Normal(_)));
        match part {
            Component::CurDir => {}
            Component::ParentDir if is_named => {
                plain.pop();
            }
            other => plain.push(other),
        }
    }
    plain
}

/// A value in which no object names a member twice.
struct Unique(Value);

impl<'de> Deserialize<'de> for Unique {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reader).map(Unique)
    }
}

struct Reader;

impl<'de> Visitor<'de> for Reader {
    type Value = Value;

    fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("a JSON value")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_f64<E: Error>(self, value: f64) -> Result<Value, E> {
        Number::from_f64(value)
            .map(Value::Number)
            .ok_or_else(|| E::custom("number out of range"))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(value.into())
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Unique(item)) = access.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut access: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(name) = access.next_key::<String>()? {
            if members.contains_key(&name) {
                return Err(A::Error::custom(format!(
                    "the member `{name}` stands twice"
                )));
            }
            let Unique(value) = access.next_value()?;
            members.insert(name, value);
        }
        Ok(Value::Object(members))
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::{Source, beside};

    #[test]
    fn a_duplicate_member_is_refused_with_its_line() {
        let fault = Source::parse("plan.json", "{\n  \"a\": {\"b\": 1,\n \"b\": 2}}").unwrap_err();
        assert_eq!(fault.code(), "json_malformed");
        assert!(
            fault.to_string().contains("`b` stands twice at line 3"),
            "{fault}"
        );
    }

    #[test]
    fn numbers_out_of_range_and_text_after_the_value_are_refused() {
        for text in ["{\"a\": 1e999}", "{} {}", "{\"a\": 1,}", "", "[NaN]"] {
            assert!(Source::parse("plan.json", text).is_err(), "{text}");
        }
    }

    #[test]
    fn a_schema_is_found_beside_its_plan() {
        let schema = beside(Path::new("www/plan.json"), "../spec/event.schema.json");
        assert_eq!(schema, Path::new("spec/event.schema.json"));
        let above = beside(Path::new("plan.json"), "../a/./b.json");
        assert_eq!(above, Path::new("../a/b.json"));
    }
}
