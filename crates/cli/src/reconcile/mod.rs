//! `touchmark reconcile`: captured leads against what the CRM has.
//!
//! `crm` reads the export, `pair` finds which belong together, `judge` compares each pair and
//! counts, `show` words it. No contact data is ever printed: rows are named by their line.

mod crm;
mod judge;
mod pair;
mod range;
mod show;

pub use crm::delimiter;
pub use show::{safe, table};

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, ValueEnum};

use crate::captured::{self, Day, day, in_order, percent};
use crate::plan::fault::{Fault, give_up};
use range::Range;

/// Compares captured events with a CRM export
///
/// Every lead that was captured should be in the CRM once, with the same campaign and stage.
/// Records are matched by the event id, then by hashed e-mail plus phone.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct ReconcileArgs {
    /// The collector's database, or exported JSON
    #[arg(long, value_name = "FILE")]
    events: PathBuf,
    /// The CRM's export as CSV, with a header line
    #[arg(long, value_name = "FILE")]
    crm: PathBuf,
    /// Which column is what, such as id="Touchmark ID": id, email, phone, campaign, campaign_id, stage, page, created (repeatable)
    #[arg(long = "column", value_name = "WHAT=NAME", value_parser = pair_of)]
    columns: Vec<(String, String)>,
    /// What a stage of the CRM is called here, such as "Hot lead=lead_qualified" (repeatable)
    #[arg(long = "stage", value_name = "WORD=TYPE", value_parser = stage_of)]
    stages: Vec<(String, String)>,
    /// Country code without +, for phone numbers written without it [default: none; such numbers match hashes of the same digits only]
    #[arg(long, value_name = "DIGITS", value_parser = digits)]
    country_code: Option<String>,
    /// From this day on, as YYYY-MM-DD; records by their column `created`, those without a day always [default: the oldest]
    #[arg(long, value_name = "DAY", value_parser = day)]
    since: Option<Day>,
    /// Up to and with this day [default: the newest]
    #[arg(long, value_name = "DAY", value_parser = day)]
    until: Option<Day>,
    /// How many leads in a hundred may be missing on either side
    #[arg(long, value_name = "PERCENT", default_value = "0", value_parser = percent, allow_negative_numbers = true)]
    tolerance: f64,
    /// How the result is shown
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal
    Human,
    /// One object, for programs
    Json,
    /// For a ticket or a wiki
    Markdown,
}

/// Runs the command: 0 both agree, 1 they don't, 2 something could not be read.
pub fn run(args: ReconcileArgs) -> ExitCode {
    match compare(&args) {
        Ok(agrees) => ExitCode::from(u8::from(!agrees)),
        Err(fault) => give_up(&fault, args.format == Format::Json),
    }
}

fn compare(args: &ReconcileArgs) -> Result<bool, Fault> {
    in_order(args.since, args.until)?;
    let events = captured::read(&args.events)?;
    judge::known_stages(&args.stages, &events)?;
    let table = crm::Table::read(&args.crm, &args.columns)?;
    let rows = table.rows(args.country_code.as_deref());
    let range = Range {
        since: args.since,
        until: args.until,
    };
    let (leads, rows) = range.within(captured::leads(&events), &table, rows)?;
    let pairs = pair::pair(&leads, &rows);
    let stages = judge::Stages::new(&args.stages);
    let mut result = judge::judge(&events, &leads, &rows, &pairs, &stages);
    result.tell_uneven(&table);
    if args.country_code.is_none() {
        result.national_phones = judge::unmatched_national_phones(&leads, &rows);
    }
    print!("{}", show::show(&result, &table, args.format));
    Ok(result.agrees(args.tolerance))
}

fn pair_of(text: &str) -> Result<(String, String), String> {
    pair(text, "write it as WHAT=NAME, such as id=\"Web ID\"")
}

fn stage_of(text: &str) -> Result<(String, String), String> {
    pair(
        text,
        "write it as WORD=TYPE, such as \"Hot lead=lead_qualified\"",
    )
}

fn pair(text: &str, remedy: &str) -> Result<(String, String), String> {
    let (one, other) = text.split_once('=').ok_or(remedy)?;
    let (one, other) = (one.trim(), other.trim());
    if one.is_empty() || other.is_empty() {
        return Err(remedy.to_owned());
    }
    Ok((one.to_owned(), other.to_owned()))
}

fn digits(text: &str) -> Result<String, String> {
    let plain = text.trim_start_matches('+');
    // None begins with 0, which is what is dialled before one.
    let is_code = matches!(plain.len(), 1..=3)
        && plain.bytes().all(|byte| byte.is_ascii_digit())
        && !plain.starts_with('0');
    if is_code {
        Ok(plain.to_owned())
    } else {
        Err("write one to three digits that don't begin with 0, such as 1 or 49".to_owned())
    }
}

const HELP: &str = "\
Exit codes: 0 both agree, 1 they don't, 2 something could not be read.
Columns are found by their names, as in Event ID, Email, Phone, Campaign, Stage, Created; --column
names them where that fails. E-mail addresses and phone numbers may be plain or hashed: plain ones
are normalised and hashed as in the page, and never printed.

Examples:
  touchmark reconcile --events touchmark.db --crm leads.csv
  touchmark reconcile --events touchmark.db --crm leads.csv --country-code 1 --since 2026-11-01
  touchmark reconcile --events export.json --crm leads.csv --column id=\"Web ID\" --stage \"Hot=lead_qualified\"";
