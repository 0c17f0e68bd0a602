//! Any text as a built plan: src/value, src/plan.rs.

#![no_main]

#[path = "../../tests/support/hostile_plan.rs"]
#[allow(dead_code)]
mod hostile_plan;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostile_plan::plan(bytes));
