//! A compiled contract and an instance into violations; none means valid.
//!
//! After `value`, before `plan`. JSON Schema 2020-12 in the page's keyword set, which plan
//! build guarantees: `type enum const required properties additionalProperties minLength
//! maxLength pattern format minimum maximum items minItems maxItems`. Formats are asserted.
//! Vectors: spec/vectors/schema. Not here: `$ref` and combinators (plan build resolves or
//! refuses them), regular expressions and floats (the [`Host`] has both).

mod format;
pub mod wire;

pub use format::KNOWN as KNOWN_FORMATS;

use crate::value::Value;

/// What a validator needs and the core does not carry: the browser has both for nothing.
pub trait Host {
    /// Whether an ECMAScript pattern (flag `u`) is found in the text; `None` when it is no pattern.
    fn is_match(&self, pattern: &str, text: &str) -> Option<bool>;
    /// The double that a JSON number stands for.
    fn number(&self, digits: &str) -> f64;
}

/// One way in which an instance breaks a contract. It never carries a value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Violation {
    /// JSON pointer into the instance.
    pub instance: String,
    pub keyword: &'static str,
    /// JSON pointer into the contract.
    pub schema: String,
}

/// Patterns see at most this many characters: a browser's RegExp can't be interrupted.
pub const MAX_SUBJECT_CHARS: usize = 1024;

/// Judges an instance by a compiled contract.
///
/// Violations come in the order of the contract's members, so that the same instance
/// yields the same list in the browser, the CLI and the collector.
pub fn violations(contract: &Value, instance: &Value, host: &dyn Host) -> Vec<Violation> {
    let mut judge = Judge {
        host,
        instance: String::new(),
        schema: String::new(),
        found: Vec::new(),
    };
    judge.apply(contract, instance);
    judge.found
}

struct Judge<'a> {
    host: &'a dyn Host,
    instance: String,
    schema: String,
    found: Vec<Violation>,
}

impl Judge<'_> {
    fn apply(&mut self, schema: &Value, instance: &Value) {
        for (keyword, argument) in schema.members() {
            self.keyword(schema, keyword, argument, instance);
        }
    }

    fn keyword(&mut self, schema: &Value, keyword: &str, argument: &Value, instance: &Value) {
        let limit = |size: usize| argument.as_whole().map(|limit| (size as u64, limit));
        match (keyword, instance) {
            ("type", _) => self.expect("type", self.is_type(argument, instance)),
            ("enum", _) => {
                let holds = argument.items().iter().any(|one| self.equal(one, instance));
                self.expect("enum", holds);
            }
            ("const", _) => self.expect("const", self.equal(argument, instance)),
            ("required", Value::Object(_)) => {
                for (index, name) in argument.items().iter().enumerate() {
                    let name = name.as_text().unwrap_or("");
                    if instance.member(name).is_none() {
                        let before = (self.instance.len(), self.schema.len());
                        self.step_into(name);
                        self.schema.push_str("/required/");
                        crate::value::push_whole(&mut self.schema, index as u64);
                        self.note("required");
                        self.step_back(before);
                    }
                }
            }
            ("properties", Value::Object(_)) => {
                for (name, property) in argument.members() {
                    if let Some(member) = instance.member(name) {
                        let before = (self.instance.len(), self.schema.len());
                        self.step_into(name);
                        self.schema.push_str("/properties");
                        push_token(&mut self.schema, name);
                        self.apply(property, member);
                        self.step_back(before);
                    }
                }
            }
            ("additionalProperties", Value::Object(members)) => {
                for (name, _) in members {
                    let declared = schema.member("properties").and_then(|all| all.member(name));
                    if declared.is_none() && *argument == Value::Bool(false) {
                        let before = (self.instance.len(), self.schema.len());
                        self.step_into(name);
                        self.schema.push_str("/additionalProperties");
                        self.note("additionalProperties");
                        self.step_back(before);
                    }
                }
            }
            ("minLength", Value::Text(text)) => {
                let fits = limit(text.chars().count()).is_none_or(|(size, least)| size >= least);
                self.expect("minLength", fits);
            }
            ("maxLength", Value::Text(text)) => {
                let fits = limit(text.chars().count()).is_none_or(|(size, most)| size <= most);
                self.expect("maxLength", fits);
            }
            ("pattern", Value::Text(text)) => {
                let pattern = argument.as_text().unwrap_or("");
                let fits = text.chars().count() <= MAX_SUBJECT_CHARS
                    && self.host.is_match(pattern, text) == Some(true);
                self.expect("pattern", fits);
            }
            ("format", Value::Text(text)) => {
                let name = argument.as_text().unwrap_or("");
                self.expect("format", format::holds(name, text));
            }
            ("minimum", Value::Number(digits)) => {
                self.expect("minimum", self.double(argument) <= self.host.number(digits));
            }
            ("maximum", Value::Number(digits)) => {
                self.expect("maximum", self.host.number(digits) <= self.double(argument));
            }
            ("items", Value::List(items)) => {
                for (index, item) in items.iter().enumerate() {
                    let before = (self.instance.len(), self.schema.len());
                    self.instance.push('/');
                    crate::value::push_whole(&mut self.instance, index as u64);
                    self.schema.push_str("/items");
                    self.apply(argument, item);
                    self.step_back(before);
                }
            }
            ("minItems", Value::List(items)) => {
                let fits = limit(items.len()).is_none_or(|(size, least)| size >= least);
                self.expect("minItems", fits);
            }
            ("maxItems", Value::List(items)) => {
                let fits = limit(items.len()).is_none_or(|(size, most)| size <= most);
                self.expect("maxItems", fits);
            }
            _ => {}
        }
    }

    fn is_type(&self, names: &Value, instance: &Value) -> bool {
        match names {
            Value::List(names) => names.iter().any(|name| self.is_type(name, instance)),
            _ => match (names.as_text().unwrap_or(""), instance) {
                ("null", Value::Null)
                | ("boolean", Value::Bool(_))
                | ("number", Value::Number(_))
                | ("string", Value::Text(_))
                | ("array", Value::List(_))
                | ("object", Value::Object(_)) => true,
                ("integer", Value::Number(digits)) => {
                    let double = self.host.number(digits);
                    double % 1.0 == 0.0
                }
                _ => false,
            },
        }
    }

    /// JSON Schema equality: numbers by value, objects without regard to order.
    fn equal(&self, one: &Value, other: &Value) -> bool {
        match (one, other) {
            (Value::Number(one), Value::Number(other)) => {
                self.host.number(one) == self.host.number(other)
            }
            (Value::List(one), Value::List(other)) => {
                one.len() == other.len()
                    && one
                        .iter()
                        .zip(other)
                        .all(|(one, other)| self.equal(one, other))
            }
            (Value::Object(members), Value::Object(others)) => {
                members.len() == others.len()
                    && members.iter().all(|(name, value)| {
                        let twin = other.member(name);
                        twin.is_some_and(|twin| self.equal(value, twin))
                    })
            }
            _ => one == other,
        }
    }

    fn double(&self, argument: &Value) -> f64 {
        match argument {
            Value::Number(digits) => self.host.number(digits),
            _ => f64::NAN,
        }
    }

    fn expect(&mut self, keyword: &'static str, holds: bool) {
        if !holds {
            let before = (self.instance.len(), self.schema.len());
            self.schema.push('/');
            self.schema.push_str(keyword);
            self.note(keyword);
            self.step_back(before);
        }
    }

    fn note(&mut self, keyword: &'static str) {
        self.found.push(Violation {
            instance: self.instance.clone(),
            keyword,
            schema: self.schema.clone(),
        });
    }

    fn step_into(&mut self, name: &str) {
        push_token(&mut self.instance, name);
    }

    fn step_back(&mut self, (instance, schema): (usize, usize)) {
        self.instance.truncate(instance);
        self.schema.truncate(schema);
    }
}

/// Appends `/name`, escaped as RFC 6901 §3 asks.
fn push_token(pointer: &mut String, name: &str) {
    pointer.push('/');
    for character in name.chars() {
        match character {
            '~' => pointer.push_str("~0"),
            '/' => pointer.push_str("~1"),
            _ => pointer.push(character),
        }
    }
}
