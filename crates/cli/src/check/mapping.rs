//! A form's controls into the fields that they feed.
//!
//! Between `agreed` and `rules`, with the precedence of `Form::field_of` in `src/plan.rs`: the plan's
//! `fields`, then what a control names itself (data-touchmark-field, else its autocomplete token), then
//! its own name; last a contract that opens itself. Not here: whether the controls suit their fields.

use touchmark::native::NativeHost;
use touchmark::schema::Host;
use touchmark::scrub::{RULES, is_secret};
use touchmark::value::Value as Core;

use super::agreed::{By, Declared, Mapped};
use super::control::Control;
use super::form::Form;
use super::page::Page;

/// The attribute in which a control names its field.
pub const ATTRIBUTE: &str = "data-touchmark-field";

/// Every pair of control and field: the plan's own, whether or not the form has the control, then
/// those that the markup makes.
///
/// Of several names that feed one field the first that is required answers for it.
pub fn fields(declared: &Declared, page: &Page, form: &Form) -> Vec<Mapped> {
    let mut all: Vec<Mapped> = declared.fields.clone();
    let own = all.len();
    for control in form.controls.iter().filter(|one| may_feed(one)) {
        if control.name.is_empty() || all.iter().any(|one| one.control == control.name) {
            continue;
        }
        all.extend(found(declared, page, control));
    }
    for at in own..all.len() {
        let rivals: Vec<usize> = (own..all.len())
            .filter(|other| all[*other].field == all[at].field)
            .collect();
        let asks = |other: &&usize| {
            let mut named = form.named(&all[**other].control);
            named.any(|one| one.attr(page, "required").is_some())
        };
        let first = rivals.iter().find(asks).or(rivals.first()).copied();
        if first != Some(at) {
            all[at].is_required = false;
        }
    }
    all
}

/// What a control that the plan doesn't name feeds by the markup.
fn found(declared: &Declared, page: &Page, control: &Control) -> Option<Mapped> {
    if is_withheld(&control.name) {
        return None;
    }
    let named = |mut one: Mapped| {
        one.control.clone_from(&control.name);
        one
    };
    if let Some(open) = implied(declared, page, control) {
        return Some(named(open.clone()));
    }
    let is_field = NativeHost.is_match("^[a-z][a-z0-9_]{0,63}$", &control.name) == Some(true);
    let rest = declared.rest.clone().filter(|_| is_field)?;
    let is_taken = declared.fields.iter().any(|one| one.field == control.name);
    (!is_taken).then(|| {
        named(Mapped {
            field: control.name.clone(),
            ..rest
        })
    })
}

/// The field that a control's hint or name stands for, of those that the plan maps nothing to.
pub fn implied<'d>(declared: &'d Declared, page: &Page, control: &Control) -> Option<&'d Mapped> {
    let of = |key: &str| {
        let (_, field) = declared.implied.iter().find(|(known, _)| known == key)?;
        declared.open.iter().find(|one| one.field == *field)
    };
    // A control without a name is known by its id, where the page's own code reads it.
    let name = match control.name.is_empty() {
        true => &control.id,
        false => &control.name,
    };
    of(hint(page, control)).or_else(|| of(name))
}

/// The field or the token that the page's author gave a control, as js/parts/entries.ts reads it.
fn hint<'a>(page: &'a Page, control: &'a Control) -> &'a str {
    let token = || control.autocomplete.split_ascii_whitespace().next_back();
    let own = control.attr(page, ATTRIBUTE);
    own.or_else(token).unwrap_or_default()
}

/// What may send a value: of buttons the one that is pressed.
pub fn may_feed(control: &Control) -> bool {
    !control.is_button() || control.kind == "submit"
}

/// Whether a name says that the control holds a secret, so that it is never read.
fn is_withheld(name: &str) -> bool {
    let rules = RULES.map(|rule| Core::Text(rule.to_owned()));
    is_secret(name, &rules, &NativeHost)
}

/// How a field of the contract can be filled by markup, in words.
pub fn ways(declared: &Declared, field: &str) -> String {
    let keys = declared.implied.iter().filter(|(_, known)| known == field);
    let tokens: Vec<String> = keys
        .filter(|(key, _)| TOKENS.contains(&key.as_str()))
        .map(|(key, _)| format!("autocomplete=\"{key}\""))
        .collect();
    let tokens = match tokens.is_empty() {
        true => String::new(),
        false => format!("{}, ", tokens.join(" or ")),
    };
    format!(
        "name a control `{field}`, give it {tokens}{ATTRIBUTE}=\"{field}\", or write \"<name of the control>\": \"{field}\" in the plan"
    )
}

impl Mapped {
    /// Whether the plan's `fields` or the markup name the field, so that its control must suit it.
    /// Of a contract that opens itself nobody knows the controls.
    pub fn is_meant(&self) -> bool {
        self.by != By::Contract
    }
}

/// Tokens that browsers know; a built plan has the contract's names with dashes among its own.
/// Source: HTML living standard, autofill field names.
const TOKENS: &[&str] = &[
    "name",
    "given-name",
    "family-name",
    "email",
    "tel",
    "tel-national",
    "organization",
    "street-address",
    "postal-code",
    "address-level1",
    "address-level2",
    "country",
    "bday",
];
