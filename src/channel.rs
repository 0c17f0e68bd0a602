//! Source, medium and campaign into the channel that every report uses.
//!
//! After `touch`, before `attribution`. Rules: spec/channels.json (first match wins) over the
//! kinds of spec/referrers.json; vectors: spec/vectors/channel. ASCII case never matters.
//! Not here: choosing source and medium (`touch`).

use crate::generated::tables::{CHANNELS, REFERRERS};
use crate::text::{before, find, next, part, pieces, starts};

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

/// A row of spec/referrers.json.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Referrer {
    /// search, social, video, shopping, ai, email or directory; empty when unknown.
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
            kind: lookup(&source, true).kind,
            medium: medium.to_ascii_lowercase(),
            campaign: campaign.to_ascii_lowercase(),
            source,
        };
        for row in pieces(CHANNELS, b'\n') {
            let cells = &mut pieces(row, b'|');
            let (rule, name, paid) = (next(cells), next(cells), next(cells));
            let holds = |alternative| pieces(alternative, b'&').all(|test| subject.meets(test));
            if pieces(next(cells), b';').any(holds) {
                return Channel {
                    name,
                    rule,
                    is_paid: paid == "paid",
                };
            }
        }
        Channel {
            name: "Unassigned",
            rule: "unassigned",
            is_paid: false,
        }
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
        let value = match test.as_bytes().first() {
            Some(b'k') => self.kind,
            Some(b's') => &self.source,
            Some(b'm') => &self.medium,
            _ => &self.campaign,
        };
        pieces(part(test, 2, test.len()), b',').any(|word| match test.as_bytes().get(1) {
            Some(b'=') => value == word,
            Some(b'*') => find(value, word).is_some(),
            Some(b'$') => before(value, word).is_some(),
            _ if word == "paid" => is_paid(value),
            _ => is_shopping(value),
        })
    }
}

/// `^(.*cp.*|ppc|retargeting|paid.*)$`
fn is_paid(medium: &str) -> bool {
    find(medium, "cp").is_some()
        || medium == "ppc"
        || medium == "retargeting"
        || starts(medium, 0, "paid")
}

/// `^(.*(([^a-df-z]|^)shop|shopping).*)$`: `eshop` and `my-shop`, but not `workshop`.
fn is_shopping(campaign: &str) -> bool {
    let shop = |at: usize| {
        let lead = at
            .checked_sub(1)
            .and_then(|lead| campaign.as_bytes().get(lead));
        starts(campaign, at, "shop")
            && (starts(campaign, at, "shopping")
                || !matches!(lead, Some(b'a'..=b'd' | b'f'..=b'z')))
    };
    (0..campaign.len()).any(shop)
}

/// The row for a referrer's host; the longest domain that fits wins.
pub fn known_host(host: &str) -> Referrer {
    lookup(host, false)
}

/// The row for a host, or for a source as a campaign names it: `google`, `chatgpt.com`.
#[inline(never)]
fn lookup(name: &str, is_source: bool) -> Referrer {
    let mut best = Referrer::default();
    let mut length = 0;
    for line in pieces(REFERRERS, b'\n') {
        let words = &mut pieces(line, b' ');
        let row = Referrer {
            kind: next(words),
            source: next(words),
        };
        if is_source && row.source == name {
            return row;
        }
        for domain in words {
            if domain.len() > length && fits(name, domain) {
                length = domain.len();
                best = row;
            }
        }
    }
    best
}

/// Whether a host is a domain of the table or below it, on a label boundary.
fn fits(host: &str, domain: &str) -> bool {
    let Some(stem) = before(domain, ".*") else {
        return is_below(host, domain);
    };
    // One label (`google.com`), or a country's two (`google.co.uk`), and no more: a stranger
    // may own `google.example.org`.
    let bytes = host.as_bytes();
    let Some(dot) = bytes.iter().rposition(|byte| *byte == b'.') else {
        return false;
    };
    let rest = part(host, 0, dot);
    let second_level = before(rest, ".co").or(before(rest, ".com"));
    is_below(rest, stem)
        || (dot + 3 == host.len() && second_level.is_some_and(|rest| is_below(rest, stem)))
}

#[inline(never)]
fn is_below(host: &str, domain: &str) -> bool {
    before(host, domain).is_some_and(|rest| rest.is_empty() || before(rest, ".").is_some())
}
