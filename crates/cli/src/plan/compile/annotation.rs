//! The annotation x-touchmark of a field: what of it may leave, and how it is written before.
//!
//! Part of `compile`. Pages get `collect` and `normalise`; owner, stage and system of record
//! stay in the shared schema. Not here: the wire schema, which the core derives.

use serde_json::{Map, Value};

use super::super::fault::{Fault, step};
use super::super::suggest;
use super::Compiler;

impl Compiler<'_> {
    /// The part of an annotation that pages need.
    pub(super) fn annotation(&mut self, value: &Value, at: &str) -> Option<Value> {
        let Some(members) = value.as_object() else {
            let what = "x-touchmark is no object".to_owned();
            self.refuse(
                "schema_collect_unknown",
                at,
                what,
                "write {\"collect\": \"never\"}, or value, sha256, presence",
            );
            return None;
        };
        let mut kept = Map::new();
        for (name, own) in members {
            let here = step(at, name);
            let known: &[&str] = match name.as_str() {
                "collect" => COLLECT,
                "normalise" => NORMALISE,
                "owner" | "stage" | "system_of_record" | "autocomplete" => continue,
                _ => {
                    let what = format!("unknown annotation `{name}`");
                    let remedy = suggest::remedy(name, "annotations", ANNOTATIONS);
                    self.refuse("schema_annotation_unknown", &here, what, &remedy);
                    continue;
                }
            };
            if own.as_str().is_none_or(|text| !known.contains(&text)) {
                let what = format!("{own} is no way to {name}");
                let remedy = suggest::remedy(own.as_str().unwrap_or_default(), "ways", known);
                self.refuse("schema_collect_unknown", &here, what, &remedy);
            }
            kept.insert(name.clone(), own.clone());
        }
        (!kept.is_empty()).then_some(Value::Object(kept))
    }

    /// What an annotation asks of the schema around it.
    pub(super) fn check_annotation(&mut self, out: &Map<String, Value>, at: &str) {
        let collect = out
            .get("x-touchmark")
            .and_then(|own| own.get("collect"))
            .and_then(Value::as_str);
        let is_text = out.get("type").is_some_and(|kind| kind == "string");
        if collect == Some("sha256") && !is_text {
            let what = "only text can be hashed".to_owned();
            self.refuse(
                "schema_hash_needs_text",
                at,
                what,
                "add \"type\": \"string\", or collect its presence",
            );
        }
        let is_bound = ["enum", "const", "pattern", "format"]
            .iter()
            .any(|keyword| out.contains_key(*keyword));
        if collect == Some("value") && is_text && !is_bound {
            let what = "free text is collected as it was typed".to_owned();
            let remedy = "add enum, pattern or format, or collect its presence".to_owned();
            let source = &self.shared.source.name;
            self.faults.warn(Fault::new(
                "schema_free_text_collected",
                source,
                at,
                what,
                remedy,
            ));
        }
    }
}

const ANNOTATIONS: &[&str] = &[
    "collect",
    "normalise",
    "owner",
    "stage",
    "system_of_record",
    "autocomplete",
];
const COLLECT: &[&str] = &["value", "sha256", "presence", "never"];
const NORMALISE: &[&str] = &[
    "email",
    "email_gmail",
    "email_strip_all",
    "phone",
    "phone_digits",
    "text",
];
