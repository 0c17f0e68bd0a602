//! The values that a visitor may choose against those that the contract knows.

use super::super::agreed::Mapped;
use super::super::control::{Choice, Control};
use super::super::expect::{Kind, list};
use super::super::finding::{Finding, Level, Place};
use super::View;
use crate::plan::suggest;

pub fn check(view: &View<'_>, mapped: &Mapped, controls: &[&Control], out: &mut Vec<Finding>) {
    let expect = &mapped.expect;
    let about = |finding: Finding| finding.about(&view.declared.id, &mapped.field);
    let is_choosing = |one: &&&Control| one.is_select() || one.is_group() || one.is_submit();
    let choosing: Vec<&Control> = controls.iter().filter(is_choosing).copied().collect();
    let Some(first) = choosing.first() else {
        return;
    };
    let offered: Vec<(&Control, &Choice)> = choosing
        .iter()
        .flat_map(|control| control.choices.iter().map(|choice| (*control, choice)))
        .filter(|(_, choice)| !choice.is_disabled && !choice.value.is_empty())
        .collect();
    let values = expect.values();
    let is_offered = |value: &str| offered.iter().any(|(_, choice)| choice.value == value);
    // What is there already is not what another one was meant to be.
    let open: Vec<&str> = values
        .iter()
        .map(String::as_str)
        .filter(|value| !is_offered(value))
        .collect();
    let strange = offered
        .iter()
        .filter(|(_, choice)| !expect.takes(&choice.value));
    let is_lone = open.len() == 1 && strange.count() == 1;
    for (at, (_, choice)) in offered.iter().enumerate() {
        let place = Place::in_page(view.page, view.page.attribute(choice.node, "value"));
        let value = &choice.value;
        if let Some((_, twin)) = offered[..at].iter().find(|(_, one)| one.value == *value) {
            let what = format!(
                "the value `{value}` is offered twice for field `{}`",
                mapped.field
            );
            let first = Place::in_page(view.page, view.page.attribute(twin.node, "value"));
            let finding = Finding::new("option_twice", Level::Error, place.clone(), what);
            out.push(about(
                finding
                    .remedy("give each option a value of its own")
                    .related(first, "first here"),
            ));
        }
        if expect.takes(value) {
            continue;
        }
        let near = suggest::nearest(value, open.iter().copied());
        let near = near.or_else(|| open.first().copied().filter(|_| is_lone));
        let is_prompt = at == 0 && choosing[0].is_select() && near.is_none() && !values.is_empty();
        let guess = match near {
            Some(near) => format!("did you mean `{near}`? "),
            None if is_prompt => "write value=\"\" if it only asks to choose; ".to_owned(),
            None => String::new(),
        };
        let known = match values.is_empty() {
            true => format!("field `{}` is {}", mapped.field, expect.name()),
            false => format!("the contract knows {}", list(&values)),
        };
        let what = format!(
            "`{value}` is no value of field `{}`: whoever chooses it makes an invalid event",
            mapped.field
        );
        let finding = Finding::new("option_outside", Level::Error, place, what);
        out.push(about(finding.remedy(format!(
            "{guess}{known}; a new value goes into the schema first"
        ))));
    }
    let says_nothing = |one: &&&Control| one.choices.iter().all(|one| one.value.is_empty());
    // "Any" among other answers, as a select's empty option; `required` on the page doesn't refuse it.
    let is_any =
        |one: &&&Control| one.kind == "radio" && !mapped.is_required && !offered.is_empty();
    let empty = choosing.iter().filter(|one| one.is_group());
    if let Some(empty) = empty.filter(says_nothing).find(|one| !is_any(one)) {
        let what = format!(
            "this choice for field `{}` sends an empty value, which counts as none",
            mapped.field
        );
        let finding = view.at(empty, "value", "option_empty", Level::Error, what);
        out.push(about(
            finding.remedy("give it a value that the contract knows"),
        ));
    }
    strays(view, mapped, &offered, &values, out);
    let missing: Vec<String> = open.iter().map(|value| (*value).to_owned()).collect();
    // A single box is an answer by itself.
    if missing.is_empty() || (first.kind == "checkbox" && expect.kind != Kind::List) {
        return;
    }
    if offered.is_empty() {
        let what = format!(
            "nothing can be chosen for field `{}`: no option has a value",
            mapped.field
        );
        let finding = view.at(first, "name", "options_none", Level::Error, what);
        out.push(about(finding.remedy(format!(
            "give the options the values {}",
            list(&values)
        ))));
        return;
    }
    let is_agreed = view.lock.is_some_and(|lock| {
        let known = lock.offered(&mapped.control);
        !known.is_empty() && known.iter().all(|value| !missing.contains(value))
    });
    let level = if is_agreed {
        Level::Note
    } else {
        Level::Warning
    };
    let what = format!(
        "{} can't be chosen for field `{}`, though the contract knows it",
        list(&missing),
        mapped.field
    );
    let finding = view.at(first, "name", "option_missing", level, what);
    out.push(about(finding.remedy(
        "add the option, or agree to do without it by touchmark check --update",
    )));
}

/// Buttons of a group that bear another name: half a rename.
fn strays(
    view: &View<'_>,
    mapped: &Mapped,
    offered: &[(&Control, &Choice)],
    values: &[String],
    out: &mut Vec<Finding>,
) {
    let is_group = offered.iter().any(|(control, _)| control.is_group());
    if !is_group || values.is_empty() {
        return;
    }
    for control in view
        .form
        .controls
        .iter()
        .filter(|one| one.is_group() && !view.is_known(&one.name))
    {
        let is_ours = |choice: &Choice| {
            values.contains(&choice.value)
                && !offered.iter().any(|(_, one)| one.value == choice.value)
        };
        if control.choices.iter().any(is_ours) {
            let what = format!(
                "`{}` has a value of field `{}`, but not the group's name `{}`",
                control.name, mapped.field, mapped.control
            );
            let finding = view.at(control, "name", "group_split", Level::Error, what);
            out.push(
                finding
                    .remedy(format!(
                        "name it `{}`, as the others of its group",
                        mapped.control
                    ))
                    .about(&view.declared.id, &mapped.field),
            );
        }
    }
}
