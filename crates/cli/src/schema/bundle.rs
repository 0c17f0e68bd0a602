//! `touchmark schema bundle`: a schema and what it refers to into one document.
//!
//! Nothing is fetched from a network: `--map` says which folder holds the documents under a URL, and
//! the metaschema is at hand. The work is the core's (`full::bundle`).

use std::path::{Path, PathBuf};

use clap::Args;
use touchmark::native::NativeHost;
use touchmark::schema::full::bundle::bundle;
use touchmark::schema::full::{Schema, ijson};
use touchmark::value::Value;

use super::put;
use crate::plan::fault::{Fault, Faults};

#[derive(Debug, Args)]
pub struct BundleArgs {
    /// The schema to begin with
    file: PathBuf,
    /// Where documents are: URL=FOLDER, as often as needed; the file's own folder needs none
    #[arg(long = "map", value_name = "URL=FOLDER")]
    maps: Vec<String>,
    /// Where to write the bundle; without it, standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write nothing; fail if the file of --out is not the bundle
    #[arg(long, requires = "out")]
    check: bool,
}

pub fn run(args: &BundleArgs, faults: &mut Faults) -> Option<String> {
    let bundled = make(args);
    let text = bundled.map_err(|fault| faults.add(fault)).ok()?;
    match &args.out {
        None => Some(text),
        Some(out) => put(out, &text, args.check, "bundle")
            .map_err(|fault| faults.add(fault))
            .ok(),
    }
}

fn make(args: &BundleArgs) -> Result<String, Fault> {
    let name = args.file.display().to_string();
    let document = read(&args.file)?;
    let folder = args.file.parent().unwrap_or(Path::new(""));
    let mut maps = vec![(OWN.to_owned(), folder.to_owned())];
    for map in &args.maps {
        let Some((url, folder)) = map.rsplit_once('=') else {
            let remedy = "write --map https://a.example/schema/=folder".to_owned();
            return Err(Fault::new(
                "map_malformed",
                map,
                "",
                "there is no `=` in it".to_owned(),
                remedy,
            ));
        };
        maps.push((url.to_owned(), PathBuf::from(folder)));
    }
    // Beside a document with an absolute $id stand the documents that it names relatively.
    let id = document.text_of("$id");
    if let Some((place, _)) = id.rsplit_once('/') {
        maps.push((format!("{place}/"), folder.to_owned()));
    }
    let standard = Value::parse(METASCHEMA).unwrap_or(Value::Null);
    let mut broken = None;
    let mut fetch = |uri: &str| {
        if let Some(known) = standard.member(uri) {
            return Some(known.clone());
        }
        maps.iter().find_map(|(url, folder)| {
            let inside = uri
                .strip_prefix(url.as_str())
                .filter(|rest| !rest.contains(".."))?;
            let file = [folder.join(inside), folder.join(format!("{inside}.json"))];
            let file = file.into_iter().find(|file| file.is_file())?;
            read(&file).map_err(|fault| broken = Some(fault)).ok()
        })
    };
    let base = format!(
        "{OWN}{}",
        args.file.file_name().unwrap_or_default().display()
    );
    let whole = bundle(&document, &base, &mut fetch);
    if let Some(fault) = broken {
        return Err(fault);
    }
    let whole = whole.map_err(|missing| {
        let what = format!(
            "`{}` leads to {}, which is not at hand",
            missing.reference, missing.uri
        );
        let remedy =
            "say where it is by --map URL=FOLDER; nothing is fetched from a network".to_owned();
        Fault::new("schema_ref_remote", &name, "", what, remedy)
    })?;
    if let Err(wrong) = Schema::of(&whole, &NativeHost) {
        let remedy = "mend it in the document that it comes from".to_owned();
        return Err(Fault::new(
            wrong.fault.code(),
            &name,
            &wrong.pointer,
            wrong.to_string(),
            remedy,
        ));
    }
    let pretty: serde_json::Value = serde_json::from_str(&whole.to_json()).unwrap_or_default();
    Ok(format!("{pretty:#}\n"))
}

fn read(file: &Path) -> Result<Value, Fault> {
    let name = file.display().to_string();
    let text = std::fs::read_to_string(file).map_err(|cause| {
        let remedy = "name a file that exists and that you may read".to_owned();
        Fault::new("file_unreadable", &name, "", cause.to_string(), remedy)
    })?;
    ijson::parse(&text, &NativeHost).map_err(|wrong| {
        let what = format!("{} at byte {}", wrong.reason.code(), wrong.at);
        let remedy =
            "mend the JSON there: each member once, no comments, no trailing commas".to_owned();
        Fault::new("json_malformed", &name, "", what, remedy)
    })
}

/// What a document without an `$id` is called, so that it can name its neighbours.
const OWN: &str = "file:///";
const METASCHEMA: &str = include_str!("../../../../spec/draft2020-12.json");
