//! A comparison in words, as JSON or as Markdown.

use std::collections::BTreeMap;

use serde_json::{Value, json};

use super::Format;
use super::crm::Table;
use super::judge::{Counts, Judgement, Trouble};

pub fn show(result: &Judgement, table: &Table, format: Format) -> String {
    match format {
        Format::Human => words(result, table, false),
        Format::Markdown => words(result, table, true),
        Format::Json => {
            serde_json::to_string_pretty(&to_json(result, table)).unwrap_or_default() + "\n"
        }
    }
}

fn words(result: &Judgement, table: &Table, is_markdown: bool) -> String {
    let matched = result.by_id + result.by_keys + result.by_one_key;
    let head = if is_markdown { "### " } else { "" };
    let mut text = format!("{head}touchmark reconcile\n\n");
    text.push_str(&format!(
        "{} captured leads, {} records in {} ({})\n",
        result.leads,
        result.rows,
        table.name,
        table.used(),
    ));
    text.push_str(&format!(
        "{matched} records matched: {} by event id, {} by e-mail and phone, {} by one of the two\n\n",
        result.by_id, result.by_keys, result.by_one_key,
    ));
    for (title, group) in [("page", &result.pages), ("campaign", &result.campaigns)] {
        text.push_str(&counts(title, group, is_markdown));
        text.push('\n');
    }
    let mut codes: BTreeMap<&str, Vec<&Trouble>> = BTreeMap::new();
    for trouble in &result.troubles {
        codes.entry(trouble.code).or_default().push(trouble);
    }
    for (code, troubles) in &codes {
        text.push_str(&format!(
            "{}{code}: {}\n",
            if is_markdown { "#### " } else { "" },
            troubles.len()
        ));
        for trouble in troubles.iter().take(SHOWN) {
            let line = if trouble.line > 0 {
                format!("line {} ", trouble.line)
            } else {
                String::new()
            };
            let event = if trouble.event.is_empty() {
                String::new()
            } else {
                format!("{} ", trouble.event)
            };
            let mark = if is_markdown { "- " } else { "  " };
            text.push_str(&format!("{mark}{line}{event}{}\n", trouble.what));
        }
        if troubles.len() > SHOWN {
            text.push_str(&format!(
                "  and {} more (--format json has all)\n",
                troubles.len() - SHOWN
            ));
        }
        text.push('\n');
    }
    if codes.is_empty() {
        text.push_str("both agree\n");
    }
    text
}

fn counts(title: &str, group: &BTreeMap<String, Counts>, is_markdown: bool) -> String {
    let mut rows: Vec<Vec<String>> = vec![
        [
            title,
            "captured",
            "in CRM",
            "missing",
            "doubled",
            "contradictory",
            "without event",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    for (name, counts) in group {
        let name = if name.is_empty() { "(none)" } else { name };
        let numbers = [
            counts.captured,
            counts.matched,
            counts.missing,
            counts.duplicate,
            counts.contradictory,
            counts.unknown,
        ];
        rows.push(
            std::iter::once(name.to_owned())
                .chain(numbers.map(|n| n.to_string()))
                .collect(),
        );
    }
    table(&rows, is_markdown)
}

/// Columns of one width each; the first to the left, numbers to the right.
pub fn table(rows: &[Vec<String>], is_markdown: bool) -> String {
    let mut text = String::new();
    if is_markdown {
        for (at, row) in rows.iter().enumerate() {
            let cells: Vec<String> = row.iter().map(|cell| cell.replace('|', "\\|")).collect();
            text.push_str(&format!("| {} |\n", cells.join(" | ")));
            if at == 0 {
                text.push_str(&format!("|{}\n", " --- |".repeat(row.len())));
            }
        }
        return text;
    }
    let columns = rows.first().map_or(0, Vec::len);
    let widths: Vec<usize> = (0..columns)
        .map(|at| {
            rows.iter()
                .map(|row| row[at].chars().count())
                .max()
                .unwrap_or(0)
        })
        .collect();
    for row in rows {
        for (at, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[at] - cell.chars().count());
            match at {
                0 => text.push_str(&format!("{cell}{pad}")),
                _ => text.push_str(&format!("  {pad}{cell}")),
            }
        }
        text.truncate(text.trim_end().len());
        text.push('\n');
    }
    text
}

fn to_json(result: &Judgement, table: &Table) -> Value {
    let group = |group: &BTreeMap<String, Counts>| -> Value {
        let all = group.iter().map(|(name, one)| {
            let counts = json!({
                "captured": one.captured, "in_crm": one.matched, "missing": one.missing,
                "duplicate": one.duplicate, "contradictory": one.contradictory, "without_event": one.unknown,
            });
            (name.clone(), counts)
        });
        Value::Object(all.collect())
    };
    let troubles: Vec<Value> = result
        .troubles
        .iter()
        .map(|one| json!({"code": one.code, "line": one.line, "event": one.event, "what": one.what, "page": one.page, "campaign": one.campaign}))
        .collect();
    json!({
        "leads": result.leads,
        "records": result.rows,
        "columns": table.used(),
        "matched": {"event_id": result.by_id, "email_and_phone": result.by_keys, "one_key": result.by_one_key},
        "pages": group(&result.pages),
        "campaigns": group(&result.campaigns),
        "troubles": troubles,
    })
}

const SHOWN: usize = 20;
