//! Batches onto the network.
//!
//! `fetch` with keepalive: it outlives the page, and unlike `sendBeacon` it can leave out
//! referrer and credentials and refuse redirects. A text body needs no preflight. What the
//! endpoint says besides status and `Retry-After` is never read.

#![expect(
    clippy::integer_division_remainder_used,
    reason = "by constants, none of them zero"
)]

use js_sys::{Function, JSON, Reflect};
use wasm_bindgen::prelude::*;

use super::{Door, clock, window};
use crate::input::Answer;
use crate::text::whole;

#[wasm_bindgen]
extern "C" {
    type Pending;

    #[wasm_bindgen(catch)]
    fn fetch(url: &str, init: &JsValue) -> Result<Pending, JsValue>;

    #[wasm_bindgen(method)]
    fn then(this: &Pending, done: &Function, failed: &Function) -> Pending;
}

macro_rules! init {
    ($kind:literal) => {
        concat!(
            r#"{"method":"POST","mode":"cors","credentials":"omit","cache":"no-store","redirect":"error","referrer":"","referrerPolicy":"no-referrer","integrity":"","keepalive":true,"headers":{"Content-Type":""#,
            $kind,
            r#""}}"#
        )
    };
}

/// Every member is said, so that a polluted `Object.prototype` can't add one.
const TEXT: &str = init!("text/plain");
const CLOUDEVENTS: &str = init!("application/cloudevents-batch+json");

/// Posts a body; the kernel's door is called with `settled`, the batch, and the response or
/// the error. The kernel, which is asked in place of `fetch`, aborts it in time or on a withdrawal.
pub fn post(
    door: &Door,
    batch: u32,
    url: &str,
    body: &str,
    is_cloudevents: bool,
) -> Result<(), JsValue> {
    let init = JSON::parse(if is_cloudevents { CLOUDEVENTS } else { TEXT })?;
    Reflect::set(&init, &JsValue::from_str("body"), &JsValue::from_str(body))?;
    let call = door.of_batch(&JsValue::NULL, "settled", batch);
    fetch(url, &init)?.then(&call, &call);
    Ok(())
}

/// Status and `Retry-After` of what a request came to; zeros for an error.
///
/// `Retry-After` is seconds, or a date by the visitor's own clock (RFC 9110, 10.2.3).
pub fn answer(batch: u32, response: &JsValue) -> Answer {
    let headers = read(response, "headers");
    let retry_after = if headers.is_falsy() {
        None
    } else {
        let headers = headers.unchecked_into::<web_sys::Headers>();
        headers.get("Retry-After").ok().flatten()
    };
    let seconds = |text: String| {
        let until = js_sys::Date::parse(&text) as u64;
        whole(&text).unwrap_or(until.saturating_sub(clock::now().0) / 1000)
    };
    Answer {
        batch: u64::from(batch),
        status: read(response, "status").as_f64().unwrap_or(0.0) as u64,
        retry_after: retry_after.map_or(0, seconds),
        is_online: read(&read(&window(), "navigator"), "onLine").is_truthy(),
    }
}

/// A member, whatever it is asked of.
fn read(target: &JsValue, name: &str) -> JsValue {
    Reflect::get(target, &JsValue::from_str(name)).unwrap_or(JsValue::NULL)
}
