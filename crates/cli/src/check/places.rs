//! One form of the plan as it stands on each of its pages, in the lock file and out of it.
//!
//! Used by `lock`, asked by `rules` and `diff`. Pages that have the same form share one entry: the
//! most frequent stands at the form itself, the others under `variants`. A form for which the plan
//! says `*` is known by page and selector, in `at`. Not here: what an entry says.

use serde_json::{Map, Value, json};

use super::agreed::Declared;
use super::rules::{self, Sheet};
use crate::plan::fault::step;

/// Where a form stands: a page as the lock file names it, and of several under `*` which one.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Spot {
    pub page: String,
    /// Empty where the page has one form of that id.
    pub selector: String,
}

impl Spot {
    pub fn of(declared: &Declared, page: String, sheet: &Sheet, form: usize) -> Self {
        if !declared.is_any {
            let selector = String::new();
            return Self { page, selector };
        }
        let own = |form: usize| rules::selector_of(sheet, &sheet.forms[form]);
        let selector = own(form);
        let before = (0..form).filter(|other| own(*other) == selector).count();
        let selector = match before {
            0 => selector,
            before => format!("{selector} ({})", before + 1),
        };
        Self { page, selector }
    }
}

impl std::fmt::Display for Spot {
    fn fmt(&self, out: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.selector.as_str() {
            "" => write!(out, "`{}`", self.page),
            selector => write!(out, "`{selector}` on `{}`", self.page),
        }
    }
}

/// A form on one page, as it was agreed upon.
#[derive(Clone, Copy)]
pub struct Locked<'a> {
    /// What the lock says of that page's form.
    pub form: &'a Value,
    fields: &'a Value,
}

impl<'a> Locked<'a> {
    /// `entry` is what the lock says of the plan's form, `form` what of this page's.
    pub fn of(entry: &'a Value, form: &'a Value) -> Self {
        let fields = &entry["fields"];
        Self { form, fields }
    }

    /// A control as it was.
    pub fn control(self, name: &str) -> Option<&'a Value> {
        self.form["controls"].get(name)
    }

    /// The control that filled a field.
    pub fn fed_by(self, field: &str) -> Option<&'a str> {
        let mut controls = self.form["controls"].as_object().into_iter().flatten();
        let own = controls.find(|(_, one)| one["feeds"] == field);
        own.map(|(name, _)| name.as_str())
            .or_else(|| self.fields[field]["control"].as_str())
    }

    /// What a control was for, in words.
    pub fn purpose(self, entry: &Value, control: &str) -> Option<String> {
        let mut fields = self.fields.as_object().into_iter().flatten();
        let fed = fields.find(|(_, field)| field["control"] == control);
        let feeds = self.form["controls"][control]["feeds"].as_str();
        if let Some(field) = fed.map(|(field, _)| field.as_str()).or(feeds) {
            return Some(format!("field `{field}`"));
        }
        let source = entry["hidden"].get(control)?.as_str()?;
        Some(format!("hidden field of {source}"))
    }

    /// The values that could be chosen.
    pub fn offered(self, name: &str) -> Vec<String> {
        let options = self.control(name).and_then(|one| one["options"].as_array());
        let options = options.into_iter().flatten().filter_map(Value::as_str);
        options.map(str::to_owned).collect()
    }

    /// Whether it was agreed that browsers don't judge what is typed.
    pub fn is_unvalidated(self) -> bool {
        self.form["validation"] == "off"
    }
}

/// Each place of an entry, with the pointer from the entry to what stands there.
pub fn each(entry: &Value) -> Vec<(Spot, String, &Value)> {
    let mut all: Vec<(Spot, String, &Value)> = Vec::new();
    for (at, variant) in list(&entry["variants"]).iter().enumerate() {
        let pointer = step("/variants", at);
        all.extend(
            spots(variant)
                .into_iter()
                .map(|spot| (spot, pointer.clone(), variant)),
        );
    }
    let mut rest = spots(entry);
    rest.retain(|spot| all.iter().all(|(known, ..)| known != spot));
    all.extend(rest.into_iter().map(|spot| (spot, String::new(), entry)));
    all
}

/// What stood at a place; of a page that the entry doesn't know, what stands on the most pages.
/// `None` for a form under `*` that it doesn't know.
pub fn at<'e>(entry: &'e Value, spot: &Spot) -> Option<(String, &'e Value)> {
    let all = each(entry);
    let known = all.iter().find(|(one, ..)| {
        one.page == spot.page && (one.selector.is_empty() || one.selector == spot.selector)
    });
    match known {
        Some((_, pointer, form)) => Some((pointer.clone(), form)),
        None if spot.selector.is_empty() && !entry.is_null() => Some((String::new(), entry)),
        None => None,
    }
}

/// What stands where, as one entry. There is at least one.
pub fn entry(mut all: Vec<(Spot, Value)>) -> Value {
    all.sort_by(|(one, _), (other, _)| one.cmp(other));
    let mut pages: Vec<String> = all.iter().map(|(spot, _)| spot.page.clone()).collect();
    pages.dedup();
    let mut groups: Vec<(Value, Vec<Spot>)> = Vec::new();
    for (spot, form) in all {
        match groups.iter_mut().find(|(known, _)| *known == form) {
            Some((_, spots)) => spots.push(spot),
            None => groups.push((form, vec![spot])),
        }
    }
    let most = groups.iter().map(|(_, spots)| spots.len()).max();
    let main = groups
        .iter()
        .position(|(_, spots)| Some(spots.len()) == most);
    let (mut entry, spots) = groups.remove(main.unwrap_or_default());
    entry["pages"] = json!(pages);
    if spots.iter().any(|spot| !spot.selector.is_empty()) {
        entry["at"] = written(&spots)["at"].clone();
    }
    let variants: Vec<Value> = groups
        .into_iter()
        .map(|(form, spots)| {
            let mut variant = written(&spots);
            let members = form.as_object().cloned().unwrap_or_default();
            variant.as_object_mut().into_iter().for_each(|known| {
                known.extend(members.clone());
            });
            variant
        })
        .collect();
    if !variants.is_empty() {
        entry["variants"] = json!(variants);
    }
    entry
}

/// The members of an entry or variant that are about one page's form.
pub fn own(form: &Value) -> Value {
    let mut own = Map::new();
    for name in OWN {
        if let Some(value) = form.get(*name) {
            own.insert((*name).to_owned(), value.clone());
        }
    }
    Value::Object(own)
}

fn written(spots: &[Spot]) -> Value {
    if spots.iter().all(|spot| spot.selector.is_empty()) {
        let pages: Vec<&String> = spots.iter().map(|spot| &spot.page).collect();
        return json!({ "pages": pages });
    }
    let at: Vec<Value> = spots
        .iter()
        .map(|spot| json!({"page": spot.page, "selector": spot.selector}))
        .collect();
    json!({ "at": at })
}

fn spots(value: &Value) -> Vec<Spot> {
    let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
    if value["at"].is_array() {
        let at = list(&value["at"]).iter().map(|one| Spot {
            page: text(&one["page"]),
            selector: text(&one["selector"]),
        });
        return at.collect();
    }
    let pages = list(&value["pages"]).iter().map(|one| Spot {
        page: text(one),
        selector: String::new(),
    });
    pages.collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

const OWN: &[&str] = &["method", "action", "controls", "submits", "validation"];
