//! The proof that `touchmark check` sees what breaks tracking: every control that a plan binds, of
//! the demo clinic and of the form test site, is renamed, removed, retyped and re-optioned, one
//! change at a time.
//!
//! A change counts as caught when check tells something that it does not tell of the page as it was.
//! Prints a table, then every change that was not noticed, with the reason why it need not be;
//! a change without such a reason fails, and so does less than 99 of 100. Forms that are not in a
//! page's text are counted with the reason.
//! `cargo test -p touchmark-cli --test mutation -- --nocapture` shows it.

mod support;

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;
use std::process::Command;

use serde_json::Value;
use support::mutant::{changes, controls, tags, value_of};
use support::{Scratch, here, read, touchmark};

/// A document and the source plan that it is checked by.
struct Page {
    site: &'static str,
    name: String,
    html: String,
    plan: Value,
    /// Whether a library in the browser makes its forms.
    is_built: bool,
}

/// One change to one page.
struct Mutant {
    /// Which page it was made from.
    base: usize,
    control: String,
    kind: &'static str,
    what: String,
    html: String,
}

/// What all of it came to.
#[derive(Default)]
struct Proof {
    /// Changes and those that were caught, by site and kind.
    total: BTreeMap<(&'static str, &'static str), (usize, usize)>,
    controls: usize,
    missed: Vec<String>,
    unexplained: Vec<String>,
    /// What was not changed, by reason.
    left: BTreeMap<String, Vec<String>>,
}

#[test]
fn changes_to_bound_controls_are_caught() {
    let mut proof = Proof::default();
    let mut by_plan: BTreeMap<String, Vec<Page>> = BTreeMap::new();
    for page in demo().into_iter().chain(form_site()) {
        by_plan.entry(page.plan.to_string()).or_default().push(page);
    }
    for (number, pages) in by_plan.values().enumerate() {
        prove(number, pages, &mut proof);
    }
    let (all, caught) = proof.print();
    assert!(
        proof.unexplained.is_empty(),
        "not noticed, without a reason: {:#?}",
        proof.unexplained
    );
    assert!(all > 3000, "only {all} changes were tried");
    assert!(caught * 100 >= all * 99, "{caught} of {all}");
}

/// The clinic's pages that have a form.
fn demo() -> Vec<Page> {
    let root = here("../../../www");
    let mut plan = read(&root.join("plan.json"));
    plan["schema"] = here("../../../spec/event.schema.json")
        .to_string_lossy()
        .into();
    ["appointment", "callback", "app"]
        .into_iter()
        .map(|name| Page {
            site: "demo clinic",
            name: name.to_owned(),
            html: std::fs::read_to_string(root.join(name).join("index.html")).expect("readable"),
            plan: plan.clone(),
            is_built: false,
        })
        .collect()
}

/// The form test site's pages, as tests/e2e/forms writes them.
fn form_site() -> Vec<Page> {
    let root = here("../../..");
    let output = Command::new("node")
        .arg("tests/e2e/forms/written.mjs")
        .current_dir(&root)
        .output()
        .expect("Node runs: install Node 20 or newer");
    assert!(
        output.status.success(),
        "`cargo xtask setup` installs what is missing: {}",
        String::from_utf8_lossy(&output.stderr)
    );
    let written: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let pages = written.as_array().expect("a list").iter();
    pages
        .map(|page| Page {
            site: "form test site",
            name: page["name"].as_str().expect("a name").to_owned(),
            html: page["html"].as_str().expect("a document").to_owned(),
            plan: page["plan"].clone(),
            is_built: page["app"].is_string(),
        })
        .collect()
}

fn prove(number: usize, pages: &[Page], proof: &mut Proof) {
    let mutants: Vec<Mutant> = pages
        .iter()
        .enumerate()
        .flat_map(|(base, page)| mutants(base, page, proof))
        .collect();
    if mutants.is_empty() {
        return;
    }
    let scratch = Scratch::new(&format!("site-{number}"));
    scratch.write("plan.json", &pages[0].plan.to_string());
    for (number, page) in pages.iter().enumerate() {
        scratch.write(&format!("pages/as-it-was-{number}.html"), &page.html);
    }
    for (number, mutant) in mutants.iter().enumerate() {
        scratch.write(&format!("pages/{number}.html"), &mutant.html);
    }
    let args = [
        "check",
        "--plan",
        "plan.json",
        "--format",
        "json",
        "pages/*.html",
    ];
    let output = touchmark(scratch.path(), &args);
    let answer: Value = serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
        panic!(
            "{}: {}",
            pages[0].name,
            String::from_utf8_lossy(&output.stderr)
        )
    });
    let told = told(&answer);
    let none = BTreeSet::new();
    for (number, page) in pages.iter().enumerate() {
        let before = told.get(&format!("pages/as-it-was-{number}.html"));
        // Of the clinic's own pages nothing is told.
        assert!(
            page.site != "demo clinic" || before.is_none(),
            "{} has findings without a change: {before:?}",
            page.name
        );
    }
    for (number, mutant) in mutants.iter().enumerate() {
        let page = &pages[mutant.base];
        let before = told.get(&format!("pages/as-it-was-{}.html", mutant.base));
        let after = told.get(&format!("pages/{number}.html")).unwrap_or(&none);
        let entry = proof.total.entry((page.site, mutant.kind)).or_default();
        entry.0 += 1;
        if !after.is_subset(before.unwrap_or(&none)) {
            entry.1 += 1;
            continue;
        }
        let Mutant { control, what, .. } = mutant;
        let change = format!("{}, {control}: {what}", page.name);
        let reason = HARMLESS
            .iter()
            .find(|(name, start, _)| page.name.starts_with(name) && what.starts_with(start));
        match reason {
            Some((_, _, reason)) => proof.missed.push(format!("{change}: {reason}")),
            None => proof.unexplained.push(change),
        }
    }
}

/// Changes that need not be noticed: page and change by how they begin, and the reason.
const HARMLESS: &[(&str, &str, &str)] = &[
    (
        "",
        "text to tel",
        "it takes the same values, with the keyboard that fits",
    ),
    ("", "text to search", "it takes the same values"),
    (
        "no-form-element",
        "given to another form",
        "the page has no form of that name, so the control stays the container's",
    ),
];

/// Errors and warnings of each file.
fn told(answer: &Value) -> BTreeMap<String, BTreeSet<String>> {
    let mut told: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    let findings = answer["findings"].as_array().expect("findings").iter();
    for one in findings.filter(|one| one["level"] != "note") {
        let file = one["place"]["file"].as_str().unwrap_or_default();
        let what = format!("{} {}", one["code"], one["what"]);
        told.entry(file.to_owned()).or_default().insert(what);
    }
    told
}

/// Every change to every bound control of a page.
fn mutants(base: usize, page: &Page, proof: &mut Proof) -> Vec<Mutant> {
    let mut out = Vec::new();
    let (text, hidden) = hide(&page.html);
    for form in page.plan["forms"].as_array().expect("forms") {
        let selector = form["selector"].as_str().expect("a selector");
        let Some(range) = form_of(&text, selector) else {
            // The clinic's forms stand on a page each.
            if page.site == "form test site" {
                proof.leave(why_not(page), &page.name);
            }
            continue;
        };
        let body = &text[range.clone()];
        for (group, is_hidden) in [("fields", false), ("hidden", true)] {
            for name in form[group]
                .as_object()
                .into_iter()
                .flat_map(|all| all.keys())
            {
                if controls(body, name).is_empty() {
                    let control = format!("{}: {name}", page.name);
                    proof.leave(
                        "the control stands outside of the form's text, or is a script's or a custom element",
                        &control,
                    );
                    continue;
                }
                proof.controls += 1;
                for (kind, what, changed) in changes(body, name, is_hidden) {
                    assert_ne!(
                        changed, body,
                        "{}, {name}: {what} changes nothing",
                        page.name
                    );
                    let html = format!("{}{changed}{}", &text[..range.start], &text[range.end..]);
                    out.push(Mutant {
                        base,
                        control: name.clone(),
                        kind,
                        what,
                        html: show(html, &hidden),
                    });
                }
            }
        }
    }
    out
}

/// The page with marks for what is no markup of its own: scripts, styles, templates, comments.
fn hide(html: &str) -> (String, Vec<String>) {
    let mut hidden = Vec::new();
    let mut text = String::new();
    let mut rest = html;
    let ends = [
        ("<script", "</script>"),
        ("<style", "</style>"),
        ("<template", "</template>"),
        ("<!--", "-->"),
    ];
    while let Some((at, end)) = ends
        .iter()
        .filter_map(|(open, end)| Some((rest.find(open)?, end)))
        .min()
    {
        let length = rest[at..].find(end).expect("an end") + end.len();
        text.push_str(&rest[..at]);
        text.push_str(&mark(hidden.len()));
        hidden.push(rest[at..at + length].to_owned());
        rest = &rest[at + length..];
    }
    text.push_str(rest);
    (text, hidden)
}

fn show(mut text: String, hidden: &[String]) -> String {
    for (number, piece) in hidden.iter().enumerate() {
        text = text.replace(&mark(number), piece);
    }
    text
}

fn mark(number: usize) -> String {
    format!("\u{1}{number}\u{2}")
}

/// Where a selector's form is: `#id`, `form#id`, an attribute's value, or a container's class.
fn form_of(text: &str, selector: &str) -> Option<Range<usize>> {
    if let Some(class) = selector.strip_prefix('.') {
        let mut tags = tags(text, "div").into_iter();
        let tag = tags.find(|tag| value_of(&text[tag.clone()], "class") == Some(class))?;
        let end = tag.end + text[tag.end..].find("</div>")?;
        return Some(tag.start..end);
    }
    let (attribute, value) = match selector.split_once('#') {
        Some((_, id)) => ("id", id),
        None => selector
            .strip_prefix("form[")?
            .strip_suffix("\"]")?
            .split_once("=\"")?,
    };
    let tag = tags(text, "form")
        .into_iter()
        .find(|tag| value_of(&text[tag.clone()], attribute) == Some(value))?;
    let end = tag.end + text[tag.end..].find("</form>")?;
    Some(tag.start..end)
}

/// Why a page's text has no form of the plan.
fn why_not(page: &Page) -> &'static str {
    let holds = |text: &str| page.html.contains(text);
    if page.is_built {
        "a library builds the form in the browser: its text is no markup, `check --browser` sees it"
    } else if holds("attachShadow") || holds("shadowrootmode") {
        "in a shadow tree, which check does not read"
    } else if holds("<iframe") {
        "in a frame: a page of its own, checked as such"
    } else if holds("#lead") || holds("id=\\\"lead") {
        "a script puts the form in: its text is no markup, `check --browser` sees it"
    } else {
        "a vendor's frame or script has the form, or the page is about having none"
    }
}

impl Proof {
    fn leave(&mut self, why: &str, what: &str) {
        let left = self.left.entry(why.to_owned()).or_default();
        left.push(what.to_owned());
    }

    /// The table; all changes and all that were caught.
    fn print(&self) -> (usize, usize) {
        let row = |title: &str, all: usize, caught: usize| {
            println!("{title:<34}{all:>9}{caught:>9}{:>9}", all - caught);
        };
        println!(
            "{:<34}{:>9}{:>9}{:>9}",
            "site, change", "changes", "caught", "missed"
        );
        let mut sum = (0, 0);
        for ((site, kind), (all, caught)) in &self.total {
            row(&format!("{site}, {kind}"), *all, *caught);
            sum = (sum.0 + all, sum.1 + caught);
        }
        row("all", sum.0, sum.1);
        println!("{} bound controls", self.controls);
        for one in &self.missed {
            println!("not caught: {one}");
        }
        for (why, pages) in &self.left {
            println!("not changed, {}: {why}: {}", pages.len(), pages.join(", "));
        }
        sum
    }
}
