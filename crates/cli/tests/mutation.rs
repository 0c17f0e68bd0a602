//! The proof that `touchmark check` sees what breaks tracking: every control of the demo clinic
//! that the plan binds is renamed, removed, retyped and re-optioned, one change at a time.
//!
//! Prints a table, then every change that was not noticed, with the reason why it need not be;
//! a change without such a reason fails, and so does less than 99 of 100.
//! `cargo test -p touchmark-cli --test mutation -- --nocapture` shows it.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::path::{Path, PathBuf};

use serde_json::Value;
use support::{Scratch, here, read, touchmark};

/// One change to one page.
struct Mutant {
    form: String,
    control: String,
    kind: &'static str,
    what: String,
    page: String,
}

#[test]
fn changes_to_bound_controls_are_caught() {
    let mut total = BTreeMap::new();
    let mut missed = Vec::new();
    for (site, plan) in sites() {
        prove(&site, &plan, &mut total, &mut missed);
    }
    let mut caught_all = (0, 0);
    println!(
        "{:<34}{:>9}{:>9}{:>9}",
        "form, change", "changes", "caught", "missed"
    );
    for ((form, kind), (all, caught)) in &total {
        println!(
            "{:<34}{all:>9}{caught:>9}{:>9}",
            format!("{form}, {kind}"),
            all - caught
        );
        caught_all = (caught_all.0 + all, caught_all.1 + caught);
    }
    let (all, caught) = caught_all;
    println!("{:<34}{all:>9}{caught:>9}{:>9}", "all", all - caught);
    for one in &missed {
        println!("not caught: {one}");
    }
    assert!(all > 300, "only {all} changes were tried");
    assert!(caught * 100 >= all * 99, "{caught} of {all}");
}

/// Pages with a plan: the demo clinic, and any folder of test forms that has one.
fn sites() -> Vec<(PathBuf, PathBuf)> {
    let root = here("../../..");
    ["www", "www/forms", "tests/forms", "tests/e2e/forms"]
        .iter()
        .map(|folder| (root.join(folder), root.join(folder).join("plan.json")))
        .filter(|(_, plan)| plan.exists())
        .collect()
}

type Totals = BTreeMap<(String, &'static str), (usize, usize)>;

fn prove(site: &Path, plan: &Path, total: &mut Totals, missed: &mut Vec<String>) {
    let mut unexplained = Vec::new();
    let mutants = mutants(site, &read(plan));
    let scratch = Scratch::new(&format!(
        "site-{}",
        site.file_name().unwrap_or_default().to_string_lossy()
    ));
    for (number, mutant) in mutants.iter().enumerate() {
        scratch.write(&format!("pages/{number}.html"), &mutant.page);
    }
    // Of pages as they are nothing is told, so that what is told is about the change.
    let forms = read(plan)["forms"].as_array().map_or(0, Vec::len);
    for (number, page) in agreed_pages(site, &read(plan)).iter().enumerate() {
        scratch.write(&format!("pages/agreed-{number}.html"), page);
    }
    let plan = plan.canonicalize().expect("a plan");
    let args = [
        "check",
        "--plan",
        &plan.to_string_lossy(),
        "--lock",
        "none.json",
        "--format",
        "json",
        "pages/*.html",
    ];
    let output = touchmark(scratch.path(), &args);
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let told: BTreeSet<&str> = answer["findings"]
        .as_array()
        .expect("findings")
        .iter()
        .filter(|one| one["level"] != "note")
        .filter_map(|one| one["place"]["file"].as_str())
        .collect();
    for number in 0..forms {
        let agreed = format!("pages/agreed-{number}.html");
        assert!(
            !told.contains(agreed.as_str()),
            "{agreed} has findings without a change"
        );
    }
    for (number, mutant) in mutants.iter().enumerate() {
        let entry = total.entry((mutant.form.clone(), mutant.kind)).or_default();
        entry.0 += 1;
        if told.contains(format!("pages/{number}.html").as_str()) {
            entry.1 += 1;
            continue;
        }
        let reason = HARMLESS
            .iter()
            .find(|(what, _)| mutant.what.starts_with(what));
        let Mutant {
            form,
            control,
            what,
            ..
        } = mutant;
        match reason {
            Some((_, reason)) => missed.push(format!("{form}, {control}: {what}: {reason}")),
            None => unexplained.push(format!("{form}, {control}: {what}")),
        }
    }
    assert!(unexplained.is_empty(), "not noticed: {unexplained:#?}");
}

/// Changes that need not be noticed, each with the reason.
const HARMLESS: &[(&str, &str)] = &[];

/// Every change to every bound control of a site.
fn mutants(site: &Path, plan: &Value) -> Vec<Mutant> {
    let mut out = Vec::new();
    for form in plan["forms"].as_array().expect("forms") {
        let id = form["selector"]
            .as_str()
            .and_then(|text| text.strip_prefix("form#"))
            .expect("an id");
        let (page, range) = page_of(site, id);
        let body = &page[range.clone()];
        let names = |group: &str| -> Vec<String> {
            form[group]
                .as_object()
                .into_iter()
                .flat_map(|all| all.keys().cloned())
                .collect()
        };
        for (group, names) in [("fields", names("fields")), ("hidden", names("hidden"))] {
            for name in names {
                for (kind, what, changed) in changes(body, &name, group == "hidden") {
                    let page = format!("{}{changed}{}", &page[..range.start], &page[range.end..]);
                    assert_ne!(changed, body, "{name}: {what} changes nothing");
                    let form = form["id"].as_str().unwrap_or_default().to_owned();
                    out.push(Mutant {
                        form,
                        control: name.clone(),
                        kind,
                        what,
                        page,
                    });
                }
            }
        }
    }
    out
}

/// The pages of a plan's forms, as they are.
fn agreed_pages(site: &Path, plan: &Value) -> Vec<String> {
    let forms = plan["forms"].as_array().into_iter().flatten();
    let selectors = forms.filter_map(|form| form["selector"].as_str()?.strip_prefix("form#"));
    selectors.map(|id| page_of(site, id).0).collect()
}

/// The page that has a form of that id, and where the form is in it.
fn page_of(site: &Path, id: &str) -> (String, Range<usize>) {
    let mut folders = vec![site.to_owned()];
    while let Some(folder) = folders.pop() {
        for entry in std::fs::read_dir(&folder).expect("readable") {
            let path = entry.expect("an entry").path();
            if path.is_dir() {
                folders.push(path);
                continue;
            }
            if path.extension().is_none_or(|end| end != "html") {
                continue;
            }
            let text = std::fs::read_to_string(&path).expect("readable");
            let form = tags(&text, "form")
                .into_iter()
                .find(|tag| text[tag.clone()].contains(&format!("id=\"{id}\"")));
            if let Some(tag) = form {
                let end = tag.end + text[tag.end..].find("</form>").expect("an end");
                return (text, tag.start..end);
            }
        }
    }
    panic!("no page has form#{id}");
}

type Change = (&'static str, String, String);

fn changes(form: &str, name: &str, is_hidden: bool) -> Vec<Change> {
    let written = format!("name=\"{name}\"");
    let found: Vec<(&str, Range<usize>)> = ["input", "select", "textarea"]
        .into_iter()
        .flat_map(|kind| tags(form, kind).into_iter().map(move |tag| (kind, tag)))
        .filter(|(_, tag)| form[tag.clone()].contains(&written))
        .collect();
    assert!(!found.is_empty(), "{name} stands nowhere in {form}");
    let mut out: Vec<Change> = Vec::new();
    for new in [
        format!("{name}_new"),
        format!("new-{name}"),
        name.to_uppercase() + "X",
        format!("fields[{name}]"),
        "q7".to_owned(),
        String::new(),
    ] {
        out.push((
            "renamed",
            format!("to {new:?}"),
            form.replace(&written, &format!("name=\"{new}\"")),
        ));
    }
    out.push((
        "renamed",
        "attribute gone".to_owned(),
        form.replace(&written, ""),
    ));
    let (kind, first) = found[0].clone();
    let tag = &form[first.clone()];
    let whole: Range<usize> = match kind {
        "input" => first.clone(),
        kind => {
            let close = format!("</{kind}>");
            first.start..first.end + form[first.end..].find(&close).expect("an end") + close.len()
        }
    };
    let put = |range: &Range<usize>, new: &str| {
        format!("{}{new}{}", &form[..range.start], &form[range.end..])
    };
    if found.len() == 1 {
        out.push(("removed", "element".to_owned(), put(&whole, "")));
        out.push((
            "removed",
            "commented out".to_owned(),
            put(&whole, "<!-- -->"),
        ));
        let into = |attribute: &str| {
            put(
                &first,
                &tag.replacen(&written, &format!("{written} {attribute}"), 1),
            )
        };
        out.push((
            "removed",
            "given to another form".to_owned(),
            into("form=\"other\""),
        ));
        out.push((
            "removed",
            "into a template".to_owned(),
            put(
                &whole,
                &format!("<template>{}</template>", &form[whole.clone()]),
            ),
        ));
        if !is_hidden {
            out.push(("removed", "disabled".to_owned(), into("disabled")));
        }
    } else {
        let mut none = form.to_owned();
        for (_, tag) in found.iter().rev() {
            none.replace_range(tag.clone(), "");
        }
        out.push(("removed", "all of the group".to_owned(), none));
        for (at, (_, tag)) in found.iter().enumerate() {
            out.push(("removed", format!("number {at} of the group"), put(tag, "")));
        }
    }
    retypes(form, kind, name, &found, &whole, is_hidden, &mut out);
    reoptions(form, kind, &found, &whole, &mut out);
    out
}

fn retypes(
    form: &str,
    kind: &str,
    name: &str,
    found: &[(&str, Range<usize>)],
    whole: &Range<usize>,
    is_hidden: bool,
    out: &mut Vec<Change>,
) {
    let types = "text email tel url search number range date month week time datetime-local color checkbox radio file password hidden submit reset button";
    let put = |range: &Range<usize>, new: &str| {
        format!("{}{new}{}", &form[..range.start], &form[range.end..])
    };
    let first = &found[0].1;
    let tag = &form[first.clone()];
    if kind != "input" {
        for new in types.split(' ') {
            let input = format!(
                "<input id=\"{name}\" name=\"{name}\" type=\"{new}\" required maxlength=\"100\">"
            );
            out.push(("retyped", format!("{kind} to {new}"), put(whole, &input)));
        }
        return;
    }
    let old = value_of(tag, "type").unwrap_or("text");
    for new in types.split(' ').filter(|new| *new != old) {
        let retype = |tag: &str| match value_of(tag, "type") {
            Some(old) => tag.replacen(&format!("type=\"{old}\""), &format!("type=\"{new}\""), 1),
            None => tag.replacen("<input", &format!("<input type=\"{new}\""), 1),
        };
        let mut changed = form.to_owned();
        for (_, tag) in found.iter().rev() {
            let new = retype(&form[tag.clone()]);
            changed.replace_range(tag.clone(), &new);
        }
        out.push(("retyped", format!("{old} to {new}"), changed));
    }
    if found.len() == 1 && !is_hidden {
        let area = format!(
            "<textarea id=\"{name}\" name=\"{name}\" required maxlength=\"100\"></textarea>"
        );
        out.push(("retyped", format!("{old} to a textarea"), put(first, &area)));
        let select =
            format!("<select id=\"{name}\" name=\"{name}\" required><option>One</option></select>");
        out.push(("retyped", format!("{old} to a select"), put(first, &select)));
    }
}

fn reoptions(
    form: &str,
    kind: &str,
    found: &[(&str, Range<usize>)],
    whole: &Range<usize>,
    out: &mut Vec<Change>,
) {
    let options: Vec<Range<usize>> = match kind {
        "select" => {
            let inside = tags(&form[whole.clone()], "option").into_iter();
            inside
                .map(|tag| tag.start + whole.start..tag.end + whole.start)
                .collect()
        }
        _ if found.len() > 1 => found.iter().map(|(_, tag)| tag.clone()).collect(),
        _ => return,
    };
    for tag in options {
        let text = &form[tag.clone()];
        let Some(value) = value_of(text, "value").filter(|value| !value.is_empty()) else {
            continue;
        };
        let written = format!("value=\"{value}\"");
        let mut add = |what: &str, new: String| {
            out.push((
                "re-optioned",
                format!("{value} {what}"),
                format!("{}{new}{}", &form[..tag.start], &form[tag.end..]),
            ));
        };
        add(
            "changed",
            text.replace(&written, "value=\"something-else\""),
        );
        add(
            "in capitals",
            text.replace(&written, &format!("value=\"{}\"", value.to_uppercase())),
        );
        add("emptied", text.replace(&written, "value=\"\""));
        add("without value", text.replace(&written, ""));
        add(
            "disabled",
            text.replace(&written, &format!("{written} disabled")),
        );
        add(
            "doubled by a new one",
            format!("{}{text}", text.replace(&written, "value=\"brand-new\"")),
        );
        if kind == "select" {
            add("removed", "<!-- -->".to_owned());
        }
    }
}

/// The start tags of a kind. The demo's attributes hold no `>`.
fn tags(text: &str, kind: &str) -> Vec<Range<usize>> {
    let open = format!("<{kind}");
    let starts = text.match_indices(&open).map(|(at, _)| at);
    starts
        .filter(|at| text[at + open.len()..].starts_with([' ', '>', '\n']))
        .map(|at| at..at + text[at..].find('>').expect("an end") + 1)
        .collect()
}

fn value_of<'a>(tag: &'a str, attribute: &str) -> Option<&'a str> {
    let open = format!(" {attribute}=\"");
    let at = tag.find(&open)? + open.len();
    Some(&tag[at..at + tag[at..].find('"')?])
}
