//! The page's data layer.

use js_sys::{JSON, Reflect};
use wasm_bindgen::prelude::*;

use super::window;

#[wasm_bindgen]
extern "C" {
    type DataLayer;

    // A tag manager replaces `push` with its own, which may throw.
    #[wasm_bindgen(method, catch)]
    fn push(this: &DataLayer, object: &JsValue) -> Result<JsValue, JsValue>;
}

/// Pushes an object, given as JSON, to the global array of that name; makes it when missing.
pub fn announce(layer: &str, object: &str) -> Result<(), JsValue> {
    let name = JsValue::from_str(layer);
    let mut target = Reflect::get(&window(), &name)?;
    if target.is_falsy() {
        target = JSON::parse("[]")?;
        Reflect::set(&window(), &name, &target)?;
    }
    let object = JSON::parse(object)?;
    target.unchecked_into::<DataLayer>().push(&object)?;
    Ok(())
}
