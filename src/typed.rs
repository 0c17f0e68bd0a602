//! Typed questions to the core, for the inspector and QA: what would this form, this landing
//! become, and what does the running tracker know?
//!
//! Behind the feature `typed`, with serde and serde-wasm-bindgen; visitors never download it.
//! It answers with the same stages that make events, and nothing is stored or sent by asking.

use serde::{Deserialize, Serialize};
use serde_wasm_bindgen::Serializer;
use wasm_bindgen::prelude::*;

use crate::browser::BrowserHost;
use crate::browser::witness;
use crate::exports;
use crate::form;
use crate::plan::Plan;
use crate::schema::violations;
use crate::schema::wire::{Collect, collect};
use crate::scrub::is_secret;
use crate::time::UnixMillis;
use crate::touch::{Arrival, Landing};
use crate::tracker::Tracker;
use crate::value::{Json, Value};

/// A control's entry, as a form would send it; without a value, the control alone.
#[derive(Deserialize)]
struct Entry {
    name: String,
    value: String,
    /// The control's type, such as `text` or `checkbox`.
    kind: String,
    /// The field or autocomplete token that the page's author gave it.
    #[serde(default)]
    hint: String,
}

/// What a form's entries come to.
#[derive(Serialize)]
struct FormReport<'a> {
    /// valid or invalid.
    verdict: &'static str,
    violations: Vec<Violation>,
    /// The contract's fields, in its order.
    fields: Vec<FieldReport<'a>>,
    /// The entries' controls, each once, in their order.
    controls: Vec<ControlReport<'a>>,
    /// The hidden fields that the plan fills: control and source.
    hidden: Vec<(&'a str, &'a str)>,
}

#[derive(Serialize)]
struct Violation {
    instance: String,
    keyword: String,
    schema: String,
}

#[derive(Serialize)]
struct FieldReport<'a> {
    field: &'a str,
    /// Whether an entry filled it.
    is_filled: bool,
    is_required: bool,
    /// value, sha256, presence or never.
    collect: &'static str,
}

#[derive(Serialize)]
struct ControlReport<'a> {
    name: String,
    kind: String,
    /// The contract's field that it feeds; empty when it is not read.
    field: &'a str,
    /// Passwords, and names that say that they hold a secret, are never looked at.
    is_secret: bool,
}

/// How a page would be reached.
#[derive(Deserialize)]
struct LandingQuestion {
    /// Without `?`.
    query: String,
    referrer: String,
    origin: String,
    path: String,
}

/// What a landing comes to.
#[derive(Serialize)]
struct LandingReport {
    /// The touch as events would carry it; null for a direct visit.
    touch: Value,
    is_paid: bool,
    diagnostics: Vec<&'static str>,
}

fn plan_of(text: &str) -> Result<Plan, JsError> {
    let built = Value::parse(text).map_err(|wrong| JsError::new(&wrong.to_string()))?;
    Plan::from_value(built).map_err(|wrong| JsError::new(wrong.code()))
}

/// Objects as JavaScript writes them, not as `Map`s.
fn told(report: &impl Serialize) -> Result<JsValue, JsError> {
    Ok(report.serialize(&Serializer::json_compatible())?)
}

/// Judges a form's entries by the contract that a built plan names for it.
///
/// `plan` is the text of a built plan, `form` a form's id, `entries` a list of
/// `{name, value, kind, hint}`; one whose value is empty only asks where it would go.
///
/// # Errors
/// A sentence: the plan is none, it has no such form or contract, or the entries are no list.
#[wasm_bindgen(js_name = inspectForm)]
pub fn inspect_form(plan: &str, form: &str, entries: JsValue) -> Result<JsValue, JsError> {
    let plan = plan_of(plan)?;
    let declared = plan.form(plan.form_index(form));
    let declared = declared.ok_or_else(|| JsError::new("the plan declares no such form"))?;
    let contract = plan.contract(declared.contract());
    let contract = contract.ok_or_else(|| JsError::new("the plan lacks the form's contract"))?;
    let asked: Vec<Entry> = serde_wasm_bindgen::from_value(entries)?;
    let mut controls: Vec<ControlReport<'_>> = Vec::new();
    let mut entries = Vec::new();
    for Entry {
        name,
        value,
        kind,
        hint,
    } in asked
    {
        if !controls.iter().any(|known| known.name == name) {
            controls.push(ControlReport {
                field: declared.field_of(&name, &hint),
                is_secret: kind == "password" || is_secret(&name, plan.rules(), &BrowserHost),
                name: name.clone(),
                kind: kind.clone(),
            });
        }
        let cells = [name, value, kind, hint].map(Value::Text);
        entries.push(Value::List(cells.into()));
    }
    let instance = form::instance(declared, contract, &entries, plan.rules(), &BrowserHost);
    let found = violations(contract, &instance, &BrowserHost);
    let required = contract.items_of("required");
    let properties = contract
        .member("properties")
        .map_or(&[][..], Value::members);
    told(&FormReport {
        verdict: if found.is_empty() { "valid" } else { "invalid" },
        violations: found
            .into_iter()
            .map(|one| Violation {
                instance: one.instance,
                keyword: one.keyword,
                schema: one.schema,
            })
            .collect(),
        fields: properties
            .iter()
            .map(|(field, property)| FieldReport {
                field,
                is_filled: instance.member(field).is_some(),
                is_required: required.iter().any(|one| one.as_text() == Some(field)),
                collect: match collect(property) {
                    Collect::Value => "value",
                    Collect::Sha256 => "sha256",
                    Collect::Presence => "presence",
                    Collect::Never => "never",
                },
            })
            .collect(),
        controls,
        hidden: declared
            .hidden()
            .iter()
            .map(|(control, source)| (control.as_str(), source.as_text().unwrap_or("")))
            .collect(),
    })
}

/// Reads the touch that a landing would become by a built plan's rules, from
/// `{query, referrer, origin, path}`.
///
/// # Errors
/// A sentence: the plan is none, or a member is missing or no text.
#[wasm_bindgen(js_name = inspectLanding)]
pub fn inspect_landing(plan: &str, landing: JsValue) -> Result<JsValue, JsError> {
    let plan = plan_of(plan)?;
    let landing: LandingQuestion = serde_wasm_bindgen::from_value(landing)?;
    let arrival = Arrival::of(&Landing {
        at: UnixMillis(0),
        query: &landing.query,
        referrer: &landing.referrer,
        origin: &landing.origin,
        page: plan.page_of(&landing.path),
        host: &BrowserHost,
        secrets: plan.rules(),
        rules: plan.attribution(),
        is_step: false,
    });
    let touch = arrival.touch.map_or(Value::Null, |touch| {
        let mut json = Json::default();
        touch.write(&mut json);
        Value::parse(&json.finish()).unwrap_or(Value::Null)
    });
    told(&LandingReport {
        touch,
        is_paid: arrival.is_paid,
        diagnostics: arrival.diagnostics,
    })
}

/// The running tracker's state; null before a usable plan has started it.
///
/// # Errors
/// None that is known: the state is plain values.
#[wasm_bindgen(js_name = inspectState)]
pub fn inspect_state() -> Result<JsValue, JsError> {
    exports::ask(|tracker: &Tracker| {
        tracker
            .state()
            .map_or(Ok(JsValue::NULL), |state| told(&state))
    })
    .unwrap_or(Ok(JsValue::NULL))
}

/// The last batches and announcements, the oldest first, each `{at, what, to, body, is_held}`.
///
/// # Errors
/// None that is known.
#[wasm_bindgen(js_name = inspectNotes)]
pub fn inspect_notes() -> Result<JsValue, JsError> {
    told(&witness::notes())
}

/// From here on nothing is sent, kept or announced; what would be is told by `inspectNotes`.
#[wasm_bindgen(js_name = inspectDry)]
pub fn inspect_dry(on: bool) {
    witness::dry_run(on);
}
