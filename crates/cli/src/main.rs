//! The `touchmark` command: one subcommand a file.

#![forbid(unsafe_code)]

mod captured;
mod check;
mod chromium;
mod collect;
mod doctor;
mod key;
mod plan;
mod reconcile;
mod report;
mod schema;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// The collector parses and drops many small values, which the system's allocator is slow at.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Tracks landing pages by one shared schema: builds plans, checks forms, collects events.
#[derive(Parser)]
#[command(name = "touchmark", version)]
struct Cli {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Check(check::CheckArgs),
    Collect(collect::CollectArgs),
    Doctor(doctor::DoctorArgs),
    /// Make and revoke the keys by which other systems send events
    #[command(subcommand)]
    Key(key::KeyCommand),
    /// Check a plan, and build the one that pages load
    #[command(subcommand)]
    Plan(plan::PlanCommand),
    Reconcile(reconcile::ReconcileArgs),
    Report(report::ReportArgs),
    /// Ask the shared schema
    #[command(subcommand)]
    Schema(schema::SchemaCommand),
}

fn main() -> ExitCode {
    let done = match Cli::parse().command {
        Command::Collect(args) => collect::run(args),
        Command::Key(command) => key::run(command),
        Command::Doctor(args) => return doctor::run(args),
        Command::Check(args) => return check::run(args),
        // These say themselves what is wrong, fault by fault.
        Command::Plan(command) => return plan::run(command),
        Command::Reconcile(args) => return reconcile::run(args),
        Command::Report(args) => return report::run(args),
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
