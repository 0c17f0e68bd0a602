//! docs/consent.md against `touchmark plan build`: every snippet builds, and every default is told.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

const SOURCES: [&str; 7] = [
    "consent-mode",
    "tcf",
    "gpp",
    "onetrust",
    "cookiebot",
    "didomi",
    "gpc",
];

#[test]
fn every_snippet_builds_to_a_script_that_is_there() {
    let text = guide();
    let snippets: Vec<&str> = text
        .split("```json\n")
        .skip(1)
        .filter_map(|rest| rest.split("```").next())
        .collect();
    assert_eq!(snippets.len(), SOURCES.len() + 1, "one for each source");
    for (at, snippet) in snippets.iter().enumerate() {
        let consent = serde_json::from_str(snippet).expect("a snippet is JSON");
        let built = build(&format!("snippet-{at}"), &consent);
        if let Some(script) = built["load"].as_str() {
            let name = script.strip_prefix("consent/").expect("its folder");
            let source = root().join("js/consent").join(name.replace(".js", ".ts"));
            assert!(source.is_file(), "{script} is built from no source");
        }
    }
}

#[test]
fn every_default_stands_in_the_guide() {
    let text = guide();
    for source in SOURCES {
        let built = build(
            &format!("default-{source}"),
            &json!({"source": [source, "api"]}),
        );
        assert_eq!(built["source"], format!("{source}+api"));
        assert_eq!(built["load"], format!("consent/{source}.js"));
        let heading = format!("(`{source}`)");
        let section = text.split("\n## ").find(|part| {
            part.lines()
                .next()
                .is_some_and(|line| line.contains(&heading))
        });
        let section = section.unwrap_or_else(|| panic!("no section for {source}"));
        let settings = &built["ask"][0];
        for (purpose, names) in settings["purposes"].as_object().into_iter().flatten() {
            let told: Vec<String> = names
                .as_array()
                .expect("a list")
                .iter()
                .map(|name| {
                    name.as_str()
                        .map_or_else(|| name.to_string(), |name| format!("`{name}`"))
                })
                .collect();
            // The GPP's defaults are the same for all and told in one row.
            let row = section.lines().find(|line| {
                line.starts_with('|')
                    && (source == "gpp" || line.contains(&format!("`{purpose}`")))
                    && line.contains(&told.join(", "))
            });
            assert!(
                row.is_some(),
                "{source} {purpose}: no row with {}",
                told.join(", ")
            );
        }
    }
}

#[test]
fn several_sources_are_named_in_the_plans_order_and_keep_what_they_were_given() {
    let consent =
        json!({"source": ["gpc", {"source": "tcf", "vendor": 755, "purposes": {"send": [1]}}]});
    let built = build("several", &consent);
    assert_eq!(built["source"], "gpc+tcf");
    assert_eq!(built["load"], "consent/several.js");
    assert_eq!(
        built["ask"],
        json!([
            {"source": "gpc", "denies": ["store", "attribute", "identify", "send"]},
            {
                "source": "tcf",
                "purposes": {"store": [1], "attribute": [1, 7], "identify": [1, 3, 7], "send": [1]},
                "vendor": 755,
                "not_applicable": "unknown",
                "wait_ms": 10000
            }
        ])
    );
}

#[test]
fn a_page_that_answers_itself_loads_no_script() {
    for (name, consent) in [
        ("api", json!({"source": "api"})),
        ("api-listed", json!({"source": ["api"]})),
        ("nothing", json!({})),
    ] {
        assert_eq!(build(name, &consent), json!({"source": "api"}), "{name}");
    }
}

/// The built plan's consent.
fn build(name: &str, consent: &Value) -> Value {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(format!("consent-{name}"));
    fs::create_dir_all(&folder).expect("writable");
    let base = fs::read_to_string(here("plans/base.plan.json")).expect("readable");
    let mut plan: Value = serde_json::from_str(&base).expect("JSON");
    plan["consent"] = consent.clone();
    fs::write(folder.join("plan.json"), plan.to_string()).expect("writable");
    fs::copy(here("plans/base.schema.json"), folder.join("schema.json")).expect("copied");
    let output = Command::new(env!("CARGO_BIN_EXE_touchmark"))
        .args(["plan", "build", "plan.json"])
        .current_dir(&folder)
        .output()
        .expect("touchmark runs");
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{consent}: {told}");
    let built: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    fs::remove_dir_all(folder).expect("removable");
    built["consent"].clone()
}

fn guide() -> String {
    fs::read_to_string(root().join("docs/consent.md")).expect("readable")
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(path)
}
