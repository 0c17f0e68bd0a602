//! A contract of the shared schema into the compact form that pages load.
//!
//! After `shared`, before `build`. Still JSON Schema, in the page's keyword set: references
//! inlined, prose gone, annotations reduced to `collect` and `normalise`. Whatever pages can't
//! judge is refused where it stands. Not here: patterns (`pattern`), the wire schema (the core).

mod annotation;
mod keywords;
mod reference;
pub mod whole;

use serde_json::{Map, Value};
use touchmark::schema::format;

use super::fault::{Fault, Faults, step};
use super::pattern;
use super::shape;
use super::shared::{CONTRACTS, SharedSchema};
use super::suggest;
use keywords::{PAGE_KEYWORDS, REFUSED, SILENT};

/// Compiles one contract; faults are added, and the result is then of no use.
pub fn contract(shared: &SharedSchema, name: &str, faults: &mut Faults) -> Value {
    let root = step(CONTRACTS, name);
    let Some(schema) = shared.contract(name) else {
        return Value::Null;
    };
    let mut compiler = Compiler {
        shared,
        faults,
        nodes: 0,
        has_overflowed: false,
    };
    let mut compiled = compiler.schema(schema, &root, std::slice::from_ref(&root), true);
    compiler.top(&compiled, &root);
    keywords::order(&mut compiled);
    let compiled = Value::Object(compiled);
    // A second reader: what the collector's validator can't compile would fail only there.
    if faults.is_empty()
        && let Err(cause) = shape::validator(&plain(&compiled))
    {
        let remedy = "write the rule in another way; please report it as well".to_owned();
        let source = &shared.source.name;
        faults.add(Fault::new(
            "schema_second_reader",
            source,
            &root,
            cause,
            remedy,
        ));
    }
    compiled
}

/// The contract as any validator reads it: formats by their names.
fn plain(compiled: &Value) -> Value {
    let read = touchmark::value::Value::parse(&compiled.to_string());
    let named = read.map(|contract| format::without_rows(&contract).to_json());
    named
        .ok()
        .and_then(|text| serde_json::from_str(&text).ok())
        .unwrap_or(Value::Null)
}

struct Compiler<'a> {
    shared: &'a SharedSchema,
    faults: &'a mut Faults,
    nodes: usize,
    has_overflowed: bool,
}

impl Compiler<'_> {
    /// `chain` holds the places that are being inlined, to end cycles.
    fn schema(
        &mut self,
        schema: &Value,
        at: &str,
        chain: &[String],
        refs: bool,
    ) -> Map<String, Value> {
        self.nodes += 1;
        if self.nodes > MAX_NODES {
            if !std::mem::replace(&mut self.has_overflowed, true) {
                let what = format!(
                    "the contract has more than {MAX_NODES} schemas once references are inlined"
                );
                self.refuse(
                    "schema_too_large",
                    at,
                    what,
                    "refer to less, or split the form",
                );
            }
            return Map::new();
        }
        let members = match schema {
            Value::Object(members) => members,
            Value::Bool(true) => return Map::new(),
            _ => {
                let what = "`false` allows nothing here".to_owned();
                self.refuse(
                    "schema_false",
                    at,
                    what,
                    "leave the field out of properties",
                );
                return Map::new();
            }
        };
        let before = self.faults.len();
        // Inside an embedded `$id` a local reference would mean another document.
        let refs = refs && !members.contains_key("$id");
        let mut out = match members.get("$ref").and_then(Value::as_str) {
            Some(target) => self.reference(target, &step(at, "$ref"), chain, refs),
            None => Map::new(),
        };
        let is_referring = members.contains_key("$ref");
        for (keyword, value) in members {
            let here = step(at, keyword);
            let Some(compiled) = self.keyword(keyword, value, &here, chain, refs) else {
                continue;
            };
            if is_referring {
                self.merge(&mut out, keyword, compiled, &here);
            } else {
                out.insert(keyword.clone(), compiled);
            }
        }
        // What is incomplete already would only be blamed twice.
        if self.faults.len() == before {
            self.check_annotation(&out, at);
        }
        out
    }

    /// A keyword's compiled value; `None` when nothing of it goes to pages.
    fn keyword(
        &mut self,
        keyword: &str,
        value: &Value,
        at: &str,
        chain: &[String],
        refs: bool,
    ) -> Option<Value> {
        match keyword {
            "properties" => {
                let fields = value.as_object().into_iter().flatten();
                let compiled = fields.map(|(name, schema)| {
                    (
                        name.clone(),
                        Value::Object(self.schema(schema, &step(at, name), chain, refs)),
                    )
                });
                Some(Value::Object(compiled.collect()))
            }
            "items" => Some(Value::Object(self.schema(value, at, chain, refs))),
            "additionalProperties" if *value == Value::Bool(false) => Some(Value::Bool(false)),
            "additionalProperties" => {
                let is_root = chain.last().is_some_and(|place| step(place, keyword) == at);
                let open = Value::Object(self.schema(value, at, chain, refs));
                let collect = open["x-touchmark"]["collect"].as_str();
                if is_root && collect.is_some_and(|collect| collect != "never") {
                    return Some(open);
                }
                let what = "pages know `additionalProperties` only as false, or in a contract itself as a schema that says what leaves".to_owned();
                self.refuse(
                    "schema_keyword_refused",
                    at,
                    what,
                    "write false; leave it out to allow any and send none; or annotate it, such as {\"type\": \"string\", \"x-touchmark\": {\"collect\": \"presence\"}}",
                );
                None
            }
            "pattern" => {
                let text = value.as_str().unwrap_or_default();
                if let Err(error) = pattern::check(text) {
                    self.refuse(
                        "schema_pattern_refused",
                        at,
                        error.what(text),
                        error.remedy(),
                    );
                }
                Some(value.clone())
            }
            "format" => {
                let name = value.as_str().unwrap_or_default();
                let known = keywords::formats();
                if !known.contains(&name) {
                    let what = format!("pages don't know the format `{name}`");
                    let remedy = suggest::remedy(name, "formats", &known);
                    self.refuse("schema_format_unknown", at, what, &remedy);
                }
                Some(Value::String(format::row(name)))
            }
            "x-touchmark" => self.annotation(value, at),
            "minLength" | "maxLength" | "minItems" | "maxItems" => Some(keywords::limit(value)),
            _ if PAGE_KEYWORDS.contains(&keyword) => Some(keywords::whole(value)),
            _ if SILENT.contains(&keyword) || keyword.starts_with("x-") => None,
            _ => {
                self.refuse_keyword(keyword, at);
                None
            }
        }
    }

    /// What must hold of a contract as a whole.
    fn top(&mut self, compiled: &Map<String, Value>, at: &str) {
        if self.has_overflowed {
            return;
        }
        let fields = compiled.get("properties").unwrap_or(&Value::Null);
        if compiled.get("type").is_none_or(|kind| kind != "object") || !fields.is_object() {
            let what = "a contract describes an object with properties".to_owned();
            self.refuse(
                "schema_contract_shape",
                at,
                what,
                "write \"type\": \"object\" and list the fields under properties",
            );
        }
        for name in shape::names(fields) {
            let is_plain =
                |byte: u8| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'_';
            if !name.starts_with(|first: char| first.is_ascii_lowercase())
                || !name.bytes().all(is_plain)
                || name.len() > 64
            {
                let what = format!("`{name}` is no name for a field");
                let remedy =
                    "use a-z, 0-9 and _, at most 64; the plan maps the form's own names to it";
                self.refuse(
                    "schema_field_name",
                    &step(&step(at, "properties"), name),
                    what,
                    remedy,
                );
            }
        }
        let required = compiled.get("required").and_then(Value::as_array);
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            if fields.get(name).is_none() {
                let known: Vec<&str> = shape::names(fields).collect();
                let what = format!("`{name}` is required, but no field has that name");
                let remedy = suggest::remedy(name, "fields", &known);
                self.refuse(
                    "schema_required_unknown",
                    &step(at, "required"),
                    what,
                    &remedy,
                );
            }
        }
    }

    /// Refuses what pages don't know. A word that nobody knows is an annotation, as the standard says;
    /// `shared` warns where it is nearly a keyword.
    fn refuse_keyword(&mut self, keyword: &str, at: &str) {
        if let Some((_, remedy)) = REFUSED.iter().find(|(names, _)| names.contains(&keyword)) {
            let what = format!("pages don't know `{keyword}`");
            let remedy = format!("{remedy}; or say \"validator\": \"full\" in the plan");
            self.refuse("schema_keyword_refused", at, what, &remedy);
        }
    }

    fn refuse(&mut self, code: &'static str, at: &str, what: String, remedy: &str) {
        self.faults.add(Fault::new(
            code,
            &self.shared.source.name,
            at,
            what,
            remedy.to_owned(),
        ));
    }
}

const MAX_NODES: usize = 1_000;
