//! The built plan.json into the [`Plan`] that every decision reads.
//!
//! After `schema`, before `consent`. Written by `touchmark plan build`, which has checked it
//! whole; here only what the core reads is taken, each member with its default.
//! Not here: selectors and signals, which are the kernel's.

use crate::text::{before, starts};
use crate::value::Value;

/// What a site has declared. Everything else stays on the page.
#[derive(Clone, Debug)]
pub struct Plan(Value);

/// A declared form.
#[derive(Clone, Copy, Debug)]
pub struct Form<'a>(&'a Value);

/// Where records wait between pages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Storage {
    Local,
    Session,
    Memory,
}

/// Who says what the visitor allows.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ConsentSource {
    /// The page, by `touchmark('consent', …)`. The default: unknown until it does.
    Api,
    /// Nobody: the site has established that it needs none.
    NotRequired,
}

/// How many patterns `scrub` asks for.
const RULES: usize = 5;

/// The format of built plans that this core reads.
pub const FORMAT: u64 = 1;

/// That of plans whose contracts ask for the larger core: the everyday one refuses them, since it
/// would pass over keywords that it doesn't know.
pub const FULL_FORMAT: u64 = 2;

/// Why a plan can't be used. The remedy is always `touchmark plan build`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanError {
    /// Its member `touchmark` is not a format that this core reads: another version's, or
    /// [`FULL_FORMAT`] in a core without the feature `full`.
    Format,
    /// It lacks `site`, `endpoint`, `plan` or `rules`: a source plan, or one of an older build.
    NotBuilt,
}

impl PlanError {
    pub fn code(self) -> &'static str {
        match self {
            PlanError::Format => "plan_format",
            PlanError::NotBuilt => "plan_not_built",
        }
    }
}

impl Plan {
    /// Reads a built plan.
    ///
    /// # Errors
    /// [`PlanError`] when it is none, or one for another version of touchmark.
    pub fn from_value(built: Value) -> Result<Plan, PlanError> {
        let plan = Plan(built);
        let format = plan.0.whole_of("touchmark");
        if format != FORMAT && !(cfg!(feature = "full") && format == FULL_FORMAT) {
            return Err(PlanError::Format);
        }
        let is_built = plan.rules().len() == RULES
            && !plan.site().is_empty()
            && !plan.endpoint().is_empty()
            && !plan.id().is_empty();
        if !is_built {
            return Err(PlanError::NotBuilt);
        }
        Ok(plan)
    }

    /// Events come from `urn:touchmark:<site>`.
    pub fn site(&self) -> &str {
        self.0.text_of("site")
    }

    /// The patterns by which `scrub` knows what must not leave.
    pub fn rules(&self) -> &[Value] {
        self.0.items_of("rules")
    }

    /// Where batches go: an absolute URL, or a path on the page's own origin.
    pub fn endpoint(&self) -> &str {
        self.0.text_of("endpoint")
    }

    /// The built plan's own hash: 16 hex digits.
    pub fn id(&self) -> &str {
        self.0.text_of("plan")
    }

    /// The `$id` of the shared schema.
    pub fn schema(&self) -> &str {
        self.0.text_of("schema")
    }

    /// The data layer's global name; empty for none.
    pub fn data_layer(&self) -> &str {
        self.0.text_of("data_layer")
    }

    /// Whether a `form_submit` is announced in the data layer as soon as it is sent; by default
    /// only once it is accepted.
    pub fn announces_sent(&self) -> bool {
        self.0.text_of("announce") == "sent"
    }

    /// What it says about attribution; `Null` for nothing.
    pub fn attribution(&self) -> &Value {
        self.0.member("attribution").unwrap_or(&Value::Null)
    }

    pub fn storage(&self) -> Storage {
        match self.0.text_of("storage") {
            "session" => Storage::Session,
            "memory" => Storage::Memory,
            _ => Storage::Local,
        }
    }

    /// Whether batches go with the content type of CloudEvents, which asks for a preflight
    /// across origins; by default as text.
    pub fn is_cloudevents(&self) -> bool {
        self.0.text_of("body") == "cloudevents"
    }

    pub fn consent(&self) -> ConsentSource {
        match self.consent_name() {
            "not_required" => ConsentSource::NotRequired,
            _ => ConsentSource::Api,
        }
    }

    /// The consent source as events name it.
    pub fn consent_name(&self) -> &str {
        self.0
            .member("consent")
            .map_or("", |consent| consent.text_of("source"))
    }

    /// The declared id of a path, `undeclared` when there is none: a path never leaves the page.
    ///
    /// An exact path wins over a pattern; among patterns (`/doctors/*`) the first.
    pub fn page_of(&self, path: &str) -> &str {
        let mut id = UNDECLARED;
        let mut is_pattern = false;
        for page in self.0.items_of("pages") {
            let declared = page.text_of("path");
            if declared == path {
                return page.text_of("id");
            }
            if !is_pattern && before(declared, "*").is_some_and(|stem| starts(path, 0, stem)) {
                is_pattern = true;
                id = page.text_of("id");
            }
        }
        id
    }

    /// The compiled contract of that name.
    pub fn contract(&self, name: &str) -> Option<&Value> {
        self.0.member("contracts")?.member(name)
    }

    /// The contract of a type that pages record by `touchmark('record', type, fields)`; its
    /// name is empty when the plan declares none.
    pub fn record_contract(&self, kind: &str) -> &str {
        let record = self.0.member("records").and_then(|all| all.member(kind));
        record.map_or("", |record| record.text_of("contract"))
    }

    /// Whether an automatic page event such as `landing` is wanted.
    pub fn wants(&self, kind: &str) -> bool {
        self.0
            .items_of("events")
            .iter()
            .any(|one| one.as_text() == Some(kind))
    }

    pub fn form(&self, index: Option<usize>) -> Option<Form<'_>> {
        self.0.items_of("forms").get(index?).map(Form)
    }

    /// The id of a form; `undeclared` when there is none.
    pub fn form_id(&self, index: Option<usize>) -> &str {
        self.form(index).map_or(UNDECLARED, Form::id)
    }

    /// The index of the form with an id.
    pub fn form_index(&self, id: &str) -> Option<usize> {
        self.0
            .items_of("forms")
            .iter()
            .position(|form| form.text_of("id") == id)
    }
}

impl<'a> Form<'a> {
    pub fn id(self) -> &'a str {
        self.0.text_of("id")
    }

    /// The name of its contract.
    pub fn contract(self) -> &'a str {
        self.0.text_of("contract")
    }

    /// Whether success or failure signals are declared, so that a mere request is no verdict.
    pub fn is_judged(self) -> bool {
        !self.0.items_of("success").is_empty()
            || !self.0.items_of("failure").is_empty()
            || self.0.member("adapter").is_some()
    }

    /// The schema field that a control maps to by its name; then by the field or autocomplete token
    /// that it names itself, for fields that the plan maps no control to; then a field of the same
    /// name. Empty when none.
    pub fn field_of(self, control: &str, hint: &str) -> &'a str {
        for (map, key) in [("fields", control), ("implied", hint), ("implied", control)] {
            let field = self.0.member(map).map_or("", |fields| fields.text_of(key));
            if !field.is_empty() {
                return field;
            }
        }
        ""
    }

    /// Hidden fields to fill: control name and source (`event_id`, `last.campaign`).
    pub fn hidden(self) -> &'a [(String, Value)] {
        self.0.member("hidden").map_or(&[], Value::members)
    }
}

/// The id of pages and forms that the plan does not declare.
pub const UNDECLARED: &str = "undeclared";

#[cfg(test)]
mod tests {
    use super::{FORMAT, FULL_FORMAT, Plan, PlanError};
    use crate::value::Value;

    #[test]
    fn a_plan_for_the_larger_core_is_read_by_that_one_alone() {
        let read = |format: u64| {
            let text = format!(
                r#"{{"touchmark":{format},"plan":"1","site":"s","endpoint":"/e","rules":["","","","",""]}}"#
            );
            Plan::from_value(Value::parse(&text).expect("JSON")).map(|_| ())
        };
        assert_eq!(read(FORMAT), Ok(()));
        let larger = match cfg!(feature = "full") {
            true => Ok(()),
            false => Err(PlanError::Format),
        };
        assert_eq!(read(FULL_FORMAT), larger);
        assert_eq!(read(3), Err(PlanError::Format));
    }
}
