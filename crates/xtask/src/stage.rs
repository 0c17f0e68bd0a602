//! Adds up the wasm's code by stage of `src/`, for `cargo xtask size --by-stage`.
//!
//! A function counts for the stage its name names first: a generic of std made for a stage's type
//! is that stage's doing. What was inlined counts where it went.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};

use crate::wasm_file;

/// In the order of the data's flow; other modules of src/ follow by name.
const STAGES: [&str; 15] = [
    "value",
    "schema",
    "plan",
    "consent",
    "query",
    "touch",
    "channel",
    "attribution",
    "form",
    "privacy",
    "id",
    "submission",
    "event",
    "outbox",
    "tracker",
];
const BINDINGS: &str = "bindings";
const STANDARD: &str = "std, alloc, other";

/// Prints raw bytes of code for each stage of the wasm file with names.
///
/// # Errors
/// When the file is missing or no wasm.
pub fn print(named: &Path) -> Result<()> {
    let file = fs::read(named).with_context(|| {
        format!(
            "can't read {}: run `cargo xtask build` first",
            named.display()
        )
    })?;
    let mut sums = BTreeMap::new();
    for body in wasm_file::bodies(&file)? {
        *sums.entry(of(&body.name)).or_insert(0) += body.bytes;
    }
    let code = sums.values().sum::<usize>();
    println!("{:<18} {:>8} {:>7}", "wasm code", "raw", "share");
    let mut rows = STAGES.map(str::to_owned).to_vec();
    let last = [BINDINGS, STANDARD];
    let others = sums
        .keys()
        .filter(|row| !STAGES.contains(&row.as_str()) && !last.contains(&row.as_str()));
    rows.extend(others.cloned());
    rows.extend(last.map(str::to_owned));
    for row in rows {
        let bytes = sums.get(&row).copied().unwrap_or(0);
        println!("{row:<18} {bytes:>8} {:>6.1} %", percent(bytes, code));
    }
    println!("{:<18} {code:>8}", "code in all");
    Ok(())
}

#[expect(
    clippy::cast_precision_loss,
    reason = "a share for reading, of a few kilobytes"
)]
fn percent(part: usize, whole: usize) -> f64 {
    100.0 * part as f64 / whole.max(1) as f64
}

/// The row that a function counts for, by its demangled name.
fn of(name: &str) -> String {
    let own = name.split("touchmark").skip(1).find_map(|rest| {
        // v0 names carry the crate's hash: `touchmark[1f2e]::query`.
        let (hash, rest) = rest.split_once("::")?;
        let module = rest
            .split(|c: char| !c.is_ascii_alphanumeric() && c != '_')
            .next()?;
        let is_path = hash.is_empty() || hash.starts_with('[');
        (is_path && rest.strip_prefix(module)?.starts_with("::")).then(|| module.to_owned())
    });
    if let Some(module) = own {
        return module;
    }
    if name
        .strip_prefix("touchmark::")
        .unwrap_or(name)
        .starts_with("handle")
    {
        return "exports".to_owned();
    }
    let bindings = [
        "wasm_bindgen",
        "js_sys",
        "web_sys",
        "__wbindgen",
        "__externref",
    ];
    if bindings.iter().any(|part| name.contains(part)) {
        return BINDINGS.to_owned();
    }
    if name.contains("uuid::") || name.contains("sha1") {
        return "id".to_owned();
    }
    STANDARD.to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_function_counts_for_the_stage_it_names_first() {
        let cases = [
            ("touchmark::query::parse::h0123", "query"),
            (
                "<touchmark::value::Value as core::clone::Clone>::clone",
                "value",
            ),
            ("alloc::vec::Vec<touchmark::outbox::Record>::push", "outbox"),
            (
                "core::ptr::drop_in_place<touchmark[1f2e]::plan::Plan>",
                "plan",
            ),
            ("handle multivalue shim", "exports"),
            ("uuid::builder::Builder::from_sha1_bytes", "id"),
            ("web_sys::window::h37e7", BINDINGS),
            ("alloc::raw_vec::finish_grow", STANDARD),
        ];
        for (name, stage) in cases {
            assert_eq!(of(name), stage, "{name}");
        }
    }
}
