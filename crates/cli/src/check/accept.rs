//! Whether a control lets a value through, by the standard's constraint validation.
//!
//! After `form`. Used to find values that the contract takes and the control doesn't, and the
//! other way round. Source: WHATWG HTML, "constraint validation" and the states of `input`.

use touchmark::native::NativeHost;
use touchmark::schema::Host;

use super::control::Control;
use super::page::Page;

/// Whether the visitor could submit that value.
pub fn accepts(page: &Page, control: &Control, value: &str) -> bool {
    let pattern = control.attr(page, "pattern");
    let pattern = pattern.filter(|_| control.is_typed() && control.kind != "textarea");
    // A pattern that is none asks nothing.
    let is_like = |pattern| NativeHost.is_match(&format!("^(?:{pattern})$"), value) != Some(false);
    pattern.is_none_or(is_like) && accepts_without_pattern(page, control, value)
}

/// The same where the control had no `pattern`.
pub fn accepts_without_pattern(page: &Page, control: &Control, value: &str) -> bool {
    let attr = |name: &str| control.attr(page, name);
    if control.is_select() || control.is_group() {
        return control
            .choices
            .iter()
            .any(|one| !one.is_disabled && one.value == value);
    }
    let units = value.encode_utf16().count();
    if control.is_typed() {
        let limit = |name: &str| attr(name).and_then(whole);
        if limit("maxlength").is_some_and(|most| units > most)
            || limit("minlength").is_some_and(|least| units < least)
        {
            return false;
        }
        if control.kind != "textarea" && value.contains(['\n', '\r']) {
            return false;
        }
    }
    match control.kind {
        "email" => {
            let is_email = |one: &str| NativeHost.is_match(EMAIL, one) == Some(true);
            match attr("multiple") {
                Some(_) => value.split(',').all(|one| is_email(one.trim())),
                None => is_email(value),
            }
        }
        "url" => NativeHost.is_match(ABSOLUTE, value) == Some(true),
        "number" | "range" => number(value).is_some_and(|number| in_range(page, control, number)),
        "date" => like(r"^\d{4,}-\d\d-\d\d$", value) && in_order(page, control, value),
        "month" => like(r"^\d{4,}-\d\d$", value) && in_order(page, control, value),
        "week" => like(r"^\d{4,}-W\d\d$", value) && in_order(page, control, value),
        "time" => {
            like(r"^\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?$", value) && in_order(page, control, value)
        }
        "datetime-local" => {
            like(
                r"^\d{4,}-\d\d-\d\dT\d\d:\d\d(?::\d\d(?:\.\d{1,3})?)?$",
                value,
            ) && in_order(page, control, value)
        }
        "color" => like("^#[0-9a-f]{6}$", value),
        "file" => false,
        _ => true,
    }
}

/// An integer as attributes write it.
pub fn whole(text: &str) -> Option<usize> {
    let digits: String = text
        .trim_start()
        .chars()
        .take_while(char::is_ascii_digit)
        .collect();
    digits.parse().ok()
}

/// A number as attributes and number fields write it.
pub fn number(text: &str) -> Option<f64> {
    let is_number = like(
        r"^-?(?:\d+(?:\.\d+)?|\.\d+)(?:[eE][+\-]?\d+)?$",
        text.trim(),
    );
    is_number.then(|| text.trim().parse().ok())?
}

/// The step between a number field's values; `None` for any.
pub fn step_of(page: &Page, control: &Control) -> Option<f64> {
    match control.attr(page, "step") {
        Some(any) if any.trim().eq_ignore_ascii_case("any") => None,
        Some(step) => Some(number(step).filter(|step| *step > 0.0).unwrap_or(1.0)),
        None => Some(1.0),
    }
}

/// Where steps are counted from.
pub fn base_of(page: &Page, control: &Control) -> f64 {
    let attr = |name: &str| control.attr(page, name).and_then(number);
    attr("min").or_else(|| attr("value")).unwrap_or(0.0)
}

fn in_range(page: &Page, control: &Control, value: f64) -> bool {
    let attr = |name: &str| control.attr(page, name).and_then(number);
    let (least, most) = match control.kind {
        "range" => (
            Some(attr("min").unwrap_or(0.0)),
            Some(attr("max").unwrap_or(100.0)),
        ),
        _ => (attr("min"), attr("max")),
    };
    let fits = step_of(page, control).is_none_or(|step| {
        let steps = (value - base_of(page, control)) / step;
        (steps - steps.round()).abs() < 1e-9
    });
    fits && least.is_none_or(|least| value >= least) && most.is_none_or(|most| value <= most)
}

/// Dates and times of one kind are ordered as their texts are.
fn in_order(page: &Page, control: &Control, value: &str) -> bool {
    let attr = |name: &str| control.attr(page, name).filter(|text| !text.is_empty());
    attr("min").is_none_or(|least| value >= least) && attr("max").is_none_or(|most| value <= most)
}

fn like(pattern: &str, text: &str) -> bool {
    NativeHost.is_match(pattern, text) == Some(true)
}

/// Source: WHATWG HTML, "valid e-mail address".
const EMAIL: &str = r"^[a-zA-Z0-9.!#$%&'*+\/=?^_`{|}~\-]+@[a-zA-Z0-9](?:[a-zA-Z0-9\-]{0,61}[a-zA-Z0-9])?(?:\.[a-zA-Z0-9](?:[a-zA-Z0-9\-]{0,61}[a-zA-Z0-9])?)*$";
const ABSOLUTE: &str = r"^\s*[a-zA-Z][a-zA-Z0-9+.\-]*:\S+";
