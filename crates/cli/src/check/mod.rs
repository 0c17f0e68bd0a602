//! `touchmark check`: every form of some pages against plan and schema, before the pages ship.
//!
//! The way of a page: `input` (text) → `page` (tree with places) → `form` (controls as a browser
//! submits them) → `mapping` (which field each feeds) → `rules`, which ask `agreed` (the plan),
//! `expect` (the contract) and `accept` (constraint validation) → `lock` and `diff` (the last agreement) → `format`.
//! Not here: what visitors send; that is judged in the page and in the collector.

mod accept;
pub mod agreed;
mod codes;
mod control;
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
mod mapping;
mod nearest;
mod owners;
mod page;
mod places;
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
use owners::Owners;
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
    /// The shared event schema [default: the one that the plan names, else the one that comes with touchmark]
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
    /// The forms as last agreed upon [default: the nearest touchmark.lock.json from the plan's folder upwards, else from here; where there is none nothing is compared, and --update writes one beside the plan]
    #[arg(long, value_name = "FILE")]
    lock: Option<PathBuf>,
    /// Write the lock file anew: what is there now is agreed upon
    #[arg(long)]
    update: bool,
    /// How findings are shown
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Where to write them [default: standard output]
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// What fails the run beside errors [default: nothing]
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
    let Some((plan, agreed)) = agreement(&args, &mut faults) else {
        return give_up(&args, faults);
    };
    if args.owners {
        let owners = Owners::read(&agreed, args.schema.as_deref());
        return match owners.and_then(|owners| owners.show(args.format)) {
            Ok(text) => done(write(&args, &text).map(|()| 0)),
            Err(found) => give_up(&args, found),
        };
    }
    let lock = nearest::lock(args.lock.as_deref(), &plan);
    match former(&args, &lock) {
        Ok(former) => done(check(&args, &agreed, &lock, former)),
        Err(fault) => {
            faults.add(fault);
            give_up(&args, faults)
        }
    }
}

/// Ends a run that could show its outcome, or one that could not.
fn done(shown: Result<u8, Fault>) -> ExitCode {
    ExitCode::from(shown.unwrap_or_else(|fault| {
        eprintln!("error{fault}");
        2
    }))
}

/// Tells why nothing was checked: people at once, programs in the format that they asked for.
fn give_up(args: &CheckArgs, faults: Faults) -> ExitCode {
    eprint!("{}", faults.report());
    eprintln!("nothing was checked");
    let outcome = Outcome {
        unread: faults.into_all(),
        ..Outcome::default()
    };
    if args.format == Format::Human && args.out.is_none() {
        return ExitCode::from(2);
    }
    done(show(args, &outcome).map(|()| 2))
}

/// The last agreement; a file that was named must be there.
fn former(args: &CheckArgs, lock: &Path) -> Result<Option<Lock>, Fault> {
    let former = Lock::read(lock)?;
    if former.is_none() && args.lock.is_some() && !args.update {
        let what = "there is no such lock file, so nothing would be compared".to_owned();
        let remedy = "name one that exists, write it by --update, or leave --lock out".to_owned();
        let name = lock.display().to_string();
        return Err(Fault::new("lock_missing", &name, "", what, remedy));
    }
    Ok(former)
}

fn check(
    args: &CheckArgs,
    agreed: &Agreed,
    file: &Path,
    former: Option<Lock>,
) -> Result<u8, Fault> {
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
    let today = Lock::of(&question, file);
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
        lock: former.map(|former| former.name),
        owners: Owners::read(agreed, args.schema.as_deref()).unwrap_or_default(),
    };
    show(args, &outcome)?;
    if args.update && outcome.unread.is_empty() {
        today.write(file)?;
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
    let is_coloured = args.out.is_none()
        && std::io::stdout().is_terminal()
        && std::env::var_os("NO_COLOR").is_none();
    write(args, &outcome.show(args.format, is_coloured))
}

/// To the file that was named, else to standard output.
fn write(args: &CheckArgs, text: &str) -> Result<(), Fault> {
    if let Some(file) = &args.out {
        return crate::plan::write(file, text);
    }
    // Whoever reads may stop at any time.
    let _ = std::io::stdout().lock().write_all(text.as_bytes());
    Ok(())
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

/// The plan that is named, or the one that is where plans are, with its file.
fn agreement(args: &CheckArgs, faults: &mut Faults) -> Option<(PathBuf, Agreed)> {
    let folders: Vec<&Path> = args
        .pages
        .iter()
        .map(Path::new)
        .filter(|path| path.is_dir())
        .collect();
    let Some(plan) = args.plan.clone().or_else(|| nearest::plan(&folders)) else {
        let what = "no plan was named, and none is here or in a folder given".to_owned();
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
    let agreed = Agreed::read(&plan, args.schema.as_deref(), faults)?;
    Some((plan, agreed))
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
Errors are findings that fail a run; warnings do so with --deny warnings. What could not be checked
(a plan with faults, a page or lock file that can't be read) is told in every format.

Examples:
  touchmark check --plan plan.json site/
  touchmark check --plan plan.json 'site/**/*.html' --deny warnings
  curl -s https://clinic.example/appointment/ | touchmark check --plan plan.json -
  touchmark check --plan plan.json --browser https://clinic.example/app/book
  touchmark check --plan plan.json site/ --update
  touchmark check --plan plan.json site/ --format sarif --out touchmark.sarif";
