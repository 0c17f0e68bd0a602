//! What the kernel calls: one function, a text in and a text out.
//!
//! It runs the tracker until its outputs are done: the kernel's hands do most of them at once, what
//! concerns forms and the lease goes back to the kernel as a JSON array.

use core::cell::RefCell;

use wasm_bindgen::prelude::*;

#[cfg(feature = "typed")]
use crate::browser::witness::{self, Notice};
use crate::browser::{BrowserHost, clock, hands};
use crate::input::Input;
use crate::output::{Area, Output, What};
use crate::tracker::Tracker;
use crate::value::{Json, Value};

#[global_allocator]
static ALLOCATOR: lol_alloc::AssumeSingleThreaded<lol_alloc::FreeListAllocator> = {
    // SAFETY: a page's wasm runs on one thread; no other ever gets this memory.
    #[allow(unsafe_code)]
    unsafe {
        lol_alloc::AssumeSingleThreaded::new(lol_alloc::FreeListAllocator::new())
    }
};

thread_local! {
    static TRACKER: RefCell<Option<Tracker>> = const { RefCell::new(None) };
}

/// Takes one message of the kernel's; returns what the kernel should do, or the empty text.
#[wasm_bindgen]
pub fn handle(message: &str) -> String {
    let mut todo = Json::default();
    TRACKER.with_borrow_mut(|tracker| {
        let tracker = tracker.get_or_insert_with(|| Tracker::new(&BrowserHost));
        tracker.handle_input(clock::now(), read(message));
        while let Some(output) = tracker.poll_output() {
            carry_out(tracker, &output, &mut todo);
        }
        if tracker.owes() {
            next(&mut todo, "owe");
            todo.close("}");
        }
    });
    if !todo.is_empty() {
        todo.close("]");
    }
    todo.finish()
}

/// Asks the running tracker something; `None` before its first input.
#[cfg(feature = "typed")]
pub fn ask<R>(question: impl FnOnce(&Tracker) -> R) -> Option<R> {
    TRACKER.with_borrow(|tracker| tracker.as_ref().map(question))
}

/// A message that is no JSON is an input that nobody knows.
fn read(message: &str) -> Input {
    Input::from_value(Value::parse(message).unwrap_or(Value::Null))
}

/// Begins the next of what the kernel should do.
#[inline(never)]
fn next(todo: &mut Json, out: &str) {
    if todo.is_empty() {
        todo.open("[");
    }
    todo.open("{");
    todo.member("out", out);
}

#[inline(never)]
fn carry_out(tracker: &mut Tracker, output: &Output, todo: &mut Json) {
    #[cfg(feature = "typed")]
    match witness::notice(output) {
        Notice::Passed => {}
        Notice::Answered(input) => return tracker.handle_input(clock::now(), input),
        Notice::Held => return,
    }
    let Output {
        what,
        number,
        key,
        text,
    } = output;
    let out = match what {
        What::Load => return tracker.handle_input(clock::now(), read(&hands::kept())),
        What::Wipe => return hands::wipe(text),
        What::Wake => return hands::wake(*number as f64),
        What::Remove(area) => return hands::discard(*area == Area::Local, key),
        What::Store(area) => return hands::keep(*area == Area::Local, key, text),
        What::Send => return hands::post(*number as u32, key, text, false),
        What::SendBatch => return hands::post(*number as u32, key, text, true),
        What::Announce => return hands::announce(key, text),
        What::Lease => "lease",
        What::Release => "release",
        What::Fill | What::FillOwn => "fill",
        What::Watch => "watch",
        What::Report => "report",
    };
    next(todo, out);
    match what {
        What::Watch => todo.number("form", *number),
        What::Fill | What::FillOwn => {
            todo.number("key", *number);
            todo.member("name", key);
            todo.member("value", text);
            todo.name("own");
            todo.raw(if *what == What::FillOwn {
                "true"
            } else {
                "false"
            });
        }
        What::Report => {
            todo.member("code", key);
            todo.member("about", text);
        }
        _ => {}
    }
    todo.close("}");
}
