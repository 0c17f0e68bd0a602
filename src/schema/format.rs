//! A format's name into the pattern that a text of that format matches.
//!
//! The formats that contracts assert in a page; plan build refuses any other. Patterns take a
//! fraction of the bytes of code, and the same ones hold in the browser, the CLI and the collector.
//! A leap second is accepted as `23:59:60Z` only, not in other offsets.

use crate::text::{cut, pieces};

macro_rules! date {
    () => {
        r"(?:\d{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12]\d|3[01])|(?:0[469]|11)-(?:0[1-9]|[12]\d|30)|02-(?:0[1-9]|1\d|2[0-8]))|(?:\d\d(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)"
    };
}

/// One format a line: name, then pattern.
///
/// Sources: HTML living standard (valid e-mail address); RFC 3339 (full-date, date-time);
/// RFC 9562 §4 (UUID).
pub const FORMATS: &str = concat!(
    r"email ^[\w.!#$%&'*+/=?^`{|}~\-]+@[a-zA-Z0-9](?:[a-zA-Z0-9\-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9\-]{0,61}[a-zA-Z0-9])?)*$",
    "\ndate ^",
    date!(),
    "$\ndate-time ^",
    date!(),
    r"[Tt](?:(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d+)?(?:[Zz]|[+\-](?:[01]\d|2[0-3]):[0-5]\d)|23:59:60(?:\.\d+)?[Zz])$",
    "\n",
    r"uuid ^[\da-fA-F]{8}-[\da-fA-F]{4}-[\da-fA-F]{4}-[\da-fA-F]{4}-[\da-fA-F]{12}$"
);

/// The pattern of a format. An unknown one is an annotation, so everything matches.
pub(super) fn pattern(format: &str) -> &'static str {
    let known = pieces(FORMATS, b'\n').find(|line| cut(line, b' ').0 == format);
    known.map_or("", |line| cut(line, b' ').1)
}

#[cfg(all(test, not(target_arch = "wasm32")))]
mod tests {
    use super::pattern;
    use crate::native::NativeHost;
    use crate::schema::Host;

    #[test]
    fn formats_accept_what_they_name_and_nothing_else() {
        for (format, good, bad) in [
            ("email", "ana.b+x@clinic.example", "ana@"),
            ("email", "a@b", "a b@c.example"),
            ("email", "x@a-b.example", "x@-a.example"),
            ("email", "a@b.co", "a@b..co"),
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
                "1998-12-31T15:59:00.1-08:00",
                "2026-11-22T17:40:45.",
            ),
            (
                "date-time",
                "2026-11-22t17:40:45+05:30",
                "2026-11-22T24:00:00Z",
            ),
            (
                "uuid",
                "2EB8AA08-aa98-11ea-b4aa-73b441d16380",
                "2eb8aa08aa9811eab4aa73b441d16380",
            ),
        ] {
            let is_match = |text| NativeHost.is_match(pattern(format), text);
            assert_eq!(is_match(good), Some(true), "{format} should accept {good}");
            assert_eq!(is_match(bad), Some(false), "{format} should refuse {bad}");
        }
        assert_eq!(NativeHost.is_match(pattern("colour"), "any"), Some(true));
    }
}
