//! A page in a browser into facts.

use std::time::Duration;

use serde_json::{Value, json};

use super::script::{AFTER, ASK, BEFORE, READY};
use crate::check::agreed::Agreed;
use crate::check::finding::Finding;
use crate::check::render::look;
use crate::check::rules::{self, Question, Sheet};
use crate::chromium::{Browser, BrowserError, Event, Tab};
use crate::plan::fault::Faults;
use crate::plan::source::Source;

/// What was seen of a page.
pub struct Facts {
    /// What the page itself told; see `script::AFTER`.
    pub page: Value,
    /// Requests with what became of them, in order.
    pub requests: Vec<Request>,
    pub is_ready: bool,
    /// The plan as it was served; `None` when it was not.
    pub plan: Option<Value>,
    /// Why the plan can't be read.
    pub plan_fault: String,
    /// What `check` finds on the rendered page; empty without a plan.
    pub findings: Vec<Finding>,
    /// Forms of the plan on this page.
    pub forms: usize,
    /// What asking the endpoint came to; empty when it wasn't asked.
    pub endpoint: String,
    pub errors: Vec<String>,
}

/// One request of the page.
#[derive(Clone, Debug, Default)]
pub struct Request {
    pub id: String,
    pub url: String,
    pub method: String,
    pub status: u64,
    pub mime: String,
    /// The header as it was sent, with its parameters.
    pub content_type: String,
    /// `csp`, `mixed-content`, an error's name; empty when it went well.
    pub failure: String,
    /// The CORS rule that refused it; empty when none did.
    pub cors: String,
    pub referrer: String,
}

impl Facts {
    /// The first request of an address, leaving the query out.
    pub fn request(&self, url: &str) -> Option<&Request> {
        let bare = |url: &str| url.split(['?', '#']).next().unwrap_or_default().to_owned();
        self.requests.iter().find(|one| bare(&one.url) == bare(url))
    }

    /// The request that brought the page, the last one after redirects.
    pub fn document(&self) -> Option<&Request> {
        let first = self.requests.first()?;
        self.requests.iter().rfind(|one| one.id == first.id)
    }

    pub fn tags(&self) -> &[Value] {
        self.page["tags"].as_array().map_or(&[], Vec::as_slice)
    }

    /// The address of the plan: a tag's, else what `touchmark('init', …)` said; empty where neither does.
    pub fn plan_url(&self) -> &str {
        let tags = self.tags().iter().filter(|tag| tag["named"] == true);
        let named = tags.filter_map(|tag| tag["plan"].as_str()).next();
        named.or(self.page["plan"].as_str()).unwrap_or_default()
    }

    /// The address of the events' endpoint, by the plan.
    pub fn endpoint_url(&self) -> Option<String> {
        let endpoint = self.plan.as_ref()?["endpoint"].as_str()?;
        let origin = self.page["origin"].as_str().unwrap_or_default();
        Some(if endpoint.starts_with('/') {
            format!("{origin}{endpoint}")
        } else {
            endpoint.to_owned()
        })
    }

    /// What there is, in words.
    pub fn summary(&self) -> Vec<String> {
        let mut lines = Vec::new();
        if let Some(document) = self
            .document()
            .filter(|one| one.url != self.requests[0].url)
        {
            lines.push(format!("led to {}", document.url));
        }
        for tag in self.tags() {
            let src = tag["src"].as_str().unwrap_or_default();
            lines.push(format!(
                "script {}",
                if src.is_empty() { "in the page" } else { src }
            ));
        }
        let version = self.page["version"].as_str().unwrap_or_default();
        if !version.is_empty() {
            let state = if self.is_ready {
                "running"
            } else {
                "not running"
            };
            lines.push(format!("touchmark {version}, {state}"));
        }
        if let Some(plan) = &self.plan {
            let text = |name: &str| plan[name].as_str().unwrap_or_default();
            lines.push(format!(
                "plan {} of site {}, {} of its forms here",
                text("plan"),
                text("site"),
                self.forms
            ));
        }
        if let Some(endpoint) = self.endpoint_url() {
            lines.push(format!("endpoint {endpoint}"));
        }
        lines
    }
}

/// Opens a page and looks at it.
///
/// # Errors
/// What keeps the browser from opening it.
pub fn visit(browser: &mut Browser, url: &str, limit: Duration) -> Result<Facts, BrowserError> {
    let mut tab = browser.tab()?;
    tab.prepare(BEFORE)?;
    tab.open(url, limit)?;
    let has_api = tab.evaluate("typeof window.touchmark === 'function' && !!window.touchmark.v")?
        == json!(true);
    let is_ready = has_api && tab.evaluate(READY)? == json!("ready");
    let page = tab.evaluate(AFTER)?;
    let mut facts = Facts {
        page,
        requests: requests(&tab.events),
        is_ready,
        plan: None,
        plan_fault: String::new(),
        findings: Vec::new(),
        forms: 0,
        endpoint: String::new(),
        errors: thrown(&tab.events),
    };
    read_plan(&mut tab, &mut facts);
    if let Some(plan) = facts.plan.clone() {
        let name = Some(facts.plan_url()).filter(|url| !url.is_empty());
        let name = name.unwrap_or("plan.json").to_owned();
        let mut faults = Faults::default();
        let agreed = Agreed::of(Source { name, value: plan }, None, None, &mut faults);
        if let Some(agreed) = agreed {
            let (page, shown) = look(&mut tab, &agreed, url, url)?;
            let path = url
                .split("://")
                .nth(1)
                .and_then(|rest| rest.find('/').map(|at| rest[at..].to_owned()));
            let path = path.and_then(|path| path.split(['?', '#']).next().map(str::to_owned));
            let mut sheet = Sheet::new(page, path, &agreed);
            sheet.shown = Some(shown);
            let sheets = [sheet];
            let question = Question {
                agreed: &agreed,
                sheets: &sheets,
                lock: None,
                is_whole: false,
            };
            let mut found = rules::judge(&question);
            facts.forms = rules::locate(&question, &mut Vec::new()).forms.len();
            // A page need not have the site's forms, and has none of them if it has none at all.
            found.retain(|one| one.code != "form_missing" || one.place.pointer.is_empty());
            facts.findings = found;
        } else {
            facts.plan_fault = faults
                .report()
                .lines()
                .next()
                .unwrap_or_default()
                .to_owned();
        }
    }
    if let Some(endpoint) = facts.endpoint_url() {
        let asked = tab.evaluate(&ASK.replace("ENDPOINT", &json!(endpoint).to_string()));
        facts.endpoint = asked.map_or_else(
            |cause| cause.to_string(),
            |said| said.as_str().unwrap_or_default().to_owned(),
        );
        // What refused it comes as events, a moment after the answer.
        let url = endpoint.clone();
        tab.wait_until(Duration::from_millis(500), |tab| {
            requests(&tab.events)
                .iter()
                .any(|one| one.url == url && (one.status > 0 || !one.failure.is_empty()))
        });
        facts.requests = requests(&tab.events);
        // Asking may itself have been against the policy.
        if let Ok(policy) = tab.evaluate("window.__touchmark_doctor?.policy ?? []") {
            facts.page["policy"] = policy;
        }
    }
    Ok(facts)
}

/// The plan's text, as the page itself got it.
fn read_plan(tab: &mut Tab<'_>, facts: &mut Facts) {
    // A module names its plan in a script, so it is known by what it looks like.
    let request = match facts.plan_url() {
        plan if !plan.is_empty() => facts.request(plan).cloned(),
        _ => facts
            .requests
            .iter()
            .find(|one| one.url.contains("plan") && one.mime.contains("json"))
            .cloned(),
    };
    let Some(request) = request.filter(|one| one.failure.is_empty() && one.status < 400) else {
        return;
    };
    let body = tab.call("Network.getResponseBody", json!({"requestId": request.id}));
    let text = body
        .ok()
        .and_then(|body| body["body"].as_str().map(str::to_owned))
        .unwrap_or_default();
    match serde_json::from_str::<Value>(&text) {
        Ok(plan) if plan["contracts"].is_object() => facts.plan = Some(plan),
        Ok(plan) if plan["forms"].is_array() || plan["pages"].is_array() => {
            facts.plan_fault = "source".to_owned()
        }
        Ok(_) => facts.plan_fault = "it is JSON, but no plan".to_owned(),
        Err(cause) => facts.plan_fault = format!("it is no JSON: {cause}"),
    }
}

fn requests(events: &[Event]) -> Vec<Request> {
    let mut all: Vec<Request> = Vec::new();
    for event in events {
        let params = &event.params;
        let id = params["requestId"].as_str().unwrap_or_default();
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let known = all.iter().rposition(|one| one.id == id);
        match (event.method.as_str(), known) {
            ("Network.requestWillBeSent", _) => all.push(Request {
                id: id.to_owned(),
                url: text(&params["request"]["url"]),
                method: text(&params["request"]["method"]),
                referrer: text(&params["request"]["headers"]["Referer"]),
                ..Request::default()
            }),
            ("Network.responseReceived", Some(at)) => {
                let response = &params["response"];
                all[at].status = response["status"].as_u64().unwrap_or(0);
                all[at].mime = text(&response["mimeType"]);
                let headers = response["headers"].as_object().into_iter().flatten();
                let mut kinds =
                    headers.filter(|(name, _)| name.eq_ignore_ascii_case("content-type"));
                all[at].content_type = kinds
                    .next()
                    .map(|(_, value)| text(value))
                    .unwrap_or_default();
            }
            // Of a redirect that is not followed the browser tells nothing else.
            ("Network.responseReceivedExtraInfo", Some(at)) if all[at].status == 0 => {
                all[at].status = params["statusCode"].as_u64().unwrap_or(0);
            }
            ("Network.loadingFailed", Some(at)) => {
                let blocked = text(&params["blockedReason"]);
                all[at].cors = text(&params["corsErrorStatus"]["corsError"]);
                all[at].failure = if blocked.is_empty() {
                    text(&params["errorText"])
                } else {
                    blocked
                };
            }
            _ => {}
        }
    }
    all
}

/// What scripts of the page threw.
fn thrown(events: &[Event]) -> Vec<String> {
    let thrown = events
        .iter()
        .filter(|event| event.method == "Runtime.exceptionThrown");
    thrown
        .filter_map(|event| {
            let details = &event.params["exceptionDetails"];
            let text = details["exception"]["description"]
                .as_str()
                .or(details["text"].as_str())?;
            let url = details["url"].as_str().unwrap_or_default();
            Some(format!(
                "{} ({url})",
                text.lines().next().unwrap_or_default()
            ))
        })
        .collect()
}
