//! Chooses what goes into the npm package, and copies it there.
//!
//! Required files are listed; a missing one ends the command. Parts that pages load only when the
//! plan or the browser asks are those that pkg/integrity.json names besides: js/build.mjs writes it.

use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail};
use serde_json::Value;

/// In pkg/ after every build, loaded by pages.
const SCRIPTS: [&str; 7] = [
    "touchmark.js",
    "touchmark.inline.js",
    "touchmark.mjs",
    "touchmark.inline.mjs",
    "touchmark.inline.cjs",
    "touchmark.wasm",
    "stub.js",
];
/// From the repository to the package, under another name each.
const OTHERS: [(&str, &str); 9] = [
    ("js/touchmark.d.ts", "touchmark.d.mts"),
    ("js/touchmark.d.ts", "touchmark.d.cts"),
    ("spec/event.schema.json", "schema/event.schema.json"),
    ("spec/plan.schema.json", "schema/plan.schema.json"),
    ("pkg-config/npm/README.md", "README.md"),
    (
        "pkg-config/npm/streamed/package.json",
        "streamed/package.json",
    ),
    (
        "pkg-config/npm/playwright/package.json",
        "playwright/package.json",
    ),
    ("LICENSE-MIT", "LICENSE-MIT"),
    ("LICENSE-APACHE", "LICENSE-APACHE"),
];

/// The version under `[workspace.package]`.
///
/// # Errors
/// When Cargo.toml has none.
pub fn version(root: &Path) -> Result<String> {
    let path = root.join("Cargo.toml");
    let text =
        fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
    text.split("[workspace.package]")
        .nth(1)
        .and_then(|section| section.split("\nversion = \"").nth(1)?.split('"').next())
        .map(str::to_owned)
        .with_context(|| {
            format!(
                "{} names no version under [workspace.package]",
                path.display()
            )
        })
}

/// Copies everything; returns the names of what pages load, lazy parts with it.
///
/// # Errors
/// When a required file is missing.
pub fn copy(root: &Path, pkg: &Path, out: &Path, version: &str) -> Result<Vec<String>> {
    let mut scripts: Vec<String> = SCRIPTS.iter().map(ToString::to_string).collect();
    scripts.extend(parts(pkg)?);
    for name in &scripts {
        place(&pkg.join(name), &out.join(name), "run `cargo xtask build`")?;
    }
    for (from, to) in OTHERS {
        place(&root.join(from), &out.join(to), "restore it from git")?;
    }
    manifest(root, out, version)?;
    Ok(scripts)
}

/// Files below a folder, by paths with `/`, in order.
///
/// # Errors
/// When a folder can't be read.
pub fn list(folder: &Path) -> Result<Vec<String>> {
    let mut names = Vec::new();
    let entries =
        fs::read_dir(folder).with_context(|| format!("can't list {}", folder.display()))?;
    for entry in entries {
        let entry = entry?;
        let name = entry.file_name().to_string_lossy().into_owned();
        if entry.file_type()?.is_dir() {
            names.extend(
                list(&entry.path())?
                    .into_iter()
                    .map(|below| format!("{name}/{below}")),
            );
        } else {
            names.push(name);
        }
    }
    names.sort();
    Ok(names)
}

/// What the build wrote besides the required files: `consent/gpc.js`, `touchmark.wasm.mjs`.
fn parts(pkg: &Path) -> Result<Vec<String>> {
    let path = pkg.join("integrity.json");
    let text = fs::read_to_string(&path)
        .with_context(|| format!("{} is missing: run `cargo xtask build`", path.display()))?;
    let hashes: Value =
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))?;
    let names = hashes
        .as_object()
        .with_context(|| format!("{} is no object", path.display()))?
        .keys();
    Ok(names
        .filter(|name| !SCRIPTS.contains(&name.as_str()))
        .cloned()
        .collect())
}

fn place(from: &Path, to: &Path, remedy: &str) -> Result<()> {
    if let Some(folder) = to.parent() {
        fs::create_dir_all(folder).with_context(|| format!("can't make {}", folder.display()))?;
    }
    fs::copy(from, to).with_context(|| format!("{} is missing: {remedy}", from.display()))?;
    Ok(())
}

/// package.json with this version; every file that it names must be there.
fn manifest(root: &Path, out: &Path, version: &str) -> Result<()> {
    let source = root.join("pkg-config/npm/package.json");
    let text =
        fs::read_to_string(&source).with_context(|| format!("can't read {}", source.display()))?;
    let mut value: Value =
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", source.display()))?;
    let Some(members) = value.as_object_mut() else {
        bail!("{} is no object", source.display());
    };
    members.insert("version".to_owned(), version.into());
    fs::write(out.join("package.json"), format!("{value:#}\n"))
        .with_context(|| format!("can't write {}", out.display()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lazy_parts_are_what_the_build_names_besides() {
        let folder = std::env::temp_dir().join(format!("touchmark-parts-{}", std::process::id()));
        fs::create_dir_all(&folder).expect("the scratch folder is writable");
        let built = r#"{"touchmark.js": "sha384-x", "consent/gpc.js": "sha384-y"}"#;
        fs::write(folder.join("integrity.json"), built).expect("the scratch folder is writable");
        let found = parts(&folder).expect("the list reads");
        fs::remove_dir_all(folder).expect("the scratch folder is ours");
        assert_eq!(found, ["consent/gpc.js"]);
    }

    #[test]
    fn a_missing_file_is_named_with_its_remedy() {
        let folder = std::env::temp_dir();
        let told = place(
            &folder.join("no-such-file"),
            &folder.join("x"),
            "run `cargo xtask build`",
        );
        let told = told.expect_err("nothing is there").to_string();
        assert!(
            told.contains("no-such-file") && told.contains("cargo xtask build"),
            "{told}"
        );
    }
}
