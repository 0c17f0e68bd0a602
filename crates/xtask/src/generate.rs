//! The tables of spec/ into src/generated/tables.rs, which is committed.
//!
//! One text a table, a line a row: strings in a wasm module compress far better than
//! structures full of pointers. A native test calls [`render`] and fails when stale.

use std::fs;
use std::path::Path;

use anyhow::{Context, Result, bail};
use serde_json::Value;

/// Writes the generated file; says whether it changed.
pub fn run(root: &Path) -> Result<()> {
    let target = root.join("src/generated/tables.rs");
    let text = render(root)?;
    let stale = fs::read_to_string(&target).ok().as_deref() != Some(&text);
    if stale {
        fs::write(&target, text).with_context(|| format!("can't write {}", target.display()))?;
    }
    let state = if stale { "written" } else { "fresh" };
    println!("generate  src/generated/tables.rs {state}");
    Ok(())
}

/// What src/generated/tables.rs should hold.
pub fn render(root: &Path) -> Result<String> {
    let clicks = read(root, "click-ids.json")?;
    let channels = read(root, "channels.json")?;
    let referrers = read(root, "referrers.json")?;
    let version = [&clicks, &channels, &referrers]
        .iter()
        .filter_map(|table| table["version"].as_str())
        .max()
        .context("a table of spec/ has no version")?;
    Ok(format!(
        "//! Tables from spec/, one text each, a line a row. Made by `cargo xtask generate`.\n\n\
         /// The newest version among the tables; stamped into every event.\n\
         pub const VERSION: &str = {version:?};\n\n\
         /// spec/click-ids.json: `param platform source medium`, in order of priority.\n\
         pub const CLICK_IDS: &str = {clicks};\n\n\
         /// spec/channels.json: `rule|channel|paid or free|alternatives`, in order.\n\
         pub const CHANNELS: &str = {channels};\n\n\
         /// spec/referrers.json: `kind source domains…`.\n\
         pub const REFERRERS: &str = {referrers};\n",
        clicks = literal(&click_rows(&clicks)?),
        channels = literal(&channel_rows(&channels)?),
        referrers = literal(&referrer_rows(&referrers)?),
    ))
}

fn click_rows(table: &Value) -> Result<Vec<String>> {
    rows(table, "click_ids")?
        .iter()
        .map(|row| {
            let fields = ["param", "platform", "source", "medium"];
            let fields: Result<Vec<_>> = fields.iter().map(|name| word(row, name)).collect();
            Ok(fields?.join(" ").trim_end().to_owned())
        })
        .collect()
}

fn referrer_rows(table: &Value) -> Result<Vec<String>> {
    rows(table, "referrers")?
        .iter()
        .map(|row| {
            let domains = row["domains"]
                .as_array()
                .context("a referrer lists no domains")?;
            let domains: Vec<_> = domains.iter().filter_map(Value::as_str).collect();
            Ok(format!(
                "{} {} {}",
                word(row, "kind")?,
                word(row, "source")?,
                domains.join(" ")
            ))
        })
        .collect()
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
    fn the_committed_tables_are_what_spec_says() {
        let root = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("../..");
        let committed = std::fs::read_to_string(root.join("src/generated/tables.rs"));
        assert_eq!(
            committed.expect("src/generated/tables.rs is committed"),
            super::render(&root).expect("the tables of spec/ read"),
            "stale: run `cargo xtask generate`"
        );
    }
}
