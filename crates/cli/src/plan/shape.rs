//! A JSON document and the schema for it into faults with remedies.
//!
//! Second stage of plan build: the plan against spec/plan.schema.json, the shared schema against
//! the metaschema. The remedy of a value is the description that its schema gives it, so that
//! rule and advice stand in one place. Not here: names that refer to each other (`refer`).

use jsonschema::error::ValidationErrorKind as Kind;
use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use super::fault::{Fault, Faults, step};
use super::source::Source;
use super::suggest;

/// Checks a source plan against spec/plan.schema.json.
pub fn check_plan(plan: &Source, faults: &mut Faults) {
    let schema: Value = serde_json::from_str(PLAN_SCHEMA).expect("spec/plan.schema.json is JSON");
    let validator = validator(&schema).expect("spec/plan.schema.json is a schema");
    let mut wrong: Vec<String> = Vec::new();
    for error in validator.iter_errors(&plan.value) {
        let pointer = error.instance_path().as_str().to_owned();
        let rule = rule(&schema, error.schema_path().as_str());
        match error.kind() {
            Kind::AdditionalProperties { unexpected } => {
                for name in unexpected {
                    let known: Vec<&str> = names(&rule["properties"]).collect();
                    let what = format!("unknown member `{name}`");
                    let remedy = suggest::remedy(name, "members", &known);
                    let pointer = step(&pointer, name);
                    faults.add(Fault::new(
                        "plan_member_unknown",
                        &plan.name,
                        &pointer,
                        what,
                        remedy,
                    ));
                }
            }
            Kind::Required { property } => {
                let name = property.as_str().unwrap_or_default();
                let what = format!("`{name}` is missing");
                let remedy = advice(&schema, &rule["properties"][name]);
                faults.add(Fault::new(
                    "plan_member_missing",
                    &plan.name,
                    &pointer,
                    what,
                    remedy,
                ));
            }
            // One wrong value breaks several rules at once; its description covers them all.
            _ if wrong.contains(&pointer) => {}
            kind => {
                let guess = match kind {
                    Kind::Enum { options } => guess(error.instance(), options),
                    _ => String::new(),
                };
                let remedy = guess + &advice(&schema, rule);
                let what = misfit(&error);
                faults.add(Fault::new(
                    "plan_value_wrong",
                    &plan.name,
                    &pointer,
                    what,
                    remedy,
                ));
                wrong.push(pointer);
            }
        }
    }
}

/// Checks a schema against the metaschema that it names.
///
/// `base` is where the schema stands in its document.
pub fn check_schema(document: &Source, schema: &Value, base: &str, faults: &mut Faults) {
    let meta = jsonschema::draft202012::meta::validator();
    for error in meta.iter_errors(schema) {
        let pointer = format!("{base}{}", error.instance_path().as_str());
        let remedy = match error.instance().as_str() {
            Some(word) if pointer.ends_with("/type") => suggest::remedy(word, "types", TYPES),
            _ => "write it as JSON Schema 2020-12 says".to_owned(),
        };
        let what = misfit(&error);
        faults.add(Fault::new(
            "schema_invalid",
            &document.name,
            &pointer,
            what,
            remedy,
        ));
    }
}

/// A validator that asserts formats and fetches nothing.
///
/// # Errors
/// What keeps the schema from being compiled.
pub fn validator(schema: &Value) -> Result<Validator, String> {
    let options = jsonschema::draft202012::options()
        .should_validate_formats(true)
        .offline();
    options.build(schema).map_err(|error| error.to_string())
}

/// The names of a schema's members.
pub fn names(object: &Value) -> impl Iterator<Item = &str> {
    object
        .as_object()
        .into_iter()
        .flat_map(|members| members.keys().map(String::as_str))
}

/// The subschema that a keyword stands in.
fn rule<'a>(schema: &'a Value, keyword: &str) -> &'a Value {
    let place = keyword.rsplit_once('/').map_or("", |(place, _)| place);
    schema.pointer(place).unwrap_or(&Value::Null)
}

/// A subschema's description and example; those of what it refers to, if it has none.
fn advice(schema: &Value, rule: &Value) -> String {
    let target = rule["$ref"]
        .as_str()
        .and_then(|target| schema.pointer(target.strip_prefix('#')?));
    let described = if rule["description"].is_string() {
        rule
    } else {
        target.unwrap_or(rule)
    };
    let mut advice = described["description"]
        .as_str()
        .unwrap_or("see spec/plan.schema.json")
        .to_owned();
    let example = [rule, described]
        .into_iter()
        .find_map(|one| one["examples"].get(0));
    if let Some(example) = example {
        advice.push_str(&format!(" Example: {example}"));
    }
    advice
}

fn guess(value: &Value, options: &Value) -> String {
    let known = options
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str);
    let near = value
        .as_str()
        .and_then(|word| suggest::nearest(word, known));
    near.map(|name| format!("did you mean {name:?}? "))
        .unwrap_or_default()
}

/// What a value breaks, without its quotes and brackets running on for pages.
fn misfit(error: &ValidationError) -> String {
    let value = error.instance().to_string();
    let shown: String = value.chars().take(80).collect();
    let rest = if shown.len() < value.len() { "…" } else { "" };
    match error.kind() {
        Kind::AdditionalProperties { .. } | Kind::Required { .. } => error.to_string(),
        Kind::Type { .. } => format!("{shown}{rest} is of the wrong type"),
        Kind::Enum { .. } | Kind::Constant { .. } | Kind::AnyOf { .. } => {
            format!("{shown}{rest} is not one of the values allowed")
        }
        Kind::Pattern { .. } | Kind::Format { .. } => {
            format!("{shown}{rest} is not written as it must be")
        }
        Kind::Not { .. } => format!("{shown}{rest} can't be used here"),
        Kind::MinProperties { .. } => format!("{shown}{rest} has too few members"),
        Kind::MaxProperties { .. } => format!("{shown}{rest} has too many members"),
        Kind::MinLength { .. } | Kind::MinItems { .. } => {
            format!("{shown}{rest} is too short")
        }
        Kind::MaxLength { .. } | Kind::MaxItems { .. } => {
            format!("{shown}{rest} is too long")
        }
        Kind::UniqueItems => format!("{shown}{rest} names something twice"),
        _ => error.to_string(),
    }
}

const TYPES: &[&str] = &[
    "string", "integer", "number", "boolean", "array", "object", "null",
];
/// What a source plan may say.
const PLAN_SCHEMA: &str = include_str!("../../../../spec/plan.schema.json");
