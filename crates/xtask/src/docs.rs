//! `cargo xtask docs`: the documentation as a static site in pkg/docs, from README.md, docs/*.md
//! and the two schemas of spec/.
//!
//! `reference` writes the schemas' pages as Markdown, `page` turns Markdown into HTML, `links`
//! checks every link and anchor; a broken one ends the command. The site loads nothing from
//! elsewhere and runs no script. Not here: publishing; whether commands in the text exist
//! (tests/js/docs.test.mjs).

mod links;
mod page;
mod reference;

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};

use crate::run::{self, say};

const STYLE: &str = include_str!("docs/site.css");
/// What comes first in each group of the navigation; files that are not named follow.
const GROUPS: [(&str, &[&str]); 4] = [
    (
        "Start",
        &[
            "index",
            "quick-start",
            "integration",
            "stacks",
            "tag-managers",
            "consent",
        ],
    ),
    (
        "Understand",
        &["attribution", "privacy", "threat-model", "comparison"],
    ),
    (
        "Check and run",
        &["qa", "playwright", "ingestion", "operations"],
    ),
    ("Reference", &["plan", "schema", "events"]),
];

/// One page, before it is HTML.
pub struct Source {
    /// Without ending: `integration`; README.md is `index`.
    pub name: String,
    /// In the repository: `docs/integration.md`. Links are relative to it.
    pub path: String,
    pub markdown: String,
}

/// Builds the site; returns whether it is whole.
///
/// # Errors
/// When a file can't be read, or a link leads nowhere; the message names page and link.
pub fn run() -> Result<bool> {
    let root = run::root();
    let out = root.join("pkg/docs");
    let pages = pages(&root)?;
    if out.exists() {
        fs::remove_dir_all(&out).with_context(|| format!("can't clear {}", out.display()))?;
    }
    fs::create_dir_all(&out).with_context(|| format!("can't make {}", out.display()))?;
    for (name, html) in &pages {
        let path = out.join(format!("{name}.html"));
        fs::write(&path, html).with_context(|| format!("can't write {}", path.display()))?;
    }
    fs::write(out.join("site.css"), STYLE).context("can't write site.css")?;
    say(
        "docs",
        format_args!("{} pages; open pkg/docs/index.html", pages.len()),
    );
    Ok(true)
}

/// Every page as HTML, by its name.
///
/// # Errors
/// When a file can't be read, or a link leads nowhere.
pub fn pages(root: &Path) -> Result<BTreeMap<String, String>> {
    let sources = sources(root)?;
    let parsed: Vec<page::Parsed> = sources.iter().map(page::parse).collect();
    let broken = links::broken(root, &sources, &parsed);
    if !broken.is_empty() {
        bail!("links that lead nowhere:\n  {}", broken.join("\n  "));
    }
    let order = order(&parsed);
    Ok(parsed
        .iter()
        .map(|one| (one.name.clone(), page::render(one, &parsed, &order)))
        .collect())
}

fn sources(root: &Path) -> Result<Vec<Source>> {
    let read = |path: &str| {
        let full = root.join(path);
        fs::read_to_string(&full).with_context(|| format!("can't read {}", full.display()))
    };
    let mut sources = vec![Source {
        name: "index".to_owned(),
        path: "README.md".to_owned(),
        markdown: read("README.md")?,
    }];
    for entry in fs::read_dir(root.join("docs")).context("can't list docs/")? {
        let file = entry?.file_name().to_string_lossy().into_owned();
        if let Some(name) = file.strip_suffix(".md") {
            let path = format!("docs/{file}");
            sources.push(Source {
                name: name.to_owned(),
                markdown: read(&path)?,
                path,
            });
        }
    }
    for (name, title, file) in [
        ("plan", "Plan reference", "spec/plan.schema.json"),
        ("schema", "Event schema reference", "spec/event.schema.json"),
    ] {
        if sources.iter().any(|source| source.name == name) {
            bail!("docs/{name}.md has the name of the page made from {file}: give it another one");
        }
        let schema =
            serde_json::from_str(&read(file)?).with_context(|| format!("{file} is not JSON"))?;
        let markdown = reference::markdown(&schema, title, file);
        sources.push(Source {
            name: name.to_owned(),
            path: format!("docs/{name}.md"),
            markdown,
        });
    }
    sources.sort_by(|a, b| a.name.cmp(&b.name));
    Ok(sources)
}

/// The navigation: groups, and places in the list of pages.
fn order(pages: &[page::Parsed]) -> Vec<(&'static str, Vec<usize>)> {
    let place = |name: &str| pages.iter().position(|page| page.name == name);
    let mut groups: Vec<(&str, Vec<usize>)> = GROUPS
        .iter()
        .map(|(title, names)| {
            (
                *title,
                names.iter().filter_map(|name| place(name)).collect(),
            )
        })
        .collect();
    let known: Vec<usize> = groups
        .iter()
        .flat_map(|(_, places)| places.clone())
        .collect();
    if let Some((_, places)) = groups.get_mut(1) {
        places.extend((0..pages.len()).filter(|at| !known.contains(at)));
    }
    groups.retain(|(_, places)| !places.is_empty());
    groups
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_link_and_anchor_leads_somewhere() {
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let pages = pages(&root).expect("the documentation is whole");
        for (name, html) in &pages {
            for outside in ["src=\"http", "<script", "@import", "url(", "href=\"//"] {
                assert!(
                    !html.contains(outside),
                    "{name}.html loads something from elsewhere: {outside}"
                );
            }
            assert_eq!(
                html.matches("<h1").count(),
                1,
                "{name}.html has another number of titles than one"
            );
        }
        assert!(!STYLE.contains("http") && !STYLE.contains("@import"));
    }

    #[test]
    fn a_broken_link_is_named_with_its_page() {
        let source = |name: &str, markdown: &str| Source {
            name: name.to_owned(),
            path: format!("docs/{name}.md"),
            markdown: markdown.to_owned(),
        };
        let sources = [
            source(
                "a",
                "# A\n\n[there](b.md#its-part) [not](b.md#no-part) [gone](c.md) [own](#a) [file](../Cargo.toml) [none](../none.toml) [src](../src/lib.rs)",
            ),
            source("b", "# B\n\n## Its `part`\n"),
        ];
        let parsed: Vec<_> = sources.iter().map(page::parse).collect();
        let root = Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let broken = links::broken(&root, &sources, &parsed);
        let expected = ["b.md#no-part", "c.md", "../none.toml"];
        assert_eq!(broken.len(), expected.len(), "{broken:?}");
        for (told, link) in broken.iter().zip(expected) {
            assert!(
                told.starts_with("docs/a.md") && told.contains(link),
                "{told}"
            );
        }
    }
}
