//! Batches onto the network.
//!
//! `fetch` with keepalive: it outlives the page, and unlike `sendBeacon` it can leave out
//! referrer and credentials and refuse redirects. A text body needs no preflight.

use js_sys::{Function, JSON, Reflect};
use wasm_bindgen::prelude::*;

use super::Door;

#[wasm_bindgen]
extern "C" {
    type Pending;

    #[wasm_bindgen(catch)]
    fn fetch(url: &str, init: &JsValue) -> Result<Pending, JsValue>;

    #[wasm_bindgen(method)]
    fn then(this: &Pending, done: &Function, failed: &Function) -> Pending;
}

/// Every member is said, so that a polluted `Object.prototype` can't add one.
const INIT: &str = r#"{"method":"POST","mode":"cors","credentials":"omit","cache":"no-store","redirect":"error","referrer":"","referrerPolicy":"no-referrer","integrity":"","keepalive":true,"headers":{"Content-Type":"text/plain"},"signal":null}"#;

/// Posts a body; the kernel's door is called with `settled`, the batch, and the response or
/// the error.
pub fn post(door: &Door, batch: u32, url: &str, body: &str) -> Result<(), JsValue> {
    let init = JSON::parse(INIT)?;
    Reflect::set(&init, &JsValue::from_str("body"), &JsValue::from_str(body))?;
    let call = door.of_batch(&JsValue::NULL, "settled", batch);
    fetch(url, &init)?.then(&call, &call);
    Ok(())
}

/// Status and `Retry-After` seconds of what a request came to; zeros for an error.
pub fn answer(response: &JsValue) -> (u64, u64) {
    let read = |target: &JsValue, name: &str| Reflect::get(target, &JsValue::from_str(name)).ok();
    let status = read(response, "status").and_then(|status| status.as_f64());
    let retry_after = read(response, "headers")
        .filter(|headers| !headers.is_falsy())
        .map(|headers| headers.unchecked_into::<web_sys::Headers>())
        .and_then(|headers| headers.get("Retry-After").ok().flatten())
        .and_then(|text| crate::text::whole(&text));
    (status.unwrap_or(0.0) as u64, retry_after.unwrap_or(0))
}
