//! A schema and the documents that it refers to into one document that needs no other.
//!
//! A compound schema document: each document that is referred to stands in `$defs` under its URI,
//! with its `$id`. Source: JSON Schema 2020-12 core, §9.3. Fetching is the caller's.

use std::collections::BTreeSet;

use super::dialect::STANDARD;
use super::uri::{resolve, split};
use super::walk::{children, rebuild};
use crate::text::concat;
use crate::value::Value;

/// A document that a schema refers to and nobody has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Missing {
    /// Its absolute URI.
    pub uri: String,
    /// The reference as it was written.
    pub reference: String,
}

/// Brings a document and what it refers to together.
///
/// `base` is where the document was found; `fetch` gives the document at a URI. A document that
/// calls itself otherwise than it was called is embedded under its own name, and the references
/// to it are rewritten.
///
/// # Errors
/// [`Missing`]: the first document that `fetch` doesn't have.
pub fn bundle(
    document: &Value,
    base: &str,
    fetch: &mut dyn FnMut(&str) -> Option<Value>,
) -> Result<Value, Missing> {
    let mut bundler = Bundler {
        known: BTreeSet::new(),
        wanted: Vec::new(),
        embedded: Vec::new(),
        renamed: Vec::new(),
    };
    bundler.read(document, base);
    while let Some((uri, reference)) = bundler.wanted.pop() {
        if bundler.known.contains(&uri) {
            continue;
        }
        let Some(found) = fetch(&uri) else {
            return Err(Missing { uri, reference });
        };
        bundler.embed(&uri, found);
    }
    let mut whole = bundler.rewritten(document, base);
    if bundler.embedded.is_empty() {
        return Ok(whole);
    }
    bundler.embedded.sort_by(|one, other| one.0.cmp(&other.0));
    let embedded: Vec<(String, Value)> = bundler
        .embedded
        .iter()
        .map(|(uri, one)| (uri.clone(), bundler.rewritten(one, uri)))
        .collect();
    if let Value::Object(members) = &mut whole {
        let defs = members.iter_mut().find(|(name, _)| name == "$defs");
        match defs {
            Some((_, Value::Object(defs))) => defs.extend(embedded),
            _ => members.push((String::from("$defs"), Value::Object(embedded))),
        }
    }
    Ok(whole)
}

struct Bundler {
    /// Resources at hand.
    known: BTreeSet<String>,
    /// URIs that are referred to, each with the reference as written; last first.
    wanted: Vec<(String, String)>,
    embedded: Vec<(String, Value)>,
    /// What documents were called, and what they call themselves.
    renamed: Vec<(String, String)>,
}

impl Bundler {
    /// Notes a document's resources and references.
    fn read(&mut self, schema: &Value, base: &str) {
        let base = base_of(schema, base);
        self.known.insert(base.clone());
        for keyword in ["$ref", "$dynamicRef", "$schema"] {
            let reference = schema.text_of(keyword);
            if keyword == "$schema" && reference.trim_end_matches('#') == STANDARD {
                continue;
            }
            if !reference.is_empty() {
                let absolute = resolve(&base, reference);
                let uri = split(&absolute).0.to_owned();
                self.wanted.push((uri, reference.to_owned()));
            }
        }
        children(schema, &mut |child| self.read(child, &base));
    }

    fn embed(&mut self, uri: &str, found: Value) {
        let own = base_of(&found, uri);
        self.known.insert(uri.to_owned());
        if own != uri {
            self.renamed.push((uri.to_owned(), own.clone()));
            if self.known.contains(&own) {
                return;
            }
        }
        let mut members = vec![(String::from("$id"), Value::Text(own.clone()))];
        match found {
            Value::Object(all) => members.extend(all.into_iter().filter(|(name, _)| name != "$id")),
            Value::Bool(false) => members.push((String::from("not"), Value::Bool(true))),
            _ => {}
        }
        let named = Value::Object(members);
        self.read(&named, &own);
        self.embedded.push((own, named));
    }

    /// The same schema, naming embedded documents as they call themselves: what was relative to
    /// where a document was found may mean nothing in another.
    fn rewritten(&self, schema: &Value, base: &str) -> Value {
        let base = base_of(schema, base);
        let mut changed = rebuild(schema, &mut |child| self.rewritten(child, &base));
        if let Value::Object(members) = &mut changed {
            for (name, value) in members {
                if let ("$ref" | "$dynamicRef", Value::Text(reference)) = (name.as_str(), value)
                    && !reference.starts_with('#')
                {
                    let absolute = resolve(&base, reference);
                    let (uri, fragment) = split(&absolute);
                    let renamed = self.renamed.iter().find(|(called, _)| called == uri);
                    let own = renamed.map_or(uri, |(_, own)| own.as_str());
                    if self.embedded.iter().any(|(known, _)| known == own) {
                        let mark = if fragment.is_empty() { "" } else { "#" };
                        *reference = concat(&[own, mark, fragment]);
                    }
                }
            }
        }
        changed
    }
}

/// The URI of a schema that stands in another.
fn base_of(schema: &Value, base: &str) -> String {
    match schema.member("$id").and_then(Value::as_text) {
        Some(id) => split(&resolve(base, id)).0.to_owned(),
        None => base.to_owned(),
    }
}
