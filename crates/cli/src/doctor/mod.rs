//! `touchmark doctor`: opens a page in a browser and tells what an integrator got wrong.
//!
//! `visit` gathers facts from the browser, `judge` makes symptoms of them, each with its remedy;
//! the forms are judged by `check`'s own rules. Nothing is submitted and nothing is sent.

mod judge;
mod script;
mod talk;
mod visit;

use std::process::ExitCode;
use std::time::Duration;

use clap::{Args, ValueEnum};
use serde_json::{Value, json};
use touchmark_collector::plain;

use crate::check::finding::Level;
use crate::chromium::{Browser, BrowserError};
use crate::plan::fault::Fault;
use judge::Symptom;

/// Opens a page in a browser and tells what is wrong with its touchmark
///
/// Looks at script, wasm, plan, content security policy, consent, endpoint and forms.
#[derive(Debug, Args)]
#[command(after_long_help = HELP)]
pub struct DoctorArgs {
    /// Addresses of pages
    #[arg(required = true, value_name = "URL")]
    urls: Vec<String>,
    /// How long a page may take to load, 1 to 600
    #[arg(long, value_name = "SECONDS", default_value_t = 20, value_parser = clap::value_parser!(u64).range(1..=600))]
    wait: u64,
    /// What is shown
    #[arg(long, value_enum, default_value = "human")]
    format: Format,
    /// Let warnings fail the run too
    #[arg(long)]
    strict: bool,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
enum Format {
    /// For a terminal
    Human,
    /// One object, for programs
    Json,
}

/// Runs the command; see `HELP` for its exit codes.
pub fn run(args: DoctorArgs) -> ExitCode {
    let faults: Vec<Fault> = args.urls.iter().filter_map(|url| malformed(url)).collect();
    if !faults.is_empty() {
        return give_up(args.format, &faults);
    }
    let mut browser = match Browser::start() {
        Ok(browser) => browser,
        Err(cause) => return give_up(args.format, &[unopened("browser", &cause)]),
    };
    let mut worst = 0;
    let mut pages = Vec::new();
    for url in &args.urls {
        match visit::visit(&mut browser, url, Duration::from_secs(args.wait)) {
            Ok(facts) => {
                let symptoms = judge::judge(&facts);
                let limit = if args.strict {
                    Level::Warning
                } else {
                    Level::Error
                };
                let is_ill = symptoms.iter().any(|one| one.level <= limit);
                worst = worst.max(u8::from(is_ill));
                match args.format {
                    Format::Human => print!("{}", words(url, &facts, &symptoms)),
                    Format::Json => pages.push(to_json(url, &facts, &symptoms)),
                }
            }
            Err(cause) => {
                let fault = unopened(url, &cause);
                eprintln!("error{fault}");
                pages.push(fault_json(&fault));
                worst = 2;
            }
        }
    }
    if args.format == Format::Json {
        print_json(worst, &pages);
    }
    ExitCode::from(worst)
}

/// Why an argument is no address of a page.
fn malformed(url: &str) -> Option<Fault> {
    let what = match url::Url::parse(url) {
        Ok(known) if matches!(known.scheme(), "http" | "https") => return None,
        Ok(known) => format!(
            "this is no address of a page: it begins with {}:",
            known.scheme()
        ),
        Err(cause) => format!("this is no address: {cause}"),
    };
    let remedy = "write it whole, as in https://clinic.example/appointment/".to_owned();
    Some(Fault::new("url_malformed", url, "", what, remedy))
}

fn unopened(name: &str, cause: &BrowserError) -> Fault {
    let remedy = cause.remedy().to_owned();
    let said = cause.to_string();
    // It is named by the fault already.
    let what = said.strip_prefix(&format!("{name}: ")).unwrap_or(&said);
    Fault::new(cause.code(), name, "", what.to_owned(), remedy)
}

/// Tells why no page was opened at all.
fn give_up(format: Format, faults: &[Fault]) -> ExitCode {
    for fault in faults {
        eprintln!("error{fault}");
    }
    if format == Format::Json {
        let pages: Vec<Value> = faults.iter().map(fault_json).collect();
        print_json(2, &pages);
    }
    ExitCode::from(2)
}

fn print_json(exit: u8, pages: &[Value]) {
    println!(
        "{:#}",
        json!({"touchmark": env!("CARGO_PKG_VERSION"), "exit": exit, "pages": pages})
    );
}

fn fault_json(fault: &Fault) -> Value {
    let why = json!({"code": fault.code(), "what": fault.what(), "remedy": fault.remedy()});
    json!({"url": fault.file, "fault": why})
}

fn words(url: &str, facts: &visit::Facts, symptoms: &[Symptom]) -> String {
    let mut text = format!("{}\n", plain(url));
    for fact in facts.summary() {
        text.push_str(&format!("  {}\n", plain(&fact)));
    }
    text.push('\n');
    for one in symptoms {
        text.push_str(&format!(
            "{}[{}]: {}\n  remedy: {}\n\n",
            one.level.name(),
            one.code,
            plain(&one.what),
            plain(&one.remedy)
        ));
    }
    let count = |level: Level| symptoms.iter().filter(|one| one.level == level).count();
    text.push_str(&match (count(Level::Error), count(Level::Warning)) {
        (0, 0) => "healthy\n".to_owned(),
        (errors, warnings) => {
            let some = |count| if count == 1 { "" } else { "s" };
            let (one, two) = (some(errors), some(warnings));
            format!("{errors} error{one}, {warnings} warning{two}\n")
        }
    });
    text
}

fn to_json(url: &str, facts: &visit::Facts, symptoms: &[Symptom]) -> Value {
    let symptoms: Vec<Value> = symptoms
        .iter()
        .map(|one| json!({"code": one.code, "level": one.level.name(), "what": one.what, "remedy": one.remedy}))
        .collect();
    json!({"url": url, "facts": facts.summary(), "symptoms": symptoms})
}

const HELP: &str = "\
Exit codes: 0 healthy, 1 something is wrong, 2 a page could not be opened.
The browser is Chromium, found by TOUCHMARK_CHROMIUM or where browsers usually are.

Examples:
  touchmark doctor https://clinic.example/appointment/
  touchmark doctor --strict --format json https://clinic.example/ https://clinic.example/callback/";
