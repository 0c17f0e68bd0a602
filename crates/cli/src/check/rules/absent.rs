//! Forms of the plan that no page has, or that one of their pages has lost.
//!
//! An error where the form should have been: all pages were given, or a form looks like it, or it was
//! there when the lock was written.

use std::collections::BTreeSet;

use super::super::agreed::Declared;
use super::super::finding::{Finding, Level, Place};
use super::super::form::Form;
use super::super::mapping;
use super::{Map, Question, Sheet};
use crate::plan::fault::step;

/// Returns the forms that missing ones probably are, by sheet.
pub fn check(
    question: &Question<'_>,
    map: &Map,
    out: &mut Vec<Finding>,
) -> BTreeSet<(usize, usize)> {
    let mut twins = BTreeSet::new();
    // Of pages that couldn't be read nothing is known.
    if question.sheets.is_empty() {
        return twins;
    }
    let agreed = question.agreed;
    for (at, declared) in agreed.forms.iter().enumerate() {
        if let Some(places) = map.forms.get(&at) {
            deleted(question, declared, out);
            let has = |sheet: usize| places.iter().any(|found| found.sheet == sheet);
            for sheet in locked(question, declared).filter(|sheet| !has(*sheet)) {
                twins.extend(lost(question, map, declared, sheet, out));
            }
            continue;
        }
        if declared.css.is_err() {
            continue;
        }
        // A site may have no other form; where it had one, that is missed.
        if declared.is_any {
            for sheet in locked(question, declared) {
                twins.extend(lost(question, map, declared, sheet, out));
            }
            continue;
        }
        let pointer = format!("{}/selector", declared.pointer);
        let what = format!(
            "`{}` matches no form on the pages checked",
            declared.selector
        );
        if let Some((place, shared)) = twin(question, map, declared, None) {
            twins.insert(place);
            let sheet = &question.sheets[place.0];
            let form = &sheet.forms[place.1];
            let span = sheet.page.attribute(form.node, "id");
            let finding = Finding::new(
                "form_missing",
                Level::Error,
                Place::in_page(&sheet.page, span),
                format!("{what}; this one has {shared} of form `{}`", declared.id),
            );
            let selector = selector_of(sheet, form);
            out.push(
                finding
                    .remedy(format!("give it back what the selector asks for, or write \"selector\": {selector:?} in the plan"))
                    .related(Place::in_file(&agreed.name, &pointer), "the selector")
                    .about(&declared.id, ""),
            );
            continue;
        }
        let was_here = locked(question, declared).next();
        let level = if question.is_whole || was_here.is_some() {
            Level::Error
        } else {
            Level::Note
        };
        let mut finding = Finding::new(
            "form_missing",
            level,
            Place::in_file(&agreed.name, &pointer),
            what,
        );
        finding = finding.remedy(if question.sheets.iter().any(Sheet::is_rendered) {
            "mend the selector, or check the page that has the form"
        } else {
            "mend the selector, check the page that has the form, or use --browser if a script builds it"
        });
        if let Some(sheet) = was_here {
            let page = Place::in_file(&question.sheets[sheet].page.name, "");
            finding = finding.related(page, "it was here");
        }
        out.push(finding.about(&declared.id, ""));
    }
    twins
}

/// The sheets of pages on which the form stood when the lock was written.
fn locked<'a>(
    question: &'a Question<'_>,
    declared: &Declared,
) -> impl Iterator<Item = usize> + use<'a> {
    let lock = question.lock;
    let pages = lock.map_or_else(Vec::new, |lock| lock.pages_of(&declared.id));
    let sheets = question.sheets.iter().enumerate();
    sheets
        .filter(move |(_, sheet)| {
            lock.is_some_and(|lock| pages.contains(&lock.page_name(&sheet.page.name).as_str()))
        })
        .map(|(at, _)| at)
}

/// The error that this page has the form no longer, though others have. Returns the form that it
/// probably became.
fn lost(
    question: &Question<'_>,
    map: &Map,
    declared: &Declared,
    sheet: usize,
    out: &mut Vec<Finding>,
) -> Option<(usize, usize)> {
    let page = &question.sheets[sheet].page;
    let what = format!(
        "form `{}` was on `{}` when the lock was written, and `{}` matches no form there now",
        declared.id, page.name, declared.selector
    );
    let twin = twin(question, map, declared, Some(sheet));
    let (place, what) = match &twin {
        Some(((_, form), shared)) => {
            let node = question.sheets[sheet].forms[*form].node;
            let place = Place::in_page(page, page.attribute(node, "id"));
            (place, format!("{what}; this one has {shared}"))
        }
        None => (Place::in_file(&page.name, ""), what),
    };
    let pointer = format!("{}/selector", declared.pointer);
    let selector = Place::in_file(&question.agreed.name, &pointer);
    let finding = Finding::new("form_missing", Level::Error, place, what);
    out.push(
        finding
            .remedy("give the page its form back, use --browser if a script builds it, or agree upon it by touchmark check --update")
            .related(selector, "the selector")
            .about(&declared.id, ""),
    );
    twin.map(|(place, _)| place)
}

/// Pages that had the form when the lock was written, and whose files are gone.
fn deleted(question: &Question<'_>, declared: &Declared, out: &mut Vec<Finding>) {
    let Some(lock) = question.lock.filter(|_| question.is_whole) else {
        return;
    };
    let pages = lock.pages_of(&declared.id).into_iter();
    for page in pages.filter(|page| lock.is_deleted(page)) {
        let what = format!("form `{}` was on `{page}`, which is gone", declared.id);
        let place = Place::in_file(&lock.name, &step(&step("/forms", &declared.id), "pages"));
        let finding = Finding::new("form_missing", Level::Warning, place, what);
        out.push(
            finding
                .remedy("give the page back, or agree upon it by touchmark check --update")
                .about(&declared.id, ""),
        );
    }
}

/// The form that shares most of the declared names, and of the required fields that its markup may
/// fill, if it is at least half of them; on one sheet or on any.
fn twin(
    question: &Question<'_>,
    map: &Map,
    declared: &Declared,
    only: Option<usize>,
) -> Option<((usize, usize), String)> {
    let asked = declared.open.iter().filter(|one| one.is_required);
    let wanted: Vec<&str> = declared
        .fields
        .iter()
        .chain(asked)
        .map(|one| one.field.as_str())
        .collect();
    let mut best: Option<(usize, (usize, usize))> = None;
    let sheets = question.sheets.iter().enumerate();
    for (at, sheet) in sheets.filter(|(at, _)| only.is_none_or(|only| only == *at)) {
        for (place, form) in sheet.forms.iter().enumerate() {
            if map.claimed.contains(&(at, place)) {
                continue;
            }
            let fed = mapping::fields(declared, &sheet.page, form);
            let has = |field: &&&str| {
                let mut feeding = fed.iter().filter(|one| one.field == **field);
                feeding.any(|one| form.named(&one.control).next().is_some())
            };
            let shared = wanted.iter().filter(has).count();
            if shared * 2 >= wanted.len().max(1) && best.is_none_or(|(most, _)| shared > most) {
                best = Some((shared, (at, place)));
            }
        }
    }
    let (shared, place) = best?;
    Some((place, format!("{shared} of the {} controls", wanted.len())))
}

/// A selector that would find the form.
pub fn selector_of(sheet: &Sheet, form: &Form) -> String {
    let element = sheet.page.element(form.node);
    for (name, open, close) in [
        ("id", "#", ""),
        ("name", "[name=\"", "\"]"),
        ("action", "[action=\"", "\"]"),
    ] {
        if let Some(value) = element.attr(name).filter(|value| !value.is_empty()) {
            let is_plain = |one: char| one.is_ascii_alphanumeric() || matches!(one, '-' | '_');
            if name != "id" {
                return format!("form{open}{value}{close}");
            }
            if value.chars().all(is_plain) && !value.starts_with(|one: char| one.is_ascii_digit()) {
                return format!("form#{value}");
            }
            return format!("form[id=\"{value}\"]");
        }
    }
    "form".to_owned()
}
