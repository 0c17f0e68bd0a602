//! `cargo xtask sbom`: what the page's files are made of, as CycloneDX 1.6 in pkg/sbom.cdx.json.
//!
//! From the lock files alone: the crates that are compiled into the wasm, with the hashes of
//! Cargo.lock, and the npm packages that build it (scope `excluded`: none of their code is shipped
//! as theirs). Nothing in it varies from run to run. Not here: the program's own crates.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;

use anyhow::{Context as _, Result, ensure};
use serde_json::{Value, json};

use crate::run::{self, say};

/// Writes the file.
///
/// # Errors
/// When cargo fails, a lock file is missing, or a package lacks what the format asks.
pub fn run() -> Result<bool> {
    let root = run::root();
    let metadata = run::capture(
        run::cargo()
            .args(["metadata", "--format-version", "1", "--locked"])
            // The inspector's core has the feature `typed`.
            .args([
                "--all-features",
                "--filter-platform",
                "wasm32-unknown-unknown",
            ]),
        "run `cargo fetch`",
    )?;
    let metadata: Value = serde_json::from_str(&metadata).context("cargo metadata is no JSON")?;
    let lock = read(&root.join("Cargo.lock"))?;
    let npm: Value = serde_json::from_str(&read(&root.join("package-lock.json"))?)
        .context("package-lock.json is no JSON")?;
    let bill = bill(&metadata, &checksums(&lock), &npm)?;
    let count = bill["components"].as_array().map_or(0, Vec::len);
    let target = root.join("pkg/sbom.cdx.json");
    fs::create_dir_all(root.join("pkg")).context("can't make pkg/")?;
    fs::write(&target, format!("{bill:#}\n"))
        .with_context(|| format!("can't write {}", target.display()))?;
    say(
        "sbom",
        format_args!("pkg/sbom.cdx.json: {count} components"),
    );
    Ok(true)
}

/// The bill of materials of the root package as browsers get it.
fn bill(metadata: &Value, checksums: &BTreeMap<String, String>, npm: &Value) -> Result<Value> {
    let packages: BTreeMap<&str, &Value> = list(&metadata["packages"])
        .iter()
        .filter_map(|package| Some((package["id"].as_str()?, package)))
        .collect();
    let (root, tracker) = packages
        .iter()
        .find(|(_, package)| package["name"] == "touchmark")
        .context("cargo metadata knows no package `touchmark`")?;
    let edges = edges(metadata);
    let mut reached = BTreeSet::new();
    let mut next = vec![*root];
    while let Some(id) = next.pop() {
        if reached.insert(id) {
            next.extend(edges.get(id).into_iter().flatten());
        }
    }
    let mut components = Vec::new();
    let mut dependencies = Vec::new();
    for id in &reached {
        let package = packages
            .get(id)
            .with_context(|| format!("cargo metadata has no package {id}"))?;
        let depends: Vec<String> = edges
            .get(id)
            .into_iter()
            .flatten()
            .filter_map(|id| packages.get(id))
            .map(|package| purl(package))
            .collect();
        dependencies.push(json!({"ref": purl(package), "dependsOn": depends}));
        if id != root {
            components.push(component(package, checksums)?);
        }
    }
    for (path, package) in npm["packages"].as_object().into_iter().flatten() {
        let Some(name) = path
            .rsplit("node_modules/")
            .next()
            .filter(|_| !path.is_empty())
        else {
            continue;
        };
        let version = package["version"].as_str().unwrap_or_default();
        let place = format!("pkg:npm/{}@{version}", name.replace('@', "%40"));
        components.push(json!({
            "type": "library", "bom-ref": format!("{place}#{path}"), "name": name, "version": version,
            "scope": "excluded", "purl": place,
            "licenses": [{"expression": package["license"].as_str().unwrap_or("NOASSERTION")}],
        }));
    }
    Ok(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": {"component": {
            "type": "library", "bom-ref": purl(tracker), "name": "touchmark",
            "version": tracker["version"], "purl": format!("pkg:npm/touchmark@{}", tracker["version"].as_str().unwrap_or_default()),
            "licenses": [{"expression": tracker["license"]}],
        }},
        "components": components,
        "dependencies": dependencies,
    }))
}

/// Which package uses which, tests and build scripts left out.
fn edges(metadata: &Value) -> BTreeMap<&str, Vec<&str>> {
    let is_shipped = |dependency: &&Value| {
        list(&dependency["dep_kinds"])
            .iter()
            .any(|kind| kind["kind"].is_null())
    };
    list(&metadata["resolve"]["nodes"])
        .iter()
        .filter_map(|node| {
            let used = list(&node["deps"])
                .iter()
                .filter(is_shipped)
                .filter_map(|dependency| dependency["pkg"].as_str())
                .collect();
            Some((node["id"].as_str()?, used))
        })
        .collect()
}

fn component(package: &Value, checksums: &BTreeMap<String, String>) -> Result<Value> {
    let key = format!(
        "{} {}",
        package["name"].as_str().unwrap_or_default(),
        package["version"].as_str().unwrap_or_default()
    );
    let hash = checksums
        .get(&key)
        .with_context(|| format!("Cargo.lock has no checksum of {key}"))?;
    let licence = package["license"].as_str().unwrap_or_default();
    ensure!(!licence.is_empty(), "{key} names no licence");
    Ok(json!({
        "type": "library", "bom-ref": purl(package), "name": package["name"],
        "version": package["version"], "scope": "required", "purl": purl(package),
        "licenses": [{"expression": licence.replace('/', " OR ")}],
        "hashes": [{"alg": "SHA-256", "content": hash}],
    }))
}

fn purl(package: &Value) -> String {
    format!(
        "pkg:cargo/{}@{}",
        package["name"].as_str().unwrap_or_default(),
        package["version"].as_str().unwrap_or_default()
    )
}

/// `name version` to the SHA-256 of its archive, as Cargo.lock has them.
fn checksums(lock: &str) -> BTreeMap<String, String> {
    let value = |block: &str, name: &str| {
        let start = format!("{name} = \"");
        block
            .lines()
            .find_map(|line| Some(line.strip_prefix(&start)?.trim_end_matches('"').to_owned()))
    };
    lock.split("[[package]]")
        .filter_map(|block| {
            let key = format!("{} {}", value(block, "name")?, value(block, "version")?);
            Some((key, value(block, "checksum")?))
        })
        .collect()
}

fn list(value: &Value) -> &[Value] {
    value.as_array().map_or(&[], Vec::as_slice)
}

fn read(path: &std::path::Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))
}

#[cfg(test)]
mod tests {
    use super::{bill, checksums};
    use serde_json::json;

    #[test]
    fn only_what_is_compiled_in_is_required_and_each_has_its_hash() {
        let metadata = json!({
            "packages": [
                {"id": "t", "name": "touchmark", "version": "0.1.0", "license": "MIT"},
                {"id": "u", "name": "uuid", "version": "1.0.0", "license": "MIT/Apache-2.0"},
                {"id": "x", "name": "tests-only", "version": "2.0.0", "license": "MIT"},
            ],
            "resolve": {"nodes": [
                {"id": "t", "deps": [
                    {"pkg": "u", "dep_kinds": [{"kind": null}]},
                    {"pkg": "x", "dep_kinds": [{"kind": "dev"}]},
                ]},
                {"id": "u", "deps": []},
            ]},
        });
        let lock = "[[package]]\nname = \"uuid\"\nversion = \"1.0.0\"\nchecksum = \"ab12\"\n";
        let npm = json!({"packages": {"": {}, "node_modules/@a/b": {"version": "3.0.0", "license": "ISC"}}});
        let made = bill(&metadata, &checksums(lock), &npm).expect("complete");
        let names: Vec<&str> = made["components"]
            .as_array()
            .expect("a list")
            .iter()
            .filter_map(|one| one["purl"].as_str())
            .collect();
        assert_eq!(names, ["pkg:cargo/uuid@1.0.0", "pkg:npm/%40a/b@3.0.0"]);
        assert_eq!(made["components"][0]["hashes"][0]["content"], "ab12");
        assert_eq!(
            made["components"][0]["licenses"][0]["expression"],
            "MIT OR Apache-2.0"
        );
        assert!(
            bill(&metadata, &checksums(""), &npm).is_err(),
            "a hash is missing"
        );
    }
}
