//! touchmark: the core of a tracking module for landing pages.
//!
//! A sans-IO state machine: [`Tracker::handle_input`] takes what happened on a page,
//! [`Tracker::poll_output`] gives what should happen next. It owns every decision
//! (attribution, consent, validation, privacy, ids, envelope, outbox) and touches no clock,
//! randomness, storage or network. The order of the modules is the order in which an
//! event is made; each uses only what stands before it.
//!
//! [`Tracker::handle_input`]: tracker::Tracker::handle_input
//! [`Tracker::poll_output`]: tracker::Tracker::poll_output

#![cfg_attr(not(target_arch = "wasm32"), forbid(unsafe_code))]
#![cfg_attr(target_arch = "wasm32", deny(unsafe_code))]
// Nothing that can panic: a panic is a trap, and a trap costs the page its tracker. Overflow wraps in
// the profile that ships, so that arithmetic panics only where it divides by zero: who divides says by what.
#![cfg_attr(
    not(test),
    deny(
        clippy::unwrap_used,
        clippy::expect_used,
        clippy::get_unwrap,
        clippy::indexing_slicing,
        clippy::string_slice,
        clippy::panic,
        clippy::unreachable,
        clippy::todo,
        clippy::unimplemented,
        clippy::modulo_arithmetic,
        clippy::integer_division_remainder_used,
    )
)]
#![allow(
    clippy::single_char_add_str,
    reason = "pushing a character encodes it, which takes more wasm than copying a byte"
)]

pub mod text;

pub mod value;

pub mod time;

pub mod schema;

pub mod plan;

pub mod consent;

pub mod query;

pub mod scrub;

pub mod channel;
pub mod touch;

pub mod attribution;

pub mod form;

pub mod digest;

pub mod privacy;

pub mod id;

pub mod input;

pub mod output;

pub mod submission;

pub mod event;

pub mod outbox;

pub mod tracker;

pub mod generated;

#[cfg(not(target_arch = "wasm32"))]
pub mod native;

#[cfg(target_arch = "wasm32")]
pub mod browser;
#[cfg(target_arch = "wasm32")]
mod exports;
#[cfg(all(target_arch = "wasm32", feature = "typed"))]
pub mod typed;
