//! Two lock files into what changed between them, and what each change means for tracking.

use std::collections::BTreeSet;

use serde_json::Value;
use touchmark_collector::plain;

use super::finding::{Finding, Level, Place};
use super::lock::Lock;
use super::owners::Owners;
use super::places::{self, Locked, Spot};
use crate::plan::fault::step;

/// One change since the last agreement.
#[derive(Clone, Debug)]
pub struct Change {
    pub form: String,
    /// JSON pointer into the lock file.
    pub pointer: String,
    pub what: String,
    /// What it means; empty for nothing.
    pub effect: String,
    pub level: Level,
}

/// What changed, in the order of the file.
pub fn changes(before: &Lock, after: &Lock) -> Vec<Change> {
    let mut out = Vec::new();
    let (old, new) = (&before.value["forms"], &after.value["forms"]);
    for form in names(old, new) {
        let at = step("/forms", &form);
        let mut add = |pointer: String, what: String, effect: String, level| {
            let form = form.clone();
            out.push(Change {
                form,
                pointer,
                what,
                effect,
                level,
            });
        };
        match (old.get(&form), new.get(&form)) {
            (Some(_), None) => add(
                at,
                format!("form `{form}` is no longer in the plan"),
                "its submissions count as undeclared".to_owned(),
                Level::Warning,
            ),
            (None, Some(_)) => add(
                at,
                format!("form `{form}` is new"),
                String::new(),
                Level::Note,
            ),
            (Some(old), Some(new)) => {
                plan_changes(&at, old, new, &mut add);
                place_changes(&form, &at, old, new, &mut add);
            }
            (None, None) => {}
        }
    }
    let known = |value: &Value| -> BTreeSet<String> {
        let all = value["undeclared"].as_array().into_iter().flatten();
        all.map(|one| format!("{} on {}", text(&one["selector"]), text(&one["page"])))
            .collect()
    };
    let (was, is) = (known(&before.value), known(&after.value));
    for (list, words) in [
        (is.difference(&was), "is new"),
        (was.difference(&is), "is gone"),
    ] {
        for one in list {
            out.push(Change {
                form: String::new(),
                pointer: "/undeclared".to_owned(),
                what: format!("a form outside of the plan {words}: {one}"),
                effect: String::new(),
                level: Level::Note,
            });
        }
    }
    out
}

/// The same as findings; what rules already call an error is not told twice.
pub fn findings(before: &Lock, after: &Lock, known: &[Finding]) -> Vec<Finding> {
    let told = |change: &Change| {
        known.iter().any(|one| {
            one.level == Level::Error
                && one.form == change.form
                && change
                    .pointer
                    .split('/')
                    .any(|token| !token.is_empty() && one.what.contains(&format!("`{token}`")))
        })
    };
    let fresh = changes(before, after)
        .into_iter()
        .filter(|change| !told(change));
    fresh
        .map(|change| {
            let what = match change.effect.is_empty() {
                true => change.what.clone(),
                false => format!("{}: {}", change.what, change.effect),
            };
            let place = Place::in_file(&before.name, &change.pointer);
            Finding::new("lock_changed", change.level, place, what)
                .remedy("if it is meant, agree upon it by touchmark check --update and commit the lock file")
                .about(&change.form, "")
        })
        .collect()
}

/// A table for a pull request's comment or a change log.
pub fn markdown(changes: &[Change], owners: &Owners) -> String {
    if changes.is_empty() {
        return "No form changed since the last agreement.\n".to_owned();
    }
    let mut text = "| form | change | effect | owner |\n| --- | --- | --- | --- |\n".to_owned();
    for change in changes {
        let effect = if change.effect.is_empty() {
            "none on events"
        } else {
            &change.effect
        };
        let mark = if change.level == Level::Note {
            ""
        } else {
            "**"
        };
        let form = if change.form.is_empty() {
            "–"
        } else {
            &cell(&change.form)
        };
        text.push_str(&format!(
            "| {form} | {} | {mark}{}{mark} | {} |\n",
            cell(&change.what),
            cell(effect),
            cell(owners.of_change(change).unwrap_or("–")),
        ));
    }
    text
}

/// Text for a table's cell.
pub fn cell(text: &str) -> String {
    plain(&text.replace('\n', " ")).replace('|', "\\|")
}

type Add<'a> = dyn FnMut(String, String, String, Level) + 'a;

/// What the plan says of a form, wherever it stands.
fn plan_changes(at: &str, old: &Value, new: &Value, add: &mut Add<'_>) {
    for (name, words, effect) in [
        ("selector", "the selector", "another element may be read"),
        (
            "contract",
            "the contract",
            "values are judged by other rules",
        ),
    ] {
        member(at, name, words, effect, old, new, add);
    }
    for (group, words) in [("fields", "field"), ("hidden", "hidden field")] {
        let (was, is) = (&old[group], &new[group]);
        for name in names(was, is) {
            let at = step(&step(at, group), &name);
            match (was.get(&name), is.get(&name)) {
                // The control that fills it has said so.
                (Some(one), None) | (None, Some(one)) if one["by"] == "markup" => {}
                (Some(_), None) => add(
                    at,
                    format!("{words} `{name}` is no longer in the plan"),
                    "events lose it".to_owned(),
                    Level::Warning,
                ),
                (None, Some(_)) => add(
                    at,
                    format!("{words} `{name}` is new in the plan"),
                    String::new(),
                    Level::Note,
                ),
                (Some(was), Some(is)) if was != is => {
                    let what = format!("{words} `{name}` was {was} and is {is}");
                    let is_leaving = was["collect"] != is["collect"];
                    let effect = if is_leaving {
                        "something else of it leaves the page"
                    } else {
                        "it is judged otherwise"
                    };
                    add(at, what, effect.to_owned(), Level::Warning);
                }
                _ => {}
            }
        }
    }
}

/// Each place of a form against what was agreed there; what changed on several is told once.
fn place_changes(form: &str, at: &str, old: &Value, new: &Value, add: &mut Add<'_>) {
    let places = places::each(new);
    let mut told: Vec<(Told, Vec<&Spot>)> = Vec::new();
    for (spot, _, is) in &places {
        let Some((pointer, was)) = places::at(old, spot) else {
            let what = format!("form `{form}` is new: {spot}");
            add(at.to_owned(), what, String::new(), Level::Note);
            continue;
        };
        let mut own = |pointer: String, what: String, effect: String, level| {
            let known = told
                .iter_mut()
                .find(|(one, _)| one.what == what && one.effect == effect);
            match known {
                Some((_, spots)) => spots.push(spot),
                None => {
                    let one = Told {
                        pointer,
                        what,
                        effect,
                        level,
                    };
                    told.push((one, vec![spot]));
                }
            }
        };
        let here = format!("{at}{pointer}");
        form_changes(
            &here,
            Locked::of(old, was),
            Locked::of(new, is),
            (old, new),
            &mut own,
        );
    }
    for (one, spots) in told {
        let what = match spots.len() == places.len() {
            true => one.what,
            false => format!("{} ({})", one.what, named(&spots)),
        };
        add(one.pointer, what, one.effect, one.level);
    }
    // A page that lost its only form is told by the rules.
    for (spot, pointer, _) in places::each(old) {
        let is_gone = places.iter().all(|(one, ..)| *one != spot);
        if is_gone && !spot.selector.is_empty() {
            let what = format!("form `{form}` is gone: {spot}");
            let effect = "nobody can send it there".to_owned();
            add(format!("{at}{pointer}"), what, effect, Level::Warning);
        }
    }
}

/// A change before it is known on how many pages it is.
struct Told {
    pointer: String,
    what: String,
    effect: String,
    level: Level,
}

/// The first of some places in words.
fn named(spots: &[&Spot]) -> String {
    const SHOWN: usize = 3;
    let first: Vec<String> = spots.iter().take(SHOWN).map(ToString::to_string).collect();
    let more = match spots.len().saturating_sub(SHOWN) {
        0 => String::new(),
        more => format!(" and {more} more"),
    };
    format!("{}{more}", first.join(", "))
}

/// A member that is one text.
fn member(
    at: &str,
    name: &str,
    words: &str,
    effect: &str,
    old: &Value,
    new: &Value,
    add: &mut Add<'_>,
) {
    if old[name] != new[name] {
        let what = format!(
            "{words} was {} and is {}",
            usual(&old[name], name),
            usual(&new[name], name)
        );
        add(step(at, name), what, effect.to_owned(), Level::Warning);
    }
}

/// A form on one page; `entries` are what the two locks say of the plan's form.
fn form_changes(
    at: &str,
    was: Locked<'_>,
    is: Locked<'_>,
    entries: (&Value, &Value),
    add: &mut Add<'_>,
) {
    let (old, new) = (was.form, is.form);
    for (name, words, effect) in [
        ("method", "the method", "outcomes may be seen otherwise"),
        (
            "action",
            "the action",
            "a declared request or url may no longer be met",
        ),
        (
            "validation",
            "the browser's validation",
            "other values can be sent",
        ),
    ] {
        member(at, name, words, effect, old, new, add);
    }
    if old["submits"] != new["submits"] {
        let what = format!(
            "the submit buttons were {} and are {}",
            old["submits"], new["submits"]
        );
        add(step(at, "submits"), what, String::new(), Level::Note);
    }
    let here = step(at, "controls");
    let (controls, others) = (&old["controls"], &new["controls"]);
    for name in names(controls, others) {
        let use_of = was
            .purpose(entries.0, &name)
            .or_else(|| is.purpose(entries.1, &name));
        let level = if use_of.is_some() {
            Level::Warning
        } else {
            Level::Note
        };
        let at = step(&here, &name);
        match (controls.get(&name), others.get(&name)) {
            (Some(_), None) => {
                let effect = use_of
                    .map(|one| format!("{one} gets no value"))
                    .unwrap_or_default();
                add(at, format!("control `{name}` is gone"), effect, level);
            }
            (None, Some(control)) => {
                let is_personal = control["personal"] == true;
                let effect = match (&use_of, is_personal) {
                    (Some(one), _) => format!("feeds {one}"),
                    (None, true) => "asks for something personal; it isn't read".to_owned(),
                    (None, false) => String::new(),
                };
                let level = if is_personal {
                    Level::Warning
                } else {
                    Level::Note
                };
                add(
                    at,
                    format!("control `{name}` is new ({})", text(&control["kind"])),
                    effect,
                    level,
                );
            }
            (Some(was), Some(is)) => control_changes(&at, &name, was, is, use_of.as_deref(), add),
            (None, None) => {}
        }
    }
}

fn control_changes(
    at: &str,
    name: &str,
    old: &Value,
    new: &Value,
    use_of: Option<&str>,
    add: &mut Add<'_>,
) {
    for aspect in names(old, new) {
        let (was, is) = (&old[&aspect], &new[&aspect]);
        if was == is {
            continue;
        }
        let here = step(at, &aspect);
        if aspect == "options" {
            let list = |value: &Value| -> Vec<String> {
                value.as_array().into_iter().flatten().map(text).collect()
            };
            let (was, is) = (list(was), list(is));
            let lost: Vec<String> = was
                .iter()
                .filter(|one| !is.contains(one))
                .cloned()
                .collect();
            let gained: Vec<String> = is
                .iter()
                .filter(|one| !was.contains(one))
                .cloned()
                .collect();
            if lost.is_empty() && gained.is_empty() {
                continue;
            }
            let mut parts = Vec::new();
            if !lost.is_empty() {
                parts.push(format!("lost {}", lost.join(", ")));
            }
            if !gained.is_empty() {
                parts.push(format!("gained {}", gained.join(", ")));
            }
            let effect = use_of
                .map(|one| format!("{one} has other values"))
                .unwrap_or_default();
            let level = if use_of.is_some() {
                Level::Warning
            } else {
                Level::Note
            };
            add(
                here,
                format!("control `{name}` {}", parts.join(" and ")),
                effect,
                level,
            );
            continue;
        }
        if aspect == "feeds" {
            let (level, what, effect) = match (was.as_str(), is.as_str()) {
                (Some(was), None) => (
                    Level::Warning,
                    format!("control `{name}` no longer feeds field `{was}`"),
                    "events lose it",
                ),
                (Some(was), Some(is)) => (
                    Level::Warning,
                    format!("control `{name}` fed field `{was}` and feeds `{is}`"),
                    "events say it elsewhere",
                ),
                (None, _) => (
                    Level::Note,
                    format!("control `{name}` feeds field `{}`", text(is)),
                    "",
                ),
            };
            add(here, what, effect.to_owned(), level);
            continue;
        }
        let (level, effect) = match (use_of, aspect.as_str()) {
            (Some(one), "kind") => (Level::Warning, format!("{one} is typed otherwise")),
            (Some(one), "default") => (
                Level::Warning,
                format!("{one} says something else of those who choose nothing"),
            ),
            (Some(one), "count") => (Level::Warning, format!("{one} has more than one control")),
            (Some(one), "required") => (
                Level::Warning,
                format!("{one} may be empty, or no longer may"),
            ),
            (
                Some(one),
                "disabled" | "readonly" | "pattern" | "maxlength" | "minlength" | "min" | "max"
                | "step",
            ) => (Level::Warning, format!("{one} takes other values")),
            _ => (Level::Note, String::new()),
        };
        let what = format!(
            "{aspect} of control `{name}` was {} and is {}",
            shown(was),
            shown(is)
        );
        add(here, what, effect, level);
    }
}

fn names(one: &Value, other: &Value) -> Vec<String> {
    let mut all: Vec<String> = Vec::new();
    for value in [one, other] {
        for name in value
            .as_object()
            .into_iter()
            .flat_map(|members| members.keys())
        {
            if !all.contains(name) {
                all.push(name.clone());
            }
        }
    }
    all
}

fn text(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => String::new(),
        other => other.to_string(),
    }
}

/// A form's member in words; one that isn't there is as usual.
fn usual(value: &Value, name: &str) -> String {
    match value {
        Value::Null if name == "validation" => "on".to_owned(),
        other => format!("`{}`", text(other)),
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::Null => "not there".to_owned(),
        Value::String(text) => format!("`{text}`"),
        Value::Array(items) => {
            let items: Vec<String> = items.iter().map(shown).collect();
            items.join(", ")
        }
        other => other.to_string(),
    }
}
