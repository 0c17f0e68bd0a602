//! Turns bytes into one I-JSON value (RFC 7493), and reads no further.
//!
//! Differs from plain serde_json in what it refuses: a key twice in one object, which two readers
//! may read differently. Depth past 128, numbers outside a double's range, lone surrogates and
//! invalid UTF-8 are refused by serde_json. Messages give positions, never text of the input.

use std::borrow::Cow;
use std::fmt;

use serde::de::{Deserialize, DeserializeSeed, Deserializer, Error, MapAccess, SeqAccess, Visitor};
use serde_json::Number;

use crate::tree::{Entry, Slot, Tree};

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
pub fn parse_prefix(bytes: &[u8]) -> Result<(Tree<'_>, usize), JsonError> {
    let mut stream = serde_json::Deserializer::from_slice(bytes).into_iter::<Tree<'_>>();
    match stream.next() {
        Some(Ok(tree)) => Ok((tree, stream.byte_offset())),
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

impl<'de> Deserialize<'de> for Tree<'de> {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        let mut growth = Growth::default();
        let root = source.deserialize_any(&mut growth)?;
        let entries = growth.done;
        Ok(Self { root, entries })
    }
}

/// What is being read: containers that are not at their end yet, and the entries of those that are.
#[derive(Default)]
struct Growth<'a> {
    open: Vec<Entry<'a>>,
    done: Vec<Entry<'a>>,
}

impl Growth<'_> {
    /// Moves the entries of the innermost container to their place.
    fn end(&mut self, begin: usize) -> (usize, usize) {
        let at = self.done.len();
        self.done.extend(self.open.drain(begin..));
        (at, self.done.len() - at)
    }

    /// Whether the innermost container has a name twice.
    fn is_ambiguous(&self, begin: usize) -> bool {
        let members = self.open.get(begin..).unwrap_or_default();
        if members.len() > MAX_SCANNED {
            let mut names: Vec<_> = members.iter().map(|(name, _)| name).collect();
            names.sort_unstable();
            return names.windows(2).any(|two| two[0] == two[1]);
        }
        let is_repeated = |(at, (name, _)): (usize, &Entry<'_>)| {
            let before = members.get(..at).unwrap_or_default();
            before.iter().any(|(known, _)| known == name)
        };
        members.iter().enumerate().any(is_repeated)
    }
}

impl<'de> DeserializeSeed<'de> for &mut Growth<'de> {
    type Value = Slot<'de>;

    fn deserialize<D: Deserializer<'de>>(self, source: D) -> Result<Slot<'de>, D::Error> {
        source.deserialize_any(self)
    }
}

impl<'de> Visitor<'de> for &mut Growth<'de> {
    type Value = Slot<'de>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("JSON")
    }

    fn visit_unit<E>(self) -> Result<Slot<'de>, E> {
        Ok(Slot::Null)
    }

    fn visit_bool<E>(self, value: bool) -> Result<Slot<'de>, E> {
        Ok(Slot::Bool(value))
    }

    fn visit_i64<E>(self, value: i64) -> Result<Slot<'de>, E> {
        Ok(Slot::Number(value.into()))
    }

    fn visit_u64<E>(self, value: u64) -> Result<Slot<'de>, E> {
        Ok(Slot::Number(value.into()))
    }

    fn visit_f64<E>(self, value: f64) -> Result<Slot<'de>, E> {
        Ok(Number::from_f64(value).map_or(Slot::Null, Slot::Number))
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Slot<'de>, E> {
        Ok(Slot::Text(Cow::Borrowed(value)))
    }

    fn visit_str<E>(self, value: &str) -> Result<Slot<'de>, E> {
        Ok(Slot::Text(Cow::Owned(value.to_owned())))
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut source: A) -> Result<Slot<'de>, A::Error> {
        let begin = self.open.len();
        while let Some(item) = source.next_element_seed(&mut *self)? {
            self.open.push((Cow::Borrowed(""), item));
        }
        let (at, len) = self.end(begin);
        Ok(Slot::Array { at, len })
    }

    fn visit_map<A: MapAccess<'de>>(self, mut source: A) -> Result<Slot<'de>, A::Error> {
        let begin = self.open.len();
        while let Some(Name(name)) = source.next_key()? {
            let value = source.next_value_seed(&mut *self)?;
            self.open.push((name, value));
        }
        if self.is_ambiguous(begin) {
            return Err(A::Error::custom(DUPLICATE));
        }
        let (at, len) = self.end(begin);
        Ok(Slot::Object { at, len })
    }
}

/// A member's name, where it stands in the text if nothing in it is escaped.
struct Name<'a>(Cow<'a, str>);

impl<'de> Deserialize<'de> for Name<'de> {
    fn deserialize<D: Deserializer<'de>>(source: D) -> Result<Self, D::Error> {
        source.deserialize_str(NameVisitor).map(Self)
    }
}

struct NameVisitor;

impl<'de> Visitor<'de> for NameVisitor {
    type Value = Cow<'de, str>;

    fn expecting(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str("a name")
    }

    fn visit_borrowed_str<E>(self, value: &'de str) -> Result<Self::Value, E> {
        Ok(Cow::Borrowed(value))
    }

    fn visit_str<E>(self, value: &str) -> Result<Self::Value, E> {
        Ok(Cow::Owned(value.to_owned()))
    }
}

/// Objects with more members are looked through for a name that is there twice by sorting.
const MAX_SCANNED: usize = 16;
const DUPLICATE: &str = "duplicate key";

#[cfg(test)]
mod tests {
    use super::{JsonError, MAX_SCANNED, parse_prefix, skip_broken};
    use crate::tree::value;

    fn refusal(bytes: &[u8]) -> JsonError {
        parse_prefix(bytes).expect_err("refused")
    }

    #[test]
    fn reads_one_value_and_stops() {
        let text = br#" {"a":[1,-2.5,null,true,"x",[],{}],"\u0062":"\n"} , 7"#;
        let (tree, len) = parse_prefix(text).expect("JSON");
        let read = value(tree.root()).to_string();
        assert_eq!(read, r#"{"a":[1,-2.5,null,true,"x",[],{}],"b":"\n"}"#);
        assert_eq!(len, 49);
    }

    #[test]
    fn a_name_that_is_there_twice_is_found_in_objects_of_any_size() {
        for count in [2, MAX_SCANNED, MAX_SCANNED + 1, 5_000] {
            let member = |n: usize| format!("\"k{}\":{n}", n.min(count));
            let object = |count: usize| {
                let members: Vec<_> = (0..count).map(member).collect();
                format!("[{{{}}}]", members.join(","))
            };
            parse_prefix(object(count + 1).as_bytes()).expect("each once");
            let refused = refusal(object(count + 2).as_bytes());
            assert_eq!(refused, JsonError::DuplicateKey, "{count}");
        }
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
