//! `cargo xtask demo`: the demo clinic and a collector on this machine.
//!
//! The database, the plan (with this collector's address as its endpoint) and nothing else lie in
//! target/demo, fresh at each start. `--once` hands over to `once`.

use std::fs;
use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::{Context as _, Result};
use serde_json::Value;

use crate::build::{self, Cli};
use crate::once;
use crate::run::{self, say};
use crate::service::{self, Service};
use crate::setup;

/// What an ad click adds to the landing page's address.
pub const CLICK: &str =
    "/cardiology/?utm_source=google&utm_medium=cpc&utm_campaign=cardiology-q4&gclid=Cj0KCQdemo";
const READY_WITHIN: Duration = Duration::from_secs(20);

/// Where the demo's parts are.
pub struct Stage {
    pub program: PathBuf,
    pub database: PathBuf,
    /// The built plan.
    pub plan: PathBuf,
    pub ingestion: u16,
    pub operator: u16,
}

/// Runs the demo until Ctrl-C, or once by itself; `false` when the one run's checks fail.
///
/// # Errors
/// When something can't be built or started; the message names the remedy.
pub fn run(once: bool, port: Option<u16>) -> Result<bool> {
    let tools = setup::run()?;
    let program = build::all(false, Cli::Release)?;
    let stage = prepare(program)?;
    service::stop_on_signal(if once { 130 } else { 0 })?;
    if once {
        return once::run(&tools.browser, &stage);
    }
    let (collector, live) = collector(&stage)?;
    let (site, origin) = site(&stage, port)?;
    println!();
    say(
        "open",
        format_args!("{}{CLICK}", origin.trim_end_matches('/')),
    );
    say("watch", format_args!("{live}"));
    say(
        "",
        "Walk to the appointment form and send it; the event shows up on the second page.",
    );
    say("", "Ctrl-C ends both servers.");
    println!();
    let ended = service::follow(vec![collector, site]).unwrap_or("a server");
    anyhow::bail!("`{ended}` ended by itself; what it said stands above")
}

fn prepare(program: PathBuf) -> Result<Stage> {
    let folder = run::target_dir().join("demo");
    if folder.exists() {
        fs::remove_dir_all(&folder).with_context(|| {
            format!("can't clear {}: is another demo running?", folder.display())
        })?;
    }
    fs::create_dir_all(&folder).with_context(|| format!("can't make {}", folder.display()))?;
    let stage = Stage {
        program,
        database: folder.join("events.db"),
        plan: folder.join("plan.json"),
        ingestion: service::free_port(4318)?,
        operator: service::free_port(4319)?,
    };
    let source = folder.join("plan.source.json");
    write_plan(&source, stage.ingestion)?;
    build::plan(&stage.program, &source, &stage.plan)?;
    Ok(stage)
}

/// The clinic's plan, sending to this demo's collector.
fn write_plan(target: &Path, port: u16) -> Result<()> {
    let root = run::root();
    let source = root.join("www/plan.json");
    let text =
        fs::read_to_string(&source).with_context(|| format!("can't read {}", source.display()))?;
    let mut plan: Value =
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", source.display()))?;
    let members = plan
        .as_object_mut()
        .with_context(|| format!("{} is no object", source.display()))?;
    members.insert(
        "endpoint".to_owned(),
        format!("http://127.0.0.1:{port}/v1/events").into(),
    );
    // Relative to the plan's own folder, which is another one here.
    if let Some(schema) = members.get("schema").and_then(Value::as_str) {
        let schema = root.join("www").join(schema).to_string_lossy().into_owned();
        members.insert("schema".to_owned(), schema.into());
    }
    members.remove("$schema");
    fs::write(target, plan.to_string()).with_context(|| format!("can't write {}", target.display()))
}

/// Starts the collector; returns the address of its live page, with the operator's token.
///
/// # Errors
/// When it does not come up; the message holds what it said.
pub fn collector(stage: &Stage) -> Result<(Service, String)> {
    let collector = Service::start(
        "collect",
        run::program(&stage.program)
            .arg("collect")
            .arg("--db")
            .arg(&stage.database)
            .args(["--listen", &format!("127.0.0.1:{}", stage.ingestion)])
            .args(["--operator", &format!("127.0.0.1:{}", stage.operator)]),
    )?;
    let live = collector.wait_for(|line| address(line, "token="), READY_WITHIN)?;
    Ok((collector, live))
}

fn site(stage: &Stage, port: Option<u16>) -> Result<(Service, String)> {
    let port = match port {
        Some(port) => port,
        None => service::free_port(8080)?,
    };
    let site = Service::start(
        "site",
        run::program("node")
            .args([
                "www/serve.mjs",
                "--port",
                &port.to_string(),
                "--package",
                "pkg",
                "--plan",
            ])
            .arg(&stage.plan),
    )?;
    let origin = site.wait_for(
        |line| {
            line.strip_prefix("site ")
                .map(|origin| origin.trim().to_owned())
        },
        READY_WITHIN,
    )?;
    Ok((site, origin))
}

/// The first http address in a line that holds `mark`.
fn address(line: &str, mark: &str) -> Option<String> {
    line.split_whitespace()
        .find(|word| word.starts_with("http://") && word.contains(mark))
        .map(str::to_owned)
}
