//! Where a link of the documentation leads: to a page of the site, a file of the repository, or out.

use std::path::Path;

use super::Source;
use super::page::Parsed;

const REPOSITORY: &str = "https://github.com/touchmark/touchmark/blob/main/";

/// What a link means.
pub enum Target {
    /// A page of the site, by name, and the anchor on it.
    Page(String, Option<String>),
    /// A file or folder, by its path in the repository.
    File(String),
    /// Another site; not looked at.
    Outside,
}

/// Reads a link that stands in the file `path`.
pub fn target(path: &str, link: &str) -> Target {
    if link.contains("://") || link.starts_with("mailto:") || link.starts_with("tel:") {
        return Target::Outside;
    }
    let (file, anchor) = match link.split_once('#') {
        Some((file, anchor)) => (file, Some(anchor.to_owned())),
        None => (link, None),
    };
    let whole = if file.is_empty() {
        path.to_owned()
    } else {
        resolved(path, file)
    };
    if whole == "README.md" {
        return Target::Page("index".to_owned(), anchor);
    }
    match whole
        .strip_prefix("docs/")
        .and_then(|rest| rest.strip_suffix(".md"))
    {
        Some(name) if !name.contains('/') => Target::Page(name.to_owned(), anchor),
        _ => Target::File(whole),
    }
}

/// The address that a link has on the site.
pub fn address(path: &str, link: &str) -> String {
    match target(path, link) {
        Target::Page(name, Some(anchor)) => format!("{name}.html#{anchor}"),
        Target::Page(name, None) => format!("{name}.html"),
        Target::File(file) => format!("{REPOSITORY}{file}"),
        Target::Outside => link.to_owned(),
    }
}

/// Links that lead nowhere: file, link, what is missing.
pub fn broken(root: &Path, sources: &[Source], pages: &[Parsed]) -> Vec<String> {
    let mut found = Vec::new();
    for (source, page) in sources.iter().zip(pages) {
        for link in &page.links {
            let missing = match target(&source.path, link) {
                Target::Outside => None,
                Target::File(file) => {
                    (!root.join(&file).exists()).then(|| format!("no file {file}"))
                }
                Target::Page(name, anchor) => {
                    match (pages.iter().find(|page| page.name == name), anchor) {
                        (None, _) => Some(format!("no page {name}")),
                        (Some(to), Some(anchor)) if !to.anchors.contains(&anchor) => {
                            Some(format!("{name} has no heading #{anchor}"))
                        }
                        _ => None,
                    }
                }
            };
            if let Some(missing) = missing {
                found.push(format!("{}: {link} ({missing})", source.path));
            }
        }
    }
    found
}

fn resolved(path: &str, file: &str) -> String {
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in file.split('/') {
        match part {
            "." | "" => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    parts.join("/")
}
