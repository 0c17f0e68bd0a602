//! A checked source plan and its compiled contracts into the plan that pages load.
//!
//! Last stage of plan build. Canonical: one order of members, defaults written out, no
//! insignificant space, so that the same plan is the same bytes and has the same hash.
//! Not here: checking.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};
use touchmark::plan::FULL_FORMAT;
use touchmark::scrub::RULES;

use super::attribution;
use super::compile;
use super::consent;
use super::fault::Faults;
use super::implied;
use super::refer;
use super::shared::SharedSchema;

/// A built plan.
#[derive(Debug)]
pub struct Built {
    pub text: String,
    /// First 16 hex digits of the SHA-256 of the text without its member `plan`.
    pub hash: String,
    pub forms: usize,
    pub contracts: usize,
}

impl Built {
    /// Builds; with faults, of the plan or added here, the result is not to be used.
    pub fn of(plan: &Value, shared: &SharedSchema, faults: &mut Faults) -> Self {
        let is_full = plan["validator"] == "full";
        let mut contracts = Map::new();
        for name in refer::used_contracts(plan) {
            let compiled = if is_full {
                compile::whole::contract(shared, name, faults)
            } else {
                compile::contract(shared, name, faults)
            };
            contracts.insert(name.to_owned(), compiled);
        }
        let forms = plan["forms"].as_array().map_or(&[][..], Vec::as_slice);
        let counts = (forms.len(), contracts.len());
        let mut built = Map::new();
        for (name, default) in members() {
            let value = match name {
                // Rare: written only where they are used.
                "ignore" | "frames" | "diagnostics" if plan.get(name).is_none() => continue,
                "inspector" if plan[name] != true => continue,
                "inspector" => json!(INSPECTOR),
                "schema" => json!(shared.id()),
                "forms" => {
                    let own = attribution::forms(&plan["attribution"]);
                    let declared = forms.iter().map(|one| form(one, plan, shared));
                    declared.chain(own).collect()
                }
                "consent" => consent::build(plan),
                _ => plan.get(name).cloned().unwrap_or(default),
            };
            built.insert(name.to_owned(), value);
        }
        // Absent is the default, text: most plans need not carry the word.
        if plan["body"] == json!("cloudevents") {
            built.insert("body".to_owned(), plan["body"].clone());
        }
        if is_full {
            built.insert("core".to_owned(), json!("full"));
            built.insert("touchmark".to_owned(), json!(FULL_FORMAT));
        }
        built.insert("rules".to_owned(), json!(RULES));
        let attribution = attribution::compiled(&plan["attribution"]);
        built.insert("attribution".to_owned(), attribution);
        built.insert("contracts".to_owned(), Value::Object(contracts));
        let digest = Sha256::digest(Value::Object(built.clone()).to_string());
        let hash: String = digest
            .iter()
            .take(8)
            .map(|byte| format!("{byte:02x}"))
            .collect();
        built.shift_insert(1, "plan".to_owned(), json!(hash));
        Self {
            text: Value::Object(built).to_string(),
            hash,
            forms: counts.0,
            contracts: counts.1,
        }
    }
}

/// The file that pages load where a plan says `"inspector": true`.
const INSPECTOR: &str = "touchmark.inspector.js";

/// The members of a built plan in their order, with their defaults.
fn members() -> [(&'static str, Value); 16] {
    [
        ("touchmark", json!(1)),
        ("site", Value::Null),
        ("endpoint", Value::Null),
        ("schema", Value::Null),
        ("pages", json!([])),
        ("forms", json!([])),
        ("records", json!({})),
        ("events", json!(["landing", "call_click"])),
        ("consent", Value::Null),
        ("storage", json!("local")),
        ("data_layer", json!("dataLayer")),
        ("announce", json!("accepted")),
        ("ignore", Value::Null),
        ("frames", Value::Null),
        ("diagnostics", Value::Null),
        ("inspector", Value::Null),
    ]
}

fn form(form: &Value, plan: &Value, shared: &SharedSchema) -> Value {
    let mut built = Map::new();
    for (name, default) in [
        ("id", None),
        ("selector", None),
        ("contract", None),
        ("fields", Some(json!({}))),
        ("hidden", Some(json!({}))),
        ("fill_events", None),
        ("request", None),
        ("button", None),
        ("adapter", None),
        ("origin", None),
        ("success", Some(json!([]))),
        ("failure", Some(json!([]))),
    ] {
        if let Some(value) = form.get(name).cloned().or(default) {
            built.insert(name.to_owned(), value);
        }
        if name == "fields" {
            built.insert("implied".to_owned(), implied::fields(form, shared));
        }
    }
    if form["selector"] == implied::ANY {
        built.insert("selector".to_owned(), json!(implied::any_other_form(plan)));
    }
    Value::Object(built)
}
