//! pkg-config/gtm: the parts of a Google Tag Manager web template into template.tpl.
//!
//! The file is committed, since Google's gallery takes it from the repository; a native test
//! fails when it is stale. The format is Google's export format: sections under `___NAME___`.
//! Not here: what the template does (template.js), and whether it does it (tests/js/gtm.test.mjs).

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};

const FOLDER: &str = "pkg-config/gtm";
const TERMS: &str = "By creating or modifying this file you agree to Google Tag Manager's Community\n\
    Template Gallery Developer Terms of Service available at\n\
    https://developers.google.com/tag-manager/gallery-tos (or such other URL as\n\
    Google may provide), as modified from time to time.";
/// Stands in fields.json for the list of all consent types, and of none.
const CONSENT_TYPES: &str = "{consent types}";

/// Writes template.tpl; says whether it changed.
///
/// # Errors
/// When a part is missing or has another shape.
pub fn run(root: &Path) -> Result<()> {
    let target = root.join(FOLDER).join("template.tpl");
    let text = render(root)?;
    let stale = fs::read_to_string(&target).ok().as_deref() != Some(&text);
    if stale {
        fs::write(&target, text).with_context(|| format!("can't write {}", target.display()))?;
    }
    let state = if stale { "written" } else { "fresh" };
    println!("package {FOLDER}/template.tpl {state}");
    Ok(())
}

/// What template.tpl should hold.
///
/// # Errors
/// When a part is missing or has another shape.
pub fn render(root: &Path) -> Result<String> {
    let folder = root.join(FOLDER);
    let granted = json_of(&folder.join("permissions.json"))?;
    let sections = [
        ("TERMS_OF_SERVICE", TERMS.to_owned()),
        ("INFO", format!("{:#}", json_of(&folder.join("info.json"))?)),
        (
            "TEMPLATE_PARAMETERS",
            format!("{:#}", fields(&folder, &granted)?),
        ),
        (
            "SANDBOXED_JS_FOR_WEB_TEMPLATE",
            text_of(&folder.join("template.js"))?,
        ),
        ("WEB_PERMISSIONS", format!("{:#}", permissions(&granted)?)),
        ("TESTS", tests(&folder.join("tests"))?),
        ("NOTES", text_of(&folder.join("notes.md"))?),
    ];
    let mut text = String::new();
    for (name, content) in sections {
        ensure!(
            !content.lines().any(|line| line.starts_with("___")),
            "a line of the section {name} looks like a section's title"
        );
        let _ = write!(text, "___{name}___\n\n{}\n\n\n", content.trim());
    }
    Ok(format!("{}\n", text.trim_end()))
}

fn fields(folder: &Path, granted: &Value) -> Result<Value> {
    let mut items = vec![json!({ "value": "never", "displayValue": "Never" })];
    for name in names(granted, "access_consent")? {
        items.push(json!({ "value": name, "displayValue": name }));
    }
    let mut fields = json_of(&folder.join("fields.json"))?;
    fill(&mut fields, &Value::Array(items));
    Ok(fields)
}

fn fill(value: &mut Value, items: &Value) {
    match value {
        Value::String(text) if text == CONSENT_TYPES => *value = items.clone(),
        Value::Array(list) => list.iter_mut().for_each(|one| fill(one, items)),
        Value::Object(members) => members.values_mut().for_each(|one| fill(one, items)),
        _ => {}
    }
}

fn permissions(granted: &Value) -> Result<Value> {
    let globals: Result<Vec<Value>> = list(granted, "access_globals")?
        .iter()
        .map(|row| {
            let key = row["key"].as_str().context("a global has no key")?;
            let flags = ["read", "write", "execute"].map(|flag| (flag, row[flag] == true));
            Ok(map("key", key, &flags))
        })
        .collect();
    let types: Vec<Value> = names(granted, "access_consent")?
        .iter()
        .map(|name| map("consentType", name, &[("read", true), ("write", false)]))
        .collect();
    let urls = names(granted, "inject_script")?;
    let logging = granted["logging"]
        .as_str()
        .context("`logging` is no text")?;
    Ok(json!([
        permission(
            "access_globals",
            "keys",
            &json!({ "type": 2, "listItem": globals? })
        ),
        permission(
            "access_consent",
            "consentTypes",
            &json!({ "type": 2, "listItem": types })
        ),
        permission(
            "inject_script",
            "urls",
            &json!({
                "type": 2,
                "listItem": urls.iter().map(|url| text(url)).collect::<Vec<_>>(),
            })
        ),
        permission("logging", "environments", &text(logging)),
    ]))
}

fn permission(id: &str, name: &str, value: &Value) -> Value {
    json!({
        "instance": {
            "key": { "publicId": id, "versionId": "1" },
            "param": [{ "key": name, "value": value }],
        },
        "clientAnnotations": { "isEditedByUser": true },
        "isRequired": true,
    })
}

fn map(name: &str, value: &str, flags: &[(&str, bool)]) -> Value {
    let (mut keys, mut values) = (vec![text(name)], vec![text(value)]);
    for (flag, is_set) in flags {
        keys.push(text(flag));
        values.push(json!({ "type": 8, "boolean": is_set }));
    }
    json!({ "type": 3, "mapKey": keys, "mapValue": values })
}

fn text(text: &str) -> Value {
    json!({ "type": 1, "string": text })
}

/// Google's test scenarios: one file each, named by its first comment.
fn tests(folder: &Path) -> Result<String> {
    let mut paths = Vec::new();
    for entry in fs::read_dir(folder).with_context(|| format!("can't list {}", folder.display()))? {
        paths.push(entry?.path());
    }
    paths.sort();
    let mut yaml = "scenarios:\n".to_owned();
    for path in paths {
        let source = text_of(&path)?;
        let Some((title, code)) = source.split_once('\n') else {
            bail!("{} is empty", path.display());
        };
        let Some(title) = title.strip_prefix("// ") else {
            bail!(
                "{} does not begin with a comment that names it",
                path.display()
            );
        };
        let _ = write!(yaml, "- name: {}\n  code: |-\n", Value::from(title));
        for line in code.trim().lines() {
            let _ = writeln!(yaml, "{}", format!("    {line}").trim_end());
        }
    }
    Ok(yaml)
}

fn list<'a>(granted: &'a Value, name: &str) -> Result<&'a Vec<Value>> {
    granted[name]
        .as_array()
        .with_context(|| format!("permissions.json has no list `{name}`"))
}

fn names<'a>(granted: &'a Value, name: &str) -> Result<Vec<&'a str>> {
    let names: Option<Vec<&str>> = list(granted, name)?.iter().map(Value::as_str).collect();
    names.with_context(|| format!("`{name}` of permissions.json holds something else than text"))
}

fn text_of(path: &Path) -> Result<String> {
    fs::read_to_string(path).with_context(|| format!("can't read {}", path.display()))
}

fn json_of(path: &Path) -> Result<Value> {
    serde_json::from_str(&text_of(path)?).with_context(|| format!("{} is not JSON", path.display()))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_template_is_what_its_parts_say() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let committed = std::fs::read_to_string(root.join("pkg-config/gtm/template.tpl"));
        assert_eq!(
            committed.expect("pkg-config/gtm/template.tpl is committed"),
            super::render(&root).expect("the parts of pkg-config/gtm read"),
            "stale: run `cargo xtask package`"
        );
    }
}
