//! A page's forms and their controls, as a browser would submit them.
//!
//! After `page`, before `rules`. Owner, disabledness, values and labels by the standard. What
//! stands in a template is inert until a script copies it: it is read and marked as such.
//! Source: WHATWG HTML, "form control infrastructure" and "constructing the entry list".
//! Not here: what the plan says of them.

use std::collections::HashMap;

use scraper::ElementRef;

use super::label::{accessible_name, labels};
use super::page::{NodeId, Page, Span};

/// A form and its controls in the order of the tree.
pub struct Form {
    pub node: NodeId,
    pub is_template: bool,
    /// An element that the plan takes for a form: a script submits what is in it.
    pub is_container: bool,
    pub controls: Vec<Control>,
}

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

impl Form {
    /// Every form of a page, those in templates too.
    pub fn read_all(page: &Page) -> Vec<Self> {
        let ids = first_ids(page);
        let elements: Vec<ElementRef<'_>> = page.elements().collect();
        let is_form = |one: &&ElementRef<'_>| is_html(one, "form");
        let mut forms: Vec<Self> = elements
            .iter()
            .filter(is_form)
            .map(|one| Self {
                node: one.id(),
                is_template: in_template(*one),
                is_container: false,
                controls: Vec::new(),
            })
            .collect();
        let places: HashMap<NodeId, usize> = forms
            .iter()
            .enumerate()
            .map(|(at, form)| (form.node, at))
            .collect();
        let labels = labels(&elements, &ids);
        for element in &elements {
            let Some(kind) = kind_of(*element) else {
                continue;
            };
            let owner = owner(page, *element, &ids).and_then(|node| places.get(&node));
            if let Some(owner) = owner {
                let control = Control::read(page, *element, kind, &labels, &ids);
                forms[*owner].controls.push(control);
            }
        }
        forms
    }

    /// An element that the plan takes for a form, with the controls in it that have none; or whose
    /// form is around it, too: some servers put the whole page into one.
    pub fn container(page: &Page, node: NodeId) -> Self {
        let ids = first_ids(page);
        let elements: Vec<ElementRef<'_>> = page.elements().collect();
        let labels = labels(&elements, &ids);
        let outer = form_around(page.element(node));
        let inside = page
            .element(node)
            .descendants()
            .filter_map(ElementRef::wrap);
        let controls = inside.filter_map(|element| {
            let kind = kind_of(element)?;
            let is_free = owner(page, element, &ids) == outer
                && template_of(element) == template_of(page.element(node));
            is_free.then(|| Control::read(page, element, kind, &labels, &ids))
        });
        Self {
            node,
            is_template: in_template(page.element(node)),
            is_container: true,
            controls: controls.collect(),
        }
    }

    /// Whether a container stands in it: then that is what the plan means.
    pub fn is_around(&self, page: &Page, container: &Self) -> bool {
        container.is_container && form_around(page.element(container.node)) == Some(self.node)
    }

    /// The controls of that name.
    pub fn named<'a>(&'a self, name: &'a str) -> impl Iterator<Item = &'a Control> {
        self.controls.iter().filter(move |one| one.name == name)
    }

    /// The attribute that keeps browsers from judging what was typed, and whose it is.
    pub fn validation_off(&self, page: &Page) -> Option<(NodeId, &'static str)> {
        if page.element(self.node).attr("novalidate").is_some() && !self.is_container {
            return Some((self.node, "novalidate"));
        }
        let is_off = |one: &Control| one.attr(page, "formnovalidate").is_some();
        let first = self.submits().next()?;
        self.submits()
            .all(is_off)
            .then_some((first.node, "formnovalidate"))
    }

    /// The buttons that submit it.
    pub fn submits(&self) -> impl Iterator<Item = &Control> {
        self.controls.iter().filter(|one| one.is_submit())
    }
}

impl Control {
    fn read(
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

/// The first element of each id; one map for the document and one for each template.
pub type Ids = HashMap<(Option<NodeId>, String), NodeId>;

fn first_ids(page: &Page) -> Ids {
    let mut ids = Ids::new();
    for element in page.elements() {
        if let Some(id) = element.attr("id").filter(|id| !id.is_empty()) {
            ids.entry((template_of(element), id.to_owned()))
                .or_insert(element.id());
        }
    }
    ids
}

pub fn by_id(ids: &Ids, from: ElementRef<'_>, id: &str) -> Option<NodeId> {
    ids.get(&(template_of(from), id.to_owned())).copied()
}

/// The nearest template around an element.
fn template_of(element: ElementRef<'_>) -> Option<NodeId> {
    let mut around = element.ancestors().filter_map(ElementRef::wrap);
    around
        .find(|one| is_html(one, "template"))
        .map(|one| one.id())
}

pub fn in_template(element: ElementRef<'_>) -> bool {
    template_of(element).is_some()
}

pub fn is_html(element: &ElementRef<'_>, name: &str) -> bool {
    let known = &element.value().name;
    &*known.local == name && &*known.ns == "http://www.w3.org/1999/xhtml"
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

fn owner(page: &Page, element: ElementRef<'_>, ids: &Ids) -> Option<NodeId> {
    if let Some(id) = element.attr("form") {
        let target = by_id(ids, element, id)?;
        return is_html(&page.element(target), "form").then_some(target);
    }
    page.parsed_owner(element.id())
        .or_else(|| form_around(element))
}

fn form_around(element: ElementRef<'_>) -> Option<NodeId> {
    let mut around = around(element);
    around.find(|one| is_html(one, "form")).map(|one| one.id())
}

/// The elements around one, up to the template whose contents it belongs to.
fn around(element: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    let all = element.ancestors().filter_map(ElementRef::wrap);
    all.take_while(|one| !is_html(one, "template"))
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

#[cfg(test)]
mod tests {
    use super::Form;
    use crate::check::page::Page;

    /// Each form as its controls: name:kind, with what keeps it from being sent.
    fn forms(html: &str) -> Vec<String> {
        let page = Page::parse("p", html.to_owned());
        let show = |form: &Form| {
            let controls = form.controls.iter().map(|one| {
                let off = one
                    .disabled
                    .map(|why| format!("!{why:?}"))
                    .unwrap_or_default();
                format!("{}:{}{off}", one.name, one.kind)
            });
            let inert = if form.is_template { "~" } else { "" };
            inert.to_owned() + &controls.collect::<Vec<_>>().join(" ")
        };
        Form::read_all(&page).iter().map(show).collect()
    }

    #[test]
    fn controls_belong_where_a_browser_says() {
        for (html, expect) in [
            (
                "<form><input name=a><button name=b></form>",
                "a:text b:submit",
            ),
            ("<form id=f></form><input form=f name=a>", "a:text"),
            ("<form><input form name=a><input name=b></form>", "b:text"),
            ("<form id=f><input form=none name=a></form>", ""),
            (
                "<form id=f></form><p id=g></p><form id=g><input form=g name=a></form>",
                "|",
            ),
            // A second form within the first is no form at all.
            (
                "<form id=f><form id=g><input name=a></form><input name=b></form>",
                "a:text",
            ),
            // A table throws the form out, and keeps its controls.
            (
                "<table><form><tr><td><input name=a></td></tr></form></table>",
                "a:text",
            ),
            ("<form><div></form><input name=a></div>", "a:text"),
            (
                "<template><form><input name=a></form></template>",
                "~a:text",
            ),
            ("<form><template><input name=a></template></form>", ""),
            (
                "<template><input form=f name=a></template><form id=f></form>",
                "",
            ),
            ("<form><noscript><input name=a></noscript></form>", ""),
            ("<form><svg><input name=a></svg></form>", ""),
            (
                "<form><input type=EMAIL name=a><input type=phone name=b></form>",
                "a:email b:text",
            ),
            (
                "<form><select multiple name=a></select><my-field name=b></my-field></form>",
                "a:select-multiple b:custom",
            ),
            (
                "<form><input name=a disabled><datalist><input name=b></datalist></form>",
                "a:text!Own b:text!Datalist",
            ),
            (
                "<form><fieldset disabled><legend><input name=a></legend><legend><input name=b></legend><input name=c></fieldset></form>",
                ":fieldset!Own a:text b:text!Fieldset c:text!Fieldset",
            ),
        ] {
            assert_eq!(forms(html).join("|"), expect, "{html}");
        }
    }

    #[test]
    fn options_say_what_a_browser_would_send() {
        let html = "<form><select name=a><option>  One \n two </option><option value>x</option>\
                    <optgroup disabled><option value=3></optgroup><option disabled>4</select>\
                    <input type=checkbox name=b><input type=radio name=c value=1></form>";
        let page = Page::parse("p", html.to_owned());
        let forms = Form::read_all(&page);
        let shown: Vec<Vec<(&str, bool)>> = forms[0]
            .controls
            .iter()
            .map(|one| {
                one.choices
                    .iter()
                    .map(|one| (one.value.as_str(), one.is_disabled))
                    .collect()
            })
            .collect();
        assert_eq!(
            shown[0],
            [("One two", false), ("", false), ("3", true), ("4", true)]
        );
        assert_eq!(shown[1], [("on", false)]);
        assert_eq!(shown[2], [("1", false)]);
    }

    #[test]
    fn names_for_people_come_from_labels_and_attributes() {
        let html = "<form><label for=a>E-<b>mail</b></label><input id=a><label>Phone <input></label>\
                    <input aria-label=Zip><span id=l>City</span><input aria-labelledby='x l'>\
                    <input placeholder=no><button><svg aria-label='Send it'></svg></button>\
                    <button><i aria-hidden=true>→</i></button><input type=submit><input type=image alt=Go></form>";
        let page = Page::parse("p", html.to_owned());
        let labels: Vec<String> = Form::read_all(&page)[0]
            .controls
            .iter()
            .map(|one| one.label.clone())
            .collect();
        assert_eq!(
            labels,
            [
                "E-mail", "Phone", "Zip", "City", "", "Send it", "", "Submit", "Go"
            ]
        );
    }
}
