//! Turns schema documents into compiled validators, found by the `dataschema` of an event.
//!
//! Compiled once, at start. Each document is the envelope's and every type's schema at once; each
//! of its `$defs.contracts` gives two more validators for the fields that a form sends.
//! Not here: judging (`judge`), deriving a wire schema (`wire`).

use std::collections::{BTreeSet, HashMap, HashSet};
use std::path::{Path, PathBuf};

use jsonschema::Draft;
use serde_json::Value;

use crate::error::StartError;
use crate::tree::Flat;
use crate::wire;

/// Judges values as they were received.
pub type Validator = jsonschema::Validator<Flat>;

/// Every schema that this collector knows.
pub struct Schemas {
    /// By `$id` without a fragment.
    by_id: HashMap<String, Schema>,
    built_in: String,
    /// Types that other systems send, in full.
    lifecycle: BTreeSet<String>,
}

/// One schema document, compiled.
pub struct Schema {
    /// Judges a whole event.
    pub event: Validator,
    contracts: HashMap<String, Contract>,
    lifecycle: Vec<String>,
    types: Vec<String>,
}

/// The wire schema of one form contract, compiled.
pub struct Contract {
    /// JSON Pointer to the contract in its document.
    pub place: String,
    /// Judges the fields of a valid form.
    pub whole: Validator,
    /// Judges the sound fields of an invalid form: nothing is required.
    pub partial: Validator,
    fields: HashSet<String>,
}

impl Contract {
    /// Whether the contract declares this field, sent or not.
    pub fn has(&self, field: &str) -> bool {
        self.fields.contains(field)
    }
}

impl Schemas {
    /// Compiles the shared schema and the documents in `files`.
    ///
    /// A file with the shared schema's `$id` takes its place.
    ///
    /// # Errors
    /// [`StartError::Schema`] when one can't be read, has no `$id` or does not compile.
    pub fn compile(files: &[PathBuf]) -> Result<Self, StartError> {
        let (built_in, schema) = compile(BUILT_IN).map_err(|cause| refuse("built-in", cause))?;
        let mut by_id = HashMap::from([(built_in.clone(), schema)]);
        for file in files {
            let (id, schema) = read(file).map_err(|cause| refuse(file.display(), cause))?;
            by_id.insert(id, schema);
        }
        let all = by_id.values().flat_map(|schema| &schema.lifecycle);
        let lifecycle = all.cloned().collect();
        Ok(Self {
            by_id,
            built_in,
            lifecycle,
        })
    }

    /// Whether a schema gives this type to other systems than pages.
    pub fn is_lifecycle(&self, kind: &str) -> bool {
        self.lifecycle.contains(kind)
    }

    /// Every type of every schema, in full.
    pub fn types(&self) -> impl Iterator<Item = &str> {
        let all = self.by_id.values().flat_map(|schema| &schema.types);
        all.map(String::as_str)
    }

    /// The schema that an event names; its fragment, the type's anchor, is ignored.
    ///
    /// Without a name it is the shared one, `None` for a name that nobody added.
    pub fn named(&self, dataschema: Option<&str>) -> Option<&Schema> {
        let id = dataschema.map_or(self.built_in.as_str(), without_fragment);
        self.by_id.get(id)
    }
}

impl Schema {
    /// The contract of that name.
    pub fn contract(&self, name: &str) -> Option<&Contract> {
        self.contracts.get(name)
    }
}

fn read(file: &Path) -> Result<(String, Schema), String> {
    compile(&std::fs::read_to_string(file).map_err(|cause| cause.to_string())?)
}

fn compile(text: &str) -> Result<(String, Schema), String> {
    let document = serde_json::from_str(text).map_err(|cause| format!("no JSON: {cause}"))?;
    compile_document(&document)
}

/// A schema document, by its `$id`.
pub fn compile_document(document: &Value) -> Result<(String, Schema), String> {
    let id = document["$id"]
        .as_str()
        .ok_or("it has no $id; events name their schema by it")?;
    let event = validator(document)?;
    let mut contracts = HashMap::new();
    let (place, all) = wire::contracts(document);
    for (name, contract) in all {
        let place = format!("{place}/{name}");
        let at = |cause: String| format!("{place}: {cause}");
        let fields = contract["properties"]
            .as_object()
            .into_iter()
            .flat_map(|all| all.keys());
        let fields = fields.cloned().collect();
        let whole = wire::of_contract(document, contract).map_err(at)?;
        let partial = validator(&wire::without_required(&whole)).map_err(at)?;
        let whole = validator(&whole).map_err(at)?;
        contracts.insert(
            name.clone(),
            Contract {
                place,
                whole,
                partial,
                fields,
            },
        );
    }
    let schema = Schema {
        event,
        contracts,
        lifecycle: types(document, |by_page| !by_page),
        types: types(document, |_| true),
    };
    Ok((without_fragment(id).to_owned(), schema))
}

/// The types under `$defs.types`, by whether a page makes them: then `data` requires `tracker`.
fn types(document: &Value, wanted: impl Fn(bool) -> bool) -> Vec<String> {
    let types = document.pointer("/$defs/types/$defs");
    let types = types.and_then(Value::as_object).into_iter().flatten();
    let by_page = |data: &Value| {
        let requires = |schema: &Value| {
            let names = schema["required"].as_array();
            names.is_some_and(|names| names.iter().any(|name| name == "tracker"))
        };
        let target = data["$ref"].as_str();
        let target = target.and_then(|reference| wire::refer(document, reference));
        requires(data) || target.is_some_and(requires)
    };
    types
        .filter(|(_, data)| wanted(by_page(data)))
        .map(|(name, _)| format!("{TYPES}{name}"))
        .collect()
}

fn validator(schema: &Value) -> Result<Validator, String> {
    jsonschema::options_for::<Flat>()
        .with_draft(Draft::Draft202012)
        .should_validate_formats(true)
        .offline()
        .build(schema)
        .map_err(|cause| format!("{} at {}", cause, cause.schema_path()))
}

fn refuse(name: impl ToString, cause: String) -> StartError {
    StartError::Schema {
        name: name.to_string(),
        cause,
    }
}

fn without_fragment(uri: &str) -> &str {
    uri.split_once('#').map_or(uri, |(id, _)| id)
}

/// What the names of types begin with.
pub const TYPES: &str = "org.touchmark.";
/// The shared event schema.
pub const BUILT_IN: &str = include_str!("../../../spec/event.schema.json");

#[cfg(test)]
mod tests {
    use super::{Schemas, compile};

    #[test]
    fn the_shared_schema_compiles_and_is_the_default() {
        let schemas = Schemas::compile(&[]).expect("compiles");
        assert!(
            schemas
                .named(None)
                .is_some_and(|schema| schema.contract("appointment_request").is_some())
        );
        assert!(
            schemas
                .named(Some(&format!("{}#form_submit", schemas.built_in)))
                .is_some()
        );
        assert!(schemas.named(Some("https://example.org/unknown")).is_none());
    }

    #[test]
    fn types_of_other_systems_are_told_from_pages() {
        let schemas = Schemas::compile(&[]).expect("compiles");
        for kind in [
            "lead_created",
            "lead_qualified",
            "appointment_completed",
            "call_connected",
        ] {
            assert!(
                schemas.is_lifecycle(&format!("org.touchmark.{kind}")),
                "{kind}"
            );
        }
        for kind in [
            "landing",
            "form_submit",
            "form_result",
            "call_click",
            "appointment_booked",
        ] {
            assert!(
                !schemas.is_lifecycle(&format!("org.touchmark.{kind}")),
                "{kind}"
            );
        }
    }

    #[test]
    fn a_schema_without_id_or_with_an_error_is_refused() {
        assert!(compile("{}").err().expect("refused").contains("$id"));
        assert!(compile("[").err().expect("refused").contains("no JSON"));
        let broken = r#"{"$id":"https://example.org/s","type":"strnig"}"#;
        assert!(compile(broken).err().expect("refused").contains("/type"));
    }
}
