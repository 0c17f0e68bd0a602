//! `touchmark schema`: what can be asked of the shared schema.
//!
//! Beside `plan`, which compiles its contracts. Not here: comparing versions, documentation.

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use touchmark::schema::wire;
use touchmark::value::Value;

use crate::plan::compile;
use crate::plan::fault::{Fault, Faults};
use crate::plan::shared::SharedSchema;

/// What can be done with the shared schema.
#[derive(Debug, Subcommand)]
pub enum SchemaCommand {
    /// Print the wire schema of a contract: what of it may leave the page, and in which shape
    Wire(WireArgs),
}

#[derive(Debug, Args)]
pub struct WireArgs {
    /// Name of the contract, under $defs.contracts
    contract: String,
    /// The shared event schema, in place of the one that comes with touchmark
    #[arg(long, value_name = "FILE")]
    schema: Option<PathBuf>,
}

/// Runs the command: 0 when all is well, 1 when there is something to mend.
pub fn run(command: SchemaCommand) -> ExitCode {
    let SchemaCommand::Wire(args) = command;
    let mut faults = Faults::default();
    let derived = derive(&args, &mut faults);
    eprint!("{}", faults.report());
    match derived {
        Some(text) if faults.is_empty() => {
            println!("{text}");
            ExitCode::SUCCESS
        }
        _ => ExitCode::FAILURE,
    }
}

fn derive(args: &WireArgs, faults: &mut Faults) -> Option<String> {
    let shared = SharedSchema::open(args.schema.as_deref(), faults);
    let shared = shared.map_err(|fault| faults.add(fault)).ok()?;
    let Some(_) = shared.contract(&args.contract) else {
        faults.add(shared.no_contract(&args.contract, &shared.source.name, ""));
        return None;
    };
    let compiled = compile::contract(&shared, &args.contract, faults).to_string();
    match Value::parse(&compiled) {
        Ok(contract) => Some(wire::derive(&contract).to_json()),
        Err(cause) => {
            let remedy = "write the contract flatter".to_owned();
            let file = &shared.source.name;
            faults.add(Fault::new(
                "schema_second_reader",
                file,
                "",
                cause.to_string(),
                remedy,
            ));
            None
        }
    }
}
