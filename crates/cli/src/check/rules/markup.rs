//! Fields that the plan leaves to the page's markup: filled at all, by one control, by its right name.
//!
//! Beside `fields`, which judges the controls. An optional field that no control fills is told only
//! by the lock: without it nobody knows whether the page ever had one.

use super::super::agreed::{By, Mapped};
use super::super::control::Control;
use super::super::expect::Kind;
use super::super::finding::{Finding, Level, Place};
use super::super::mapping::{ATTRIBUTE, implied, may_feed, ways};
use super::{View, rename};
use crate::plan::suggest;

pub fn check(view: &View<'_>, out: &mut Vec<Finding>) {
    for open in &view.declared.open {
        let feeding = view.fields.iter().filter(|one| one.field == open.field);
        let names: Vec<&Mapped> = feeding.filter(|one| one.by == By::Markup).collect();
        match names.as_slice() {
            [] if open.is_required => missing(view, open, out),
            [first, second, ..] if open.expect.kind != Kind::List => {
                twice(view, first, second, out);
            }
            _ => {}
        }
    }
    for control in view.form.controls.iter().filter(|one| may_feed(one)) {
        hint(view, control, out);
    }
}

fn missing(view: &View<'_>, open: &Mapped, out: &mut Vec<Finding>) {
    let field = &open.field;
    let by_id = |one: &&Control| {
        one.name.is_empty()
            && may_feed(one)
            && implied(view.declared, view.page, one).is_some_and(|found| found.field == *field)
    };
    let unnamed = view.form.controls.iter().find(by_id);
    // The page's own code may know it by its id.
    let is_scripted = view.form.is_container || view.declared.request.is_some();
    if is_scripted && unnamed.is_some_and(|one| !one.id.is_empty()) {
        return;
    }
    let what = format!(
        "no control fills field `{field}`, which the contract requires: every submission would be invalid"
    );
    let ways = ways(view.declared, field);
    let known = view.lock.and_then(|lock| lock.fed_by(field));
    let former = Mapped {
        control: known.unwrap_or(field).to_owned(),
        ..open.clone()
    };
    let code = "field_missing";
    let (finding, remedy) = match (unnamed, rename::likely(view, &former, &[])) {
        (Some(control), _) => {
            let what = format!("{what}; this one has no name, so browsers don't send it");
            let finding = view.at(control, "id", code, Level::Error, what);
            (finding, format!("write name=\"{field}\" here"))
        }
        (None, Some(guess)) => {
            let name = &guess.control.name;
            let what = format!(
                "{what}; it was probably renamed to `{name}` ({})",
                guess.reasons.join(", ")
            );
            let finding = view.at(guess.control, "name", "field_renamed", Level::Error, what);
            let remedy = format!("write {ATTRIBUTE}=\"{field}\" here, or {ways}");
            (finding, remedy)
        }
        (None, None) => (view.at_form("id", code, Level::Error, what), ways),
    };
    let form = view.plan_place(&open.pointer);
    out.push(
        finding
            .remedy(remedy)
            .related(form, "the form's contract")
            .about(&view.declared.id, field),
    );
}

fn twice(view: &View<'_>, first: &Mapped, second: &Mapped, out: &mut Vec<Finding>) {
    let (Some(one), Some(other)) = (
        view.feeding(first).first().copied(),
        view.feeding(second).first().copied(),
    ) else {
        return;
    };
    let what = format!(
        "`{}` and `{}` both feed field `{}` by what they say of themselves; the last that is filled in counts",
        first.control, second.control, first.field
    );
    let finding = view.at(other, "name", "field_fed_twice", Level::Warning, what);
    let place = Place::in_page(view.page, one.place(view.page, "name"));
    out.push(
        finding
            .remedy(format!(
                "write {ATTRIBUTE}=\"\" at the one that isn't meant, or map the other in the plan"
            ))
            .related(place, "first here")
            .about(&view.declared.id, &first.field),
    );
}

/// A field that a control names and that it doesn't feed.
fn hint(view: &View<'_>, control: &Control, out: &mut Vec<Finding>) {
    let declared = view.declared;
    let Some(named) = control
        .attr(view.page, ATTRIBUTE)
        .filter(|one| !one.is_empty())
    else {
        return;
    };
    if declared.implied.iter().any(|(key, _)| key == named) {
        return;
    }
    let own = declared.fields.iter().find(|one| one.field == named);
    let what = match own {
        Some(own) if own.control == control.name => return,
        Some(own) => format!(
            "{ATTRIBUTE}=\"{named}\" says nothing here: the plan maps that field to control `{}`",
            own.control
        ),
        None => format!(
            "{ATTRIBUTE}=\"{named}\" names no field of contract `{}`",
            declared.contract
        ),
    };
    let known = declared.open.iter().map(|one| one.field.as_str());
    let remedy = match (own, suggest::nearest(named, known)) {
        (Some(_), _) => {
            "take the attribute away, or the field out of the plan's `fields`".to_owned()
        }
        (None, Some(near)) => format!("did you mean `{near}`?"),
        (None, None) => "name a field of the contract, or take the attribute away".to_owned(),
    };
    let finding = view.at(control, ATTRIBUTE, "hint_unknown", Level::Error, what);
    out.push(
        finding
            .remedy(remedy)
            .related(view.plan_place(&declared.pointer), "the form in the plan")
            .about(&declared.id, ""),
    );
}
