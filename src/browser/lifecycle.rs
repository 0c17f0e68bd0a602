//! The page's life: shown again, back online.
//!
//! Not here: that the page goes away or is frozen, which the kernel tells; `visibilitychange`:
//! who looks at another tab has not left, and what waits is durable.

use wasm_bindgen::JsValue;

use super::{Door, add_event_listener};

/// Has the kernel's door called with the event's name and the event.
pub fn listen(door: &Door) {
    for name in ["pageshow", "online"] {
        add_event_listener(name, &door.of_kind(&JsValue::NULL, name));
    }
}
