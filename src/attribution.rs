//! Touches over time into what events carry: first, last, last paid.
//!
//! After `touch` and `channel`, before `form`. A direct visit changes nothing.
//! Not here: consent and storage (the tracker asks and keeps), age limits from the plan.

use crate::touch::Touch;
use crate::value::{Json, Value};

/// The touches that a visitor's conversions are attributed to.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attribution {
    pub first: Option<Touch>,
    pub last: Option<Touch>,
    pub last_paid: Option<Touch>,
}

impl Attribution {
    /// Takes a new touch: it is the last, perhaps the first, and the last paid if it was bought.
    pub fn record(&mut self, touch: &Touch, is_paid: bool) {
        if self.first.is_none() {
            self.first = Some(touch.clone());
        }
        if is_paid {
            self.last_paid = Some(touch.clone());
        }
        self.last = Some(touch.clone());
    }

    /// Reads the stored record; what is no touch in it is absent.
    pub fn from_value(value: &Value) -> Attribution {
        let touch = |name| value.member(name).and_then(Touch::from_value);
        Attribution {
            first: touch("first"),
            last: touch("last"),
            last_paid: touch("last_paid"),
        }
    }

    /// Writes the record as events and storage hold it.
    pub fn write(&self, json: &mut Json) {
        json.open('{');
        for (name, touch) in self.touches() {
            if let Some(touch) = touch {
                json.name(name);
                touch.write(json);
            }
        }
        json.close('}');
    }

    /// The value that a plan's hidden field names, such as `last.campaign`; empty when absent.
    pub fn named(&self, path: &str) -> &str {
        let Some((which, field)) = path.split_once('.') else {
            return "";
        };
        let touches = self.touches();
        let touch = touches.iter().find(|(name, _)| *name == which);
        touch
            .and_then(|(_, touch)| *touch)
            .map_or("", |touch| touch.named(field))
    }

    fn touches(&self) -> [(&'static str, Option<&Touch>); 3] {
        [
            ("first", self.first.as_ref()),
            ("last", self.last.as_ref()),
            ("last_paid", self.last_paid.as_ref()),
        ]
    }
}
