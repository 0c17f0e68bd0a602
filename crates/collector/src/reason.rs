//! Turns a validator's error into a reason that names places and limits, never a value.
//!
//! What a person typed must not come back in a list of errors, so no text of the instance is used
//! here: messages are built from the keyword and the schema's own arguments.

use jsonschema::ValidationError;
use jsonschema::error::{TypeKind, ValidationErrorKind as Kind};
use serde_json::{Value, json};

/// One reason for which an event is bad.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Reason {
    /// JSON Pointer into the event.
    pub instance: String,
    /// The schema keyword, or a word of the collector's own such as `unknown_schema`.
    pub keyword: String,
    /// JSON Pointer into the schema; empty when it is not about one.
    pub schema: String,
    /// For people; without values.
    pub message: String,
}

impl Reason {
    /// A reason that no schema gives.
    pub fn own(instance: &str, keyword: &str, message: impl Into<String>) -> Self {
        Self {
            instance: instance.to_owned(),
            keyword: keyword.to_owned(),
            schema: String::new(),
            message: message.into(),
        }
    }

    /// A schema's reason; the prefixes lead from the event and the document to what was judged.
    pub fn of(error: &ValidationError<'_>, instance: &str, schema: &str) -> Self {
        Self {
            instance: format!("{instance}{}", error.instance_path()),
            keyword: error.kind().keyword().to_owned(),
            schema: format!("{schema}{}", error.schema_path()),
            message: message(error.kind()),
        }
    }

    /// The reason as it is stored and returned.
    pub fn to_json(&self) -> Value {
        json!({
            "instance": self.instance,
            "keyword": self.keyword,
            "schema": self.schema,
            "message": self.message,
        })
    }
}

fn message(kind: &Kind) -> String {
    match kind {
        Kind::AdditionalProperties { unexpected } | Kind::UnevaluatedProperties { unexpected } => {
            // A member's name can be anything a person typed, so only their count is said.
            format!("{} undeclared", count(unexpected.len(), "member"))
        }
        Kind::AdditionalItems { limit } => format!("more than {limit} items"),
        Kind::AnyOf { .. } => "fits none of the alternatives".into(),
        Kind::Constant { expected_value } => format!("is not {expected_value}"),
        Kind::Contains => "no item is of the demanded kind".into(),
        Kind::Enum { .. } => "is not one of the allowed values".into(),
        Kind::ExclusiveMaximum { limit } => format!("is not below {limit}"),
        Kind::ExclusiveMinimum { limit } => format!("is not above {limit}"),
        Kind::FalseSchema => "is not allowed here".into(),
        Kind::Format { format } => format!("is not of the format {format}"),
        Kind::MaxItems { limit } => format!("has more than {limit} items"),
        Kind::Maximum { limit } => format!("is above {limit}"),
        Kind::MaxLength { limit } => format!("is longer than {limit} characters"),
        Kind::MaxProperties { limit } => format!("has more than {limit} members"),
        Kind::MinItems { limit } => format!("has fewer than {limit} items"),
        Kind::Minimum { limit } => format!("is below {limit}"),
        Kind::MinLength { limit } => format!("is shorter than {limit} characters"),
        Kind::MinProperties { limit } => format!("has fewer than {limit} members"),
        Kind::MultipleOf { multiple_of } => format!("is no multiple of {multiple_of}"),
        Kind::Not { .. } => "is what the schema excludes".into(),
        Kind::OneOfMultipleValid { .. } => "fits more than one alternative".into(),
        Kind::OneOfNotValid { .. } => "fits none of the alternatives".into(),
        Kind::Pattern { pattern } => format!("does not match {pattern}"),
        Kind::PropertyNames { .. } => "a member's name is not allowed".into(),
        Kind::Required { property } => format!("{property} is missing"),
        Kind::Type { kind } => match kind {
            TypeKind::Single(one) => format!("is not of the type {one}"),
            TypeKind::Multiple(_) => "is of none of the allowed types".into(),
        },
        Kind::UniqueItems => "an item stands there twice".into(),
        _ => "does not fit the schema".into(),
    }
}

fn count(n: usize, what: &str) -> String {
    format!("{n} {what}{}", if n == 1 { "" } else { "s" })
}

#[cfg(test)]
mod tests {
    use super::Reason;
    use serde_json::{Value, json};

    const SECRET: &str = "jane.doe@example.org";

    /// Every keyword meets a value, or a member's name, that must not be repeated.
    #[test]
    fn no_message_repeats_a_value() {
        let secret = json!(SECRET);
        let named = json!({SECRET: 1});
        for (schema, instance) in [
            (json!({"const": 1}), &secret),
            (json!({"enum": [1, "a"]}), &secret),
            (json!({"type": "integer"}), &secret),
            (json!({"type": ["integer", "null"]}), &secret),
            (json!({"format": "uuid"}), &secret),
            (json!({"pattern": "^x"}), &secret),
            (json!({"maxLength": 3}), &secret),
            (json!({"minLength": 300}), &secret),
            (json!({"not": {"type": "string"}}), &secret),
            (json!({"anyOf": [{"type": "null"}]}), &secret),
            (json!({"oneOf": [{"type": "null"}]}), &secret),
            (json!({"oneOf": [{}, {}]}), &secret),
            (json!(false), &secret),
            (json!({"additionalProperties": false}), &named),
            (json!({"unevaluatedProperties": false}), &named),
            (json!({"propertyNames": {"maxLength": 2}}), &named),
            (json!({"maxProperties": 0}), &named),
            (json!({"minProperties": 2}), &named),
            (json!({"required": ["email"]}), &named),
        ] {
            let text = reasons(&schema, instance);
            assert!(text.len() > 10, "{schema}");
            assert!(!text.contains("jane"), "{schema}: {text}");
        }
    }

    #[test]
    fn a_reason_says_where_and_which_limit() {
        let schema = json!({"properties": {"name": {"maxLength": 3}}});
        let text = reasons(&schema, &json!({"name": "abcd"}));
        assert_eq!(
            text,
            "/data/name maxLength /wire/properties/name/maxLength is longer than 3 characters"
        );
    }

    fn reasons(schema: &Value, instance: &Value) -> String {
        let options = jsonschema::draft202012::options().should_validate_formats(true);
        let validator = options.build(schema).expect("compiles");
        let lines = validator.iter_errors(instance).map(|error| {
            let reason = Reason::of(&error, "/data", "/wire");
            let Reason {
                instance,
                keyword,
                schema,
                message,
            } = reason;
            format!("{instance} {keyword} {schema} {message}")
        });
        lines.collect::<Vec<_>>().join("\n")
    }
}
