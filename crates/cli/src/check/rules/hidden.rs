//! The hidden fields that touchmark fills.

use super::super::control::Control;
use super::super::finding::{Finding, Level, Place};
use super::View;
use crate::plan::fault::step;
use crate::plan::suggest;

pub fn check(view: &View<'_>, out: &mut Vec<Finding>) {
    for (name, source) in &view.declared.hidden {
        let pointer = step(&format!("{}/hidden", view.declared.pointer), name);
        let plan = view.plan_place(&pointer);
        let all: Vec<&Control> = view.form.named(name).collect();
        let lost = if source == "event_id" {
            "the CRM would get no event id"
        } else {
            "the CRM would lose it"
        };
        let Some(control) = all.first() else {
            let what = format!(
                "hidden field `{name}` is missing, into which touchmark writes {source}: {lost}"
            );
            let is_free = |one: &&Control| one.kind == "hidden" && !view.is_known(&one.name);
            let free: Vec<&Control> = view.form.controls.iter().filter(is_free).collect();
            let near = suggest::nearest(name, free.iter().map(|one| one.name.as_str()))
                .map(str::to_owned)
                .or_else(|| {
                    let words = super::rename::tokens(name);
                    let shares = |one: &&&Control| {
                        let other = super::rename::tokens(&one.name);
                        let shared = other.iter().filter(|word| words.contains(word)).count();
                        shared >= 2 || shared > 0 && shared == words.len().min(other.len())
                    };
                    free.iter().find(shares).map(|one| one.name.clone())
                });
            let twin = near.and_then(|near| free.iter().find(|one| one.name == near).copied());
            let finding = match twin {
                Some(twin) => {
                    let finding = view.at(twin, "name", "hidden_missing", Level::Error, what);
                    finding.remedy(format!("did you mean `{name}` where it says `{}`? else write \"{}\": \"{source}\" in the plan", twin.name, twin.name))
                }
                None => {
                    let finding = view.at_form("id", "hidden_missing", Level::Error, what);
                    finding.remedy(format!("add <input type=\"hidden\" name=\"{name}\">"))
                }
            };
            out.push(
                finding
                    .related(plan, "declared here")
                    .about(&view.declared.id, ""),
            );
            continue;
        };
        let add = |code, level, attribute: &str, what: String, remedy: &str| {
            let finding = view.at(control, attribute, code, level, what);
            finding.remedy(remedy).about(&view.declared.id, "")
        };
        if !matches!(control.kind, "hidden" | "text") {
            let what = format!(
                "touchmark can't fill `{name}`: it is of type {}",
                control.kind
            );
            out.push(add(
                "hidden_kind",
                Level::Error,
                "type",
                what,
                "use type=\"hidden\"",
            ));
        } else if control.kind == "text" {
            let what = format!(
                "`{name}` is a text field, so visitors may see and change what touchmark writes"
            );
            out.push(add(
                "hidden_shown",
                Level::Warning,
                "type",
                what,
                "use type=\"hidden\"",
            ));
        }
        if control.disabled.is_some() {
            let what = format!("`{name}` is disabled, so it is never sent: {lost}");
            out.push(add(
                "control_disabled",
                Level::Error,
                "disabled",
                what,
                "enable it",
            ));
        }
        let value = control.value(view.page);
        if source != "event_id" && !value.is_empty() && !view.sheet.is_rendered() {
            let what = format!("`{name}` holds a value already, so touchmark leaves it as it is");
            out.push(add(
                "hidden_filled",
                Level::Warning,
                "value",
                what,
                "leave value empty",
            ));
        }
        if let Some(second) = all.get(1) {
            let what = format!("`{name}` stands twice; touchmark fills the first alone");
            let finding = view.at(second, "name", "name_twice", Level::Error, what);
            let first = Place::in_page(view.page, control.place(view.page, "name"));
            out.push(
                finding
                    .remedy("keep one")
                    .related(first, "first here")
                    .about(&view.declared.id, ""),
            );
        }
    }
}
