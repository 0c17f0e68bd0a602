//! The built plan.json into the [`Plan`] that every decision reads.
//!
//! After `schema`, before `consent`. Written by `touchmark plan build`, which has checked it
//! whole; here only what the core reads is taken, each member with its default.
//! Not here: selectors and signals, which are the kernel's.

use crate::value::Value;

/// What a site has declared. Everything else stays on the page.
#[derive(Clone, Debug)]
pub struct Plan {
    /// Events come from `urn:touchmark:<site>`.
    pub site: String,
    /// Where batches go: an absolute URL, or a path on the page's own origin.
    pub endpoint: String,
    /// The built plan's own hash: 16 hex digits.
    pub id: String,
    /// The `$id` of the shared schema.
    pub schema: String,
    pub forms: Vec<Form>,
    pub storage: Storage,
    /// Whether a `form_submit` is announced in the data layer as soon as it is sent; by default
    /// only once it is accepted.
    pub announces_sent: bool,
    /// The data layer's global name; empty for none.
    pub data_layer: String,
    pub consent: ConsentSource,
    built: Value,
}

/// A declared form.
#[derive(Clone, Debug)]
pub struct Form {
    pub id: String,
    pub contract: String,
    /// Whether success or failure signals are declared, so that a mere request is no verdict.
    pub is_judged: bool,
    fields: Value,
    hidden: Value,
}

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

impl ConsentSource {
    pub fn name(self) -> &'static str {
        match self {
            ConsentSource::Api => "api",
            ConsentSource::NotRequired => "not_required",
        }
    }
}

/// The format of built plans that this core reads.
pub const FORMAT: u64 = 1;

/// Why a plan can't be used. The remedy is always `touchmark plan build`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PlanError {
    /// Its member `touchmark` is not the format that this core reads.
    Format,
    /// It lacks `site`, `endpoint` or `plan`: a source plan, not a built one.
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
        if built.whole_of("touchmark") != FORMAT {
            return Err(PlanError::Format);
        }
        let text = |name: &str| String::from(built.text_of(name));
        let plan = Plan {
            site: text("site"),
            endpoint: text("endpoint"),
            id: text("plan"),
            schema: text("schema"),
            forms: list(&built, "forms").iter().map(Form::from_value).collect(),
            storage: match built.text_of("storage") {
                "session" => Storage::Session,
                "memory" => Storage::Memory,
                _ => Storage::Local,
            },
            announces_sent: built.text_of("announce") == "sent",
            data_layer: text("data_layer"),
            consent: match built
                .member("consent")
                .map_or("", |own| own.text_of("source"))
            {
                "not_required" => ConsentSource::NotRequired,
                _ => ConsentSource::Api,
            },
            built,
        };
        if plan.site.is_empty() || plan.endpoint.is_empty() || plan.id.is_empty() {
            return Err(PlanError::NotBuilt);
        }
        Ok(plan)
    }

    /// The declared id of a path, `undeclared` when there is none: a path never leaves the page.
    ///
    /// An exact path wins over a pattern; among patterns (`/doctors/*`) the first.
    pub fn page_of(&self, path: &str) -> &str {
        let pages = list(&self.built, "pages");
        let find = |fits: &dyn Fn(&str) -> bool| {
            let page = pages.iter().find(|page| fits(page.text_of("path")));
            page.map(|page| page.text_of("id"))
        };
        find(&|declared| declared == path)
            .or_else(|| {
                find(&|declared| {
                    let stem = declared.strip_suffix('*');
                    stem.is_some_and(|stem| path.starts_with(stem))
                })
            })
            .unwrap_or(UNDECLARED)
    }

    /// The compiled contract of that name.
    pub fn contract(&self, name: &str) -> Option<&Value> {
        self.built.member("contracts")?.member(name)
    }

    /// The contract of a type that pages record by `touchmark('record', type, fields)`.
    pub fn record_contract(&self, kind: &str) -> Option<&str> {
        let record = self.built.member("records")?.member(kind)?;
        record.member("contract")?.as_text()
    }

    /// Whether an automatic page event such as `landing` is wanted.
    pub fn wants(&self, kind: &str) -> bool {
        list(&self.built, "events")
            .iter()
            .any(|one| one.as_text() == Some(kind))
    }

    pub fn form(&self, index: Option<usize>) -> Option<&Form> {
        index.and_then(|index| self.forms.get(index))
    }
}

impl Form {
    fn from_value(form: &Value) -> Form {
        Form {
            id: String::from(form.text_of("id")),
            contract: String::from(form.text_of("contract")),
            is_judged: !list(form, "success").is_empty() || !list(form, "failure").is_empty(),
            fields: form.member("fields").cloned().unwrap_or(Value::Null),
            hidden: form.member("hidden").cloned().unwrap_or(Value::Null),
        }
    }

    /// The schema field that a control's name maps to.
    pub fn field_of(&self, control: &str) -> Option<&str> {
        self.fields.member(control)?.as_text()
    }

    /// Hidden fields to fill: control name and source (`event_id`, `last.campaign`).
    pub fn hidden(&self) -> impl Iterator<Item = (&str, &str)> {
        self.hidden
            .members()
            .iter()
            .map(|(control, source)| (control.as_str(), source.as_text().unwrap_or("")))
    }
}

/// The id of pages and forms that the plan does not declare.
pub const UNDECLARED: &str = "undeclared";

fn list<'a>(value: &'a Value, name: &str) -> &'a [Value] {
    value.member(name).map_or(&[], Value::items)
}
