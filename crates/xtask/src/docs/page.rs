//! Markdown into a page: headings with anchors as GitHub makes them, links as the site needs them,
//! tables and code that scroll by themselves, navigation.

use std::collections::BTreeMap;
use std::fmt::Write as _;

use pulldown_cmark::{CowStr, Event, HeadingLevel, Options, Parser, Tag, TagEnd, html};

use super::Source;
use super::links;

/// A page's content, and what others may link to.
pub struct Parsed {
    pub name: String,
    pub title: String,
    pub anchors: Vec<String>,
    pub links: Vec<String>,
    /// Second-level headings: anchor and text.
    parts: Vec<(String, String)>,
    body: String,
}

/// Reads a page.
pub fn parse(source: &Source) -> Parsed {
    let options =
        Options::ENABLE_TABLES | Options::ENABLE_STRIKETHROUGH | Options::ENABLE_FOOTNOTES;
    let mut events: Vec<Event<'_>> = Parser::new_ext(&source.markdown, options).collect();
    let (mut title, mut anchors, mut parts, mut all) =
        (String::new(), Vec::new(), Vec::new(), Vec::new());
    let mut used = BTreeMap::new();
    for at in 0..events.len() {
        let level = match &events[at] {
            Event::Start(Tag::Heading { level, .. }) => *level,
            Event::Start(Tag::Link { dest_url, .. } | Tag::Image { dest_url, .. }) => {
                all.push(dest_url.to_string());
                continue;
            }
            _ => continue,
        };
        let text = heading_text(&events[at + 1..]);
        let anchor = unique(&slug(&text), &mut used);
        if level == HeadingLevel::H1 && title.is_empty() {
            title.clone_from(&text);
        }
        if level == HeadingLevel::H2 {
            parts.push((anchor.clone(), text));
        }
        if let Event::Start(Tag::Heading { id, .. }) = &mut events[at] {
            *id = Some(CowStr::from(anchor.clone()));
        }
        anchors.push(anchor);
    }
    let events = events.into_iter().map(|event| adapted(event, &source.path));
    let mut body = String::new();
    html::push_html(&mut body, events);
    let body = body
        .replace("<table>", "<div class=\"wide\" tabindex=\"0\"><table>")
        .replace("</table>", "</table></div>")
        .replace("<pre>", "<pre tabindex=\"0\">");
    Parsed {
        name: source.name.clone(),
        title,
        anchors,
        links: all,
        parts,
        body,
    }
}

/// The whole page, with the navigation that all pages share.
pub fn render(page: &Parsed, pages: &[Parsed], order: &[(&str, Vec<usize>)]) -> String {
    let mut nav = String::new();
    for (group, places) in order {
        let _ = write!(nav, "<h2>{group}</h2><ul>");
        for other in places.iter().filter_map(|place| pages.get(*place)) {
            let current = if other.name == page.name {
                " aria-current=\"page\""
            } else {
                ""
            };
            let title = if other.name == "index" {
                "Overview"
            } else {
                &other.title
            };
            let _ = write!(
                nav,
                "<li><a href=\"{}.html\"{current}>{}</a></li>",
                other.name,
                escaped(title)
            );
        }
        nav.push_str("</ul>");
    }
    let mut contents = String::new();
    if page.parts.len() > 2 {
        contents.push_str("<nav class=\"parts\" aria-label=\"On this page\"><ul>");
        for (anchor, text) in &page.parts {
            let _ = write!(
                contents,
                "<li><a href=\"#{anchor}\">{}</a></li>",
                escaped(text)
            );
        }
        contents.push_str("</ul></nav>");
    }
    let title = if page.name == "index" {
        "touchmark".to_owned()
    } else {
        format!("{} – touchmark", escaped(&page.title))
    };
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; style-src 'self'; img-src 'self' data:\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n<title>{title}</title>\n\
         <link rel=\"icon\" href=\"data:,\">\n<link rel=\"stylesheet\" href=\"site.css\">\n</head>\n<body>\n\
         <a class=\"skip\" href=\"#content\">Skip to content</a>\n\
         <header><a class=\"brand\" href=\"index.html\">touchmark</a><a class=\"to-nav\" href=\"#nav\">Contents</a></header>\n\
         <div class=\"frame\">\n<main id=\"content\">\n{contents}{body}</main>\n\
         <nav id=\"nav\" class=\"site\" aria-label=\"Documentation\">{nav}</nav>\n</div>\n</body>\n</html>\n",
        body = page.body,
    )
}

/// `Its part, told` → `its-part-told`.
fn slug(text: &str) -> String {
    text.trim()
        .to_lowercase()
        .chars()
        .filter(|sign| sign.is_alphanumeric() || matches!(sign, ' ' | '-' | '_'))
        .map(|sign| if sign == ' ' { '-' } else { sign })
        .collect()
}

/// The second heading of one text gets `-1`, as GitHub counts.
fn unique(slug: &str, used: &mut BTreeMap<String, usize>) -> String {
    let count = used.entry(slug.to_owned()).or_insert(0);
    let anchor = if *count == 0 {
        slug.to_owned()
    } else {
        format!("{slug}-{count}")
    };
    *count += 1;
    anchor
}

fn heading_text(events: &[Event<'_>]) -> String {
    let mut text = String::new();
    for event in events {
        match event {
            Event::End(TagEnd::Heading(_)) => break,
            Event::Text(piece) | Event::Code(piece) => text.push_str(piece),
            _ => {}
        }
    }
    text
}

fn adapted<'a>(event: Event<'a>, path: &str) -> Event<'a> {
    match event {
        Event::Start(Tag::Link {
            link_type,
            dest_url,
            title,
            id,
        }) => Event::Start(Tag::Link {
            link_type,
            dest_url: links::address(path, &dest_url).into(),
            title,
            id,
        }),
        // What stands in angle brackets is text: the site's pages hold no HTML of their own.
        Event::Html(text) | Event::InlineHtml(text) => Event::Text(text),
        other => other,
    }
}

pub fn escaped(text: &str) -> String {
    text.replace('&', "&amp;")
        .replace('<', "&lt;")
        .replace('>', "&gt;")
        .replace('"', "&quot;")
}
