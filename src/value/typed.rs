//! A value as serde's: for the typed build only.
//!
//! Numbers become what JavaScript makes of their digits. Not here: reading values from serde.

use serde::ser::{Serialize, SerializeMap as _, Serializer};

use super::Value;

impl Serialize for Value {
    fn serialize<S: Serializer>(&self, to: S) -> Result<S::Ok, S::Error> {
        match self {
            Value::Null => to.serialize_unit(),
            Value::Bool(on) => to.serialize_bool(*on),
            Value::Number(digits) => to.serialize_f64(digits.parse().unwrap_or(f64::NAN)),
            Value::Text(text) => to.serialize_str(text),
            Value::List(items) => to.collect_seq(items),
            Value::Object(members) => {
                let mut map = to.serialize_map(Some(members.len()))?;
                for (name, value) in members {
                    map.serialize_entry(name, value)?;
                }
                map.end()
            }
        }
    }
}
