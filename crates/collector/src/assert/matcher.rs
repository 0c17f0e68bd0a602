//! What a test expects at one place of an event, and whether a value is that.
//!
//! A plain value means equal. An object is made of matchers, and all of them must hold; one with
//! any other member is refused, since a misspelt matcher must not pass as a value. `equals` says an
//! object. Numbers compare as doubles.

use regress::Regex;
use serde_json::{Map, Value};

/// One expectation about a value that may be missing.
#[derive(Debug)]
pub enum Matcher {
    Equals(Value),
    /// `true`: it is there; `false`: it is not.
    Exists(bool),
    /// A string in which the ECMAScript pattern is found.
    Matches {
        pattern: String,
        regex: Box<Regex>,
    },
    OneOf(Vec<Value>),
    /// By the names of JSON Schema.
    Type(String),
    /// A string with this part, an array with such an item, an object with such members.
    Contains(Value),
    /// How many characters, items or members; see [`Bounds::parse_count`].
    Count(Bounds),
    /// A number within these.
    Number(Bounds),
    Not(Box<Matcher>),
    All(Vec<Matcher>),
}

/// A lower and an upper bound, both inclusive.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Bounds {
    pub at_least: Option<f64>,
    pub at_most: Option<f64>,
}

impl Bounds {
    /// Reads how many: a number, which is both bounds, or `{"at_least": n, "at_most": n}`.
    ///
    /// # Errors
    /// What no count can ever be: below 0, no whole number, or at least more than at most.
    pub fn parse_count(value: &Value) -> Result<Self, String> {
        let bounds = Self::parse(value)?;
        let is_count = |bound: &f64| *bound >= 0.0 && bound.fract() == 0.0;
        match [bounds.at_least, bounds.at_most]
            .into_iter()
            .flatten()
            .find(|bound| !is_count(bound))
        {
            Some(bound) => Err(format!(
                "nothing is there {bound} times; write whole numbers from 0 on"
            )),
            None => bounds.in_order(),
        }
    }

    fn parse(value: &Value) -> Result<Self, String> {
        if let Some(number) = value.as_f64() {
            return Ok(Self {
                at_least: Some(number),
                at_most: Some(number),
            });
        }
        let known = |name: &String| matches!(name.as_str(), "at_least" | "at_most");
        let wrong = || "write a number, or {\"at_least\": n, \"at_most\": n}".to_owned();
        let members = value.as_object().ok_or_else(wrong)?;
        if members.is_empty() || !members.keys().all(known) {
            return Err(wrong());
        }
        let bound = |name: &str| match members.get(name) {
            None => Ok(None),
            Some(bound) => bound.as_f64().map(Some).ok_or_else(wrong),
        };
        Ok(Self {
            at_least: bound("at_least")?,
            at_most: bound("at_most")?,
        })
    }

    /// Refuses bounds that nothing lies within.
    fn in_order(self) -> Result<Self, String> {
        match (self.at_least, self.at_most) {
            (Some(least), Some(most)) if least > most => Err(format!(
                "nothing is at least {least} and at most {most}; write the smaller one as at_least"
            )),
            _ => Ok(self),
        }
    }

    /// Whether the number lies within them.
    pub fn hold(self, number: f64) -> bool {
        self.at_least.is_none_or(|least| number >= least)
            && self.at_most.is_none_or(|most| number <= most)
    }
}

impl std::fmt::Display for Bounds {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match (self.at_least, self.at_most) {
            (Some(least), Some(most)) if least == most => write!(out, "exactly {least}"),
            (Some(least), Some(most)) => write!(out, "{least} to {most}"),
            (Some(least), None) => write!(out, "at least {least}"),
            (None, Some(most)) => write!(out, "at most {most}"),
            (None, None) => write!(out, "any number"),
        }
    }
}

impl Matcher {
    /// Reads a matcher.
    ///
    /// # Errors
    /// What is wrong with it, for the person who wrote it.
    pub fn parse(value: &Value) -> Result<Self, String> {
        let Some(members) = value.as_object() else {
            return Ok(Self::Equals(value.clone()));
        };
        if let Some(slip) = slip(members) {
            return Err(format!(
                "{slip}; matchers are {}; to compare with an object write {{\"equals\": {{…}}}}",
                NAMES.join(" ")
            ));
        }
        let number = |name: &str| members.get(name).and_then(Value::as_f64);
        let (at_least, at_most) = (number("at_least"), number("at_most"));
        Bounds { at_least, at_most }.in_order()?;
        let mut all = Vec::new();
        for (name, value) in members {
            all.push(Self::named(name, value).map_err(|cause| format!("{name}: {cause}"))?);
        }
        if all.len() == 1 {
            return all.pop().ok_or_else(String::new);
        }
        Ok(Self::All(all))
    }

    fn named(name: &str, value: &Value) -> Result<Self, String> {
        let yes = || value.as_bool().ok_or("write true or false".to_owned());
        let text = || value.as_str().ok_or("write a text".to_owned());
        let number = || value.as_f64().ok_or("write a number".to_owned());
        Ok(match name {
            "equals" => Self::Equals(value.clone()),
            "exists" => Self::Exists(yes()?),
            "absent" => Self::Exists(!yes()?),
            "matches" => {
                let pattern = text()?;
                if pattern.is_empty() {
                    return Err("every text matches an empty pattern; write {\"type\": \"string\"} for any text".to_owned());
                }
                let regex = Regex::with_flags(pattern, "u")
                    .map_err(|cause| format!("no ECMAScript pattern: {cause}"))?;
                Self::Matches {
                    pattern: pattern.to_owned(),
                    regex: Box::new(regex),
                }
            }
            "one_of" => {
                let list = value.as_array().ok_or("write a list of values")?;
                if list.is_empty() {
                    return Err("the list is empty, and nothing is one of none; write at least one value, or {\"absent\": true} for nothing".to_owned());
                }
                Self::OneOf(list.clone())
            }
            "type" => {
                let kind = text()?;
                if !TYPES.contains(&kind) {
                    return Err(format!("there is {}", TYPES.join(" ")));
                }
                Self::Type(kind.to_owned())
            }
            "contains" => {
                let is_all =
                    value.as_str() == Some("") || value.as_object().is_some_and(Map::is_empty);
                if is_all {
                    return Err(
                        "everything contains an empty part; write {\"exists\": true} for anything"
                            .to_owned(),
                    );
                }
                Self::Contains(value.clone())
            }
            "count" => Self::Count(Bounds::parse_count(value)?),
            "at_least" => Self::Number(Bounds {
                at_least: Some(number()?),
                at_most: None,
            }),
            "at_most" => Self::Number(Bounds {
                at_least: None,
                at_most: Some(number()?),
            }),
            _ => Self::Not(Box::new(Self::parse(value)?)),
        })
    }

    /// The whole values that it compares with.
    pub fn values(&self) -> Vec<&Value> {
        match self {
            Self::Equals(value) => vec![value],
            Self::OneOf(list) => list.iter().collect(),
            Self::Not(other) => other.values(),
            Self::All(all) => all.iter().flat_map(Self::values).collect(),
            _ => Vec::new(),
        }
    }

    /// Whether it holds of what is there; `None` is a place where nothing is.
    pub fn holds(&self, found: Option<&Value>) -> bool {
        match (self, found) {
            (Self::Exists(wanted), found) => found.is_some() == *wanted,
            (Self::Not(other), found) => !other.holds(found),
            (Self::All(all), found) => all.iter().all(|one| one.holds(found)),
            (_, None) => false,
            (Self::Equals(wanted), Some(found)) => same(wanted, found),
            (Self::OneOf(list), Some(found)) => list.iter().any(|one| same(one, found)),
            (Self::Matches { regex, .. }, Some(found)) => found
                .as_str()
                .is_some_and(|text| regex.find(text).is_some()),
            (Self::Type(kind), Some(found)) => is_type(found, kind),
            (Self::Contains(part), Some(found)) => contains(found, part),
            (Self::Count(bounds), Some(found)) => {
                count(found).is_some_and(|count| bounds.hold(count))
            }
            (Self::Number(bounds), Some(found)) => {
                found.as_f64().is_some_and(|number| bounds.hold(number))
            }
        }
    }
}

impl std::fmt::Display for Matcher {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Equals(value) => write!(out, "{value}"),
            Self::Exists(true) => write!(out, "anything"),
            Self::Exists(false) => write!(out, "nothing"),
            Self::Matches { pattern, .. } => write!(out, "a text that matches /{pattern}/"),
            Self::OneOf(list) => write!(out, "one of {}", Value::from(list.clone())),
            Self::Type(kind) => write!(out, "a value of type {kind}"),
            Self::Contains(part) => write!(out, "something that contains {part}"),
            Self::Count(bounds) => write!(out, "{bounds} characters, items or members"),
            Self::Number(bounds) => write!(out, "a number, {bounds}"),
            Self::Not(other) => write!(out, "not {other}"),
            Self::All(all) => {
                for (at, one) in all.iter().enumerate() {
                    write!(out, "{}{one}", if at > 0 { ", and " } else { "" })?;
                }
                Ok(())
            }
        }
    }
}

/// What keeps an object from being made of matchers.
fn slip(members: &Map<String, Value>) -> Option<String> {
    if members.is_empty() {
        return Some("an empty object holds no matcher".to_owned());
    }
    let unknown = members
        .keys()
        .find(|name| !NAMES.contains(&name.as_str()))?;
    Some(format!("`{unknown}` is no matcher"))
}

fn same(one: &Value, other: &Value) -> bool {
    match (one, other) {
        (Value::Number(one), Value::Number(other)) => one.as_f64() == other.as_f64(),
        (Value::Array(one), Value::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(one, other)| same(one, other))
        }
        (Value::Object(one), Value::Object(other)) => {
            one.len() == other.len()
                && one
                    .iter()
                    .all(|(name, value)| other.get(name).is_some_and(|found| same(value, found)))
        }
        (one, other) => one == other,
    }
}

fn contains(found: &Value, part: &Value) -> bool {
    match (found, part) {
        (Value::String(text), Value::String(part)) => text.contains(part.as_str()),
        (Value::Array(items), part) => items
            .iter()
            .any(|item| same(item, part) || item.is_object() && contains(item, part)),
        (Value::Object(members), Value::Object(part)) => part.iter().all(|(name, value)| {
            let found = members.get(name);
            found.is_some_and(|found| {
                same(found, value) || found.is_object() && contains(found, value)
            })
        }),
        _ => false,
    }
}

fn is_type(found: &Value, kind: &str) -> bool {
    match found {
        Value::Null => kind == "null",
        Value::Bool(_) => kind == "boolean",
        Value::Number(number) => {
            let whole = number.as_f64().is_some_and(|number| number.fract() == 0.0);
            kind == "number" || kind == "integer" && whole
        }
        Value::String(_) => kind == "string",
        Value::Array(_) => kind == "array",
        Value::Object(_) => kind == "object",
    }
}

fn count(found: &Value) -> Option<f64> {
    let count = match found {
        Value::String(text) => text.chars().count(),
        Value::Array(items) => items.len(),
        Value::Object(members) => members.len(),
        _ => return None,
    };
    Some(count as f64)
}

const NAMES: [&str; 11] = [
    "equals", "exists", "absent", "matches", "one_of", "type", "contains", "count", "at_least",
    "at_most", "not",
];
const TYPES: [&str; 7] = [
    "null", "boolean", "number", "integer", "string", "array", "object",
];

#[cfg(test)]
mod tests {
    use super::Matcher;
    use serde_json::{Value, json};

    #[test]
    fn each_matcher_takes_what_it_says_and_nothing_else() {
        let none = None::<Value>;
        for (matcher, yes, no) in [
            (json!("a"), Some(json!("a")), Some(json!("b"))),
            (json!(1), Some(json!(1.0)), Some(json!("1"))),
            (json!(null), Some(json!(null)), none.clone()),
            (
                json!({"equals": {"a": [1]}}),
                Some(json!({"a": [1.0]})),
                Some(json!({"a": [1], "b": 1})),
            ),
            (
                json!({"equals": {"type": "x"}}),
                Some(json!({"type": "x"})),
                Some(json!("x")),
            ),
            (json!({"exists": true}), Some(json!(null)), none.clone()),
            (json!({"exists": false}), none.clone(), Some(json!(0))),
            (json!({"absent": true}), none.clone(), Some(json!(null))),
            (
                json!({"matches": "^[0-9a-f]{64}$"}),
                Some(json!("0".repeat(64))),
                Some(json!("0")),
            ),
            (json!({"matches": "."}), Some(json!("1")), Some(json!(1))),
            (
                json!({"one_of": ["a", 1]}),
                Some(json!(1)),
                Some(json!("c")),
            ),
            (
                json!({"type": "integer"}),
                Some(json!(2.0)),
                Some(json!(2.5)),
            ),
            (
                json!({"type": "number"}),
                Some(json!(2.5)),
                Some(json!("2")),
            ),
            (
                json!({"contains": "bc"}),
                Some(json!("abcd")),
                Some(json!("acbd")),
            ),
            (
                json!({"contains": 2}),
                Some(json!([1, 2])),
                Some(json!([[2]])),
            ),
            (
                json!({"contains": {"k": 1}}),
                Some(json!([{"k": 1, "l": 2}])),
                Some(json!([{"k": 2}])),
            ),
            (
                json!({"contains": {"k": {"l": 1}}}),
                Some(json!({"k": {"l": 1, "m": 2}})),
                Some(json!({"k": 1})),
            ),
            (json!({"count": 2}), Some(json!("äö")), Some(json!("ä"))),
            (
                json!({"count": {"at_least": 1}}),
                Some(json!([0])),
                Some(json!([])),
            ),
            (
                json!({"at_least": 2, "at_most": 3}),
                Some(json!(3)),
                Some(json!(4)),
            ),
            (json!({"not": "a"}), Some(json!("b")), Some(json!("a"))),
            (
                json!({"not": {"exists": true}}),
                none.clone(),
                Some(json!(1)),
            ),
        ] {
            let read = Matcher::parse(&matcher).expect("a matcher");
            assert!(read.holds(yes.as_ref()), "{matcher} of {yes:?}");
            assert!(!read.holds(no.as_ref()), "{matcher} not of {no:?}");
            assert!(!read.to_string().is_empty());
        }
    }

    #[test]
    fn slips_are_told() {
        for (matcher, part) in [
            (json!({"matches": "("}), "pattern"),
            (json!({"type": "text"}), "string"),
            (json!({"exists": 1}), "true or false"),
            (json!({"count": {"least": 1}}), "at_least"),
            (json!({"count": -1}), "-1 times"),
            (json!({"count": {"at_most": 1.5}}), "1.5 times"),
            (
                json!({"at_least": 3, "at_most": 1}),
                "at least 3 and at most 1",
            ),
            (json!({"matches": "a", "exist": true}), "`exist`"),
            (
                json!({"matchs": "^c"}),
                "`matchs` is no matcher; matchers are equals",
            ),
            (json!({"not": {"a": 1}}), "not: `a` is no matcher"),
            (json!({"a": [1]}), "write {\"equals\": {…}}"),
            (json!({}), "an empty object"),
            (json!({"not": {"one_of": 1}}), "list"),
        ] {
            let text = Matcher::parse(&matcher).expect_err("refused");
            assert!(text.contains(part), "{matcher}: {text}");
        }
    }
}
