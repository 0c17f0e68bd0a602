//! `touchmark schema diff OLD NEW`: what changed, whom it concerns, and which version that makes.
//!
//! `compare` below finds the changes; `changelog` holds their record. Fails when NEW's version is
//! lower than the changes ask for, or when the changelog does not tell them.

mod change;
mod compare;
mod systems;

use std::path::PathBuf;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};

use super::changelog;
use crate::captured::{Day, day};
use crate::plan::fault::{Fault, Faults};
use crate::plan::source::Source;
pub use change::{Change, Class, Step};

#[derive(Debug, Args)]
pub struct DiffArgs {
    /// The version that was published
    old: PathBuf,
    /// The version that is to be
    new: PathBuf,
    /// The changelog that must tell the changes
    #[arg(long, value_name = "FILE")]
    changelog: Option<PathBuf>,
    /// Write the entry into the changelog, in place of looking for it
    #[arg(long, requires_all = ["changelog", "reason"])]
    write: bool,
    /// Why it changed, for the entry
    #[arg(long, value_name = "TEXT")]
    reason: Option<String>,
    /// The day of the entry. Default: today, UTC
    #[arg(long, value_name = "YYYY-MM-DD", value_parser = day)]
    date: Option<Day>,
    #[arg(long, value_enum, default_value = "text")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    Text,
    Json,
}

/// MODEL, REVISION, ADDITION.
pub type Version = [u64; 3];

pub fn run(args: &DiffArgs, faults: &mut Faults) -> Option<String> {
    let mut read = |file: &PathBuf| Source::read(file).map_err(|fault| faults.add(fault)).ok();
    let (old, new) = (read(&args.old)?, read(&args.new)?);
    let changes = compare::changes(&old.value, &new.value);
    let mut version = |source: &Source| {
        let found = version_of(&source.value);
        if found.is_none() {
            let what = "its $id ends in no SchemaVer".to_owned();
            let remedy = "end $id in MODEL-REVISION-ADDITION, such as 1-0-0".to_owned();
            faults.add(Fault::new(
                "schema_head",
                &source.name,
                "/$id",
                what,
                remedy,
            ));
        }
        found
    };
    let (was, is) = (version(&old)?, version(&new)?);
    let step = changes
        .iter()
        .map(|change| change.step)
        .max()
        .unwrap_or(Step::None);
    let proposed = step.after(was);
    // A larger step is the author's to take.
    let fits = is == proposed
        || [Step::Addition, Step::Revision, Step::Model]
            .iter()
            .any(|taken| *taken > step && is == taken.after(was));
    if !fits {
        let what = format!(
            "the version is {}, the changes make it {}",
            shown(is),
            shown(proposed)
        );
        let remedy = format!("end $id in {}: {}", shown(proposed), step.why());
        faults.add(Fault::new(
            "schema_version",
            &new.name,
            "/$id",
            what,
            remedy,
        ));
    }
    let entry = changelog::Entry {
        version: if fits { is } else { proposed },
        date: args
            .date
            .map_or_else(changelog::today, |day| day.to_string()),
        reason: args.reason.clone().unwrap_or_default(),
        changes: &changes,
    };
    if let Some(file) = args
        .changelog
        .as_deref()
        .filter(|_| !changes.is_empty() && fits)
    {
        let done = if args.write {
            changelog::write(file, &entry)
        } else {
            changelog::check(file, &entry)
        };
        if let Err(fault) = done {
            faults.add(fault);
        }
    }
    Some(match args.format {
        Format::Text => text(&changes, was, proposed, step, &entry),
        Format::Json => {
            let report = json!({
                "old": shown(was),
                "new": shown(is),
                "proposed": shown(proposed),
                "step": step.name(),
                "fits": fits,
                "changes": changes.iter().map(Change::to_json).collect::<Vec<Value>>(),
                "systems": entry.systems(),
                "entry": entry.to_text(),
            });
            format!("{report:#}\n")
        }
    })
}

fn text(
    changes: &[Change],
    was: Version,
    proposed: Version,
    step: Step,
    entry: &changelog::Entry<'_>,
) -> String {
    if changes.is_empty() {
        return format!("no change; the version stays {}\n", shown(was));
    }
    let mut lines = String::new();
    for class in [Class::Breaking, Class::NeedsAttention, Class::Compatible] {
        let of_class: Vec<&Change> = changes
            .iter()
            .filter(|change| change.class == class)
            .collect();
        if !of_class.is_empty() {
            lines.push_str(&format!("{} ({})\n", class.name(), of_class.len()));
        }
        for change in of_class {
            lines.push_str(&format!("  {}: {}\n", change.pointer, change.what));
        }
    }
    lines.push_str(&format!(
        "{} → {}: {}\n\nchangelog entry:\n\n{}",
        shown(was),
        shown(proposed),
        step.why(),
        entry.to_text()
    ));
    lines
}

/// The SchemaVer at the end of a schema's `$id`.
fn version_of(schema: &Value) -> Option<Version> {
    let (_, version) = schema["$id"].as_str()?.rsplit_once('/')?;
    let mut numbers = version.split('-').map(|part| part.parse().ok());
    let version = [numbers.next()??, numbers.next()??, numbers.next()??];
    numbers.next().is_none().then_some(version)
}

pub fn shown([model, revision, addition]: Version) -> String {
    format!("{model}-{revision}-{addition}")
}
