//! What a form says for those who choose nothing.
//!
//! A box that is ticked already, and a select that begins with an answer, look like choices in every
//! event. What was agreed upon by the lock file is a note. Not here: values (`options`).

use super::super::agreed::Mapped;
use super::super::control::Control;
use super::super::expect::{Collect, Kind};
use super::super::finding::{Finding, Level, Place};
use super::View;

pub fn check(view: &View<'_>, mapped: &Mapped, controls: &[&Control], out: &mut Vec<Finding>) {
    // Nothing tells a choice from a default, unless nothing of it is told at all.
    if mapped.expect.collect == Collect::Never {
        return;
    }
    for control in controls {
        let preset = control.preset(view.page);
        let Some((choice, value)) = preset.first().map(|one| (one.node, &one.value)) else {
            continue;
        };
        let known = view.lock.and_then(|lock| lock.control(&control.name));
        let known = known.and_then(|one| one["default"].as_array());
        let is_agreed = known.is_some_and(|known| known.iter().any(|one| one == value));
        let level = if is_agreed {
            Level::Note
        } else {
            Level::Warning
        };
        let field = &mapped.field;
        let (attribute, code, what, remedy) = match control.kind {
            "checkbox" if mapped.expect.kind != Kind::List => (
                "checked",
                "box_ticked",
                format!(
                    "this box is ticked already: field `{field}` says yes of those who did nothing"
                ),
                "take checked away",
            ),
            // A prompt with a value is told by `options`.
            "select-one" if mapped.is_required && mapped.expect.takes(value) => (
                "selected",
                "select_answered",
                format!(
                    "this select begins with `{value}`: field `{field}` says that of those who chose nothing"
                ),
                "begin it with <option value=\"\">",
            ),
            _ => continue,
        };
        let span = match control.kind {
            "checkbox" => control.place(view.page, attribute),
            _ => view.page.attribute(choice, attribute),
        };
        let finding = Finding::new(code, level, Place::in_page(view.page, span), what);
        out.push(
            finding
                .remedy(format!(
                    "{remedy}, or agree upon it by touchmark check --update"
                ))
                .about(&view.declared.id, field),
        );
    }
}
