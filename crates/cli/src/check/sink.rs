//! scraper's tree, which also notes where each element was written and who owns each control.
//!
//! Beside `page`. Everything is passed on to scraper's own sink but for these two.

use std::borrow::Cow;
use std::cell::{Ref, RefCell};
use std::collections::HashMap;
use std::rc::Rc;

use html5ever::interface::{ElementFlags, NodeOrText, QuirksMode};
use html5ever::tendril::StrTendril;
use html5ever::tree_builder::TreeSink;
use html5ever::{Attribute, LocalName, QualName};
use scraper::{Html, HtmlTreeSink};

use super::page::{Marks, Span};

/// An element's place in its page's tree.
pub type NodeId = <HtmlTreeSink as TreeSink>::Handle;

/// A tree under construction.
pub struct Sink {
    tree: HtmlTreeSink,
    marks: Rc<Marks>,
    spans: RefCell<HashMap<NodeId, Span>>,
    owners: RefCell<HashMap<NodeId, NodeId>>,
    nested: RefCell<Vec<Span>>,
}

/// The tree, and what was noted beside it.
pub struct Read {
    pub html: Html,
    pub spans: HashMap<NodeId, Span>,
    pub owners: HashMap<NodeId, NodeId>,
    /// Start tags of forms within forms, which make no element.
    pub nested: Vec<Span>,
}

impl Sink {
    pub fn new(marks: Rc<Marks>) -> Self {
        Self {
            tree: HtmlTreeSink::new(Html::new_document()),
            marks,
            spans: RefCell::default(),
            owners: RefCell::default(),
            nested: RefCell::default(),
        }
    }
}

impl TreeSink for Sink {
    type Output = Read;
    type Handle = NodeId;
    type ElemName<'a> = Ref<'a, QualName>;

    fn finish(self) -> Self::Output {
        Read {
            html: self.tree.finish(),
            spans: self.spans.into_inner(),
            owners: self.owners.into_inner(),
            nested: self.nested.into_inner(),
        }
    }

    fn create_element(&self, name: QualName, attrs: Vec<Attribute>, flags: ElementFlags) -> NodeId {
        let place = self.marks.place(&name.local);
        let node = self.tree.create_element(name, attrs, flags);
        if let Some(place) = place {
            self.spans.borrow_mut().insert(node, place);
        }
        node
    }

    fn associate_with_form(
        &self,
        target: &NodeId,
        form: &NodeId,
        _nodes: (&NodeId, Option<&NodeId>),
    ) {
        self.owners.borrow_mut().insert(*target, *form);
    }

    fn parse_error(&self, message: Cow<'static, str>) {
        // Of all errors of markup this one takes controls from their form.
        if message == "nested forms" {
            let place = self.marks.place(&LocalName::from("form"));
            self.nested.borrow_mut().extend(place);
        }
    }

    fn set_quirks_mode(&self, mode: QuirksMode) {
        self.tree.set_quirks_mode(mode);
    }

    fn get_document(&self) -> NodeId {
        self.tree.get_document()
    }

    fn same_node(&self, one: &NodeId, other: &NodeId) -> bool {
        one == other
    }

    fn elem_name<'a>(&'a self, target: &'a NodeId) -> Ref<'a, QualName> {
        self.tree.elem_name(target)
    }

    fn create_comment(&self, text: StrTendril) -> NodeId {
        self.tree.create_comment(text)
    }

    fn create_pi(&self, target: StrTendril, content: StrTendril) -> NodeId {
        self.tree.create_pi(target, content)
    }

    fn append(&self, parent: &NodeId, child: NodeOrText<NodeId>) {
        self.tree.append(parent, child);
    }

    fn append_before_sibling(&self, sibling: &NodeId, child: NodeOrText<NodeId>) {
        self.tree.append_before_sibling(sibling, child);
    }

    fn append_based_on_parent_node(
        &self,
        element: &NodeId,
        before: &NodeId,
        child: NodeOrText<NodeId>,
    ) {
        self.tree
            .append_based_on_parent_node(element, before, child);
    }

    fn append_doctype_to_document(&self, name: StrTendril, public: StrTendril, system: StrTendril) {
        self.tree.append_doctype_to_document(name, public, system);
    }

    fn remove_from_parent(&self, target: &NodeId) {
        self.tree.remove_from_parent(target);
    }

    fn reparent_children(&self, node: &NodeId, parent: &NodeId) {
        self.tree.reparent_children(node, parent);
    }

    fn add_attrs_if_missing(&self, target: &NodeId, attrs: Vec<Attribute>) {
        self.tree.add_attrs_if_missing(target, attrs);
    }

    fn get_template_contents(&self, target: &NodeId) -> NodeId {
        self.tree.get_template_contents(target)
    }
}
