//! A schema into the systems that it concerns: owners, systems of record, creators, reporters.
//!
//! Used by `compare`. A definition often names nobody; those who refer to it do.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use crate::plan::fault::step;

/// The systems that a schema names itself.
pub fn systems(schema: &Map<String, Value>) -> BTreeSet<String> {
    let own =
        ["owner", "system_of_record"].map(|name| schema.get("x-touchmark").map(|own| &own[name]));
    let entity = ["created_by", "verified_by", "reported_by"]
        .map(|name| schema.get("x-touchmark-entity").map(|own| &own[name]));
    let named = own.into_iter().chain(entity).flatten();
    named.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// The systems that use each place that something refers to, through definitions in between.
pub fn users(document: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut references = Vec::new();
    gather(document, "", &BTreeSet::new(), &mut references);
    let mut users: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    // Each round carries systems one reference further; none is further away than there are some.
    for _ in 0..references.len().min(MAX_ROUNDS) {
        let mut has_grown = false;
        for (from, target, named) in &references {
            let mut all = named.clone();
            for (place, names) in &users {
                if from == place || from.starts_with(&format!("{place}/")) {
                    all.extend(names.iter().cloned());
                }
            }
            let known = users.entry(target.clone()).or_default();
            let before = known.len();
            known.extend(all);
            has_grown |= known.len() > before;
        }
        if !has_grown {
            break;
        }
    }
    users
}

/// Where references stand, where they lead, and the systems named on the way to them.
fn gather(
    value: &Value,
    at: &str,
    around: &BTreeSet<String>,
    found: &mut Vec<(String, String, BTreeSet<String>)>,
) {
    match value {
        Value::Object(members) => {
            let named: BTreeSet<String> = around.union(&systems(members)).cloned().collect();
            if let Some(target) = members
                .get("$ref")
                .and_then(Value::as_str)
                .and_then(|one| one.strip_prefix('#'))
            {
                found.push((at.to_owned(), target.to_owned(), named.clone()));
            }
            for (name, one) in members {
                gather(one, &step(at, name), &named, found);
            }
        }
        Value::Array(items) => {
            for (index, one) in items.iter().enumerate() {
                gather(one, &step(at, index), around, found);
            }
        }
        _ => {}
    }
}

/// The systems that a schema and those in it name.
pub fn all_systems(schema: &Value) -> BTreeSet<String> {
    match schema {
        Value::Object(members) => {
            let mut all = systems(members);
            all.extend(members.values().flat_map(all_systems));
            all
        }
        Value::Array(items) => items.iter().flat_map(all_systems).collect(),
        _ => BTreeSet::new(),
    }
}

const MAX_ROUNDS: usize = 16;
