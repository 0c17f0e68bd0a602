//! The clock and the one timer.

use wasm_bindgen::JsValue;

use super::{Door, clear_timeout, set_timeout};
use crate::time::UnixMillis;

/// The longest wait: browsers keep timeouts in 31 bits.
const MAX_WAIT_MS: u64 = 0x7fff_ffff;

#[expect(
    clippy::disallowed_methods,
    reason = "the shell is where the clock is read"
)]
pub fn now() -> UnixMillis {
    UnixMillis(js_sys::Date::now() as u64)
}

/// Has the kernel's door called with `timer` at a moment; the former wish is void.
pub fn wake(door: &Door, at: UnixMillis, timer: &mut i32) {
    let wait = at.since(now()).min(MAX_WAIT_MS) as i32;
    clear_timeout(*timer);
    let call = door.of_kind(&JsValue::NULL, "wake");
    *timer = set_timeout(&call, wait);
}
