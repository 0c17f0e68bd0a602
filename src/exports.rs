//! What the kernel calls: three functions, all text and numbers.
//!
//! Each runs the tracker until its outputs are done. The shell's outputs are carried out here,
//! those that concern forms go back to the kernel as a JSON array.

use core::cell::RefCell;

use wasm_bindgen::prelude::*;

use crate::browser::{Door, clock, host::BrowserHost, lifecycle, page, random, storage, transport};
use crate::id::Nonce;
use crate::input::Input;
use crate::output::Output;
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
#[wasm_bindgen]
pub fn handle(message: &str) -> String {
    let (nonce, seed) = match message.starts_with("{\"in\":\"start\"") {
        true => fresh(),
        false => (Nonce([0; 16]), 0),
    };
    let input = Value::parse(message).ok();
    let input = input.and_then(|message| Input::from_value(&message, nonce, seed));
    match input {
        Some(input) => run(input),
        None => String::from(r#"[{"out":"report","code":"input_unreadable","about":"kernel"}]"#),
    }
}

/// Takes what a request came to: a `Response`, or the error that `fetch` rejected with.
#[wasm_bindgen]
pub fn settled(batch: u32, response: &JsValue) -> String {
    let (status, retry_after) = transport::answer(response);
    run(Input::Delivered {
        batch: u64::from(batch),
        status,
        retry_after,
    })
}

fn run(input: Input) -> String {
    CORE.with_borrow_mut(|core| match core {
        Some(core) => core.run(input),
        None => String::new(),
    })
}

impl Core {
    fn run(&mut self, input: Input) -> String {
        let mut forms = Json::default();
        forms.open('[');
        self.tracker.handle_input(clock::now(), input);
        while let Some(output) = self.tracker.poll_output() {
            self.carry_out(output, &mut forms);
        }
        if forms.len() == 1 {
            return String::new();
        }
        forms.close(']');
        forms.finish()
    }

    fn carry_out(&mut self, output: Output, forms: &mut Json) {
        match output {
            Output::Load => {
                let loaded = Input::Loaded(storage::load());
                self.tracker.handle_input(clock::now(), loaded);
            }
            Output::Store { area, key, text } => {
                if !storage::put(area, &key, &text) {
                    write_report(forms, "storage_failed", &key);
                }
            }
            Output::Remove { area, key } => storage::remove(area, &key),
            Output::Wipe => storage::wipe(),
            Output::Send { batch, url, body } => {
                if transport::post(&self.door, batch as u32, &url, &body).is_err() {
                    write_report(forms, "send_failed", "endpoint");
                }
            }
            Output::Wake { at } => clock::wake(&self.door, at, &mut self.timer),
            Output::Announce { layer, object } => {
                if page::announce(&layer, &object).is_err() {
                    write_report(forms, "announce_failed", &layer);
                }
            }
            Output::Fill {
                key,
                control,
                value,
                is_own,
            } => {
                forms.open('{');
                forms.member("out", "fill");
                forms.number("key", key);
                forms.member("name", &control);
                forms.member("value", &value);
                forms.name("own");
                forms.raw(if is_own { "true" } else { "false" });
                forms.close('}');
            }
            Output::Watch { form } => {
                forms.open('{');
                forms.member("out", "watch");
                forms.number("form", form as u64);
                forms.close('}');
            }
            Output::Report { code, about } => write_report(forms, code, &about),
        }
    }
}

fn write_report(forms: &mut Json, code: &str, about: &str) {
    forms.open('{');
    forms.member("out", "report");
    forms.member("code", code);
    forms.member("about", about);
    forms.close('}');
}

fn fresh() -> (Nonce, u64) {
    let bytes = random::bytes();
    let (mut nonce, mut seed) = ([0; 16], [0; 8]);
    for (to, from) in nonce.iter_mut().chain(&mut seed).zip(bytes) {
        *to = from;
    }
    (Nonce(nonce), u64::from_be_bytes(seed))
}
