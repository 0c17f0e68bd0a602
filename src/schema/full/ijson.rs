//! JSON text into a value that every reader understands alike, or why it is none.
//!
//! Before any judging, where the text is somebody else's. The core's own reader
//! ([`Value::parse`]) refuses duplicate names and depth; here also what it forgives because a page
//! should not lose an event over it. Source: RFC 7493.

use crate::schema::Host;
use crate::text::{part, starts};
use crate::value::{self, Value};

/// Why a text is no I-JSON.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct NotIJson {
    /// Byte offset.
    pub at: usize,
    pub reason: Reason,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Reason {
    Syntax,
    /// More than [`value::MAX_DEPTH`] levels.
    Depth,
    DuplicateName,
    /// A number that no double can hold.
    NumberOutOfRange,
    /// Half of a pair of escapes, which stands for no character.
    LoneSurrogate,
}

impl Reason {
    /// A stable name, the same that the collector gives.
    pub fn code(self) -> &'static str {
        match self {
            Reason::Syntax => "not_json",
            Reason::Depth => "too_deep",
            Reason::DuplicateName => "duplicate_key",
            Reason::NumberOutOfRange => "number_out_of_range",
            Reason::LoneSurrogate => "lone_surrogate",
        }
    }
}

/// Reads a text.
///
/// # Errors
/// [`NotIJson`]: the first thing that is wrong.
pub fn parse(text: &str, host: &dyn Host) -> Result<Value, NotIJson> {
    let value = Value::parse(text).map_err(|wrong| NotIJson {
        at: wrong.at,
        reason: match wrong.reason {
            value::Reason::Depth => Reason::Depth,
            value::Reason::DuplicateName => Reason::DuplicateName,
            _ => Reason::Syntax,
        },
    })?;
    // The text is JSON: what is left is to look at each token.
    let bytes = text.as_bytes();
    let byte = |at: usize| bytes.get(at).copied().unwrap_or(0);
    let mut at = 0;
    while at < bytes.len() {
        let from = at;
        at += 1;
        match byte(from) {
            b'"' => {
                while byte(at) != b'"' {
                    let escape = at;
                    at += 1 + usize::from(byte(at) == b'\\');
                    if byte(escape) == b'\\' && byte(escape + 1) == b'u' {
                        at += 4;
                        let unit = unit(text, escape);
                        let is_pair = unit & 0xfc00 == 0xd800
                            && starts(text, at, "\\u")
                            && self::unit(text, at) & 0xfc00 == 0xdc00;
                        if is_pair {
                            at += 6;
                        } else if unit & 0xf800 == 0xd800 {
                            return Err(NotIJson {
                                at: escape,
                                reason: Reason::LoneSurrogate,
                            });
                        }
                    }
                }
                at += 1;
            }
            b'-' | b'0'..=b'9' => {
                while matches!(byte(at), b'0'..=b'9' | b'.' | b'e' | b'E' | b'+' | b'-') {
                    at += 1;
                }
                if !host.number(part(text, from, at)).is_finite() {
                    return Err(NotIJson {
                        at: from,
                        reason: Reason::NumberOutOfRange,
                    });
                }
            }
            _ => {}
        }
    }
    Ok(value)
}

/// The code unit of the escape `\uXXXX` at an offset.
fn unit(text: &str, at: usize) -> u32 {
    u32::from_str_radix(part(text, at + 2, at + 6), 16).unwrap_or(0)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::{NotIJson, Reason, parse};
    use crate::native::NativeHost;

    #[test]
    fn what_two_readers_may_read_differently_is_refused() {
        for (text, at, reason) in [
            (r#"{"a":1,"a":2}"#, 13, Reason::DuplicateName),
            (r#"{"a":1,"\u0061":2}"#, 18, Reason::DuplicateName),
            ("[1e400]", 1, Reason::NumberOutOfRange),
            ("[0, -1e400]", 4, Reason::NumberOutOfRange),
            (r#"["\ud83d"]"#, 2, Reason::LoneSurrogate),
            (r#"["\udc00\ud83d"]"#, 2, Reason::LoneSurrogate),
            (r#"["\ud83d\u0041"]"#, 2, Reason::LoneSurrogate),
            ("[1", 2, Reason::Syntax),
        ] {
            let wrong = parse(text, &NativeHost).expect_err(text);
            assert_eq!(wrong.reason, reason, "{text}");
            if reason != Reason::DuplicateName {
                assert_eq!(wrong, NotIJson { at, reason }, "{text}");
            }
        }
        assert_eq!(
            parse(&"[".repeat(90), &NativeHost).map_err(|wrong| wrong.reason),
            Err(Reason::Depth)
        );
        for text in [
            r#"["\\ud83d", "\ud83d\ude00", -0, 1e-400, 9007199254740993, "\"1e400"]"#,
            "1e308",
        ] {
            assert!(parse(text, &NativeHost).is_ok(), "{text}");
        }
    }
}
