//! The validator's [`Host`]: the browser's own RegExp and number reader.

use super::hands;
use crate::schema::Host;

pub struct BrowserHost;

impl Host for BrowserHost {
    fn is_match(&self, pattern: &str, text: &str) -> Option<bool> {
        match hands::is_match(pattern, text) {
            0 => Some(false),
            1 => Some(true),
            _ => None,
        }
    }

    fn number(&self, digits: &str) -> f64 {
        hands::parse_float(digits)
    }
}
