//! `touchmark check`: every form of some pages against plan and schema, before the pages ship.
//!
//! The way of a page: `input` (text) → `page` (tree with places) → `form` (controls as a browser
//! submits them) → `rules`, which ask `agreed` (the plan), `expect` (the contract) and `accept`
//! (constraint validation) → `lock` and `diff` (the last agreement) → `format`.
//! Not here: what visitors send; that is judged in the page and in the collector.

mod accept;
pub mod agreed;
mod codes;
mod diff;
mod expect;
pub mod finding;
mod form;
mod format;
#[cfg(test)]
mod hostile;
mod input;
mod label;
mod locate;
mod lock;
mod owners;
mod page;
pub mod render;
pub mod rules;
mod sink;

use std::io::{IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, ValueEnum};
use touchmark_collector::plain;

use agreed::Agreed;
use finding::{Finding, Level};
use format::{Format, Outcome};
use input::Input;
use lock::Lock;
use page::Page;
use rules::{Question, Sheet};

use crate::plan::fault::{Fault, Faults};

/// Checks pages' forms against plan and schema
///
/// Reads pages and holds every form against the plan: names, types, constraints, options, hidden
/// fields, signals, labels. Where a field was renamed it says to what.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct CheckArgs {
    /// Pages: files, folders, globs, addresses, or - for standard input
    #[arg(required_unless_present_any = ["rules", "owners"], value_name = "PAGE")]
    pages: Vec<String>,
    /// The plan, as written or as built [default: touchmark.plan.json, plan.json, or the one in the folder given]
    #[arg(long, value_name = "FILE")]
    plan: Option<PathBuf>,
    /// The shared event schema, in place of the one that the plan names
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
    /// The forms as last agreed upon; not there, nothing is compared
    #[arg(long, value_name = "FILE", default_value = "touchmark.lock.json")]
    lock: PathBuf,
    /// Write the lock file anew: what is there now is agreed upon
    #[arg(long)]
    update: bool,
    /// How findings are shown
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Where to write them, in place of standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// What fails the run beside errors
    #[arg(long, value_enum)]
    deny: Option<Deny>,
    /// Show notes too
    #[arg(long)]
    notes: bool,
    /// Render pages in Chromium first, for forms that scripts build; TOUCHMARK_CHROMIUM names one
    #[arg(long)]
    browser: bool,
    /// The folder that is served as / [default: the folder given, or the plan's]
    #[arg(long, value_name = "FOLDER")]
    root: Option<PathBuf>,
    /// List the plan's fields with who may change them, and end
    #[arg(long)]
    owners: bool,
    /// List the rules and end
    #[arg(long)]
    rules: bool,
}

/// What may fail a run beside errors.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Deny {
    /// Warnings
    Warnings,
    /// Warnings and notes
    Notes,
}

/// Runs the command; see `HELP` for its exit codes.
pub fn run(args: CheckArgs) -> ExitCode {
    if args.rules {
        for (code, what) in codes::CODES {
            println!("{code:24} {what}");
        }
        return ExitCode::SUCCESS;
    }
    let mut faults = Faults::default();
    let Some(agreed) = agreement(&args, &mut faults) else {
        eprint!("{}", faults.report());
        eprintln!("nothing was checked");
        return ExitCode::from(2);
    };
    if args.owners {
        print!(
            "{}",
            owners::table(&agreed, args.schema.as_deref(), args.format)
        );
        return ExitCode::SUCCESS;
    }
    match check(&args, &agreed) {
        Ok(code) => ExitCode::from(code),
        Err(fault) => {
            eprintln!("error{fault}");
            ExitCode::from(2)
        }
    }
}

fn check(args: &CheckArgs, agreed: &Agreed) -> Result<u8, Fault> {
    let former = Lock::read(&args.lock)?;
    let mut unread = Vec::new();
    let inputs = input::gather(&args.pages, &mut unread);
    let roots = roots(args);
    let sheets = match args.browser {
        true => render::render(&inputs, &roots, agreed, &mut unread),
        false => read(&inputs, &roots, agreed, &mut unread),
    };
    let question = Question {
        agreed,
        sheets: &sheets,
        lock: former.as_ref(),
        is_whole: args.pages.iter().any(|page| input::is_many(page)),
    };
    let today = Lock::of(&question, &args.lock);
    // What is agreed upon now is no news.
    let lock = if args.update {
        Some(&today)
    } else {
        former.as_ref()
    };
    let mut findings = rules::judge(&Question { lock, ..question });
    let changes = former
        .as_ref()
        .map(|former| diff::changes(former, &today))
        .unwrap_or_default();
    if let Some(former) = former.as_ref().filter(|_| !args.update) {
        let news = diff::findings(former, &today, &findings);
        findings.extend(news);
    }
    locate::fill(&mut findings);
    findings.sort_by(Finding::order);
    let found = rules::locate(&Question { lock, ..question }, &mut Vec::new())
        .forms
        .len();
    let outcome = Outcome {
        pages: sheets.iter().map(|sheet| sheet.page.name.clone()).collect(),
        forms: (found, agreed.forms.len()),
        findings,
        unread,
        changes,
        denied: match args.deny {
            None => Level::Error,
            Some(Deny::Warnings) => Level::Warning,
            Some(Deny::Notes) => Level::Note,
        },
        shows_notes: args.notes || args.deny == Some(Deny::Notes),
    };
    show(args, &outcome)?;
    if args.update && outcome.unread.is_empty() {
        today.write(&args.lock)?;
        eprintln!(
            "{}: {found} forms agreed upon, {} changes",
            plain(&today.name),
            outcome.changes.len()
        );
    } else if args.update {
        eprintln!(
            "{} stays as it was: not every page could be read",
            plain(&today.name)
        );
    }
    Ok(outcome.exit())
}

fn show(args: &CheckArgs, outcome: &Outcome) -> Result<(), Fault> {
    match &args.out {
        Some(file) => crate::plan::write(file, &outcome.show(args.format, false)),
        None => {
            let mut out = std::io::stdout().lock();
            let is_coloured = out.is_terminal() && std::env::var_os("NO_COLOR").is_none();
            // Whoever reads may stop at any time.
            let _ = out.write_all(outcome.show(args.format, is_coloured).as_bytes());
            Ok(())
        }
    }
}

fn read(
    inputs: &[Input],
    roots: &[PathBuf],
    agreed: &Agreed,
    unread: &mut Vec<Fault>,
) -> Vec<Sheet> {
    let mut sheets = Vec::new();
    for input in inputs {
        match input.read() {
            Ok(text) => {
                let page = Page::parse(&input.name(), text);
                sheets.push(Sheet::new(page, input.path(roots), agreed));
            }
            Err(fault) => unread.push(fault),
        }
    }
    sheets
}

/// The plan that is named, or the one that is where plans are.
fn agreement(args: &CheckArgs, faults: &mut Faults) -> Option<Agreed> {
    let folders = args
        .pages
        .iter()
        .map(Path::new)
        .filter(|path| path.is_dir());
    let usual = ["touchmark.plan.json", "plan.json"];
    let places = std::iter::once(Path::new("")).chain(folders);
    let found = places
        .flat_map(|folder| usual.map(|name| folder.join(name)))
        .find(|path| path.is_file());
    let Some(plan) = args.plan.clone().or(found) else {
        let what = "no plan was named, and none is here".to_owned();
        let remedy = "name it by --plan FILE".to_owned();
        faults.add(Fault::new(
            "plan_missing",
            "touchmark.plan.json",
            "",
            what,
            remedy,
        ));
        return None;
    };
    Agreed::read(&plan, args.schema.as_deref(), faults)
}

/// What is served as `/`.
fn roots(args: &CheckArgs) -> Vec<PathBuf> {
    if let Some(root) = &args.root {
        return vec![root.clone()];
    }
    let given = args
        .pages
        .iter()
        .map(PathBuf::from)
        .filter(|path| path.is_dir());
    let mut roots: Vec<PathBuf> = given.collect();
    let beside = args.plan.as_ref().and_then(|plan| plan.parent());
    roots.extend(
        beside
            .filter(|folder| !folder.as_os_str().is_empty())
            .map(Path::to_owned),
    );
    roots
}

const HELP: &str = "\
Exit codes: 0 nothing to mend, 1 findings, 2 something could not be checked.
Errors are findings that fail a run; warnings do so with --deny warnings.

Examples:
  touchmark check --plan plan.json site/
  touchmark check --plan plan.json 'site/**/*.html' --deny warnings
  curl -s https://clinic.example/appointment/ | touchmark check --plan plan.json -
  touchmark check --plan plan.json --browser https://clinic.example/app/book
  touchmark check --plan plan.json site/ --update
  touchmark check --plan plan.json site/ --format sarif --out touchmark.sarif";
