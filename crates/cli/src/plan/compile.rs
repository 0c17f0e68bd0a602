//! A contract of the shared schema into the compact form that pages load.
//!
//! After `shared`, before `build`. Still JSON Schema, in the page's keyword set: references
//! inlined, prose gone, annotations reduced to `collect` and `normalise`. Whatever pages can't
//! judge is refused where it stands. Not here: patterns (`pattern`), the wire schema (the core).

use serde_json::{Map, Value, json};

use super::fault::{Fault, Faults, step};
use super::pattern;
use super::shape;
use super::shared::{CONTRACTS, SharedSchema, keywords};
use super::suggest;

/// Compiles one contract; faults are added, and the result is then of no use.
pub fn contract(shared: &SharedSchema, name: &str, faults: &mut Faults) -> Value {
    let root = step(CONTRACTS, name);
    let Some(schema) = shared.contract(name) else {
        return Value::Null;
    };
    let before = faults.len();
    let mut compiler = Compiler {
        shared,
        faults,
        nodes: 0,
        has_overflowed: false,
    };
    let mut compiled = compiler.schema(schema, &root, std::slice::from_ref(&root), true);
    compiler.top(&compiled, &root);
    order(&mut compiled);
    let compiled = Value::Object(compiled);
    // A second reader: what the collector's validator can't compile would fail only there.
    if faults.len() == before
        && let Err(cause) = shape::validator(&compiled)
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
        // Inside an embedded `$id` a local reference would mean another document.
        let is_nested_id = members.contains_key("$id") && chain.len() > 1;
        let refs = refs && !members.contains_key("$id") && !is_nested_id;
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
        self.check_annotation(&out, at);
        out
    }

    fn reference(
        &mut self,
        target: &str,
        at: &str,
        chain: &[String],
        refs: bool,
    ) -> Map<String, Value> {
        let document = &self.shared.source.value;
        let local = target
            .strip_prefix(self.shared.id())
            .filter(|rest| rest.starts_with('#'));
        let fragment = local.unwrap_or(target).strip_prefix('#').filter(|_| refs);
        let Some(fragment) = fragment else {
            let what = format!("`{target}` is not in this file");
            self.refuse(
                "schema_ref_remote",
                at,
                what,
                "copy the definition into $defs and refer to it as #/$defs/…",
            );
            return Map::new();
        };
        let place = match fragment {
            "" => Some(String::new()),
            pointer if pointer.starts_with('/') => Some(unescape(pointer)),
            anchor => find_anchor(document, anchor, ""),
        };
        let found = place.and_then(|place| Some((document.pointer(&place)?, place)));
        let Some((schema, place)) = found else {
            let near: Vec<&str> = shape::names(&document["$defs"]).collect();
            let wanted = fragment.rsplit('/').next().unwrap_or_default();
            let guess = suggest::nearest(wanted, near.iter().copied());
            let guess = guess
                .map(|name| format!("did you mean `#/$defs/{name}`? "))
                .unwrap_or_default();
            let what = format!("`{target}` leads nowhere");
            self.refuse(
                "schema_ref_unknown",
                at,
                what,
                &format!("{guess}define it in $defs"),
            );
            return Map::new();
        };
        if chain.contains(&place) {
            let way = [chain, std::slice::from_ref(&place)].concat().join(" → ");
            let what = format!("`{target}` comes back to itself: {way}");
            self.refuse(
                "schema_ref_cycle",
                at,
                what,
                "a form is finite: write the fields out",
            );
            return Map::new();
        }
        let chain = [chain, std::slice::from_ref(&place)].concat();
        self.schema(schema, &place, &chain, refs)
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
                let what = "pages know `additionalProperties` only as false".to_owned();
                self.refuse(
                    "schema_keyword_refused",
                    at,
                    what,
                    "write false, or leave it out to allow any",
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
                if !touchmark::schema::KNOWN_FORMATS.contains(&name) {
                    let what = format!("pages don't know the format `{name}`");
                    let remedy =
                        suggest::remedy(name, "formats", &touchmark::schema::KNOWN_FORMATS);
                    self.refuse("schema_format_unknown", at, what, &remedy);
                }
                Some(value.clone())
            }
            "x-touchmark" => self.annotation(value, at),
            _ if PAGE_KEYWORDS.contains(&keyword) => Some(whole(value)),
            _ if SILENT.contains(&keyword) || keyword.starts_with("x-") => None,
            _ => {
                self.refuse_keyword(keyword, at);
                None
            }
        }
    }

    /// Joins a keyword that stands beside `$ref` with what the reference brought.
    fn merge(&mut self, out: &mut Map<String, Value>, keyword: &str, value: Value, at: &str) {
        let is_open = |other: &str| out.contains_key(other) && !out.contains_key(keyword);
        // `additionalProperties` sees only the properties beside it, which inlining would change.
        let is_split = (keyword == "properties" && is_open("additionalProperties"))
            || (keyword == "additionalProperties" && is_open("properties"));
        match (out.get_mut(keyword), value) {
            (Some(Value::Object(known)), Value::Object(own)) if keyword == "x-touchmark" => {
                known.extend(own)
            }
            (Some(Value::Array(known)), Value::Array(own)) if keyword == "required" => {
                for name in own {
                    if !known.contains(&name) {
                        known.push(name);
                    }
                }
            }
            (Some(known), own) if *known == own => {}
            (None, own) if !is_split => {
                out.insert(keyword.to_owned(), own);
            }
            _ => {
                let what = format!("`{keyword}` stands both here and behind the `$ref` beside it");
                self.refuse(
                    "schema_ref_conflict",
                    at,
                    what,
                    "write both rules in one place",
                );
            }
        }
    }

    fn annotation(&mut self, value: &Value, at: &str) -> Option<Value> {
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
                "owner" | "stage" | "system_of_record" => continue,
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

    fn check_annotation(&mut self, out: &Map<String, Value>, at: &str) {
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

    fn refuse_keyword(&mut self, keyword: &str, at: &str) {
        if let Some((_, remedy)) = REFUSED.iter().find(|(names, _)| names.contains(&keyword)) {
            let what = format!("pages don't know `{keyword}`");
            self.refuse("schema_keyword_refused", at, what, remedy);
            return;
        }
        let guess = suggest::nearest(keyword, keywords());
        let guess = guess
            .map(|name| format!("did you mean `{name}`? "))
            .unwrap_or_default();
        let what = format!("`{keyword}` is no keyword of JSON Schema");
        let remedy = format!("{guess}your own annotations begin with x-");
        self.refuse("schema_keyword_unknown", at, what, &remedy);
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

/// Members in one order whatever the author's, so that equal contracts are equal bytes; the
/// order of fields stays, since it is that of the form.
fn order(schema: &mut Map<String, Value>) {
    let mut rest = std::mem::take(schema);
    for keyword in PAGE_KEYWORDS {
        let Some(mut value) = rest.remove(*keyword) else {
            continue;
        };
        match (&mut value, *keyword) {
            (Value::Object(fields), "properties") => {
                fields
                    .values_mut()
                    .filter_map(Value::as_object_mut)
                    .for_each(order);
            }
            (Value::Object(item), "items") => order(item),
            (Value::Object(own), "x-touchmark") => {
                let both = ["collect", "normalise"].map(|name| (name, own.remove(name)));
                own.extend(
                    both.into_iter()
                        .filter_map(|(name, value)| Some((name.to_owned(), value?))),
                );
            }
            _ => {}
        }
        schema.insert((*keyword).to_owned(), value);
    }
}

/// Where the schema with that `$anchor` stands, looking only where schemas can stand.
fn find_anchor(schema: &Value, anchor: &str, at: &str) -> Option<String> {
    if schema["$anchor"].as_str() == Some(anchor) {
        return Some(at.to_owned());
    }
    match schema {
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| !matches!(name.as_str(), "enum" | "const" | "examples" | "default"))
            .find_map(|(name, value)| find_anchor(value, anchor, &step(at, name))),
        Value::Array(items) => {
            let mut items = items.iter().enumerate();
            items.find_map(|(index, value)| find_anchor(value, anchor, &step(at, index)))
        }
        _ => None,
    }
}

/// Percent escapes of a fragment (RFC 6901 §6).
fn unescape(fragment: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = fragment.as_bytes();
    while let [first, tail @ ..] = rest {
        let hex = tail
            .get(..2)
            .and_then(|pair| std::str::from_utf8(pair).ok());
        match hex
            .and_then(|pair| u8::from_str_radix(pair, 16).ok())
            .filter(|_| *first == b'%')
        {
            Some(byte) => {
                bytes.push(byte);
                rest = &tail[2..];
            }
            None => {
                bytes.push(*first);
                rest = tail;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// `2.0` is the integer 2 in JSON Schema; pages read one way to write it.
fn whole(value: &Value) -> Value {
    match value.as_f64() {
        Some(number) if value.is_f64() && number.fract() == 0.0 && number.abs() < 9e15 => {
            json!(number as i64)
        }
        _ => value.clone(),
    }
}

const MAX_NODES: usize = 1_000;

/// What pages judge, in the order in which it is written.
const PAGE_KEYWORDS: &[&str] = &[
    "type",
    "enum",
    "const",
    "required",
    "properties",
    "additionalProperties",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minimum",
    "maximum",
    "items",
    "minItems",
    "maxItems",
    "x-touchmark",
];
/// What says nothing about values.
const SILENT: &[&str] = &[
    "$anchor",
    "$comment",
    "$defs",
    "$dynamicAnchor",
    "$id",
    "$ref",
    "$schema",
    "default",
    "deprecated",
    "description",
    "examples",
    "readOnly",
    "title",
    "writeOnly",
];
const ANNOTATIONS: &[&str] = &["collect", "normalise", "owner", "stage", "system_of_record"];
const COLLECT: &[&str] = &["value", "sha256", "presence", "never"];
const NORMALISE: &[&str] = &["email", "phone", "text"];
/// What JSON Schema knows and pages don't, with what to write instead.
const REFUSED: &[(&[&str], &str)] = &[
    (
        &[
            "allOf",
            "anyOf",
            "oneOf",
            "not",
            "if",
            "then",
            "else",
            "dependentRequired",
            "dependentSchemas",
        ],
        "write the rule on the field itself, as enum or pattern; rules across fields belong to the server",
    ),
    (&["exclusiveMinimum"], "use minimum"),
    (&["exclusiveMaximum"], "use maximum"),
    (&["multipleOf"], "use type integer, or a pattern on text"),
    (
        &["patternProperties", "propertyNames"],
        "list every field under properties",
    ),
    (
        &["minProperties", "maxProperties"],
        "use required and additionalProperties",
    ),
    (
        &[
            "prefixItems",
            "contains",
            "minContains",
            "maxContains",
            "uniqueItems",
            "unevaluatedItems",
        ],
        "use items, minItems and maxItems",
    ),
    (&["unevaluatedProperties"], "use additionalProperties"),
    (&["$dynamicRef", "$vocabulary"], "use $ref"),
    (
        &["contentEncoding", "contentMediaType", "contentSchema"],
        "leave it out: it checks nothing",
    ),
];
