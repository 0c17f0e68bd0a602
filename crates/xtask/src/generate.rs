//! The tables of spec/ into src/generated/tables.rs and docs/attribution.md, which are committed.
//!
//! One text a table, a line a row: strings in a wasm module compress far better than
//! structures full of pointers. A native test calls [`render`] and fails when stale.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Writes the generated files; says which changed.
///
/// # Errors
/// When a table of spec/ does not read, or a file can't be written.
pub fn run(root: &Path) -> Result<()> {
    for (name, text) in render(root)? {
        let target = root.join(name);
        let stale = fs::read_to_string(&target).ok().as_deref() != Some(&text);
        if stale {
            fs::write(&target, text)
                .with_context(|| format!("can't write {}", target.display()))?;
        }
        let state = if stale { "written" } else { "fresh" };
        println!("generate  {name} {state}");
    }
    Ok(())
}

/// The generated files and what they should hold.
///
/// # Errors
/// When a table of spec/ does not read, or docs/attribution.md has lost its marks.
pub fn render(root: &Path) -> Result<Vec<(&'static str, String)>> {
    let tables = Tables {
        clicks: read(root, "click-ids.json")?,
        channels: read(root, "channels.json")?,
        referrers: read(root, "referrers.json")?,
        parameters: read(root, "parameters.json")?,
    };
    let prose =
        fs::read_to_string(root.join(PAGE)).with_context(|| format!("can't read {PAGE}"))?;
    Ok(vec![
        ("src/generated/tables.rs", tables.core()?),
        (PAGE, tables.page(&prose)?),
    ])
}

const PAGE: &str = "docs/attribution.md";

/// The tables of spec/.
pub(crate) struct Tables {
    pub(crate) clicks: Value,
    pub(crate) channels: Value,
    pub(crate) referrers: Value,
    pub(crate) parameters: Value,
}

impl Tables {
    fn core(&self) -> Result<String> {
        let version = [&self.clicks, &self.channels, &self.referrers]
            .iter()
            .filter_map(|table| table["version"].as_str())
            .max()
            .context("a table of spec/ has no version")?;
        Ok(format!(
            "//! Tables from spec/, one text each. Made by `cargo xtask generate`.\n\n\
             /// The newest version among the tables; stamped into every event.\n\
             pub const VERSION: &str = {version:?};\n\n\
             /// spec/click-ids.json: `param platform source medium`, in order of priority; `-` is\n\
             /// empty, and as a platform says that the parameter holds no click's id.\n\
             pub const CLICK_IDS: &str = {clicks};\n\n\
             /// spec/channels.json: `rule|channel|paid or free|alternatives`, in order.\n\
             pub const CHANNELS: &str = {channels};\n\n\
             /// spec/referrers.json, what the core knows: a line a kind, `kind;source names\n\
             /// domains…;…`.\n\
             pub const REFERRERS: &str = {referrers};\n\n\
             /// Rows of spec/click-ids.json that every plan brings.\n\
             #[cfg(not(target_arch = \"wasm32\"))]\n\
             pub const PLAN_CLICK_IDS: &str = {plan_clicks};\n\n\
             /// Rows of spec/referrers.json that every plan brings.\n\
             #[cfg(not(target_arch = \"wasm32\"))]\n\
             pub const PLAN_REFERRERS: &str = {plan_referrers};\n\n\
             /// spec/referrers.json, what reports and the larger core know besides.\n\
             #[cfg(any(feature = \"full\", not(target_arch = \"wasm32\")))]\n\
             pub const MORE_REFERRERS: &str = {more};\n",
            clicks = literal(&click_rows(&self.clicks, "core")?),
            channels = literal(&channel_rows(&self.channels)?),
            referrers = literal(&referrer_rows(&self.referrers, "core")?),
            plan_clicks = literal(&click_rows(&self.clicks, "plan")?),
            plan_referrers = literal(&referrer_rows(&self.referrers, "plan")?),
            more = literal(&referrer_rows(&self.referrers, "reports")?),
        ))
    }
}

/// Rows that every page knows, in the core or by its plan: certain ones that are a click's id or say where a visitor is from.
fn click_rows(table: &Value, place: &str) -> Result<Vec<String>> {
    let mut lines: Vec<String> = Vec::new();
    let mut prefixes: Vec<&str> = Vec::new();
    for row in rows(table, "click_ids")? {
        let kind = word(row, "kind")?;
        let param = row["param"].as_str().context("a click id has no `param`")?;
        let is_covered = prefixes.iter().any(|prefix| param.starts_with(prefix));
        if row["confidence"] == "uncertain"
            || is_covered
            || (kind != "click_id" && kind != "marker")
        {
            continue;
        }
        if let Some(prefix) = param.strip_suffix('*') {
            prefixes.push(prefix);
        }
        if place_of(row) != place {
            continue;
        }
        let platform = if kind == "marker" {
            "-".to_owned()
        } else {
            word(row, "platform")?
        };
        let cells = [
            word(row, "param")?,
            platform,
            word(row, "source")?,
            word(row, "medium")?,
        ];
        let cells = cells.map(|cell| {
            if cell.is_empty() {
                "-".to_owned()
            } else {
                cell
            }
        });
        let line = cells.join(" ");
        let mut line = line.as_str();
        while let Some(shorter) = line.strip_suffix(" -") {
            line = shorter;
        }
        lines.push(line.to_owned());
    }
    Ok(lines)
}

/// A line a kind, in the order in which the kinds first stand in the table.
fn referrer_rows(table: &Value, place: &str) -> Result<Vec<String>> {
    let mut lines: Vec<String> = Vec::new();
    for row in rows(table, "referrers")? {
        if place_of(row) != place {
            continue;
        }
        let (kind, source) = (word(row, "kind")?, word(row, "source")?);
        let mut text = source.clone();
        let texts = |name| {
            row[name]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str)
        };
        for name in texts("names") {
            if name.contains('.') {
                bail!("spec/referrers.json: the name {name} of {source} is a domain");
            }
            text.push_str(&format!(" {name}"));
        }
        for domain in texts("domains") {
            if !domain.contains('.') {
                bail!("spec/referrers.json: the domain {domain} of {source} has no dot");
            }
            let (mark, domain) = match domain.strip_prefix('=') {
                Some(domain) => ("=", domain),
                None => ("", domain),
            };
            let rest = domain
                .strip_prefix(source.as_str())
                .filter(|rest| rest.starts_with('.'));
            text.push_str(&format!(" {mark}{}", rest.unwrap_or(domain)));
        }
        match lines
            .iter_mut()
            .find(|line| line.split(';').next() == Some(&kind))
        {
            Some(line) => line.push_str(&format!(";{text}")),
            None => lines.push(format!("{kind};{text}")),
        }
    }
    Ok(lines)
}

/// Where a row is known: the core, which every visitor downloads; the plan; or reports alone.
pub(crate) fn place_of(row: &Value) -> &str {
    row["in"].as_str().unwrap_or("plan")
}

fn channel_rows(table: &Value) -> Result<Vec<String>> {
    rows(table, "rules")?
        .iter()
        .map(|row| {
            let when = row["when"]
                .as_array()
                .context("a channel rule has no `when`")?;
            let alternatives: Result<Vec<_>> = when.iter().map(alternative).collect();
            Ok(format!(
                "{}|{}|{}|{}",
                word(row, "rule")?,
                row["channel"]
                    .as_str()
                    .context("a channel rule names no channel")?,
                if row["paid"] == true { "paid" } else { "free" },
                alternatives?.join(";")
            ))
        })
        .collect()
}

/// One entry of `when` as `k=search&m~paid`: subject, operator, words.
fn alternative(when: &Value) -> Result<String> {
    let tests = when
        .as_object()
        .context("an entry of `when` is no object")?;
    let tests: Result<Vec<_>> = tests
        .iter()
        .map(|(subject, test)| condition(subject, test))
        .collect();
    Ok(tests?.join("&"))
}

fn condition(subject: &str, test: &Value) -> Result<String> {
    let letter = match subject {
        "kind" => 'k',
        "source" => 's',
        "medium" => 'm',
        "campaign" => 'c',
        _ => {
            bail!("spec/channels.json: `when` knows kind, source, medium, campaign, not {subject}")
        }
    };
    if let Some(word) = test.as_str() {
        let operator = if subject == "kind" { '=' } else { '~' };
        return Ok(format!("{letter}{operator}{word}"));
    }
    let tests = test
        .as_object()
        .context("a test in `when` is neither text nor object")?;
    let (name, words) = tests.iter().next().context("a test in `when` is empty")?;
    let operator = match name.as_str() {
        "is" => '=',
        "contains" => '*',
        "ends" => '$',
        _ => bail!("spec/channels.json: a test is one of is, contains, ends, not {name}"),
    };
    let words = words
        .as_array()
        .context("a test in `when` lists no words")?;
    let words: Vec<_> = words.iter().filter_map(Value::as_str).collect();
    Ok(format!("{letter}{operator}{}", words.join(",")))
}

fn read(root: &Path, name: &str) -> Result<Value> {
    let path = root.join("spec").join(name);
    let text =
        fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
    serde_json::from_str(&text).with_context(|| format!("{} is no JSON", path.display()))
}

fn rows<'a>(table: &'a Value, name: &str) -> Result<&'a Vec<Value>> {
    table[name]
        .as_array()
        .with_context(|| format!("a table of spec/ has no `{name}`"))
}

fn word(row: &Value, name: &str) -> Result<String> {
    let word = row[name]
        .as_str()
        .with_context(|| format!("a row has no `{name}`: {row}"))?;
    if word.contains(char::is_whitespace) {
        bail!("`{name}` holds white space: {row}");
    }
    Ok(word.to_owned())
}

fn literal(rows: &[String]) -> String {
    format!("\"\\\n{}\\n\"", rows.join("\\n\\\n"))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_committed_files_are_what_spec_says() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        for (name, text) in super::render(&root).expect("the tables of spec/ read") {
            let committed = std::fs::read_to_string(root.join(name));
            let committed = committed.expect("a generated file is committed");
            assert_eq!(
                committed, text,
                "{name} is stale: run `cargo xtask generate`"
            );
        }
    }
}
