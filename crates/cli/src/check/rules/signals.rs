//! Whether the declared outcomes can be seen at all.
//!
//! By what js/signals.ts looks at: a path that is newly reached, a selector that newly shows
//! text, a request's answer.

use super::super::agreed::{Agreed, Declared, Signal, SignalKind};
use super::super::finding::{Finding, Level, Place};
use super::super::page::Page;
use super::tag::is_loaded;
use super::{Sheet, View};
use crate::plan::suggest;

use scraper::Selector;

/// What the plan alone tells.
pub fn plan(agreed: &Agreed, out: &mut Vec<Finding>) {
    let paths = agreed.paths();
    for declared in &agreed.forms {
        let add = |signal: &Signal, code, level, what: String, remedy: String| {
            let place = Place::in_file(&agreed.name, &signal.pointer);
            Finding::new(code, level, place, what)
                .remedy(remedy)
                .about(&declared.id, "")
        };
        for signal in &declared.success {
            if declared
                .failure
                .iter()
                .any(|other| other.kind == signal.kind)
            {
                let what =
                    "this stands for success and for failure; failure would win, always".to_owned();
                out.push(add(
                    signal,
                    "signal_contradicts",
                    Level::Error,
                    what,
                    "keep one of them".to_owned(),
                ));
            }
        }
        for signal in declared.success.iter().chain(&declared.failure) {
            match &signal.kind {
                SignalKind::Url(url)
                    if url.ends_with('*') || url.contains('?') || url.contains('#') =>
                {
                    let what = format!("`{url}` is no exact path, so it is never reached");
                    out.push(add(
                        signal,
                        "signal_impossible",
                        Level::Error,
                        what,
                        "write the path alone, as in /thank-you/".to_owned(),
                    ));
                }
                SignalKind::Url(url) if !is_listed(&paths, url) => {
                    let near = suggest::nearest(url, paths.iter().copied());
                    let guess = near
                        .map(|near| format!("did you mean `{near}`? "))
                        .unwrap_or_default();
                    let level = if near.is_some() {
                        Level::Error
                    } else {
                        Level::Warning
                    };
                    let what = format!("`{url}` is the path of no page in the plan");
                    out.push(add(
                        signal,
                        "signal_url_unlisted",
                        level,
                        what,
                        format!("{guess}list it under pages"),
                    ));
                }
                SignalKind::Selector(selector) if Selector::parse(selector).is_err() => {
                    let what = format!("`{selector}` can't be asked of a page");
                    out.push(add(
                        signal,
                        "signal_unreadable",
                        Level::Error,
                        what,
                        "write it as CSS".to_owned(),
                    ));
                }
                _ => {}
            }
        }
    }
}

/// What the page adds to that.
pub fn check(view: &View<'_>, sheets: &[Sheet], out: &mut Vec<Finding>) {
    let declared = view.declared;
    let method = view
        .attr("method")
        .unwrap_or("get")
        .trim()
        .to_ascii_lowercase();
    let action = view.attr("action").unwrap_or_default().trim().to_owned();
    if method == "dialog" {
        let what = "method=\"dialog\" closes a dialog and sends nothing".to_owned();
        let finding = view.at_form("method", "form_dialog", Level::Error, what);
        out.push(
            finding
                .remedy("write method=\"post\"")
                .about(&declared.id, ""),
        );
    }
    if let Some(why) = not_plain(view, &method, &action)
        && declared.success.is_empty()
    {
        let what =
            format!("nothing says when this form was accepted, and it is no plain POST: {why}");
        let finding = view.at_form("method", "signal_missing", Level::Error, what);
        out.push(
            finding
                .remedy("declare success in the plan: a url, a selector, or {\"request\": true}; else every outcome stays `unconfirmed`")
                .related(view.plan_place(&declared.pointer), "the form in the plan")
                .about(&declared.id, ""),
        );
    }
    for (signal, is_success) in signals(declared) {
        judge(view, sheets, signal, is_success, &method, &action, out);
    }
}

fn judge(
    view: &View<'_>,
    sheets: &[Sheet],
    signal: &Signal,
    is_success: bool,
    method: &str,
    action: &str,
    out: &mut Vec<Finding>,
) {
    let declared = view.declared;
    let place = view.plan_place(&signal.pointer);
    let mut add = |code, level, what: String, remedy: &str| {
        let form = Place::in_page(view.page, view.page.tag(view.form.node));
        let finding = Finding::new(code, level, place.clone(), what).remedy(remedy);
        out.push(finding.related(form, "the form").about(&declared.id, ""));
    };
    match &signal.kind {
        SignalKind::Url(url) => {
            if view.sheet.path.as_deref() == Some(url) && is_success {
                let what = format!(
                    "`{url}` is the form's own path: it is there before anything was sent, and after a refusal too"
                );
                add(
                    "signal_impossible",
                    Level::Error,
                    what,
                    "let success lead to a page of its own, or use a selector",
                );
            }
            let next = sheets
                .iter()
                .find(|sheet| sheet.path.as_deref() == Some(url));
            if let Some(next) =
                next.filter(|next| !next.is_rendered() && is_loaded(view.sheet) && !is_loaded(next))
            {
                let what = format!(
                    "the page at `{url}` doesn't load touchmark, so nobody sees that it was reached"
                );
                let finding = Finding::new("signal_impossible", Level::Error, place, what);
                let other = Place::in_file(&next.page.name, "");
                out.push(
                    finding
                        .remedy("add the tag there too")
                        .related(other, "the page")
                        .about(&declared.id, ""),
                );
            }
        }
        SignalKind::Selector(selector) => {
            let Ok(css) = Selector::parse(selector) else {
                return;
            };
            if let Some(near) = misspelt(view.page, sheets, selector) {
                let what = format!("no page has the class of `{selector}`");
                let remedy = format!("did you mean `.{near}`?");
                add("signal_unlikely", Level::Warning, what, &remedy);
            }
            let shown = match &view.sheet.shown {
                Some(shown) => shown
                    .contains(selector)
                    .then_some("shows text as soon as the page is loaded"),
                None => view
                    .page
                    .elements()
                    .any(|one| css.matches(&one) && !super::in_template(one) && is_open(one))
                    .then_some("stands on the page from the start, with text in it"),
            };
            if let Some(shown) = shown {
                let what = format!("`{selector}` {shown}, so it can't newly appear");
                let level = if view.sheet.is_rendered() {
                    Level::Error
                } else {
                    Level::Warning
                };
                add(
                    "signal_always",
                    level,
                    what,
                    "let it be empty or hidden until then; --browser tells what is really shown",
                );
            }
        }
        SignalKind::Request
            if declared.request.is_none()
                && (action.is_empty() || action.starts_with(['#', '?']) || is_script(action)) =>
        {
            let what = "the form names no path of its own that a request could call".to_owned();
            add(
                "signal_impossible",
                Level::Error,
                what,
                "name the path as `request` in the plan",
            );
        }
        SignalKind::Request if method == "dialog" => {
            add(
                "signal_impossible",
                Level::Error,
                "a dialog sends no request".to_owned(),
                "write method=\"post\"",
            );
        }
        SignalKind::Request => {
            let path = action_path(action);
            let other = declared.request.as_deref().zip(path.as_deref());
            if let Some((request, path)) = other.filter(|(request, path)| {
                request != path && request.trim_end_matches('/') == path.trim_end_matches('/')
            }) {
                let what = format!(
                    "the plan's request `{request}` and the form's action `{path}` differ by a slash, and paths are compared exactly"
                );
                add("signal_impossible", Level::Error, what, "write both alike");
            }
        }
    }
}

/// The page's class that a selector of one class was meant to be, where no page's text has its own.
fn misspelt<'p>(page: &'p Page, sheets: &[Sheet], selector: &str) -> Option<&'p str> {
    let class = selector.trim().strip_prefix('.')?;
    let is_plain = |one: char| one.is_alphanumeric() || matches!(one, '-' | '_');
    if !class.chars().all(is_plain) || sheets.iter().any(|one| one.page.text.contains(class)) {
        return None;
    }
    let classes = page.elements().flat_map(|one| one.value().classes());
    suggest::nearest(class, classes.filter(|known| is_slip(class, known)))
}

/// Whether two words differ in one letter, two swapped neighbours, or case and separators alone;
/// `form-sent` and `form-text` are both meant.
fn is_slip(one: &str, other: &str) -> bool {
    let letters = |word: &str| -> Vec<char> {
        let all = word.to_lowercase().replace('_', "-");
        all.chars().collect()
    };
    let (one, other) = (letters(one), letters(other));
    let alike = |pairs: &mut dyn Iterator<Item = (&char, &char)>| {
        pairs.take_while(|(one, other)| one == other).count()
    };
    let head = alike(&mut one.iter().zip(&other));
    let tail = alike(&mut one[head..].iter().rev().zip(other[head..].iter().rev()));
    let (one, other) = (
        &one[head..one.len() - tail],
        &other[head..other.len() - tail],
    );
    let is_swap = matches!((one, other), ([a, b], [c, d]) if a == d && b == c);
    is_swap || one.len().max(other.len()) < 2
}

fn signals(declared: &Declared) -> impl Iterator<Item = (&Signal, bool)> {
    let success = declared.success.iter().map(|one| (one, true));
    success.chain(declared.failure.iter().map(|one| (one, false)))
}

/// Why a browser alone doesn't send the form as a POST that a next page answers.
fn not_plain(view: &View<'_>, method: &str, action: &str) -> Option<String> {
    let has = |name: &str| view.attr(name).is_some();
    if view.form.is_container {
        return Some("it is no <form>, so a script sends it".to_owned());
    }
    if method != "post" {
        return Some(format!(
            "it is sent with {}",
            if method == "dialog" { "dialog" } else { "GET" }
        ));
    }
    if view.declared.request.is_some() {
        return Some("the plan says that a script sends it".to_owned());
    }
    if is_script(action) || action.starts_with('#') {
        return Some("its action leads nowhere".to_owned());
    }
    if view
        .attr("onsubmit")
        .is_some_and(|code| code.contains("false") || code.contains("preventDefault"))
    {
        return Some("its onsubmit handler takes it over".to_owned());
    }
    if let Some(target) = view
        .attr("target")
        .filter(|target| !matches!(*target, "" | "_self" | "_top" | "_parent"))
    {
        return Some(format!(
            "the answer goes to another frame or window, `{target}`"
        ));
    }
    let scripted = TAKEN_OVER.iter().find(|name| has(name));
    if let Some(name) = scripted {
        return Some(format!("{name} hands it to a script"));
    }
    let other = view.form.submits().find(|one| {
        one.attr(view.page, "formmethod")
            .is_some_and(|method| !method.eq_ignore_ascii_case("post"))
    });
    other.map(|_| "a button sends it by another method".to_owned())
}

/// Browsers run it in place of sending anything.
pub fn is_script(action: &str) -> bool {
    action.to_ascii_lowercase().starts_with("javascript:")
}

fn is_listed(paths: &[&str], url: &str) -> bool {
    paths.iter().any(|path| match path.strip_suffix('*') {
        Some(stem) => url.starts_with(stem),
        None => *path == url,
    })
}

/// The path of an action, where it is written out.
fn action_path(action: &str) -> Option<String> {
    let rest = match action.find("://") {
        Some(at) => {
            let rest = &action[at + 3..];
            rest.find('/').map_or("/", |slash| &rest[slash..])
        }
        None if action.starts_with('/') && !action.starts_with("//") => action,
        None => return None,
    };
    rest.split(['?', '#']).next().map(str::to_owned)
}

/// Shows text, as far as markup tells.
fn is_open(element: scraper::ElementRef<'_>) -> bool {
    let is_hidden = |one: &scraper::ElementRef<'_>| {
        let style = one.attr("style").unwrap_or_default().replace(' ', "");
        one.attr("hidden").is_some()
            || style.contains("display:none")
            || matches!(
                one.value().name(),
                "noscript" | "template" | "script" | "style"
            )
            || (one.value().name() == "dialog" && one.attr("open").is_none())
    };
    let around = element.ancestors().filter_map(scraper::ElementRef::wrap);
    !std::iter::once(element)
        .chain(around)
        .any(|one| is_hidden(&one))
        && element.text().any(|text| !text.trim().is_empty())
}

/// Attributes by which libraries send forms themselves.
const TAKEN_OVER: &[&str] = &[
    "hx-post",
    "data-hx-post",
    "hx-put",
    "hx-get",
    "hx-boost",
    "data-remote",
    "data-turbo-frame",
    "up-submit",
    "data-ajax",
    "x-on:submit.prevent",
    "@submit.prevent",
    "wire:submit",
    "wire:submit.prevent",
    "ng-submit",
    "(ngsubmit)",
    "v-on:submit.prevent",
    "data-netlify-ajax",
];
