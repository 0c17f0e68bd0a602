//! What must hold for any text read as a page: for the fuzz target `form`, which includes this file,
//! and for the gate on its corpus.
//!
//! `scraper`'s own reader is a second opinion on the tree.

use scraper::Html;

use super::form::Form;
use super::page::Page;

/// Reads a page and its forms.
///
/// # Panics
/// When a place is not where its tag stands, a control has two forms, or the readers disagree.
pub fn page(bytes: &[u8]) {
    let page = Page::parse("page", String::from_utf8_lossy(bytes).into_owned());
    let other = Html::parse_document(page.text.strip_prefix('\u{feff}').unwrap_or(&page.text));
    let ours: Vec<&str> = page.elements().map(|one| one.value().name()).collect();
    let all = other.tree.root().descendants();
    let theirs: Vec<&str> = all
        .filter_map(scraper::ElementRef::wrap)
        .map(|one| one.value().name())
        .collect();
    assert_eq!(ours, theirs, "another reader sees other elements");
    for element in page.elements() {
        let Some(tag) = page.tag(element.id()) else {
            continue;
        };
        let written = page.text.get(tag.clone()).expect("a place is in the text");
        assert!(written.starts_with('<'), "no tag: {written}");
        let (line, column) = page.position(tag.start);
        assert!(line > 0 && column > 0);
        assert!(page.line(line).len() <= page.text.len());
        for (name, _) in element.value().attrs() {
            let place = page
                .attribute(element.id(), name)
                .expect("its tag at least");
            assert!(page.text.get(place).is_some(), "no place for {name}");
        }
    }
    let mut seen = Vec::new();
    for form in Form::read_all(&page) {
        for control in &form.controls {
            assert!(!seen.contains(&control.node), "a control has two forms");
            seen.push(control.node);
            let _ = control.value(&page);
            for choice in &control.choices {
                let _ = page.element(choice.node);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    use crate::check::input::gather;

    #[test]
    fn pages_of_the_corpus_and_of_the_demo_and_their_beginnings_are_read() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let mut pages = Vec::new();
        for entry in fs::read_dir(root.join("fuzz/corpus/form")).expect("a corpus") {
            let path = entry.expect("an entry").path();
            pages.push(String::from_utf8_lossy(&fs::read(path).expect("readable")).into_owned());
        }
        let demo = root.join("www").display().to_string();
        let mut faults = Vec::new();
        for page in gather(&[demo], &mut faults) {
            pages.push(page.read().unwrap_or_else(|fault| panic!("{fault:?}")));
        }
        assert_eq!(faults.len(), 0);
        let mut tried = 0;
        for page in &pages {
            let bytes = page.as_bytes();
            for end in (0..=bytes.len()).step_by(bytes.len() / 50 + 1) {
                super::page(&bytes[..end]);
                tried += 1;
            }
            super::page(bytes);
        }
        println!("form: {tried} inputs");
        assert!(tried > 500, "{tried}");
    }
}
