//! JSON text into a [`Value`] and back: the core's only notion of structured input.
//!
//! After `text`, before `time`. Numbers stay as the text they came in: the page never needs
//! float parsing, and what was sent is what is written. Members keep their order.
//! Not here: meaning, schemas, canonical key order (each writer chooses its own).

mod parse;
#[cfg(feature = "typed")]
mod typed;
mod write;

pub use parse::{MAX_DEPTH, Malformed, Reason};
pub use write::Json;

use crate::text::whole;

/// A JSON value.
#[derive(Clone, Debug, PartialEq)]
pub enum Value {
    Null,
    Bool(bool),
    /// The digits as they were sent; always a valid JSON number.
    Number(String),
    Text(String),
    List(Vec<Value>),
    /// Members in the order they were sent; names are unique.
    Object(Vec<(String, Value)>),
}

impl Value {
    /// The member of an object; `None` when this is no object or has no such member.
    #[inline(never)]
    pub fn member(&self, name: &str) -> Option<&Value> {
        self.members()
            .iter()
            .find(|(key, _)| key == name)
            .map(|(_, value)| value)
    }

    /// The members of an object; none when this is no object.
    #[inline(always)]
    pub fn members(&self) -> &[(String, Value)] {
        self.all_members()
    }

    /// The items of a list; none when this is no list.
    #[inline(always)]
    pub fn items(&self) -> &[Value] {
        self.all_items()
    }

    /// The items of a member that is a list; none when it is not.
    #[inline(always)]
    pub fn items_of(&self, name: &str) -> &[Value] {
        self.all_items_of(name)
    }

    /// The text, when this is one.
    #[inline(always)]
    pub fn as_text(&self) -> Option<&str> {
        self.string().map(String::as_str)
    }

    /// The text of a member, or the empty text: for optional members with that default.
    #[inline(always)]
    pub fn text_of(&self, name: &str) -> &str {
        self.string_of(name)
    }

    /// Whether a member is exactly `true`.
    pub fn is_true(&self, name: &str) -> bool {
        matches!(self.member(name), Some(Value::Bool(true)))
    }

    /// A whole number from 0; `None` for a fraction, an exponent, a sign or too many digits.
    pub fn as_whole(&self) -> Option<u64> {
        match self {
            Value::Number(text) => whole(text),
            _ => None,
        }
    }

    /// The whole number of a member, or 0.
    #[inline(never)]
    pub fn whole_of(&self, name: &str) -> u64 {
        self.member(name).and_then(Value::as_whole).unwrap_or(0)
    }

    /// Compact JSON with members in their own order.
    pub fn to_json(&self) -> String {
        let mut json = Json::default();
        json.value(self);
        json.finish()
    }
}

static NO_MEMBERS: Vec<(String, Value)> = Vec::new();
static NO_ITEMS: Vec<Value> = Vec::new();
static NO_TEXT: String = String::new();

/// What the getters do, once in the program. A slice is two words, which would come back through
/// memory at each of their calls; a reference to what holds it is one.
impl Value {
    #[inline(never)]
    fn all_members(&self) -> &Vec<(String, Value)> {
        match self {
            Value::Object(members) => members,
            _ => &NO_MEMBERS,
        }
    }

    #[inline(never)]
    fn all_items(&self) -> &Vec<Value> {
        match self {
            Value::List(items) => items,
            _ => &NO_ITEMS,
        }
    }

    #[inline(never)]
    fn all_items_of(&self, name: &str) -> &Vec<Value> {
        self.member(name).map_or(&NO_ITEMS, Value::all_items)
    }

    fn string(&self) -> Option<&String> {
        match self {
            Value::Text(text) => Some(text),
            _ => None,
        }
    }

    #[inline(never)]
    fn string_of(&self, name: &str) -> &String {
        self.member(name)
            .and_then(Value::string)
            .unwrap_or(&NO_TEXT)
    }
}
