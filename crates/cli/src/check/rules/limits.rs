//! Constraints on the page against those of the contract: required, lengths, pattern, range, step.
//!
//! Looser on the page than in the contract makes invalid events; stricter is the page's own
//! business, unless no value is left that both accept.

use super::super::accept::{accepts, accepts_without_pattern, base_of, number, step_of, whole};
use super::super::agreed::Mapped;
use super::super::control::Control;
use super::super::expect::Kind;
use super::super::finding::{Finding, Level};
use super::View;
use touchmark::native::NativeHost;
use touchmark::schema::Host;

pub fn check(view: &View<'_>, mapped: &Mapped, controls: &[&Control], out: &mut Vec<Finding>) {
    let mut found = Vec::new();
    required(view, mapped, controls, &mut found);
    let control = controls[0];
    if control.is_typed() {
        lengths(view, mapped, control, &mut found);
        pattern(view, mapped, control, &mut found);
    }
    if mapped.expect.is_numeric() && matches!(control.kind, "number" | "range") {
        range(view, mapped, control, &mut found);
    }
    if matches!(
        control.kind,
        "text" | "tel" | "search" | "url" | "email" | "textarea" | "number" | "range" | "date"
    ) {
        overlap(view, mapped, control, &mut found);
    }
    out.extend(
        found
            .into_iter()
            .map(|one| one.about(&view.declared.id, &mapped.field)),
    );
}

fn required(view: &View<'_>, mapped: &Mapped, controls: &[&Control], out: &mut Vec<Finding>) {
    let control = controls[0];
    let has = |one: &&Control, name: &str| one.attr(view.page, name).is_some();
    if !mapped.is_required || controls.iter().any(|one| has(one, "required")) {
        return;
    }
    // Always filled, or filled by the page.
    if matches!(
        control.kind,
        "hidden" | "range" | "color" | "custom" | "submit"
    ) {
        return;
    }
    if control.kind == "select-one"
        && control
            .choices
            .iter()
            .all(|one| !one.value.is_empty() || one.is_disabled)
        && !control.choices.is_empty()
    {
        return;
    }
    if controls
        .iter()
        .any(|one| one.kind == "radio" && has(one, "checked"))
    {
        return;
    }
    let by_script = controls
        .iter()
        .any(|one| one.attr(view.page, "aria-required") == Some("true"));
    let is_empty = format!("the contract requires field `{}`", mapped.field);
    let finding = if by_script {
        let what = format!(
            "{is_empty}, and `{}` is required by a script alone",
            mapped.control
        );
        view.at(
            control,
            "aria-required",
            "required_by_script",
            Level::Note,
            what,
        )
    } else {
        let what = format!(
            "{is_empty}, but `{}` may be left empty: such a submission is invalid",
            mapped.control
        );
        view.at(control, "name", "required_missing", Level::Error, what)
    };
    out.push(finding.remedy(
        "add the attribute required, or take the field out of the contract's required ones",
    ));
}

fn lengths(view: &View<'_>, mapped: &Mapped, control: &Control, out: &mut Vec<Finding>) {
    let rule = |name: &str| mapped.expect.rule[name].as_u64();
    let attr = |name: &str| {
        control
            .attr(view.page, name)
            .and_then(whole)
            .map(|n| n as u64)
    };
    let field = &mapped.field;
    let mut add = |attribute: &str, code, level, what: String, remedy: String| {
        out.push(
            view.at(control, attribute, code, level, what)
                .remedy(remedy),
        );
    };
    let (least, most) = (rule("minLength").unwrap_or(0), rule("maxLength"));
    match (most, attr("maxlength")) {
        (Some(most), None) if mapped.expect.kind != Kind::Choice => add(
            "name",
            "maxlength_missing",
            Level::Warning,
            format!("field `{field}` takes at most {most} characters, but any number can be typed"),
            format!("add maxlength=\"{most}\""),
        ),
        (Some(most), Some(length)) if length > most => add(
            "maxlength",
            "maxlength_differs",
            Level::Error,
            format!("{length} characters can be typed, but field `{field}` takes at most {most}"),
            format!("write maxlength=\"{most}\""),
        ),
        (_, Some(length)) if length < least => add(
            "maxlength",
            "maxlength_differs",
            Level::Error,
            format!("at most {length} characters can be typed, but field `{field}` needs {least}"),
            "raise maxlength, or lower the contract's minLength".to_owned(),
        ),
        (Some(most), Some(length)) if length < most => add(
            "maxlength",
            "maxlength_narrower",
            Level::Note,
            format!("field `{field}` takes {most} characters, but only {length} can be typed"),
            format!("write maxlength=\"{most}\" if visitors may need more"),
        ),
        _ => {}
    }
    let shortest = attr("minlength").unwrap_or(0);
    if let Some(most) = most.filter(|most| shortest > *most) {
        add(
            "minlength",
            "minlength_differs",
            Level::Error,
            format!(
                "at least {shortest} characters must be typed, but field `{field}` takes at most {most}"
            ),
            "lower minlength, or raise the contract's maxLength".to_owned(),
        );
    } else if least > 1 && shortest > 0 && shortest < least {
        add(
            "minlength",
            "minlength_differs",
            Level::Error,
            format!("{shortest} characters are enough here, but field `{field}` needs {least}"),
            format!("write minlength=\"{least}\""),
        );
    } else if least > 1
        && shortest == 0
        && !matches!(mapped.expect.kind, Kind::Email | Kind::Phone | Kind::Choice)
        && mapped.expect.rule["format"].is_null()
        && control.attr(view.page, "pattern").is_none()
    {
        add(
            "name",
            "minlength_missing",
            Level::Warning,
            format!("field `{field}` needs {least} characters, but fewer can be typed"),
            format!("add minlength=\"{least}\""),
        );
    }
}

fn pattern(view: &View<'_>, mapped: &Mapped, control: &Control, out: &mut Vec<Finding>) {
    let rule = mapped.expect.rule["pattern"].as_str();
    let field = &mapped.field;
    let Some(own) = control
        .attr(view.page, "pattern")
        .filter(|_| control.kind != "textarea")
    else {
        // The usual patterns only ask for something to be there, which required does too.
        if let Some(rule) = rule.filter(|rule| !matches!(*rule, r"\S" | "." | ".+" | "^.+$")) {
            let what = format!("field `{field}` must match {rule}, which the page doesn't ask for");
            let finding = view.at(control, "name", "pattern_missing", Level::Note, what);
            out.push(finding.remedy("add a pattern, so that visitors learn it before they send"));
        }
        return;
    };
    if NativeHost.is_match(&format!("^(?:{own})$"), "").is_none() {
        let what = format!(
            "browsers ignore the pattern {own}: it is no regular expression with the flag v"
        );
        let finding = view.at(
            control,
            "pattern",
            "pattern_malformed",
            Level::Warning,
            what,
        );
        out.push(finding.remedy("mend it, or take it out"));
        return;
    }
    if rule.is_some_and(|rule| bare(rule) == bare(own)) {
        return;
    }
    let through = LOOSE
        .iter()
        .find(|text| accepts(view.page, control, text) && !mapped.expect.takes(text));
    if let (Some(text), false) = (through, control.choices.len() > 1) {
        let what = format!("the pattern lets `{text}` through, which field `{field}` doesn't take");
        let finding = view.at(control, "pattern", "pattern_looser", Level::Warning, what);
        out.push(finding.remedy(match rule {
            Some(rule) => format!("write pattern=\"{}\"", bare(rule)),
            None => "make the pattern as strict as the contract".to_owned(),
        }));
    }
}

/// What is left when no sample of the contract passes the control.
fn overlap(view: &View<'_>, mapped: &Mapped, control: &Control, out: &mut Vec<Finding>) {
    let samples = &mapped.expect.samples;
    let is_bound = ["pattern", "maxlength", "minlength", "min", "max", "step"]
        .iter()
        .find(|name| control.attr(view.page, name).is_some());
    let Some(bound) = is_bound else { return };
    if samples.is_empty()
        || samples
            .iter()
            .any(|sample| accepts(view.page, control, sample))
    {
        return;
    }
    let what = format!(
        "`{}` refuses every sample of field `{}`, such as `{}`",
        control.name, mapped.field, samples[0]
    );
    let is_new = !out.iter().any(|one| one.level == Level::Error);
    if is_new
        && !matches!(
            super::kinds::fit(view, mapped, &[control]),
            super::kinds::Fit::Wrong(_)
        )
    {
        let attribute = if control.attr(view.page, "pattern").is_some() {
            "pattern"
        } else {
            bound
        };
        // A pattern may want what no sample here is: one country's numbers, one company's addresses.
        let is_pattern_alone = samples
            .iter()
            .any(|sample| accepts_without_pattern(view.page, control, sample));
        let level = if is_pattern_alone {
            Level::Warning
        } else {
            Level::Error
        };
        let finding = view.at(control, attribute, "control_refuses", level, what);
        out.push(finding.remedy("loosen the control, or change the contract"));
    }
}

fn range(view: &View<'_>, mapped: &Mapped, control: &Control, out: &mut Vec<Finding>) {
    let attr = |name: &str| control.attr(view.page, name).and_then(number);
    let expect = &mapped.expect;
    let field = &mapped.field;
    let default = |name: &str| match (control.kind, name) {
        ("range", "min") => Some(0.0),
        ("range", "max") => Some(100.0),
        _ => None,
    };
    for (name, keyword, sign) in [("min", "minimum", 1.0), ("max", "maximum", -1.0)] {
        let other = if name == "min" { "maximum" } else { "minimum" };
        let own = attr(name).or_else(|| default(name));
        let Some(limit) = expect.number(keyword) else {
            continue;
        };
        let finding = match own {
            None => {
                let what = format!(
                    "field `{field}` has the {keyword} {limit}, which the page doesn't ask for"
                );
                view.at(control, "name", "range_missing", Level::Warning, what)
            }
            Some(own) if own * sign < limit * sign => {
                let what =
                    format!("{own} can be typed, but field `{field}` has the {keyword} {limit}");
                view.at(control, name, "range_differs", Level::Error, what)
            }
            Some(own)
                if expect
                    .number(other)
                    .is_some_and(|end| own * sign > end * sign) =>
            {
                let what = format!("{name} {own} leaves no value that field `{field}` takes");
                view.at(control, name, "range_differs", Level::Error, what)
            }
            Some(own) if own * sign > limit * sign => {
                let what =
                    format!("field `{field}` takes {limit}, but the page has the {name} {own}");
                view.at(control, name, "range_narrower", Level::Note, what)
            }
            Some(_) => continue,
        };
        out.push(finding.remedy(format!("write {name}=\"{limit}\"")));
    }
    let step = step_of(view.page, control);
    let is_whole = |n: f64| n.fract() == 0.0;
    let gives_whole = step.is_some_and(is_whole) && is_whole(base_of(view.page, control));
    if expect.kind == Kind::Whole && !gives_whole {
        let what = format!("fractions can be typed, but field `{field}` is a whole number");
        let finding = view.at(control, "step", "step_differs", Level::Error, what);
        out.push(finding.remedy("write step=\"1\""));
    }
    if expect.kind == Kind::Number && step.is_some_and(is_whole) && expect.takes("99.5") {
        let what = format!(
            "field `{field}` takes fractions, but the page's step is {}",
            step.unwrap_or(1.0)
        );
        let finding = view.at(control, "step", "step_narrower", Level::Note, what);
        out.push(finding.remedy("write step=\"any\" if visitors may need them"));
    }
}

/// A pattern without the anchors that HTML adds by itself.
fn bare(pattern: &str) -> &str {
    let inner = pattern
        .strip_prefix('^')
        .and_then(|rest| rest.strip_suffix('$'));
    let inner = inner.unwrap_or(pattern);
    inner
        .strip_prefix("(?:")
        .and_then(|rest| rest.strip_suffix(')'))
        .filter(|rest| !rest.contains(['(', ')']))
        .unwrap_or(inner)
}

/// Texts that show what a pattern lets through.
const LOOSE: &[&str] = &[
    "Ana Lee",
    "ana@",
    "a",
    "1",
    "12345",
    "not a date",
    "....",
    "-",
    "ab",
];
