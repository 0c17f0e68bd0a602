//! A page's forms and their controls, as a browser would submit them.
//!
//! After `page`, before `rules`. Owners by the standard. What stands in a template is inert until a
//! script copies it: it is read and marked as such.
//! Source: WHATWG HTML, "association of controls and forms".
//! Not here: what the plan says of them.

use std::collections::HashMap;

use scraper::ElementRef;

use super::control::{Control, kind_of};
use super::label::labels;
use super::page::{NodeId, Page};

/// A form and its controls in the order of the tree.
pub struct Form {
    pub node: NodeId,
    pub is_template: bool,
    /// An element that the plan takes for a form: a script submits what is in it.
    pub is_container: bool,
    pub controls: Vec<Control>,
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
pub fn around(element: ElementRef<'_>) -> impl Iterator<Item = ElementRef<'_>> {
    let all = element.ancestors().filter_map(ElementRef::wrap);
    all.take_while(|one| !is_html(one, "template"))
}

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
