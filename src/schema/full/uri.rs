//! A reference and the URI that it stands in into the URI that it means.
//!
//! Source: RFC 3986 §5.2. Not here: normalising beyond dots; schemas name each other by the same
//! text. Used by `index` and `bundle`.

use crate::text::{concat, cut, part};

/// A URI and its fragment, without `#`.
pub fn split(uri: &str) -> (&str, &str) {
    cut(uri, b'#')
}

/// Resolves a reference against an absolute URI, or against the empty one: then it stays as it is.
pub fn resolve(base: &str, reference: &str) -> String {
    let (path_of_reference, _) = split(reference);
    let fragment = part(reference, path_of_reference.len(), reference.len());
    if has_scheme(path_of_reference) {
        return String::from(reference);
    }
    let base = split(base).0;
    if path_of_reference.is_empty() {
        return concat(&[base, fragment]);
    }
    let scheme_end = if has_scheme(base) {
        base.find(':').map_or(0, |at| at + 1)
    } else {
        0
    };
    let scheme = part(base, 0, scheme_end);
    if path_of_reference.starts_with("//") {
        return concat(&[scheme, path_of_reference, fragment]);
    }
    let rest = part(base, scheme_end, base.len());
    let authority_end = match rest.strip_prefix("//") {
        Some(after) => 2 + after.find(['/', '?']).unwrap_or(after.len()),
        None => 0,
    };
    let authority = part(rest, 0, authority_end);
    let (base_path, _) = cut(part(rest, authority_end, rest.len()), b'?');
    if path_of_reference.starts_with('?') {
        return concat(&[scheme, authority, base_path, path_of_reference, fragment]);
    }
    let (path, _) = cut(path_of_reference, b'?');
    let query = part(path_of_reference, path.len(), path_of_reference.len());
    let merged = if path.starts_with('/') {
        String::from(path)
    } else if !authority.is_empty() && base_path.is_empty() {
        concat(&["/", path])
    } else {
        let folder = base_path.rfind('/').map_or(0, |at| at + 1);
        concat(&[part(base_path, 0, folder), path])
    };
    concat(&[scheme, authority, &without_dots(&merged), query, fragment])
}

fn has_scheme(uri: &str) -> bool {
    let Some(at) = uri.find([':', '/', '?']) else {
        return false;
    };
    let scheme = part(uri, 0, at);
    uri.as_bytes().get(at) == Some(&b':')
        && scheme.starts_with(|first: char| first.is_ascii_alphabetic())
        && scheme
            .bytes()
            .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.'))
}

/// RFC 3986 §5.2.4.
fn without_dots(path: &str) -> String {
    let mut kept: Vec<&str> = Vec::new();
    let segments: Vec<&str> = path.split('/').collect();
    let last = segments.len() - 1;
    for (index, segment) in segments.iter().enumerate() {
        match *segment {
            "." | ".." => {
                if *segment == ".."
                    && (kept.len() > 1 || kept.first().is_some_and(|one| !one.is_empty()))
                {
                    kept.pop();
                }
                if index == last {
                    kept.push("");
                }
            }
            other => kept.push(other),
        }
    }
    kept.join("/")
}

#[cfg(test)]
mod tests {
    use super::resolve;

    #[test]
    fn the_examples_of_rfc_3986_hold() {
        for (reference, expect) in [
            ("g:h", "g:h"),
            ("g", "http://a/b/c/g"),
            ("./g", "http://a/b/c/g"),
            ("g/", "http://a/b/c/g/"),
            ("/g", "http://a/g"),
            ("//g", "http://g"),
            ("?y", "http://a/b/c/d;p?y"),
            ("g?y", "http://a/b/c/g?y"),
            ("#s", "http://a/b/c/d;p?q#s"),
            ("g#s", "http://a/b/c/g#s"),
            ("", "http://a/b/c/d;p?q"),
            (".", "http://a/b/c/"),
            ("./", "http://a/b/c/"),
            ("..", "http://a/b/"),
            ("../g", "http://a/b/g"),
            ("../..", "http://a/"),
            ("../../g", "http://a/g"),
            ("../../../g", "http://a/g"),
            ("/./g", "http://a/g"),
            ("/../g", "http://a/g"),
            ("g.", "http://a/b/c/g."),
            ("..g", "http://a/b/c/..g"),
            ("./../g", "http://a/b/g"),
            ("g/./h", "http://a/b/c/g/h"),
            ("g/../h", "http://a/b/c/h"),
        ] {
            assert_eq!(
                resolve("http://a/b/c/d;p?q", reference),
                expect,
                "{reference}"
            );
        }
        assert_eq!(resolve("urn:a:b", "#c"), "urn:a:b#c");
        assert_eq!(resolve("", "a.json#c"), "a.json#c");
        assert_eq!(resolve("http://a", "b"), "http://a/b");
    }
}
