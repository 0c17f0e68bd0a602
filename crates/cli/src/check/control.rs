//! A control as a browser sees it: its kind, why it sends nothing, what may be chosen.
//!
//! After `page`, beside `form`, which says whose it is.
//! Source: WHATWG HTML, "form control infrastructure" and "constructing the entry list".

use std::collections::HashMap;

use scraper::ElementRef;

use super::form::{Ids, around, is_html};
use super::label::accessible_name;
use super::page::{NodeId, Page, Span};

/// A listed element, or an image button, which a form submits though it doesn't list it.
pub struct Control {
    pub node: NodeId,
    /// What its `type` says in a browser: `text`, `select-one`, `textarea`, `submit`, `custom`.
    pub kind: &'static str,
    pub name: String,
    pub id: String,
    pub disabled: Option<Disabled>,
    /// Its accessible name: label, aria-label, title; empty when it has none.
    pub label: String,
    /// The names that its labels alone give; empty when it has none.
    pub autocomplete: String,
    pub choices: Vec<Choice>,
}

/// Why a control sends nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Disabled {
    Own,
    Fieldset,
    Datalist,
}

/// A value that the visitor may choose.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Choice {
    pub node: NodeId,
    pub value: String,
    /// Whether it can't be chosen.
    pub is_disabled: bool,
}

impl Control {
    pub fn read(
        page: &Page,
        element: ElementRef<'_>,
        kind: &'static str,
        labels: &HashMap<NodeId, String>,
        ids: &Ids,
    ) -> Self {
        let attr = |name: &str| element.attr(name).unwrap_or_default();
        let choices = match kind {
            "select-one" | "select-multiple" => options(element),
            // A box without a value says `on`.
            "checkbox" | "radio" => vec![Choice {
                node: element.id(),
                value: element.attr("value").unwrap_or("on").to_owned(),
                is_disabled: false,
            }],
            // The one that is pressed sends its value.
            "submit" => element.attr("value").map_or_else(Vec::new, |value| {
                vec![Choice {
                    node: element.id(),
                    value: value.to_owned(),
                    is_disabled: false,
                }]
            }),
            _ => Vec::new(),
        };
        Self {
            node: element.id(),
            kind,
            name: attr("name").to_owned(),
            id: attr("id").to_owned(),
            disabled: disabled(element),
            label: accessible_name(page, element, kind, labels, ids),
            autocomplete: attr("autocomplete").trim().to_ascii_lowercase(),
            choices,
        }
    }

    pub fn is_submit(&self) -> bool {
        matches!(self.kind, "submit" | "image")
    }

    /// Sends nothing of its own: buttons, and the boxes around others.
    pub fn is_button(&self) -> bool {
        matches!(
            self.kind,
            "submit" | "image" | "button" | "reset" | "fieldset" | "output" | "object"
        )
    }

    pub fn is_group(&self) -> bool {
        matches!(self.kind, "radio" | "checkbox")
    }

    pub fn is_select(&self) -> bool {
        matches!(self.kind, "select-one" | "select-multiple")
    }

    /// The visitor types whatever they like.
    pub fn is_typed(&self) -> bool {
        matches!(
            self.kind,
            "text" | "search" | "url" | "tel" | "email" | "password" | "textarea"
        )
    }

    /// A date or a time.
    pub fn is_dated(&self) -> bool {
        matches!(
            self.kind,
            "date" | "month" | "week" | "time" | "datetime-local"
        )
    }

    pub fn attr<'p>(&self, page: &'p Page, name: &str) -> Option<&'p str> {
        page.element(self.node).attr(name)
    }

    /// Where the attribute stands, else the start tag, else nothing.
    pub fn place(&self, page: &Page, attribute: &str) -> Option<Span> {
        page.attribute(self.node, attribute)
    }

    /// The choices that the page makes before anybody does; empty ones are none.
    pub fn preset(&self, page: &Page) -> Vec<&Choice> {
        let has = |one: &&Choice, name: &str| page.element(one.node).attr(name).is_some();
        let all = self.choices.iter();
        let mut preset: Vec<&Choice> = match self.kind {
            "select-one" => self.chosen(page).into_iter().collect(),
            "select-multiple" => all.filter(|one| has(one, "selected")).collect(),
            "checkbox" | "radio" => all.filter(|one| has(one, "checked")).collect(),
            _ => Vec::new(),
        };
        preset.retain(|one| !one.value.is_empty() && !one.is_disabled);
        preset
    }

    /// What a select shows at first: the last that is selected, else the first that can be, unless it
    /// shows several lines.
    fn chosen(&self, page: &Page) -> Option<&Choice> {
        let mut all = self.choices.iter().rev();
        let chosen = all.find(|one| page.element(one.node).attr("selected").is_some());
        let lines = self
            .attr(page, "size")
            .and_then(|size| size.trim().parse().ok());
        let is_list = lines.is_some_and(|lines: u32| lines > 1);
        let first = || self.choices.iter().find(|one| !one.is_disabled);
        chosen.or_else(|| first().filter(|_| !is_list))
    }

    /// Its value as the page is written.
    pub fn value(&self, page: &Page) -> String {
        match self.kind {
            "textarea" => page.element(self.node).text().collect(),
            "select-one" => {
                let chosen = self.chosen(page);
                chosen.map(|one| one.value.clone()).unwrap_or_default()
            }
            _ => self.attr(page, "value").unwrap_or_default().to_owned(),
        }
    }
}

/// What the element's IDL attribute `type` gives; `None` when it is no control.
pub fn kind_of(element: ElementRef<'_>) -> Option<&'static str> {
    let name = element.value().name();
    if !is_html(&element, name) {
        return None;
    }
    let wanted = element
        .attr("type")
        .unwrap_or_default()
        .to_ascii_lowercase();
    let has = |name: &str| element.attr(name).is_some();
    Some(match name {
        "input" => INPUTS.iter().find(|one| **one == wanted).unwrap_or(&"text"),
        "button" => match wanted.as_str() {
            "reset" => "reset",
            "button" => "button",
            "submit" => "submit",
            // With a command the default is to do that instead.
            _ if has("command") || has("commandfor") => "button",
            _ => "submit",
        },
        "select" if has("multiple") => "select-multiple",
        "select" => "select-one",
        "textarea" => "textarea",
        "fieldset" => "fieldset",
        "output" => "output",
        "object" => "object",
        // Only a script knows whether a custom element takes part; one with a name means to.
        _ if name.contains('-') && has("name") => "custom",
        _ => return None,
    })
}

fn disabled(element: ElementRef<'_>) -> Option<Disabled> {
    if element.attr("disabled").is_some() {
        return Some(Disabled::Own);
    }
    let mut within = element;
    for around in around(element) {
        if is_html(&around, "datalist") {
            return Some(Disabled::Datalist);
        }
        if is_html(&around, "fieldset") && around.attr("disabled").is_some() {
            let mut children = around.children().filter_map(ElementRef::wrap);
            let legend = children.find(|one| is_html(one, "legend"));
            if legend.is_none_or(|legend| legend.id() != within.id()) {
                return Some(Disabled::Fieldset);
            }
        }
        within = around;
    }
    None
}

fn options(select: ElementRef<'_>) -> Vec<Choice> {
    let inside = select.descendants().filter_map(ElementRef::wrap);
    inside
        .filter(|one| is_html(one, "option"))
        .map(|option| {
            let around = option.ancestors().filter_map(ElementRef::wrap);
            let mut groups = around
                .take_while(|one| one.id() != select.id())
                .filter(|one| is_html(one, "optgroup"));
            let in_disabled = groups.any(|group| group.attr("disabled").is_some());
            Choice {
                node: option.id(),
                value: match option.attr("value") {
                    Some(value) => value.to_owned(),
                    None => words(&option.text().collect::<String>()),
                },
                is_disabled: in_disabled || option.attr("disabled").is_some(),
            }
        })
        .collect()
}

/// Without the white space at its ends, and with single spaces within.
pub fn words(text: &str) -> String {
    text.split_ascii_whitespace().collect::<Vec<_>>().join(" ")
}

const INPUTS: &[&str] = &[
    "hidden",
    "text",
    "search",
    "tel",
    "url",
    "email",
    "password",
    "date",
    "month",
    "week",
    "time",
    "datetime-local",
    "number",
    "range",
    "color",
    "checkbox",
    "radio",
    "file",
    "submit",
    "image",
    "reset",
    "button",
];
