//! Any text as a page with forms: crates/cli/src/check/page.rs, form.rs, label.rs.

#![no_main]

#[path = "../../crates/cli/src/check/form.rs"]
#[allow(dead_code)]
mod form;
#[path = "../../crates/cli/src/check/hostile.rs"]
mod hostile;
#[path = "../../crates/cli/src/check/label.rs"]
#[allow(dead_code)]
mod label;
#[path = "../../crates/cli/src/check/page.rs"]
#[allow(dead_code)]
mod page;
#[path = "../../crates/cli/src/check/sink.rs"]
#[allow(dead_code)]
mod sink;

libfuzzer_sys::fuzz_target!(|bytes: &[u8]| hostile::page(bytes));
