//! `touchmark.lock.json`: the forms as they were last agreed upon.
//!
//! Written by `check --update`, committed beside the plan, compared with the pages of today by
//! `diff`. It holds names, kinds, constraints and options, never what anybody typed.

use std::path::Path;

use serde_json::{Map, Value, json};

use super::expect::outline;
use super::form::{Control, Form};
use super::rules::sensitive::matter;
use super::rules::{self, Question, Sheet};
use crate::plan::fault::Fault;
use crate::plan::source::Source;

/// A lock file that was read, or one for the pages of today.
#[derive(Debug)]
pub struct Lock {
    pub name: String,
    pub value: Value,
}

impl Lock {
    /// Reads the file; `None` when there is none.
    ///
    /// # Errors
    /// `json_malformed`, `lock_format`: delete it, or write it anew with --update.
    pub fn read(file: &Path) -> Result<Option<Self>, Fault> {
        if !file.exists() {
            return Ok(None);
        }
        let Source { name, value } = Source::read(file)?;
        if value["touchmark_lock"] != json!(FORMAT) || !value["forms"].is_object() {
            let what = "this is no lock file of this version".to_owned();
            let remedy = "write it anew with touchmark check --update".to_owned();
            return Err(Fault::new("lock_format", &name, "", what, remedy));
        }
        Ok(Some(Self { name, value }))
    }

    /// The forms of today. What the pages given don't have is kept from the former lock.
    pub fn of(question: &Question<'_>, name: &str) -> Self {
        let map = rules::locate(question, &mut Vec::new());
        let mut forms = Map::new();
        for (at, declared) in question.agreed.forms.iter().enumerate() {
            let former = question
                .lock
                .map(|lock| lock.value["forms"][&declared.id].clone());
            let Some(places) = map.forms.get(&at) else {
                if let Some(former) = former.filter(|former| !former.is_null()) {
                    forms.insert(declared.id.clone(), former);
                }
                continue;
            };
            let mut pages: Vec<&str> = places
                .iter()
                .map(|found| question.sheets[found.sheet].page.name.as_str())
                .collect();
            // Pages that weren't looked at may have it still.
            let looked = |page: &str| question.sheets.iter().any(|sheet| sheet.page.name == page);
            if let Some(lock) = question.lock {
                let former = lock.pages_of(&declared.id).into_iter();
                pages.extend(former.filter(|page| !looked(page)));
            }
            pages.sort_unstable();
            pages.dedup();
            let sheet = &question.sheets[places[0].sheet];
            let mut entry = form_of(sheet, &sheet.forms[places[0].form]);
            entry["pages"] = json!(pages);
            entry["selector"] = json!(declared.selector);
            entry["contract"] = json!(declared.contract);
            let fields: Map<String, Value> = declared
                .fields
                .iter()
                .map(|one| {
                    let mut rule = outline(&one.expect.rule);
                    rule["control"] = json!(one.control);
                    rule["required"] = json!(one.is_required);
                    (one.field.clone(), rule)
                })
                .collect();
            entry["fields"] = Value::Object(fields);
            let hidden: Map<String, Value> = declared
                .hidden
                .iter()
                .map(|(name, source)| (name.clone(), json!(source)))
                .collect();
            entry["hidden"] = Value::Object(hidden);
            forms.insert(declared.id.clone(), entry);
        }
        let value = json!({
            "touchmark_lock": FORMAT,
            "forms": forms,
            "undeclared": undeclared(question, &map),
        });
        Self {
            name: name.to_owned(),
            value,
        }
    }

    pub fn text(&self) -> String {
        let text = serde_json::to_string_pretty(&self.value);
        text.expect("a JSON value is JSON") + "\n"
    }

    /// Writes the file, whole or not at all.
    ///
    /// # Errors
    /// `file_unwritable`.
    pub fn write(&self, file: &Path) -> Result<(), Fault> {
        crate::plan::write(file, &self.text())
    }

    /// The pages on which a form stood.
    pub fn pages_of(&self, form: &str) -> Vec<&str> {
        let pages = self.value["forms"][form]["pages"].as_array();
        pages
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect()
    }

    /// A control as it was, by form and name.
    pub fn control(&self, form: &str, name: &str) -> Option<&Value> {
        self.value["forms"][form]["controls"].get(name)
    }

    /// The values that could be chosen.
    pub fn offered(&self, form: &str, name: &str) -> Vec<String> {
        let options = self
            .control(form, name)
            .and_then(|one| one["options"].as_array());
        let options = options.into_iter().flatten().filter_map(Value::as_str);
        options.map(str::to_owned).collect()
    }

    /// Whether it was agreed to leave that form out of the plan.
    pub fn knows_undeclared(&self, page: &str, selector: &str) -> bool {
        let known = self.value["undeclared"].as_array().into_iter().flatten();
        known
            .into_iter()
            .any(|one| one["page"] == page && one["selector"] == selector)
    }
}

fn undeclared(question: &Question<'_>, map: &rules::Map) -> Value {
    let mut list: Vec<Value> = Vec::new();
    for (at, sheet) in question.sheets.iter().enumerate() {
        for (place, form) in sheet.forms.iter().enumerate() {
            let asks = form
                .controls
                .iter()
                .any(|one| !one.is_button() && one.kind != "hidden");
            let is_declared = map
                .forms
                .values()
                .flatten()
                .any(|found| (found.sheet, found.form) == (at, place));
            if asks && !is_declared && !form.is_template {
                let mut kinds: Vec<String> = form
                    .controls
                    .iter()
                    .filter(|one| !one.is_button() && !one.name.is_empty())
                    .map(|one| one.name.clone())
                    .collect();
                kinds.dedup();
                list.push(json!({
                    "page": sheet.page.name,
                    "selector": rules::selector_of(sheet, form),
                    "controls": kinds,
                }));
            }
        }
    }
    // Of pages that weren't looked at, what was agreed holds.
    if let Some(lock) = question.lock {
        let looked = |page: &Value| {
            question
                .sheets
                .iter()
                .any(|sheet| *page == sheet.page.name.as_str())
        };
        let former = lock.value["undeclared"].as_array().into_iter().flatten();
        list.extend(former.filter(|one| !looked(&one["page"])).cloned());
    }
    list.sort_by_key(ToString::to_string);
    Value::Array(list)
}

fn form_of(sheet: &Sheet, form: &Form) -> Value {
    let page = &sheet.page;
    let element = page.element(form.node);
    let mut controls = Map::new();
    for control in form
        .controls
        .iter()
        .filter(|one| !one.name.is_empty() && !is_box(one))
    {
        // A token of the server's differs at each request; a value never belongs here.
        match controls.get_mut(&control.name) {
            Some(known) => add(known, control),
            None => {
                controls.insert(control.name.clone(), control_of(sheet, control));
            }
        }
    }
    let submits: Vec<&str> = form.submits().map(|one| one.label.as_str()).collect();
    json!({
        "method": element.attr("method").unwrap_or("get").to_ascii_lowercase(),
        "action": element.attr("action").unwrap_or_default(),
        "controls": controls,
        "submits": submits,
    })
}

fn is_box(control: &Control) -> bool {
    matches!(
        control.kind,
        "fieldset" | "output" | "object" | "reset" | "button"
    )
}

fn control_of(sheet: &Sheet, control: &Control) -> Value {
    let mut value = json!({"kind": control.kind});
    if !control.id.is_empty() && control.kind != "radio" {
        value["id"] = json!(control.id);
    }
    if !control.label.is_empty() && !control.is_group() {
        value["label"] = json!(control.label);
    }
    if !control.autocomplete.is_empty() {
        value["autocomplete"] = json!(control.autocomplete);
    }
    for name in KEPT {
        if let Some(text) = control.attr(&sheet.page, name) {
            value[*name] = if FLAGS.contains(name) {
                json!(true)
            } else {
                json!(text)
            };
        }
    }
    if control.disabled.is_some() {
        value["disabled"] = json!(true);
    }
    if matter(control).is_some() {
        value["personal"] = json!(true);
    }
    if !control.choices.is_empty() {
        value["options"] = json!(open(control));
    }
    value
}

/// Another control of the same name.
fn add(known: &mut Value, control: &Control) {
    let count = known["count"].as_u64().unwrap_or(1) + 1;
    if control.is_group() && known["kind"] == control.kind {
        if let Some(options) = known["options"].as_array_mut() {
            options.extend(open(control).into_iter().map(|one| json!(one)));
        }
    } else {
        known["count"] = json!(count);
    }
}

fn open(control: &Control) -> Vec<&str> {
    let open = control
        .choices
        .iter()
        .filter(|one| !one.is_disabled && !one.value.is_empty());
    open.map(|one| one.value.as_str()).collect()
}

const FORMAT: u64 = 1;
const KEPT: &[&str] = &[
    "required",
    "readonly",
    "multiple",
    "maxlength",
    "minlength",
    "pattern",
    "min",
    "max",
    "step",
    "inputmode",
];
const FLAGS: &[&str] = &["required", "readonly", "multiple"];
