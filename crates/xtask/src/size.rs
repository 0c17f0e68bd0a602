//! `cargo xtask size`: what a visitor downloads, raw, gzip and brotli, against the budgets.
//!
//! Reads what `cargo xtask build` left in pkg/; budgets: pkg-config/budgets.json. The stub is
//! optional on a page, the plan is the site's own, pages without forms never load the forms part, few
//! plans ask for cookies or links, and visitors never load the inspector, so none of them is in a total.

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

use crate::run;
use crate::stage;

/// Rows, and the files in pkg/ whose bytes each adds up.
const ROWS: [(&str, &[&str]); 13] = [
    ("stub", &["stub.js"]),
    ("kernel", &["size/kernel.js"]),
    ("glue", &["size/glue.js"]),
    ("wasm", &["touchmark.wasm"]),
    ("two files", &["touchmark.js", "touchmark.wasm"]),
    ("one file", &["touchmark.inline.js"]),
    ("forms part", &["touchmark.forms.js"]),
    ("cookies", &["touchmark.cookies.js"]),
    ("links", &["touchmark.links.js"]),
    ("full core", &["touchmark.full.js", "touchmark.full.wasm"]),
    ("JavaScript", &["touchmark.wasm.mjs"]),
    (
        "inspector",
        &["touchmark.inspector.js", "touchmark.inspector.wasm"],
    ),
    ("demo plan", &["demo/plan.json"]),
];

struct Bytes {
    raw: usize,
    gzip: usize,
    brotli: usize,
}

/// Prints the table; `false` when a row is past its limit.
///
/// # Errors
/// When a file of pkg/ or the budgets are missing.
pub fn run(by_stage: bool) -> Result<bool> {
    let root = run::root();
    let budgets = budgets(&root.join("pkg-config/budgets.json"))?;
    let mut over = Vec::new();
    println!(
        "{:<10} {:>8} {:>8} {:>8}   {:>6} {:>6}",
        "bytes", "raw", "gzip", "brotli", "target", "limit"
    );
    for (row, files) in ROWS {
        // Their builds need Rust's sources, which not every machine has.
        let is_extra = ["full core", "JavaScript", "inspector"].contains(&row);
        if is_extra
            && !files
                .iter()
                .all(|file| root.join("pkg").join(file).is_file())
        {
            println!("{row:<10} not built: `rustup component add rust-src`");
            continue;
        }
        let bytes = measure(&root, files)?;
        let limits = budgets.get(row);
        let limit = |name| limits.and_then(|limits| limits.get(name)?.as_u64());
        let (target, fail) = (limit("target"), limit("fail"));
        let spent = u64::try_from(bytes.brotli)?;
        let verdict = if fail.is_some_and(|fail| spent > fail) {
            over.push(row);
            "  past the limit"
        } else if target.is_some_and(|target| spent > target) {
            "  over target"
        } else {
            ""
        };
        let shown = |limit: Option<u64>| limit.map_or_else(String::new, |limit| limit.to_string());
        println!(
            "{row:<10} {:>8} {:>8} {:>8}   {:>6} {:>6}{verdict}",
            bytes.raw,
            bytes.gzip,
            bytes.brotli,
            shown(target),
            shown(fail),
        );
    }
    if by_stage {
        println!();
        stage::print(&run::scratch("wasm")?.join("touchmark.named.wasm"))?;
    }
    if over.is_empty() {
        return Ok(true);
    }
    println!(
        "\npast the limit of pkg-config/budgets.json: {}; `cargo xtask size --by-stage` shows where the wasm goes",
        over.join(", ")
    );
    Ok(false)
}

/// Compressed as a server does at its best: quality 11, window of 4 MB.
///
/// # Errors
/// When the encoder fails.
pub fn brotli(bytes: &[u8]) -> Result<usize> {
    let mut out = Vec::new();
    let settings = brotli::enc::BrotliEncoderParams {
        quality: 11,
        lgwin: 22,
        ..Default::default()
    };
    brotli::BrotliCompress(&mut &*bytes, &mut out, &settings)?;
    Ok(out.len())
}

fn gzip(bytes: &[u8]) -> Result<usize> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::best());
    encoder.write_all(bytes)?;
    Ok(encoder.finish()?.len())
}

fn measure(root: &Path, files: &[&str]) -> Result<Bytes> {
    let mut sum = Bytes {
        raw: 0,
        gzip: 0,
        brotli: 0,
    };
    for file in files {
        let path = root.join("pkg").join(file);
        let bytes = read(&path)?;
        sum.raw += bytes.len();
        sum.gzip += gzip(&bytes)?;
        sum.brotli += brotli(&bytes)?;
    }
    Ok(sum)
}

fn read(path: &PathBuf) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| {
        format!(
            "can't read {}: run `cargo xtask build` first",
            path.display()
        )
    })
}

fn budgets(path: &Path) -> Result<Value> {
    let text =
        fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))?;
    let value: Value =
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))?;
    let Some(rows) = value.get("rows").and_then(Value::as_object) else {
        bail!("{} has no object `rows`", path.display());
    };
    // A misspelt row would be a budget that nobody holds.
    if let Some(stray) = rows
        .keys()
        .find(|row| ROWS.iter().all(|(known, _)| known != row))
    {
        bail!(
            "{} has a row `{stray}` that is not measured",
            path.display()
        );
    }
    Ok(Value::Object(rows.clone()))
}
