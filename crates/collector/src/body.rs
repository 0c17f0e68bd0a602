//! Turns a request's body into elements: one for an object, one each for an array's.
//!
//! After `ingest` has the bytes, before `judge`. Each element keeps its exact bytes, since the
//! bytes are what is stored; a broken element never takes its neighbours with it.
//! Not here: what makes an element an event, schemas.

use axum::body::Bytes;

use crate::json::{JsonError, parse_prefix, skip_broken};
use crate::tree::Tree;

/// One thing that was sent, and where it stood in the body.
pub struct Element<'a> {
    /// JSON Pointer into the body: empty for the whole, `/2` for an array's third.
    pub pointer: String,
    /// The bytes as received.
    pub bytes: Bytes,
    /// What they say, or why they say nothing.
    pub value: Result<Tree<'a>, JsonError>,
}

/// Splits a body. An empty array has no elements.
///
/// Past [`MAX_ELEMENTS`] the rest of an array is one element, which is no event.
pub fn elements(body: &Bytes) -> Vec<Element<'_>> {
    let start = skip_space(body, 0);
    if body.get(start) != Some(&b'[') {
        return vec![whole(body)];
    }
    let mut elements = Vec::new();
    let mut at = skip_space(body, start + 1);
    if body.get(at) == Some(&b']') {
        return trailing(body, at + 1).into_iter().collect();
    }
    loop {
        let pointer = format!("/{}", elements.len());
        if elements.len() == MAX_ELEMENTS {
            let value = Ok(Tree::null());
            elements.push(Element {
                pointer,
                bytes: body.slice(at..),
                value,
            });
            return elements;
        }
        let (value, end) = element(body, at);
        let Some(end) = end else {
            elements.push(Element {
                pointer,
                bytes: body.slice(at..),
                value,
            });
            return elements;
        };
        elements.push(Element {
            pointer,
            bytes: trimmed(body, at, end),
            value,
        });
        at = skip_space(body, end + 1);
        if body.get(end) == Some(&b']') {
            elements.extend(trailing(body, at));
            return elements;
        }
    }
}

/// Reads one array element: its value, and where its `,` or `]` stands.
fn element(body: &Bytes, at: usize) -> (Result<Tree<'_>, JsonError>, Option<usize>) {
    let parsed = parse_prefix(&body[at..]);
    if let Ok((value, len)) = parsed {
        let end = skip_space(body, at + len);
        return match body.get(end) {
            Some(b',' | b']') => (Ok(value), Some(end)),
            Some(_) => (
                Err(JsonError::Syntax),
                skip_broken(&body[end..]).map(|skip| end + skip),
            ),
            None => (Ok(value), None),
        };
    }
    (
        parsed.map(|(value, _)| value),
        skip_broken(&body[at..]).map(|skip| at + skip),
    )
}

fn whole(body: &Bytes) -> Element<'_> {
    let value = match parse_prefix(body) {
        Ok((value, len)) if skip_space(body, len) == body.len() => Ok(value),
        Ok(_) => Err(JsonError::Syntax),
        Err(cause) => Err(cause),
    };
    Element {
        pointer: String::new(),
        bytes: body.clone(),
        value,
    }
}

/// What stands behind the closing bracket of an array.
fn trailing(body: &Bytes, at: usize) -> Option<Element<'_>> {
    let at = skip_space(body, at);
    (at < body.len()).then(|| Element {
        pointer: String::new(),
        bytes: body.slice(at..),
        value: Err(JsonError::Syntax),
    })
}

fn trimmed(body: &Bytes, start: usize, end: usize) -> Bytes {
    let space = body[start..end]
        .iter()
        .rev()
        .take_while(|byte| is_space(**byte))
        .count();
    body.slice(start..end - space)
}

fn skip_space(body: &[u8], from: usize) -> usize {
    let rest = body.get(from..).unwrap_or_default();
    from + rest.iter().take_while(|byte| is_space(**byte)).count()
}

fn is_space(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

/// The most elements one array may have; a browser's batch has 60 kB, about a hundred events.
const MAX_ELEMENTS: usize = 4096;

#[cfg(test)]
mod tests {
    use super::{Bytes, MAX_ELEMENTS, elements};

    /// One line an element: pointer, bytes, and `ok` or the refusal's code.
    fn check(body: &'static str, expect: &[(&str, &str, &str)]) {
        let bytes = Bytes::from_static(body.as_bytes());
        let elements = elements(&bytes);
        let found: Vec<_> = elements
            .iter()
            .map(|element| {
                let bytes = std::str::from_utf8(&element.bytes).expect("UTF-8");
                let verdict = element
                    .value
                    .as_ref()
                    .map_or_else(|cause| cause.code(), |_| "ok");
                (element.pointer.as_str(), bytes, verdict)
            })
            .collect();
        assert_eq!(found, expect, "{body}");
    }

    #[test]
    fn an_object_is_one_element_with_its_bytes() {
        check(" {\"a\": 1}\n", &[("", " {\"a\": 1}\n", "ok")]);
        check("{} {}", &[("", "{} {}", "not_json")]);
        check("", &[("", "", "incomplete_json")]);
        check("nope", &[("", "nope", "not_json")]);
    }

    #[test]
    fn array_elements_keep_their_exact_bytes() {
        check(
            r#"[{"a": 1} , {"b":2}]"#,
            &[("/0", r#"{"a": 1}"#, "ok"), ("/1", r#"{"b":2}"#, "ok")],
        );
        check(" [ ] ", &[]);
    }

    #[test]
    fn a_broken_element_leaves_its_neighbours_alone() {
        check(
            r#"[{"a":1},{"k":1,"k":[2]},nope,{"b":2}]"#,
            &[
                ("/0", r#"{"a":1}"#, "ok"),
                ("/1", r#"{"k":1,"k":[2]}"#, "duplicate_key"),
                ("/2", "nope", "not_json"),
                ("/3", r#"{"b":2}"#, "ok"),
            ],
        );
        check(
            r#"[{"a":1} x,2]"#,
            &[("/0", r#"{"a":1} x"#, "not_json"), ("/1", "2", "ok")],
        );
    }

    #[test]
    fn a_cut_array_keeps_what_was_whole() {
        check(
            r#"[{"a":1},{"b":"#,
            &[
                ("/0", r#"{"a":1}"#, "ok"),
                ("/1", r#"{"b":"#, "incomplete_json"),
            ],
        );
        check(
            r#"[{"a":1},"#,
            &[("/0", r#"{"a":1}"#, "ok"), ("/1", "", "incomplete_json")],
        );
        check("[", &[("/0", "", "incomplete_json")]);
    }

    #[test]
    fn text_after_an_array_is_refused_by_itself() {
        check("[1] x", &[("/0", "1", "ok"), ("", "x", "not_json")]);
    }

    #[test]
    fn a_huge_array_is_cut() {
        let body = format!("[{}1]", "1,".repeat(100_000));
        let body = Bytes::from(body);
        let elements = elements(&body);
        assert_eq!(elements.len(), MAX_ELEMENTS + 1);
    }
}
