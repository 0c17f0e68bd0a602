//! Source, medium and campaign into the channel that every report uses.
//!
//! After `touch`, before `attribution`. Rules: spec/channels.json (first match wins) over the
//! kinds of spec/referrers.json; vectors: spec/vectors/channel. ASCII case never matters.
//! Not here: choosing source and medium (`touch`).

use crate::generated::tables::{CHANNELS, REFERRERS};

/// What the rules decided.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Channel {
    /// The channel's name as reports show it, such as `Paid Search`.
    pub name: &'static str,
    /// The rule that held, such as `paid_search`; `unassigned` when none did.
    pub rule: &'static str,
    /// Whether the channel is bought traffic.
    pub is_paid: bool,
}

const UNASSIGNED: Channel = Channel {
    name: "Unassigned",
    rule: "unassigned",
    is_paid: false,
};

/// A row of spec/referrers.json.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Referrer {
    /// search, social, video, shopping, ai, email or directory.
    pub kind: &'static str,
    pub source: &'static str,
}

impl Channel {
    /// Decides by the ordered rules.
    ///
    /// Source: GA4's default channel group, support.google.com/analytics/answer/9756891.
    pub fn of(source: &str, medium: &str, campaign: &str) -> Channel {
        let source = source.to_ascii_lowercase();
        let subject = Subject {
            kind: known_source(&source).map_or("", |row| row.kind),
            medium: medium.to_ascii_lowercase(),
            campaign: campaign.to_ascii_lowercase(),
            source,
        };
        for row in CHANNELS.lines() {
            let mut cells = row.split('|');
            let mut next = || cells.next().unwrap_or("");
            let (rule, name, paid, alternatives) = (next(), next(), next(), next());
            let holds = |alternative: &str| alternative.split('&').all(|test| subject.meets(test));
            if alternatives.split(';').any(holds) {
                return Channel {
                    name,
                    rule,
                    is_paid: !paid.is_empty(),
                };
            }
        }
        UNASSIGNED
    }
}

struct Subject {
    kind: &'static str,
    source: String,
    medium: String,
    campaign: String,
}

impl Subject {
    /// Judges one test such as `m=cpc,ppc`: subject, operator, words.
    fn meets(&self, test: &str) -> bool {
        let (subject, words) = (test.get(..2).unwrap_or(""), test.get(2..).unwrap_or(""));
        let value = match subject.as_bytes().first() {
            Some(b'k') => self.kind,
            Some(b's') => &self.source,
            Some(b'm') => &self.medium,
            _ => &self.campaign,
        };
        match subject.as_bytes().last() {
            Some(b'=') => words.split(',').any(|word| value == word),
            Some(b'*') => words.split(',').any(|word| contains(value, word)),
            Some(b'$') => words.split(',').any(|word| value.ends_with(word)),
            _ if words == "paid" => is_paid(value),
            _ => is_shopping(value),
        }
    }
}

/// `^(.*cp.*|ppc|retargeting|paid.*)$`
fn is_paid(medium: &str) -> bool {
    contains(medium, "cp")
        || medium == "ppc"
        || medium == "retargeting"
        || medium.starts_with("paid")
}

/// `^(.*(([^a-df-z]|^)shop|shopping).*)$`: `eshop` and `my-shop`, but not `workshop`.
fn is_shopping(campaign: &str) -> bool {
    let bytes = campaign.as_bytes();
    contains(campaign, "shopping")
        || campaign.starts_with("shop")
        || bytes.windows(5).any(|five| match five {
            [before, b's', b'h', b'o', b'p'] => !matches!(before, b'a'..=b'd' | b'f'..=b'z'),
            _ => false,
        })
}

/// The row for a referrer's host; the longest domain that fits wins.
pub fn known_host(host: &str) -> Option<Referrer> {
    longest(|domain| fits(host, domain))
}

/// The row for a source as a campaign names it: `google`, or a domain such as `chatgpt.com`.
fn known_source(source: &str) -> Option<Referrer> {
    rows()
        .find(|(row, _)| row.source == source)
        .map(|(row, _)| row)
        .or_else(|| known_host(source))
}

fn rows() -> impl Iterator<Item = (Referrer, core::str::Split<'static, char>)> {
    REFERRERS.lines().filter_map(|line| {
        let mut words = line.split(' ');
        let (kind, source) = (words.next()?, words.next()?);
        Some((Referrer { kind, source }, words))
    })
}

fn longest(fits: impl Fn(&str) -> bool) -> Option<Referrer> {
    let mut best = None;
    let mut length = 0;
    for (row, domains) in rows() {
        for domain in domains {
            if domain.len() > length && fits(domain) {
                length = domain.len();
                best = Some(row);
            }
        }
    }
    best
}

/// Whether a host is a domain of the table or below it, on a label boundary.
fn fits(host: &str, domain: &str) -> bool {
    match domain.strip_suffix(".*") {
        None => is_below(host, domain),
        // One label (`google.com`), or a country's two (`google.co.uk`), and no more: a stranger
        // may own `google.example.org`.
        Some(stem) => {
            let Some((rest, country)) = host.rsplit_once('.') else {
                return false;
            };
            let second_level = rest
                .strip_suffix(".co")
                .or_else(|| rest.strip_suffix(".com"));
            is_below(rest, stem)
                || second_level.is_some_and(|rest| country.len() == 2 && is_below(rest, stem))
        }
    }
}

fn is_below(host: &str, domain: &str) -> bool {
    host.strip_suffix(domain)
        .is_some_and(|rest| rest.is_empty() || rest.ends_with('.'))
}

/// As `str::contains`, without that method's two-way searcher: 1 kB less wasm.
fn contains(text: &str, word: &str) -> bool {
    let word = word.as_bytes();
    text.as_bytes()
        .windows(word.len().max(1))
        .any(|window| window == word)
}
