//! The strict reader: JSON text into a [`Value`], or where and why not.
//!
//! Strict means RFC 8259 and the parts of I-JSON (RFC 7493) that make meaning unique:
//! no duplicate member names, bounded depth. A lone surrogate escape becomes U+FFFD, as
//! browsers do when they encode, so that one odd character never costs an event.

use super::Value;
use crate::text::{hex_digit, part, starts};

/// Nesting beyond this is refused: no real plan, event or form comes near.
pub const MAX_DEPTH: u32 = 48;

/// Why a text is no JSON value, and where.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Malformed {
    /// The byte offset at which reading stopped.
    pub at: usize,
    pub reason: Reason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    /// Not a JSON token, or the text ends too early, or goes on after its value.
    Syntax,
    /// More than [`MAX_DEPTH`] levels.
    Depth,
    /// An object names a member twice.
    DuplicateName,
}

impl core::fmt::Display for Malformed {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let what = match self.reason {
            Reason::Syntax => "not JSON",
            Reason::Depth => "nested too deeply",
            Reason::DuplicateName => "a member name stands twice",
        };
        write!(f, "{what} at byte {}", self.at)
    }
}

impl Value {
    /// Reads one JSON value that fills the whole text.
    ///
    /// # Errors
    /// [`Malformed`] with the byte offset.
    ///
    /// Source: RFC 8259; RFC 7493 §2.3 for unique names.
    #[inline(never)]
    pub fn parse(text: &str) -> Result<Value, Malformed> {
        let mut reader = Reader {
            text,
            at: 0,
            wrong: None,
        };
        let value = reader.value(0);
        reader.space();
        if reader.at < text.len() {
            reader.fail(Reason::Syntax);
        }
        match reader.wrong {
            None => Ok(value),
            Some(wrong) => Err(wrong),
        }
    }
}

/// Reads on after a failure, at the end of the text where every token fails at once: that
/// takes less code than handing each error up.
struct Reader<'a> {
    text: &'a str,
    at: usize,
    /// The first failure.
    wrong: Option<Malformed>,
}

impl Reader<'_> {
    fn value(&mut self, depth: u32) -> Value {
        if depth > MAX_DEPTH {
            self.fail(Reason::Depth);
        }
        self.space();
        match self.peek() {
            b'{' => self.object(depth),
            b'[' => self.list(depth),
            b'"' => Value::Text(self.string()),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Null),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: u32) -> Value {
        let mut members: Vec<(String, Value)> = Vec::new();
        self.at += 1;
        if !self.take_after_space(b'}') {
            loop {
                self.space();
                let name = self.string();
                if members.iter().any(|(known, _)| *known == name) {
                    self.fail(Reason::DuplicateName);
                }
                self.need(b':');
                let value = self.value(depth + 1);
                members.push((name, value));
                if !self.more(b'}') {
                    break;
                }
            }
        }
        Value::Object(members)
    }

    fn list(&mut self, depth: u32) -> Value {
        let mut items = Vec::new();
        self.at += 1;
        if !self.take_after_space(b']') {
            loop {
                let item = self.value(depth + 1);
                items.push(item);
                if !self.more(b']') {
                    break;
                }
            }
        }
        Value::List(items)
    }

    /// After an item: whether a comma promises another one.
    fn more(&mut self, close: u8) -> bool {
        if self.take_after_space(b',') {
            return true;
        }
        self.need(close);
        false
    }

    #[inline(never)]
    fn string(&mut self) -> String {
        self.need(b'"');
        let mut text = String::new();
        while self.wrong.is_none() {
            let from = self.at;
            while !matches!(self.peek(), b'"' | b'\\' | 0..0x20) {
                self.at += 1;
            }
            text.push_str(part(self.text, from, self.at));
            if self.take(b'"') {
                break;
            }
            if !self.take(b'\\') {
                self.fail(Reason::Syntax);
            }
            let escaped = self.peek();
            self.at += 1;
            text.push(match escaped {
                b'"' | b'\\' | b'/' => char::from(escaped),
                b'b' => '\u{8}',
                b'f' => '\u{c}',
                b'n' => '\n',
                b'r' => '\r',
                b't' => '\t',
                b'u' => self.escape(),
                _ => {
                    self.fail(Reason::Syntax);
                    ' '
                }
            });
        }
        text
    }

    /// The character of `\uXXXX`, two of them when they are a surrogate pair.
    fn escape(&mut self) -> char {
        let mut code = self.unit();
        let resume = self.at;
        if code & 0xfc00 == 0xd800 && self.take(b'\\') && self.take(b'u') {
            let second = self.unit();
            if second & 0xfc00 == 0xdc00 {
                code = 0x10000 + ((code & 0x3ff) << 10) + (second & 0x3ff);
            } else {
                self.at = resume;
            }
        } else {
            self.at = resume;
        }
        char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER)
    }

    #[inline(never)]
    fn unit(&mut self) -> u32 {
        let mut unit = 0;
        for _ in 0..4 {
            match hex_digit(self.peek()) {
                Some(digit) => unit = unit << 4 | u32::from(digit),
                None => self.fail(Reason::Syntax),
            }
            self.at += 1;
        }
        unit
    }

    fn number(&mut self) -> Value {
        let from = self.at;
        self.take(b'-');
        // RFC 8259 §6: no leading zero, so a zero ends the whole part.
        if !self.take(b'0') {
            self.digits();
        }
        if self.take(b'.') {
            self.digits();
        }
        if self.take(b'e') || self.take(b'E') {
            if !self.take(b'-') {
                self.take(b'+');
            }
            self.digits();
        }
        Value::Number(String::from(part(self.text, from, self.at)))
    }

    #[inline(never)]
    fn digits(&mut self) {
        let from = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        if self.at == from {
            self.fail(Reason::Syntax);
        }
    }

    #[inline(never)]
    fn word(&mut self, word: &str, value: Value) -> Value {
        if !starts(self.text, self.at, word) {
            self.fail(Reason::Syntax);
        }
        self.at += word.len();
        value
    }

    #[inline(never)]
    fn space(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\r' | b'\t') {
            self.at += 1;
        }
    }

    fn need(&mut self, byte: u8) {
        if !self.take_after_space(byte) {
            self.fail(Reason::Syntax);
        }
    }

    #[inline(never)]
    fn take_after_space(&mut self, byte: u8) -> bool {
        self.space();
        self.take(byte)
    }

    #[inline(never)]
    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == byte;
        self.at += usize::from(there);
        there
    }

    /// The byte at hand; 0 past the end, which no token accepts.
    #[inline(never)]
    fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    #[inline(never)]
    fn fail(&mut self, reason: Reason) {
        if self.wrong.is_none() {
            self.wrong = Some(Malformed {
                at: self.at,
                reason,
            });
        }
        self.at = self.text.len();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[track_caller]
    fn check(text: &str, expect: Result<&str, Reason>) {
        let got = Value::parse(text);
        match expect {
            Ok(json) => assert_eq!(got.map(|value| value.to_json()).as_deref(), Ok(json)),
            Err(reason) => assert_eq!(got.map_err(|wrong| wrong.reason), Err(reason)),
        }
    }

    #[test]
    fn values_come_back_as_they_were_sent() {
        check(
            " {\"b\" : [1, -0.5e+3 ,true,null], \"a\":\"\"} ",
            Ok(r#"{"b":[1,-0.5e+3,true,null],"a":""}"#),
        );
        check(r#""\u00e9\n\/\ud83d\ude00""#, Ok("\"é\\n/😀\""));
    }

    #[test]
    fn a_lone_surrogate_costs_one_character_and_not_the_text() {
        check(r#""a\ud800b""#, Ok("\"a\u{fffd}b\""));
        check(r#""a\ud800\u0041""#, Ok("\"a\u{fffd}A\""));
    }

    #[test]
    fn what_is_no_json_is_refused() {
        for text in [
            "",
            "{",
            "[1,]",
            "{\"a\":1,}",
            "01",
            "1.",
            "-",
            "1e",
            "tru",
            "\"\n\"",
            "\"\\x\"",
            "1 2",
            "\"\\u12g4\"",
            "{a:1}",
            "\"",
            "nul\0",
        ] {
            check(text, Err(Reason::Syntax));
        }
        check("{\"a\":1,\"a\":1}", Err(Reason::DuplicateName));
        check(&"[".repeat(60), Err(Reason::Depth));
    }
}
