//! A compiled contract and an instance into violations; none means valid.
//!
//! After `value`, before `plan`. JSON Schema 2020-12 in the page's keyword set, which plan
//! build guarantees: `type enum const required properties additionalProperties minLength
//! maxLength pattern format minimum maximum items minItems maxItems`. Formats are asserted, by
//! the pattern that plan build wrote after each one's name.
//! Vectors: spec/vectors/schema. Not here: `$ref` and combinators (plan build resolves or
//! refuses them; `full` knows all), regular expressions and floats (the [`Host`] has both).

pub mod format;
#[cfg(feature = "full")]
pub mod full;
pub mod wire;

pub use format::FORMATS;

use crate::text::{before, cut, decimal, part, starts};
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
    pub keyword: String,
    /// JSON pointer into the contract.
    pub schema: String,
}

/// Patterns see at most this many characters: a browser's RegExp can't be interrupted.
pub const MAX_SUBJECT_CHARS: u64 = 1024;

/// The verdict on fields that take more than a page may spend, in judging or in bytes; also the
/// keyword of the one violation by which [`violations`] tells it.
pub const BUDGET_EXCEEDED: &str = "budget_exceeded";

/// A list of violations ends here: the shared schema lets no event carry more.
pub const MAX_VIOLATIONS: usize = 128;

/// Judges an instance by a compiled contract.
///
/// Violations come in the order of the contract's members, so that the same instance
/// yields the same list in the browser, the CLI and the collector.
pub fn violations(contract: &Value, instance: &Value, host: &dyn Host) -> Vec<Violation> {
    // Only a contract that plan build left whole still names its dialect.
    #[cfg(feature = "full")]
    if contract.member("$schema").is_some() {
        return full::violations(contract, instance, host);
    }
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

/// Where both pointers stood before a step into a member or item.
type Place = (usize, usize);

impl Judge<'_> {
    fn apply(&mut self, schema: &Value, instance: &Value) {
        for (keyword, argument) in schema.members() {
            if !self.holds(schema, keyword, argument, instance) {
                let before = self.step("", "/", keyword);
                self.note(keyword);
                self.step_back(before);
            }
        }
    }

    /// Whether a keyword that asserts something about the instance itself holds. Keywords that
    /// are about members or items note their own violations.
    fn holds(&mut self, schema: &Value, keyword: &str, argument: &Value, instance: &Value) -> bool {
        match keyword {
            "type" => self.is_type(argument, instance),
            "enum" => argument.items().iter().any(|one| self.equal(one, instance)),
            "const" => self.equal(argument, instance),
            "minLength" | "maxLength" | "minItems" | "maxItems" => {
                let size = match instance {
                    Value::Text(text) if before(keyword, "Length").is_some() => length(text),
                    Value::List(items) if before(keyword, "Items").is_some() => items.len() as u64,
                    _ => return true,
                };
                let limit = argument.as_whole().unwrap_or(0);
                if starts(keyword, 0, "min") {
                    size >= limit
                } else {
                    size <= limit
                }
            }
            "minimum" | "maximum" => match (argument, instance) {
                (Value::Number(limit), Value::Number(digits)) => {
                    let (limit, double) = (self.host.number(limit), self.host.number(digits));
                    if keyword == "minimum" {
                        double >= limit
                    } else {
                        double <= limit
                    }
                }
                _ => true,
            },
            "pattern" | "format" => match (argument, instance) {
                (Value::Text(rule), Value::Text(text)) => {
                    let (name, pattern) = match keyword {
                        "format" => cut(rule, b' '),
                        _ => ("", rule.as_str()),
                    };
                    length(text) <= MAX_SUBJECT_CHARS
                        && self.host.is_match(pattern, text) == Some(true)
                        && (before(name, "time").is_none() || format::is_moment(text))
                }
                _ => true,
            },
            "required" if is_object(instance) => {
                for (index, name) in argument.items().iter().enumerate() {
                    let name = name.as_text().unwrap_or("");
                    if instance.member(name).is_none() {
                        let before = self.step(name, "/required/", &decimal(index as u64));
                        self.note(keyword);
                        self.step_back(before);
                    }
                }
                true
            }
            "properties" => {
                for (name, property) in argument.members() {
                    if let Some(member) = instance.member(name) {
                        let before = self.step(name, "/properties", "");
                        push_token(&mut self.schema, name);
                        self.apply(property, member);
                        self.step_back(before);
                    }
                }
                true
            }
            "additionalProperties" => {
                let declared = schema.member("properties").unwrap_or(&Value::Null);
                for (name, member) in instance.members() {
                    if declared.member(name).is_none() {
                        let before = self.step(name, "/", keyword);
                        match argument {
                            Value::Object(_) => self.apply(argument, member),
                            // `false`: plan build refuses anything else.
                            _ => self.note(keyword),
                        }
                        self.step_back(before);
                    }
                }
                true
            }
            "items" => {
                for (index, item) in instance.items().iter().enumerate() {
                    let before = self.step(&decimal(index as u64), "/", keyword);
                    self.apply(argument, item);
                    self.step_back(before);
                }
                true
            }
            _ => true,
        }
    }

    fn is_type(&self, names: &Value, instance: &Value) -> bool {
        let name = match names {
            Value::List(names) => return names.iter().any(|name| self.is_type(name, instance)),
            _ => names.as_text().unwrap_or(""),
        };
        name == match instance {
            Value::Null => "null",
            Value::Bool(_) => "boolean",
            Value::Number(digits) if name == "integer" => {
                let double = self.host.number(digits);
                return double.trunc() == double;
            }
            Value::Number(_) => "number",
            Value::Text(_) => "string",
            Value::List(_) => "array",
            Value::Object(_) => "object",
        }
    }

    /// JSON Schema equality: numbers by value, objects without regard to order.
    fn equal(&self, one: &Value, other: &Value) -> bool {
        match (one, other) {
            (Value::Null, Value::Null) => true,
            (Value::Bool(one), Value::Bool(other)) => one == other,
            (Value::Text(one), Value::Text(other)) => one == other,
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
            _ => false,
        }
    }

    #[inline(never)]
    fn note(&mut self, keyword: &str) {
        if self.found.len() < MAX_VIOLATIONS {
            self.found.push(Violation {
                instance: self.instance.clone(),
                keyword: String::from(keyword),
                schema: self.schema.clone(),
            });
        }
    }

    /// Moves both pointers on: the instance's by a token, if any, the schema's by two texts.
    #[inline(never)]
    fn step(&mut self, token: &str, path: &str, tail: &str) -> Place {
        let place = (self.instance.len(), self.schema.len());
        if !token.is_empty() {
            push_token(&mut self.instance, token);
        }
        self.schema.push_str(path);
        self.schema.push_str(tail);
        place
    }

    #[inline(never)]
    fn step_back(&mut self, (instance, schema): Place) {
        self.instance.truncate(instance);
        self.schema.truncate(schema);
    }
}

fn is_object(value: &Value) -> bool {
    matches!(value, Value::Object(_))
}

/// The length of a text in characters.
fn length(text: &str) -> u64 {
    let starts = text.bytes().filter(|byte| byte & 0xc0 != 0x80);
    starts.count() as u64
}

/// Appends `/name`, escaped as RFC 6901 §3 asks.
#[inline(never)]
fn push_token(pointer: &mut String, name: &str) {
    pointer.push_str("/");
    for (at, byte) in name.bytes().enumerate() {
        match byte {
            b'~' => pointer.push_str("~0"),
            b'/' => pointer.push_str("~1"),
            _ if byte & 0xc0 != 0x80 => {
                let mut end = at + 1;
                while name
                    .as_bytes()
                    .get(end)
                    .is_some_and(|next| next & 0xc0 == 0x80)
                {
                    end += 1;
                }
                pointer.push_str(part(name, at, end));
            }
            _ => {}
        }
    }
}
