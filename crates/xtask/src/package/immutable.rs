//! Copies of what pages load under names that hold a hash of their content, for caches that never
//! ask again, and integrity.json, which tells every file's subresource integrity.
//!
//! A file that names others is copied after them, with their new names in it, so its own hash
//! covers theirs. A name that is put together at run time is not found, and leads to the plain file.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use base64::{Engine as _, engine::general_purpose::STANDARD};
use serde_json::{Map, Value, json};
use sha2::{Digest as _, Sha256, Sha384};

use super::files;
use crate::stamp::hex;

const HASH_DIGITS: usize = 16;

/// Plain names, and those with a hash.
pub type Names = BTreeMap<String, String>;

/// Writes the copies beside the plain files.
///
/// # Errors
/// When two files name each other, or one can't be written.
pub fn write(out: &Path, scripts: &[String]) -> Result<Names> {
    let mut waiting: Vec<(String, Vec<u8>)> = Vec::new();
    for name in scripts.iter().filter(|name| !name.ends_with(".cjs")) {
        let path = out.join(name);
        let bytes = fs::read(&path).with_context(|| format!("can't read {}", path.display()))?;
        waiting.push((name.clone(), bytes));
    }
    let mut names = Names::new();
    while !waiting.is_empty() {
        let open: Vec<String> = waiting.iter().map(|(name, _)| name.clone()).collect();
        let (later, now): (Vec<_>, Vec<_>) = waiting.into_iter().partition(|(own, bytes)| {
            open.iter().any(|other| {
                other != own && (mentions(own, bytes, other) || ending(own, other).is_some())
            })
        });
        if now.is_empty() {
            bail!(
                "these files name each other, so neither can have a hash of its content in its name: {}",
                open.join(", ")
            );
        }
        for (name, bytes) in now {
            let bytes = renamed(&name, bytes, &names)?;
            // The kernel asks for a companion by the wasm's name and one more ending.
            let sealed = names
                .iter()
                .find_map(|(of, sealed)| Some(format!("{sealed}{}", ending(&name, of)?)))
                .unwrap_or_else(|| hashed(&name, &bytes));
            let path = out.join(&sealed);
            fs::write(&path, bytes).with_context(|| format!("can't write {}", path.display()))?;
            names.insert(name, sealed);
        }
        waiting = later;
    }
    Ok(names)
}

/// Writes integrity.json: what a script tag's `integrity` and a server's headers need.
///
/// # Errors
/// When a file can't be read or written.
pub fn manifest(out: &Path, version: &str, names: &Names) -> Result<()> {
    let mut rows = Map::new();
    for name in files::list(out)? {
        let is_loaded = names.contains_key(&name) || names.values().any(|sealed| *sealed == name);
        if !is_loaded {
            continue;
        }
        let bytes = fs::read(out.join(&name))?;
        let mut row = json!({
            "integrity": format!("sha384-{}", STANDARD.encode(Sha384::digest(&bytes))),
            "bytes": bytes.len(),
        });
        if let (Some(sealed), Some(row)) = (names.get(&name), row.as_object_mut()) {
            row.insert("immutable".to_owned(), sealed.as_str().into());
        }
        rows.insert(name, row);
    }
    let text = json!({ "version": version, "files": Value::Object(rows) });
    fs::write(out.join("integrity.json"), format!("{text:#}\n"))
        .context("can't write integrity.json")
}

/// `touchmark.inline.js` → `touchmark.inline.0123456789abcdef.js`.
fn hashed(name: &str, bytes: &[u8]) -> String {
    let digest = hex(&Sha256::digest(bytes));
    let digits = digest.get(..HASH_DIGITS).unwrap_or(&digest);
    match name.rsplit_once('.') {
        Some((stem, ending)) => format!("{stem}.{digits}.{ending}"),
        None => format!("{name}.{digits}"),
    }
}

/// `.mjs`, of `touchmark.wasm.mjs` beside `touchmark.wasm`.
fn ending<'a>(name: &'a str, of: &str) -> Option<&'a str> {
    name.strip_prefix(of).filter(|rest| rest.starts_with('.'))
}

/// Whether a script holds the other's name as a text of its own.
fn mentions(own: &str, bytes: &[u8], other: &str) -> bool {
    !own.ends_with(".wasm") && quoted(other).any(|text| find(bytes, text.as_bytes()))
}

fn renamed(name: &str, bytes: Vec<u8>, names: &Names) -> Result<Vec<u8>> {
    if name.ends_with(".wasm") {
        return Ok(bytes);
    }
    let mut text = String::from_utf8(bytes).with_context(|| format!("{name} is not UTF-8"))?;
    for (plain, sealed) in names {
        for (from, to) in quoted(plain).zip(quoted(sealed)) {
            text = text.replace(&from, &to);
        }
    }
    Ok(text.into_bytes())
}

/// A name as scripts write it: in each kind of quotes, with and without `./`.
fn quoted(name: &str) -> impl Iterator<Item = String> {
    ['"', '\'', '`']
        .into_iter()
        .flat_map(move |quote| ["", "./"].map(|folder| format!("{quote}{folder}{name}{quote}")))
}

fn find(bytes: &[u8], text: &[u8]) -> bool {
    bytes.windows(text.len()).any(|window| window == text)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A package folder of its own for each test.
    fn folder(name: &str, files: &[(&str, &str)]) -> (std::path::PathBuf, Vec<String>) {
        let folder = std::env::temp_dir().join(format!("touchmark-{name}-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("the scratch folder is writable");
        for (file, text) in files {
            fs::write(folder.join(file), text).expect("the scratch folder is writable");
        }
        (
            folder,
            files.iter().map(|(file, _)| (*file).to_owned()).collect(),
        )
    }

    #[test]
    fn a_changed_part_changes_the_names_of_all_that_load_it() {
        let of = |wasm: &str| {
            let files = [
                ("a.js", "load('./b.mjs')"),
                ("b.mjs", "new URL(\"c.wasm\")"),
                ("c.wasm", wasm),
            ];
            let (folder, scripts) = folder(&format!("names-{wasm}"), &files);
            let names = write(&folder, &scripts).expect("the names are made");
            let text = fs::read_to_string(folder.join(&names["a.js"])).expect("the copy is there");
            assert_eq!(text, format!("load('./{}')", names["b.mjs"]));
            fs::remove_dir_all(folder).expect("the scratch folder is ours");
            names
        };
        let (one, other) = (of("one"), of("other"));
        for name in ["a.js", "b.mjs", "c.wasm"] {
            assert_ne!(one[name], other[name], "{name} kept its name");
        }
    }

    #[test]
    fn a_companion_keeps_to_the_name_of_its_wasm() {
        let files = [("a.wasm", "wasm"), ("a.wasm.mjs", "the same as JavaScript")];
        let (folder, scripts) = folder("companion", &files);
        let names = write(&folder, &scripts).expect("the names are made");
        fs::remove_dir_all(folder).expect("the scratch folder is ours");
        assert_eq!(names["a.wasm.mjs"], format!("{}.mjs", names["a.wasm"]));
    }

    #[test]
    fn files_that_name_each_other_are_refused() {
        let (folder, scripts) = folder("circle", &[("a.js", "'b.js'"), ("b.js", "'a.js'")]);
        let told = write(&folder, &scripts)
            .expect_err("no order serves both")
            .to_string();
        fs::remove_dir_all(folder).expect("the scratch folder is ours");
        assert!(told.contains("a.js, b.js"), "{told}");
    }
}
