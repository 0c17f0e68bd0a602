//! Typed questions to the core, for the inspector and QA: what would this form, this landing
//! become?
//!
//! Behind the feature `typed`, with serde and serde-wasm-bindgen; visitors never download it.
//! It answers with the same stages that make events, and nothing is stored or sent.

use serde::{Deserialize, Serialize};
use wasm_bindgen::prelude::*;

use crate::browser::host::BrowserHost;
use crate::form;
use crate::plan::Plan;
use crate::schema::violations;
use crate::schema::wire::{Collect, collect};
use crate::scrub::rules;
use crate::time::UnixMillis;
use crate::touch::{Arrival, Field, Landing};
use crate::value::Value;

/// A control's entry, as a form would send it.
#[derive(Deserialize)]
struct Entry {
    name: String,
    value: String,
    /// The control's type, such as `text` or `checkbox`.
    kind: String,
}

/// What a form's entries come to.
#[derive(Serialize)]
struct FormReport {
    /// valid or invalid.
    verdict: &'static str,
    violations: Vec<Violation>,
    /// The contract's fields, in its order.
    fields: Vec<FieldReport>,
}

#[derive(Serialize)]
struct Violation {
    instance: String,
    keyword: String,
    schema: String,
}

#[derive(Serialize)]
struct FieldReport {
    field: String,
    /// Whether an entry filled it.
    is_filled: bool,
    /// value, sha256, presence or never.
    collect: &'static str,
}

/// How a page would be reached.
#[derive(Deserialize)]
struct LandingQuestion {
    /// Without `?`.
    query: String,
    referrer: String,
    origin: String,
}

/// What a landing comes to; all empty for a direct visit.
#[derive(Default, Serialize)]
struct LandingReport {
    source: String,
    medium: String,
    campaign: String,
    click_id: String,
    channel: String,
    /// The rule that decided the channel.
    rule: String,
    is_paid: bool,
    diagnostics: Vec<&'static str>,
}

/// Judges a form's entries by the contract that a built plan names for it.
///
/// `plan` is the text of a built plan, `form` a form's id, `entries` a list of
/// `{name, value, kind}`.
///
/// # Errors
/// A sentence: the plan is none, it has no such form or contract, or the entries are no list.
#[wasm_bindgen(js_name = inspectForm)]
pub fn inspect_form(plan: &str, form: &str, entries: JsValue) -> Result<JsValue, JsError> {
    let built = Value::parse(plan).map_err(|wrong| JsError::new(&wrong.to_string()))?;
    let plan = Plan::from_value(built).map_err(|wrong| JsError::new(wrong.code()))?;
    let declared = plan.form(plan.form_index(form));
    let declared = declared.ok_or_else(|| JsError::new("the plan declares no such form"))?;
    let contract = plan.contract(declared.contract());
    let contract = contract.ok_or_else(|| JsError::new("the plan lacks the form's contract"))?;
    let entries: Vec<Entry> = serde_wasm_bindgen::from_value(entries)?;
    let entries: Vec<Value> = entries
        .into_iter()
        .map(|entry| {
            Value::List(
                [entry.name, entry.value, entry.kind]
                    .map(Value::Text)
                    .into(),
            )
        })
        .collect();
    let instance = form::instance(declared, contract, &entries, plan.rules(), &BrowserHost);
    let found = violations(contract, &instance, &BrowserHost);
    let properties = contract
        .member("properties")
        .map_or(&[][..], Value::members);
    let report = FormReport {
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
                field: field.clone(),
                is_filled: instance.member(field).is_some(),
                collect: match collect(property) {
                    Collect::Value => "value",
                    Collect::Sha256 => "sha256",
                    Collect::Presence => "presence",
                    Collect::Never => "never",
                },
            })
            .collect(),
    };
    Ok(serde_wasm_bindgen::to_value(&report)?)
}

/// Reads the touch that a landing would become, from `{query, referrer, origin}`.
///
/// # Errors
/// A sentence: a member is missing or no text.
#[wasm_bindgen(js_name = inspectLanding)]
pub fn inspect_landing(landing: JsValue) -> Result<JsValue, JsError> {
    let landing: LandingQuestion = serde_wasm_bindgen::from_value(landing)?;
    let arrival = Arrival::of(&Landing {
        at: UnixMillis(0),
        query: &landing.query,
        referrer: &landing.referrer,
        origin: &landing.origin,
        page: "",
        host: &BrowserHost,
        secrets: &rules(),
        rules: &Value::Null,
        is_step: false,
    });
    let mut report = LandingReport {
        is_paid: arrival.is_paid,
        diagnostics: arrival.diagnostics,
        ..LandingReport::default()
    };
    if let Some(touch) = arrival.touch {
        let text = |field| touch.of(field).to_owned();
        report.source = text(Field::Source);
        report.medium = text(Field::Medium);
        report.campaign = text(Field::Campaign);
        report.click_id = text(Field::ClickValue);
        report.channel = text(Field::Channel);
        report.rule = text(Field::Rule);
    }
    Ok(serde_wasm_bindgen::to_value(&report)?)
}
