//! The strict reader: JSON text into a [`Value`], or where and why not.
//!
//! Strict means RFC 8259 and the parts of I-JSON (RFC 7493) that make meaning unique:
//! no duplicate member names, bounded depth. A lone surrogate escape becomes U+FFFD, as
//! browsers do when they encode, so that one odd character never costs an event.

use super::Value;

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
    pub fn parse(text: &str) -> Result<Value, Malformed> {
        let mut reader = Reader { text, at: 0 };
        let value = reader.value(0);
        reader.space();
        match value {
            Ok(value) if reader.at == text.len() => Ok(value),
            Ok(_) => Err(reader.wrong(Reason::Syntax)),
            Err(wrong) => Err(wrong),
        }
    }
}

struct Reader<'a> {
    text: &'a str,
    at: usize,
}

impl Reader<'_> {
    fn value(&mut self, depth: u32) -> Result<Value, Malformed> {
        if depth > MAX_DEPTH {
            return Err(self.wrong(Reason::Depth));
        }
        self.space();
        match self.peek() {
            b'{' => self.object(depth),
            b'[' => self.list(depth),
            b'"' => Ok(Value::Text(self.string()?)),
            b't' => self.word("true", Value::Bool(true)),
            b'f' => self.word("false", Value::Bool(false)),
            b'n' => self.word("null", Value::Null),
            _ => self.number(),
        }
    }

    fn object(&mut self, depth: u32) -> Result<Value, Malformed> {
        let mut members: Vec<(String, Value)> = Vec::new();
        self.at += 1;
        if !self.take_after_space(b'}') {
            loop {
                self.space();
                let name = self.string()?;
                if members.iter().any(|(known, _)| *known == name) {
                    return Err(self.wrong(Reason::DuplicateName));
                }
                if !self.take_after_space(b':') {
                    return Err(self.wrong(Reason::Syntax));
                }
                let value = self.value(depth + 1)?;
                members.push((name, value));
                if !self.more(b'}')? {
                    break;
                }
            }
        }
        Ok(Value::Object(members))
    }

    fn list(&mut self, depth: u32) -> Result<Value, Malformed> {
        let mut items = Vec::new();
        self.at += 1;
        if !self.take_after_space(b']') {
            loop {
                let item = self.value(depth + 1)?;
                items.push(item);
                if !self.more(b']')? {
                    break;
                }
            }
        }
        Ok(Value::List(items))
    }

    /// After an item: `true` at a comma, `false` at the closing byte.
    fn more(&mut self, close: u8) -> Result<bool, Malformed> {
        if self.take_after_space(b',') {
            Ok(true)
        } else if self.take(close) {
            Ok(false)
        } else {
            Err(self.wrong(Reason::Syntax))
        }
    }

    fn string(&mut self) -> Result<String, Malformed> {
        if !self.take(b'"') {
            return Err(self.wrong(Reason::Syntax));
        }
        let mut text = String::new();
        loop {
            let from = self.at;
            while !matches!(self.peek(), b'"' | b'\\' | 0..0x20) {
                self.at += 1;
            }
            text.push_str(self.text.get(from..self.at).unwrap_or(""));
            if self.take(b'"') {
                return Ok(text);
            }
            if !self.take(b'\\') {
                return Err(self.wrong(Reason::Syntax));
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
                b'u' => self.escape()?,
                _ => return Err(self.wrong(Reason::Syntax)),
            });
        }
    }

    /// The character of `\uXXXX`, two of them when they are a surrogate pair.
    fn escape(&mut self) -> Result<char, Malformed> {
        let first = self.unit()?;
        let resume = self.at;
        if first & 0xfc00 == 0xd800 && self.take(b'\\') && self.take(b'u') {
            let second = self.unit()?;
            if second & 0xfc00 == 0xdc00 {
                let code = 0x10000 + ((first & 0x3ff) << 10) + (second & 0x3ff);
                return Ok(char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER));
            }
        }
        self.at = resume;
        Ok(char::from_u32(first).unwrap_or(char::REPLACEMENT_CHARACTER))
    }

    fn unit(&mut self) -> Result<u32, Malformed> {
        let mut unit = 0;
        for _ in 0..4 {
            let Some(digit) = char::from(self.peek()).to_digit(16) else {
                return Err(self.wrong(Reason::Syntax));
            };
            unit = unit * 16 + digit;
            self.at += 1;
        }
        Ok(unit)
    }

    fn number(&mut self) -> Result<Value, Malformed> {
        let from = self.at;
        self.take(b'-');
        // RFC 8259 §6: no leading zero, so a zero ends the whole part.
        let mut fits = self.take(b'0') || self.digits();
        if self.take(b'.') {
            fits &= self.digits();
        }
        if matches!(self.peek(), b'e' | b'E') {
            self.at += 1;
            if !self.take(b'-') {
                self.take(b'+');
            }
            fits &= self.digits();
        }
        match self.text.get(from..self.at) {
            Some(digits) if fits => Ok(Value::Number(String::from(digits))),
            _ => Err(self.wrong(Reason::Syntax)),
        }
    }

    fn digits(&mut self) -> bool {
        let from = self.at;
        while self.peek().is_ascii_digit() {
            self.at += 1;
        }
        self.at > from
    }

    fn word(&mut self, word: &str, value: Value) -> Result<Value, Malformed> {
        for byte in word.bytes() {
            if !self.take(byte) {
                return Err(self.wrong(Reason::Syntax));
            }
        }
        Ok(value)
    }

    fn space(&mut self) {
        while matches!(self.peek(), b' ' | b'\n' | b'\r' | b'\t') {
            self.at += 1;
        }
    }

    fn take_after_space(&mut self, byte: u8) -> bool {
        self.space();
        self.take(byte)
    }

    fn take(&mut self, byte: u8) -> bool {
        let there = self.peek() == byte;
        self.at += usize::from(there);
        there
    }

    /// The byte at hand; 0 past the end, which no token accepts.
    fn peek(&self) -> u8 {
        self.text.as_bytes().get(self.at).copied().unwrap_or(0)
    }

    fn wrong(&self, reason: Reason) -> Malformed {
        Malformed {
            at: self.at,
            reason,
        }
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
