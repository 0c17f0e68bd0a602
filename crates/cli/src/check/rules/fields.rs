//! Each mapped field against the control that should feed it.

use scraper::ElementRef;

use super::super::agreed::Mapped;
use super::super::control::{Control, Disabled, kind_of};
use super::super::finding::{Finding, Level, Place};
use super::super::form::in_template;
use super::{View, defaults, kinds, limits, options, rename};

pub fn check(view: &View<'_>, out: &mut Vec<Finding>) {
    // One new control can't be what two missing ones became.
    let mut taken = Vec::new();
    for mapped in view.fields.iter().filter(|one| one.is_meant()) {
        let all = view.feeding(mapped);
        if all.is_empty() {
            missing(view, mapped, &mut taken, out);
            continue;
        }
        let sent: Vec<&Control> = all
            .iter()
            .copied()
            .filter(|one| one.disabled.is_none())
            .collect();
        if sent.is_empty() {
            out.push(disabled(view, mapped, all[0]));
            continue;
        }
        if mapped.is_required && sent.iter().all(|one| is_stuck_empty(view, one)) {
            out.push(readonly(view, mapped, sent[0]));
            continue;
        }
        // The hidden field before a box is no control of its own; see `names`.
        let mut asking = sent.clone();
        if asking.iter().any(|one| one.kind == "checkbox") {
            asking.retain(|one| one.kind != "hidden");
        }
        kinds::check(view, mapped, &asking, out);
        options::check(view, mapped, &asking, out);
        defaults::check(view, mapped, &asking, out);
        limits::check(view, mapped, &sent, out);
        unseen(view, mapped, &sent, out);
    }
}

fn missing(view: &View<'_>, mapped: &Mapped, taken: &mut Vec<String>, out: &mut Vec<Finding>) {
    let (control, field) = (&mapped.control, &mapped.field);
    let guess = rename::likely(view, mapped, taken);
    let consequence = if mapped.is_required {
        "every submission would be invalid"
    } else {
        "the field would be empty from now on"
    };
    let what =
        format!("no control is named `{control}`, which feeds field `{field}`: {consequence}");
    let finding = match &guess {
        Some(guess) => {
            let name = &guess.control.name;
            taken.push(name.clone());
            let what = format!(
                "control `{control}` is gone, which fed field `{field}`; it was probably renamed to `{name}` ({})",
                guess.reasons.join(", ")
            );
            let finding = view.at(guess.control, "name", "field_renamed", Level::Error, what);
            finding.remedy(format!(
                "rename it back to `{control}`, or write \"{name}\": \"{field}\" in the plan and rebuild it"
            ))
        }
        None => {
            let near = outside(view, control);
            let finding = view.at_form("id", "field_missing", Level::Error, what);
            let finding = finding.remedy(format!(
                "add a control named `{control}`, or take `{field}` out of the plan{}",
                if mapped.is_required {
                    " and the contract's required fields"
                } else {
                    ""
                }
            ));
            match near {
                Some(near) => {
                    let (attribute, why) = match near.attr("form") {
                        Some(id) => (
                            "form",
                            format!(
                                "one of that name is not of this form: its form=\"{id}\" says so"
                            ),
                        ),
                        None => (
                            "name",
                            "one of that name belongs to another form, or to none".to_owned(),
                        ),
                    };
                    let place =
                        Place::in_page(view.page, view.page.attribute(near.id(), attribute));
                    finding.related(place, why)
                }
                None => finding,
            }
        }
    };
    let place = view.plan_place(&mapped.pointer);
    out.push(
        finding
            .related(place, "mapped here")
            .about(&view.declared.id, field),
    );
}

/// A control of that name elsewhere on the page.
fn outside<'a>(view: &View<'a>, name: &str) -> Option<ElementRef<'a>> {
    let mut all = view.page.elements();
    all.find(|one| one.attr("name") == Some(name) && kind_of(*one).is_some() && !in_template(*one))
}

/// The note that a control must be filled in and nobody sees it, until a script shows it. A form
/// that is hidden as a whole is opened by something.
fn unseen(view: &View<'_>, mapped: &Mapped, sent: &[&Control], out: &mut Vec<Finding>) {
    let is_hidden = |control: &&Control| {
        let around = view.page.element(control.node).ancestors();
        let within = around.take_while(|node| node.id() != view.form.node);
        within.filter_map(ElementRef::wrap).any(|one| {
            let style = one.attr("style").unwrap_or_default().replace(' ', "");
            one.attr("hidden").is_some()
                || one.attr("inert").is_some()
                || style.contains("display:none")
        })
    };
    let is_asked = |one: &&Control| one.attr(view.page, "required").is_some();
    if !mapped.is_required || !sent.iter().any(is_asked) || !sent.iter().all(is_hidden) {
        return;
    }
    let what = format!(
        "`{}` has to be filled in and stands in what is hidden: until a script shows it nobody can send this form",
        mapped.control
    );
    let finding = view.at(sent[0], "required", "control_hidden", Level::Note, what);
    out.push(
        finding
            .remedy("show it, or see that a script does before it is asked for")
            .about(&view.declared.id, &mapped.field),
    );
}

/// Whether nobody can type into a control that holds nothing.
fn is_stuck_empty(view: &View<'_>, control: &Control) -> bool {
    let heeds = control.is_typed() || control.kind == "number" || control.is_dated();
    heeds
        && control.attr(view.page, "readonly").is_some()
        && control.value(view.page).trim().is_empty()
}

/// The finding that only a script can fill a mapped control; `required` means nothing on such.
fn readonly(view: &View<'_>, mapped: &Mapped, control: &Control) -> Finding {
    let what = format!(
        "`{}` is empty and readonly, so nobody can give what field `{}` needs, and browsers don't ask for it",
        control.name, mapped.field
    );
    let code = "control_readonly";
    view.at(control, "readonly", code, Level::Error, what)
        .remedy("take readonly away, or use --browser if a script fills it")
        .about(&view.declared.id, &mapped.field)
}

/// The finding that a mapped control sends nothing.
pub fn disabled(view: &View<'_>, mapped: &Mapped, control: &Control) -> Finding {
    let why = match control.disabled {
        Some(Disabled::Fieldset) => "its fieldset is disabled",
        Some(Disabled::Datalist) => "it stands in a datalist",
        _ => "it is disabled",
    };
    let what = format!("`{}` is never sent: {why}", control.name);
    let level = if mapped.is_required {
        Level::Error
    } else {
        Level::Warning
    };
    view.at(control, "disabled", "control_disabled", level, what)
        .remedy("enable it, or use --browser if a script does")
        .about(&view.declared.id, &mapped.field)
}
