//! What a control is called, for people: labels, aria-label, titles.
//!
//! Beside `form`. Enough of the accessible name to tell one from none, and to show it.
//! Source: WHATWG HTML, "the label element"; W3C accname 1.2, simplified.

use std::collections::HashMap;

use scraper::ElementRef;

use super::control::{kind_of, words};
use super::form::{Ids, by_id, is_html};
use super::page::{NodeId, Page};

/// The texts of the labels for each control.
pub fn labels(elements: &[ElementRef<'_>], ids: &Ids) -> HashMap<NodeId, String> {
    let mut labels: HashMap<NodeId, String> = HashMap::new();
    for label in elements.iter().filter(|one| is_html(one, "label")) {
        let target = match label.attr("for") {
            Some(id) => by_id(ids, *label, id),
            None => {
                let mut inside = label.descendants().filter_map(ElementRef::wrap);
                let target = inside.find(|one| {
                    kind_of(*one)
                        .is_some_and(|kind| !matches!(kind, "fieldset" | "object" | "hidden"))
                });
                target.map(|one| one.id())
            }
        };
        if let Some(target) = target {
            let known = labels.entry(target).or_default();
            known.push(' ');
            known.push_str(&text_of(*label, DEPTH));
        }
    }
    labels
}

/// A simplification of accname: enough to tell a name from none, and to show it.
pub fn accessible_name(
    page: &Page,
    element: ElementRef<'_>,
    kind: &str,
    labels: &HashMap<NodeId, String>,
    ids: &Ids,
) -> String {
    let attr = |name: &str| words(element.attr(name).unwrap_or_default());
    let referred = element.attr("aria-labelledby").unwrap_or_default();
    let referred: Vec<String> = referred
        .split_ascii_whitespace()
        .filter_map(|id| by_id(ids, element, id))
        .map(|node| words(&text_of(page.element(node), DEPTH)))
        .collect();
    let own = match kind {
        "submit" if element.value().name() == "input" => match element.attr("value") {
            // The browser's own word stands on a button without any.
            None => "Submit".to_owned(),
            Some(value) => words(value),
        },
        "image" => attr("alt"),
        "submit" | "button" | "reset" if element.value().name() == "button" => {
            words(&text_of(element, DEPTH))
        }
        _ => String::new(),
    };
    let label = labels.get(&element.id()).map(|text| words(text));
    let named = [
        referred.join(" "),
        attr("aria-label"),
        label.unwrap_or_default(),
        own,
        attr("title"),
    ];
    named
        .into_iter()
        .find(|name| !name.is_empty())
        .unwrap_or_default()
}

/// The accessible name of anything that can be clicked.
pub fn name_of(page: &Page, element: ElementRef<'_>) -> String {
    let own = kind_of(element).unwrap_or("button");
    let known = accessible_name(page, element, own, &HashMap::new(), &Ids::new());
    match known.is_empty() {
        true => words(&text_of(element, DEPTH)),
        false => known,
    }
}

/// The text that assistive technology would read: names of images too, nothing that is hidden.
fn text_of(element: ElementRef<'_>, depth: u32) -> String {
    let mut text = String::new();
    if depth == 0 {
        return text;
    }
    for child in element.children() {
        if let Some(piece) = child.value().as_text() {
            text.push_str(piece);
        } else if let Some(inner) = ElementRef::wrap(child) {
            let is_hidden = inner.attr("aria-hidden") == Some("true")
                || inner.attr("hidden").is_some()
                || matches!(
                    inner.value().name(),
                    "script" | "style" | "template" | "select" | "textarea"
                );
            if is_hidden {
                continue;
            }
            let name = ["aria-label", "alt"]
                .iter()
                .find_map(|name| inner.attr(name));
            match name {
                Some(name) => text.push_str(name),
                None => text.push_str(&text_of(inner, depth - 1)),
            }
            text.push(' ');
        }
    }
    text
}

/// How deep a label's markup is read: a page that never closes its elements nests without end.
const DEPTH: u32 = 64;
