//! The writer: compact JSON, in exactly the order of its calls.
//!
//! Commas place themselves, so every stage writes canonical output by writing in order.

use super::Value;
use crate::text;

/// A JSON text under construction.
#[derive(Debug, Default)]
pub struct Json(String);

impl Json {
    /// Begins an object or a list: `{` or `[`.
    pub fn open(&mut self, bracket: &str) {
        self.raw(bracket);
    }

    /// Ends it: `}` or `]`.
    pub fn close(&mut self, bracket: &str) {
        self.0.push_str(bracket);
    }

    /// A member's name; its value comes next.
    #[inline(never)]
    pub fn name(&mut self, name: &str) {
        self.text(name);
        self.0.push_str(":");
    }

    /// A text, escaped as JSON demands and no further.
    #[inline(never)]
    pub fn text(&mut self, text: &str) {
        self.raw("\"");
        let mut from = 0;
        for (at, byte) in text.bytes().enumerate() {
            if matches!(byte, b'"' | b'\\' | 0..0x20) {
                self.0.push_str(text::part(text, from, at));
                let short = byte.wrapping_sub(8);
                if short < 6 && byte != 11 {
                    self.0.push_str("\\");
                    let letter = usize::from(short);
                    self.0.push_str(text::part("btn-fr", letter, letter + 1));
                } else if byte < 0x20 {
                    self.0.push_str("\\u00");
                    text::push_hex(&mut self.0, u32::from(byte), 2);
                } else {
                    self.0.push_str("\\");
                    self.0.push_str(text::part(text, at, at + 1));
                }
                from = at + 1;
            }
        }
        self.0.push_str(text::part(text, from, text.len()));
        self.0.push_str("\"");
    }

    /// A member with a text.
    #[inline(never)]
    pub fn member(&mut self, name: &str, text: &str) {
        self.name(name);
        self.text(text);
    }

    /// A member with a text, left out when that is empty.
    #[inline(never)]
    pub fn member_if(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.member(name, text);
        }
    }

    /// A member with a whole number.
    #[inline(never)]
    pub fn number(&mut self, name: &str, number: u64) {
        self.name(name);
        text::push_whole(&mut self.0, number);
    }

    /// Text that is JSON already.
    #[inline(never)]
    pub fn raw(&mut self, json: &str) {
        if !matches!(self.0.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.0.push_str(",");
        }
        self.0.push_str(json);
    }

    /// A whole value, members in their own order.
    #[inline(never)]
    pub fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.raw("null"),
            Value::Bool(true) => self.raw("true"),
            Value::Bool(false) => self.raw("false"),
            Value::Number(digits) => self.raw(digits),
            Value::Text(text) => self.text(text),
            Value::List(items) => {
                self.open("[");
                for item in items {
                    self.value(item);
                }
                self.close("]");
            }
            Value::Object(members) => {
                self.open("{");
                for (name, value) in members {
                    self.name(name);
                    self.value(value);
                }
                self.close("}");
            }
        }
    }

    /// How many bytes are written so far.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether nothing is written yet.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub fn finish(self) -> String {
        self.0
    }
}
