//! pkg-config/csp.json into csp.txt: the lines that a site adds to its Content Security Policy.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use anyhow::{Context as _, Result};
use serde_json::Value;

/// Writes csp.txt.
///
/// # Errors
/// When csp.json can't be read or has another shape.
pub fn write(root: &Path, out: &Path) -> Result<()> {
    let path = root.join("pkg-config/csp.json");
    let text =
        fs::read_to_string(&path).with_context(|| format!("can't read {}", path.display()))?;
    let value: Value =
        serde_json::from_str(&text).with_context(|| format!("{} is not JSON", path.display()))?;
    let text = render(&value).with_context(|| format!("{} has another shape", path.display()))?;
    fs::write(out.join("csp.txt"), text).context("can't write csp.txt")
}

fn render(value: &Value) -> Option<String> {
    let endpoint = value["endpoint"].as_str()?;
    let mut text = format!(
        "Add these to what your policy says already. {endpoint} stands for your collector.\n"
    );
    for policy in value["policies"].as_array()? {
        let directives: Option<Vec<String>> = policy["directives"]
            .as_object()?
            .iter()
            .map(|(name, sources)| {
                let sources: Option<Vec<&str>> =
                    sources.as_array()?.iter().map(Value::as_str).collect();
                Some(format!("{name} {}", sources?.join(" ")))
            })
            .collect();
        let line = directives?.join("; ").replace("{endpoint}", endpoint);
        let _ = write!(text, "\n{}\n  {line}\n", policy["title"].as_str()?);
    }
    Some(text)
}
