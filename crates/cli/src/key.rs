//! `touchmark key`: the keys by which other systems send their events.
//!
//! A key is printed once, when it is made; the file keeps its SHA-256. A running collector takes
//! a changed file at the next request with a key.

use std::path::{Path, PathBuf};

use anyhow::{Result, bail};
use touchmark_collector::keys::{KeyError, Keys};
use touchmark_collector::{plain, types};

/// What can be done with keys.
#[derive(clap::Subcommand)]
pub enum KeyCommand {
    /// Make a key for another system, bound to its source and types; prints it, once
    New(NewArgs),
    /// Show the names of all keys, what they are bound to, and when they were made
    List(FileArgs),
    /// Take a key out; whoever holds it can't send any more
    Revoke(RevokeArgs),
}

#[derive(clap::Args)]
pub struct NewArgs {
    #[command(flatten)]
    file: FileArgs,
    /// Your word for the system, such as crm
    #[arg(long)]
    name: String,
    /// The `source` of its events, such as https://crm.example
    #[arg(long, value_name = "URI")]
    source: String,
    /// A type that it may send, such as lead_qualified; repeatable
    #[arg(long = "type", value_name = "TYPE", required = true)]
    types: Vec<String>,
}

#[derive(clap::Args)]
pub struct RevokeArgs {
    #[command(flatten)]
    file: FileArgs,
    /// The key's name
    name: String,
}

#[derive(clap::Args)]
pub struct FileArgs {
    /// The key file; `new` makes it when it is missing
    #[arg(long, value_name = "FILE", default_value = "touchmark.keys.json")]
    keys: PathBuf,
}

/// Runs the command.
pub fn run(command: KeyCommand) -> Result<()> {
    match command {
        KeyCommand::New(args) => new(&args),
        KeyCommand::List(args) => list(&args.keys),
        KeyCommand::Revoke(args) => revoke(&args.file.keys, &args.name),
    }
}

fn new(args: &NewArgs) -> Result<()> {
    let path = &args.file.keys;
    let types = args.types.iter().map(|name| kind(name));
    let types = types.collect::<Result<Vec<_>>>()?;
    let mut keys = match Keys::read(path) {
        Err(KeyError::File { cause, .. }) if cause.kind() == std::io::ErrorKind::NotFound => {
            Keys::default()
        }
        read => read?,
    };
    let text = keys.add(&args.name, &args.source, types)?;
    keys.write(path)?;
    println!("{text}");
    eprintln!(
        "This is the only time that it is shown. {} keeps its hash; start the collector with \
         --keys {}, and send events with the header\n  Authorization: Bearer <key>",
        plain(&path.display().to_string()),
        plain(&path.display().to_string())
    );
    Ok(())
}

fn list(path: &Path) -> Result<()> {
    for key in Keys::read(path)?.keys {
        let types = key.types.join(" ");
        let line = format!("{}  {}  {types}  {}", key.name, key.source, key.created);
        println!("{}", plain(&line));
    }
    Ok(())
}

fn revoke(path: &Path, name: &str) -> Result<()> {
    let mut keys = Keys::read(path)?;
    keys.revoke(name)?;
    keys.write(path)?;
    eprintln!("{} is revoked", plain(name));
    Ok(())
}

/// The full name of a type.
fn kind(name: &str) -> Result<String> {
    let known = types();
    let full = match name.strip_prefix(TYPES) {
        Some(_) => name.to_owned(),
        None if name.contains('.') => name.to_owned(),
        None => format!("{TYPES}{name}"),
    };
    // A name with dots that is not ours is a team's own, from a schema beside the shared one.
    if full.starts_with(TYPES) && !known.contains(&full) {
        let short: Vec<_> = known
            .iter()
            .filter_map(|kind| kind.strip_prefix(TYPES))
            .collect();
        bail!(
            "`{name}` is no type of the shared schema; there is {}",
            short.join(" ")
        );
    }
    Ok(full)
}

const TYPES: &str = "org.touchmark.";
