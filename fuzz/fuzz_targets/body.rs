//! Any bytes as a request's body: crates/collector/src/body.rs, json.rs.

#![no_main]

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| touchmark_collector::hostile::body(bytes));
