//! `touchmark.lock.json`: the forms as they were last agreed upon.
//!
//! Written by `check --update`, committed beside the plan, compared with the pages of today by
//! `diff`. It holds names, kinds, constraints and options, never what anybody typed.

use std::path::{Path, PathBuf};

use serde_json::{Map, Value, json};

use super::agreed::{By, Declared, Mapped};
use super::control::Control;
use super::expect::outline;
use super::form::Form;
use super::input::is_url;
use super::mapping;
use super::places::{self, Locked, Spot};
use super::rules::sensitive::matter;
use super::rules::{self, Question, Sheet};
use crate::plan::fault::Fault;
use crate::plan::source::Source;

/// A lock file that was read, or one for the pages of today.
#[derive(Debug)]
pub struct Lock {
    pub name: String,
    pub value: Value,
    /// Pages are named from here, however the command line spells them.
    folder: PathBuf,
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
        let Source { name, mut value } = Source::read(file)?;
        if value["touchmark_lock"] != json!(FORMAT) || !value["forms"].is_object() {
            let what = "this is no lock file of this version".to_owned();
            let remedy = "write it anew with touchmark check --update".to_owned();
            return Err(Fault::new("lock_format", &name, "", what, remedy));
        }
        let folder = folder_of(file);
        rename_pages(&mut value, &folder);
        Ok(Some(Self {
            name,
            value,
            folder,
        }))
    }

    /// The forms of today. What the pages given don't have is kept from the former lock.
    pub fn of(question: &Question<'_>, file: &Path) -> Self {
        let folder = folder_of(file);
        let keys: Vec<String> = question
            .sheets
            .iter()
            .map(|sheet| page_name(&folder, &sheet.page.name))
            .collect();
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
            let mut standing: Vec<(Spot, Value)> = Vec::new();
            for found in places {
                let sheet = &question.sheets[found.sheet];
                let spot = Spot::of(declared, keys[found.sheet].clone(), sheet, found.form);
                standing.push((spot, form_of(declared, sheet, &sheet.forms[found.form])));
            }
            // Pages that weren't looked at may have it still.
            let looked = |page: &str| keys.iter().any(|key| key == page);
            if let (Some(lock), Some(former)) = (question.lock, &former) {
                let former = places::each(former).into_iter();
                let kept =
                    former.filter(|(spot, ..)| !looked(&spot.page) && !lock.is_deleted(&spot.page));
                standing.extend(kept.map(|(spot, _, form)| (spot, places::own(form))));
            }
            let fields = fields_of(declared, &standing);
            let mut entry = places::entry(standing);
            entry["selector"] = json!(declared.selector);
            entry["contract"] = json!(declared.contract);
            entry["fields"] = fields;
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
            "undeclared": undeclared(question, &map, &keys),
        });
        Self {
            name: file.display().to_string(),
            value,
            folder,
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

    /// A page's name in this file.
    pub fn page_name(&self, page: &str) -> String {
        page_name(&self.folder, page)
    }

    /// Whether a page that this file names was a file, and is there no more.
    pub fn is_deleted(&self, page: &str) -> bool {
        is_file_name(page) && !self.folder.join(page).exists()
    }

    /// A form of the plan as it stood where it stands now; `None` for one that is new.
    pub fn form(&self, declared: &Declared, sheet: &Sheet, form: usize) -> Option<Locked<'_>> {
        let entry = self.value["forms"].get(&declared.id)?;
        let spot = Spot::of(declared, self.page_name(&sheet.page.name), sheet, form);
        let (_, form) = places::at(entry, &spot)?;
        Some(Locked::of(entry, form))
    }

    /// Whether it was agreed to leave that form out of the plan.
    pub fn knows_undeclared(&self, page: &str, selector: &str) -> bool {
        let known = self.value["undeclared"].as_array().into_iter().flatten();
        let page = self.page_name(page);
        known
            .into_iter()
            .any(|one| one["page"] == page.as_str() && one["selector"] == selector)
    }
}

/// The folder of a lock file, as the file system knows it.
fn folder_of(file: &Path) -> PathBuf {
    let folder = file
        .parent()
        .filter(|folder| !folder.as_os_str().is_empty())
        .unwrap_or(Path::new("."));
    real(folder)
}

/// Without links and detours; where nothing is there, as far as words go.
fn real(path: &Path) -> PathBuf {
    path.canonicalize()
        .or_else(|_| std::path::absolute(path))
        .unwrap_or_else(|_| path.to_owned())
}

/// Not an address, and not `<stdin>`.
fn is_file_name(page: &str) -> bool {
    !is_url(page) && !page.starts_with('<')
}

/// A page from the lock file's folder; the page itself may be a link, and keeps its name.
fn page_name(folder: &Path, page: &str) -> String {
    let path = Path::new(page);
    let Some(name) = path.file_name().filter(|_| is_file_name(page)) else {
        return page.to_owned();
    };
    let file = folder_of(path).join(name);
    let common = file
        .components()
        .zip(folder.components())
        .take_while(|(one, other)| one == other)
        .count();
    if common == 0 {
        return file.display().to_string().replace('\\', "/");
    }
    let up = folder.components().skip(common).map(|_| Path::new(".."));
    let down = file.components().skip(common);
    let way: PathBuf = up
        .chain(down.map(|one| Path::new(one.as_os_str())))
        .collect();
    way.display().to_string().replace('\\', "/")
}

/// Files of former versions name pages as the command line of that day did.
fn rename_pages(value: &mut Value, folder: &Path) {
    let rename = |page: &mut Value| {
        let Some(name) = page.as_str().filter(|name| is_file_name(name)) else {
            return;
        };
        let is_ours = Path::new(name).is_relative() && folder.join(name).exists();
        let from = if is_ours {
            folder.join(name)
        } else {
            PathBuf::from(name)
        };
        if is_ours || from.exists() {
            *page = json!(page_name(folder, &from.to_string_lossy()));
        }
    };
    let forms = value["forms"].as_object_mut().into_iter().flatten();
    for (_, form) in forms {
        let variants = form.get_mut("variants").and_then(Value::as_array_mut);
        variants
            .into_iter()
            .flatten()
            .for_each(|one| pages_in(one).into_iter().for_each(rename));
        pages_in(form).into_iter().for_each(rename);
    }
    let undeclared = value.get_mut("undeclared").and_then(Value::as_array_mut);
    let pages = undeclared.into_iter().flatten();
    pages.filter_map(|one| one.get_mut("page")).for_each(rename);
}

/// The names of pages in an entry of a form, but for its variants.
fn pages_in(entry: &mut Value) -> Vec<&mut Value> {
    let mut names = Vec::new();
    for (member, value) in entry.as_object_mut().into_iter().flatten() {
        let items = value.as_array_mut().into_iter().flatten();
        match member.as_str() {
            "pages" => names.extend(items),
            "at" => names.extend(items.filter_map(|one| one.get_mut("page"))),
            _ => {}
        }
    }
    names
}

/// What the contract says of each field: the plan's own, then those that the markup fills somewhere.
fn fields_of(declared: &Declared, standing: &[(Spot, Value)]) -> Value {
    let mut fields = Map::new();
    let rule = |one: &Mapped| {
        let mut rule = outline(&one.expect.rule);
        rule["required"] = json!(one.is_required);
        rule
    };
    for one in &declared.fields {
        let mut rule = rule(one);
        rule["control"] = json!(one.control);
        fields.insert(one.field.clone(), rule);
    }
    let controls = standing
        .iter()
        .filter_map(|(_, form)| form["controls"].as_object());
    for field in controls
        .flatten()
        .filter_map(|(_, one)| one["feeds"].as_str())
    {
        let open = declared.open.iter().find(|one| one.field == field);
        let Some(one) = open.or(declared.rest.as_ref()) else {
            continue;
        };
        let mut rule = rule(one);
        rule["by"] = json!("markup");
        fields.entry(field).or_insert(rule);
    }
    Value::Object(fields)
}

fn undeclared(question: &Question<'_>, map: &rules::Map, keys: &[String]) -> Value {
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
            let is_ignored = question.agreed.is_ignored(sheet.page.element(form.node));
            if asks && !is_declared && !is_ignored && !form.is_template && !sheet.is_around(place) {
                let mut kinds: Vec<String> = form
                    .controls
                    .iter()
                    .filter(|one| !one.is_button() && !one.name.is_empty())
                    .map(|one| one.name.clone())
                    .collect();
                kinds.dedup();
                list.push(json!({
                    "page": keys[at],
                    "selector": rules::selector_of(sheet, form),
                    "controls": kinds,
                }));
            }
        }
    }
    // Of pages that weren't looked at, what was agreed holds.
    if let Some(lock) = question.lock {
        let is_open = |page: &Value| {
            !keys.iter().any(|key| *page == key.as_str())
                && !lock.is_deleted(page.as_str().unwrap_or_default())
        };
        let former = lock.value["undeclared"].as_array().into_iter().flatten();
        list.extend(former.filter(|one| is_open(&one["page"])).cloned());
    }
    list.sort_by_key(ToString::to_string);
    Value::Array(list)
}

fn form_of(declared: &Declared, sheet: &Sheet, form: &Form) -> Value {
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
            Some(known) => add(known, sheet, control),
            None => {
                controls.insert(control.name.clone(), control_of(sheet, control));
            }
        }
    }
    for one in mapping::fields(declared, page, form) {
        let known = controls.get_mut(&one.control);
        if let Some(known) = known.filter(|_| one.by != By::Plan) {
            known["feeds"] = json!(one.field);
        }
    }
    let submits: Vec<&str> = form.submits().map(|one| one.label.as_str()).collect();
    let mut value = json!({
        "method": element.attr("method").unwrap_or("get").to_ascii_lowercase(),
        "action": element.attr("action").unwrap_or_default(),
        "controls": controls,
        "submits": submits,
    });
    if form.validation_off(page).is_some() {
        value["validation"] = json!("off");
    }
    value
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
    let preset = preset(sheet, control);
    if !preset.is_empty() {
        value["default"] = json!(preset);
    }
    value
}

/// Another control of the same name.
fn add(known: &mut Value, sheet: &Sheet, control: &Control) {
    let count = known["count"].as_u64().unwrap_or(1) + 1;
    if control.is_group() && known["kind"] == control.kind {
        if let Some(options) = known["options"].as_array_mut() {
            options.extend(open(control).into_iter().map(|one| json!(one)));
        }
        let mut all: Vec<Value> = known["default"].as_array().cloned().unwrap_or_default();
        all.extend(preset(sheet, control).into_iter().map(|one| json!(one)));
        if !all.is_empty() {
            known["default"] = json!(all);
        }
    } else {
        known["count"] = json!(count);
    }
}

/// What those say who choose nothing.
fn preset<'c>(sheet: &Sheet, control: &'c Control) -> Vec<&'c str> {
    let preset = control.preset(&sheet.page).into_iter();
    preset.map(|one| one.value.as_str()).collect()
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
