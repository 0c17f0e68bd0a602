//! Applies a schema to an instance, within a budget.
//!
//! After `index`. Schemas are interpreted as they stand. Each application gives whether it holds and
//! what it has seen; keywords about members and items are in `object`.

use super::index::Index;
use super::seen::Seen;
use super::{MAX_DEPTH, MAX_STEPS, Verdict, number};
use crate::schema::{
    Host, MAX_SUBJECT_CHARS, MAX_VIOLATIONS, Violation, format, length, push_token,
};
use crate::text::{cut, decimal};
use crate::value::Value;

pub struct Evaluation<'i, 'a> {
    index: &'i Index<'a>,
    host: &'i dyn Host,
    asserts_formats: bool,
    steps: u32,
    depth: u32,
    is_exhausted: bool,
    /// Resources that were entered, outermost first: the dynamic scope.
    scope: Vec<usize>,
    instance: String,
    place: String,
    found: Vec<Violation>,
}

/// Where both pointers stood before a step.
pub(super) type Place = (usize, usize);

impl<'i, 'a> Evaluation<'i, 'a> {
    pub fn new(index: &'i Index<'a>, host: &'i dyn Host, asserts_formats: bool) -> Self {
        Evaluation {
            index,
            host,
            asserts_formats,
            steps: 0,
            depth: 0,
            is_exhausted: false,
            scope: Vec::new(),
            instance: String::new(),
            place: String::new(),
            found: Vec::new(),
        }
    }

    pub fn run(mut self, document: &'a Value, instance: &Value) -> Verdict {
        let (holds, _) = self.apply(document, 0, instance);
        match (self.is_exhausted, holds) {
            (true, _) => Verdict::BudgetExceeded,
            (_, true) => Verdict::Valid,
            _ => Verdict::Invalid(self.found),
        }
    }

    /// Whether an instance keeps a schema, and what of it was seen on the way.
    pub(super) fn apply(
        &mut self,
        schema: &'a Value,
        around: usize,
        instance: &Value,
    ) -> (bool, Seen) {
        let mut seen = Seen::default();
        if !self.may_step() || self.depth == MAX_DEPTH {
            self.is_exhausted = true;
            return (true, seen);
        }
        let members = match schema {
            Value::Object(members) => members,
            Value::Bool(false) => {
                self.note("false");
                return (false, seen);
            }
            _ => return (true, seen),
        };
        self.depth += 1;
        let resource = self.index.resource_at(schema, around);
        let is_entered = self.scope.last() != Some(&resource);
        if is_entered {
            self.scope.push(resource);
        }
        let dialect = self.index.dialect(resource);
        let mut holds = true;
        // What asks for everything seen comes last.
        for is_last in [false, true] {
            for (keyword, argument) in members {
                if keyword.starts_with("unevaluated") == is_last && dialect.knows(keyword) {
                    let at = Keyword {
                        schema,
                        resource,
                        name: keyword,
                        argument,
                    };
                    holds &= self.keyword(at, instance, &mut seen);
                }
            }
        }
        if is_entered {
            self.scope.pop();
        }
        self.depth -= 1;
        (holds, seen)
    }

    fn keyword(&mut self, at: Keyword<'_, 'a>, instance: &Value, seen: &mut Seen) -> bool {
        if !self.may_step() {
            return true;
        }
        let Keyword {
            schema,
            resource,
            name,
            argument,
        } = at;
        let before = self.step(name);
        let holds = match name {
            "$ref" | "$dynamicRef" => self.reference(at, instance, seen),
            "allOf" => {
                let mut all = true;
                for (index, one) in argument.items().iter().enumerate() {
                    let place = self.step(&decimal(index as u64));
                    all &= self.merge(one, resource, instance, seen);
                    self.step_back(place);
                }
                all
            }
            "anyOf" | "oneOf" => {
                let mut holding = 0;
                for one in argument.items() {
                    holding += usize::from(self.try_merge(one, resource, instance, seen));
                }
                let is_met = if name == "anyOf" {
                    holding > 0
                } else {
                    holding == 1
                };
                self.require(is_met, name)
            }
            "not" => {
                let (holds, _) = self.attempt(argument, resource, instance);
                self.require(!holds, name)
            }
            "if" => {
                let branch = if self.try_merge(argument, resource, instance, seen) {
                    "then"
                } else {
                    "else"
                };
                match schema.member(branch) {
                    Some(one) => {
                        self.step_back(before);
                        self.step(branch);
                        self.merge(one, resource, instance, seen)
                    }
                    None => true,
                }
            }
            _ => match instance {
                Value::Object(members) => self.object(at, instance, members, seen),
                Value::List(items) => self.list(at, items, seen),
                _ => true,
            },
        };
        let holds = holds && {
            let is_met = self.asserts(at, instance);
            self.require(is_met, name)
        };
        self.step_back(before);
        holds
    }

    fn reference(&mut self, at: Keyword<'_, 'a>, instance: &Value, seen: &mut Seen) -> bool {
        let Some(target) = self.index.target(at.argument) else {
            return true;
        };
        let (mut schema, mut resource) = (target.schema, target.resource);
        if at.name == "$dynamicRef"
            && let Some(name) = target.dynamic
        {
            let outermost = self
                .scope
                .iter()
                .find_map(|resource| Some((self.index.dynamic(*resource, name)?, *resource)));
            (schema, resource) = outermost.unwrap_or((schema, resource));
        }
        // The target's resource is entered even where its root is not.
        self.scope.push(resource);
        let holds = self.merge(schema, resource, instance, seen);
        self.scope.pop();
        holds
    }

    /// Whether a keyword that asserts something about the instance itself holds.
    fn asserts(&mut self, at: Keyword<'_, 'a>, instance: &Value) -> bool {
        let argument = at.argument;
        match (at.name, instance) {
            ("type", _) => self.is_type(argument, instance),
            ("enum", _) => argument.items().iter().any(|one| self.equal(one, instance)),
            ("const", _) => self.equal(argument, instance),
            ("minLength", Value::Text(text)) => length(text) >= self.limit(argument),
            ("maxLength", Value::Text(text)) => length(text) <= self.limit(argument),
            ("minItems", Value::List(items)) => items.len() as u64 >= self.limit(argument),
            ("maxItems", Value::List(items)) => items.len() as u64 <= self.limit(argument),
            ("minProperties", Value::Object(all)) => all.len() as u64 >= self.limit(argument),
            ("maxProperties", Value::Object(all)) => all.len() as u64 <= self.limit(argument),
            ("uniqueItems", Value::List(items)) if *argument == Value::Bool(true) => {
                self.is_unique(items)
            }
            // What a double holds as zero is a multiple of everything.
            ("multipleOf", Value::Number(digits)) if self.host.number(digits) != 0.0 => {
                match argument {
                    Value::Number(divisor) => number::is_multiple(digits, divisor).unwrap_or(true),
                    _ => true,
                }
            }
            (
                "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum",
                Value::Number(digits),
            ) => {
                let Value::Number(limit) = argument else {
                    return true;
                };
                let (limit, number) = (self.host.number(limit), self.host.number(digits));
                match at.name {
                    "minimum" => number >= limit,
                    "maximum" => number <= limit,
                    "exclusiveMinimum" => number > limit,
                    _ => number < limit,
                }
            }
            ("pattern", Value::Text(text)) => argument
                .as_text()
                .is_none_or(|pattern| self.is_match(pattern, text)),
            ("format", Value::Text(text)) => {
                let is_asserted =
                    self.asserts_formats || self.index.dialect(at.resource).asserts_formats;
                !is_asserted
                    || argument
                        .as_text()
                        .is_none_or(|rule| self.is_format(rule, text))
            }
            _ => true,
        }
    }

    /// A format by its name, or by the row that plan build writes.
    fn is_format(&self, rule: &str, text: &str) -> bool {
        let known = format::row(rule);
        let (name, pattern) = cut(&known, b' ');
        match name {
            "regex" => self.host.is_match(text, "").is_some(),
            _ if pattern.is_empty() => true,
            _ => {
                self.is_match(pattern, text) && (!name.ends_with("time") || format::is_moment(text))
            }
        }
    }

    /// Texts past [`MAX_SUBJECT_CHARS`] match nothing.
    pub(super) fn is_match(&self, pattern: &str, text: &str) -> bool {
        length(text) <= MAX_SUBJECT_CHARS && self.host.is_match(pattern, text) == Some(true)
    }

    /// A count, which may be written as 2.0.
    pub(super) fn limit(&self, argument: &Value) -> u64 {
        match argument {
            Value::Number(digits) => self.host.number(digits) as u64,
            _ => 0,
        }
    }

    fn is_type(&self, names: &Value, instance: &Value) -> bool {
        let one = |name: &Value| match (name.as_text().unwrap_or(""), instance) {
            ("integer", Value::Number(digits)) => {
                let double = self.host.number(digits);
                double.trunc() == double
            }
            (name, Value::Null) => name == "null",
            (name, Value::Bool(_)) => name == "boolean",
            (name, Value::Number(_)) => name == "number",
            (name, Value::Text(_)) => name == "string",
            (name, Value::List(_)) => name == "array",
            (name, Value::Object(_)) => name == "object",
        };
        match names {
            Value::List(names) => names.iter().any(one),
            _ => one(names),
        }
    }

    fn is_unique(&mut self, items: &[Value]) -> bool {
        let mut rest = items;
        while let [first, others @ ..] = rest {
            if others.iter().any(|other| self.equal(first, other)) {
                return false;
            }
            rest = others;
        }
        true
    }

    /// JSON Schema equality: numbers by value, objects without regard to order.
    fn equal(&mut self, one: &Value, other: &Value) -> bool {
        if !self.may_step() {
            return false;
        }
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
                        other
                            .member(name)
                            .is_some_and(|twin| self.equal(value, twin))
                    })
            }
            _ => one == other,
        }
    }

    /// Applies a schema to the same instance; what it saw counts when it holds.
    pub(super) fn merge(
        &mut self,
        schema: &'a Value,
        resource: usize,
        instance: &Value,
        seen: &mut Seen,
    ) -> bool {
        let (holds, own) = self.apply(schema, resource, instance);
        if holds {
            seen.add(&own);
        }
        holds
    }

    /// The same without telling what it breaks.
    fn try_merge(
        &mut self,
        schema: &'a Value,
        resource: usize,
        instance: &Value,
        seen: &mut Seen,
    ) -> bool {
        let (holds, own) = self.attempt(schema, resource, instance);
        if holds {
            seen.add(&own);
        }
        holds
    }

    /// Applies a schema without telling what it breaks.
    pub(super) fn attempt(
        &mut self,
        schema: &'a Value,
        resource: usize,
        instance: &Value,
    ) -> (bool, Seen) {
        let before = self.found.len();
        let outcome = self.apply(schema, resource, instance);
        self.found.truncate(before);
        outcome
    }

    /// Notes a keyword that is not met; says whether it is.
    pub(super) fn require(&mut self, is_met: bool, keyword: &str) -> bool {
        if !is_met {
            self.note(keyword);
        }
        is_met
    }

    pub(super) fn note(&mut self, keyword: &str) {
        if self.found.len() < MAX_VIOLATIONS {
            self.found.push(Violation {
                instance: self.instance.clone(),
                keyword: String::from(keyword),
                schema: self.place.clone(),
            });
        }
    }

    /// Takes a step; whether the budget had one.
    pub(super) fn may_step(&mut self) -> bool {
        self.steps += 1;
        if self.steps > MAX_STEPS {
            self.is_exhausted = true;
        }
        !self.is_exhausted
    }

    pub(super) fn here(&self) -> Place {
        (self.instance.len(), self.place.len())
    }

    /// Moves the schema's pointer on by a token.
    pub(super) fn step(&mut self, token: &str) -> Place {
        let place = self.here();
        push_token(&mut self.place, token);
        place
    }

    /// Moves the instance's pointer on.
    pub(super) fn enter_child(&mut self, token: &str) {
        push_token(&mut self.instance, token);
    }

    pub(super) fn step_back(&mut self, (instance, place): Place) {
        self.instance.truncate(instance);
        self.place.truncate(place);
    }
}

/// A keyword where it stands.
#[derive(Clone, Copy)]
pub(super) struct Keyword<'k, 'a> {
    /// The schema around it.
    pub schema: &'a Value,
    pub resource: usize,
    pub name: &'k str,
    pub argument: &'a Value,
}
