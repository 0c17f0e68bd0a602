//! The page's life: hidden, shown, back online.

use wasm_bindgen::JsValue;

use super::{Door, window};

/// Has the kernel's door called with the event's name and the event.
pub fn listen(door: &Door) {
    for name in ["pagehide", "pageshow", "visibilitychange", "online"] {
        let call = door.of_kind(&JsValue::NULL, name);
        // A window that can't take listeners is a page that is gone.
        let _ = window().add_event_listener_with_callback(name, &call);
    }
}
