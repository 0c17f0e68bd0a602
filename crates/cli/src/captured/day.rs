//! A day of the calendar: from text, to text, and counted.
//!
//! For the ranges of `reconcile` and `report`. Not here: hours and zones; days are those of UTC.

use std::fmt;

use touchmark_collector::clock::{from_rfc3339, now, to_rfc3339};

use crate::plan::fault::Fault;

/// Days since 1970-01-01.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Day(pub i64);

impl Day {
    /// Reads `YYYY-MM-DD`; `None` for any other text and for days that no month has.
    pub fn parse(text: &str) -> Option<Self> {
        // A longer text would be another time of day.
        let at = from_rfc3339(&format!("{text}T00:00:00Z")).filter(|_| text.len() == 10)?;
        Some(Self(at.div_euclid(DAY_MS)))
    }

    /// The last day that is over by the machine's clock.
    pub fn yesterday() -> Self {
        Self(now().div_euclid(DAY_MS) - 1)
    }
}

impl fmt::Display for Day {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        out.write_str(&to_rfc3339(self.0 * DAY_MS)[..10])
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

const DAY_MS: i64 = 86_400_000;

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
