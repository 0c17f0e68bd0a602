//! Source, medium and campaign into the channel that every report uses.
//!
//! After `touch`, before `attribution`. Rules: spec/channels.json (first match wins) over the
//! kinds of spec/referrers.json; vectors: spec/vectors/channel. ASCII case never matters.
//! Not here: choosing source and medium (`touch`).

use crate::generated::tables;
use crate::text::{after, before, find, next, part, pieces, starts};

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
pub struct Referrer<'a> {
    /// search, social, video, shopping, ai, email or directory; empty when unknown.
    pub kind: &'a str,
    pub source: &'a str,
}

/// What the core knows by itself: the sources that visitors come from every day. The plan brings
/// more of them; reports and the feature `full` know all.
const CORE: &str = tables::REFERRERS;

impl Channel {
    /// Decides by the ordered rules. `more` are the rows of referrers that the plan brings.
    ///
    /// Source: GA4's default channel group, support.google.com/analytics/answer/9756891.
    pub fn of(more: &str, source: &str, medium: &str, campaign: &str) -> Channel {
        Channel::by(&[CORE, more], source, medium, campaign)
    }

    /// The channel that reports show for a touch of any page: the same rules over every row of
    /// spec/referrers.json. A source that a page took from a host it did not know is looked up
    /// again. Whether it was paid never changes by that.
    #[cfg(not(target_arch = "wasm32"))]
    pub fn reported(source: &str, medium: &str, campaign: &str, referrer: &str) -> Channel {
        let all = &[CORE, tables::PLAN_REFERRERS, tables::MORE_REFERRERS];
        let host = after(referrer, "www.").unwrap_or(referrer);
        if source == host && medium == "referral" {
            let known = lookup(all, host, false);
            if !known.source.is_empty() {
                return Channel::by(all, known.source, known.medium(), campaign);
            }
        }
        Channel::by(all, source, medium, campaign)
    }

    fn by(tables: &[&str], source: &str, medium: &str, campaign: &str) -> Channel {
        let source = source.to_ascii_lowercase();
        let subject = Subject {
            kind: lookup(tables, &source, true).kind,
            medium: medium.to_ascii_lowercase(),
            campaign: campaign.to_ascii_lowercase(),
            source,
        };
        for row in pieces(tables::CHANNELS, b'\n') {
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

struct Subject<'a> {
    kind: &'a str,
    source: String,
    medium: String,
    campaign: String,
}

impl Subject<'_> {
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

impl Referrer<'_> {
    /// The medium of a visit that says nothing else.
    pub fn medium(self) -> &'static str {
        match self.kind {
            "search" => "organic",
            "ai" => "ai-assistant",
            "email" => "email",
            _ => "referral",
        }
    }
}

/// The row for a referrer's host; the longest domain that fits wins.
pub fn known_host<'a>(more: &'a str, host: &str) -> Referrer<'a> {
    lookup(&[CORE, more], host, false)
}

/// The row for a source as a campaign or a click id names it: `google`, `fb`, `chatgpt.com`.
pub fn known_source<'a>(more: &'a str, source: &str) -> Referrer<'a> {
    lookup(&[CORE, more], source, true)
}

/// Rows stand in groups of a kind; in a row the source comes first, then other names of it
/// (words without a dot, for campaigns) and domains.
#[inline(never)]
fn lookup<'a>(tables: &[&'a str], name: &str, is_source: bool) -> Referrer<'a> {
    let mut best = Referrer::default();
    let mut left = usize::MAX;
    for group in tables.iter().flat_map(|table| pieces(table, b'\n')) {
        let rows = &mut pieces(group, b';');
        let kind = next(rows);
        for row in rows {
            let words = &mut pieces(row, b' ');
            let source = next(words);
            let row = Referrer { kind, source };
            if is_source && source == name {
                return row;
            }
            for word in words {
                if is_source && word == name {
                    return row;
                }
                if let Some(rest) = fits(name, source, word)
                    && rest < left
                {
                    left = rest;
                    best = row;
                }
            }
        }
    }
    best
}

/// How much of a host stands before a domain of the table; `None` when it does not end in it.
///
/// A domain matches on label boundaries. `=` in front: nothing but `www.` or `m.` may stand
/// before it, since a portal's other hosts are other things. One that is only a suffix (`.com`)
/// follows the row's source.
fn fits(host: &str, source: &str, domain: &str) -> Option<usize> {
    let exact = after(domain, "=");
    let domain = exact.unwrap_or(domain);
    let ends = |host: &str, name: &str| {
        let rest = before(host, name)?;
        let is_whole = match rest {
            "" | "www." | "m." => true,
            _ => exact.is_none() && before(rest, ".").is_some(),
        };
        is_whole.then_some(rest.len())
    };
    let Some(stem) = before(domain, ".*") else {
        return match after(domain, ".") {
            Some(_) => ends(before(host, domain)?, source),
            None => ends(host, domain),
        };
    };
    let stem = if stem.is_empty() { source } else { stem };
    // One label (`google.com`), or a country's two (`google.co.uk`), and no more: a stranger
    // may own `google.example.org`.
    let dot = host.bytes().rposition(|byte| byte == b'.')?;
    let rest = part(host, 0, dot);
    ends(rest, stem).or_else(|| {
        let second_level = before(rest, ".co").or(before(rest, ".com"))?;
        if dot + 3 == host.len() {
            ends(second_level, stem)
        } else {
            None
        }
    })
}

/// Whether a host is a domain or below it, on a label boundary.
#[inline(never)]
pub fn is_below(host: &str, domain: &str) -> bool {
    before(host, domain).is_some_and(|rest| rest.is_empty() || before(rest, ".").is_some())
}
