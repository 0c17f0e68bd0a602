//! The kernel's hands: what the core's outputs need of the browser, a function each (js/shell).
//!
//! Texts and numbers only: an object that crosses costs tables of references on both sides, which
//! every visitor would download (3 kB in all). None of them throws, and what the browser calls back
//! comes in as an input. Not here: when to keep, send or wake (`outbox`).

use wasm_bindgen::prelude::*;

#[wasm_bindgen]
extern "C" {
    /// Pushes an object, given as JSON, to the global array of that name; makes it when missing.
    pub fn announce(layer: &str, object: &str);

    /// Forgets a key in `localStorage`, or in `sessionStorage`.
    pub fn discard(is_local: bool, key: &str);

    /// Whether a text matches a pattern: 0 for no, 1 for yes, 2 for a pattern that is none.
    #[wasm_bindgen(js_name = isMatch)]
    pub fn is_match(pattern: &str, text: &str) -> u32;

    /// Keeps a text; where the browser would not, the key is gone: no text is better than a former
    /// one.
    pub fn keep(is_local: bool, key: &str, text: &str);

    /// What is kept, as the input `loaded`.
    pub fn kept() -> String;

    /// Posts a body with keepalive; the input `delivered` says what came of it.
    pub fn post(batch: u32, url: &str, body: &str, is_cloudevents: bool);

    /// Has `wake` said at a moment, in milliseconds since 1970; the former wish is void.
    pub fn wake(at: f64);

    /// Forgets all that is kept and ends all that is on its way. The site's other tabs hear of it
    /// with `said`, if that is not empty.
    pub fn wipe(said: &str);

    #[wasm_bindgen(js_namespace = Date)]
    pub fn now() -> f64;

    #[wasm_bindgen(js_name = parseFloat)]
    pub fn parse_float(digits: &str) -> f64;
}
