//! What must hold for any request body at all: used by the fuzz target `body`, and by the gate on
//! its corpus. No part of the collector's interface.

use axum::body::Bytes;

use crate::body::elements;
use crate::tree::value;

/// Splits a body.
///
/// # Panics
/// When an element is not a piece of the body, or says something else than its bytes.
pub fn body(bytes: &[u8]) {
    let body = Bytes::copy_from_slice(bytes);
    let mut length = 0;
    for element in elements(&body) {
        length += element.bytes.len();
        assert!(
            element.pointer.is_empty() || element.pointer.starts_with('/'),
            "no pointer: {}",
            element.pointer
        );
        let value = element.value.as_ref().map(|tree| value(tree.root()));
        if let Ok(value) = value
            && !value.is_null()
        {
            let read: serde_json::Value =
                serde_json::from_slice(&element.bytes).expect("what was read is JSON");
            assert_eq!(read, value, "another reader disagrees");
        }
    }
    assert!(length <= body.len(), "elements overlap");
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;

    #[test]
    fn bodies_of_the_corpus_are_taken_apart_without_a_fault() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../fuzz/corpus/body");
        let mut tried = 0;
        for entry in fs::read_dir(&folder).expect("a corpus") {
            let bytes = fs::read(entry.expect("an entry").path()).expect("readable");
            for end in (0..=bytes.len()).step_by(bytes.len() / 200 + 1) {
                super::body(&bytes[..end]);
                tried += 1;
            }
        }
        println!("body: {tried} inputs");
        assert!(tried > 500, "{tried}");
    }
}
