//! Events that a collector kept, as reports ask for them.
//!
//! From the collector's SQLite file, which may be in use, or from what its operator's address
//! exports. For `reconcile` and `report`. Not here: judging events; the collector has.

mod day;
mod read;

pub use day::{Day, day, in_order, percent};
pub use read::read;

use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

/// One stored event.
#[derive(Clone, Debug)]
pub struct Event {
    pub id: String,
    /// Last part of its type, such as `form_submit`.
    pub kind: String,
    pub time: String,
    pub verdict: String,
    pub is_good: bool,
    /// Why it is bad, by keyword and place.
    pub reasons: Vec<(String, String)>,
    pub data: Value,
}

impl Event {
    /// Makes sense of a stored body and what the collector noted beside it.
    pub fn new(body: &Value, state: &str, reasons: &Value) -> Option<Self> {
        let text = |name: &str| body[name].as_str().unwrap_or_default().to_owned();
        let kind = text("type");
        let data = body["data"].clone();
        let places = |list: &Value| -> Vec<(String, String)> {
            let all = list.as_array().into_iter().flatten();
            all.map(|one| {
                let of = |name: &str| one[name].as_str().unwrap_or_default().to_owned();
                (of("keyword"), of("instance"))
            })
            .collect()
        };
        let mut why = places(reasons);
        why.extend(places(&data["validation"]["violations"]));
        Some(Self {
            id: text("id"),
            kind: kind.rsplit('.').next().unwrap_or_default().to_owned(),
            time: text("time"),
            verdict: data["validation"]["verdict"]
                .as_str()
                .unwrap_or_default()
                .to_owned(),
            is_good: state == "good",
            reasons: why,
            data,
        })
        .filter(|event| !event.id.is_empty() && !event.kind.is_empty())
    }

    /// `2026-11-22`, by the event's own clock.
    pub fn day(&self) -> &str {
        self.time.get(..10).unwrap_or_default()
    }

    pub fn page(&self) -> &str {
        self.data["page"]["id"].as_str().unwrap_or("")
    }

    /// The id of the form in the plan; empty for events of no form.
    pub fn form(&self) -> &str {
        self.data["form"]["id"].as_str().unwrap_or("")
    }

    /// A member of the last touch: `campaign`, `id`, `channel`.
    pub fn touch(&self, name: &str) -> &str {
        self.data["attribution"]["last"][name]
            .as_str()
            .unwrap_or("")
    }

    /// A hashed field of the form.
    pub fn field(&self, name: &str) -> &str {
        self.data["form"]["fields"][name].as_str().unwrap_or("")
    }

    pub fn outcome(&self) -> &str {
        self.data["form"]["outcome"].as_str().unwrap_or("")
    }
}

/// The submissions that count as leads: outcome not failed, no failed result, not tried again.
///
/// Source: spec/event.schema.json, description of `form_submit`.
pub fn leads(events: &[Event]) -> Vec<&Event> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    let mut failed: BTreeSet<String> = BTreeSet::new();
    // By time, since the first result wins.
    let mut results: BTreeMap<String, (&str, String)> = BTreeMap::new();
    for event in events {
        match event.kind.as_str() {
            "form_result" => {
                let of = text(&event.data["form"]["submission"]);
                let known = results.get(&of);
                if known.is_none_or(|(time, _)| event.time.as_str() < *time) {
                    results.insert(of, (&event.time, event.outcome().to_owned()));
                }
            }
            "form_submit" => {
                failed.insert(text(&event.data["form"]["retry_of"]));
            }
            _ => {}
        }
    }
    failed.extend(
        results
            .into_iter()
            .filter(|(_, (_, outcome))| outcome == "failed")
            .map(|(id, _)| id),
    );
    let is_lead = |event: &&Event| {
        event.kind == "form_submit" && event.outcome() != "failed" && !failed.contains(&event.id)
    };
    events.iter().filter(is_lead).collect()
}
