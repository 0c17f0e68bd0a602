//! Pages and plan into findings: which form is which, then one file for each question.
//!
//! After `form` and `agreed`. Not here: what changed since the last agreement (`lock`).

mod absent;
pub use absent::selector_of;
mod defaults;
mod fields;
mod hidden;
mod kinds;
mod limits;
mod markup;
mod names;
mod options;
mod rename;
mod selectors;
pub mod sensitive;
mod signals;
mod submit;
mod tag;

use std::collections::{BTreeMap, BTreeSet};

use super::agreed::{Agreed, Declared, Mapped};
use super::control::Control;
use super::finding::{Finding, Level, Place};
use super::form::{Form, in_template};
use super::lock::Lock;
use super::mapping;
use super::page::{NodeId, Page};
use super::places::Locked;

/// A page with its forms and what a browser said about it.
pub struct Sheet {
    pub page: Page,
    pub forms: Vec<Form>,
    /// The path under which it is served, where that is known.
    pub path: Option<String>,
    /// Selectors that show text once the page is loaded; only a browser knows.
    pub shown: Option<BTreeSet<String>>,
}

impl Sheet {
    /// Reads the page's forms, and the containers that the plan takes for some.
    pub fn new(page: Page, path: Option<String>, agreed: &Agreed) -> Self {
        let mut forms = Form::read_all(&page);
        for declared in agreed.forms.iter().filter(|one| one.button.is_some()) {
            let Ok(css) = &declared.css else { continue };
            for element in page.elements().filter(|one| css.matches(one)) {
                if forms.iter().all(|form| form.node != element.id()) {
                    forms.push(Form::container(&page, element.id()));
                }
            }
        }
        Self {
            page,
            forms,
            path,
            shown: None,
        }
    }

    /// Whether a form is only what is around a container of the plan's.
    pub fn is_around(&self, form: usize) -> bool {
        let around = &self.forms[form];
        let mut all = self.forms.iter();
        all.any(|one| around.is_around(&self.page, one))
    }

    pub fn is_rendered(&self) -> bool {
        self.shown.is_some()
    }
}

/// What is asked, beside pages and plan.
pub struct Question<'a> {
    pub agreed: &'a Agreed,
    pub sheets: &'a [Sheet],
    pub lock: Option<&'a Lock>,
    /// Whether the pages are all that there are, so that a form on none of them is missing.
    pub is_whole: bool,
}

/// One form of the plan on one page.
pub struct View<'a> {
    pub agreed: &'a Agreed,
    pub declared: &'a Declared,
    pub sheet: &'a Sheet,
    pub page: &'a Page,
    pub form: &'a Form,
    /// What feeds what, by the plan and by the form's own markup.
    pub fields: &'a [Mapped],
    /// This form as it was agreed upon.
    pub lock: Option<Locked<'a>>,
}

impl<'a> View<'a> {
    /// A finding about a control, at one of its attributes.
    pub fn at(
        &self,
        control: &Control,
        attribute: &str,
        code: &'static str,
        level: Level,
        what: String,
    ) -> Finding {
        let place = Place::in_page(self.page, control.place(self.page, attribute));
        Finding::new(code, level, place, what).about(&self.declared.id, "")
    }

    /// A finding about the form itself.
    pub fn at_form(
        &self,
        attribute: &str,
        code: &'static str,
        level: Level,
        what: String,
    ) -> Finding {
        let span = self.page.attribute(self.form.node, attribute);
        let place = Place::in_page(self.page, span);
        Finding::new(code, level, place, what).about(&self.declared.id, "")
    }

    pub fn attr(&self, name: &str) -> Option<&'a str> {
        self.page.element(self.form.node).attr(name)
    }

    pub fn plan_place(&self, pointer: &str) -> Place {
        Place::in_file(&self.agreed.name, pointer)
    }

    /// The controls that feed a field, and aren't buttons.
    pub fn feeding(&self, mapped: &'a Mapped) -> Vec<&'a Control> {
        self.form.named(&mapped.control).collect()
    }

    /// Whether plan or markup say what a control of that name is.
    pub fn is_known(&self, name: &str) -> bool {
        self.fields
            .iter()
            .any(|one| one.is_meant() && one.control == name)
            || self.declared.hidden.iter().any(|(known, _)| known == name)
    }
}

/// A form found on a page.
pub struct Found {
    pub sheet: usize,
    pub form: usize,
}

/// Where the plan's forms are: by their place in the plan.
pub struct Map {
    pub forms: BTreeMap<usize, Vec<Found>>,
    /// Forms that some selector means, by sheet.
    claimed: BTreeSet<(usize, usize)>,
}

/// Judges everything; findings are in no order.
pub fn judge(question: &Question<'_>) -> Vec<Finding> {
    let mut out = Vec::new();
    let map = locate(question, &mut out);
    for (at, places) in &map.forms {
        let declared = &question.agreed.forms[*at];
        for Found { sheet, form } in places {
            let sheet = &question.sheets[*sheet];
            let lock = question.lock;
            let lock = lock.and_then(|lock| lock.form(declared, sheet, *form));
            let form = &sheet.forms[*form];
            let fields = mapping::fields(declared, &sheet.page, form);
            let view = View {
                agreed: question.agreed,
                declared,
                sheet,
                page: &sheet.page,
                form,
                fields: &fields,
                lock,
            };
            fields::check(&view, &mut out);
            markup::check(&view, &mut out);
            hidden::check(&view, &mut out);
            names::check(&view, &mut out);
            names::nested(&view, &mut out);
            sensitive::check(&view, &mut out);
            signals::check(&view, question.sheets, &mut out);
            submit::check(&view, &mut out);
        }
    }
    let twins = absent::check(question, &map, &mut out);
    for (at, sheet) in question.sheets.iter().enumerate() {
        // One that was taken for a missing form is told as that.
        let is_free = |form: &usize| {
            let element = sheet.page.element(sheet.forms[*form].node);
            !map.claimed.contains(&(at, *form))
                && !sheet.is_around(*form)
                && !twins.contains(&(at, *form))
                && !question.agreed.is_ignored(element)
        };
        for form in (0..sheet.forms.len()).filter(is_free) {
            sensitive::undeclared(sheet, &sheet.forms[form], question.lock, &mut out);
        }
        let is_ours = |form: &usize| map.claimed.contains(&(at, *form));
        let ours: Vec<&Form> = (0..sheet.forms.len())
            .filter(is_ours)
            .map(|form| &sheet.forms[form])
            .collect();
        names::ids(sheet, &ours, &mut out);
    }
    tag::check(question, &map, &mut out);
    signals::plan(question.agreed, &mut out);
    selectors::check(question.agreed, &mut out);
    out
}

/// Finds the plan's forms, as `querySelectorAll` would. A selector means one form of a page, but for
/// `*`, which means every other.
pub fn locate(question: &Question<'_>, out: &mut Vec<Finding>) -> Map {
    let mut map = Map {
        forms: BTreeMap::new(),
        claimed: BTreeSet::new(),
    };
    let mut inert: BTreeMap<usize, Vec<Found>> = BTreeMap::new();
    // Whose a form is already: the page takes the first that matches.
    let mut owners: BTreeMap<(usize, usize), usize> = BTreeMap::new();
    for (at, declared) in question.agreed.forms.iter().enumerate() {
        let pointer = format!("{}/selector", declared.pointer);
        let place = || Place::in_file(&question.agreed.name, &pointer);
        let Ok(css) = &declared.css else { continue };
        for (number, sheet) in question.sheets.iter().enumerate() {
            let mut live: Vec<NodeId> = Vec::new();
            for element in sheet.page.elements().filter(|one| css.matches(one)) {
                let node = element.id();
                let is_inert = in_template(element);
                let Some(form) = sheet.forms.iter().position(|form| form.node == node) else {
                    if !is_inert {
                        let what = format!(
                            "`{}` means a <{}>, which is no form",
                            declared.selector,
                            element.value().name()
                        );
                        let place = Place::in_page(&sheet.page, sheet.page.tag(node));
                        let finding = Finding::new("selector_no_form", Level::Error, place, what);
                        out.push(
                            finding
                                .remedy("let the selector end in the form itself, or name what submits it as `button` in the plan")
                                .about(&declared.id, ""),
                        );
                    }
                    continue;
                };
                if declared.is_any && sheet.is_around(form) {
                    continue;
                }
                if is_inert {
                    map.claimed.insert((number, form));
                    inert.entry(at).or_default().push(Found {
                        sheet: number,
                        form,
                    });
                    continue;
                }
                if let Some(first) = live.first().filter(|_| !declared.is_any) {
                    let what =
                        format!("`{}` matches a second form on this page", declared.selector);
                    let finding = Finding::new(
                        "selector_ambiguous",
                        Level::Error,
                        Place::in_page(&sheet.page, sheet.page.tag(node)),
                        what,
                    );
                    let first = Place::in_page(&sheet.page, sheet.page.tag(*first));
                    out.push(
                        finding
                            .remedy("make the selector mean one form, or give the second one a form of its own in the plan")
                            .related(first, "the first is here")
                            .about(&declared.id, ""),
                    );
                }
                live.push(node);
                if live.len() > 1 && !declared.is_any {
                    // One is judged; the other may be no form of the plan's at all.
                    map.claimed.insert((number, form));
                    continue;
                }
                match owners.get(&(number, form)) {
                    Some(first) => {
                        let other = &question.agreed.forms[*first];
                        let what =
                            format!("this form is `{}` already, and counts as that", other.id);
                        let finding =
                            Finding::new("form_claimed_twice", Level::Error, place(), what);
                        out.push(
                            finding
                                .remedy("make the two selectors mean different forms")
                                .related(
                                    Place::in_page(&sheet.page, sheet.page.tag(node)),
                                    "the form",
                                )
                                .about(&declared.id, ""),
                        );
                    }
                    None => {
                        owners.insert((number, form), at);
                        map.claimed.insert((number, form));
                        map.forms.entry(at).or_default().push(Found {
                            sheet: number,
                            form,
                        });
                    }
                }
            }
        }
    }
    // What stands only in a template is judged as it is written there.
    for (at, places) in inert {
        if map.forms.contains_key(&at) {
            continue;
        }
        let declared = &question.agreed.forms[at];
        for Found { sheet, form } in &places {
            let sheet = &question.sheets[*sheet];
            let span = sheet.page.tag(sheet.forms[*form].node);
            let what = format!(
                "form `{}` stands in a template, so it is judged as written",
                declared.id
            );
            let place = Place::in_page(&sheet.page, span);
            let finding = Finding::new("form_in_template", Level::Note, place, what);
            out.push(
                finding
                    .remedy("use --browser to judge what scripts make of it")
                    .about(&declared.id, ""),
            );
        }
        map.forms.insert(at, places);
    }
    map
}
