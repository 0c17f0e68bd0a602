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
mod oversize;
mod simulation;
mod suite;
mod touches;
mod world;

use touchmark::native::NativeHost;

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
