//! The `touchmark` command: one subcommand a file.

#![forbid(unsafe_code)]

mod collect;

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
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Collect(args) => collect::run(args),
    };
    match done {
        Ok(()) => ExitCode::SUCCESS,
        Err(cause) => {
            eprintln!("touchmark: {cause:#}");
            ExitCode::FAILURE
        }
    }
}
