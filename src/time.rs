//! Milliseconds since 1970 into the timestamps that events carry.
//!
//! Not here: a clock. Time is always an argument.

#![expect(
    clippy::integer_division_remainder_used,
    reason = "by constants, none of them zero"
)]

use crate::text::push_whole;

/// A moment: milliseconds since 1970-01-01T00:00:00Z, leap seconds not counted.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub struct UnixMillis(pub u64);

impl UnixMillis {
    /// This moment moved on by `millis`.
    #[must_use]
    pub fn plus(self, millis: u64) -> Self {
        UnixMillis(self.0.saturating_add(millis))
    }

    /// Milliseconds from `earlier` to this moment; 0 when the clock went backwards.
    pub fn since(self, earlier: UnixMillis) -> u64 {
        self.0.saturating_sub(earlier.0)
    }

    /// `2026-11-22T17:40:45.123Z`.
    ///
    /// Source: RFC 3339 §5.6; civil-from-days by Howard Hinnant's `chrono` algorithms.
    pub fn to_rfc3339(self) -> String {
        let (seconds, millis) = (self.0 / 1000, self.0 % 1000);
        let (days, second) = (seconds / 86_400, seconds % 86_400);
        let shifted = days + 719_468;
        let era = shifted / 146_097;
        let day_of_era = shifted % 146_097;
        let year_of_era =
            (day_of_era - day_of_era / 1460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
        let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
        let month_shifted = (5 * day_of_year + 2) / 153;
        let day = day_of_year - (153 * month_shifted + 2) / 5 + 1;
        let month = (month_shifted + 2) % 12 + 1;
        let year = era * 400 + year_of_era + u64::from(month <= 2);

        let mut text = String::new();
        for (number, width, mark) in [
            (year, 1000, '-'),
            (month, 10, '-'),
            (day, 10, 'T'),
            (second / 3600, 10, ':'),
            (second / 60 % 60, 10, ':'),
            (second % 60, 10, '.'),
            (millis, 100, 'Z'),
        ] {
            let mut width = width;
            while width > 1 && number < width {
                text.push('0');
                width /= 10;
            }
            push_whole(&mut text, number);
            text.push(mark);
        }
        text
    }
}

#[cfg(test)]
mod tests {
    use super::UnixMillis;

    #[test]
    fn known_moments_read_as_people_write_them() {
        for (millis, text) in [
            (0, "1970-01-01T00:00:00.000Z"),
            (951_782_400_000, "2000-02-29T00:00:00.000Z"),
            (1_795_369_245_123, "2026-11-22T17:40:45.123Z"),
            (1_709_251_199_999, "2024-02-29T23:59:59.999Z"),
            (4_102_444_800_007, "2100-01-01T00:00:00.007Z"),
        ] {
            assert_eq!(UnixMillis(millis).to_rfc3339(), text);
        }
    }
}
