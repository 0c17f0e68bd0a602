//! The keywords about members of objects and items of lists.
//!
//! Part of `evaluate`. Source: JSON Schema 2020-12 core, §10.3 and §11; validation, §6.4 and §6.5.

use super::evaluate::{Evaluation, Keyword};
use super::seen::Seen;
use crate::text::decimal;
use crate::value::Value;

impl<'a> Evaluation<'_, 'a> {
    /// A keyword about an object's members; true for any other.
    pub(super) fn object(
        &mut self,
        at: Keyword<'_, 'a>,
        instance: &Value,
        members: &[(String, Value)],
        seen: &mut Seen,
    ) -> bool {
        let Keyword {
            schema,
            resource,
            name,
            argument,
        } = at;
        let mut holds = true;
        match name {
            "required" => {
                for (index, wanted) in argument.items().iter().enumerate() {
                    let wanted = wanted.as_text().unwrap_or("");
                    if self.may_step() && instance.member(wanted).is_none() {
                        let before = self.step(&decimal(index as u64));
                        self.enter_child(wanted);
                        self.note(name);
                        self.step_back(before);
                        holds = false;
                    }
                }
            }
            "dependentRequired" => {
                for (present, wanted) in argument.members() {
                    let is_there = |name: &str| instance.member(name).is_some();
                    let mut wanted = wanted.items().iter().filter_map(Value::as_text);
                    if self.may_step() && is_there(present) && wanted.any(|name| !is_there(name)) {
                        let before = self.step(present);
                        self.note(name);
                        self.step_back(before);
                        holds = false;
                    }
                }
            }
            "dependentSchemas" => {
                for (present, one) in argument.members() {
                    if instance.member(present).is_some() {
                        let before = self.step(present);
                        holds &= self.merge(one, resource, instance, seen);
                        self.step_back(before);
                    }
                }
            }
            "propertyNames" => {
                for (own, _) in members {
                    let (is_fit, _) = self.attempt(argument, resource, &Value::Text(own.clone()));
                    if !is_fit {
                        let before = self.here();
                        self.enter_child(own);
                        self.note(name);
                        self.step_back(before);
                        holds = false;
                    }
                }
            }
            "properties" => {
                for (own, one) in argument.members() {
                    let child = members.iter().position(|(known, _)| known == own);
                    if let Some((child, (_, value))) =
                        child.and_then(|at| Some((at, members.get(at)?)))
                    {
                        holds &= self.child(own, own, one, resource, value);
                        seen.mark(child);
                    }
                }
            }
            "patternProperties" => {
                for (pattern, one) in argument.members() {
                    for (child, (own, value)) in members.iter().enumerate() {
                        if self.may_step() && self.is_match(pattern, own) {
                            holds &= self.child(own, pattern, one, resource, value);
                            seen.mark(child);
                        }
                    }
                }
            }
            "additionalProperties" | "unevaluatedProperties" => {
                let is_additional = name == "additionalProperties";
                let declared = schema.member("properties").unwrap_or(&Value::Null);
                let patterns = schema
                    .member("patternProperties")
                    .map_or(&[][..], Value::members);
                for (child, (own, value)) in members.iter().enumerate() {
                    let is_known = if is_additional {
                        declared.member(own).is_some()
                            || patterns
                                .iter()
                                .any(|(pattern, _)| self.is_match(pattern, own))
                    } else {
                        seen.has(child)
                    };
                    if !is_known {
                        holds &= self.rest(own, at, value);
                        seen.mark(child);
                    }
                }
            }
            _ => {}
        }
        holds
    }

    /// A keyword about a list's items; true for any other.
    pub(super) fn list(&mut self, at: Keyword<'_, 'a>, items: &[Value], seen: &mut Seen) -> bool {
        let Keyword {
            schema,
            resource,
            name,
            argument,
        } = at;
        let mut holds = true;
        match name {
            "prefixItems" => {
                for (child, (one, item)) in argument.items().iter().zip(items).enumerate() {
                    let token = decimal(child as u64);
                    holds &= self.child(&token, &token, one, resource, item);
                    seen.mark(child);
                }
            }
            "items" => {
                let from = schema.items_of("prefixItems").len();
                for (child, item) in items.iter().enumerate().skip(from) {
                    holds &= self.rest(&decimal(child as u64), at, item);
                    seen.mark(child);
                }
            }
            "contains" => {
                let mut count = 0;
                for (child, item) in items.iter().enumerate() {
                    if self.attempt(argument, resource, item).0 {
                        count += 1;
                        seen.mark(child);
                    }
                }
                let least = schema
                    .member("minContains")
                    .map_or(1, |limit| self.limit(limit));
                let most = schema
                    .member("maxContains")
                    .map_or(u64::MAX, |limit| self.limit(limit));
                holds = self.require(count >= least && count <= most, name);
            }
            "unevaluatedItems" => {
                for (child, item) in items.iter().enumerate() {
                    if !seen.has(child) {
                        holds &= self.rest(&decimal(child as u64), at, item);
                        seen.mark(child);
                    }
                }
            }
            _ => {}
        }
        holds
    }

    /// Judges a child by the schema at a token below the keyword.
    fn child(
        &mut self,
        name: &str,
        token: &str,
        schema: &'a Value,
        resource: usize,
        value: &Value,
    ) -> bool {
        let before = self.step(token);
        self.enter_child(name);
        let (holds, _) = self.apply(schema, resource, value);
        self.step_back(before);
        holds
    }

    /// Judges a child by the keyword's own schema; `false` breaks the keyword itself.
    fn rest(&mut self, name: &str, at: Keyword<'_, 'a>, value: &Value) -> bool {
        let before = self.here();
        self.enter_child(name);
        let holds = match at.argument {
            Value::Bool(false) => self.require(false, at.name),
            argument => self.apply(argument, at.resource, value).0,
        };
        self.step_back(before);
        holds
    }
}
