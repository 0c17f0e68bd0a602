//! A format's name and a text into whether the text has it.
//!
//! The formats that contracts assert in a page; plan build refuses any other.
//! Sources: HTML living standard (valid e-mail address), RFC 3339 (full-date, date-time),
//! RFC 9562 §4 (UUID text).

/// Whether the text has the format. An unknown format holds: the standard makes it an annotation.
pub(super) fn holds(format: &str, text: &str) -> bool {
    match format {
        "email" => is_email(text),
        "date" => is_date(text),
        "date-time" => is_date_time(text),
        "uuid" => is_uuid(text),
        _ => true,
    }
}

/// The formats that [`holds`] knows: plan build's allow list.
pub const KNOWN: [&str; 4] = ["email", "date", "date-time", "uuid"];

/// As browsers judge `<input type=email>`: a contract should not refuse what the form took.
fn is_email(text: &str) -> bool {
    let Some((local, domain)) = text.split_once('@') else {
        return false;
    };
    let local_byte =
        |byte: u8| byte.is_ascii_alphanumeric() || b".!#$%&'*+/=?^_`{|}~-".contains(&byte);
    !local.is_empty() && local.bytes().all(local_byte) && domain.split('.').all(is_label)
}

fn is_label(label: &str) -> bool {
    let bytes = label.as_bytes();
    let edge = |byte: Option<&u8>| byte.is_some_and(u8::is_ascii_alphanumeric);
    bytes.len() < 64
        && edge(bytes.first())
        && edge(bytes.last())
        && bytes
            .iter()
            .all(|byte| byte.is_ascii_alphanumeric() || *byte == b'-')
}

/// Matches a shape in which `0` stands for a digit, `x` for a hex digit, all else for itself.
fn has_shape(text: &str, shape: &str) -> bool {
    text.len() == shape.len()
        && text
            .bytes()
            .zip(shape.bytes())
            .all(|(byte, mark)| match mark {
                b'0' => byte.is_ascii_digit(),
                b'x' => byte.is_ascii_hexdigit(),
                _ => byte.eq_ignore_ascii_case(&mark),
            })
}

fn is_uuid(text: &str) -> bool {
    has_shape(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx")
}

fn part(text: &str, from: usize, to: usize) -> u64 {
    text.get(from..to)
        .and_then(crate::value::whole)
        .unwrap_or(99)
}

fn is_date(text: &str) -> bool {
    if !has_shape(text, "0000-00-00") {
        return false;
    }
    let (year, month, day) = (part(text, 0, 4), part(text, 5, 7), part(text, 8, 10));
    let leap = year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
    let days = match month {
        2 => 28 + u64::from(leap),
        4 | 6 | 9 | 11 => 30,
        1..=12 => 31,
        _ => 0,
    };
    (1..=days).contains(&day)
}

fn is_date_time(text: &str) -> bool {
    let (Some(date), Some(time)) = (text.get(..10), text.get(10..19)) else {
        return false;
    };
    if !is_date(date) || !has_shape(time, "T00:00:00") {
        return false;
    }
    let (hour, minute, second) = (part(time, 1, 3), part(time, 4, 6), part(time, 7, 9));
    let mut zone = text.get(19..).unwrap_or("");
    if let Some(fraction) = zone.strip_prefix('.') {
        zone = fraction.trim_start_matches(|digit: char| digit.is_ascii_digit());
        if zone.len() == fraction.len() {
            return false;
        }
    }
    let (offset_hour, offset_minute) = if zone.eq_ignore_ascii_case("Z") {
        (0, 0)
    } else if has_shape(zone, "+00:00") || has_shape(zone, "-00:00") {
        (part(zone, 1, 3), part(zone, 4, 6))
    } else {
        return false;
    };
    // A leap second exists only at 23:59:60 UTC; with an offset, at the same instant.
    let west = zone.starts_with('-');
    let offset = offset_hour * 60 + offset_minute;
    let local = hour * 60 + minute + 1440;
    let utc = if west {
        local + offset
    } else {
        local.saturating_sub(offset)
    } % 1440;
    hour < 24
        && minute < 60
        && offset_hour < 24
        && offset_minute < 60
        && (second < 60 || (second == 60 && utc == 1439))
}

#[cfg(test)]
mod tests {
    use super::holds;

    #[test]
    fn formats_accept_what_they_name_and_nothing_else() {
        for (format, good, bad) in [
            ("email", "ana.b+x@clinic.example", "ana@"),
            ("email", "a@b", "a b@c.example"),
            ("email", "x@a-b.example", "x@-a.example"),
            ("date", "2024-02-29", "2023-02-29"),
            ("date", "2000-02-29", "1900-02-29"),
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
            (
                "uuid",
                "2EB8AA08-aa98-11ea-b4aa-73b441d16380",
                "2eb8aa08aa9811eab4aa73b441d16380",
            ),
        ] {
            assert!(holds(format, good), "{format} should accept {good}");
            assert!(!holds(format, bad), "{format} should refuse {bad}");
        }
    }
}
