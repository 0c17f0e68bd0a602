//! Which control a missing one has probably become.
//!
//! By what a rename leaves as it was: id, label, autocomplete, options, place in the form, the
//! look of the name. Every point has a reason, which people are told.

use super::super::agreed::Mapped;
use super::super::control::Control;
use super::super::expect::Kind;
use super::View;
use super::kinds::{Fit, fit};
use crate::plan::suggest;

/// A control, and why it is probably the one.
pub struct Guess<'a> {
    pub control: &'a Control,
    pub reasons: Vec<&'static str>,
    score: i32,
}

/// The likeliest control that the plan doesn't know, if any is likely.
pub fn likely<'a>(view: &View<'a>, mapped: &Mapped, taken: &[String]) -> Option<Guess<'a>> {
    let is_free = |one: &&Control| {
        !one.name.is_empty()
            && !one.is_button()
            && !view.is_known(&one.name)
            && !taken.contains(&one.name)
    };
    let mut best: Option<Guess<'a>> = None;
    for control in view.form.controls.iter().filter(is_free) {
        let guess = weigh(view, mapped, control);
        if guess.score >= LIKELY && best.as_ref().is_none_or(|known| guess.score > known.score) {
            best = Some(guess);
        }
    }
    best
}

fn weigh<'a>(view: &View<'a>, mapped: &Mapped, control: &'a Control) -> Guess<'a> {
    let mut guess = Guess {
        control,
        reasons: Vec::new(),
        score: 0,
    };
    let mut add = |score: i32, reason: &'static str| {
        guess.score += score;
        if score > 0 {
            guess.reasons.push(reason);
        }
    };
    if control.id == mapped.control {
        add(4, "same id");
    }
    let known = view.lock.and_then(|lock| lock.control(&mapped.control));
    if let Some(known) = known {
        let text = |name: &str| known[name].as_str().unwrap_or_default();
        if !control.id.is_empty() && text("id") == control.id && control.id != mapped.control {
            add(4, "same id");
        }
        if !control.label.is_empty() && text("label") == control.label {
            add(3, "same label");
        }
    }
    let expect = &mapped.expect;
    let values = expect.values();
    let group = view.form.named(&control.name);
    let offered: Vec<&str> = group
        .flat_map(|one| &one.choices)
        .map(|one| one.value.as_str())
        .filter(|value| !value.is_empty())
        .collect();
    if !values.is_empty() && !offered.is_empty() {
        let inside = offered
            .iter()
            .filter(|value| values.iter().any(|one| one == *value))
            .count();
        if inside * 2 > offered.len() {
            add(4, "same options");
        }
    }
    let (name, old) = (tokens(&control.name), tokens(&mapped.control));
    let (label, field) = (tokens(&control.label), tokens(&mapped.field));
    let near = suggest::nearest(&control.name, [mapped.control.as_str()]).is_some();
    if near || shares(&name, &old) {
        add(3, "similar name");
    } else if shares(&name, &field) {
        add(3, "name like the field");
    } else if shares(&label, &old) || shares(&label, &field) {
        add(2, "label like the field");
    }
    let token = control.autocomplete.rsplit(' ').next().unwrap_or_default();
    let by_kind = match expect.kind {
        Kind::Email => token == "email",
        Kind::Phone => token.starts_with("tel"),
        _ => false,
    };
    if by_kind || (!token.is_empty() && shares(&tokens(token), &field)) {
        add(3, "same autocomplete");
    }
    match (expect.kind, control.kind) {
        (Kind::Email, "email") | (Kind::Phone, "tel") | (Kind::Date, "date") => add(3, "same type"),
        (Kind::Prose, "textarea") => add(2, "same type"),
        _ => {}
    }
    if between(view, mapped, control) {
        add(2, "same place");
    }
    if matches!(fit(view, mapped, &[control]), Fit::Wrong(_)) {
        add(-3, "");
    }
    guess
}

/// Whether it stands where the plan's order has the missing one: after the mapped control before
/// it and before the one after it.
fn between(view: &View<'_>, mapped: &Mapped, control: &Control) -> bool {
    let fields = &view.declared.fields;
    let at = |name: &str| view.form.controls.iter().position(|one| one.name == name);
    let here = at(&control.name);
    let place = fields.iter().position(|one| one.control == mapped.control);
    let Some(place) = place else { return false };
    let before = fields[..place]
        .iter()
        .rev()
        .find_map(|one| at(&one.control));
    let after = fields[place + 1..].iter().find_map(|one| at(&one.control));
    (before.is_some() || after.is_some())
        && before.is_none_or(|before| here > Some(before))
        && after.is_none_or(|after| here < Some(after))
}

fn shares(one: &[String], other: &[String]) -> bool {
    one.iter().any(|word| other.contains(word))
}

/// A name's words in lower case: `fullName`, `full-name` and `full_name` are the same two.
/// Words for the same thing become one.
pub fn tokens(name: &str) -> Vec<String> {
    let mut words: Vec<String> = Vec::new();
    let mut was_lower = false;
    let mut fresh = true;
    for letter in name.chars() {
        if !letter.is_alphanumeric() {
            fresh = true;
            continue;
        }
        if fresh || (was_lower && letter.is_uppercase()) {
            words.push(String::new());
        }
        fresh = false;
        was_lower = letter.is_lowercase() || letter.is_ascii_digit();
        if let Some(word) = words.last_mut() {
            word.extend(letter.to_lowercase());
        }
    }
    // `e-mail` is one word to everybody.
    if let Some(at) = words.windows(2).position(|pair| pair == ["e", "mail"]) {
        words.splice(at..at + 2, ["email".to_owned()]);
    }
    let mut plain: Vec<String> = words
        .into_iter()
        .map(|word| {
            let twin = SAME.iter().find(|(_, all)| all.contains(&word.as_str()));
            twin.map_or(word, |(one, _)| (*one).to_owned())
        })
        .filter(|word| !EMPTY.contains(&word.as_str()))
        .collect();
    plain.dedup();
    plain
}

const LIKELY: i32 = 3;
/// Words that say nothing about which field it is.
const EMPTY: &[&str] = &[
    "the", "your", "a", "of", "field", "input", "form", "my", "is", "we",
];
const SAME: &[(&str, &[&str])] = &[
    ("email", &["email", "mail", "emailaddress"]),
    (
        "phone",
        &[
            "phone",
            "tel",
            "telephone",
            "mobile",
            "cell",
            "cellphone",
            "phonenumber",
        ],
    ),
    ("name", &["name", "fullname", "patient", "contact"]),
    (
        "message",
        &[
            "message", "comment", "comments", "note", "notes", "question", "details",
        ],
    ),
    (
        "service",
        &[
            "service",
            "services",
            "department",
            "specialty",
            "speciality",
        ],
    ),
    ("time", &["time", "when", "slot", "daytime"]),
    ("zip", &["zip", "postal", "postcode", "zipcode", "plz"]),
    ("birth", &["birth", "birthday", "birthdate", "dob", "bday"]),
    (
        "consent",
        &["consent", "agree", "agreement", "terms", "optin", "privacy"],
    ),
];

#[cfg(test)]
mod tests {
    use super::tokens;

    #[test]
    fn names_are_read_as_their_words() {
        for (name, expect) in [
            ("fullName", "full name"),
            ("E-Mail", "email"),
            ("your_email_address", "email address"),
            ("Telephone", "phone"),
            ("field[phone][2]", "phone 2"),
        ] {
            assert_eq!(tokens(name).join(" "), expect);
        }
    }
}
