//! A plan and its contracts, as the rules ask for them.
//!
//! Beside `page`: the other side of the comparison. Takes a source plan, which it builds first,
//! or a built one. Not here: the pages.

use std::path::Path;
use std::rc::Rc;

use scraper::{ElementRef, Selector};
use serde_json::Value;
use touchmark::value::Value as Core;

use super::expect::Expect;
use crate::plan;
use crate::plan::fault::{Fault, Faults, step};
use crate::plan::implied::is_any;
use crate::plan::source::Source;

/// What was agreed about a site's forms.
pub struct Agreed {
    /// The plan's file, as it was named.
    pub name: String,
    /// The plan as it was written.
    pub plan: Source,
    pub forms: Vec<Declared>,
    /// Forms that the plan calls no leads.
    pub ignore: Vec<Ignored>,
}

/// A selector of the plan's `ignore`.
pub struct Ignored {
    /// JSON pointer into the plan.
    pub pointer: String,
    pub selector: String,
    /// The selector in a form that can be asked; else why it can't.
    pub css: Result<Selector, String>,
}

/// One form of the plan.
pub struct Declared {
    /// JSON pointer into the plan.
    pub pointer: String,
    pub id: String,
    pub selector: String,
    /// Whether the selector is `*`, which stands for any number of forms.
    pub is_any: bool,
    /// The selector in a form that can be asked; else why it can't.
    pub css: Result<Selector, String>,
    /// What submits, where the selector means a container without `<form>`.
    pub button: Option<String>,
    pub contract: String,
    /// What the plan itself maps, in its order.
    pub fields: Vec<Mapped>,
    /// The contract's other fields, which the markup may fill; each by its own name.
    pub open: Vec<Mapped>,
    /// Those fields by what a control may call them.
    pub implied: Vec<(String, String)>,
    /// What any other control feeds, where the contract opens itself; without control and field.
    pub rest: Option<Mapped>,
    /// Names of hidden fields with what goes in.
    pub hidden: Vec<(String, String)>,
    pub request: Option<String>,
    pub success: Vec<Signal>,
    pub failure: Vec<Signal>,
}

/// A control's name and the field that it feeds.
#[derive(Clone)]
pub struct Mapped {
    pub control: String,
    pub field: String,
    /// JSON pointer into the plan.
    pub pointer: String,
    pub is_required: bool,
    pub expect: Rc<Expect>,
    pub by: By,
}

/// Who says which control feeds a field.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum By {
    /// The plan's `fields`.
    Plan,
    /// The control, by data-touchmark-field, autocomplete or its name.
    Markup,
    /// The contract, which lets in what it doesn't name.
    Contract,
}

/// What shows an outcome.
pub struct Signal {
    pub pointer: String,
    pub kind: SignalKind,
}

#[derive(Clone, Debug, PartialEq, Eq)]
pub enum SignalKind {
    Url(String),
    Selector(String),
    Request,
}

impl Agreed {
    /// Reads a plan; `None` when it has faults, which are added.
    pub fn read(file: &Path, schema: Option<&Path>, faults: &mut Faults) -> Option<Self> {
        let plan = Source::read(file).map_err(|fault| faults.add(fault)).ok()?;
        Self::of(plan, Some(file), schema, faults)
    }

    /// The same of a plan that was read; a source plan needs its file to find its schema.
    pub fn of(
        plan: Source,
        file: Option<&Path>,
        schema: Option<&Path>,
        faults: &mut Faults,
    ) -> Option<Self> {
        let is_built = plan.value["contracts"].is_object();
        let built = if is_built {
            let text = plan.value.to_string();
            let core = Core::parse(&text)
                .ok()
                .map(touchmark::plan::Plan::from_value);
            if let Some(Err(wrong)) = core {
                let what = "this built plan is not for this touchmark".to_owned();
                let remedy = "build it anew with touchmark plan build".to_owned();
                faults.add(Fault::new(wrong.code(), &plan.name, "", what, remedy));
                return None;
            }
            plan.value.clone()
        } else {
            plan::built(&plan, file.unwrap_or(Path::new("")), schema, faults)?
        };
        // Those without an id are touchmark's own, and in no page.
        let forms = list(&built["forms"]).iter().enumerate();
        let forms = forms.filter(|(_, form)| form["id"].is_string());
        let forms = forms.map(|(at, form)| declared(at, form, &built["contracts"]));
        let forms: Vec<Declared> = forms.collect();
        for form in &forms {
            if built["contracts"][&form.contract].is_null() {
                let what = format!("the built plan lacks the contract `{}`", form.contract);
                let remedy = "build it anew with touchmark plan build".to_owned();
                let at = step(&form.pointer, "contract");
                faults.add(Fault::new("plan_format", &plan.name, &at, what, remedy));
            }
        }
        let ignore = list(&built["ignore"]).iter().enumerate();
        let ignore = ignore.filter_map(|(at, selector)| {
            let selector = selector.as_str()?;
            Some(Ignored {
                pointer: step("/ignore", at),
                selector: selector.to_owned(),
                css: Selector::parse(selector).map_err(|error| error.to_string()),
            })
        });
        faults.is_empty().then_some(Self {
            name: plan.name.clone(),
            ignore: ignore.collect(),
            plan,
            forms,
        })
    }

    /// Whether the plan calls an element no lead. A form under `forms` counts all the same.
    pub fn is_ignored(&self, element: ElementRef<'_>) -> bool {
        let mut all = self.ignore.iter().filter_map(|one| one.css.as_ref().ok());
        all.any(|css| css.matches(&element))
    }

    /// Ids of the declared pages by path, those with a `*` at the end too.
    pub fn paths(&self) -> Vec<&str> {
        let pages = list(&self.plan.value["pages"]).iter();
        pages.filter_map(|page| page["path"].as_str()).collect()
    }
}

fn declared(at: usize, form: &Value, contracts: &Value) -> Declared {
    let pointer = format!("/forms/{at}");
    let text = |name: &str| form[name].as_str().unwrap_or_default().to_owned();
    let selector = text("selector");
    let contract = text("contract");
    let rules = &contracts[&contract];
    let required = list(&rules["required"]);
    let signals = |name: &str| {
        let all = list(&form[name]).iter().enumerate();
        all.filter_map(|(at, signal)| {
            let of = |name: &str| signal[name].as_str().map(str::to_owned);
            let kind = match (of("url"), of("selector")) {
                (Some(url), _) => SignalKind::Url(url),
                (_, Some(selector)) => SignalKind::Selector(selector),
                _ if signal["request"] == true => SignalKind::Request,
                _ => return None,
            };
            let pointer = step(&step(&pointer, name), at);
            Some(Signal { pointer, kind })
        })
        .collect()
    };
    let mapped = |control: &str, field: &str, pointer: String, by| Mapped {
        control: control.to_owned(),
        field: field.to_owned(),
        pointer,
        is_required: required.iter().any(|name| name == field),
        expect: Rc::new(Expect::of(&rules["properties"][field])),
        by,
    };
    let here = step(&pointer, "contract");
    let implied: Vec<(String, String)> = members(&form["implied"])
        .map(|(key, field)| (key.to_owned(), field.to_owned()))
        .collect();
    let open = implied.iter().filter(|(key, field)| key == field);
    let open = open.map(|(_, field)| mapped(field, field, here.clone(), By::Markup));
    let rest = &rules["additionalProperties"];
    let rest = rest.is_object().then(|| Mapped {
        expect: Rc::new(Expect::of(rest)),
        ..mapped("", "", here.clone(), By::Contract)
    });
    Declared {
        id: text("id"),
        is_any: is_any(&selector),
        button: form["button"].as_str().map(str::to_owned),
        css: Selector::parse(&selector).map_err(|error| error.to_string()),
        fields: members(&form["fields"])
            .map(|(control, field)| {
                let at = step(&step(&pointer, "fields"), control);
                mapped(control, field, at, By::Plan)
            })
            .collect(),
        open: open.collect(),
        implied: implied.clone(),
        rest,
        hidden: members(&form["hidden"])
            .map(|(name, source)| (name.to_owned(), source.to_owned()))
            .collect(),
        request: form["request"].as_str().map(str::to_owned),
        success: signals("success"),
        failure: signals("failure"),
        selector,
        contract,
        pointer,
    }
}

fn members(object: &Value) -> impl Iterator<Item = (&str, &str)> {
    let members = object.as_object().into_iter().flatten();
    members.filter_map(|(name, value)| Some((name.as_str(), value.as_str()?)))
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}
