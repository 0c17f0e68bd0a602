//! A format's name into the pattern that a text of that format matches.
//!
//! Patterns take a fraction of the bytes of code, and the same ones hold in the browser, the CLI
//! and the collector. Plan build writes the row of [`FORMATS`] into the contract (`date ^…$`), so
//! that a page carries the formats that its own forms assert and no table of all.
//! Not here: the format `regex`, which no pattern can tell (the larger validator asks the engine).

#![expect(
    clippy::integer_division_remainder_used,
    reason = "by constants, none of them zero"
)]

use crate::text::{before, cut, part, pieces, whole};
use crate::value::Value;

macro_rules! date {
    () => {
        r"(?:\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))|(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)"
    };
}
macro_rules! time {
    () => {
        r"(?:[01]\d|2[0-3]):[0-5]\d:(?:[0-5]\d|60)(?:\.\d+)?(?:[Zz]|[+\-](?:[01]\d|2[0-3]):[0-5]\d)"
    };
}
macro_rules! label {
    () => {
        r"[a-zA-Z\d](?:[a-zA-Z\d\-]{0,61}[a-zA-Z\d])?"
    };
}
macro_rules! octet {
    () => {
        r"(?:25[0-5]|2[0-4]\d|1\d\d|[1-9]?\d)"
    };
}
macro_rules! ipv4 {
    () => {
        concat!(octet!(), r"(?:\.", octet!(), r"){3}")
    };
}
macro_rules! ipv6 {
    () => {
        concat!(
            r"(?:(?:(?:[\da-fA-F]{1,4}:){6}|::(?:[\da-fA-F]{1,4}:){5}|(?:[\da-fA-F]{1,4})?::(?:[\da-fA-F]{1,4}:){4}|(?:(?:[\da-fA-F]{1,4}:)?[\da-fA-F]{1,4})?::(?:[\da-fA-F]{1,4}:){3}|(?:(?:[\da-fA-F]{1,4}:){0,2}[\da-fA-F]{1,4})?::(?:[\da-fA-F]{1,4}:){2}|(?:(?:[\da-fA-F]{1,4}:){0,3}[\da-fA-F]{1,4})?::[\da-fA-F]{1,4}:|(?:(?:[\da-fA-F]{1,4}:){0,4}[\da-fA-F]{1,4})?::)(?:[\da-fA-F]{1,4}:[\da-fA-F]{1,4}|",
            ipv4!(),
            r")|(?:(?:[\da-fA-F]{1,4}:){0,5}[\da-fA-F]{1,4})?::[\da-fA-F]{1,4}|(?:(?:[\da-fA-F]{1,4}:){0,6}[\da-fA-F]{1,4})?::)"
        )
    };
}
macro_rules! letter {
    () => {
        r"(?:[\w.~!$&'()*+,;=:@\-]|%[\da-fA-F]{2})"
    };
}
/// What follows the scheme of a URI.
macro_rules! rest {
    () => {
        concat!(
            r"(?:\/\/(?:(?:[\w.~!$&'()*+,;=:\-]|%[\da-fA-F]{2})*@)?(?:\[(?:",
            ipv6!(),
            r"|[vV][\da-fA-F]+\.[\w.~!$&'()*+,;=:\-]+)\]|(?:[\w.~!$&'()*+,;=\-]|%[\da-fA-F]{2})*)(?::\d*)?(?=[\/?#]|$)|(?!\/\/))(?:",
            letter!(),
            r"|\/)*(?:\?(?:",
            letter!(),
            r"|[\/?])*)?(?:#(?:",
            letter!(),
            r"|[\/?])*)?$"
        )
    };
}

/// One format a line: name, then pattern.
///
/// Sources: RFC 5321 §4.1.2 and §4.5.3.1 (email; a domain may be one label, as browsers allow),
/// RFC 3339 §5.6 and appendix A (date, time, date-time, duration), RFC 9562 §4 (uuid), RFC 3986
/// appendix A (uri, uri-reference, ipv4, ipv6), RFC 1123 §2.1 (hostname), RFC 6901 §3
/// (json-pointer).
pub const FORMATS: &str = concat!(
    r#"email ^(?!.{65,}@)(?:[\w!#$%&'*+\/=?^`{|}~\-]+(?:\.[\w!#$%&'*+\/=?^`{|}~\-]+)*|"(?:[ !#-\[\]-~]|\\[ -~])*")@(?:(?=.{1,253}$)"#,
    label!(),
    r"(?:\.",
    label!(),
    r")*|\[(?:",
    ipv4!(),
    r"|IPv6:",
    ipv6!(),
    r")\])$",
    "\ndate ^",
    date!(),
    "$\ntime ^",
    time!(),
    "$\ndate-time ^",
    date!(),
    "[Tt]",
    time!(),
    "$\nuuid ",
    r"^[\da-fA-F]{8}-[\da-fA-F]{4}-[\da-fA-F]{4}-[\da-fA-F]{4}-[\da-fA-F]{12}$",
    "\nduration ",
    r"^P(?:\d+W|(?:\d+Y(?:\d+M(?:\d+D)?)?|\d+M(?:\d+D)?|\d+D|(?=T))(?:T(?:\d+H(?:\d+M(?:\d+S)?)?|\d+M(?:\d+S)?|\d+S))?)$",
    "\nhostname ^(?=.{1,253}$)",
    label!(),
    r"(?:\.",
    label!(),
    ")*$\nipv4 ^",
    ipv4!(),
    "$\nipv6 ^",
    ipv6!(),
    "$\nuri ",
    r"^[a-zA-Z][a-zA-Z\d+.\-]*:",
    rest!(),
    "\nuri-reference ",
    r"^(?:[a-zA-Z][a-zA-Z\d+.\-]*:|(?![^\/?#]*:))",
    rest!(),
    "\njson-pointer ",
    r"^(?:\/(?:[^\/~]|~[01])*)*$",
);

/// The row of a format as contracts carry it; the name alone when it is none of [`FORMATS`].
pub fn row(format: &str) -> String {
    let known = pieces(FORMATS, b'\n').find(|line| cut(line, b' ').0 == format);
    String::from(known.unwrap_or(format))
}

/// A contract with the rows of its formats, as plan build writes it.
pub fn with_rows(contract: &Value) -> Value {
    match contract {
        Value::List(items) => Value::List(items.iter().map(with_rows).collect()),
        Value::Object(members) => {
            let written = members.iter().map(|(name, value)| match value {
                Value::Text(format) if name == "format" => {
                    (name.clone(), Value::Text(row(cut(format, b' ').0)))
                }
                _ if matches!(name.as_str(), "enum" | "const") => (name.clone(), value.clone()),
                _ => (name.clone(), with_rows(value)),
            });
            Value::Object(written.collect())
        }
        _ => contract.clone(),
    }
}

/// The same with the names of formats alone, as any validator reads it.
pub fn without_rows(contract: &Value) -> Value {
    match contract {
        Value::List(items) => Value::List(items.iter().map(without_rows).collect()),
        Value::Object(members) => {
            let written = members.iter().map(|(name, value)| match value {
                Value::Text(row) if name == "format" => {
                    (name.clone(), Value::Text(String::from(cut(row, b' ').0)))
                }
                _ if matches!(name.as_str(), "enum" | "const") => (name.clone(), value.clone()),
                _ => (name.clone(), without_rows(value)),
            });
            Value::Object(written.collect())
        }
        _ => contract.clone(),
    }
}

/// Whether a time that its pattern accepts is one: the sixtieth second is a leap second, which
/// there is at 23:59 UTC only.
///
/// Source: RFC 3339 §5.7.
pub(super) fn is_moment(text: &str) -> bool {
    // From the time's first digit: hh:mm:ss, then fraction and offset.
    let time = &cut(text, b':').0;
    let time = part(text, time.len().saturating_sub(2), text.len());
    if part(time, 6, 8) != "60" {
        return true;
    }
    let minutes = |at: usize, text: &str| {
        let number = |from| whole(part(text, from, from + 2)).unwrap_or(0);
        number(at) * 60 + number(at + 3)
    };
    let local = minutes(0, time) + 1;
    let offset = minutes(time.len().saturating_sub(5), time);
    let is_utc = before(time, "Z").or(before(time, "z")).is_some();
    let is_behind = part(time, time.len().saturating_sub(6), time.len()).starts_with('-');
    let utc = match (is_utc, is_behind) {
        (true, _) => local,
        (_, true) => local + offset,
        _ => local + 1440 - offset,
    };
    utc % 1440 == 0
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::{FORMATS, is_moment, row};
    use crate::native::NativeHost;
    use crate::schema::Host;
    use crate::text::cut;

    fn is_match(format: &str, text: &str) -> Option<bool> {
        let row = row(format);
        let is_match = NativeHost.is_match(cut(&row, b' ').1, text)?;
        Some(is_match && (!format.ends_with("time") || is_moment(text)))
    }

    #[test]
    fn formats_accept_what_they_name_and_nothing_else() {
        for (format, good, bad) in [
            ("email", "ana.b+x@clinic.example", "ana@"),
            ("email", "a@b", "a b@c.example"),
            ("email", "x@a-b.example", "x@-a.example"),
            ("email", "a@b.co", "a@b..co"),
            ("email", "\"a b\"@c.example", ".a@c.example"),
            ("email", "a@[IPv6:::1]", "a@[IPv6:1]"),
            ("date", "2024-02-29", "2023-02-29"),
            ("date", "2000-02-29", "1900-02-29"),
            ("date", "0004-02-29", "2026-04-31"),
            ("date", "1999-12-31", "1999-13-01"),
            (
                "date-time",
                "2026-11-22T17:40:45.123Z",
                "2026-11-22 17:40:45Z",
            ),
            ("date-time", "1998-12-31T23:59:60Z", "1998-12-31T22:59:60Z"),
            (
                "date-time",
                "1998-12-31T15:59:60.1-08:00",
                "2026-11-22T17:40:45.",
            ),
            (
                "date-time",
                "2026-11-22t17:40:45+05:30",
                "2026-11-22T24:00:00Z",
            ),
            ("time", "05:29:60+05:30", "05:29:60-05:30"),
            (
                "uuid",
                "2EB8AA08-aa98-11ea-b4aa-73b441d16380",
                "2eb8aa08aa9811eab4aa73b441d16380",
            ),
            ("uri", "https://[::1]:80/a?b#c", "https://[:1]/"),
            ("uri-reference", "a/b:c", "1:b"),
            ("duration", "P1Y2M3DT4H", "P1Y3D"),
        ] {
            assert_eq!(is_match(format, good), Some(true), "{format}: {good}");
            assert_eq!(is_match(format, bad), Some(false), "{format}: {bad}");
        }
        assert_eq!(is_match("colour", "any"), Some(true));
    }

    #[test]
    fn every_row_is_a_pattern() {
        for line in FORMATS.lines() {
            let name = cut(line, b' ').0;
            assert!(is_match(name, "").is_some(), "{name}");
        }
    }
}
