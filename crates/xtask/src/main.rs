//! The repository's own commands; `cargo xtask help` explains each.
//!
//! One file a command. Shared by them: `run` (other programs), `stamp` (skip what is unchanged),
//! `browser` and `firefox` (find or install one), `service` (a server that runs beside),
//! `wasm_file` (reads sections), `counts` (reads test runners' totals), `report` (their table).

#![forbid(unsafe_code)]

mod attribution_page;
mod bench;
mod browser;
mod build;
mod chaos;
mod compare;
mod counts;
mod demo;
mod docs;
mod firefox;
mod forms;
mod fuzz;
mod generate;
mod glue;
mod load;
mod once;
mod package;
mod report;
mod repro;
mod run;
mod sbom;
mod service;
mod setup;
mod size;
mod stage;
mod stamp;
mod suite;
mod supply;
mod test;
mod wasm;
mod wasm_file;
mod webkit;

use std::process::ExitCode;

use clap::{Parser, Subcommand, ValueEnum};

#[derive(Parser)]
#[command(
    name = "cargo xtask",
    about = "The commands of the touchmark repository"
)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// Install what is missing: wasm target, Rust's sources, npm packages, a browser
    Setup,
    /// Build what pages load into pkg/: wasm, scripts, stub, types and the demo clinic's plans
    Build {
        /// Use only what stable Rust has: about 1 kB larger
        #[arg(long)]
        stable: bool,
        /// Only what pages load: neither the touchmark program nor the demo's plans
        #[arg(long)]
        pages_only: bool,
    },
    /// Report bytes raw, gzip and brotli against pkg-config/budgets.json; fails past a limit
    Size {
        /// Also show the wasm code's bytes by stage of src/
        #[arg(long)]
        by_stage: bool,
    },
    /// Make what is published into pkg/: the npm package, the tag manager's template; check the crate
    Package,
    /// Make the documentation's site in pkg/docs; fails where a link leads nowhere
    Docs,
    /// Write src/generated from the tables of spec/
    Generate,
    /// Write pkg/sbom.cdx.json: what the page's files are made of, from the lock files
    Sbom,
    /// Hold every crate and npm package against deny.toml, advisories and signatures
    Supply,
    /// Build this commit twice in different folders and compare every byte; takes minutes
    Repro,
    /// Run the demo clinic and a collector, and print where to click
    Demo {
        /// Let a browser do the clicking, check the stored event, and exit
        #[arg(long)]
        once: bool,
        /// Port of the clinic's site; a free one when not given and 8080 is taken
        #[arg(long)]
        port: Option<u16>,
    },
    Forms(forms::FormsArgs),
    /// Measure how many events a second the collector stores
    Load(load::LoadArgs),
    /// Measure a submission natively and in wasm, and what a landing page pays for touchmark
    Bench(bench::BenchArgs),
    /// Obtain the official JSON Schema test suite, and print where its file is
    Suite,
    /// Measure touchmark beside published trackers, and write docs/comparison.md
    Compare(compare::CompareArgs),
    /// Break the way between page and collector; print sent, stored, lost, duplicated
    Chaos(chaos::ChaosArgs),
    Fuzz(fuzz::FuzzArgs),
    /// Run the gate: format, lints, native tests, wasm tests in a browser, end-to-end tests
    Test {
        /// Add what takes long
        #[arg(long)]
        all: bool,
        /// Run one part only
        #[arg(long)]
        only: Option<Part>,
    },
}

/// A part of the gate.
#[derive(Clone, Copy, PartialEq, Eq, ValueEnum)]
pub enum Part {
    /// Format, lints and native tests
    Native,
    /// Wasm tests in a real browser
    Web,
    /// Build, sizes and end-to-end tests
    E2e,
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Setup => setup::everything().map(|()| true),
        Command::Build { stable, pages_only } => build::run(stable, pages_only),
        Command::Fuzz(arguments) => fuzz::run(&arguments),
        Command::Repro => repro::run(),
        Command::Supply => supply::run(),
        Command::Sbom => sbom::run(),
        Command::Size { by_stage } => size::run(by_stage),
        Command::Package => package::run(),
        Command::Docs => docs::run(),
        Command::Generate => generate::run(&run::root()).map(|()| true),
        Command::Demo { once, port } => demo::run(once, port),
        Command::Forms(arguments) => forms::run(&arguments),
        Command::Load(arguments) => load::run(arguments).map(|()| true),
        Command::Bench(arguments) => bench::run(&arguments).map(|()| true),
        Command::Suite => suite::file().map(|file| {
            println!("{}", file.display());
            true
        }),
        Command::Compare(arguments) => compare::run(&arguments).map(|()| true),
        Command::Chaos(arguments) => chaos::run(&arguments),
        Command::Test { all, only } => test::run(all, only),
    };
    match outcome {
        Ok(true) => ExitCode::SUCCESS,
        Ok(false) => ExitCode::FAILURE,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
