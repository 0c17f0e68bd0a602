//! The page's life: hidden, shown, back online.

use wasm_bindgen::JsValue;

use super::{Door, add_event_listener};

/// Has the kernel's door called with the event's name and the event.
pub fn listen(door: &Door) {
    for name in ["pagehide", "pageshow", "visibilitychange", "online"] {
        add_event_listener(name, &door.of_kind(&JsValue::NULL, name));
    }
}
