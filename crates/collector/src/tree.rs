//! One JSON value as it was received, laid out flat: texts stay where they are in the body unless an
//! escape is in them, and containers are ranges of one list.
//!
//! Made by `json`, asked by `judge`, and judged by the validator as it is. A request's events are
//! read once and thrown away, so what counts is that they are made of few pieces.
//! Not here: parsing.

use std::borrow::Cow;

use jsonschema::JsonType;
use jsonschema::json::{self, Array, Json, NodeIdentity, Object, cmp};
use serde_json::{Map, Number, Value};

/// A value with all that it holds.
#[derive(Debug)]
pub struct Tree<'a> {
    pub(crate) root: Slot<'a>,
    /// The members of every object and the items of every array, each container's side by side.
    pub(crate) entries: Vec<Entry<'a>>,
}

/// A member, or an item: then the name is empty.
pub(crate) type Entry<'a> = (Cow<'a, str>, Slot<'a>);

/// One value; containers say where their entries stand.
#[derive(Debug)]
pub(crate) enum Slot<'a> {
    Null,
    Bool(bool),
    Number(Number),
    Text(Cow<'a, str>),
    Array { at: usize, len: usize },
    Object { at: usize, len: usize },
}

/// A value in its tree; `Copy`, so that places in it are cheap to hand on.
#[derive(Debug, Clone, Copy)]
pub struct Node<'a> {
    tree: &'a Tree<'a>,
    slot: &'a Slot<'a>,
}

impl Tree<'_> {
    /// `null`.
    pub fn null() -> Self {
        Self {
            root: Slot::Null,
            entries: Vec::new(),
        }
    }

    /// The whole.
    pub fn root(&self) -> Node<'_> {
        Node {
            tree: self,
            slot: &self.root,
        }
    }
}

/// What is not there; all questions about it have the answer "nothing".
static NOTHING: Tree<'static> = Tree {
    root: Slot::Null,
    entries: Vec::new(),
};

impl<'a> Node<'a> {
    /// An object's member, if it has one of that name.
    pub fn find(self, name: &str) -> Option<Node<'a>> {
        let mut members = self.members().iter();
        let (_, slot) = members.find(|(known, _)| known == name)?;
        Some(self.at(slot))
    }

    /// An object's member; `null` where there is none, and of what is no object.
    pub fn member(self, name: &str) -> Node<'a> {
        self.find(name).unwrap_or(Node {
            tree: &NOTHING,
            slot: &NOTHING.root,
        })
    }

    /// A member's member, and so on.
    pub fn path(self, names: &[&str]) -> Node<'a> {
        names.iter().fold(self, |node, name| node.member(name))
    }

    /// The text, of a text.
    pub fn text(self) -> Option<&'a str> {
        match self.slot {
            Slot::Text(text) => Some(text),
            _ => None,
        }
    }

    /// The number, where it is a whole one of 64 bits.
    pub fn whole(self) -> Option<i64> {
        match self.slot {
            Slot::Number(number) => number.as_i64(),
            _ => None,
        }
    }

    pub fn is_object(self) -> bool {
        matches!(self.slot, Slot::Object { .. })
    }

    /// An array's items; none of what is no array.
    pub fn items(self) -> impl Iterator<Item = Node<'a>> {
        let (at, len) = match self.slot {
            Slot::Array { at, len } => (*at, *len),
            _ => (0, 0),
        };
        let items = self.tree.entries.get(at..at + len).unwrap_or_default();
        items.iter().map(move |(_, slot)| self.at(slot))
    }

    fn members(self) -> &'a [Entry<'a>] {
        let (at, len) = match self.slot {
            Slot::Object { at, len } => (*at, *len),
            _ => (0, 0),
        };
        self.tree.entries.get(at..at + len).unwrap_or_default()
    }

    fn at(self, slot: &'a Slot<'a>) -> Self {
        Self {
            tree: self.tree,
            slot,
        }
    }
}

/// The representation, as the validator knows it.
pub struct Flat;

impl Json for Flat {
    type Node<'a> = Node<'a>;
    type PreparedKey = Box<str>;
    type StringBuffer = ();

    const KEYS_PER_LOOKUP: usize = 2;
    const ACYCLIC: bool = true;

    fn prepare_key(key: &str) -> Box<str> {
        key.into()
    }

    fn with_string_node<T>((): &mut (), string: &str, ask: impl FnOnce(Node<'_>) -> T) -> T {
        let tree = Tree {
            root: Slot::Text(Cow::Borrowed(string)),
            entries: Vec::new(),
        };
        ask(tree.root())
    }
}

impl<'a> json::Node<'a, Flat> for Node<'a> {
    type Object = Members<'a>;
    type Array = Items<'a>;
    type Number = &'a Number;

    fn as_object(&self) -> Option<Members<'a>> {
        self.is_object().then_some(Members(*self))
    }

    fn as_array(&self) -> Option<Items<'a>> {
        matches!(self.slot, Slot::Array { .. }).then_some(Items(*self))
    }

    fn as_string(&self) -> Option<Cow<'a, str>> {
        self.text().map(Cow::Borrowed)
    }

    fn as_number(&self) -> Option<&'a Number> {
        match self.slot {
            Slot::Number(number) => Some(number),
            _ => None,
        }
    }

    fn as_boolean(&self) -> Option<bool> {
        match self.slot {
            Slot::Bool(value) => Some(*value),
            _ => None,
        }
    }

    fn is_null(&self) -> bool {
        matches!(self.slot, Slot::Null)
    }

    fn json_type(&self) -> JsonType {
        match self.slot {
            Slot::Null => JsonType::Null,
            Slot::Bool(_) => JsonType::Boolean,
            Slot::Number(_) => JsonType::Number,
            Slot::Text(_) => JsonType::String,
            Slot::Array { .. } => JsonType::Array,
            Slot::Object { .. } => JsonType::Object,
        }
    }

    fn string_length(&self) -> Option<u64> {
        // Every byte but those that go on with a character; the compiler counts many at once.
        let begins = |byte: &u8| !(0x80..0xc0).contains(byte);
        let count = |text: &str| text.as_bytes().iter().filter(|byte| begins(byte)).count();
        self.text().map(|text| count(text) as u64)
    }

    fn equals_value(&self, expected: &Value) -> bool {
        match (self.slot, expected) {
            (Slot::Text(own), Value::String(other)) => own == other,
            (Slot::Bool(own), Value::Bool(other)) => own == other,
            (Slot::Null, Value::Null) => true,
            (Slot::Number(own), Value::Number(other)) => cmp::equal_numbers(&own, other),
            (Slot::Array { .. }, Value::Array(_)) | (Slot::Object { .. }, Value::Object(_)) => {
                cmp::equal(&value(*self), expected)
            }
            _ => false,
        }
    }

    fn to_value(&self) -> Cow<'a, Value> {
        Cow::Owned(value(*self))
    }

    fn identity(&self) -> Option<NodeIdentity> {
        Some(NodeIdentity::new(std::ptr::from_ref(self.slot).addr()))
    }
}

/// The same for serde's readers.
pub fn value(node: Node<'_>) -> Value {
    match node.slot {
        Slot::Null => Value::Null,
        Slot::Bool(value) => Value::Bool(*value),
        Slot::Number(number) => Value::Number(number.clone()),
        Slot::Text(text) => Value::String(text.to_string()),
        Slot::Array { .. } => node.items().map(value).collect(),
        Slot::Object { .. } => {
            let members = node.members().iter();
            let members = members.map(|(name, slot)| (name.to_string(), value(node.at(slot))));
            Value::Object(members.collect::<Map<_, _>>())
        }
    }
}

/// An object, as the validator asks it.
pub struct Members<'a>(Node<'a>);

impl<'a> Object<'a, Flat> for Members<'a> {
    type Node = Node<'a>;
    type MemberName = &'a str;
    type MembersIter = MemberNodes<'a>;

    fn len(&self) -> usize {
        self.0.members().len()
    }

    fn get(&self, key: &Box<str>) -> Option<Node<'a>> {
        self.0.find(key)
    }

    fn members(&self) -> MemberNodes<'a> {
        MemberNodes(self.0.tree, self.0.members().iter())
    }
}

/// Goes through an object's members.
pub struct MemberNodes<'a>(&'a Tree<'a>, std::slice::Iter<'a, Entry<'a>>);

impl<'a> Iterator for MemberNodes<'a> {
    type Item = (&'a str, Node<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let Self(tree, entries) = self;
        let (name, slot) = entries.next()?;
        Some((name, Node { tree, slot }))
    }
}

/// An array, as the validator asks it.
pub struct Items<'a>(Node<'a>);

impl<'a> Array<'a, Flat> for Items<'a> {
    type Node = Node<'a>;
    type ElementsIter = ItemNodes<'a>;

    fn len(&self) -> usize {
        match self.0.slot {
            Slot::Array { len, .. } => *len,
            _ => 0,
        }
    }

    fn elements(&self) -> ItemNodes<'a> {
        let (at, len) = match self.0.slot {
            Slot::Array { at, len } => (*at, *len),
            _ => (0, 0),
        };
        let items = self.0.tree.entries.get(at..at + len).unwrap_or_default();
        ItemNodes(MemberNodes(self.0.tree, items.iter()))
    }
}

/// Goes through an array's items.
pub struct ItemNodes<'a>(MemberNodes<'a>);

impl<'a> Iterator for ItemNodes<'a> {
    type Item = Node<'a>;

    fn next(&mut self) -> Option<Node<'a>> {
        self.0.next().map(|(_, node)| node)
    }
}

#[cfg(test)]
mod tests {
    use super::{Flat, value};
    use crate::json::parse_prefix;
    use jsonschema::json::conformance::{assert_conformance, document};

    #[test]
    fn it_keeps_the_validators_contract() {
        let text = document().to_string();
        let (tree, _) = parse_prefix(text.as_bytes()).expect("JSON");
        assert_conformance::<Flat>(&tree.root());
        assert_eq!(value(tree.root()), document());
    }

    #[test]
    fn what_is_not_there_is_nothing() {
        let (tree, _) = parse_prefix(br#"{"a":{"b":["x",{"c":1}]},"d":"e"}"#).expect("JSON");
        let root = tree.root();
        let items: Vec<_> = root.path(&["a", "b"]).items().collect();
        assert_eq!(items[0].text(), Some("x"));
        assert_eq!(items[1].member("c").whole(), Some(1));
        for nothing in [root.path(&["d", "e"]), root.path(&["x", "y", "z"])] {
            assert_eq!(
                (nothing.text(), nothing.whole(), nothing.items().count()),
                (None, None, 0)
            );
        }
    }
}
