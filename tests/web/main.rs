//! The core in a real browser: the same vectors as natively, and what only a browser has.

#![cfg(target_arch = "wasm32")]
#![allow(
    clippy::disallowed_methods,
    reason = "tests look at the page from outside"
)]

#[path = "../support/mod.rs"]
mod support;

mod hands;
#[cfg(feature = "typed")]
mod typed;

use touchmark::time::UnixMillis;
use touchmark::touch::{Arrival, Landing};
use touchmark::value::Value;
use wasm_bindgen_test::{console_log, wasm_bindgen_test, wasm_bindgen_test_configure};

wasm_bindgen_test_configure!(run_in_browser);

#[wasm_bindgen_test]
fn vectors_hold_in_the_browser() {
    for (stage, count) in support::all(hands::host()) {
        console_log!("{stage}: {count} vectors");
    }
}

#[cfg(feature = "suite")]
#[wasm_bindgen_test]
fn the_official_suite_passes_in_wasm() {
    let counts = support::suite::run(include_str!(env!("TOUCHMARK_SUITE")), hands::host());
    console_log!("JSON Schema test suite, wasm: {counts}");
}

/// What it takes in time `cargo bench` says.
#[wasm_bindgen_test]
fn a_query_of_2_mb_takes_less_than_1_mib() {
    const PAGES: usize = (1 << 20) / 65_536;
    for piece in [
        "utm_source=google&utm_medium=cpc&",
        "%",
        "&",
        "gclid=A+B&",
        "é",
    ] {
        let query = piece.repeat(2_000_000 / piece.len());
        let secrets = touchmark::scrub::rules();
        let before = core::arch::wasm32::memory_size::<0>();
        let arrival = Arrival::of(&Landing {
            at: UnixMillis(0),
            query: &query,
            referrer: "",
            origin: "https://clinic.example",
            page: "home",
            host: hands::host(),
            secrets: &secrets,
            rules: &Value::Null,
            is_step: false,
        });
        let grown = core::arch::wasm32::memory_size::<0>() - before;
        let is_tagged = piece.contains('=');
        assert_eq!(arrival.touch.is_some(), is_tagged, "{piece}");
        assert!(grown <= PAGES, "{piece}: {grown} pages of 64 KiB");
        console_log!("2 MB of {piece}: {grown} pages of 64 KiB");
    }
}

#[wasm_bindgen_test]
fn hostile_schemas_end_in_wasm() {
    support::bounds::hostile_schemas_end(hands::host());
}
