//! GitHub's workflow commands, which become annotations beside the lines of a pull request.
//!
//! Source: docs.github.com, "Workflow commands for GitHub Actions".

use super::super::finding::{Finding, Level};
use super::Outcome;
use touchmark_collector::plain;

pub fn show(outcome: &Outcome) -> String {
    let mut text = String::new();
    for finding in outcome
        .findings
        .iter()
        .filter(|one| one.level != Level::Note || outcome.shows_notes)
    {
        text.push_str(&command(finding));
    }
    for fault in &outcome.unread {
        let what = plain(&format!("{}{}", fault.what(), at(&fault.pointer)));
        let message = message(&format!("{what}\nremedy: {}", plain(fault.remedy())));
        text.push_str(&format!(
            "::error file={},title=touchmark {}::{message}\n",
            property(&fault.file),
            fault.code()
        ));
    }
    text.push_str(&format!("touchmark check: {}\n", outcome.totals()));
    text
}

fn command(finding: &Finding) -> String {
    let level = if finding.level == Level::Note {
        "notice"
    } else {
        finding.level.name()
    };
    let mut parts = vec![format!("file={}", property(&finding.place.file))];
    if let Some(spot) = &finding.place.spot {
        parts.push(format!("line={}", spot.line));
        parts.push(format!("endLine={}", spot.end_line));
        // Columns are allowed on one line only.
        if spot.end_line == spot.line {
            parts.push(format!("col={}", spot.column));
            parts.push(format!("endColumn={}", spot.end_column));
        }
    }
    parts.push(format!("title=touchmark {}", finding.code));
    let what = plain(&format!("{}{}", finding.what, at(&finding.place.pointer)));
    let text = format!("{what}\nremedy: {}", plain(&finding.remedy));
    format!("::{level} {}::{}\n", parts.join(","), message(&text))
}

fn at(pointer: &str) -> String {
    if pointer.is_empty() {
        return String::new();
    }
    format!(" (at {pointer})")
}

fn message(text: &str) -> String {
    text.replace('%', "%25")
        .replace('\r', "%0D")
        .replace('\n', "%0A")
}

fn property(text: &str) -> String {
    message(&plain(text))
        .replace(':', "%3A")
        .replace(',', "%2C")
}
