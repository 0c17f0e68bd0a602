//! A contract of the shared schema into one that stands alone and loses no keyword.
//!
//! For plans that say `validator: full`; the larger core judges by it. References stay, what they
//! mean comes along under `$defs`. Prose goes, formats get their patterns, and each field carries
//! its own type and annotation, which the core reads without following references.
//! Not here: the page's keyword set (`compile` itself).

use std::collections::BTreeSet;

use serde_json::{Map, Value, json};
use touchmark::native::NativeHost;
use touchmark::schema::format;
use touchmark::schema::full::Schema;
use touchmark::schema::full::dialect::STANDARD;

use super::super::fault::{Fault, Faults, step};
use super::super::shared::{CONTRACTS, LISTS, MAPS, SINGLES, SharedSchema};
use super::super::{pattern, shape};
use super::Compiler;

/// Compiles one contract; faults are added, and the result is then of no use.
pub fn contract(shared: &SharedSchema, name: &str, faults: &mut Faults) -> Value {
    let root = step(CONTRACTS, name);
    let Some(schema) = shared.contract(name) else {
        return Value::Null;
    };
    let mut maker = Maker {
        shared,
        faults,
        taken: BTreeSet::new(),
    };
    let mut contract = maker.schema(schema, &root);
    maker.fields(&mut contract, schema, &root);
    let defs = maker.definitions(&contract);
    if let Value::Object(members) = &mut contract {
        members.shift_insert(0, "$schema".to_owned(), json!(STANDARD));
        if !defs.is_empty() {
            members.insert("$defs".to_owned(), Value::Object(defs));
        }
        let mut compiler = Compiler {
            shared,
            faults: maker.faults,
            nodes: 0,
            has_overflowed: false,
        };
        compiler.top(members, &root);
    }
    let read = touchmark::value::Value::parse(&contract.to_string());
    let wrong = match &read {
        Err(wrong) => Some(("schema_too_deep", String::new(), wrong.to_string())),
        Ok(read) => Schema::of(read, &NativeHost)
            .err()
            .map(|wrong| (wrong.fault.code(), wrong.pointer.clone(), wrong.to_string())),
    };
    if let Some((code, pointer, what)) = wrong.filter(|_| faults.is_empty()) {
        // Definitions keep their place; anything else stands below the contract.
        let at = if pointer.starts_with("/$defs") {
            pointer
        } else {
            format!("{root}{pointer}")
        };
        let remedy =
            "mend it there; `touchmark schema bundle` brings other documents in".to_owned();
        faults.add(Fault::new(code, &shared.source.name, &at, what, remedy));
    }
    contract
}

struct Maker<'a> {
    shared: &'a SharedSchema,
    faults: &'a mut Faults,
    /// Names under `$defs` that references lead to.
    taken: BTreeSet<String>,
}

impl Maker<'_> {
    /// A schema without prose, its formats written out, its references noted.
    fn schema(&mut self, schema: &Value, at: &str) -> Value {
        let Value::Object(members) = schema else {
            return schema.clone();
        };
        let mut kept = Map::new();
        for (keyword, argument) in members {
            let here = step(at, keyword);
            let word = keyword.as_str();
            let argument = if MAPS.contains(&word) {
                let named = argument.as_object().into_iter().flatten();
                let named =
                    named.map(|(name, one)| (name.clone(), self.schema(one, &step(&here, name))));
                Value::Object(named.collect())
            } else if LISTS.contains(&word) {
                let items = argument.as_array().into_iter().flatten().enumerate();
                items
                    .map(|(index, one)| self.schema(one, &step(&here, index)))
                    .collect()
            } else if SINGLES.contains(&word) {
                self.schema(argument, &here)
            } else {
                match (word, argument.as_str()) {
                    (
                        "$comment" | "default" | "deprecated" | "description" | "examples"
                        | "readOnly" | "title" | "writeOnly" | "$schema",
                        _,
                    ) => continue,
                    ("$ref" | "$dynamicRef", Some(target)) => json!(self.reference(target, &here)),
                    ("format", Some(name)) => json!(format::row(name)),
                    _ => argument.clone(),
                }
            };
            if word == "pattern" {
                self.pattern(argument.as_str().unwrap_or_default(), &here);
            }
            if word == "patternProperties" {
                for pattern in shape::names(&argument) {
                    self.pattern(pattern, &step(&here, pattern));
                }
            }
            kept.insert(keyword.clone(), argument);
        }
        Value::Object(kept)
    }

    fn pattern(&mut self, text: &str, at: &str) {
        if let Err(error) = pattern::check(text) {
            let name = &self.shared.source.name;
            let remedy = error.remedy().to_owned();
            self.faults.add(Fault::new(
                "schema_pattern_refused",
                name,
                at,
                error.what(text),
                remedy,
            ));
        }
    }

    /// A reference as it reads in the contract; the definition that it leads to is taken along.
    fn reference(&mut self, target: &str, at: &str) -> String {
        let document = &self.shared.source.value;
        let local = target
            .strip_prefix(self.shared.id())
            .filter(|rest| rest.starts_with('#'));
        let local = local.unwrap_or(target);
        let defs = document["$defs"].as_object();
        let mut defs = defs.into_iter().flatten();
        let found = match local.strip_prefix('#') {
            Some(fragment) if fragment.starts_with("/$defs/") => {
                let name = fragment.split('/').nth(2).unwrap_or_default();
                let name = name.replace("~1", "/").replace("~0", "~");
                defs.find(|(known, _)| **known == name)
            }
            Some(fragment) => {
                defs.find(|(_, one)| !fragment.is_empty() && holds(one, "anchor", fragment))
            }
            None => defs
                .find(|(_, one)| holds(one, "$id", target.split('#').next().unwrap_or_default())),
        };
        match found {
            Some((name, _)) => {
                self.taken.insert(name.clone());
            }
            None => {
                let what = format!("`{target}` is under no name in $defs");
                let remedy = "define it there; `touchmark schema bundle` brings other documents in"
                    .to_owned();
                self.faults.add(Fault::new(
                    "schema_ref_unknown",
                    &self.shared.source.name,
                    at,
                    what,
                    remedy,
                ));
            }
        }
        local.to_owned()
    }

    /// The definitions that are referred to, and those that these refer to.
    fn definitions(&mut self, contract: &Value) -> Map<String, Value> {
        let mut defs = contract["$defs"].as_object().cloned().unwrap_or_default();
        while let Some(name) = self
            .taken
            .iter()
            .find(|name| !defs.contains_key(*name))
            .cloned()
        {
            let at = step("/$defs", &name);
            let one = self.schema(&self.shared.source.value["$defs"][&name], &at);
            defs.insert(name, one);
        }
        defs
    }

    /// Gives each field its own type and the annotation that holds for it.
    fn fields(&mut self, contract: &mut Value, written: &Value, root: &str) {
        let place = step(root, "properties");
        let Some(fields) = contract["properties"].as_object_mut() else {
            return;
        };
        for (name, field) in fields {
            let way = self.way(&written["properties"][name]);
            let mut annotation = Map::new();
            for one in way.iter().rev() {
                annotation.extend(
                    one["x-touchmark"]
                        .as_object()
                        .into_iter()
                        .flatten()
                        .map(|(k, v)| (k.clone(), v.clone())),
                );
            }
            let kind = way.iter().find_map(|one| one.get("type"));
            let Value::Object(members) = field else {
                continue;
            };
            if let Some(kind) = kind {
                members.entry("type").or_insert_with(|| kind.clone());
            }
            members.remove("x-touchmark");
            let at = step(&place, name);
            let mut compiler = Compiler {
                shared: self.shared,
                faults: self.faults,
                nodes: 0,
                has_overflowed: false,
            };
            if let Some(own) =
                compiler.annotation(&Value::Object(annotation), &step(&at, "x-touchmark"))
            {
                members.insert("x-touchmark".to_owned(), own);
            }
            compiler.check_annotation(members, &at);
        }
    }

    /// A schema and those that it refers to, one after the other.
    fn way<'v>(&'v self, schema: &'v Value) -> Vec<&'v Value> {
        let mut way = vec![schema];
        while let Some(target) = way.last().and_then(|last| last["$ref"].as_str()) {
            let fragment = target.split_once('#').map_or("", |(_, fragment)| fragment);
            match self.shared.source.value.pointer(fragment) {
                Some(next) if way.len() < 32 && !fragment.is_empty() => way.push(next),
                _ => break,
            }
        }
        way
    }
}

/// Whether a schema, or one in it, has that anchor or `$id`.
fn holds(schema: &Value, keyword: &str, name: &str) -> bool {
    let is_named = match keyword {
        "anchor" => ["$anchor", "$dynamicAnchor"]
            .iter()
            .any(|word| schema[*word] == name),
        _ => schema[keyword] == name,
    };
    is_named
        || match schema {
            Value::Object(members) => members.values().any(|one| holds(one, keyword, name)),
            Value::Array(items) => items.iter().any(|one| holds(one, keyword, name)),
            _ => false,
        }
}
