//! The bill of materials, sbom.cdx.json: the crates compiled into what pages load, from
//! `cargo metadata` for wasm. Pages load no npm package.
//!
//! CycloneDX 1.6, without serial number and time, so that the same build gives the same bytes.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::{Value, json};

use crate::run;

/// Writes sbom.cdx.json.
///
/// # Errors
/// When cargo fails or answers in another shape.
pub fn write(out: &Path, version: &str) -> Result<()> {
    let printed = run::capture(
        run::cargo()
            .args(["metadata", "--format-version", "1", "--locked"])
            // The inspector's core, which the package brings too, has the feature `typed`.
            .args([
                "--all-features",
                "--filter-platform",
                "wasm32-unknown-unknown",
            ]),
        "mend what cargo says",
    )?;
    let told: Value = serde_json::from_str(&printed).context("`cargo metadata` printed no JSON")?;
    let bill = render(&told, version).context("`cargo metadata` answered in another shape")?;
    fs::write(out.join("sbom.cdx.json"), format!("{bill:#}\n")).context("can't write sbom.cdx.json")
}

fn render(told: &Value, version: &str) -> Option<Value> {
    let packages: BTreeMap<&str, &Value> = told["packages"]
        .as_array()?
        .iter()
        .filter_map(|package| Some((package["id"].as_str()?, package)))
        .collect();
    let nodes: BTreeMap<&str, &Value> = told["resolve"]["nodes"]
        .as_array()?
        .iter()
        .filter_map(|node| Some((node["id"].as_str()?, node)))
        .collect();
    let product = packages
        .iter()
        .find(|(_, package)| package["name"] == "touchmark")?
        .0;
    // Only what is compiled in: no tests, no build scripts, no macros.
    let (mut found, mut waiting) = (BTreeSet::new(), vec![*product]);
    while let Some(id) = waiting.pop() {
        for link in nodes.get(id)?["deps"].as_array()? {
            let is_compiled_in = link["dep_kinds"]
                .as_array()?
                .iter()
                .any(|kind| kind["kind"].is_null());
            let next = link["pkg"].as_str()?;
            let package = packages.get(next)?;
            if is_compiled_in && !is_macro(package) && found.insert(next) {
                waiting.push(next);
            }
        }
    }
    let components: Option<Vec<Value>> = found
        .iter()
        .map(|id| component(packages.get(id)?))
        .collect();
    Some(json!({
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "version": 1,
        "metadata": { "component": {
            "type": "library", "bom-ref": "touchmark", "name": "touchmark", "version": version,
            "purl": format!("pkg:npm/touchmark@{version}"),
            "licenses": [{ "expression": "MIT OR Apache-2.0" }],
        } },
        "components": components?,
    }))
}

fn component(package: &Value) -> Option<Value> {
    let (name, version) = (package["name"].as_str()?, package["version"].as_str()?);
    let purl = format!("pkg:cargo/{name}@{version}");
    let mut component = json!({ "type": "library", "bom-ref": purl, "name": name, "version": version, "purl": purl });
    if let Some(license) = package["license"].as_str() {
        // Older crates separate by a slash what SPDX joins by OR.
        component["licenses"] = json!([{ "expression": license.replace('/', " OR ") }]);
    }
    Some(component)
}

fn is_macro(package: &Value) -> bool {
    let targets = package["targets"].as_array();
    targets.into_iter().flatten().any(|target| {
        target["kind"]
            .as_array()
            .is_some_and(|kinds| kinds.iter().any(|kind| kind == "proc-macro"))
    })
}
