//! The [`Host`] where there is no browser: the CLI, the collector and native tests.

use std::cell::RefCell;
use std::collections::HashMap;

use crate::schema::Host;

/// ECMAScript patterns by the `regress` crate, doubles by the standard library.
#[derive(Clone, Copy, Debug, Default)]
pub struct NativeHost;

impl Host for NativeHost {
    fn is_match(&self, pattern: &str, text: &str) -> Option<bool> {
        PATTERNS.with_borrow_mut(|known| {
            if known.len() > MAX_PATTERNS {
                known.clear();
            }
            if !known.contains_key(pattern) {
                let made = regress::Regex::with_flags(pattern, "u").ok();
                known.insert(pattern.to_owned(), made);
            }
            let made = known.get(pattern)?.as_ref()?;
            Some(made.find(text).is_some())
        })
    }

    fn number(&self, digits: &str) -> f64 {
        digits.parse().unwrap_or(f64::NAN)
    }
}

/// More patterns than any plan has: past it, what was made is forgotten.
const MAX_PATTERNS: usize = 1_000;

thread_local! {
    /// Patterns that were made ready, by their text: that takes longer than matching.
    static PATTERNS: RefCell<HashMap<String, Option<regress::Regex>>> = RefCell::default();
}
