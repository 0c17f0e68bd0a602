//! What a form's own markup says, into fields: for those that the plan maps no control to.
//!
//! Used by `build`. A control names its field in data-touchmark-field, or has the field's autocomplete
//! token, or its name. Not here: reading the controls (the kernel), choosing among them (the core).

use serde_json::{Map, Value, json};

use super::shared::SharedSchema;

/// Fields by what a control may call them: their names, and their autocomplete tokens.
///
/// Tokens are those of `x-touchmark.autocomplete`, a text or a list; without it, those that the field's
/// name, format or normalisation stands for.
pub fn fields(form: &Value, shared: &SharedSchema) -> Value {
    let contract = form["contract"].as_str().unwrap_or_default();
    let mapped: Vec<&str> = form["fields"]
        .as_object()
        .into_iter()
        .flat_map(|fields| fields.values())
        .filter_map(Value::as_str)
        .collect();
    let open: Vec<&str> = shared
        .fields(contract)
        .into_iter()
        .filter(|field| !mapped.contains(field))
        .collect();
    let mut implied: Map<String, Value> = open
        .iter()
        .map(|field| ((*field).to_owned(), json!(field)))
        .collect();
    for field in &open {
        for token in tokens(field, &shared.rules(contract, field)) {
            // A field's own name, and the first field of a token, win.
            implied.entry(token).or_insert_with(|| json!(field));
        }
    }
    Value::Object(implied)
}

/// The autocomplete tokens of a field. `rules` are the field's schema and those that it refers to.
///
/// Source: HTML living standard, autofill detail tokens.
fn tokens(field: &str, rules: &[&Value]) -> Vec<String> {
    let annotation = |name: &str| {
        rules
            .iter()
            .map(|one| &one["x-touchmark"][name])
            .find(|own| !own.is_null())
    };
    match annotation("autocomplete") {
        Some(Value::String(one)) => return vec![one.clone()],
        Some(Value::Array(several)) => {
            return several
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect();
        }
        _ => {}
    }
    let mut tokens = vec![field.replace('_', "-")];
    let is_email = rules.iter().any(|one| one["format"] == "email");
    let normalise = annotation("normalise")
        .and_then(Value::as_str)
        .unwrap_or_default();
    if is_email || normalise.starts_with("email") {
        tokens.push("email".to_owned());
    }
    if normalise.starts_with("phone") || ["phone", "telephone", "mobile"].contains(&field) {
        tokens.extend(["tel".to_owned(), "tel-national".to_owned()]);
    }
    let known = ALIASES.iter().find(|(name, _)| *name == field);
    tokens.extend(known.map(|(_, token)| (*token).to_owned()));
    tokens
}

/// The selector of every form that the plan does not declare otherwise.
pub fn any_other_form(plan: &Value) -> String {
    let forms = plan["forms"].as_array().into_iter().flatten();
    let others = forms
        .filter_map(|form| form["selector"].as_str())
        .filter(|selector| *selector != ANY);
    let mut selector = format!("form:not({NO_LEAD}");
    for other in others {
        selector.push(',');
        selector.push_str(other);
    }
    selector + ")"
}

/// Whether a selector is `*`, as written or as built.
pub fn is_any(selector: &str) -> bool {
    let built = selector.strip_prefix("form:not(");
    selector == ANY || built.is_some_and(|rest| rest.starts_with(NO_LEAD))
}

/// The selector that stands for every other form.
pub const ANY: &str = "*";
/// Dialogs, searches and logins, as the page knows them (js/parts/leads.ts).
const NO_LEAD: &str = "[method=dialog],[role=search],search *,:has([type=search],[type=password],[autocomplete*=password i],[autocomplete*=one-time i])";
/// Fields whose usual names are not their tokens.
const ALIASES: &[(&str, &str)] = &[
    ("first_name", "given-name"),
    ("last_name", "family-name"),
    ("full_name", "name"),
    ("zip", "postal-code"),
    ("zip_code", "postal-code"),
    ("city", "address-level2"),
    ("state", "address-level1"),
    ("company", "organization"),
    ("birth_date", "bday"),
    ("date_of_birth", "bday"),
];
