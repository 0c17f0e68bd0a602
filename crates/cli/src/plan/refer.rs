//! The names in a plan that mean something elsewhere: contracts, their fields, other forms.
//!
//! Third stage of plan build, on whatever of the plan has the right shape, so that all faults
//! are shown at once. Not here: shapes (`shape`), what the contracts say (`compile`).

use std::collections::HashMap;

use serde_json::Value;

use super::consent;
use super::endpoint;
use super::fault::{Fault, Faults, step};
use super::implied;
use super::selector;
use super::shared::SharedSchema;
use super::source::Source;
use super::suggest;

/// Checks the plan's references into itself and into the schema.
pub fn check(plan: &Source, shared: &SharedSchema, faults: &mut Faults) {
    let mut checker = Checker {
        plan,
        shared,
        faults,
    };
    checker.once("/pages", "path", "plan_page_twice", "give each path one id");
    checker.once(
        "/forms",
        "id",
        "plan_form_twice",
        "give each form an id of its own",
    );
    checker.once(
        "/forms",
        "selector",
        "plan_selector_twice",
        "name another form: only the first would be found",
    );
    for (index, form) in list(&plan.value["forms"]).iter().enumerate() {
        checker.form(form, &format!("/forms/{index}"));
    }
    checker.any_form_last();
    selector::check(plan, checker.faults);
    for (kind, record) in plan.value["records"].as_object().into_iter().flatten() {
        checker.contract(record, &step("/records", kind));
    }
    endpoint::check(plan, faults);
    consent::check(plan, faults);
}

/// The contracts that a plan uses, each once, in the order of their first use.
pub fn used_contracts(plan: &Value) -> Vec<&str> {
    let forms = list(&plan["forms"]).iter();
    let records = plan["records"]
        .as_object()
        .into_iter()
        .flat_map(|records| records.values());
    let mut names = Vec::new();
    for name in forms
        .chain(records)
        .filter_map(|one| one["contract"].as_str())
    {
        if !names.contains(&name) {
            names.push(name);
        }
    }
    names
}

struct Checker<'a> {
    plan: &'a Source,
    shared: &'a SharedSchema,
    faults: &'a mut Faults,
}

impl Checker<'_> {
    /// No two items of a list have the same value there.
    fn once(&mut self, place: &str, member: &str, code: &'static str, remedy: &str) {
        let mut first: HashMap<&str, usize> = HashMap::new();
        let items = self.plan.value.pointer(place).map_or(&[][..], list);
        for (index, item) in items.iter().enumerate() {
            let Some(name) = item[member].as_str() else {
                continue;
            };
            match first.get(name) {
                Some(known) => {
                    let what = format!("{member} `{name}` stands already at {place}/{known}");
                    self.refuse(code, &format!("{place}/{index}/{member}"), what, remedy);
                }
                None => {
                    first.insert(name, index);
                }
            }
        }
    }

    /// Forms are told by the first selector that fits.
    fn any_form_last(&mut self) {
        let forms = list(&self.plan.value["forms"]);
        let found = forms
            .iter()
            .position(|form| form["selector"] == implied::ANY);
        if let Some(at) = found.filter(|at| at + 1 < forms.len()) {
            let place = format!("/forms/{at}/selector");
            let what = "`*` stands before other forms".to_owned();
            self.refuse(
                "plan_any_form_first",
                &place,
                what,
                "move this form to the end of the list",
            );
        }
    }

    fn form(&mut self, form: &Value, at: &str) {
        let Some(contract) = self.contract(form, at) else {
            return;
        };
        let shared = self.shared;
        let known = shared.fields(contract);
        let fields = step(at, "fields");
        let mut mapped: HashMap<&str, &str> = HashMap::new();
        for (control, field) in form["fields"].as_object().into_iter().flatten() {
            let here = step(&fields, control);
            let Some(field) = field.as_str() else {
                continue;
            };
            if !known.contains(&field) {
                let what = format!("contract `{contract}` has no field `{field}`");
                let remedy = suggest::remedy(field, "fields", &known);
                self.refuse("plan_field_unknown", &here, what, &remedy);
            } else if let Some(other) = mapped.insert(field, control) {
                let what = format!("field `{field}` is mapped already from control `{other}`");
                self.refuse(
                    "plan_field_twice",
                    &here,
                    what,
                    "map one control to each field",
                );
            }
        }
        for (control, _) in form["hidden"].as_object().into_iter().flatten() {
            if form["fields"].get(control).is_some() {
                self.refuse(
                    "plan_control_twice",
                    &step(&step(at, "hidden"), control),
                    format!("control `{control}` is also read as a field: what touchmark fills in would be sent as the visitor's"),
                    "fill a hidden input of its own",
                );
            }
        }
        for field in shared.required(contract) {
            if known.contains(&field) && !mapped.contains_key(field) {
                let what = format!(
                    "contract `{contract}` requires `{field}`, but no control is mapped to it"
                );
                let remedy = format!(
                    "add \"<name of the control>\": \"{field}\", or see that a control has that name, its autocomplete token, or data-touchmark-field=\"{field}\""
                );
                let name = &self.plan.name;
                self.faults.warn(Fault::new(
                    "plan_field_unmapped",
                    name,
                    &fields,
                    what,
                    remedy,
                ));
            }
        }
    }

    /// The contract that a form or record names, if there is one of that name.
    fn contract<'v>(&mut self, holder: &'v Value, at: &str) -> Option<&'v str> {
        let name = holder["contract"].as_str()?;
        if self.shared.contract(name).is_some() {
            return Some(name);
        }
        let here = step(at, "contract");
        self.faults
            .add(self.shared.no_contract(name, &self.plan.name, &here));
        None
    }

    fn refuse(&mut self, code: &'static str, at: &str, what: String, remedy: &str) {
        self.faults.add(Fault::new(
            code,
            &self.plan.name,
            at,
            what,
            remedy.to_owned(),
        ));
    }
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
