//! Decimal digits into whether one number is a multiple of another.
//!
//! Exact, on the digits as they were sent: a remainder of doubles would say that 0.0075 is no
//! multiple of 0.0001. Not here: comparing, which is by doubles ([`Host::number`]).
//!
//! [`Host::number`]: crate::schema::Host::number

#![expect(
    clippy::integer_division_remainder_used,
    reason = "by a divisor that the reader has found to be more than zero"
)]

use crate::text::{cut, whole};

/// A divisor of more digits is not read: no double has them.
pub const MAX_DIVISOR_DIGITS: usize = 17;
/// Past a double's range; what gets there is no I-JSON.
const MAX_SHIFT: i64 = 1_000;

/// Whether a number is a whole multiple of a divisor over zero; `None` when the divisor is none.
pub fn is_multiple(number: &str, divisor: &str) -> Option<bool> {
    let (digits, shift) = decimal(number);
    let (divisor, divisor_shift) = decimal(divisor);
    let divisor = whole(&divisor).filter(|divisor| *divisor > 0 && *divisor < MAX_DIVISOR)?;
    let zeros = shift - divisor_shift;
    if digits.is_empty() {
        return Some(true);
    }
    // Without trailing zeros no digits divide by a divisor that is shifted further left.
    if !(0..=MAX_SHIFT).contains(&zeros) {
        return Some(false);
    }
    let mut rest = 0;
    for byte in digits.bytes().chain((0..zeros).map(|_| b'0')) {
        rest = (rest * 10 + u64::from(byte - b'0')) % divisor;
    }
    Some(rest == 0)
}

const MAX_DIVISOR: u64 = 10u64.pow(MAX_DIVISOR_DIGITS as u32);

/// The significant digits of a JSON number, without sign and outer zeros, and the power of ten that
/// they are to be multiplied with. Zero has no digits.
fn decimal(number: &str) -> (String, i64) {
    let number = number.strip_prefix('-').unwrap_or(number);
    let lower = number.to_ascii_lowercase();
    let (mantissa, exponent) = cut(&lower, b'e');
    let (sign, power) = match exponent.strip_prefix('-') {
        Some(power) => (-1, power),
        None => (1, exponent.strip_prefix('+').unwrap_or(exponent)),
    };
    let power = whole(power.trim_start_matches('0'))
        .unwrap_or(0)
        .min(1_000_000) as i64;
    let (ones, fraction) = cut(mantissa, b'.');
    let mut digits = String::from(ones.trim_start_matches('0'));
    digits.push_str(fraction);
    let mut shift = sign * power - fraction.len() as i64;
    let kept = digits.trim_end_matches('0').len();
    shift += (digits.len() - kept) as i64;
    digits.truncate(kept);
    (String::from(digits.trim_start_matches('0')), shift)
}

#[cfg(test)]
mod tests {
    use super::is_multiple;

    #[test]
    fn multiples_are_exact() {
        for (number, divisor, expect) in [
            ("0.0075", "0.0001", true),
            ("0.00751", "0.0001", false),
            ("1e308", "0.123456789", false),
            ("12391239123", "1e-8", true),
            ("-4.5", "1.5", true),
            ("35", "1.5", false),
            ("0", "7", true),
            ("-0.0", "7", true),
            ("10", "2.0", true),
            ("1E+2", "20", true),
            ("20", "100", false),
            ("9007199254740993", "2", false),
        ] {
            assert_eq!(
                is_multiple(number, divisor),
                Some(expect),
                "{number} {divisor}"
            );
        }
        assert_eq!(is_multiple("1", "0"), None);
    }
}
