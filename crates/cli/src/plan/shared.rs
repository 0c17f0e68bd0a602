//! The shared event schema: found, checked whole, and asked for its parts.
//!
//! After `source`, before `refer` and `compile`. Not here: contracts in the page's keyword set.

use std::path::Path;

use serde_json::Value;

use super::fault::{Fault, Faults, step};
use super::shape;
use super::source::Source;
use super::suggest;

/// A schema document that holds contracts.
#[derive(Debug)]
pub struct SharedSchema {
    pub source: Source,
}

impl SharedSchema {
    /// Reads the schema, the one that comes with touchmark where no file is named, and checks it.
    ///
    /// # Errors
    /// `file_unreadable`, `json_malformed`: there is nothing to check. Other faults are added.
    pub fn open(file: Option<&Path>, faults: &mut Faults) -> Result<Self, Fault> {
        let source = match file {
            Some(file) => Source::read(file)?,
            None => Source::parse("(built-in) event.schema.json", BUILT_IN)?,
        };
        let shared = Self { source };
        shared.check(faults);
        Ok(shared)
    }

    /// Its `$id`, by which events name it.
    pub fn id(&self) -> &str {
        self.source.value["$id"].as_str().unwrap_or_default()
    }

    /// The contract of that name, as it was written.
    pub fn contract(&self, name: &str) -> Option<&Value> {
        self.source.value.pointer(CONTRACTS)?.get(name)
    }

    pub fn contract_names(&self) -> Vec<&str> {
        self.source
            .value
            .pointer(CONTRACTS)
            .map(|all| shape::names(all).collect())
            .unwrap_or_default()
    }

    /// The last parts of its types' names, such as `form_submit`.
    pub fn type_names(&self) -> Vec<&str> {
        let all = self.source.value.pointer("/$defs/types/$defs");
        all.map(|all| shape::names(all).collect())
            .unwrap_or_default()
    }

    /// The fault of naming a contract that isn't there.
    pub fn no_contract(&self, name: &str, file: &str, pointer: &str) -> Fault {
        let what = format!("{} has no contract `{name}`", self.source.name);
        let remedy = suggest::remedy(name, "contracts", &self.contract_names());
        Fault::new("contract_unknown", file, pointer, what, remedy)
    }

    /// The fields that a contract declares, through its references.
    pub fn fields(&self, name: &str) -> Vec<&str> {
        let contract = self.contract(name).map(|contract| self.target(contract));
        contract
            .map(|contract| shape::names(&contract["properties"]).collect())
            .unwrap_or_default()
    }

    /// A field's schema and those that it refers to, one after the other.
    pub fn rules(&self, contract: &str, field: &str) -> Vec<&Value> {
        let contract = self
            .contract(contract)
            .map(|contract| self.target(contract));
        let mut rules: Vec<&Value> = contract
            .map(|one| &one["properties"][field])
            .into_iter()
            .collect();
        while let Some(last) = rules.last().filter(|last| last["$ref"].is_string()) {
            let next = self.target(last);
            if rules.len() > MAX_REFERENCES || std::ptr::eq(next, *last) {
                break;
            }
            rules.push(next);
        }
        rules
    }

    /// The fields that a contract requires.
    pub fn required(&self, name: &str) -> Vec<&str> {
        let contract = self.contract(name).map(|contract| self.target(contract));
        let list = contract.and_then(|contract| contract["required"].as_array());
        list.into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    fn target<'a>(&'a self, contract: &'a Value) -> &'a Value {
        let target = contract["$ref"]
            .as_str()
            .and_then(|target| target.strip_prefix('#'));
        target
            .and_then(|target| self.source.value.pointer(target))
            .unwrap_or(contract)
    }

    fn check(&self, faults: &mut Faults) {
        let Source { name, value } = &self.source;
        let mut add = |pointer: &str, what: &str, remedy: &str| {
            faults.add(Fault::new(
                "schema_head",
                name,
                pointer,
                what.into(),
                remedy.into(),
            ));
        };
        if value["$schema"]
            .as_str()
            .is_none_or(|uri| uri.trim_end_matches('#') != DIALECT)
        {
            add(
                "/$schema",
                "the schema's dialect is not JSON Schema 2020-12",
                &format!("write \"$schema\": \"{DIALECT}\""),
            );
        }
        if !is_versioned(self.id()) {
            add(
                "/$id",
                "the schema's $id is no absolute URL that ends in a SchemaVer",
                "write it like https://example.org/schema/event/1-0-0: model, revision, addition",
            );
        }
        if !value.pointer(CONTRACTS).is_some_and(Value::is_object) {
            add(
                CONTRACTS,
                "the schema has no contracts",
                "put each form's contract under $defs.contracts",
            );
        }
        shape::check_schema(&self.source, value, "", faults);
        for contract in self.contract_names() {
            // The metaschema sees no schema here: `contracts` is a group, not a keyword.
            let place = step(CONTRACTS, contract);
            let schema = self.contract(contract).unwrap_or(&Value::Null);
            shape::check_schema(&self.source, schema, &place, faults);
        }
        self.lint(value, "", faults);
    }

    /// Warns of keywords that are no keyword, but nearly one: they would check nothing.
    fn lint(&self, schema: &Value, pointer: &str, faults: &mut Faults) {
        let Some(members) = schema.as_object() else {
            return;
        };
        for (keyword, value) in members {
            let here = step(pointer, keyword);
            if MAPS.contains(&keyword.as_str()) {
                for (name, one) in value.as_object().into_iter().flatten() {
                    self.lint(one, &step(&here, name), faults);
                }
            } else if LISTS.contains(&keyword.as_str()) {
                for (index, one) in value.as_array().into_iter().flatten().enumerate() {
                    self.lint(one, &step(&here, index), faults);
                }
            } else if SINGLES.contains(&keyword.as_str()) || pointer == CONTRACTS {
                self.lint(value, &here, faults);
            } else if !keyword.starts_with("x-")
                && !OTHERS.contains(&keyword.as_str())
                && let Some(meant) = suggest::nearest(keyword, keywords())
            {
                let what =
                    format!("`{keyword}` is no keyword of JSON Schema, so it checks nothing");
                let remedy = format!("did you mean `{meant}`?");
                let name = &self.source.name;
                faults.warn(Fault::new(
                    "schema_keyword_misspelt",
                    name,
                    &here,
                    what,
                    remedy,
                ));
            }
        }
    }
}

/// An absolute URL whose last segment is MODEL-REVISION-ADDITION.
fn is_versioned(id: &str) -> bool {
    let is_number = |part: &str| !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_digit());
    let Some((place, version)) = id.rsplit_once('/') else {
        return false;
    };
    let is_absolute = ["https://", "http://"]
        .iter()
        .any(|scheme| place.starts_with(scheme));
    is_absolute
        && !id.contains(['#', '?', ' '])
        && version.split('-').count() == 3
        && version.split('-').all(is_number)
}

/// Every keyword of JSON Schema 2020-12.
pub fn keywords() -> impl Iterator<Item = &'static str> {
    [MAPS, LISTS, SINGLES, OTHERS]
        .into_iter()
        .flatten()
        .copied()
}

/// Where contracts stand in the schema.
pub const CONTRACTS: &str = "/$defs/contracts";
const DIALECT: &str = "https://json-schema.org/draft/2020-12/schema";
/// The schema that comes with touchmark.
const BUILT_IN: &str = include_str!("../../../../spec/event.schema.json");

/// A chain of more leads in circles; `compile` says so.
const MAX_REFERENCES: usize = 32;

/// Keywords by what they hold: schemas by name, a list of schemas, one schema, something else.
pub const MAPS: &[&str] = &[
    "$defs",
    "properties",
    "patternProperties",
    "dependentSchemas",
];
pub const LISTS: &[&str] = &["allOf", "anyOf", "oneOf", "prefixItems"];
pub const SINGLES: &[&str] = &[
    "additionalProperties",
    "contains",
    "contentSchema",
    "else",
    "if",
    "items",
    "not",
    "propertyNames",
    "then",
    "unevaluatedItems",
    "unevaluatedProperties",
];
const OTHERS: &[&str] = &[
    "$anchor",
    "$comment",
    "$dynamicAnchor",
    "$dynamicRef",
    "$id",
    "$ref",
    "$schema",
    "$vocabulary",
    "const",
    "contentEncoding",
    "contentMediaType",
    "default",
    "dependentRequired",
    "deprecated",
    "description",
    "enum",
    "examples",
    "exclusiveMaximum",
    "exclusiveMinimum",
    "format",
    "maxContains",
    "maxItems",
    "maxLength",
    "maxProperties",
    "maximum",
    "minContains",
    "minItems",
    "minLength",
    "minProperties",
    "minimum",
    "multipleOf",
    "pattern",
    "readOnly",
    "required",
    "title",
    "type",
    "uniqueItems",
    "writeOnly",
];

#[cfg(test)]
mod tests {
    use super::is_versioned;

    #[test]
    fn an_id_is_a_url_with_a_schemaver() {
        assert!(is_versioned("https://touchmark.dev/schema/event/1-0-0"));
        for id in [
            "",
            "event/1-0-0",
            "https://a.example/event",
            "https://a.example/1.0.0",
            "https://a.example/1-0-0#x",
        ] {
            assert!(!is_versioned(id), "{id}");
        }
    }
}
