//! Whether touchmark comes to the pages that have a form.
//!
//! As far as markup tells: its own tag, or a tag manager's. A site whose scripts bring it shows none
//! anywhere, so a page is told only beside others that have the tag. Not here: pages that a success
//! leads to (`signals`).

use scraper::ElementRef;

use super::super::finding::{Finding, Level, Place};
use super::{Map, Question, Sheet, in_template};

pub fn check(question: &Question<'_>, map: &Map, out: &mut Vec<Finding>) {
    let has_any = question.sheets.iter().any(is_loaded);
    for (at, sheet) in question.sheets.iter().enumerate() {
        let mut forms = map.forms.iter().flat_map(|(id, all)| {
            let own = all.iter().filter(|found| found.sheet == at);
            own.map(|found| (*id, found.form))
        });
        let Some((declared, form)) = forms.next().filter(|_| !is_loaded(sheet)) else {
            continue;
        };
        let id = &question.agreed.forms[declared].id;
        let page = &sheet.page;
        let lost = format!("nothing is told of form `{id}`");
        let idle = scripts(sheet).find(|one| is_named(*one) && !runs(*one));
        let finding = match idle {
            Some(idle) => {
                let attribute = match idle.attr("nomodule") {
                    Some(_) => "nomodule",
                    None => "type",
                };
                let is_held = HELD.iter().any(|name| idle.attr(name).is_some())
                    || idle
                        .value()
                        .classes()
                        .any(|one| HELD_CLASSES.iter().any(|start| one.starts_with(start)));
                let level = if is_held {
                    Level::Warning
                } else {
                    Level::Error
                };
                let what =
                    format!("browsers don't run touchmark's tag with this {attribute}: {lost}");
                let place = Place::in_page(page, page.attribute(idle.id(), attribute));
                let finding = Finding::new("tag_missing", level, place, what);
                finding.remedy(format!(
                    "take {attribute} away: touchmark waits for consent by itself"
                ))
            }
            None if has_any => {
                // A module may have it among its own.
                let is_bundled = scripts(sheet).any(|one| one.attr("type") == Some("module"));
                let level = if is_bundled {
                    Level::Warning
                } else {
                    Level::Error
                };
                let what =
                    format!("this page has no tag of touchmark, which other pages have: {lost}");
                let place = Place::in_page(page, page.tag(sheet.forms[form].node));
                let finding = Finding::new("tag_missing", level, place, what);
                finding.remedy("add the tag as on the other pages")
            }
            None => continue,
        };
        out.push(finding.about(id, ""));
    }
}

/// Whether the page has touchmark's tag, or a tag manager that may bring it, and browsers run it.
pub fn is_loaded(sheet: &Sheet) -> bool {
    let has = |text: &str| text.contains("touchmark") || text.contains("gtm.js");
    scripts(sheet).any(|one| {
        runs(one)
            && (one.attr("data-plan").is_some()
                || one.attr("src").is_some_and(has)
                || one.text().any(has))
    })
}

fn scripts(sheet: &Sheet) -> impl Iterator<Item = ElementRef<'_>> {
    let all = sheet.page.elements();
    all.filter(|one| one.value().name() == "script" && !in_template(*one))
}

/// Touchmark's own tag, by its address or its plan.
fn is_named(script: ElementRef<'_>) -> bool {
    let src = script.attr("src");
    script.attr("data-plan").is_some() || src.is_some_and(|src| src.contains("touchmark"))
}

/// Whether browsers run a script. Source: WHATWG HTML, "prepare the script element".
fn runs(script: ElementRef<'_>) -> bool {
    let kind = script.attr("type").unwrap_or_default().trim();
    let kind = kind.to_ascii_lowercase();
    let is_module = kind == "module";
    let is_classic = kind.is_empty() || SCRIPTS.contains(&kind.as_str());
    is_module || is_classic && script.attr("nomodule").is_none()
}

/// The types that mean JavaScript. Source: WHATWG MIME Sniffing.
const SCRIPTS: &[&str] = &[
    "text/javascript",
    "application/javascript",
    "application/x-javascript",
    "text/x-javascript",
    "text/ecmascript",
    "application/ecmascript",
    "text/jscript",
    "text/livescript",
];
/// By which consent managers know the scripts that they let run later.
const HELD: &[&str] = &[
    "data-cookieconsent",
    "data-category",
    "data-categories",
    "data-cookiecategory",
    "data-usercentrics",
    "data-cmp-vendor",
    "data-vendor",
    "data-service",
];
const HELD_CLASSES: &[&str] = &["optanon-category", "ot-vscat", "cmplazyload", "didomi"];
