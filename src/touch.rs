//! A landing's query and referrer into a [`Touch`]: one attributable arrival, whole.
//!
//! After `query`, with `channel`; before `attribution`. Pure: no clock, no storage.
//! Rules: spec/click-ids.json and spec/referrers.json (order is priority); vectors:
//! spec/vectors/touch. Not here: keeping touches, consent.

use crate::channel::{self, Channel};
use crate::generated::tables::CLICK_IDS;
use crate::query;
use crate::schema::Host;
use crate::scrub;
use crate::text::{after, before, cut, next, part, pieces, trim};
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
/// Where ad platforms put their numbers, which a check digit may happen to fit.
const ID_FIELDS: [usize; 3] = [
    Field::Campaign as usize,
    Field::Content as usize,
    Field::Id as usize,
];
const CLICK: usize = Field::ClickParam as usize;
const AFTER_CLICK: usize = Field::Referrer as usize;

/// One arrival: a touch is replaced whole, never merged field by field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Touch(Vec<String>);

/// How a page was reached.
#[derive(Clone, Copy)]
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
    pub host: &'a dyn Host,
    /// The plan's rules of what must not leave.
    pub rules: &'a [Value],
}

/// What a landing turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// `None` is a direct visit, or a step within the site.
    pub touch: Option<Touch>,
    pub is_paid: bool,
    /// What was odd, as stable codes, each once: `unexpanded_macro`, `double_encoded`,
    /// `duplicate_parameter`; and one code for each redaction, so that they can be counted:
    /// `redacted_email`, `redacted_phone`, `redacted_ssn`, `redacted_card`.
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
        let mut arrival = Arrival {
            touch: None,
            is_paid: false,
            diagnostics: Vec::new(),
        };
        let mut touch = Touch::empty();
        // The row of the click id at hand: rank, then its words.
        let mut click_rank = usize::MAX;
        let mut click = pieces("", b' ');
        for param in query::params(landing.query) {
            let (name, encoded) = cut(param, b'=');
            let name = query::decode(query::floor(name, 64));
            let name = after(&name, "amp;").unwrap_or(&name);
            let is_utm = part(name, 0, 4).eq_ignore_ascii_case("utm_");
            if let Some(field) = utm_field(part(name, 4, name.len())).filter(|_| is_utm) {
                arrival.take(&mut touch, field, encoded, landing);
            } else if let Some((rank, row)) = click_row(name)
                && rank < click_rank
                && !encoded.is_empty()
            {
                let value = decode_click_id(encoded);
                if is_macro(&value) {
                    arrival.note("unexpanded_macro");
                    continue;
                }
                // The rest of the rules would take an ad platform's number for a person's.
                let code = scrub::finding(&value, landing.rules, landing.host);
                if code == "redacted_email" {
                    arrival.diagnostics.push(code);
                    continue;
                }
                click_rank = rank;
                click = pieces(row, b' ');
                touch.set(Field::ClickParam as usize, next(&mut click));
                touch.set(Field::ClickPlatform as usize, next(&mut click));
                touch.set(Field::ClickValue as usize, &value);
            }
        }
        arrival.complete(landing, touch, next(&mut click), next(&mut click));
        arrival
    }

    fn take(&mut self, touch: &mut Touch, field: usize, encoded: &str, landing: &Landing<'_>) {
        let decoded = query::decode(encoded);
        let mut value = trim(&decoded);
        if value.is_empty() {
            return;
        }
        if !touch.at(field).is_empty() {
            return self.note("duplicate_parameter");
        }
        if is_macro(value) {
            return self.note("unexpanded_macro");
        }
        let is_ad_id = ID_FIELDS.contains(&field) && scrub::is_number(value);
        // A number's plus, sent unescaped, has become the space in front.
        let code = if is_ad_id {
            ""
        } else {
            scrub::finding(&decoded, landing.rules, landing.host)
        };
        if !code.is_empty() {
            self.diagnostics.push(code);
            value = "redacted";
        } else if query::looks_encoded(value) {
            self.note("double_encoded");
        }
        touch.set(field, value);
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
        let mut medium = click_medium;
        if touch.of(Field::Source).is_empty() {
            let source = if !click_source.is_empty() {
                click_source
            } else if !outside {
                ""
            } else if !known.source.is_empty() {
                known.source
            } else {
                after(&host, "www.").unwrap_or(&host)
            };
            touch.set(Field::Source as usize, source);
            if medium.is_empty() && !source.is_empty() {
                medium = match known.kind {
                    "search" => "organic",
                    "ai" => "ai-assistant",
                    "email" => "email",
                    _ => "referral",
                };
            }
        }
        if touch.of(Field::Medium).is_empty() {
            touch.set(Field::Medium as usize, medium);
        }
        if outside {
            touch.set(Field::Referrer as usize, &host);
        }
        touch.set(Field::At as usize, &landing.at.to_rfc3339());
        touch.set(Field::Page as usize, landing.page);
        let channel = Channel::of(
            touch.of(Field::Source),
            touch.of(Field::Medium),
            touch.of(Field::Campaign),
        );
        touch.set(Field::Channel as usize, channel.name);
        touch.set(Field::Rule as usize, channel.rule);
        self.is_paid = channel.is_paid;
        self.touch = Some(touch);
    }

    #[inline(never)]
    fn note(&mut self, code: &'static str) {
        if !self.diagnostics.contains(&code) {
            self.diagnostics.push(code);
        }
    }
}

impl Touch {
    fn empty() -> Touch {
        let mut fields = Vec::new();
        for _ in NAMES {
            fields.push(String::new());
        }
        Touch(fields)
    }

    /// A field's value; empty when absent.
    pub fn of(&self, field: Field) -> &str {
        self.at(field as usize)
    }

    /// Reads a touch back from storage. Foreign members and types are dropped;
    /// `None` when what is left names no channel.
    pub fn from_value(value: &Value) -> Option<Touch> {
        let mut touch = Touch::empty();
        let click = value.member("click_id").unwrap_or(&Value::Null);
        for (index, name) in NAMES.iter().enumerate() {
            let holder = if (CLICK..AFTER_CLICK).contains(&index) {
                click
            } else {
                value
            };
            touch.set(
                index,
                query::floor(holder.text_of(name), query::MAX_VALUE_BYTES),
            );
        }
        let whole = !touch.of(Field::Channel).is_empty() && !touch.of(Field::At).is_empty();
        whole.then_some(touch)
    }

    /// Writes the touch as events and storage hold it.
    pub fn write(&self, json: &mut Json) {
        let has_click = !self.of(Field::ClickParam).is_empty();
        json.open("{");
        for (index, name) in NAMES.iter().enumerate() {
            if index == CLICK && has_click {
                json.name("click_id");
                json.open("{");
            }
            json.member_if(name, self.at(index));
            if index + 1 == AFTER_CLICK && has_click {
                json.close("}");
            }
        }
        json.close("}");
    }

    #[inline(never)]
    fn at(&self, index: usize) -> &str {
        self.0.get(index).map_or("", String::as_str)
    }

    #[inline(never)]
    fn set(&mut self, index: usize, value: &str) {
        if let Some(slot) = self.0.get_mut(index) {
            slot.clear();
            slot.push_str(value);
        }
    }
}

/// The field that a `utm_` parameter fills.
fn utm_field(key: &str) -> Option<usize> {
    (Field::Source as usize..CLICK).find(|index| {
        NAMES
            .get(*index)
            .is_some_and(|name| name.eq_ignore_ascii_case(key))
    })
}

/// The row of spec/click-ids.json for a parameter, with its rank.
fn click_row(name: &str) -> Option<(usize, &'static str)> {
    pieces(CLICK_IDS, b'\n')
        .enumerate()
        .find(|(_, row)| cut(row, b' ').0.eq_ignore_ascii_case(name))
}

/// A click id as the platform made it: percent-decoded, but a `+` stays a `+`.
fn decode_click_id(encoded: &str) -> String {
    let mut kept = String::new();
    let mut rest = encoded;
    while !rest.is_empty() {
        let (before, after) = cut(rest, b'+');
        kept.push_str(before);
        if before.len() < rest.len() {
            kept.push_str("%2B");
        }
        rest = after;
    }
    query::decode(&kept)
}

/// A placeholder that the ad platform never filled: `{keyword}`, `{{campaign.name}}`, `__CID__`.
fn is_macro(value: &str) -> bool {
    ["{ }", "[ ]", "__ __"].iter().any(|marks| {
        let (open, close) = cut(marks, b' ');
        value.len() > open.len() && after(value, open).is_some() && before(value, close).is_some()
    })
}

/// The host of an http(s) URL, without port and credentials; empty for anything else.
fn host(url: &str) -> &str {
    let Some(rest) = after(url, "https://").or(after(url, "http://")) else {
        return "";
    };
    let (mut host, _) = cut(rest, b'/');
    host = cut(cut(host, b'?').0, b'#').0;
    let (user, at) = cut(host, b'@');
    host = if user.len() < host.len() { at } else { user };
    cut(host, b':').0
}
