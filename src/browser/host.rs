//! The validator's [`Host`]: the browser's own RegExp and number reader.

use wasm_bindgen::prelude::*;

use crate::schema::Host;

#[wasm_bindgen]
extern "C" {
    #[wasm_bindgen(js_name = RegExp)]
    type Pattern;

    // js_sys's own constructor lets a bad pattern throw into the page.
    #[wasm_bindgen(constructor, catch, js_class = "RegExp")]
    fn new(pattern: &str, flags: &str) -> Result<Pattern, JsValue>;

    #[wasm_bindgen(method)]
    fn test(this: &Pattern, text: &str) -> bool;
}

pub struct BrowserHost;

impl Host for BrowserHost {
    fn is_match(&self, pattern: &str, text: &str) -> Option<bool> {
        Some(Pattern::new(pattern, "u").ok()?.test(text))
    }

    fn number(&self, digits: &str) -> f64 {
        js_sys::parse_float(digits)
    }
}
