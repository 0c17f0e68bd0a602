//! Touches over time into what events carry: first, last, last paid.
//!
//! After `touch` and `channel`, before `form`. A direct visit changes nothing.
//! Not here: consent and storage (the tracker asks and keeps).

use crate::query::floor;
use crate::text::{concat, cut, find, part, push_hex};
use crate::time::UnixMillis;
use crate::touch::{Arrival, Field, Touch};
use crate::value::{Json, Value};

/// The touches that a visitor's conversions are attributed to, each as sealed JSON; empty
/// when there is none. And which addresses have told theirs.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Attribution {
    touches: [String; 3],
    told: String,
}

const NAMES: [&str; 3] = ["first", "last", "last_paid"];
const TOLD: &str = "told";
/// An address is remembered by so many hex digits, and so many of these are kept: a visitor has
/// eight tabs open, perhaps.
const MARK_BYTES: usize = 8;
const MAX_TOLD_BYTES: usize = 8 * MARK_BYTES;

impl Attribution {
    /// Takes an arrival's touch: it is the last, perhaps the first, and the last paid if it was
    /// bought. `false` for a direct visit, and for a step within the site that says nothing but
    /// what the last touch says already.
    pub fn record(&mut self, arrival: &Arrival) -> bool {
        let Some(touch) = &arrival.touch else {
            return false;
        };
        let [first, last, last_paid] = &mut self.touches;
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
        !click.is_empty()
            && self
                .touches
                .iter()
                .any(|touch| find(touch, click).is_some())
    }

    /// Notes that an address, its path and query, has told its touch. Only a mark stays of it, too
    /// short to be read back.
    pub fn note_told(&mut self, address: (&str, &str)) {
        if !address.1.is_empty() {
            self.add_told(&mark(address));
        }
    }

    /// Whether an address has told its touch: it is no news on the page that it leads to.
    pub fn has_told(&self, address: (&str, &str)) -> bool {
        find(&self.told, &mark(address)).is_some()
    }

    fn add_told(&mut self, mark: &str) {
        if find(&self.told, mark).is_none() {
            let from = (self.told.len() + mark.len()).saturating_sub(MAX_TOLD_BYTES);
            self.told = concat(&[part(&self.told, from, self.told.len()), mark]);
        }
    }

    /// Takes over what another page has recorded, or what was seen elsewhere: the earlier first touch,
    /// the later others. What has expired goes before, or it would take another's place.
    pub fn merge(&mut self, other: Attribution) {
        let mut told = other.told.as_str();
        while !told.is_empty() {
            self.add_told(part(told, 0, MARK_BYTES));
            told = part(told, MARK_BYTES, told.len());
        }
        for (index, theirs) in other.touches.into_iter().enumerate() {
            let Some(mine) = self.touches.get_mut(index) else {
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
        for (name, touch) in NAMES.iter().zip(&mut self.touches) {
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
        self.touches.iter().all(String::is_empty)
    }

    /// Reads the stored record; what is no touch in it is absent.
    pub fn from_value(value: &Value) -> Attribution {
        let mut attribution = Attribution::default();
        for (name, slot) in NAMES.iter().zip(&mut attribution.touches) {
            if let Some(touch) = value.member(name).and_then(Touch::from_value) {
                let mut json = Json::default();
                touch.write(&mut json);
                *slot = json.finish();
            }
        }
        attribution.told = String::from(floor(value.text_of(TOLD), MAX_TOLD_BYTES));
        attribution
    }

    /// Writes the touches, as events hold them.
    pub fn write(&self, json: &mut Json) {
        self.write_with("", json);
    }

    /// Writes the record, as storage holds it.
    pub fn write_record(&self, json: &mut Json) {
        self.write_with(&self.told, json);
    }

    fn write_with(&self, told: &str, json: &mut Json) {
        json.open("{");
        for (name, touch) in NAMES.iter().zip(&self.touches) {
            if !touch.is_empty() {
                json.name(name);
                json.raw(touch);
            }
        }
        json.member_if(TOLD, told);
        json.close("}");
    }

    /// The value that a plan's hidden field names, such as `last.campaign` or `first.click_id`;
    /// empty when absent. `last.click_id:gclid` is the click id of that parameter alone. `last` is the
    /// whole touch as JSON, with a space behind it: not even without a touch it is empty, so that a
    /// part of the page's scripts hears of the grant.
    pub fn named(&self, path: &str) -> String {
        let (which, field) = cut(path, b'.');
        let known = NAMES
            .iter()
            .zip(&self.touches)
            .find(|(name, _)| **name == which);
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

/// An address as FNV-1a, 32 bits: different ones may have one mark, now and then.
fn mark((path, query): (&str, &str)) -> String {
    let mut hash = 0x811c_9dc5_u32;
    for byte in concat(&[path, "?", query]).bytes() {
        hash = (hash ^ u32::from(byte)).wrapping_mul(0x0100_0193);
    }
    let mut mark = String::new();
    push_hex(&mut mark, hash, 8);
    mark
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
