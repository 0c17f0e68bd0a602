//! The shell: one small file for each browser API that the core's outputs need.
//!
//! No decisions here. What the browser calls back goes through the kernel's `door`, the one
//! place where a trap is caught; no closure of Rust's is ever handed out.

pub mod clock;
pub mod host;
pub mod lifecycle;
pub mod page;
pub mod random;
pub mod storage;
pub mod transport;
#[cfg(feature = "typed")]
pub mod witness;

use js_sys::Function;
use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    // `web_sys::window()` looks for a worker's global too, which costs 1 kB; pages have this.
    #[wasm_bindgen(thread_local_v2, js_name = window)]
    static WINDOW: web_sys::Window;

    /// The kernel's guarded entry: `door(kind, a, b)`.
    pub type Door;

    #[wasm_bindgen(method, js_name = bind)]
    fn of_kind(this: &Door, none: &JsValue, kind: &str) -> Function;

    #[wasm_bindgen(method, js_name = bind)]
    fn of_batch(this: &Door, none: &JsValue, kind: &str, batch: u32) -> Function;

    // As global functions these need no window object and can't throw.
    #[wasm_bindgen(js_name = addEventListener)]
    fn add_event_listener(name: &str, listener: &Function);

    #[wasm_bindgen(js_name = setTimeout)]
    fn set_timeout(call: &Function, wait: i32) -> i32;

    #[wasm_bindgen(js_name = clearTimeout)]
    fn clear_timeout(timer: i32);
}

/// The page's window.
fn window() -> web_sys::Window {
    WINDOW.with(Clone::clone)
}
