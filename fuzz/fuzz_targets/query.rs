//! Any address into a touch: src/query.rs, src/scrub.rs, src/touch.rs.

#![no_main]

#[path = "../../tests/support/hostile.rs"]
#[allow(dead_code)]
mod hostile;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostile::query(bytes));
