//! localStorage and sessionStorage, which may be denied, full or gone at any moment.

use js_sys::{Object, Reflect};
use wasm_bindgen::{JsCast, JsValue};
use web_sys::Storage;

use super::window;
use crate::output::{Area, KEY_PREFIX, WITHDRAWN_KEY};
use crate::value::Value;

/// Every record of touchmark's, as key and text.
pub fn load() -> Vec<(String, Value)> {
    let mut records = Vec::new();
    for area in [Area::Local, Area::Session] {
        if let Some(storage) = open(area) {
            for key in keys(&storage) {
                if let Ok(Some(text)) = storage.get_item(&key) {
                    records.push((key, Value::Text(text)));
                }
            }
        }
    }
    records
}

/// Whether the next page in this tab will find what is put. A frame is none: its referrer is the
/// page around it, and that one tells its own landing.
pub fn lasts() -> bool {
    let window = JsValue::from(window());
    let parent = Reflect::get(&window, &JsValue::from_str("parent"));
    open(Area::Local).is_some() && parent.is_ok_and(|parent| parent == window)
}

/// Keeps a text; `false` when the browser would not. Then the key is gone: no text is better
/// than a former one.
pub fn put(area: Area, key: &str, text: &str) -> bool {
    open(area).is_some_and(|storage| {
        for _ in 0..2 {
            if storage.set_item(key, text).is_ok() {
                return true;
            }
            let _ = storage.remove_item(key);
        }
        false
    })
}

pub fn remove(area: Area, key: &str) {
    if let Some(storage) = open(area) {
        let _ = storage.remove_item(key);
    }
}

/// Removes every record of touchmark's. The site's other tabs hear of it with `said`, which
/// does not stay.
pub fn wipe(said: &str) {
    if !said.is_empty() {
        put(Area::Local, WITHDRAWN_KEY, said);
    }
    for area in [Area::Local, Area::Session] {
        if let Some(storage) = open(area) {
            for key in keys(&storage) {
                let _ = storage.remove_item(&key);
            }
        }
    }
}

/// In a sandboxed frame even reading the property throws.
fn open(area: Area) -> Option<Storage> {
    let name = match area {
        Area::Local => "localStorage",
        Area::Session => "sessionStorage",
    };
    let storage = Reflect::get(&window(), &JsValue::from_str(name)).ok()?;
    (!storage.is_falsy()).then(|| storage.unchecked_into())
}

fn keys(storage: &Storage) -> Vec<String> {
    let mut ours = Vec::new();
    for key in Object::keys(storage).iter() {
        match key.as_string() {
            Some(key) if key.starts_with(KEY_PREFIX) => ours.push(key),
            _ => {}
        }
    }
    ours
}
