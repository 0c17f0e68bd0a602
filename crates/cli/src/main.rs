//! The `touchmark` command: one subcommand a file.

#![forbid(unsafe_code)]

mod collect;
mod plan;
mod schema;
#[cfg(test)]
mod second_opinion;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Tracks landing pages by one shared schema: builds plans, collects events.
#[derive(Parser)]
#[command(name = "touchmark", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Collect(collect::CollectArgs),
    /// Check a plan, and build the one that pages load
    #[command(subcommand)]
    Plan(plan::PlanCommand),
    /// Ask the shared schema
    #[command(subcommand)]
    Schema(schema::SchemaCommand),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Collect(args) => collect::run(args),
        // These two say themselves what is wrong, fault by fault.
        Command::Plan(command) => return plan::run(command),
        Command::Schema(command) => return schema::run(command),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            eprintln!("touchmark: {cause:#}");
            ExitCode::FAILURE
        }
    }
}
