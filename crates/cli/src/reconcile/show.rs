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
        "{}, {} in {} ({})\n",
        several(result.leads, "captured lead"),
        several(result.rows, "record"),
        table.name,
        table.used(),
    ));
    text.push_str(&format!(
        "{} matched: {} by event id, {} by e-mail and phone, {} by one of the two\n",
        several(matched, "record"),
        result.by_id,
        result.by_keys,
        result.by_one_key,
    ));
    if let Some(note) = phones(result) {
        text.push_str(&format!("note: {note}\n"));
    }
    text.push('\n');
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
            let said = safe(&format!("{event}{}", trouble.what));
            text.push_str(&format!("{mark}{line}{said}\n"));
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

/// Why phones match nothing, where a country code would help.
fn phones(result: &Judgement) -> Option<String> {
    let number = result.national_phones;
    (number > 0).then(|| {
        let records = several(number, "record");
        let have = if number == 1 { "has a phone number" } else { "have phone numbers" };
        format!("{records} {have} without a country code, which no lead has: name it, as in --country-code 1")
    })
}

/// `1 record`, `2 records`.
fn several(number: usize, one: &str) -> String {
    let end = if number == 1 { "" } else { "s" };
    format!("{number} {one}{end}")
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

/// Text from events and CRMs for a terminal or a log: it begins no line and turns no direction.
pub fn safe(text: &str) -> String {
    let is_odd = |one: char| {
        one.is_control()
            || matches!(one, '\u{200e}' | '\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    let of = |one| if is_odd(one) { '\u{fffd}' } else { one };
    text.chars().map(of).collect()
}

/// Columns of one width each; texts to the left, numbers to the right.
pub fn table(rows: &[Vec<String>], is_markdown: bool) -> String {
    let rows: Vec<Vec<String>> = rows
        .iter()
        .map(|row| row.iter().map(|cell| safe(cell)).collect())
        .collect();
    let mut text = String::new();
    if is_markdown {
        for (at, row) in rows.iter().enumerate() {
            let cell = |cell: &String| cell.replace('|', "\\|").replace('<', "&lt;");
            let cells: Vec<String> = row.iter().map(cell).collect();
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
    let is_number =
        |cell: &String| !cell.is_empty() && cell.bytes().all(|one| one.is_ascii_digit());
    let is_right: Vec<bool> = (0..columns)
        .map(|at| rows.len() > 1 && rows[1..].iter().all(|row| is_number(&row[at])))
        .collect();
    for row in &rows {
        for (at, cell) in row.iter().enumerate() {
            let pad = " ".repeat(widths[at] - cell.chars().count());
            let gap = if at == 0 { "" } else { "  " };
            match is_right[at] {
                true => text.push_str(&format!("{gap}{pad}{cell}")),
                false => text.push_str(&format!("{gap}{cell}{pad}")),
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
        "notes": phones(result).into_iter().collect::<Vec<String>>(),
        "pages": group(&result.pages),
        "campaigns": group(&result.campaigns),
        "troubles": troubles,
    })
}

const SHOWN: usize = 20;

#[cfg(test)]
mod tests {
    use super::{safe, table};

    #[test]
    fn a_campaign_begins_no_line_clears_no_screen_and_turns_no_text() {
        let campaign = "spring\n\u{1b}[2Jerror: all is lost\r\u{9b}\u{202e}|<img src=x>\u{2028}";
        let rows = vec![
            vec!["campaign".to_owned(), "events".to_owned()],
            vec![campaign.to_owned(), "1".to_owned()],
        ];
        for is_markdown in [false, true] {
            let text = table(&rows, is_markdown);
            let odd =
                |one: char| one != '\n' && (one.is_control() || "\u{202e}\u{2028}".contains(one));
            assert!(!text.contains(odd), "{text:?}");
            assert_eq!(
                text.lines().count(),
                if is_markdown { 3 } else { 2 },
                "{text:?}"
            );
        }
        assert!(table(&rows, true).contains("\\|&lt;img src=x>"));
        assert_eq!(safe("Frühling – 10 % 🌷"), "Frühling – 10 % 🌷");
    }
}
