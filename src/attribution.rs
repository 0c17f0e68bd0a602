//! Touches over time into what events carry: first, last, last paid.
//!
//! After `touch` and `channel`, before `form`. A direct visit changes nothing.
//! Not here: consent and storage (the tracker asks and keeps), age limits from the plan.

use crate::text::cut;
use crate::touch::Touch;
use crate::value::{Json, Value};

/// The touches that a visitor's conversions are attributed to, each as sealed JSON; empty
/// when there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attribution([String; 3]);

const NAMES: [&str; 3] = ["first", "last", "last_paid"];

impl Attribution {
    /// Takes a new touch: it is the last, perhaps the first, and the last paid if it was bought.
    pub fn record(&mut self, touch: &Touch, is_paid: bool) {
        let mut json = Json::default();
        touch.write(&mut json);
        let json = json.finish();
        let [first, last, last_paid] = &mut self.0;
        if first.is_empty() {
            first.push_str(&json);
        }
        if is_paid {
            last_paid.clone_from(&json);
        }
        *last = json;
    }

    /// Whether no touch was ever taken.
    pub fn is_empty(&self) -> bool {
        self.0.iter().all(String::is_empty)
    }

    /// Reads the stored record; what is no touch in it is absent.
    pub fn from_value(value: &Value) -> Attribution {
        let mut attribution = Attribution::default();
        for (name, slot) in NAMES.iter().zip(&mut attribution.0) {
            if let Some(touch) = value.member(name).and_then(Touch::from_value) {
                let mut json = Json::default();
                touch.write(&mut json);
                *slot = json.finish();
            }
        }
        attribution
    }

    /// Writes the record as events and storage hold it.
    pub fn write(&self, json: &mut Json) {
        json.open("{");
        for (name, touch) in NAMES.iter().zip(&self.0) {
            if !touch.is_empty() {
                json.name(name);
                json.raw(touch);
            }
        }
        json.close("}");
    }

    /// The value that a plan's hidden field names, such as `last.campaign` or `first.click_id`;
    /// empty when absent.
    pub fn named(&self, path: &str) -> String {
        let (which, field) = cut(path, b'.');
        let known = NAMES.iter().zip(&self.0).find(|(name, _)| **name == which);
        let touch = known.and_then(|(_, touch)| Value::parse(touch).ok());
        let touch = touch.unwrap_or(Value::Null);
        String::from(match field {
            "click_id" => touch
                .member(field)
                .map_or("", |click| click.text_of("value")),
            "landing_page" => touch.text_of("page"),
            _ => touch.text_of(field),
        })
    }
}
