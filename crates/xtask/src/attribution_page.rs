//! The tables of spec/ into the tables of docs/attribution.md, between marks that name them.
//!
//! The prose around them is written by hand. Not here: the core's tables (`generate`).

use std::fmt::Write as _;

use anyhow::{Context, Result};
use serde_json::Value;

use crate::generate::{Tables, place_of};

impl Tables {
    /// The page with its tables made anew.
    ///
    /// # Errors
    /// When a mark is missing, or a table is not as it must be.
    pub(crate) fn page(&self, prose: &str) -> Result<String> {
        let mut page = prose.to_owned();
        for (name, table) in [
            ("click ids", self.click_table()),
            ("person ids", self.person_table()),
            ("other parameters", self.other_table()),
            ("vendors", self.vendor_table()),
            ("channels", self.channel_table()),
            ("referrers", self.referrer_table()),
        ] {
            let (start, end) = (format!("<!-- table: {name} -->\n"), "<!-- end of table -->");
            let from = page
                .find(&start)
                .with_context(|| format!("docs/attribution.md lacks the mark {}", start.trim()))?
                + start.len();
            let to = page[from..].find(end).with_context(|| {
                format!("docs/attribution.md lacks {end} after {}", start.trim())
            })?;
            page.replace_range(from..from + to, &table);
        }
        Ok(page)
    }

    fn click_table(&self) -> String {
        let mut text = heading(&[
            "parameter",
            "platform",
            "source",
            "medium",
            "cookie: format",
            "confidence",
            "from",
        ]);
        for row in items(&self.clicks["click_ids"]) {
            let kind = cell(row, "kind");
            if row["confidence"] != "uncertain" && (kind == "click_id" || kind == "marker") {
                let platform = if kind == "marker" {
                    "–"
                } else {
                    cell(row, "platform")
                };
                line(
                    &mut text,
                    &[
                        &code(cell(row, "param")),
                        platform,
                        dash(cell(row, "source")),
                        dash(cell(row, "medium")),
                        &cookies(row),
                        cell(row, "confidence"),
                        cell(row, "reference"),
                    ],
                );
            }
        }
        text
    }

    fn person_table(&self) -> String {
        let mut text = heading(&["parameter", "platform", "kind", "confidence", "from"]);
        for row in items(&self.clicks["click_ids"]) {
            if row["kind"] == "person" || row["confidence"] == "uncertain" {
                line(
                    &mut text,
                    &[
                        &code(cell(row, "param")),
                        cell(row, "platform"),
                        cell(row, "kind"),
                        cell(row, "confidence"),
                        cell(row, "reference"),
                    ],
                );
            }
        }
        text
    }

    fn other_table(&self) -> String {
        let mut text = heading(&["name", "platform", "kind", "note"]);
        for row in items(&self.clicks["click_ids"]) {
            if !["click_id", "marker", "person"].contains(&cell(row, "kind")) {
                line(
                    &mut text,
                    &[
                        &code(cell(row, "param")),
                        cell(row, "platform"),
                        cell(row, "kind"),
                        dash(cell(row, "note")),
                    ],
                );
            }
        }
        text
    }

    fn vendor_table(&self) -> String {
        let mut text = heading(&["vendor", "parameter: field", "from"]);
        for row in items(&self.parameters["vendors"]) {
            let names: Vec<String> = row["parameters"]
                .as_object()
                .into_iter()
                .flatten()
                .map(|(name, field)| format!("{}: {}", code(name), field.as_str().unwrap_or("")))
                .collect();
            line(
                &mut text,
                &[
                    &code(cell(row, "vendor")),
                    &names.join(", "),
                    cell(row, "reference"),
                ],
            );
        }
        text
    }

    fn channel_table(&self) -> String {
        let mut text = heading(&["rule", "channel", "paid", "holds when"]);
        for row in items(&self.channels["rules"]) {
            let when: Vec<String> = items(&row["when"]).map(alternative).collect();
            let paid = if row["paid"] == true { "yes" } else { "no" };
            line(
                &mut text,
                &[
                    &code(cell(row, "rule")),
                    cell(row, "channel"),
                    paid,
                    &when.join("; or "),
                ],
            );
        }
        text
    }

    fn referrer_table(&self) -> String {
        let mut text = heading(&[
            "kind",
            "the core knows",
            "plans bring",
            "reports know besides",
        ]);
        let mut kinds: Vec<&str> = Vec::new();
        for row in items(&self.referrers["referrers"]) {
            if !kinds.contains(&cell(row, "kind")) {
                kinds.push(cell(row, "kind"));
            }
        }
        for kind in kinds {
            let sources = |place: &str| {
                let rows = items(&self.referrers["referrers"]);
                let of_kind = rows.filter(|row| row["kind"] == kind && place_of(row) == place);
                let names: Vec<&str> = of_kind.map(|row| cell(row, "source")).collect();
                dash(&names.join(", ")).to_owned()
            };
            let places = ["core", "plan", "reports"].map(sources);
            line(&mut text, &[kind, &places[0], &places[1], &places[2]]);
        }
        text
    }
}

fn alternative(when: &Value) -> String {
    let tests = when.as_object().into_iter().flatten();
    let tests: Vec<String> = tests
        .map(|(subject, test)| match test {
            Value::String(word) if subject == "kind" => format!("kind is {word}"),
            Value::String(word) => format!("{subject} is *{word}*"),
            test => {
                let (name, words) = test.as_object().and_then(|test| test.iter().next()).unzip();
                let words: Vec<String> = items(words.unwrap_or(&Value::Null))
                    .map(|word| code(word.as_str().unwrap_or("")))
                    .collect();
                let how = match name.map(String::as_str) {
                    Some("contains") => "contains",
                    Some("ends") => "ends in",
                    _ if words.len() > 1 => "is one of",
                    _ => "is",
                };
                format!("{subject} {how} {}", words.join(", "))
            }
        })
        .collect();
    tests.join(" and ")
}

fn cookies(row: &Value) -> String {
    let cookies: Vec<String> = items(&row["cookies"])
        .map(|cookie| {
            format!(
                "{}: {}",
                code(cell(cookie, "name")),
                code(cell(cookie, "format"))
            )
        })
        .collect();
    dash(&cookies.join(", ")).to_owned()
}

fn heading(names: &[&str]) -> String {
    let mut text = String::new();
    line(&mut text, names);
    line(&mut text, &vec!["---"; names.len()]);
    text
}

fn line(text: &mut String, cells: &[&str]) {
    let cells: Vec<String> = cells.iter().map(|cell| cell.replace('|', "\\|")).collect();
    // Writing to a text can't fail.
    let _ = writeln!(text, "| {} |", cells.join(" | "));
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn cell<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap_or("")
}

fn dash(text: &str) -> &str {
    if text.is_empty() { "–" } else { text }
}

fn code(text: &str) -> String {
    format!("`{text}`")
}
