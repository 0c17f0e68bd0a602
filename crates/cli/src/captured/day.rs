//! A day of the calendar: from text, to text, and counted.
//!
//! For the ranges of `reconcile` and `report`. Not here: hours and zones; days are those of UTC.

use std::fmt;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::plan::fault::Fault;

/// Days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub i64);

impl Day {
    /// Reads `YYYY-MM-DD`; `None` for any other text and for days that no month has.
    pub fn parse(text: &str) -> Option<Self> {
        let bytes = text.as_bytes();
        let is_written = bytes.len() == 10
            && bytes.iter().enumerate().all(|(at, byte)| match at {
                4 | 7 => *byte == b'-',
                _ => byte.is_ascii_digit(),
            });
        if !is_written {
            return None;
        }
        let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
        let (year, month, day) = (part(0..4)?, part(5..7)?, part(8..10)?);
        let number = days_of(year, month, day);
        let is_real = (1..=12).contains(&month) && date_of(number) == (year, month, day);
        is_real.then_some(Self(number))
    }

    /// The last day that is over by the machine's clock.
    pub fn yesterday() -> Self {
        let since = SystemTime::now()
            .duration_since(UNIX_EPOCH)
            .unwrap_or_default();
        Self(i64::try_from(since.as_secs() / 86_400).unwrap_or_default() - 1)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let (year, month, day) = date_of(self.0);
        write!(out, "{year:04}-{month:02}-{day:02}")
    }
}

/// The day of an option, for clap, which names the option.
pub fn day(text: &str) -> Result<Day, String> {
    Day::parse(text).ok_or_else(|| "write a day that the calendar has, as YYYY-MM-DD".to_owned())
}

/// Percent of an option, 0 to 100.
pub fn percent(text: &str) -> Result<f64, String> {
    let number = text.parse().ok();
    number
        .filter(|number| (0.0..=100.0).contains(number))
        .ok_or_else(|| "write a number from 0 to 100".to_owned())
}

/// Refuses a range that ends before it begins.
///
/// # Errors
/// `since_after_until`.
pub fn in_order(since: Option<Day>, until: Option<Day>) -> Result<(), Fault> {
    let (Some(since), Some(until)) = (since, until) else {
        return Ok(());
    };
    if since <= until {
        return Ok(());
    }
    Err(Fault::new(
        "since_after_until",
        "--since",
        "",
        format!("the range begins on {since} and ends on {until}, before that"),
        "name an earlier day by --since, or a later one by --until".to_owned(),
    ))
}

/// Source: Howard Hinnant, "chrono-compatible low-level date algorithms", `days_from_civil`.
fn days_of(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

/// The inverse of [`days_of`]; same source, `civil_from_days`.
fn date_of(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let (era, day_of_era) = (days.div_euclid(146_097), days.rem_euclid(146_097));
    let year_of_era =
        (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = (shifted + 2) % 12 + 1;
    let year = era * 400 + year_of_era + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use super::Day;

    #[test]
    fn days_go_on_over_months_and_leap_years() {
        for (day, next) in [
            ("2024-02-28", "2024-02-29"),
            ("2024-02-29", "2024-03-01"),
            ("2026-02-28", "2026-03-01"),
            ("2026-12-31", "2027-01-01"),
        ] {
            let day = Day::parse(day).expect("a day");
            assert_eq!(Day(day.0 + 1).to_string(), next);
        }
        assert_eq!(Day::parse("1970-01-01"), Some(Day(0)));
    }

    #[test]
    fn a_day_that_no_calendar_has_is_none() {
        for text in [
            "2026-13-45",
            "2026-02-29",
            "2026-00-10",
            "2026-1-1",
            "",
            "2026-11-0ä",
        ] {
            assert_eq!(Day::parse(text), None, "{text}");
        }
    }
}
