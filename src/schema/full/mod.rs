//! All of JSON Schema 2020-12: a document and an instance into a verdict.
//!
//! Beside the page's keyword set, behind the feature `full`: for the CLI, for tests, and for pages
//! whose plan says `validator: full`. `index` reads the document, `evaluate` judges, `bundle`
//! brings documents together, `ijson` refuses what is no I-JSON before anything judges it.
//! For a contract of the page's keyword set both validators give the same violations in the same
//! order. Not here: fetching, output formats other than violations.

pub mod bundle;
pub mod dialect;
mod evaluate;
pub mod ijson;
pub mod index;
mod number;
mod object;
mod seen;
pub mod uri;
pub mod walk;

use super::{Host, Violation};
use crate::value::Value;
use evaluate::Evaluation;
use index::Index;

/// A schema that is ready to judge.
pub struct Schema<'a> {
    document: &'a Value,
    index: Index<'a>,
}

/// What becomes of an instance.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Verdict {
    Valid,
    /// At least one, at most [`MAX_VIOLATIONS`](super::MAX_VIOLATIONS).
    Invalid(Vec<Violation>),
    /// Judging took more than [`MAX_STEPS`] steps, or went deeper than [`MAX_DEPTH`].
    BudgetExceeded,
}

/// Whether `format` asserts. The standard's default is that it annotates; contracts assert.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Formats {
    Annotate,
    Assert,
}

/// Why a schema can't judge.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SchemaError {
    pub fault: Fault,
    /// JSON pointer to where it stands in the document.
    pub pointer: String,
    /// The name that leads nowhere; empty when it is about none.
    pub about: String,
}

/// What is wrong with a schema.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum Fault {
    /// Neither an object nor true or false.
    NoSchema,
    /// A reference leads nowhere in this document; `touchmark schema bundle` inlines others.
    Reference,
    /// No ECMAScript pattern.
    Pattern,
    /// `$schema` names a metaschema that is not in this document.
    Dialect,
    /// The metaschema requires a vocabulary that touchmark doesn't know.
    Vocabulary,
    /// More than [`index::MAX_SCHEMAS`] schemas.
    TooLarge,
}

/// A schema applied, a keyword looked at, two values compared: each is a step.
pub const MAX_STEPS: u32 = 500_000;
/// Schemas within schemas at once; a reference that comes back to itself ends here.
pub const MAX_DEPTH: u32 = 300;

impl<'a> Schema<'a> {
    /// Reads a document.
    ///
    /// # Errors
    /// [`SchemaError`]: the document can't judge anything.
    pub fn of(document: &'a Value, host: &dyn Host) -> Result<Schema<'a>, SchemaError> {
        let index = Index::of(document, host)?;
        Ok(Schema { document, index })
    }

    /// Judges an instance. Violations come in the order of the schema's members; what a failing
    /// branch of `anyOf`, `oneOf`, `not`, `if` or `contains` found is not told, only the keyword.
    pub fn judge(&self, instance: &Value, host: &dyn Host, formats: Formats) -> Verdict {
        Evaluation::new(&self.index, host, formats == Formats::Assert).run(self.document, instance)
    }
}

impl Fault {
    /// A stable name.
    pub fn code(self) -> &'static str {
        match self {
            Fault::NoSchema => "schema_no_schema",
            Fault::Reference => "schema_ref_unknown",
            Fault::Pattern => "schema_pattern_refused",
            Fault::Dialect => "schema_dialect_unknown",
            Fault::Vocabulary => "schema_vocabulary_unknown",
            Fault::TooLarge => "schema_too_large",
        }
    }
}

impl core::fmt::Display for SchemaError {
    fn fmt(&self, f: &mut core::fmt::Formatter<'_>) -> core::fmt::Result {
        let Self {
            fault,
            pointer,
            about,
        } = self;
        let what = match fault {
            Fault::NoSchema => "neither an object nor true or false",
            Fault::Reference => "leads nowhere in this document",
            Fault::Pattern => "holds what is no ECMAScript pattern",
            Fault::Dialect => "names a dialect that is not in this document",
            Fault::Vocabulary => "requires a vocabulary that touchmark doesn't know",
            Fault::TooLarge => "the document holds too many schemas",
        };
        let space = if about.is_empty() { "" } else { " " };
        write!(f, "#{pointer}: {about}{space}{what}")
    }
}

/// Judges by a contract that plan build left whole.
pub(super) fn violations(contract: &Value, instance: &Value, host: &dyn Host) -> Vec<Violation> {
    let verdict =
        Schema::of(contract, host).map(|schema| schema.judge(instance, host, Formats::Assert));
    match verdict {
        Ok(Verdict::Valid) => Vec::new(),
        Ok(Verdict::Invalid(found)) => found,
        // Plan build has read the contract; one that can't judge finds nothing valid.
        Ok(Verdict::BudgetExceeded) | Err(_) => vec![Violation {
            instance: String::new(),
            keyword: String::from(super::BUDGET_EXCEEDED),
            schema: String::new(),
        }],
    }
}
