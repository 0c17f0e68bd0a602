//! A page as a browser shows it, once its scripts have run.
//!
//! In place of reading the text (`input`). What is checked is the tree's own markup, so places
//! are lines of that. Not here: starting browsers (`chromium`).

use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::Duration;

use serde_json::{Value, json};

use super::agreed::{Agreed, SignalKind};
use super::input::Input;
use super::page::Page;
use super::rules::Sheet;
use crate::chromium::{Browser, BrowserError, Server, Tab, within};
use crate::plan::fault::Fault;

/// Renders every page that can be opened; faults for the rest.
pub fn render(
    inputs: &[Input],
    roots: &[PathBuf],
    agreed: &Agreed,
    unread: &mut Vec<Fault>,
) -> Vec<Sheet> {
    let fault = |name: &str, cause: &BrowserError| {
        Fault::new(
            cause.code(),
            name,
            "",
            cause.to_string(),
            cause.remedy().to_owned(),
        )
    };
    let mut browser = match Browser::start() {
        Ok(browser) => browser,
        Err(cause) => {
            unread.push(fault("--browser", &cause));
            return Vec::new();
        }
    };
    let mut sheets = Vec::new();
    let mut servers: Vec<(PathBuf, Server)> = Vec::new();
    for input in inputs {
        let name = input.name();
        let opened = address(input, roots, &mut servers).and_then(|address| {
            let mut tab = browser.tab()?;
            tab.open(&address, LIMIT)?;
            look(&mut tab, agreed, &name, &address)
        });
        match opened {
            Ok((page, shown)) => {
                let mut sheet = Sheet::new(page, input.path(roots), agreed);
                sheet.shown = Some(shown);
                sheets.push(sheet);
            }
            Err(cause) => unread.push(fault(&name, &cause)),
        }
    }
    sheets
}

/// The page's markup now, and which signals show text already.
pub fn look(
    tab: &mut Tab<'_>,
    agreed: &Agreed,
    name: &str,
    address: &str,
) -> Result<(Page, BTreeSet<String>), BrowserError> {
    let status = tab.events.iter().rev().find(|event| {
        event.method == "Network.responseReceived" && event.params["type"] == "Document"
    });
    let status = status.and_then(|event| event.params["response"]["status"].as_u64());
    if let Some(status) = status.filter(|status| *status >= 400) {
        return Err(BrowserError::Page(format!(
            "{address}: the server answered {status}"
        )));
    }
    let signals = agreed
        .forms
        .iter()
        .flat_map(|form| form.success.iter().chain(&form.failure));
    let selectors: Vec<&String> = signals
        .filter_map(|signal| match &signal.kind {
            SignalKind::Selector(selector) => Some(selector),
            _ => None,
        })
        .collect();
    let seen = tab.evaluate(&SCRIPT.replace("SELECTORS", &json!(selectors).to_string()))?;
    let html = seen["html"].as_str().unwrap_or_default().to_owned();
    let shown = seen["shown"].as_array().into_iter().flatten();
    let shown = shown.filter_map(Value::as_str).map(str::to_owned).collect();
    Ok((Page::parse(name, html), shown))
}

/// Where a browser finds the page: files are served, so that their scripts are found.
fn address(
    input: &Input,
    roots: &[PathBuf],
    servers: &mut Vec<(PathBuf, Server)>,
) -> Result<String, BrowserError> {
    let page = |cause: String| BrowserError::Page(cause);
    let file = match input {
        Input::Url(url) => return Ok(url.clone()),
        Input::Stdin => {
            let text = input
                .read()
                .map_err(|fault| page(fault.what().to_owned()))?;
            let folder =
                std::env::temp_dir().join(format!("touchmark-stdin-{}", std::process::id()));
            let file = folder.join("index.html");
            let written =
                std::fs::create_dir_all(&folder).and_then(|()| std::fs::write(&file, text));
            written.map_err(|cause| page(cause.to_string()))?;
            file
        }
        Input::File(file) => file.clone(),
    };
    if let Err(cause) = std::fs::metadata(&file) {
        return Err(page(format!("{}: {cause}", file.display())));
    }
    let root = roots.iter().find(|root| file.starts_with(root)).cloned();
    let root = root
        .or_else(|| file.parent().map(PathBuf::from))
        .unwrap_or_default();
    let path = within(&root, &file).unwrap_or_default();
    // The address that visitors know, which scripts may look at.
    let path = path.strip_suffix("index.html").unwrap_or(&path).to_owned();
    let known = servers.iter().position(|(served, _)| *served == root);
    let at = match known {
        Some(at) => at,
        None => {
            let folder = if root.as_os_str().is_empty() {
                PathBuf::from(".")
            } else {
                root.clone()
            };
            let server = Server::start(&folder).map_err(|cause| page(cause.to_string()))?;
            servers.push((root, server));
            servers.len() - 1
        }
    };
    Ok(format!("{}{path}", servers[at].1.origin))
}

const LIMIT: Duration = Duration::from_secs(20);
/// As js/signals.ts looks: text that is laid out.
const SCRIPT: &str = "(() => {
  const shown = SELECTORS.filter((selector) => {
    try {
      return [...document.querySelectorAll(selector)].some((one) => one.getClientRects()[0] && one.textContent.trim())
    } catch { return false }
  })
  return { shown, html: (document.doctype ? '<!doctype html>\\n' : '') + document.documentElement.outerHTML }
})()";
