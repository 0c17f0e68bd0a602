//! `touchmark schema wire`: a contract into what of it may leave the page.

use clap::Args;
use touchmark::schema::wire;
use touchmark::value::Value;

use super::SchemaFile;
use crate::plan::compile;
use crate::plan::fault::{Fault, Faults};

#[derive(Debug, Args)]
pub struct WireArgs {
    /// Name of the contract, under $defs.contracts
    contract: String,
    #[command(flatten)]
    file: SchemaFile,
}

pub fn run(args: &WireArgs, faults: &mut Faults) -> Option<String> {
    let shared = args.file.open(faults)?;
    if shared.contract(&args.contract).is_none() {
        faults.add(shared.no_contract(&args.contract, &shared.source.name, ""));
        return None;
    }
    let compiled = compile::contract(&shared, &args.contract, faults).to_string();
    if !faults.is_empty() {
        return None;
    }
    match Value::parse(&compiled) {
        Ok(contract) => Some(wire::derive(&contract).to_json() + "\n"),
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
