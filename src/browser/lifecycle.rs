//! The page's life: left, shown again, back online.
//!
//! Not here: `visibilitychange`. Who looks at another tab has not left; what waits is durable.

use wasm_bindgen::JsValue;

use super::{Door, add_event_listener};

/// Has the kernel's door called with the event's name and the event.
pub fn listen(door: &Door) {
    for name in ["pagehide", "pageshow", "online"] {
        add_event_listener(name, &door.of_kind(&JsValue::NULL, name));
    }
}
