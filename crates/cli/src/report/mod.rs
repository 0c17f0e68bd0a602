//! `touchmark report`: how much was captured, and what looks wrong in it.
//!
//! `count` makes series, `flag` finds drops and mismatches, `page` draws them. Numbers are events
//! as the collector judged them. Not here: the CRM's side (`reconcile`).

mod count;
mod flag;
mod page;
mod plot;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use serde_json::json;

use crate::captured::{self, Day, day, in_order, percent};
use crate::plan::fault::{Fault, give_up};
use crate::reconcile::{safe, table};
use count::{Count, Series};
use flag::Flag;

/// Reports captured events by day, page, form, campaign and verdict
///
/// Flags sudden drops, required fields that were missing, and campaign ids that don't match.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct ReportArgs {
    /// The collector's database, or exported JSON
    #[arg(long, value_name = "FILE", default_value = "touchmark.db")]
    events: PathBuf,
    /// Campaigns that are agreed upon: a CSV with columns campaign and id [default: none, and names and ids are only held against each other]
    #[arg(long, value_name = "FILE")]
    campaigns: Option<PathBuf>,
    /// From this day on, as YYYY-MM-DD [default: the oldest event's, ten years at most]
    #[arg(long, value_name = "DAY", value_parser = day)]
    since: Option<Day>,
    /// Up to and with this day, which should be over [default: yesterday, UTC]
    #[arg(long, value_name = "DAY", value_parser = day)]
    until: Option<Day>,
    /// How much less than usual is a sudden drop, 0 to 100
    #[arg(long, value_name = "PERCENT", default_value = "50", value_parser = percent, allow_negative_numbers = true)]
    drop: f64,
    /// Write a self-contained HTML page with plots
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// How the report is shown
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// Tables for a terminal
    Human,
    /// One object, for programs
    Json,
    /// Tables for a ticket or a wiki
    Markdown,
}

/// What a report says.
struct Report {
    count: Count,
    flags: Vec<Flag>,
}

/// Runs the command: 0 nothing flagged, 1 something is, 2 something could not be read.
pub fn run(args: ReportArgs) -> ExitCode {
    match report(&args) {
        Ok(flags) => ExitCode::from(u8::from(flags > 0)),
        Err(fault) => give_up(&fault, args.format == Format::Json),
    }
}

fn report(args: &ReportArgs) -> Result<usize, Fault> {
    let until = args.until.unwrap_or_else(Day::yesterday);
    in_order(args.since, Some(until))?;
    let events = captured::read(&args.events)?;
    let registry = args.campaigns.as_deref().map(flag::registry).transpose()?;
    let count = Count::of(&events, args.since, until);
    let flags = flag::flags(&count, registry.as_ref(), args.drop);
    let report = Report { count, flags };
    // A file that can't be written is told in place of the report, not behind it.
    if let Some(file) = &args.html {
        crate::plan::write(file, &page::page(&report))?;
    }
    match args.format {
        Format::Json => println!("{:#}", to_json(&report)),
        Format::Human => print!("{}", words(&report, false)),
        Format::Markdown => print!("{}", words(&report, true)),
    }
    if let Some(file) = &args.html {
        eprintln!("{} written", file.display());
    }
    Ok(report.flags.len())
}

fn words(report: &Report, is_markdown: bool) -> String {
    let Report { count, flags } = report;
    let head = if is_markdown { "### " } else { "" };
    let mut text = format!("{head}touchmark report: {}\n\n", count.span());
    let rows = |title: &str, all: &[Series]| {
        let header = [title, "events", "leads", "valid", "invalid", "other"]
            .map(str::to_owned)
            .to_vec();
        let rows = all.iter().map(|one| {
            let numbers = [one.events(), one.leads(), one.valid, one.invalid, one.other];
            std::iter::once(one.name.clone())
                .chain(numbers.map(|n| n.to_string()))
                .collect()
        });
        table(
            &std::iter::once(header)
                .chain(rows)
                .collect::<Vec<Vec<String>>>(),
            is_markdown,
        )
    };
    for (title, all) in count
        .groups()
        .into_iter()
        .filter(|(_, all)| !all.is_empty())
    {
        text.push_str(&rows(title, all));
        text.push('\n');
    }
    if flags.is_empty() {
        text.push_str("nothing to flag\n");
        return text;
    }
    text.push_str(&format!(
        "{}flagged: {}\n",
        if is_markdown { "#### " } else { "" },
        flags.len()
    ));
    for flag in flags {
        let mark = if is_markdown { "- " } else { "  " };
        let what = safe(&flag.what);
        text.push_str(&format!("{mark}{}: {what}\n", flag.code));
    }
    text
}

fn to_json(report: &Report) -> serde_json::Value {
    let Report { count, flags } = report;
    let group = |all: &[Series]| -> Vec<serde_json::Value> {
        all.iter()
            .map(|one| {
                json!({
                    "name": one.name, "events": one.events(), "leads": one.leads(), "valid": one.valid,
                    "invalid": one.invalid, "other": one.other, "by_day": one.days,
                })
            })
            .collect()
    };
    let groups: serde_json::Map<String, serde_json::Value> = count
        .groups()
        .map(|(title, all)| (title.to_owned(), json!(group(all))))
        .into_iter()
        .collect();
    let flags: Vec<serde_json::Value> = flags
        .iter()
        .map(|one| json!({"code": one.code, "about": one.about, "what": one.what}))
        .collect();
    json!({"days": count.days, "latest": count.latest, "groups": groups, "flags": flags})
}

const HELP: &str = "\
Exit codes: 0 nothing flagged, 1 something is, 2 something could not be read.
Days without events count up to yesterday, or to --until: an outage is flagged as silent, and a range
in which nothing came at all as no_events. What came before --since says what is usual.
A sudden drop is one to three days with less than half (--drop) of what is usual: the median of the
seven days before, or of the same weekday if that is less, where that is at least five a day and
chance is no likely cause.

Examples:
  touchmark report --events touchmark.db
  touchmark report --events touchmark.db --since 2026-11-01 --html report.html
  touchmark report --events export.json --campaigns campaigns.csv --format json";
