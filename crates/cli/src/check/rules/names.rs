//! Names and ids that stand twice.

use std::collections::HashMap;

use super::super::agreed::Mapped;
use super::super::control::Control;
use super::super::expect::{Collect, Expect, Kind};
use super::super::finding::{Finding, Level, Place};
use super::super::form::{Form, in_template};
use super::super::page::NodeId;
use super::{Sheet, View};

pub fn check(view: &View<'_>, out: &mut Vec<Finding>) {
    let mut seen: HashMap<&str, &Control> = HashMap::new();
    let sent = view
        .form
        .controls
        .iter()
        .filter(|one| !one.name.is_empty() && one.disabled.is_none() && !one.is_button());
    for control in sent {
        let Some(first) = seen.get(control.name.as_str()).copied() else {
            seen.insert(&control.name, control);
            continue;
        };
        let mapped = view
            .fields
            .iter()
            .find(|one| one.is_meant() && one.control == control.name);
        let is_list =
            mapped.is_some_and(|one| one.expect.kind == Kind::List) || control.name.ends_with("[]");
        let is_group = first.is_group() && first.kind == control.kind;
        // A hidden `0` before its box is how frameworks send a `no`.
        if first.kind == "hidden" && control.kind == "checkbox" && !is_list {
            fallback(view, mapped, first, out);
            continue;
        }
        let is_hidden = view
            .declared
            .hidden
            .iter()
            .any(|(name, _)| *name == control.name);
        if is_list || is_group || is_hidden {
            continue;
        }
        let name = &control.name;
        let level = if mapped.is_some() {
            Level::Error
        } else {
            Level::Warning
        };
        let what = match mapped {
            Some(mapped) => format!(
                "`{name}` stands twice, and only the last feeds field `{}`",
                mapped.field
            ),
            None => format!("`{name}` stands twice in this form"),
        };
        let field = mapped.map_or("", |one| one.field.as_str());
        let finding = view.at(control, "name", "name_twice", level, what);
        let first = Place::in_page(view.page, first.place(view.page, "name"));
        out.push(
            finding
                .remedy("give each control a name of its own")
                .related(first, "first here")
                .about(&view.declared.id, field),
        );
    }
}

/// The hidden field before a box says `no` only to those who read it so; to others it is an answer.
fn fallback(view: &View<'_>, mapped: Option<&Mapped>, hidden: &Control, out: &mut Vec<Finding>) {
    let value = hidden.value(view.page);
    // An empty one sends nothing that is read.
    let Some(mapped) = mapped.filter(|_| !value.is_empty()) else {
        return;
    };
    let expect = &mapped.expect;
    let is_yes = expect.kind == Kind::Boolean && Expect::is_yes(&value);
    let remedy = match (expect.kind, expect.collect) {
        (Kind::Boolean, _) if is_yes => "let the hidden field say 0 or false",
        (Kind::Boolean, Collect::Presence) => {
            "set the field's collect to \"value\": presence is true for a no as well"
        }
        (Kind::Boolean, _) => return,
        // The contract lists it among its answers.
        (Kind::Choice, Collect::Value) if expect.takes(&value) => return,
        _ => "make the field boolean with collect \"value\", or take the hidden field away",
    };
    let what = format!(
        "the hidden field before box `{}` sends `{value}` where nobody ticked it, and field `{}` takes that for an answer",
        hidden.name, mapped.field
    );
    let finding = view.at(hidden, "value", "box_fallback", Level::Error, what);
    out.push(
        finding
            .remedy(remedy)
            .about(&view.declared.id, &mapped.field),
    );
}

/// Forms that begin within a form of the plan: what follows their end belongs to none.
pub fn nested(view: &View<'_>, out: &mut Vec<Finding>) {
    let Some(own) = view.page.tag(view.form.node) else {
        return;
    };
    let forms = view
        .sheet
        .forms
        .iter()
        .filter_map(|form| view.page.tag(form.node));
    let next = forms
        .map(|tag| tag.start)
        .filter(|start| *start > own.start);
    let next = next.min().unwrap_or(usize::MAX);
    for tag in &view.page.nested {
        if !(own.start..next).contains(&tag.start) {
            continue;
        }
        let what = format!(
            "a form begins within form `{}`: browsers drop this tag, and its end tag ends the outer form, so that what follows belongs to none",
            view.declared.id
        );
        let place = Place::in_page(view.page, Some(tag.clone()));
        let finding = Finding::new("form_nested", Level::Error, place, what);
        out.push(
            finding
                .remedy("put one form after the other; a control elsewhere joins its form by the attribute form")
                .related(Place::in_page(view.page, Some(own.clone())), "the outer form")
                .about(&view.declared.id, ""),
        );
    }
}

/// Ids of forms and controls that another element of the page has too.
pub fn ids(sheet: &Sheet, ours: &[&Form], out: &mut Vec<Finding>) {
    let mut first: HashMap<&str, NodeId> = HashMap::new();
    let is_part = |node: NodeId, forms: &[&Form]| {
        forms
            .iter()
            .any(|form| form.node == node || form.controls.iter().any(|one| one.node == node))
    };
    let all: Vec<&Form> = sheet.forms.iter().collect();
    for element in sheet.page.elements() {
        // Templates are documents of their own; copies of them are another matter.
        let Some(id) = element.attr("id").filter(|id| !id.is_empty()) else {
            continue;
        };
        if in_template(element) {
            continue;
        }
        let node = element.id();
        let Some(known) = first.get(id).copied() else {
            first.insert(id, node);
            continue;
        };
        let touches = |forms: &[&Form]| is_part(node, forms) || is_part(known, forms);
        let level = match (touches(ours), touches(&all)) {
            (true, _) => Level::Error,
            (_, true) => Level::Warning,
            _ => continue,
        };
        let what = format!(
            "the id `{id}` stands twice on this page: labels, form= and selectors mean the first alone"
        );
        let place = Place::in_page(&sheet.page, sheet.page.attribute(node, "id"));
        let other = Place::in_page(&sheet.page, sheet.page.attribute(known, "id"));
        out.push(
            Finding::new("id_twice", level, place, what)
                .remedy("give each element an id of its own")
                .related(other, "first here"),
        );
    }
}
