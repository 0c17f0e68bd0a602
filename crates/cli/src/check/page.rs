//! A page's text into a tree in which every element knows where it was written.
//!
//! First stage of `check`. html5ever builds the tree by the standard's rules but tells lines only,
//! so its tokenizer is fed piece by piece, cut at `<` and `>`: when it hands over a tag, the piece
//! just fed was the tag's last, and its first is the first `<` after the token before.
//! Not here: which controls a form has (`form`), what is wrong with them (`rules`).

use std::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::ops::Range;
use std::rc::Rc;

use html5ever::tendril::StrTendril;
use html5ever::tokenizer::{
    BufferQueue, Tag, TagKind, Token, TokenSink, TokenSinkResult, Tokenizer, TokenizerOpts,
};
use html5ever::tree_builder::{TreeBuilder, TreeBuilderOpts, TreeSink};
use html5ever::{LocalName, TokenizerResult};
use scraper::{ElementRef, Html};

pub use super::sink::NodeId;
use super::sink::{Read, Sink};

/// Bytes of a page's text.
pub type Span = Range<usize>;

/// A page that was read.
pub struct Page {
    /// The file or address as it was named.
    pub name: String,
    pub text: String,
    pub html: Html,
    spans: HashMap<NodeId, Span>,
    /// Owners that the parser gave, which nesting alone wouldn't tell.
    owners: HashMap<NodeId, NodeId>,
    /// Start tags of forms within forms: browsers drop them.
    pub nested: Vec<Span>,
    /// Where each line begins.
    lines: Vec<usize>,
}

impl Page {
    /// Reads a page. Every text is a page: the standard says how to read even broken ones.
    pub fn parse(name: &str, text: String) -> Self {
        let marks = Rc::new(Marks::default());
        let sink = Sink::new(Rc::clone(&marks));
        let marker = Marker {
            tree: TreeBuilder::new(sink, TreeBuilderOpts::default()),
            marks: Rc::clone(&marks),
            text: &text,
        };
        // The tokenizer would drop a byte order mark at the beginning of any piece.
        let options = TokenizerOpts {
            discard_bom: false,
            ..TokenizerOpts::default()
        };
        let content = text.strip_prefix('\u{feff}').unwrap_or(&text);
        marks.fed.set(text.len() - content.len());
        marks.last.set(marks.fed.get());
        let tokenizer = Tokenizer::new(marker, options);
        let queue = BufferQueue::default();
        for piece in pieces(content) {
            marks.fed.set(marks.fed.get() + piece.len());
            queue.push_back(StrTendril::from_slice(piece));
            // Anything but the end of the piece asks for what only a browser does, such as
            // running a script; then the rest is read.
            while !matches!(tokenizer.feed(&queue), TokenizerResult::Done) {}
        }
        tokenizer.end();
        let Read {
            html,
            spans,
            owners,
            nested,
        } = tokenizer.sink.tree.sink.finish();
        let breaks = text.bytes().enumerate().filter(|(_, byte)| *byte == b'\n');
        let lines = std::iter::once(0)
            .chain(breaks.map(|(at, _)| at + 1))
            .collect();
        Self {
            name: name.to_owned(),
            text,
            html,
            spans,
            owners,
            nested,
            lines,
        }
    }

    /// Every element in the order of the tree, those in templates too.
    pub fn elements(&self) -> impl Iterator<Item = ElementRef<'_>> {
        let all = self.html.tree.root().descendants();
        all.filter_map(ElementRef::wrap)
    }

    pub fn element(&self, node: NodeId) -> ElementRef<'_> {
        let node = self.html.tree.get(node).and_then(ElementRef::wrap);
        node.expect("ids are given out for elements of this page only")
    }

    /// The form that the parser made the owner of a control.
    pub fn parsed_owner(&self, node: NodeId) -> Option<NodeId> {
        self.owners.get(&node).copied()
    }

    /// The element's start tag; `None` when the parser added the element itself.
    pub fn tag(&self, node: NodeId) -> Option<Span> {
        self.spans.get(&node).cloned()
    }

    /// An attribute with its value, else the start tag.
    pub fn attribute(&self, node: NodeId, name: &str) -> Option<Span> {
        let tag = self.tag(node)?;
        let found = attributes(&self.text[tag.clone()]);
        let found = found.into_iter().find(|(known, _)| known == name);
        Some(match found {
            Some((_, within)) => tag.start + within.start..tag.start + within.end,
            None => tag,
        })
    }

    /// Line and column of a byte, both from 1; columns count characters.
    pub fn position(&self, at: usize) -> (usize, usize) {
        let line = self.lines.partition_point(|start| *start <= at);
        let start = self.lines[line - 1];
        let at = (start..=at.min(self.text.len()))
            .rev()
            .find(|at| self.text.is_char_boundary(*at))
            .unwrap_or(start);
        (line, self.text[start..at].chars().count() + 1)
    }

    /// A line's text, without its end; lines count from 1.
    pub fn line(&self, number: usize) -> &str {
        let start = self.lines[number - 1];
        let end = self
            .lines
            .get(number)
            .map_or(self.text.len(), |next| next - 1);
        self.text[start..end].trim_end_matches('\r')
    }
}

/// What tokenizer and tree builder tell each other about places.
#[derive(Default)]
pub struct Marks {
    /// How much was fed.
    fed: Cell<usize>,
    /// How much was fed when the last token came.
    last: Cell<usize>,
    /// The start tag that is being worked in.
    tag: RefCell<Option<(LocalName, Span)>>,
}

impl Marks {
    /// Where an element that is made now was written.
    pub fn place(&self, name: &LocalName) -> Option<Span> {
        let tag = self.tag.borrow();
        let (known, span) = tag.as_ref()?;
        (known == name).then(|| span.clone())
    }
}

/// Passes tokens on, and notes where tags are.
struct Marker<'t> {
    tree: TreeBuilder<NodeId, Sink>,
    marks: Rc<Marks>,
    text: &'t str,
}

impl Marker<'_> {
    /// The first `<` that no token has taken yet.
    fn start(&self) -> usize {
        let mut at = self.marks.last.get().saturating_sub(1);
        // A `<` may itself have ended the text before it; a boundary all the same.
        while !self.text.is_char_boundary(at) {
            at -= 1;
        }
        loop {
            let Some(found) = self.text[at..].find('<') else {
                return at;
            };
            at += found;
            // These two make no token at all.
            if self.text[at..].starts_with("</>") {
                at += 3;
            } else if self.text[at..].starts_with("<![CDATA[") {
                let rest = self.text[at..].find("]]>");
                at = rest.map_or(self.text.len(), |end| at + end + 3);
            } else {
                return at;
            }
        }
    }
}

impl TokenSink for Marker<'_> {
    type Handle = NodeId;

    fn process_token(&self, token: Token, line: u64) -> TokenSinkResult<NodeId> {
        let fed = self.marks.fed.get();
        match &token {
            // May come from within a tag.
            Token::ParseError(_) => {}
            Token::TagToken(Tag { kind, name, .. }) => {
                let is_start = *kind == TagKind::StartTag;
                let tag = is_start.then(|| (name.clone(), self.start()..fed));
                *self.marks.tag.borrow_mut() = tag;
                self.marks.last.set(fed);
            }
            _ => {
                *self.marks.tag.borrow_mut() = None;
                self.marks.last.set(fed);
            }
        }
        self.tree.process_token(token, line)
    }

    fn end(&self) {
        self.tree.end();
    }

    fn adjusted_current_node_present_but_not_in_html_namespace(&self) -> bool {
        let tree = &self.tree;
        tree.adjusted_current_node_present_but_not_in_html_namespace()
    }
}

/// The text in order, each `<` and `>` alone.
fn pieces(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(['<', '>']).flat_map(|piece| {
        let cut = piece.len() - usize::from(piece.ends_with(['<', '>']));
        let (run, end) = piece.split_at(cut);
        [run, end].into_iter().filter(|part| !part.is_empty())
    })
}

/// The attributes of a start tag by the tokenizer's own rules: name in lower case, and place.
///
/// Source: WHATWG HTML §13.2.5.32 to 13.2.5.40.
fn attributes(tag: &str) -> Vec<(String, Range<usize>)> {
    let bytes = tag.as_bytes();
    let is_space = |byte: u8| matches!(byte, b'\t' | b'\n' | b'\r' | 0x0c | b' ');
    let end = bytes.len().saturating_sub(1);
    let skip = |mut at: usize, stop: &dyn Fn(u8) -> bool| {
        while at < end && !stop(bytes[at]) {
            at += 1;
        }
        at
    };
    let mut found = Vec::new();
    let mut at = skip(1, &|byte| is_space(byte) || byte == b'/');
    loop {
        at = skip(at, &|byte| !is_space(byte) && byte != b'/');
        if at >= end {
            return found;
        }
        let start = at;
        // A `=` that begins a name belongs to it.
        at = skip(at + 1, &|byte| {
            is_space(byte) || matches!(byte, b'/' | b'=')
        });
        let name = tag[start..at].to_ascii_lowercase();
        let mut last = at;
        let equals = skip(at, &|byte| !is_space(byte));
        if equals < end && bytes[equals] == b'=' {
            at = skip(equals + 1, &|byte| !is_space(byte));
            at = match bytes.get(at) {
                Some(quote @ (b'"' | b'\'')) if at < end => {
                    let close = skip(at + 1, &|byte| byte == *quote);
                    (close + 1).min(end)
                }
                _ => skip(at, &is_space),
            };
            last = at;
        }
        found.push((name, start..last));
    }
}

#[cfg(test)]
mod tests {
    use super::Page;

    /// What stands in the text for each element of a kind, and for one attribute of it.
    fn places(html: &str, kind: &str, attribute: &str) -> Vec<(String, String)> {
        let page = Page::parse("page.html", html.to_owned());
        let elements = page.elements().filter(|one| one.value().name() == kind);
        elements
            .map(|one| {
                let text = |span: Option<super::Span>| page.text[span.expect("a place")].to_owned();
                (
                    text(page.tag(one.id())),
                    text(page.attribute(one.id(), attribute)),
                )
            })
            .collect()
    }

    #[test]
    fn tags_and_attributes_are_found_where_they_stand() {
        for (html, tag, attribute) in [
            ("<input name=a>", "<input name=a>", "name=a"),
            (
                "a<b>x</b><<input\nNAME = 'a>b' >",
                "<input\nNAME = 'a>b' >",
                "NAME = 'a>b'",
            ),
            (
                "a &amp<input name=\"<input>\">",
                "<input name=\"<input>\">",
                "name=\"<input>\"",
            ),
            (
                "</>é<1 x><!-- <input> --><input/name=x/>",
                "<input/name=x/>",
                "name=x/",
            ),
            (
                "<textarea></b <input></textarea><input name>",
                "<input name>",
                "name",
            ),
            (
                "<script>'<input>'</script><input a=1 name=2 name=3>",
                "<input a=1 name=2 name=3>",
                "name=2",
            ),
            (
                "<svg><![CDATA[<input>]]></svg><input name=a>",
                "<input name=a>",
                "name=a",
            ),
            (
                "<table><input name=a><td></table>",
                "<input name=a>",
                "name=a",
            ),
            (
                "\u{feff}<!doctype html>\r\n<input name=ü>",
                "<input name=ü>",
                "name=ü",
            ),
            (
                "<title></title><input id=x>",
                "<input id=x>",
                "<input id=x>",
            ),
            ("<?xml <a> ?><input name=a>", "<input name=a>", "name=a"),
        ] {
            let found = places(html, "input", "name");
            let expect = vec![(tag.to_owned(), attribute.to_owned())];
            assert_eq!(found, expect, "{html}");
        }
    }

    #[test]
    fn columns_count_characters_and_lines_end_either_way() {
        let page = Page::parse("p", "é\r\n  ü<input name=a>".to_owned());
        let input = page.elements().find(|one| one.value().name() == "input");
        let span = page.tag(input.expect("an input").id()).expect("a place");
        assert_eq!(page.position(span.start), (2, 4));
        assert_eq!(page.line(1), "é");
        assert_eq!(page.line(2), "  ü<input name=a>");
    }

    #[test]
    fn elements_that_the_parser_adds_have_no_place() {
        let page = Page::parse("p", "<table><tr><td>x</table>".to_owned());
        let body = page.elements().find(|one| one.value().name() == "tbody");
        assert!(page.tag(body.expect("added").id()).is_none());
    }
}
