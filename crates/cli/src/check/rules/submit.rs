//! How a form is sent, and whether everybody can send it.

use scraper::{ElementRef, Selector};

use super::super::control::Control;
use super::super::finding::{Finding, Level, Place};
use super::super::label::name_of;
use super::super::page::NodeId;
use super::View;
use crate::plan::suggest;

pub fn check(view: &View<'_>, out: &mut Vec<Finding>) {
    let is_scripted = view.declared.button.is_some() && view.form.submits().next().is_none();
    if view.form.is_container || is_scripted {
        container(view, out);
        return labels(view, out);
    }
    let about = |finding: Finding| finding.about(&view.declared.id, "");
    let submits: Vec<&Control> = view.form.submits().collect();
    let is_off = |one: &Control| one.disabled.is_some();
    let Some(first) = submits.first() else {
        let is_custom = view.form.controls.iter().any(|one| one.kind == "custom");
        let button = view.form.controls.iter().find(|one| one.kind == "button");
        let finding = match button {
            Some(button) => {
                let what = "nothing submits this form: its button is no submit button, so only a script can send it, past the submit event".to_owned();
                view.at(button, "type", "submit_missing", Level::Error, what)
            }
            None => {
                let what = "nothing submits this form but the Enter key".to_owned();
                let level = if is_custom {
                    Level::Warning
                } else {
                    Level::Error
                };
                view.at_form("id", "submit_missing", level, what)
            }
        };
        out.push(about(
            finding.remedy("add <button type=\"submit\"> with a text"),
        ));
        labels(view, out);
        return;
    };
    if submits.iter().all(|one| is_off(one)) {
        let what = "every submit button is disabled".to_owned();
        let finding = view.at(first, "disabled", "submit_disabled", Level::Warning, what);
        out.push(about(
            finding.remedy("enable it, or use --browser if a script does"),
        ));
    }
    for button in &submits {
        if button.label.is_empty() {
            let what =
                "this submit button has no name: people who don't see it can't tell what it does"
                    .to_owned();
            let finding = view.at(button, "type", "submit_unnamed", Level::Error, what);
            out.push(about(
                finding.remedy("give it a text, an aria-label, or an alt"),
            ));
        }
        let attr = |name: &str| button.attr(view.page, name);
        let is_hidden = attr("hidden").is_some()
            || attr("aria-hidden") == Some("true")
            || attr("tabindex").is_some_and(|index| index.trim().starts_with('-'))
            || attr("style").is_some_and(|style| style.replace(' ', "").contains("display:none"));
        if is_hidden && submits.len() == 1 {
            let what = "the only submit button can't be reached by keyboard or reader".to_owned();
            let finding = view.at(button, "hidden", "submit_unreachable", Level::Error, what);
            out.push(about(
                finding.remedy("take hidden, aria-hidden and tabindex away"),
            ));
        }
    }
    validation(view, out);
    labels(view, out);
}

/// Constraints that stand in the page and hold nobody; once agreed upon, no more than a note.
fn validation(view: &View<'_>, out: &mut Vec<Finding>) {
    let Some((node, attribute)) = view.form.validation_off(view.page) else {
        return;
    };
    let is_agreed = view.lock.is_some_and(|lock| lock.is_unvalidated());
    let level = if is_agreed {
        Level::Note
    } else {
        Level::Warning
    };
    let what = format!(
        "{attribute} switches off required, lengths, patterns and ranges: browsers send whatever was typed"
    );
    let place = Place::in_page(view.page, view.page.attribute(node, attribute));
    let finding = Finding::new("validation_off", level, place, what);
    out.push(
        finding
            .remedy(format!("take {attribute} away; if a script judges what was typed, agree upon it by --update"))
            .about(&view.declared.id, ""),
    );
}

/// What the plan says that submits, where there is no `<form>`, or a script sends it.
fn container(view: &View<'_>, out: &mut Vec<Finding>) {
    let button = view.declared.button.as_deref().unwrap_or_default();
    let mut add = |place: Place, code, level, what: String, remedy: &str| {
        let finding = Finding::new(code, level, place, what).remedy(remedy);
        out.push(finding.about(&view.declared.id, ""));
    };
    // One that can't be asked is told with the plan.
    let Ok(css) = Selector::parse(button) else {
        return;
    };
    let inside = view.page.element(view.form.node).descendants();
    let found: Vec<ElementRef<'_>> = inside
        .filter_map(ElementRef::wrap)
        .filter(|one| css.matches(one))
        .collect();
    if found.is_empty() {
        let what = format!("nothing in here is `{button}`, which submits it by the plan");
        let place = Place::in_page(view.page, view.page.tag(view.form.node));
        let remedy =
            "give the button back what the selector asks for, or change `button` in the plan";
        add(place, "submit_missing", Level::Error, what, remedy);
    }
    for one in found {
        let place = || Place::in_page(view.page, view.page.tag(one.id()));
        if name_of(view.page, one).is_empty() {
            let what =
                "what submits this has no name: people who don't see it can't tell what it does";
            let remedy = "give it a text or an aria-label";
            add(
                place(),
                "submit_unnamed",
                Level::Error,
                what.to_owned(),
                remedy,
            );
        }
        let is_native = matches!(one.value().name(), "button" | "input" | "summary")
            || one.value().name() == "a" && one.attr("href").is_some();
        let index = one.attr("tabindex").map(str::trim);
        if index.is_some_and(|index| index.starts_with('-')) || !is_native && index.is_none() {
            let what = "what submits this can't be reached by keyboard";
            let remedy = "make it a <button type=\"button\">";
            add(
                place(),
                "submit_unreachable",
                Level::Error,
                what.to_owned(),
                remedy,
            );
        }
    }
}

/// A label whose `for` names nothing, and nearly this control.
fn stray_label<'a>(view: &View<'a>, control: &Control) -> Option<(NodeId, &'a str)> {
    let is_id = |id: &str| view.page.elements().any(|one| one.attr("id") == Some(id));
    let labels = view
        .page
        .elements()
        .filter(|one| one.value().name() == "label");
    let mut stray = labels.filter_map(|label| Some((label.id(), label.attr("for")?)));
    stray.find(|(_, id)| {
        suggest::nearest(id, std::iter::once(control.id.as_str())).is_some() && !is_id(id)
    })
}

fn labels(view: &View<'_>, out: &mut Vec<Finding>) {
    for mapped in view.fields.iter().filter(|one| one.is_meant()) {
        for control in view.form.named(&mapped.control) {
            if control.label.is_empty()
                && !control.is_button()
                && !matches!(control.kind, "hidden" | "custom")
            {
                let what = format!("`{}` has no label", control.name);
                let finding = view.at(control, "id", "control_unlabelled", Level::Warning, what);
                let finding = finding.about(&view.declared.id, &mapped.field);
                out.push(match stray_label(view, control) {
                    Some((label, id)) => finding
                        .remedy(format!(
                            "did you mean for=\"{}\" where a label says `{id}`, which is no id?",
                            control.id
                        ))
                        .related(
                            Place::in_page(view.page, view.page.attribute(label, "for")),
                            "the label",
                        ),
                    None => finding.remedy("add a <label for>, or an aria-label"),
                });
            }
        }
    }
}
