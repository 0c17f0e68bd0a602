//! `touchmark schema`: what can be asked of the shared schema, and what is made from it.
//!
//! Beside `plan`, which compiles its contracts. One subcommand a file; all print what is wrong and how
//! to mend it, and end with 1 when there is something to mend.

mod bundle;
mod changelog;
mod diff;
mod docs;
mod page;
mod types;
mod wire;

use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Subcommand};

use crate::plan::fault::{Fault, Faults};
use crate::plan::shared::SharedSchema;

/// What can be done with the shared schema.
#[derive(Debug, Subcommand)]
pub enum SchemaCommand {
    /// Print the wire schema of a contract: what of it may leave the page, and in which shape
    Wire(wire::WireArgs),
    /// Bring a schema and the documents that it refers to into one document
    Bundle(bundle::BundleArgs),
    /// Compare two versions: what is compatible, what needs attention, what breaks
    Diff(diff::DiffArgs),
    /// Write the data dictionary: Markdown, and HTML
    Docs(docs::DocsArgs),
    /// Write TypeScript types of events, entities and contracts
    Types(types::TypesArgs),
}

/// Runs the command: 0 when all is well, 1 when there is something to mend.
pub fn run(command: SchemaCommand) -> ExitCode {
    let mut faults = Faults::default();
    let printed = match &command {
        SchemaCommand::Wire(args) => wire::run(args, &mut faults),
        SchemaCommand::Bundle(args) => bundle::run(args, &mut faults),
        SchemaCommand::Diff(args) => diff::run(args, &mut faults),
        SchemaCommand::Docs(args) => docs::run(args, &mut faults),
        SchemaCommand::Types(args) => types::run(args, &mut faults),
    };
    if let Some(text) = &printed {
        // A reader that has seen enough, such as `head`, is no fault.
        let _ = std::io::stdout().write_all(text.as_bytes());
    }
    eprint!("{}", faults.report());
    if printed.is_some() && faults.is_empty() {
        ExitCode::SUCCESS
    } else {
        ExitCode::FAILURE
    }
}

/// Which schema to read.
#[derive(Debug, Args)]
struct SchemaFile {
    /// The shared event schema, in place of the one that comes with touchmark
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
}

impl SchemaFile {
    fn open(&self, faults: &mut Faults) -> Option<SharedSchema> {
        let shared = SharedSchema::open(self.schema.as_deref(), faults);
        let shared = shared.map_err(|fault| faults.add(fault)).ok()?;
        // What is made of a schema with faults would take the place of what was made of a sound one.
        faults.is_empty().then_some(shared)
    }
}

/// Writes a generated file, or with `check` looks whether it is what would be written.
fn put(file: &Path, text: &str, check: bool, command: &str) -> Result<String, Fault> {
    let name = file.display().to_string();
    let fault = |code, what: String, remedy: String| Fault::new(code, &name, "", what, remedy);
    if check {
        let there = std::fs::read_to_string(file).unwrap_or_default();
        return if there == text {
            Ok(format!("{name} is fresh\n"))
        } else {
            Err(fault(
                "file_stale",
                "the schema says something else now".into(),
                format!("run `touchmark schema {command}` without --check"),
            ))
        };
    }
    match std::fs::write(file, text) {
        Ok(()) => Ok(format!("{name} written\n")),
        Err(cause) => Err(fault(
            "file_unwritable",
            cause.to_string(),
            "name a file that you may write".into(),
        )),
    }
}
