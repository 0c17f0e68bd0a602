//! Which captured lead is which record: by event id, then by hashed e-mail plus phone.

use std::collections::HashMap;

use super::crm::Row;
use crate::captured::Event;

/// How two were found to be one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    Id,
    /// E-mail and phone.
    Keys,
    /// One of the two, the other missing on a side.
    OneKey,
}

/// A lead and a record, by their places in the lists.
#[derive(Clone, Copy, Debug)]
pub struct Pair {
    pub lead: usize,
    pub row: usize,
    pub by: By,
}

/// Every record in at most one pair; a lead may be in several, which are duplicates then.
pub fn pair(leads: &[&Event], rows: &[Row]) -> Vec<Pair> {
    let mut pairs = Vec::new();
    let mut is_paired = vec![false; rows.len()];
    let mut is_found = vec![false; leads.len()];
    let by_id: HashMap<&str, usize> = leads
        .iter()
        .enumerate()
        .map(|(at, lead)| (lead.id.as_str(), at))
        .collect();
    for (row, one) in rows.iter().enumerate() {
        if let Some(lead) = by_id.get(one.id.as_str()).copied() {
            pairs.push(Pair {
                lead,
                row,
                by: By::Id,
            });
            (is_paired[row], is_found[lead]) = (true, true);
        }
    }
    let mut by_key: HashMap<&str, Vec<usize>> = HashMap::new();
    for (at, lead) in leads.iter().enumerate() {
        for name in ["email", "phone"] {
            if !lead.field(name).is_empty() {
                by_key.entry(lead.field(name)).or_default().push(at);
            }
        }
    }
    for (row, one) in rows.iter().enumerate() {
        // A record with an id of ours that nobody captured is missing, not somebody else's.
        if is_paired[row] {
            continue;
        }
        let keys = one.emails.iter().chain(&one.phones);
        let mut near: Vec<usize> = keys
            .filter_map(|key| by_key.get(key.as_str()))
            .flatten()
            .copied()
            .collect();
        near.sort_unstable();
        near.dedup();
        let matches = near
            .into_iter()
            .filter_map(|lead| Some((lead, likeness(leads[lead], one)?)));
        // Both keys before one, then leads that have no record yet, then the nearest in time.
        let best = matches.min_by_key(|(lead, by)| {
            (
                *by != By::Keys,
                is_found[*lead],
                distance(&leads[*lead].time, &one.created),
            )
        });
        if let Some((lead, by)) = best {
            pairs.push(Pair { lead, row, by });
            (is_paired[row], is_found[lead]) = (true, true);
        }
    }
    pairs
}

fn likeness(lead: &Event, row: &Row) -> Option<By> {
    // `None` where a side has no such key.
    let same = |name: &str, known: &[String]| {
        let own = lead.field(name);
        (!own.is_empty() && !known.is_empty()).then(|| known.iter().any(|one| one == own))
    };
    match (same("email", &row.emails), same("phone", &row.phones)) {
        (Some(true), Some(true)) => Some(By::Keys),
        (Some(true), None) | (None, Some(true)) => Some(By::OneKey),
        _ => None,
    }
}

/// How far two days are apart, roughly; texts that are no dates are far away.
fn distance(one: &str, other: &str) -> i64 {
    let days = |text: &str| -> Option<i64> {
        let part = |range: std::ops::Range<usize>| text.get(range)?.parse::<i64>().ok();
        Some(part(0..4)? * 372 + part(5..7)? * 31 + part(8..10)?)
    };
    match (days(one), days(other)) {
        (Some(one), Some(other)) => (one - other).abs(),
        _ => i64::MAX,
    }
}
