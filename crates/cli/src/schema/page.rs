//! A document of headings, paragraphs and tables into Markdown or HTML.
//!
//! Used by `docs`. In every text a stretch between backticks is code; nothing else has a meaning.

/// A document, block by block.
#[derive(Default)]
pub struct Page(Vec<Block>);

enum Block {
    Heading(usize, String),
    Text(String),
    Table(Vec<&'static str>, Vec<Vec<String>>),
}

impl Page {
    /// A heading; 1 is the document's.
    pub fn heading(&mut self, level: usize, text: impl Into<String>) {
        self.0.push(Block::Heading(level, text.into()));
    }

    /// A paragraph; nothing when the text is empty.
    pub fn text(&mut self, text: impl Into<String>) {
        let text = text.into();
        if !text.is_empty() {
            self.0.push(Block::Text(text));
        }
    }

    /// A table; nothing when it has no rows. Columns that no row fills are left out.
    pub fn table(&mut self, head: &[&'static str], rows: Vec<Vec<String>>) {
        let filled: Vec<usize> = (0..head.len())
            .filter(|column| rows.iter().any(|row| !row[*column].is_empty()))
            .collect();
        if !rows.is_empty() {
            let head = filled.iter().map(|column| head[*column]).collect();
            let rows = rows
                .into_iter()
                .map(|row| filled.iter().map(|column| row[*column].clone()).collect());
            self.0.push(Block::Table(head, rows.collect()));
        }
    }

    pub fn to_markdown(&self) -> String {
        let mut text = String::new();
        for block in &self.0 {
            match block {
                Block::Heading(level, words) => {
                    text.push_str(&format!("{} {words}\n\n", "#".repeat(*level)))
                }
                Block::Text(words) => text.push_str(&format!("{words}\n\n")),
                Block::Table(head, rows) => {
                    text.push_str(&format!(
                        "| {} |\n|{}\n",
                        head.join(" | "),
                        " --- |".repeat(head.len())
                    ));
                    for row in rows {
                        let cells: Vec<String> =
                            row.iter().map(|cell| cell.replace('|', "\\|")).collect();
                        text.push_str(&format!("| {} |\n", cells.join(" | ")));
                    }
                    text.push('\n');
                }
            }
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
        text
    }

    pub fn to_html(&self, title: &str) -> String {
        let mut body = String::new();
        for block in &self.0 {
            match block {
                Block::Heading(level, words) => {
                    let id: String = words
                        .to_lowercase()
                        .chars()
                        .filter(|one| one.is_alphanumeric() || matches!(one, ' ' | '_' | '-'))
                        .map(|one| if one == ' ' { '-' } else { one })
                        .collect();
                    body.push_str(&format!(
                        "<h{level} id=\"{id}\">{}</h{level}>\n",
                        html(words)
                    ));
                }
                Block::Text(words) => body.push_str(&format!("<p>{}</p>\n", html(words))),
                Block::Table(head, rows) => {
                    let line = |tag: &str, cells: &mut dyn Iterator<Item = &str>| {
                        let cells: String = cells
                            .map(|cell| format!("<{tag}>{}</{tag}>", html(cell)))
                            .collect();
                        format!("<tr>{cells}</tr>\n")
                    };
                    body.push_str("<table>\n");
                    body.push_str(&line("th", &mut head.iter().copied()));
                    for row in rows {
                        body.push_str(&line("td", &mut row.iter().map(String::as_str)));
                    }
                    body.push_str("</table>\n");
                }
            }
        }
        format!(
            "<!doctype html>\n<html lang=\"en\">\n<meta charset=\"utf-8\">\n<meta name=\"viewport\" content=\"width=device-width\">\n<title>{}</title>\n<style>{STYLE}</style>\n{body}</html>\n",
            html(title)
        )
    }
}

/// A text for HTML, with its code marked.
fn html(text: &str) -> String {
    let plain = |text: &str| {
        text.replace('&', "&amp;")
            .replace('<', "&lt;")
            .replace('>', "&gt;")
    };
    let parts = text.split('`').enumerate();
    parts
        .map(|(index, part)| match index % 2 {
            1 => format!("<code>{}</code>", plain(part)),
            _ => plain(part),
        })
        .collect()
}

const STYLE: &str = "body{font:16px/1.5 system-ui,sans-serif;max-width:72rem;margin:2rem auto;padding:0 1rem}table{border-collapse:collapse;margin:1rem 0}th,td{border:1px solid #bbb;padding:.3rem .6rem;text-align:left;vertical-align:top}code{font-size:.9em}";
