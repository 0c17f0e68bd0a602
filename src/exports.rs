//! What the kernel calls: three functions, all text and numbers.
//!
//! Each runs the tracker until its outputs are done. The shell's outputs are carried out here,
//! those that concern forms go back to the kernel as a JSON array.

use core::cell::RefCell;

use wasm_bindgen::prelude::*;

#[cfg(feature = "typed")]
use crate::browser::witness::{self, Notice};
use crate::browser::{Door, clock, host::BrowserHost, lifecycle, page, random, storage, transport};
use crate::input::{Answer, Input};
use crate::output::{Output, What};
use crate::text::decimal;
use crate::time::UnixMillis;
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

struct Core {
    tracker: Tracker,
    door: Door,
    timer: i32,
}

thread_local! {
    static CORE: RefCell<Option<Core>> = const { RefCell::new(None) };
}

/// Begins: `door(kind, a, b)` is the kernel's guarded entry for whatever the browser calls back.
#[wasm_bindgen]
pub fn boot(door: Door) {
    lifecycle::listen(&door);
    CORE.with_borrow_mut(|core| {
        *core = Some(Core {
            tracker: Tracker::new(&BrowserHost),
            door,
            timer: 0,
        });
    });
}

/// Takes one message of the kernel's; returns what the kernel should do, or the empty text.
///
/// A `start` gets a seed, and a nonce where it brings none: two random members in front.
#[wasm_bindgen]
pub fn handle(message: &str) -> String {
    let mut input = Value::parse(message).unwrap_or(Value::Null);
    if let Value::Object(members) = &mut input
        && message.starts_with("{\"in\":\"start\"")
    {
        let (nonce, seed) = random::nonce_and_seed();
        members.push((String::from("seed"), Value::Number(decimal(seed))));
        if !members.iter().any(|(name, _)| name == "nonce") {
            members.push((String::from("nonce"), Value::Text(nonce)));
        }
    }
    run(Input::from_value(input))
}

/// Takes what a request came to: a `Response`, or the error that `fetch` rejected with.
#[wasm_bindgen]
pub fn settled(batch: u32, response: &JsValue) -> String {
    run(Input::delivered(&transport::answer(batch, response)))
}

/// Asks the running tracker something; `None` before `boot`.
#[cfg(feature = "typed")]
pub fn ask<R>(question: impl FnOnce(&Tracker) -> R) -> Option<R> {
    CORE.with_borrow(|core| core.as_ref().map(|core| question(&core.tracker)))
}

#[inline(never)]
fn run(input: Input) -> String {
    let mut forms = Json::default();
    CORE.with_borrow_mut(|core| {
        if let Some(core) = core {
            core.tracker.handle_input(clock::now(), input);
            while let Some(output) = core.tracker.poll_output() {
                core.carry_out(&output, &mut forms);
            }
            if core.tracker.owes() {
                next(&mut forms, "owe");
                forms.close("}");
            }
        }
    });
    if !forms.is_empty() {
        forms.close("]");
    }
    forms.finish()
}

/// Begins the next of what the kernel should do.
#[inline(never)]
fn next(forms: &mut Json, out: &str) {
    if forms.is_empty() {
        forms.open("[");
    }
    forms.open("{");
    forms.member("out", out);
}

impl Core {
    #[inline(never)]
    fn carry_out(&mut self, output: &Output, forms: &mut Json) {
        #[cfg(feature = "typed")]
        match witness::notice(output) {
            Notice::Passed => {}
            Notice::Answered(input) => return self.tracker.handle_input(clock::now(), input),
            Notice::Held => return,
        }
        let Output {
            what,
            number,
            key,
            text,
        } = output;
        let (out, code) = match what {
            What::Load => {
                let loaded = Input::loaded(storage::load(), storage::lasts());
                return self.tracker.handle_input(clock::now(), loaded);
            }
            What::Wipe => {
                storage::wipe(text);
                ("abort", "")
            }
            What::Wake => return clock::wake(&self.door, UnixMillis(*number), &mut self.timer),
            What::Remove(area) => return storage::remove(*area, key),
            What::Store(area) if storage::put(*area, key, text) => return,
            What::Store(_) => ("report", "storage_failed"),
            What::Send | What::SendBatch => {
                let is_batch = *what == What::SendBatch;
                let batch = *number as u32;
                if transport::post(&self.door, batch, key, text, is_batch).is_ok() {
                    return;
                }
                let answer = Answer {
                    batch: *number,
                    ..Answer::default()
                };
                let answer = Input::delivered(&answer);
                self.tracker.handle_input(clock::now(), answer);
                ("report", "send_failed")
            }
            What::Lease => ("lease", ""),
            What::Release => ("release", ""),
            What::Announce if page::announce(key, text).is_ok() => return,
            What::Announce => ("report", "announce_failed"),
            What::Fill | What::FillOwn => ("fill", ""),
            What::Watch => ("watch", ""),
            What::Report => ("report", key.as_str()),
        };
        next(forms, out);
        match what {
            What::Watch => forms.number("form", *number),
            What::Fill | What::FillOwn => {
                forms.number("key", *number);
                forms.member("name", key);
                forms.member("value", text);
                forms.name("own");
                forms.raw(if *what == What::FillOwn {
                    "true"
                } else {
                    "false"
                });
            }
            What::Report => {
                forms.member("code", code);
                forms.member("about", text);
            }
            _ => {
                forms.member("code", code);
                forms.member("about", key);
            }
        }
        forms.close("}");
    }
}
