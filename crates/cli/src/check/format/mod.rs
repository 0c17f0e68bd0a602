//! Findings into what people, programs and CI systems read: one file a format.

mod github;
mod human;
mod junit;
mod markdown;
mod sarif;

use serde_json::{Value, json};

use super::diff::Change;
use super::finding::{Finding, Level};
use super::owners::Owners;
use crate::plan::fault::Fault;
use touchmark_collector::plain;

/// How findings are shown.
#[derive(Clone, Copy, Debug, PartialEq, Eq, clap::ValueEnum)]
pub enum Format {
    /// For a terminal, with excerpts
    Human,
    /// One object, for programs
    Json,
    /// SARIF 2.1.0, for code scanning
    Sarif,
    /// JUnit XML, for test reports
    Junit,
    /// GitHub's workflow commands: annotations in a pull request
    Github,
    /// Tables for a pull request's comment or a change log
    Markdown,
}

/// What a run came to.
#[derive(Default)]
pub struct Outcome {
    pub pages: Vec<String>,
    /// The plan's forms that were found, and how many there are.
    pub forms: (usize, usize),
    pub findings: Vec<Finding>,
    /// What could not be read.
    pub unread: Vec<Fault>,
    pub changes: Vec<Change>,
    /// The lowest level that fails the run.
    pub denied: Level,
    pub shows_notes: bool,
    /// The lock file that the pages were compared with.
    pub lock: Option<String>,
    /// Who may change the fields; empty where nothing says.
    pub owners: Owners,
}

impl Outcome {
    pub fn count(&self, level: Level) -> usize {
        self.findings
            .iter()
            .filter(|one| one.level == level)
            .count()
    }

    /// 2 when something could not be read, 1 for findings that fail the run, else 0.
    pub fn exit(&self) -> u8 {
        let fails = self.findings.iter().any(|one| one.level <= self.denied);
        match (self.unread.is_empty(), fails) {
            (false, _) => 2,
            (true, true) => 1,
            (true, false) => 0,
        }
    }

    /// `1 error, 2 warnings, 3 notes, 1 not checked`, as many as there are.
    pub fn totals(&self) -> String {
        let parts: Vec<String> = [Level::Error, Level::Warning, Level::Note]
            .into_iter()
            .map(|level| (self.count(level), level.name()))
            .filter(|(count, _)| *count > 0)
            .map(|(count, name)| format!("{count} {name}{}", if count == 1 { "" } else { "s" }))
            .chain((!self.unread.is_empty()).then(|| format!("{} not checked", self.unread.len())))
            .collect();
        if parts.is_empty() {
            "nothing found".to_owned()
        } else {
            parts.join(", ")
        }
    }

    pub fn show(&self, format: Format, is_coloured: bool) -> String {
        match format {
            Format::Human => human::show(self, is_coloured),
            Format::Json => {
                serde_json::to_string_pretty(&self.to_json()).unwrap_or_default() + "\n"
            }
            Format::Sarif => {
                serde_json::to_string_pretty(&sarif::show(self)).unwrap_or_default() + "\n"
            }
            Format::Junit => junit::show(self),
            Format::Github => github::show(self),
            Format::Markdown => markdown::show(self),
        }
    }

    fn to_json(&self) -> Value {
        let unread: Vec<Value> = self.unread.iter().map(Fault::to_json).collect();
        let changes: Vec<Value> = self
            .changes
            .iter()
            .map(|one| json!({"form": one.form, "pointer": one.pointer, "what": one.what, "effect": one.effect, "owner": self.owners.of_change(one), "level": one.level.name()}))
            .collect();
        json!({
            "touchmark": env!("CARGO_PKG_VERSION"),
            "exit": self.exit(),
            "pages": self.pages,
            "lock": self.lock,
            "forms": {"found": self.forms.0, "declared": self.forms.1},
            "errors": self.count(Level::Error),
            "warnings": self.count(Level::Warning),
            "notes": self.count(Level::Note),
            "findings": self.findings.iter().map(Finding::to_json).collect::<Vec<_>>(),
            "changes": changes,
            "unread": unread,
        })
    }
}

/// Whether a terminal would obey a character, or an eye not see it.
fn is_hidden(one: char) -> bool {
    !one.is_ascii_graphic() && plain(one.encode_utf8(&mut [0; 4])).starts_with('\\')
}

/// Text for XML, in attributes and between tags; one line, whatever it holds.
fn xml(text: &str) -> String {
    let mut out = String::new();
    for one in text.chars() {
        match one {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\t' => out.push(one),
            // No XML can hold most control characters, and none should hide what it says.
            one if is_hidden(one) => out.push('\u{fffd}'),
            one => out.push(one),
        }
    }
    out
}
