//! The writer: compact JSON, in exactly the order of its calls.
//!
//! Commas place themselves, so every stage writes canonical output by writing in order.

use super::Value;

/// A JSON text under construction.
#[derive(Debug, Default)]
pub struct Json(String);

impl Json {
    /// Begins an object or a list: `{` or `[`.
    pub fn open(&mut self, bracket: char) {
        self.comma();
        self.0.push(bracket);
    }

    /// Ends it: `}` or `]`.
    pub fn close(&mut self, bracket: char) {
        self.0.push(bracket);
    }

    /// A member's name; its value comes next.
    pub fn name(&mut self, name: &str) {
        self.text(name);
        self.0.push(':');
    }

    /// A text, escaped as JSON demands and no further.
    pub fn text(&mut self, text: &str) {
        self.comma();
        self.0.push('"');
        for character in text.chars() {
            match character {
                '"' | '\\' => {
                    self.0.push('\\');
                    self.0.push(character);
                }
                '\n' => self.0.push_str("\\n"),
                '\0'..'\u{20}' => {
                    let code = character as u32;
                    self.0.push_str(if code < 16 { "\\u000" } else { "\\u001" });
                    self.0.push(char::from_digit(code & 15, 16).unwrap_or('0'));
                }
                _ => self.0.push(character),
            }
        }
        self.0.push('"');
    }

    /// A member with a text.
    pub fn member(&mut self, name: &str, text: &str) {
        self.name(name);
        self.text(text);
    }

    /// A member with a text, left out when that is empty.
    pub fn member_if(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.member(name, text);
        }
    }

    /// A member with a whole number.
    pub fn number(&mut self, name: &str, number: u64) {
        self.name(name);
        push_whole(&mut self.0, number);
    }

    /// Text that is JSON already.
    pub fn raw(&mut self, json: &str) {
        self.comma();
        self.0.push_str(json);
    }

    /// A whole value, members in their own order.
    pub fn value(&mut self, value: &Value) {
        match value {
            Value::Null => self.raw("null"),
            Value::Bool(true) => self.raw("true"),
            Value::Bool(false) => self.raw("false"),
            Value::Number(digits) => self.raw(digits),
            Value::Text(text) => self.text(text),
            Value::List(items) => {
                self.open('[');
                for item in items {
                    self.value(item);
                }
                self.close(']');
            }
            Value::Object(members) => {
                self.open('{');
                for (name, value) in members {
                    self.name(name);
                    self.value(value);
                }
                self.close('}');
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

    fn comma(&mut self) {
        if !matches!(self.0.as_bytes().last(), None | Some(b'{' | b'[' | b':')) {
            self.0.push(',');
        }
    }
}

/// Appends a whole number in decimal; `format!` would cost more than the rest of this file.
pub fn push_whole(text: &mut String, number: u64) {
    if number > 9 {
        push_whole(text, number / 10);
    }
    text.push(char::from(b'0' + (number % 10) as u8));
}
