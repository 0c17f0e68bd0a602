//! Touches over time into what events carry: first, last, last paid.
//!
//! After `touch` and `channel`, before `form`. A direct visit changes nothing.
//! Not here: consent and storage (the tracker asks and keeps).

use crate::text::{concat, cut, find, part};
use crate::time::UnixMillis;
use crate::touch::{Arrival, Field, Touch};
use crate::value::{Json, Value};

/// The touches that a visitor's conversions are attributed to, each as sealed JSON; empty
/// when there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attribution([String; 3]);

const NAMES: [&str; 3] = ["first", "last", "last_paid"];

impl Attribution {
    /// Takes an arrival's touch: it is the last, perhaps the first, and the last paid if it was
    /// bought. `false` for a direct visit, and for a step within the site that says nothing but
    /// what the last touch says already.
    pub fn record(&mut self, arrival: &Arrival) -> bool {
        let Some(touch) = &arrival.touch else {
            return false;
        };
        let [first, last, last_paid] = &mut self.0;
        if arrival.is_own
            && let Some(known) = Value::parse(last).ok().as_ref().and_then(Touch::from_value)
            && known.covers(touch)
        {
            return false;
        }
        let mut json = Json::default();
        touch.write(&mut json);
        let json = json.finish();
        if first.is_empty() {
            first.push_str(&json);
        }
        if arrival.is_paid {
            last_paid.clone_from(&json);
        }
        *last = json;
        true
    }

    /// Whether an arrival's click is known already; the touch that has it says more.
    pub fn knows(&self, arrival: &Arrival) -> bool {
        let touch = arrival.touch.as_ref();
        let click = touch.map_or("", |touch| touch.of(Field::ClickValue));
        !click.is_empty() && self.0.iter().any(|touch| find(touch, click).is_some())
    }

    /// Takes over what another page has recorded, or what was seen elsewhere: the earlier first touch,
    /// the later others. What has expired goes before, or it would take another's place.
    pub fn merge(&mut self, other: Attribution) {
        for (index, theirs) in other.0.into_iter().enumerate() {
            let Some(mine) = self.0.get_mut(index) else {
                continue;
            };
            let (mine_at, theirs_at) = (instant(mine), instant(&theirs));
            let is_theirs = if index == 0 {
                theirs_at < mine_at
            } else {
                theirs_at > mine_at
            };
            if mine.is_empty() || (is_theirs && !theirs.is_empty()) {
                *mine = theirs;
            }
        }
    }

    /// Forgets touches that are older than the plan allows, each by its own limit in days, and
    /// those from more than a day ahead: the clock was wrong, and they would win for ever.
    pub fn expire(&mut self, now: UnixMillis, limits: &Value) {
        let ahead = now.plus(DAY_MS).to_rfc3339();
        for (name, touch) in NAMES.iter().zip(&mut self.0) {
            let days = match limits.whole_of(name) {
                0 => MAX_AGE_DAYS,
                days => days,
            };
            // Saturating, this would be 128-bit arithmetic.
            let age = days.min(36_500).wrapping_mul(DAY_MS);
            let oldest = UnixMillis(now.since(UnixMillis(age))).to_rfc3339();
            // Timestamps of one form are in the order of their text.
            if instant(touch) < oldest.as_str() || instant(touch) > ahead.as_str() {
                touch.clear();
            }
        }
    }

    /// Whether the last touch names a campaign that is not among these: by its `utm_id`, or
    /// by its name where it has none. Nothing is unknown where none are registered.
    pub fn is_unregistered(&self, campaigns: &[Value]) -> bool {
        if campaigns.is_empty() {
            return false;
        }
        let mut campaign = self.named("last.id");
        if campaign.is_empty() {
            campaign = self.named("last.campaign");
        }
        !campaign.is_empty() && !campaigns.iter().any(|one| one.as_text() == Some(&campaign))
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
    /// empty when absent. `last.click_id:gclid` is the click id of that parameter alone. `last` is the
    /// whole touch as JSON, with a space behind it: not even without a touch it is empty, so that a
    /// part of the page's scripts hears of the grant.
    pub fn named(&self, path: &str) -> String {
        let (which, field) = cut(path, b'.');
        let known = NAMES.iter().zip(&self.0).find(|(name, _)| **name == which);
        let text = known.map_or("", |(_, touch)| touch.as_str());
        if field.is_empty() {
            return concat(&[text, " "]);
        }
        let touch = Value::parse(text).unwrap_or(Value::Null);
        let (field, param) = cut(field, b':');
        String::from(match field {
            "click_id" => {
                let click = touch.member(field).unwrap_or(&Value::Null);
                let is_it = param.is_empty() || click.text_of("param").eq_ignore_ascii_case(param);
                if is_it { click.text_of("value") } else { "" }
            }
            "landing_page" => touch.text_of("page"),
            _ => touch.text_of(field),
        })
    }
}

/// When a sealed touch was recorded: it is written first. Empty for no touch.
fn instant(touch: &str) -> &str {
    part(
        touch,
        "{\"at\":\"".len(),
        "{\"at\":\"2026-11-22T17:40:45.123Z".len(),
    )
}

const DAY_MS: u64 = 24 * 3_600_000;
/// How long a touch counts where the plan does not say: as long as the click ids of the large ad
/// platforms do.
const MAX_AGE_DAYS: u64 = 90;
