//! Whether a control is of a kind that can give what its field needs.
//!
//! The table is short where HTML has a control for the very thing, and asks samples for the rest:
//! a text that the contract takes and the control's type doesn't shows the conflict by itself.

use super::super::accept::accepts;
use super::super::agreed::Mapped;
use super::super::control::Control;
use super::super::expect::{Collect, Kind, list};
use super::super::finding::{Finding, Level};
use super::View;

/// How well a control suits its field.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Fit {
    Good,
    /// It works, but lets wrong values through or makes right ones hard to type.
    Weak(String),
    Wrong(String),
    /// Nothing on the page says.
    Unknown,
}

pub fn check(view: &View<'_>, mapped: &Mapped, controls: &[&Control], out: &mut Vec<Finding>) {
    let control = controls[0];
    let field = &mapped.field;
    let (code, level, why) = match fit(view, mapped, controls) {
        Fit::Good => ("", Level::Note, String::new()),
        Fit::Weak(why) => ("kind_weak", Level::Warning, why),
        Fit::Wrong(why) => ("kind_differs", Level::Error, why),
        Fit::Unknown => (
            "kind_unknown",
            Level::Note,
            "only a script knows what this custom element sends".to_owned(),
        ),
    };
    if !code.is_empty() {
        let what = format!("field `{field}` is {}, but {why}", mapped.expect.name());
        let finding = view.at(control, "type", code, level, what);
        out.push(
            finding
                .remedy(remedy(mapped))
                .about(&view.declared.id, field),
        );
    }
    let token = control.autocomplete.rsplit(' ').next().unwrap_or_default();
    let other = match mapped.expect.kind {
        Kind::Email => token.starts_with("tel") || NAMES.contains(&token),
        Kind::Phone => token == "email" || NAMES.contains(&token),
        Kind::Text | Kind::Prose => {
            (token == "email" || token.starts_with("tel")) && !mapped.expect.samples.is_empty()
        }
        _ => false,
    };
    if other {
        let what = format!(
            "browsers fill `{}` with something else: autocomplete=\"{token}\", but field `{field}` is {}",
            control.name,
            mapped.expect.name()
        );
        let finding = view.at(
            control,
            "autocomplete",
            "autocomplete_differs",
            Level::Warning,
            what,
        );
        out.push(
            finding
                .remedy("mend autocomplete, or the mapping in the plan")
                .about(&view.declared.id, field),
        );
    }
}

/// How well the first of some controls of one name suits the field.
pub fn fit(view: &View<'_>, mapped: &Mapped, controls: &[&Control]) -> Fit {
    let control = controls[0];
    let expect = &mapped.expect;
    let page = view.page;
    let kind = control.kind;
    let wrong = |why: &str| Fit::Wrong(why.to_owned());
    let weak = |why: &str| Fit::Weak(why.to_owned());
    let has = |name: &str| {
        control
            .attr(page, name)
            .is_some_and(|value| !value.is_empty())
    };
    let is_numeric =
        has("pattern") || matches!(control.attr(page, "inputmode"), Some("numeric" | "decimal"));
    match kind {
        "custom" => return Fit::Unknown,
        "password" => return wrong("passwords are never read, whatever the plan says"),
        "button" | "reset" | "image" | "fieldset" | "output" | "object" => {
            return Fit::Wrong(format!("a {kind} sends no value of its own"));
        }
        "submit" => {
            let value = control.value(page);
            return if expect.takes(&value) && !value.is_empty() {
                weak("a submit button sends its value only when it is the one pressed")
            } else {
                wrong("a submit button sends its own fixed value")
            };
        }
        "hidden" => return hidden(view, mapped, control),
        "file" => {
            let is_bound = ["maxLength", "pattern", "format"]
                .iter()
                .any(|name| !expect.rule[*name].is_null());
            return match expect.collect {
                _ if !expect.takes("1") => wrong("of a file only its presence is read"),
                Collect::Presence => Fit::Good,
                Collect::Never if !is_bound => Fit::Good,
                Collect::Never => weak("of a file only its presence is read"),
                _ => wrong("of a file only its presence is read"),
            };
        }
        _ => {}
    }
    let choices = controls.iter().flat_map(|one| &one.choices);
    let mut values = choices.filter(|one| !one.is_disabled && !one.value.is_empty());
    match (expect.kind, kind) {
        (Kind::List, "checkbox" | "select-multiple") => Fit::Good,
        (_, "select-multiple") => {
            wrong("a multiple select sends several values, of which the last counts")
        }
        (_, "checkbox") if controls.len() > 1 && expect.kind != Kind::Boolean => {
            wrong("several checkboxes of one name send several values, of which the last counts")
        }
        (Kind::List, "select-one" | "radio") => weak("the visitor can give one value only"),
        (Kind::List, _) if !expect.values().is_empty() => wrong("a free text can be anything"),
        (Kind::List, _) => weak("a text is one value, however many stand in it"),
        (Kind::Choice, "select-one" | "radio" | "checkbox") => Fit::Good,
        (Kind::Choice, "number" | "range") if expect.is_numeric() => {
            weak("other numbers can be typed")
        }
        (Kind::Choice, _) if control.is_typed() => wrong("free text can be anything"),
        (Kind::Boolean, "checkbox" | "radio" | "select-one") => Fit::Good,
        (Kind::Boolean, _) => wrong("any value but false, 0, no and off counts as yes"),
        (Kind::Whole | Kind::Number, "number" | "range" | "select-one" | "radio") => Fit::Good,
        (Kind::Whole | Kind::Number, "text" | "tel" | "search") if is_numeric => {
            weak("the browser doesn't hold it to numbers")
        }
        (Kind::Email, "email") if control.attr(page, "multiple").is_some() => {
            wrong("several addresses can be typed")
        }
        (Kind::Email, "email") => Fit::Good,
        (Kind::Email, "text" | "search") if has("pattern") => {
            weak("type=\"email\" would check it and bring the right keyboard")
        }
        (Kind::Phone, "tel") => Fit::Good,
        (Kind::Phone, "text" | "search") => {
            weak("type=\"tel\" would bring the right keyboard and the browser's own numbers")
        }
        (Kind::Phone, "number") => wrong("type=\"number\" drops `+` and leading zeros"),
        (Kind::Date, "date") => Fit::Good,
        (Kind::Date | Kind::DateTime, "text") if has("pattern") => {
            weak("nothing helps to write the date as the contract wants it")
        }
        (Kind::DateTime, "datetime-local") => wrong("type=\"datetime-local\" sends no offset"),
        // One of many texts, chosen instead of typed: the options are judged one by one.
        (Kind::Text | Kind::Prose | Kind::Date | Kind::DateTime, "select-one" | "radio")
            if values
                .clone()
                .filter(|one| expect.takes(&one.value))
                .count()
                > 1 =>
        {
            Fit::Good
        }
        (_, "checkbox") if expect.collect == Collect::Presence => {
            match values.all(|one| expect.takes(&one.value)) {
                true => Fit::Good,
                false => wrong("its value isn't accepted"),
            }
        }
        (_, "select-one" | "radio" | "checkbox") => Fit::Wrong(format!(
            "a {} sends one of its own values only",
            name_of(kind)
        )),
        (Kind::Text | Kind::Prose, _) => text(view, mapped, control),
        (_, kind) => Fit::Wrong(format!(
            "{} lets other values through, or refuses the right ones",
            name_of(kind)
        )),
    }
}

/// A free text: what the type refuses or reshapes shows by samples.
fn text(view: &View<'_>, mapped: &Mapped, control: &Control) -> Fit {
    let expect = &mapped.expect;
    let kind = control.kind;
    let is_boxed = expect.collect == Collect::Presence;
    let weak = |why: &str| Fit::Weak(why.to_owned());
    let is_free = matches!(kind, "text" | "search" | "tel" | "textarea");
    if !is_free {
        // Only where the contract itself is so narrow is a narrow type right.
        let narrow = !expect.samples.is_empty()
            && expect
                .samples
                .iter()
                .all(|sample| accepts(view.page, control, sample));
        return match narrow {
            true => Fit::Good,
            false => {
                let refused = expect
                    .samples
                    .iter()
                    .find(|one| !accepts(view.page, control, one));
                let shown = refused
                    .map(|one| format!(", such as `{one}`"))
                    .unwrap_or_default();
                Fit::Wrong(format!(
                    "{} refuses what the contract accepts{shown}",
                    name_of(kind)
                ))
            }
        };
    }
    match (expect.kind, kind) {
        _ if is_boxed => {
            weak("only its presence counts, for which a checkbox is the usual control")
        }
        (Kind::Prose, "textarea") | (Kind::Text, "text") => Fit::Good,
        (Kind::Prose, "text") => weak("one line is little room for it"),
        (_, "textarea") if !expect.takes("a\nb") => {
            Fit::Wrong("the contract refuses the line ends that a textarea allows".to_owned())
        }
        (_, "textarea") => weak("a textarea brings line ends into a short text"),
        (_, "search") => weak("type=\"search\" marks a search, which counts as no lead"),
        (_, "tel") if expect.samples.contains(&"Ana Lee") => {
            weak("type=\"tel\" brings a keyboard for numbers")
        }
        _ => Fit::Good,
    }
}

/// A hidden field is filled by the page itself; only what stands there can be judged.
fn hidden(view: &View<'_>, mapped: &Mapped, control: &Control) -> Fit {
    let value = control.value(view.page);
    if !value.is_empty() {
        return if mapped.expect.takes(&value) {
            Fit::Good
        } else {
            Fit::Wrong("the value of this hidden field isn't".to_owned())
        };
    }
    let why = "this field is hidden and empty, so visitors can't fill it in".to_owned();
    if mapped.is_required {
        Fit::Wrong(why)
    } else {
        Fit::Weak(why)
    }
}

fn remedy(mapped: &Mapped) -> String {
    let expect = &mapped.expect;
    let wanted = match expect.kind {
        Kind::Choice => format!(
            "use a select or radio buttons with {}",
            list(&expect.values())
        ),
        Kind::Email => "use type=\"email\"".to_owned(),
        Kind::Phone => "use type=\"tel\"".to_owned(),
        Kind::Date => "use type=\"date\"".to_owned(),
        Kind::DateTime => "let a script write a date-time into a hidden field".to_owned(),
        Kind::Whole | Kind::Number => "use type=\"number\"".to_owned(),
        Kind::Boolean => "use a checkbox".to_owned(),
        Kind::List => "use checkboxes of one name, or a multiple select".to_owned(),
        Kind::Text if expect.collect == Collect::Presence => "use a checkbox".to_owned(),
        Kind::Text => "use type=\"text\"".to_owned(),
        Kind::Prose => "use a textarea".to_owned(),
    };
    format!("{wanted}, or change the contract")
}

fn name_of(kind: &str) -> String {
    match kind {
        "select-one" => "a select".to_owned(),
        "radio" => "a radio button".to_owned(),
        "checkbox" => "a checkbox".to_owned(),
        "textarea" => "a textarea".to_owned(),
        _ => format!("type=\"{kind}\""),
    }
}

/// Autocomplete's words for parts of a name.
const NAMES: &[&str] = &[
    "name",
    "given-name",
    "family-name",
    "additional-name",
    "nickname",
];
