//! A landing's query and referrer into a [`Touch`]: one attributable arrival, whole.
//!
//! After `query`, with `channel`; before `attribution`. Pure: no clock, no storage.
//! Rules: spec/click-ids.json and spec/referrers.json (order is priority); vectors:
//! spec/vectors/touch. Not here: keeping touches, consent.

use crate::channel::{self, Channel, is_below};
use crate::generated::tables::CLICK_IDS;
use crate::query;
use crate::schema::Host;
use crate::scrub;
use crate::text::{Pieces, after, before, cut, find, next, part, pieces, trim};
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

/// A longer host is none that a browser could ask.
const MAX_HOST_BYTES: usize = 255;
/// More than the tables have rows.
const UNPROVEN: usize = 1000;

/// A longer click id is none: cut short it would name another click, or nobody's.
/// Source: Meta's Parameter Builder drops an fbclid of more than 500 characters.
pub const MAX_CLICK_ID_BYTES: usize = 500;

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
    /// The page's own origin: what comes from its host, or from below it, starts nothing.
    pub origin: &'a str,
    /// The page's declared id.
    pub page: &'a str,
    pub host: &'a dyn Host,
    /// The plan's rules of what must not leave.
    pub secrets: &'a [Value],
    /// What the plan says about attribution; `Null` for nothing.
    pub rules: &'a Value,
    /// A step within the site, such as a single-page route.
    pub is_step: bool,
}

/// What a landing turned out to be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Arrival {
    /// `None` is a direct visit, or a step within the site.
    pub touch: Option<Touch>,
    pub is_paid: bool,
    /// The visitor comes from the site itself, or from a host that the plan counts to it. Then a
    /// touch is a campaign that stands in the address; it may be the one that is known already.
    pub is_own: bool,
    /// What was odd, as stable codes, each once: `unexpanded_macro`, `double_encoded`,
    /// `duplicate_parameter`; and one code for each redaction, so that they can be counted:
    /// `redacted_email`, `redacted_phone`, `redacted_ssn`, `redacted_card`. Also `oversized_click_id`.
    pub diagnostics: Vec<&'static str>,
}

impl Arrival {
    /// Reads the touch that a landing carries.
    ///
    /// Parameter names match case-insensitively, an `amp;` that a mail's HTML left in front and
    /// a second `?` are dropped. Values stay as sent, decoded once and cut at
    /// [`query::MAX_VALUE_BYTES`]; the first non-empty one of a name wins, and `utm_` wins over
    /// the names that the plan maps. A click id keeps its `+` (form decoding would make it a
    /// space), and is left out when it is too long to be kept whole. Where the campaign says no
    /// source or medium, a click id that proves a paid click does, then the referrer, then any
    /// other click id.
    ///
    /// Source: GA4 URL builders (utm names), WHATWG URL §5.1, spec/click-ids.json.
    pub fn of(landing: &Landing<'_>) -> Arrival {
        let mut arrival = Arrival {
            touch: None,
            is_paid: false,
            is_own: false,
            diagnostics: Vec::new(),
        };
        let names = landing.rules.member("parameters").unwrap_or(&Value::Null);
        let tables = [CLICK_IDS, landing.rules.text_of("click_ids")];
        let mut touch = Touch::empty();
        let mut mapped = Touch::empty();
        // The ranks of the row that decides, and of the click id that is kept.
        let (mut first, mut kept) = (usize::MAX, usize::MAX);
        let mut row = pieces("", b' ');
        let mut is_foreign = false;
        for param in query::params(landing.query) {
            let (name, encoded) = cut(param, b'=');
            let name = query::decode(query::floor(name, 64), b' ');
            let mut name = name.as_str();
            while let Some(rest) = after(name, "amp;").or(after(name, "?")) {
                name = rest;
            }
            let is_utm = part(name, 0, 4).eq_ignore_ascii_case("utm_");
            if let Some(field) = campaign_field(part(name, 4, name.len())).filter(|_| is_utm) {
                arrival.take(&mut touch, field, encoded, landing);
            } else if let Some((_, field)) =
                names.members().iter().find(|(known, _)| same(known, name))
                && let Some(field) = campaign_field(field.as_text().unwrap_or(""))
            {
                arrival.take(&mut mapped, field, encoded, landing);
            } else if same(name, "gclsrc") {
                is_foreign = encoded == "3p.ds";
            } else if let Some((rank, mut words)) = click_row(&tables, name)
                && let Some(value) = arrival.click_id(encoded, landing)
            {
                let cells = words;
                let param = next(&mut words);
                let platform = next(&mut words);
                if rank < first {
                    first = rank;
                    row = cells;
                }
                if rank < kept && platform != "-" {
                    kept = rank;
                    touch.set(Field::ClickParam as usize, param);
                    touch.set(Field::ClickPlatform as usize, platform);
                    touch.set(Field::ClickValue as usize, &value);
                }
            }
        }
        for field in Field::Source as usize..CLICK {
            if touch.at(field).is_empty() {
                touch.set(field, mapped.at(field));
            }
        }
        let param = next(&mut row);
        next(&mut row);
        let (mut source, mut medium) = (known(next(&mut row)), next(&mut row));
        // Search Ads 360 also gives gclids to clicks on other engines' ads.
        if is_foreign && param == "gclid" {
            source = "";
            medium = "cpc";
            touch.set(Field::ClickPlatform as usize, "search_ads_360");
        }
        arrival.complete(landing, touch, first < usize::MAX, source, medium);
        arrival
    }

    fn take(&mut self, touch: &mut Touch, field: usize, encoded: &str, landing: &Landing<'_>) {
        let decoded = query::decode(encoded, b' ');
        let mut value = trim(&decoded);
        if value.is_empty() {
            return;
        }
        if !touch.at(field).is_empty() {
            return self.note("duplicate_parameter");
        }
        // `%%CAMPAIGN%%` and `%eaid!` hold what reads as an escape.
        if self.is_macro(value) || find(value, "\u{fffd}").is_some() && self.is_macro(encoded) {
            return;
        }
        let is_ad_id =
            ID_FIELDS.contains(&field) && scrub::is_number(value) && after(encoded, "+").is_none();
        // A number's plus, sent unescaped, has become the space in front.
        let code = if is_ad_id {
            ""
        } else {
            scrub::finding(&decoded, landing.secrets, landing.host)
        };
        if !code.is_empty() {
            self.diagnostics.push(code);
            value = "redacted";
        } else if query::looks_encoded(value) {
            self.note("double_encoded");
        }
        touch.set(field, value);
    }

    /// A click id as the platform made it: percent-decoded, but a `+` stays a `+`, and what is
    /// no UTF-8 stays as it was sent.
    fn click_id(&mut self, encoded: &str, landing: &Landing<'_>) -> Option<String> {
        let mut value = query::decode(encoded, b'+');
        if find(&value, "\u{fffd}").is_some() {
            value = String::from(encoded);
        }
        if value.len() > MAX_CLICK_ID_BYTES {
            self.note("oversized_click_id");
            return None;
        }
        // The rest of the rules would take an ad platform's number for a person's.
        let code = scrub::finding(&value, landing.secrets, landing.host);
        if code == "redacted_email" {
            self.diagnostics.push(code);
            return None;
        }
        (!trim(&value).is_empty() && !self.is_macro(&value)).then_some(value)
    }

    /// Whether a value is a placeholder that the ad platform never filled (`{keyword}`,
    /// `{{campaign.name}}`, `__CID__`, `%%SITE%%`); one inside of a value is told, and stays.
    fn is_macro(&mut self, value: &str) -> bool {
        let marks = &mut pieces("{ } [ ] __ __ _ _ %% %% % ! *| |* ${ } <% %>", b' ');
        let mut is_whole = false;
        while let Some(open) = marks.next() {
            let close = next(marks);
            is_whole |= after(value, open).and_then(|rest| before(rest, close))
                // `[US] Brand [Exact]` is a name that somebody gave.
                .is_some_and(|inside| find(cut(inside, b']').1, "[").is_none())
                // `_CLICKID_`, but not a name that somebody likes to write so.
                && (open != "_" || !value.bytes().any(|byte| byte.is_ascii_lowercase()));
        }
        if is_whole || find(cut(value, b'{').1, "}").is_some() {
            self.note("unexpanded_macro");
        }
        is_whole
    }

    /// Fills source and medium where the campaign left them open, then asks for the channel.
    fn complete(
        &mut self,
        landing: &Landing<'_>,
        mut touch: Touch,
        is_tagged: bool,
        click_source: &str,
        click_medium: &str,
    ) {
        let host = query::floor(host(landing.referrer), MAX_HOST_BYTES).to_ascii_lowercase();
        let own = self::host(landing.origin).to_ascii_lowercase();
        let own = after(&own, "www.").unwrap_or(&own);
        let mut excluded = pieces(landing.rules.text_of("exclude"), b' ');
        let base = after(&host, "www.").unwrap_or(&host);
        self.is_own = landing.is_step
            || is_below(&host, own)
            || (!host.is_empty() && is_below(own, base))
            || excluded.any(|domain| is_below(&host, domain));
        let outside = !self.is_own && !host.is_empty();
        if !outside && !is_tagged && touch.0.iter().all(String::is_empty) {
            return;
        }
        let more = landing.rules.text_of("referrers");
        let mut medium = click_medium;
        if touch.of(Field::Source).is_empty() {
            let known = channel::known_host(more, &host);
            let source = if !click_source.is_empty() && (!medium.is_empty() || !outside) {
                click_source
            } else if !outside {
                ""
            } else if !known.source.is_empty() {
                known.source
            } else {
                base
            };
            touch.set(Field::Source as usize, source);
            if medium.is_empty() && !source.is_empty() {
                medium = channel::known_source(more, source).medium();
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
            more,
            touch.of(Field::Source),
            touch.of(Field::Medium),
            touch.of(Field::Campaign),
        );
        if channel.rule == "direct" {
            return;
        }
        let names = landing.rules.member("channels").unwrap_or(&Value::Null);
        let name = names.text_of(channel.name);
        touch.set(
            Field::Channel as usize,
            if name.is_empty() { channel.name } else { name },
        );
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

    /// Whether all that another touch says of its campaign is said here too: a link within the site
    /// that carries the landing's parameters on is no new arrival.
    pub fn covers(&self, other: &Touch) -> bool {
        (Field::Source as usize..AFTER_CLICK)
            .all(|index| other.at(index).is_empty() || other.at(index) == self.at(index))
    }

    /// Reads a touch back from storage. Foreign members and types are dropped;
    /// `None` when what is left names no channel, or no moment.
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
        if !touch.has_click() {
            for index in CLICK..AFTER_CLICK {
                touch.set(index, "");
            }
        }
        let whole = !touch.of(Field::Channel).is_empty() && is_instant(touch.of(Field::At));
        whole.then_some(touch)
    }

    /// Writes the touch as events and storage hold it.
    pub fn write(&self, json: &mut Json) {
        let has_click = self.has_click();
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

    /// Whether there is a click id, with all its parts.
    fn has_click(&self) -> bool {
        (CLICK..AFTER_CLICK).all(|index| !self.at(index).is_empty())
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

/// The field that a campaign parameter fills, by its name without `utm_`.
fn campaign_field(key: &str) -> Option<usize> {
    (Field::Source as usize..CLICK)
        .find(|index| NAMES.get(*index).is_some_and(|name| same(name, key)))
}

/// The row of a parameter in the tables of click ids, with its rank; a `*` at the end of a row's
/// name stands for anything.
#[inline(never)]
fn click_row<'a>(tables: &[&'a str], name: &str) -> Option<(usize, Pieces<'a>)> {
    let mut rank = 0;
    for table in tables {
        for row in pieces(table, b'\n') {
            let words = pieces(row, b' ');
            let param = next(&mut { words });
            let is_it = match before(param, "*") {
                Some(stem) => same(part(name, 0, stem.len()), stem),
                None => same(name, param),
            };
            if is_it {
                // What proves nothing comes after what does.
                let after = if { words }.nth(3).is_some() {
                    0
                } else {
                    UNPROVEN
                };
                return Some((rank + after, words));
            }
            rank += 1;
        }
    }
    None
}

/// The host of an http(s) URL without port and credentials, or an Android app's name; empty for
/// anything else.
fn host(url: &str) -> &str {
    let web = after(url, "https://").or(after(url, "http://"));
    let Some(rest) = web.or(after(url, "android-app://")) else {
        return "";
    };
    let (mut host, _) = cut(rest, b'/');
    host = cut(cut(host, b'?').0, b'#').0;
    let (user, at) = cut(host, b'@');
    host = if user.len() < host.len() { at } else { user };
    if host.starts_with('[') {
        return part(host, 0, cut(host, b']').0.len() + 1);
    }
    host = cut(host, b':').0;
    before(host, ".").unwrap_or(host)
}

/// Whether a text has the shape of a timestamp: `2026-11-22T17:40:45.123Z`.
fn is_instant(text: &str) -> bool {
    let shape = b"0000-00-00T00:00:00.000Z";
    text.len() == shape.len()
        && text.bytes().zip(shape).all(|(byte, like)| match like {
            b'0' => byte.is_ascii_digit(),
            _ => byte == *like,
        })
}

/// A cell of a table that may be empty, written `-`.
fn known(cell: &str) -> &str {
    if cell == "-" { "" } else { cell }
}

#[inline(never)]
fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b)
}
