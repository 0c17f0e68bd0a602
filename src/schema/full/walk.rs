//! A schema into the schemas that stand in it: the one place that knows which keyword holds what.
//!
//! Used by `index` and `bundle`. What stands under an unknown keyword, in `enum` or in `const` is
//! no schema, whatever it looks like.

use crate::value::Value;

/// What a keyword's argument holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Holds {
    /// One schema.
    One,
    /// A list of schemas.
    List,
    /// Schemas by name.
    Named,
    /// No schema.
    Nothing,
}

/// What a keyword of JSON Schema 2020-12 holds.
pub fn holds(keyword: &str) -> Holds {
    match keyword {
        "additionalProperties"
        | "contains"
        | "contentSchema"
        | "else"
        | "if"
        | "items"
        | "not"
        | "propertyNames"
        | "then"
        | "unevaluatedItems"
        | "unevaluatedProperties" => Holds::One,
        "allOf" | "anyOf" | "oneOf" | "prefixItems" => Holds::List,
        "$defs" | "dependentSchemas" | "patternProperties" | "properties" => Holds::Named,
        _ => Holds::Nothing,
    }
}

/// Visits the schemas right below one, in order.
pub fn children<'a>(schema: &'a Value, visit: &mut dyn FnMut(&'a Value)) {
    for (keyword, argument) in schema.members() {
        match holds(keyword) {
            Holds::One => visit(argument),
            Holds::List => argument.items().iter().for_each(&mut *visit),
            Holds::Named => {
                for (_, one) in argument.members() {
                    visit(one);
                }
            }
            Holds::Nothing => {}
        }
    }
}

/// The same schema with each schema right below it changed.
pub fn rebuild(schema: &Value, change: &mut dyn FnMut(&Value) -> Value) -> Value {
    let Value::Object(members) = schema else {
        return schema.clone();
    };
    let mut kept = Vec::new();
    for (keyword, argument) in members {
        let argument = match (holds(keyword), argument) {
            (Holds::One, one) => change(one),
            (Holds::List, Value::List(items)) => {
                Value::List(items.iter().map(&mut *change).collect())
            }
            (Holds::Named, Value::Object(named)) => {
                let changed = named.iter().map(|(name, one)| (name.clone(), change(one)));
                Value::Object(changed.collect())
            }
            _ => argument.clone(),
        };
        kept.push((keyword.clone(), argument));
    }
    Value::Object(kept)
}
