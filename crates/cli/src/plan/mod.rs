//! `touchmark plan build`: a team's plan and the shared schema into the plan that pages load.
//!
//! The stages, in order: `source` reads, `shape` and `refer` check the plan, `shared` checks the
//! schema, `compile` makes its contracts fit for pages, `build` writes. Each adds to the same
//! [`Faults`], so that one run shows everything there is to mend.

mod attribution;
mod build;
pub(crate) mod compile;
mod consent;
mod endpoint;
pub(crate) mod fault;
pub mod implied;
mod pattern;
mod refer;
mod selector;
pub(crate) mod shape;
pub(crate) mod shared;
pub(crate) mod source;
pub(crate) mod suggest;

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use build::Built;
use fault::{Fault, Faults};
use shared::SharedSchema;
use source::Source;

/// What can be done with a plan.
#[derive(Debug, Subcommand)]
pub enum PlanCommand {
    /// Check a plan and its schema, and write the plan.json that pages load
    Build(BuildArgs),
}

#[derive(Debug, Args)]
pub struct BuildArgs {
    /// The plan that your team wrote
    plan: PathBuf,
    /// Where to write the built plan; without it, standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// The shared event schema, in place of the one that the plan names
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
    /// Write nothing; fail if the plan has faults, or if the file of --out is not its build
    #[arg(long)]
    check: bool,
}

/// Runs the command: 0 when all is well, 1 when there is something to mend.
pub fn run(command: PlanCommand) -> ExitCode {
    let PlanCommand::Build(args) = command;
    let mut faults = Faults::default();
    let summary = build(&args, &mut faults);
    eprint!("{}", faults.report());
    match summary {
        Some(summary) if faults.is_empty() => {
            // Standard output belongs to the plan where no file was named for it.
            if args.out.is_some() || args.check {
                println!("{summary}");
            } else {
                eprintln!("{summary}");
            }
            ExitCode::SUCCESS
        }
        _ => {
            let count = faults.len();
            let things = if count == 1 {
                "1 thing".into()
            } else {
                format!("{count} things")
            };
            eprintln!("no plan was built: {things} to mend");
            ExitCode::FAILURE
        }
    }
}

/// A source plan as pages would load it; `None` when it has faults, which are added.
pub(crate) fn built(
    plan: &Source,
    file: &Path,
    schema: Option<&Path>,
    faults: &mut Faults,
) -> Option<serde_json::Value> {
    let (_, built) = compile_plan(plan, file, schema, faults)?;
    serde_json::from_str(&built.text).ok()
}

/// Checks and compiles a source plan; `None` when it has faults.
fn compile_plan(
    plan: &Source,
    file: &Path,
    schema: Option<&Path>,
    faults: &mut Faults,
) -> Option<(SharedSchema, Built)> {
    shape::check_plan(plan, faults);
    let named = plan.value["schema"]
        .as_str()
        .map(|path| source::beside(file, path));
    let schema = schema.map(Path::to_owned).or(named);
    let shared = SharedSchema::open(schema.as_deref(), faults);
    let shared = shared.map_err(|fault| faults.add(fault)).ok()?;
    refer::check(plan, &shared, faults);
    attribution::check(plan, faults);
    let built = Built::of(&plan.value, &shared, faults);
    // The built-in one is the collector's own.
    if faults.is_empty() && schema.is_some() {
        check_collected(&shared, faults);
    }
    faults.is_empty().then_some((shared, built))
}

/// Where the collector can't read the schema, each of the plan's events would end as bad.
fn check_collected(shared: &SharedSchema, faults: &mut Faults) {
    let Err(cause) = touchmark_collector::check_schema(&shared.source.value) else {
        return;
    };
    let (at, cause) = match cause.split_once(": ") {
        Some((at, cause)) if at.starts_with('/') => (at, cause),
        _ => ("", cause.as_str()),
    };
    let what = format!("the collector can't read the schema: {cause}");
    let remedy = "write it without references in circles, `$dynamicRef` and schemas with an `$id` \
                  of their own; try it with `touchmark collect --schema`"
        .to_owned();
    let name = &shared.source.name;
    faults.add(Fault::new("schema_not_collected", name, at, what, remedy));
}

/// Builds, and writes when there is nothing to mend.
fn build(args: &BuildArgs, faults: &mut Faults) -> Option<String> {
    let plan = Source::read(&args.plan)
        .map_err(|fault| faults.add(fault))
        .ok()?;
    if plan.value["plan"].is_string() && plan.value["contracts"].is_object() {
        let what = "it is a built plan, which pages load".to_owned();
        let remedy = "name the plan that your team wrote".to_owned();
        faults.add(Fault::new("plan_is_built", &plan.name, "", what, remedy));
        return None;
    }
    let (shared, built) = compile_plan(&plan, &args.plan, args.schema.as_deref(), faults)?;
    let target = match &args.out {
        Some(out) if is_same(out, &args.plan) || is_same(out, Path::new(&shared.source.name)) => {
            let what = "--out names a file that the plan is built from".to_owned();
            let remedy = "name another file for what pages load".to_owned();
            let name = out.display().to_string();
            faults.add(Fault::new("out_is_source", &name, "", what, remedy));
            return None;
        }
        Some(out) => {
            let written = if args.check {
                compare(out, &built.text)
            } else {
                write(out, &built.text)
            };
            written.map_err(|fault| faults.add(fault)).ok()?;
            format!(" → {}", out.display())
        }
        None if args.check => String::new(),
        None => {
            print!("{}", built.text);
            String::new()
        }
    };
    let Built {
        text,
        hash,
        forms,
        contracts,
    } = built;
    Some(format!(
        "{}{target}: plan {hash}, {forms} forms, {contracts} contracts of {}, {} bytes before compression (budget: 4 kB with brotli)",
        plan.name,
        shared.id(),
        text.len(),
    ))
}

/// Whether two paths lead to one file, links followed.
fn is_same(one: &Path, other: &Path) -> bool {
    let real = |path: &Path| path.canonicalize().ok();
    real(one).is_some_and(|one| Some(one) == real(other))
}

/// Writes beside the file and renames, so that no page ever reads half a plan.
///
/// A device, a pipe or a link is written through: renaming would put a file in its place.
pub(crate) fn write(out: &Path, text: &str) -> Result<(), Fault> {
    let is_special = std::fs::symlink_metadata(out).is_ok_and(|known| !known.is_file());
    let result = if is_special {
        std::fs::write(out, text)
    } else {
        replace(out, text)
    };
    result.map_err(|cause| {
        let remedy = "name a file in a folder that you may write to".to_owned();
        Fault::new(
            "file_unwritable",
            &out.display().to_string(),
            "",
            cause.to_string(),
            remedy,
        )
    })
}

fn replace(out: &Path, text: &str) -> std::io::Result<()> {
    let mut partial = out.as_os_str().to_owned();
    partial.push(".partial");
    if let Some(folder) = out.parent().filter(|folder| !folder.as_os_str().is_empty()) {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::write(&partial, text)?;
    std::fs::rename(&partial, out)
}

fn compare(out: &Path, text: &str) -> Result<(), Fault> {
    match std::fs::read_to_string(out) {
        Ok(known) if known == text => Ok(()),
        other => {
            let what = match other {
                Ok(_) => "it is not what the plan builds to".to_owned(),
                Err(cause) => cause.to_string(),
            };
            let remedy = "run the same command without --check".to_owned();
            Err(Fault::new(
                "plan_stale",
                &out.display().to_string(),
                "",
                what,
                remedy,
            ))
        }
    }
}
