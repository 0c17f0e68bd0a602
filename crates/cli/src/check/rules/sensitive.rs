//! Controls that ask for something personal: mapped to leave, not mentioned, or in a form that
//! nobody declared.

use scraper::Selector;

use super::super::agreed::{By, Mapped, Signal, SignalKind};
use super::super::control::Control;
use super::super::expect::Collect;
use super::super::finding::{Finding, Level, Place};
use super::super::form::Form;
use super::super::lock::Lock;
use super::rename::tokens;
use super::signals::is_script;
use super::{Sheet, View, absent};

/// What a control seems to ask for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Matter {
    /// Never leaves a page in any shape: too secret, or too easily guessed from its hash.
    Secret(&'static str),
    /// Tells who somebody is.
    Contact(&'static str),
}

pub fn check(view: &View<'_>, out: &mut Vec<Finding>) {
    for control in view
        .form
        .controls
        .iter()
        .filter(|one| !one.is_button() && !one.name.is_empty())
    {
        let mapped = view
            .fields
            .iter()
            .find(|one| one.control == control.name)
            .filter(|one| one.is_meant() || one.expect.collect != Collect::Never);
        let (what, level) = match (mapped, matter(control)) {
            (Some(mapped), Some(matter)) => {
                leaving(view, mapped, control, matter, out);
                continue;
            }
            (None, Some(Matter::Secret(what))) => (what, Level::Error),
            (None, Some(Matter::Contact(what))) => (what, Level::Warning),
            (_, None) => continue,
        };
        // What is hidden asks nobody; a renamed control is told by its field.
        let is_told = out.iter().any(|one| {
            one.code == "field_renamed" && one.what.contains(&format!("`{}`", control.name))
        });
        if view.is_known(&control.name) || is_told {
            continue;
        }
        let is_agreed = view
            .lock
            .is_some_and(|lock| lock.control(&control.name).is_some());
        let level = if is_agreed { Level::Note } else { level };
        let what = format!(
            "`{}` seems to ask for {what}, and the plan doesn't mention it",
            control.name
        );
        let finding = view.at(control, "name", "sensitive_undeclared", level, what);
        out.push(finding.remedy("it isn't read; map it to a field with collect \"never\" to say that it is meant, take it off the page, or agree upon it by touchmark check --update"));
    }
    let has_contact = view.form.controls.iter().any(|one| matter(one).is_some());
    let is_post = |method: &str| matches!(method.to_ascii_lowercase().as_str(), "post" | "dialog");
    let is_get = !view.attr("method").is_some_and(is_post);
    // A button may say otherwise.
    let other = view.form.submits().find(|one| {
        let own = one.attr(view.page, "formmethod");
        own.is_some_and(|method| !is_post(method))
    });
    let is_scripted = view.declared.request.is_some() || view.attr("action").is_some_and(is_script);
    // A script that shows an outcome on the same page has probably taken the form over.
    let shows = |one: &Signal| !matches!(one.kind, SignalKind::Url(_));
    let level = match view.declared.success.iter().any(shows) {
        true => Level::Warning,
        false => Level::Error,
    };
    if let Some(button) = other.filter(|_| !is_get && has_contact && !is_scripted) {
        let what = "what visitors type goes into the address: this button sends the form with GET";
        let code = "form_get_personal";
        let finding = view.at(button, "formmethod", code, level, what.to_owned());
        out.push(
            finding
                .remedy("take formmethod away, or write \"post\"")
                .about(&view.declared.id, ""),
        );
    }
    if is_get && has_contact && !is_scripted && !view.form.is_container {
        let what =
            "what visitors type goes into the address: this form is sent with GET".to_owned();
        let finding = view.at_form("method", "form_get_personal", level, what);
        out.push(finding.remedy("write method=\"post\"; if a script sends it, name its path as `request` in the plan").about(&view.declared.id, ""));
    }
}

fn leaving(
    view: &View<'_>,
    mapped: &Mapped,
    control: &Control,
    matter: Matter,
    out: &mut Vec<Finding>,
) {
    let (words, is_bad) = match (matter, mapped.expect.collect) {
        (Matter::Secret(words), Collect::Value | Collect::Sha256) => (words, true),
        (Matter::Contact(words), Collect::Value) => (words, true),
        (Matter::Secret(words) | Matter::Contact(words), _) => (words, false),
    };
    // A choice from a list tells no more than its values do.
    if !is_bad || !mapped.expect.values().is_empty() {
        return;
    }
    let how = if mapped.expect.collect == Collect::Sha256 {
        "as a hash that can be guessed"
    } else {
        "as typed"
    };
    let what = format!(
        "`{}` seems to ask for {words}, and field `{}` lets it leave {how}",
        control.name, mapped.field
    );
    let finding = view.at(control, "name", "sensitive_leaves", Level::Error, what);
    out.push(
        finding
            .remedy("set collect to \"never\" or \"presence\" in the contract; map the control to the field that it is")
            .related(view.plan_place(&mapped.pointer), match mapped.by {
                By::Plan => "mapped here",
                By::Markup | By::Contract => "the form's contract",
            })
            .about(&view.declared.id, &mapped.field),
    );
}

/// A form that no selector of the plan means.
pub fn undeclared(sheet: &Sheet, form: &Form, lock: Option<&Lock>, out: &mut Vec<Finding>) {
    let page = &sheet.page;
    let element = page.element(form.node);
    let no_lead = Selector::parse(NO_LEAD).expect("the selector is CSS");
    let is_asking =
        |one: &&Control| !one.is_button() && one.kind != "hidden" && one.disabled.is_none();
    let asking: Vec<&Control> = form.controls.iter().filter(is_asking).collect();
    let by_kind = |one: &&&Control| {
        matches!(one.kind, "search" | "password")
            || one.autocomplete.contains("password")
            || one.autocomplete.contains("one-time")
    };
    if form.is_template
        || asking.is_empty()
        || no_lead.matches(&element)
        || asking.iter().any(|one| by_kind(&one))
    {
        return;
    }
    let contact = asking
        .iter()
        .find_map(|one| matter(one).map(|matter| (*one, matter)));
    let selector = absent::selector_of(sheet, form);
    if lock.is_some_and(|lock| lock.knows_undeclared(&page.name, &selector)) {
        return;
    }
    let place = Place::in_page(page, page.tag(form.node));
    let (level, asks) = match contact {
        Some((control, Matter::Secret(words) | Matter::Contact(words))) => (
            Level::Error,
            format!(": `{}` asks for {words}", control.name),
        ),
        None => (Level::Warning, String::new()),
    };
    let what = format!(
        "this form is not in the plan{asks}; its submissions would carry no fields and no verdict"
    );
    // One text in an address is a search, nearly always.
    let is_search = contact.is_none()
        && asking.len() == 1
        && asking[0].is_typed()
        && !element
            .attr("method")
            .is_some_and(|method| method.eq_ignore_ascii_case("post"));
    let search = if is_search {
        "if it is a search, write role=\"search\"; else "
    } else {
        ""
    };
    out.push(Finding::new("form_undeclared", level, place, what).remedy(format!(
        "{search}add it to the plan's forms with \"selector\": {selector:?}, or agree to leave it out by touchmark check --update"
    )));
}

/// What a control asks for, by type, autocomplete, name and id.
pub fn matter(control: &Control) -> Option<Matter> {
    let token = control.autocomplete.rsplit(' ').next().unwrap_or_default();
    if control.kind == "password" || token.contains("password") {
        return Some(Matter::Secret("a password"));
    }
    if control.is_button() || matches!(control.kind, "hidden" | "checkbox" | "radio" | "file") {
        // Tokens of frameworks and boxes to tick bear such names without asking for anything.
        return None;
    }
    if token.starts_with("cc-") {
        return Some(Matter::Secret("card details"));
    }
    if token.starts_with("bday") {
        return Some(Matter::Secret("a date of birth"));
    }
    if token == "one-time-code" {
        return Some(Matter::Secret("a one-time code"));
    }
    let words = [&control.name, &control.id, &control.label].map(|text| tokens(text));
    for words in &words {
        for (phrase, what) in SECRETS {
            let phrase: Vec<&str> = phrase.split(' ').collect();
            if words
                .windows(phrase.len())
                .any(|part| part == phrase.as_slice())
            {
                return Some(Matter::Secret(what));
            }
        }
    }
    if control.kind == "email" || token == "email" {
        return Some(Matter::Contact("an e-mail address"));
    }
    if control.kind == "tel" || token.starts_with("tel") {
        return Some(Matter::Contact("a phone number"));
    }
    if !(control.is_typed() || control.kind == "number") {
        return None;
    }
    if token == "name" || token.ends_with("-name") && token != "organization-name" {
        return Some(Matter::Contact("a name"));
    }
    if token.starts_with("street-address") || token.starts_with("address-line") {
        return Some(Matter::Contact("an address"));
    }
    let has = |word: &str| {
        words[..2]
            .iter()
            .any(|words| words.iter().any(|one| one == word))
    };
    let is_name = words[0].iter().any(|one| {
        matches!(
            one.as_str(),
            "firstname" | "lastname" | "surname" | "fullname"
        )
    }) || (has("name") && !has("user") && !has("company") && !has("clinic"));
    match () {
        () if has("email") => Some(Matter::Contact("an e-mail address")),
        () if has("phone") => Some(Matter::Contact("a phone number")),
        () if has("street") || has("address") => Some(Matter::Contact("an address")),
        () if is_name => Some(Matter::Contact("a name")),
        () => None,
    }
}

/// As the page judges it; see js/submissions.ts.
const NO_LEAD: &str = ":is([method=dialog i],[role=search],search *)";
/// Phrases in the words of `rename::tokens`.
const SECRETS: &[(&str, &str)] = &[
    ("password", "a password"),
    ("passwd", "a password"),
    ("passcode", "a password"),
    ("card number", "card details"),
    ("cardnumber", "card details"),
    ("credit card", "card details"),
    ("creditcard", "card details"),
    ("cvv", "card details"),
    ("cvc", "card details"),
    ("iban", "bank details"),
    ("account number", "bank details"),
    ("ssn", "a social security number"),
    ("social security", "a social security number"),
    ("nhs number", "a health service number"),
    ("passport", "a passport number"),
    ("driver license", "a licence number"),
    ("tax id", "a tax number"),
    ("birth", "a date of birth"),
    ("date birth", "a date of birth"),
    ("mrn", "a medical record number"),
    ("medical record", "a medical record number"),
    ("member id", "an insurance number"),
    ("insurance id", "an insurance number"),
    ("insurance number", "an insurance number"),
    ("policy number", "an insurance number"),
    ("diagnosis", "a diagnosis"),
    ("symptoms", "symptoms"),
    ("symptom", "symptoms"),
    ("medication", "medication"),
    ("medications", "medication"),
    ("prescription", "medication"),
    ("allergies", "allergies"),
    ("medical history", "a medical history"),
    ("condition", "a condition"),
];
