//! Markdown for a pull request's comment: what is wrong, then what changed since the last agreement.

use super::super::diff::{self, cell};
use super::super::finding::Level;
use super::Outcome;

pub fn show(outcome: &Outcome) -> String {
    let mut text = format!("### touchmark check: {}\n\n", outcome.totals());
    let shown: Vec<_> = outcome
        .findings
        .iter()
        .filter(|one| {
            one.code != "lock_changed" && (one.level != Level::Note || outcome.shows_notes)
        })
        .collect();
    if !shown.is_empty() {
        text.push_str("| | where | what | remedy |\n| --- | --- | --- | --- |\n");
        for one in shown {
            let level = one.level.name();
            let mark = if one.level == Level::Error {
                format!("**{level}**")
            } else {
                level.to_owned()
            };
            text.push_str(&format!(
                "| {mark} | `{}` | {} | {} |\n",
                quoted(&one.address()),
                cell(&one.what),
                cell(&one.remedy)
            ));
        }
        text.push('\n');
    }
    for fault in &outcome.unread {
        text.push_str(&format!(
            "**could not check** `{}`: {}. Remedy: {}\n\n",
            quoted(&fault.place()),
            cell(fault.what()),
            cell(fault.remedy())
        ));
    }
    // Of pages that nobody read nothing is known.
    if !outcome.pages.is_empty() {
        text.push_str("#### Since the last agreement\n\n");
        text.push_str(&match &outcome.lock {
            Some(_) => diff::markdown(&outcome.changes, &outcome.owners),
            None => "Nothing was agreed upon yet: `touchmark check --update` does.\n".to_owned(),
        });
    }
    text
}

/// A name between backticks, which no name can end.
fn quoted(name: &str) -> String {
    cell(name).replace('`', "'")
}
