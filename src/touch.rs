//! A landing's query and referrer into a [`Touch`]: one attributable arrival, whole.
//!
//! After `query`, with `channel`; before `attribution`. Pure: no clock, no storage.
//! Rules: spec/click-ids.json and spec/referrers.json (order is priority); vectors:
//! spec/vectors/touch. Not here: keeping touches, consent.

use crate::channel::{self, Channel};
use crate::generated::tables::CLICK_IDS;
use crate::query;
use crate::scrub;
use crate::time::UnixMillis;
use crate::value::{Json, Value};

/// The fields of a touch, in the order they are written; an empty one is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Field {
    At,
    Page,
    Source,
    Medium,
    Campaign,
    Term,
    Content,
    Id,
    SourcePlatform,
    CreativeFormat,
    MarketingTactic,
    ClickParam,
    ClickPlatform,
    ClickValue,
    Referrer,
    Channel,
    Rule,
}

/// Names as written; those of the click id stand in an object of their own.
const NAMES: [&str; 17] = [
    "at",
    "page",
    "source",
    "medium",
    "campaign",
    "term",
    "content",
    "id",
    "source_platform",
    "creative_format",
    "marketing_tactic",
    "param",
    "platform",
    "value",
    "referrer",
    "channel",
    "rule",
];
const CLICK: usize = Field::ClickParam as usize;
const AFTER_CLICK: usize = Field::Referrer as usize;

/// One arrival: a touch is replaced whole, never merged field by field.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Touch([String; 17]);

/// How a page was reached.
#[derive(Clone, Copy, Debug)]
pub struct Landing<'a> {
    pub at: UnixMillis,
    /// The query string without `?`.
    pub query: &'a str,
    /// `document.referrer`: a URL or empty.
    pub referrer: &'a str,
    /// The page's own origin: what comes from there starts nothing.
    pub origin: &'a str,
    /// The page's declared id.
    pub page: &'a str,
}

/// What a landing turned out to be.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Arrival {
    /// `None` is a direct visit, or a step within the site.
    pub touch: Option<Touch>,
    pub is_paid: bool,
    /// What was odd, as stable codes: `unexpanded_macro`, `double_encoded`,
    /// `duplicate_parameter`, `redacted_email`.
    pub diagnostics: Vec<&'static str>,
}

impl Arrival {
    /// Reads the touch that a landing carries.
    ///
    /// Parameter names match case-insensitively, an `amp;` that a mail's HTML left in front is
    /// dropped. Values stay as sent, decoded once and cut at [`query::MAX_VALUE_BYTES`]; the
    /// first non-empty one of a name wins. A click id keeps its `+` (form decoding would make
    /// it a space). Where the campaign says no source or medium, the click id does, then
    /// the referrer.
    ///
    /// Source: GA4 URL builders (utm names), WHATWG URL §5.1, spec/click-ids.json.
    pub fn of(landing: &Landing<'_>) -> Arrival {
        let mut arrival = Arrival::default();
        let mut touch = Touch::default();
        let mut click_rank = usize::MAX;
        let mut click_medium = "";
        let mut click_source = "";
        for (name, encoded) in query::params(landing.query) {
            let name = query::decode(query::floor(name, 64));
            let name = name.strip_prefix("amp;").unwrap_or(&name);
            if let Some(index) = utm_field(name) {
                arrival.take(&mut touch, index, query::decode_value(encoded));
            } else if let Some((rank, row)) = click_row(name)
                && rank < click_rank
                && !encoded.is_empty()
            {
                let value = query::decode_value(&encoded.replace('+', "%2B"));
                if is_macro(&value) {
                    arrival.note("unexpanded_macro");
                    continue;
                }
                let mut words = row.split(' ');
                let mut next = || words.next().unwrap_or("");
                click_rank = rank;
                touch.set(Field::ClickParam, next());
                touch.set(Field::ClickPlatform, next());
                touch.set(Field::ClickValue, &value);
                (click_source, click_medium) = (next(), next());
            }
        }
        arrival.complete(landing, touch, click_source, click_medium);
        arrival
    }

    fn take(&mut self, touch: &mut Touch, index: usize, value: String) {
        let Some(slot) = touch.0.get_mut(index) else {
            return;
        };
        let value = value.trim_matches([' ', '\t', '\n', '\r']);
        if value.is_empty() {
        } else if !slot.is_empty() {
            self.note("duplicate_parameter");
        } else if is_macro(value) {
            self.note("unexpanded_macro");
        } else if scrub::holds_email(value) {
            self.note("redacted_email");
            slot.push_str("redacted");
        } else {
            if query::looks_encoded(value) {
                self.note("double_encoded");
            }
            slot.push_str(value);
        }
    }

    /// Fills source and medium where the campaign left them open, then asks for the channel.
    fn complete(
        &mut self,
        landing: &Landing<'_>,
        mut touch: Touch,
        click_source: &str,
        click_medium: &str,
    ) {
        let host = host(landing.referrer).to_ascii_lowercase();
        let outside = !host.is_empty() && host != self::host(landing.origin);
        let campaign = touch.0.iter().any(|value| !value.is_empty());
        if !campaign && !outside {
            return;
        }
        let known = channel::known_host(&host);
        if touch.of(Field::Source).is_empty() {
            let by_referrer = match known {
                _ if !outside => "",
                Some(row) => row.source,
                None => host.strip_prefix("www.").unwrap_or(&host),
            };
            let by_click = if click_source.is_empty() {
                by_referrer
            } else {
                click_source
            };
            touch.set(Field::Source, by_click);
            if touch.of(Field::Medium).is_empty() {
                let medium = match known.map_or("", |row| row.kind) {
                    _ if !click_medium.is_empty() => click_medium,
                    _ if by_click.is_empty() => "",
                    "search" => "organic",
                    "ai" => "ai-assistant",
                    "email" => "email",
                    _ => "referral",
                };
                touch.set(Field::Medium, medium);
            }
        } else if touch.of(Field::Medium).is_empty() {
            touch.set(Field::Medium, click_medium);
        }
        if outside {
            touch.set(Field::Referrer, &host);
        }
        touch.set(Field::At, &landing.at.to_rfc3339());
        touch.set(Field::Page, landing.page);
        let channel = Channel::of(
            touch.of(Field::Source),
            touch.of(Field::Medium),
            touch.of(Field::Campaign),
        );
        touch.set(Field::Channel, channel.name);
        touch.set(Field::Rule, channel.rule);
        self.is_paid = channel.is_paid;
        self.touch = Some(touch);
    }

    fn note(&mut self, code: &'static str) {
        if !self.diagnostics.contains(&code) {
            self.diagnostics.push(code);
        }
    }
}

impl Touch {
    /// A field's value; empty when absent.
    pub fn of(&self, field: Field) -> &str {
        self.0.get(field as usize).map_or("", String::as_str)
    }

    /// The value that a plan's hidden field names, such as `campaign` or `click_id`.
    pub fn named(&self, name: &str) -> &str {
        let name = match name {
            "click_id" => "value",
            "landing_page" => "page",
            other => other,
        };
        let position = NAMES.iter().position(|known| *known == name);
        position
            .and_then(|index| self.0.get(index))
            .map_or("", String::as_str)
    }

    /// Reads a touch back from storage. Foreign members and types are dropped;
    /// `None` when what is left names no channel.
    pub fn from_value(value: &Value) -> Option<Touch> {
        let mut touch = Touch::default();
        let click = value.member("click_id").unwrap_or(&Value::Null);
        for (index, (name, slot)) in NAMES.iter().zip(&mut touch.0).enumerate() {
            let holder = if (CLICK..AFTER_CLICK).contains(&index) {
                click
            } else {
                value
            };
            slot.push_str(query::floor(holder.text_of(name), query::MAX_VALUE_BYTES));
        }
        let whole = !touch.of(Field::Channel).is_empty() && !touch.of(Field::At).is_empty();
        whole.then_some(touch)
    }

    /// Writes the touch as events and storage hold it.
    pub fn write(&self, json: &mut Json) {
        json.open('{');
        for (index, (name, value)) in NAMES.iter().zip(&self.0).enumerate() {
            let click = !self.of(Field::ClickParam).is_empty();
            if index == CLICK && click {
                json.name("click_id");
                json.open('{');
            }
            json.member_if(name, value);
            if index + 1 == AFTER_CLICK && click {
                json.close('}');
            }
        }
        json.close('}');
    }

    fn set(&mut self, field: Field, value: &str) {
        if let Some(slot) = self.0.get_mut(field as usize) {
            slot.clear();
            slot.push_str(value);
        }
    }
}

/// The field that a `utm_` parameter fills.
fn utm_field(name: &str) -> Option<usize> {
    let key = name
        .get(..4)
        .filter(|prefix| prefix.eq_ignore_ascii_case("utm_"))
        .and_then(|_| name.get(4..))?;
    (Field::Source as usize..CLICK).find(|index| {
        NAMES
            .get(*index)
            .is_some_and(|name| name.eq_ignore_ascii_case(key))
    })
}

/// The row of spec/click-ids.json for a parameter, with its rank.
fn click_row(name: &str) -> Option<(usize, &'static str)> {
    CLICK_IDS.lines().enumerate().find(|(_, row)| {
        let param = row.split(' ').next().unwrap_or("");
        param.eq_ignore_ascii_case(name)
    })
}

/// A placeholder that the ad platform never filled: `{keyword}`, `{{campaign.name}}`, `__CID__`.
fn is_macro(value: &str) -> bool {
    (value.starts_with('{') && value.ends_with('}'))
        || (value.len() > 4 && value.starts_with("__") && value.ends_with("__"))
        || (value.starts_with('[') && value.ends_with(']'))
}

/// The host of an http(s) URL, without port and credentials; empty for anything else.
fn host(url: &str) -> &str {
    let rest = url.strip_prefix("http");
    let rest = rest.map(|rest| rest.strip_prefix('s').unwrap_or(rest));
    let Some(rest) = rest.and_then(|rest| rest.strip_prefix("://")) else {
        return "";
    };
    let authority = rest.split(['/', '?', '#']).next().unwrap_or("");
    let host = authority.rsplit('@').next().unwrap_or("");
    host.split(':').next().unwrap_or("")
}
