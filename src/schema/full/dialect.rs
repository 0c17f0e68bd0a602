//! A `$schema` into the keywords that mean something under it.
//!
//! Used by `index`. Source: JSON Schema 2020-12 core, §8.1. A metaschema other than the
//! standard's must be in the document, as `bundle` puts it there.

use super::Fault;
use crate::value::Value;

/// Which vocabularies are in force.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Dialect {
    has_applicators: bool,
    has_unevaluated: bool,
    has_validation: bool,
    /// Formats are asserted, whatever the caller asks for.
    pub asserts_formats: bool,
}

/// The standard's own metaschema.
pub const STANDARD: &str = "https://json-schema.org/draft/2020-12/schema";
const VOCABULARIES: &str = "https://json-schema.org/draft/2020-12/vocab/";

impl Dialect {
    /// The standard's: all but the assertion of formats.
    pub const WHOLE: Dialect = Dialect {
        has_applicators: true,
        has_unevaluated: true,
        has_validation: true,
        asserts_formats: false,
    };

    /// The dialect that a `$schema` names.
    ///
    /// # Errors
    /// [`Fault::Dialect`] when its metaschema is not at hand, [`Fault::Vocabulary`] when it
    /// requires a vocabulary that nobody here knows.
    pub fn of(name: &str, document: &Value) -> Result<Dialect, Fault> {
        let name = name.strip_suffix('#').unwrap_or(name);
        if name == STANDARD {
            return Ok(Dialect::WHOLE);
        }
        let embedded = document.member("$defs").map_or(&[][..], Value::members);
        let known = embedded.iter().map(|(_, one)| one).chain([document]);
        let mut named = known.filter(|one| one.text_of("$id") == name);
        let Some(metaschema) = named.next() else {
            return Err(Fault::Dialect);
        };
        let Some(vocabularies) = metaschema.member("$vocabulary") else {
            return Ok(Dialect::WHOLE);
        };
        let mut dialect = Dialect {
            has_applicators: false,
            has_unevaluated: false,
            has_validation: false,
            asserts_formats: false,
        };
        for (uri, is_required) in vocabularies.members() {
            match uri.strip_prefix(VOCABULARIES) {
                Some("applicator") => dialect.has_applicators = true,
                Some("unevaluated") => dialect.has_unevaluated = true,
                Some("validation") => dialect.has_validation = true,
                Some("format-assertion") => dialect.asserts_formats = true,
                Some("core" | "content" | "format-annotation" | "meta-data") => {}
                _ if *is_required == Value::Bool(true) => return Err(Fault::Vocabulary),
                _ => {}
            }
        }
        Ok(dialect)
    }

    /// Whether a keyword means something.
    pub fn knows(self, keyword: &str) -> bool {
        match keyword {
            "additionalProperties"
            | "allOf"
            | "anyOf"
            | "contains"
            | "dependentSchemas"
            | "if"
            | "items"
            | "not"
            | "oneOf"
            | "patternProperties"
            | "prefixItems"
            | "properties"
            | "propertyNames" => self.has_applicators,
            "unevaluatedItems" | "unevaluatedProperties" => self.has_unevaluated,
            "$ref" | "$dynamicRef" | "format" => true,
            _ => self.has_validation,
        }
    }
}
