//! The record of a schema's versions: what changed, when, why, and whom it concerns.
//!
//! Used by `diff`. A Markdown file with one section a version, newest first.

use std::collections::BTreeSet;
use std::path::Path;
use std::time::{SystemTime, UNIX_EPOCH};

use touchmark::time::UnixMillis;

use super::diff::{Change, Version, shown};
use crate::plan::fault::Fault;

/// One version's section.
pub struct Entry<'a> {
    pub version: Version,
    pub date: String,
    pub reason: String,
    pub changes: &'a [Change],
}

impl Entry<'_> {
    /// Every system that one of the changes concerns.
    pub fn systems(&self) -> BTreeSet<&str> {
        self.changes
            .iter()
            .flat_map(|change| change.systems.iter().map(String::as_str))
            .collect()
    }

    pub fn to_text(&self) -> String {
        let Self {
            version,
            date,
            reason,
            changes,
        } = self;
        let reason = if reason.is_empty() { MISSING } else { reason };
        let systems = self.systems().into_iter().collect::<Vec<_>>().join(", ");
        let systems = if systems.is_empty() {
            "none named by the schema"
        } else {
            &systems
        };
        let mut text = format!(
            "## {} – {date}\n\nReason: {reason}\n\nSystems affected: {systems}\n\n",
            shown(*version)
        );
        for Change {
            class,
            pointer,
            what,
            ..
        } in *changes
        {
            text.push_str(&format!("- {}: `{pointer}` {what}\n", class.name()));
        }
        text
    }
}

/// Puts an entry in front of the others.
///
/// # Errors
/// The file can't be read or written, or has an entry of that version.
pub fn write(file: &Path, entry: &Entry<'_>) -> Result<(), Fault> {
    let text = if file.exists() {
        read(file)?
    } else {
        "# Schema changelog\n".to_owned()
    };
    if section(&text, entry.version).is_some() {
        let what = format!("it has an entry for {} already", shown(entry.version));
        return Err(fault(
            file,
            "changelog_entry",
            what,
            "mend that entry by hand, or take the next version",
        ));
    }
    let at = text.find("\n## ").map_or(text.len(), |at| at + 1);
    let (head, rest) = text.split_at(at);
    let gap = if head.ends_with("\n\n") { "" } else { "\n" };
    let after = if rest.is_empty() { "" } else { "\n" };
    let whole = format!("{head}{gap}{}{after}{rest}", entry.to_text());
    std::fs::write(file, whole).map_err(|cause| {
        fault(
            file,
            "file_unwritable",
            cause.to_string(),
            "name a file that you may write",
        )
    })
}

/// Looks whether the changelog tells the changes.
///
/// # Errors
/// It can't be read, has no entry of that version, or the entry lacks reason, systems or a change.
pub fn check(file: &Path, entry: &Entry<'_>) -> Result<(), Fault> {
    let text = read(file)?;
    let version = shown(entry.version);
    let Some(told) = section(&text, entry.version) else {
        let what = format!("it has no entry for {version}");
        return Err(fault(
            file,
            "changelog_entry",
            what,
            "write it with --write --reason \"…\"",
        ));
    };
    let after = |label: &str| {
        told.lines()
            .find_map(|line| line.strip_prefix(label))
            .map(str::trim)
    };
    let mut lacking = Vec::new();
    if after("Reason:").is_none_or(|reason| reason.is_empty() || reason == MISSING) {
        lacking.push("a reason".to_owned());
    }
    let systems = after("Systems affected:").unwrap_or_default();
    lacking.extend(
        entry
            .systems()
            .into_iter()
            .filter(|one| !systems.split(", ").any(|told| told == *one))
            .map(|one| format!("the system {one}")),
    );
    let untold = entry
        .changes
        .iter()
        .filter(|change| !told.contains(&format!("`{}`", change.pointer)));
    lacking.extend(untold.map(|change| format!("{} {}", change.pointer, change.what)));
    if lacking.is_empty() {
        return Ok(());
    }
    let what = format!("the entry for {version} lacks {}", lacking.join("; "));
    Err(fault(
        file,
        "changelog_entry",
        what,
        "tell it there, or remove the entry and write it with --write --reason \"…\"",
    ))
}

/// The section of a version, without its heading.
fn section(text: &str, version: Version) -> Option<&str> {
    let heading = format!("## {} ", shown(version));
    let from = if text.starts_with(&heading) {
        0
    } else {
        text.find(&format!("\n{heading}"))? + 1
    };
    let body = &text[from..];
    Some(
        body.split_once('\n')?
            .1
            .split("\n## ")
            .next()
            .unwrap_or_default(),
    )
}

/// Today by the clock, in UTC.
pub fn today() -> String {
    let since = SystemTime::now()
        .duration_since(UNIX_EPOCH)
        .unwrap_or_default();
    UnixMillis(since.as_millis() as u64)
        .to_rfc3339()
        .chars()
        .take(10)
        .collect()
}

fn read(file: &Path) -> Result<String, Fault> {
    std::fs::read_to_string(file).map_err(|cause| {
        fault(
            file,
            "file_unreadable",
            cause.to_string(),
            "name the changelog of the schema",
        )
    })
}

fn fault(file: &Path, code: &'static str, what: String, remedy: &str) -> Fault {
    Fault::new(
        code,
        &file.display().to_string(),
        "",
        what,
        remedy.to_owned(),
    )
}

const MISSING: &str = "(say why)";
