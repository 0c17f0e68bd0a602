//! The [`Host`] where there is no browser: the CLI, the collector and native tests.

use crate::schema::Host;

/// ECMAScript patterns by the `regress` crate, doubles by the standard library.
#[derive(Clone, Copy, Debug, Default)]
pub struct NativeHost;

impl Host for NativeHost {
    fn is_match(&self, pattern: &str, text: &str) -> Option<bool> {
        let pattern = regress::Regex::with_flags(pattern, "u").ok()?;
        Some(pattern.find(text).is_some())
    }

    fn number(&self, digits: &str) -> f64 {
        digits.parse().unwrap_or(f64::NAN)
    }
}
