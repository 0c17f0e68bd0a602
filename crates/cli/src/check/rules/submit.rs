//! How a form is sent, and whether everybody can send it.

use super::super::finding::{Finding, Level};
use super::super::form::Control;
use super::View;

pub fn check(view: &View<'_>, out: &mut Vec<Finding>) {
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
    labels(view, out);
}

fn labels(view: &View<'_>, out: &mut Vec<Finding>) {
    for mapped in &view.declared.fields {
        for control in view.form.named(&mapped.control) {
            if control.label.is_empty()
                && !control.is_button()
                && !matches!(control.kind, "hidden" | "custom")
            {
                let what = format!("`{}` has no label", control.name);
                let finding = view.at(control, "id", "control_unlabelled", Level::Warning, what);
                out.push(
                    finding
                        .remedy("add a <label for>, or an aria-label")
                        .about(&view.declared.id, &mapped.field),
                );
            }
        }
    }
}
