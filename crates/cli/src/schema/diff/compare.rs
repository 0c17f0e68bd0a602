//! Two versions of a schema into their changes, each with its class and the step that it asks for.
//!
//! Keyword by keyword, in place: a definition is compared where it stands, not where it is used. What
//! can't be told to be wider counts as narrower. Not here: which version follows.

use std::collections::{BTreeMap, BTreeSet};

use serde_json::{Map, Value};

use super::change::{Change, Class, Step};
use super::systems::{self, all_systems, systems};
use crate::plan::fault::step;
use crate::plan::shared::{CONTRACTS, LISTS, MAPS, SINGLES};

/// The changes from one version to the next, in the order of the new one.
pub fn changes(old: &Value, new: &Value) -> Vec<Change> {
    let mut users = systems::users(old);
    for (target, names) in systems::users(new) {
        users.entry(target).or_default().extend(names);
    }
    let mut comparison = Comparison {
        new,
        changes: Vec::new(),
        systems: Vec::new(),
        users,
    };
    comparison.schema(old, new, "");
    comparison.changes
}

struct Comparison<'a> {
    /// The later schema, for what its parts refer to.
    new: &'a Value,
    changes: Vec<Change>,
    /// Those named by each schema on the way down.
    systems: Vec<BTreeSet<String>>,
    /// The systems of whatever refers to a place, by the place.
    users: BTreeMap<String, BTreeSet<String>>,
}

impl Comparison<'_> {
    fn schema(&mut self, old: &Value, new: &Value, at: &str) {
        if old == new {
            return;
        }
        let (Value::Object(was), Value::Object(is)) = (old, new) else {
            return self.note(
                Class::Breaking,
                Step::Model,
                at,
                "is another schema".to_owned(),
            );
        };
        let mut named: BTreeSet<String> = systems(was).union(&systems(is)).cloned().collect();
        named.extend(self.users.get(at).into_iter().flatten().cloned());
        self.systems.push(named);
        let gone = was.keys().filter(|keyword| !is.contains_key(*keyword));
        let keywords: Vec<&String> = is.keys().chain(gone).collect();
        for keyword in keywords {
            let (before, after) = (was.get(keyword), is.get(keyword));
            if before != after {
                self.keyword(keyword, before, after, (was, is), &step(at, keyword));
            }
        }
        self.systems.pop();
    }

    fn keyword(
        &mut self,
        keyword: &str,
        was: Option<&Value>,
        is: Option<&Value>,
        around: (&Map<String, Value>, &Map<String, Value>),
        at: &str,
    ) {
        use Class::{Breaking, Compatible, NeedsAttention};
        use Step::{Addition, Model, Revision};
        match keyword {
            // The version itself, and what no reader acts on.
            "$id" | "$schema" | "$comment" | "examples" | "default" => {}
            "title" | "description" | "deprecated" => {
                self.note(
                    NeedsAttention,
                    Addition,
                    at,
                    "is worded otherwise: has the meaning changed?".into(),
                );
            }
            "properties" | "$defs" | "dependentSchemas" | "patternProperties" => {
                self.named(keyword, was, is, around, at);
            }
            "x-touchmark" => self.annotation(was, is, at),
            _ if keyword.starts_with("x-") => {
                self.note(
                    NeedsAttention,
                    Addition,
                    at,
                    format!("{} → {}", short(was), short(is)),
                );
            }
            "required" => {
                let (was, is) = (texts(was), texts(is));
                for name in is.difference(&was) {
                    self.note(Breaking, Revision, at, format!("`{name}` is required now"));
                }
                for name in was.difference(&is) {
                    self.note(
                        NeedsAttention,
                        Addition,
                        at,
                        format!("`{name}` is no longer required: readers must do without"),
                    );
                }
            }
            "enum" => {
                let list = |values: Option<&Value>| {
                    values
                        .and_then(Value::as_array)
                        .cloned()
                        .unwrap_or_default()
                };
                let (had, has) = (list(was), list(is));
                if was.is_none() || is.is_none() {
                    return self.bound(was.is_none(), keyword, at);
                }
                for value in has.iter().filter(|value| !had.contains(value)) {
                    self.note(Compatible, Addition, at, format!("{value} may be said now"));
                }
                for value in had.iter().filter(|value| !has.contains(value)) {
                    self.note(
                        Breaking,
                        Revision,
                        at,
                        format!("{value} may no longer be said"),
                    );
                }
            }
            "type" => {
                let (was, is) = (types(was), types(is));
                let (narrower, wider) = (is.is_subset(&was), was.is_subset(&is));
                let what = format!("{} → {}", join(&was), join(&is));
                match (narrower, wider) {
                    (_, true) => self.note(
                        NeedsAttention,
                        Addition,
                        at,
                        format!("{what}: readers meet more types"),
                    ),
                    (true, _) => self.note(Breaking, Revision, at, what),
                    _ => self.note(Breaking, Model, at, what),
                }
            }
            "const" => self.note(
                Breaking,
                Model,
                at,
                format!("{} → {}", short(was), short(is)),
            ),
            "minimum" | "exclusiveMinimum" | "minLength" | "minItems" | "minProperties"
            | "minContains" => {
                self.limit(was, is, true, at);
            }
            "maximum" | "exclusiveMaximum" | "maxLength" | "maxItems" | "maxProperties"
            | "maxContains" => {
                self.limit(was, is, false, at);
            }
            "additionalProperties" | "unevaluatedProperties" | "unevaluatedItems" => {
                match (was, is) {
                    (Some(Value::Bool(false)), _) => self.note(
                        NeedsAttention,
                        Addition,
                        at,
                        "more may be said now: what leaves a page?".into(),
                    ),
                    (None | Some(Value::Bool(true)), Some(_)) => {
                        self.note(Breaking, Revision, at, "less may be said now".into())
                    }
                    (Some(was @ Value::Object(_)), Some(is @ Value::Object(_))) => {
                        self.schema(was, is, at)
                    }
                    _ => self.bound(!matches!(is, None | Some(Value::Bool(true))), keyword, at),
                }
            }
            "$ref" | "$dynamicRef" => {
                self.note(
                    Breaking,
                    Revision,
                    at,
                    format!("{} → {}: another rule holds", short(was), short(is)),
                );
            }
            "$anchor" | "$dynamicAnchor" => {
                self.note(
                    Breaking,
                    Model,
                    at,
                    format!("{} → {}: `dataschema` names it", short(was), short(is)),
                );
            }
            "anyOf" | "oneOf" | "allOf" | "prefixItems" => {
                let list = |values: Option<&Value>| {
                    values
                        .and_then(Value::as_array)
                        .cloned()
                        .unwrap_or_default()
                };
                let (had, has) = (list(was), list(is));
                if LISTS.contains(&keyword) && had.len() == has.len() {
                    for (index, (was, is)) in had.iter().zip(&has).enumerate() {
                        self.schema(was, is, &step(at, index));
                    }
                } else {
                    let kept = had.iter().all(|one| has.contains(one));
                    let is_wider = keyword == "anyOf" && kept && !had.is_empty();
                    self.bound(!is_wider, keyword, at);
                }
            }
            _ if SINGLES.contains(&keyword) => match (was, is) {
                (Some(was), Some(is)) => self.schema(was, is, at),
                _ => self.bound(was.is_none(), keyword, at),
            },
            // pattern, format, multipleOf, uniqueItems, …: wider only when it is gone.
            _ => match (was, is) {
                (Some(_), None) => self.bound(false, keyword, at),
                _ => self.note(
                    Breaking,
                    Revision,
                    at,
                    format!("{} → {}", short(was), short(is)),
                ),
            },
        }
    }

    /// Schemas by name: fields, definitions, contracts.
    fn named(
        &mut self,
        keyword: &str,
        was: Option<&Value>,
        is: Option<&Value>,
        (_, around): (&Map<String, Value>, &Map<String, Value>),
        at: &str,
    ) {
        let empty = Map::new();
        let named = |value: Option<&'_ Value>| {
            value
                .and_then(Value::as_object)
                .cloned()
                .unwrap_or_default()
        };
        let (had, has) = (named(was), named(is));
        let required = texts(around.get("required"));
        let is_field = keyword == "properties";
        for (name, one) in &has {
            let here = step(at, name);
            match had.get(name) {
                Some(before)
                    if here == CONTRACTS || (keyword == "$defs" && !looks_like_schema(before)) =>
                {
                    // A group, not a schema: what stands in it is named too.
                    self.named("$defs", Some(before), Some(one), (&empty, &empty), &here);
                }
                Some(before) => self.schema(before, one, &here),
                None => {
                    self.systems.push(all_systems(one));
                    let what = if is_field && required.contains(name) {
                        "a new field, required at once"
                    } else if is_field {
                        "a new field"
                    } else {
                        "new"
                    };
                    // That it is required is told where it is.
                    let (class, what) = if leaves(one, self.new, &mut BTreeSet::new()) {
                        let what =
                            format!("{what}, and it leaves the page: ask who answers for privacy");
                        (Class::NeedsAttention, what)
                    } else {
                        (Class::Compatible, what.to_owned())
                    };
                    self.note(class, Step::Addition, &here, what);
                    self.systems.pop();
                }
            }
        }
        for (name, one) in had.iter().filter(|(name, _)| !has.contains_key(*name)) {
            self.systems.push(all_systems(one));
            let what = if is_field {
                "the field is gone, or has another name"
            } else {
                "gone, or has another name"
            };
            self.note(
                Class::Breaking,
                Step::Model,
                &step(at, name),
                what.to_owned(),
            );
            self.systems.pop();
        }
    }

    fn annotation(&mut self, was: Option<&Value>, is: Option<&Value>, at: &str) {
        let of = |value: Option<&Value>, name: &str, default: &str| {
            value
                .and_then(|own| own[name].as_str())
                .unwrap_or(default)
                .to_owned()
        };
        for (name, default) in [
            ("collect", "never"),
            ("normalise", "text"),
            ("owner", ""),
            ("stage", ""),
            ("system_of_record", ""),
        ] {
            let (before, after) = (of(was, name, default), of(is, name, default));
            if before == after {
                continue;
            }
            let here = step(at, name);
            let what = format!("{before:?} → {after:?}");
            match name {
                "collect" if before == "never" => {
                    let what =
                        format!("{what}: it leaves the page now; ask who answers for privacy");
                    self.note(Class::NeedsAttention, Step::Addition, &here, what);
                }
                "collect" => self.note(
                    Class::Breaking,
                    Step::Model,
                    &here,
                    format!("{what}: readers get something else"),
                ),
                "normalise" => {
                    let what = format!("{what}: hashes no longer match those sent before");
                    self.note(Class::Breaking, Step::Model, &here, what);
                }
                _ => self.note(Class::NeedsAttention, Step::Addition, &here, what),
            }
        }
    }

    fn limit(&mut self, was: Option<&Value>, is: Option<&Value>, is_least: bool, at: &str) {
        let number = |value: Option<&Value>| value.and_then(Value::as_f64);
        let what = format!("{} → {}", short(was), short(is));
        let is_wider = match (number(was), number(is)) {
            (_, None) => true,
            (None, _) => false,
            (Some(was), Some(is)) => (is <= was) == is_least,
        };
        if is_wider {
            self.note(Class::Compatible, Step::Addition, at, what);
        } else {
            self.note(Class::Breaking, Step::Revision, at, what);
        }
    }

    fn bound(&mut self, is_narrower: bool, keyword: &str, at: &str) {
        if is_narrower {
            self.note(
                Class::Breaking,
                Step::Revision,
                at,
                format!("`{keyword}` asks for more now"),
            );
        } else {
            self.note(
                Class::Compatible,
                Step::Addition,
                at,
                format!("`{keyword}` asks for less now"),
            );
        }
    }

    fn note(&mut self, class: Class, step: Step, pointer: &str, what: String) {
        let systems = self.systems.iter().flatten().cloned().collect();
        self.changes.push(Change {
            class,
            step,
            pointer: pointer.to_owned(),
            what,
            systems,
        });
    }
}

/// Whether an entry of `$defs` is a schema, and not a group of them.
fn looks_like_schema(value: &Value) -> bool {
    let Value::Object(members) = value else {
        return true;
    };
    let is_word = |word: &&String| {
        [
            "type",
            "enum",
            "const",
            "$ref",
            "description",
            "required",
            "pattern",
        ]
        .contains(&word.as_str())
            || [MAPS, LISTS, SINGLES].concat().contains(&word.as_str())
    };
    members.keys().any(|word| is_word(&word))
}

fn texts(value: Option<&Value>) -> BTreeSet<String> {
    let items = value.and_then(Value::as_array).into_iter().flatten();
    items.filter_map(Value::as_str).map(str::to_owned).collect()
}

/// Types by name; a number is also an integer.
fn types(value: Option<&Value>) -> BTreeSet<String> {
    let mut named = match value {
        Some(Value::String(one)) => BTreeSet::from([one.clone()]),
        Some(_) => texts(value),
        None => ALL_TYPES.iter().map(|one| (*one).to_owned()).collect(),
    };
    if named.contains("number") {
        named.insert("integer".to_owned());
    }
    named
}

fn join(names: &BTreeSet<String>) -> String {
    if names.len() == ALL_TYPES.len() {
        return "any type".to_owned();
    }
    names
        .iter()
        .map(String::as_str)
        .collect::<Vec<_>>()
        .join(" or ")
}

fn short(value: Option<&Value>) -> String {
    let text = value.map_or("nothing".to_owned(), Value::to_string);
    match text.char_indices().nth(60) {
        Some((end, _)) => format!("{}…", &text[..end]),
        None => text,
    }
}

const ALL_TYPES: &[&str] = &[
    "array", "boolean", "integer", "null", "number", "object", "string",
];

/// Whether anything leaves of what a schema, or what it refers to, describes. `seen`: references
/// followed so far, each once.
fn leaves<'a>(one: &'a Value, root: &'a Value, seen: &mut BTreeSet<&'a str>) -> bool {
    match one {
        Value::Array(all) => all.iter().any(|one| leaves(one, root, seen)),
        Value::Object(members) => {
            let collect = one["x-touchmark"]["collect"].as_str().unwrap_or("never");
            let target = one["$ref"].as_str().filter(|to| seen.insert(to));
            let meant = target.and_then(|to| root.pointer(to.strip_prefix('#')?));
            collect != "never"
                || members
                    .values()
                    .chain(meant)
                    .any(|one| leaves(one, root, seen))
        }
        _ => false,
    }
}
