//! Any stored record into touches: src/value, src/touch.rs, src/attribution.rs.

#![no_main]

#[path = "../../tests/support/hostile.rs"]
#[allow(dead_code)]
mod hostile;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostile::stored(bytes));
