//! A `$ref` in a contract into the schema that it means, inlined where it stands.
//!
//! Part of `compile`. Local references only: a pointer, an anchor, or either behind the
//! document's own `$id`. Not here: what the schema found there says.

use serde_json::{Map, Value};
use touchmark::schema::full::index::percent_decoded;

use super::super::fault::step;
use super::super::{shape, suggest};
use super::Compiler;

impl Compiler<'_> {
    /// What a reference brings; nothing, and a fault, where it can't be followed.
    pub(super) fn reference(
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
            pointer if pointer.starts_with('/') => Some(percent_decoded(pointer)),
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

    /// Joins a keyword that stands beside `$ref` with what the reference brought.
    pub(super) fn merge(
        &mut self,
        out: &mut Map<String, Value>,
        keyword: &str,
        value: Value,
        at: &str,
    ) {
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
