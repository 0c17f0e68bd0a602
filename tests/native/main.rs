//! The core's behaviour, natively: the same vectors as in a browser (tests/web).

#![cfg(not(target_arch = "wasm32"))]
#![allow(
    clippy::disallowed_methods,
    reason = "tests read the files that they are about"
)]

#[path = "../support/mod.rs"]
mod support;

#[path = "../support/hostile.rs"]
mod hostile;

mod corpus;
mod counts;
mod faults;
mod hostile_plan;
mod order;
mod outage;
mod simulation;
mod suite;
mod touches;
mod world;

use touchmark::native::NativeHost;
use touchmark::time::UnixMillis;
use touchmark::touch::Landing;
use touchmark::value::Value;

/// A landing on the clinic's home page in 1970, by a plan that says nothing of attribution.
fn landing<'a>(query: &'a str, referrer: &'a str, secrets: &'a [Value]) -> Landing<'a> {
    Landing {
        at: UnixMillis(0),
        query,
        referrer,
        origin: "https://clinic.example",
        page: "home",
        host: &NativeHost,
        secrets,
        rules: &Value::Null,
        is_step: false,
    }
}

#[test]
fn vectors_hold_natively() {
    for (stage, count) in support::all(&NativeHost) {
        println!("{stage}: {count} vectors");
    }
}

#[test]
fn hostile_schemas_end_natively() {
    support::bounds::hostile_schemas_end(&NativeHost);
}
