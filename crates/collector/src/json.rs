//! Turns bytes into one I-JSON value (RFC 7493), and reads no further.
//!
//! Differs from plain serde_json in what it refuses: a key twice in one object, which two readers
//! may read differently. Depth past 128, numbers outside a double's range, lone surrogates and
//! invalid UTF-8 are refused by serde_json. Messages give positions, never text of the input.

use std::fmt;

use serde::de::{Deserialize, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::{Map, Number, Value};

/// Why bytes are no I-JSON value.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum JsonError {
    /// An object has the same key twice.
    DuplicateKey,
    /// Arrays and objects stand more than 128 deep in each other.
    TooDeep,
    /// A number no double can hold.
    NumberOutOfRange,
    /// The text ends inside a value.
    Incomplete,
    /// Anything else; also invalid UTF-8, raw control characters and lone surrogates.
    Syntax,
}

impl JsonError {
    /// A stable name for the error.
    pub fn code(self) -> &'static str {
        match self {
            Self::DuplicateKey => "duplicate_key",
            Self::TooDeep => "too_deep",
            Self::NumberOutOfRange => "number_out_of_range",
            Self::Incomplete => "incomplete_json",
            Self::Syntax => "not_json",
        }
    }
}

impl fmt::Display for JsonError {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(match self {
            Self::DuplicateKey => "an object has the same key twice",
            Self::TooDeep => "nested more than 128 deep",
            Self::NumberOutOfRange => "a number is outside the range of a double",
            Self::Incomplete => "the text ends inside a value",
            Self::Syntax => "not JSON in UTF-8",
        })
    }
}

/// Reads the value at the start of `bytes`: the value, and how many bytes it took.
pub fn parse_prefix(bytes: &[u8]) -> Result<(Value, usize), JsonError> {
    let mut stream = serde_json::Deserializer::from_slice(bytes).into_iter::<Strict>();
    match stream.next() {
        Some(Ok(value)) => Ok((value.0, stream.byte_offset())),
        Some(Err(cause)) => Err(classify(&cause)),
        None => Err(JsonError::Incomplete),
    }
}

/// Finds where a broken array element ends: at the `,` or `]` that closes it, `None` if none does.
///
/// Counts brackets outside strings, without looking at their kind: what it skips is refused anyway.
pub fn skip_broken(bytes: &[u8]) -> Option<usize> {
    let (mut depth, mut in_string, mut escaped) = (0_usize, false, false);
    for (at, byte) in bytes.iter().enumerate() {
        match byte {
            _ if escaped => escaped = false,
            b'\\' if in_string => escaped = true,
            b'"' => in_string = !in_string,
            _ if in_string => {}
            b',' | b']' if depth == 0 => return Some(at),
            b'[' | b'{' => depth += 1,
            b']' | b'}' => depth = depth.saturating_sub(1),
            _ => {}
        }
    }
    None
}

fn classify(cause: &serde_json::Error) -> JsonError {
    // serde_json keeps its codes private; its texts for these three are pinned by the tests below.
    let text = cause.to_string();
    if text.starts_with(DUPLICATE) {
        JsonError::DuplicateKey
    } else if text.starts_with("recursion limit exceeded") {
        JsonError::TooDeep
    } else if text.starts_with("number out of range") {
        JsonError::NumberOutOfRange
    } else if cause.is_eof() {
        JsonError::Incomplete
    } else {
        JsonError::Syntax
    }
}

/// A `Value` whose objects have no key twice.
struct Strict(Value);

impl<'de> Deserialize<'de> for Strict {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        source.deserialize_any(StrictVisitor).map(Self)
    }
}

struct StrictVisitor;

impl<'de> Visitor<'de> for StrictVisitor {
    type Value = Value;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Value, E> {
        Ok(Value::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Value, E> {
        Ok(Value::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Value, E> {
        Ok(Value::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Value, E> {
        Ok(Number::from_f64(value).map_or(Value::Null, Value::Number))
    }

    fn visit_str<E>(self, value: &str) -> Result<Value, E> {
        Ok(Value::String(value.to_owned()))
    }

    fn visit_string<E>(self, value: String) -> Result<Value, E> {
        Ok(Value::String(value))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut source: A) -> Result<Value, A::Error> {
        let mut items = Vec::new();
        while let Some(Strict(item)) = source.next_element()? {
            items.push(item);
        }
        Ok(Value::Array(items))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut source: A) -> Result<Value, A::Error> {
        let mut members = Map::new();
        while let Some(key) = source.next_key::<String>()? {
            let Strict(value) = source.next_value()?;
            if members.insert(key, value).is_some() {
                return Err(A::Error::custom(DUPLICATE));
            }
        }
        Ok(Value::Object(members))
    }
}

const DUPLICATE: &str = "duplicate key";

#[cfg(test)]
mod tests {
    use super::{JsonError, parse_prefix, skip_broken};

    fn refusal(bytes: &[u8]) -> JsonError {
        parse_prefix(bytes).expect_err("refused")
    }

    #[test]
    fn reads_one_value_and_stops() {
        let (value, len) = parse_prefix(br#" {"a":[1,-2.5,null,true,"x"]} , 7"#).expect("JSON");
        assert_eq!(value.to_string(), r#"{"a":[1,-2.5,null,true,"x"]}"#);
        assert_eq!(len, 29);
    }

    #[test]
    fn refusals_have_names() {
        assert_eq!(refusal(br#"{"a":{"b":1,"b":1}}"#), JsonError::DuplicateKey);
        assert_eq!(refusal(br#"{"a":1,"\u0061":1}"#), JsonError::DuplicateKey);
        assert_eq!(refusal("[".repeat(100_000).as_bytes()), JsonError::TooDeep);
        assert_eq!(refusal(b"[1e999]"), JsonError::NumberOutOfRange);
        assert_eq!(refusal(br#"{"a":"#), JsonError::Incomplete);
        assert_eq!(refusal(b""), JsonError::Incomplete);
        for bytes in [
            &b"\xff"[..],
            b"\"\xff\"",
            b"\0",
            b"\"\0\"",
            br#""\ud800""#,
            b"nope",
            b"\xef\xbb\xbf{}",
        ] {
            assert_eq!(refusal(bytes), JsonError::Syntax, "{bytes:?}");
        }
    }

    #[test]
    fn a_broken_element_ends_at_its_own_comma() {
        assert_eq!(skip_broken(br#"{"a":"],\"","a":[1,2]},{}]"#), Some(22));
        assert_eq!(skip_broken(b"nope]"), Some(4));
        assert_eq!(skip_broken(b"{\"a\":1"), None);
    }
}
