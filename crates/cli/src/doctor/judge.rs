//! Facts about a page into symptoms, each with its remedy.
//!
//! In the order in which a page comes to life: script, policy, wasm, plan, consent, endpoint, forms.

use serde_json::Value;

use super::visit::{Facts, Request};
use crate::check::finding::Level;

/// Something that an integrator should mend.
pub struct Symptom {
    pub code: &'static str,
    pub level: Level,
    pub what: String,
    pub remedy: String,
}

/// Everything that is wrong, the cause before its consequences.
pub fn judge(facts: &Facts) -> Vec<Symptom> {
    let mut out = Symptoms(Vec::new());
    out.page(facts);
    out.script(facts);
    out.policy(facts);
    out.wasm(facts);
    out.plan(facts);
    out.consent(facts);
    out.endpoint(facts);
    out.diagnostics(facts);
    out.forms(facts);
    out.0
}

pub struct Symptoms(Vec<Symptom>);

impl Symptoms {
    pub fn add(&mut self, code: &'static str, level: Level, what: String, remedy: &str) {
        self.0.push(Symptom {
            code,
            level,
            what,
            remedy: remedy.to_owned(),
        });
    }

    pub fn has(&self, code: &str) -> bool {
        self.0.iter().any(|one| one.code == code)
    }

    fn page(&mut self, facts: &Facts) {
        let Some(document) = facts.document() else {
            return;
        };
        if document.status >= 400 {
            self.add(
                "page_status",
                Level::Error,
                format!(
                    "the server answered {}: what follows is of its error page",
                    document.status
                ),
                "mend the address; a page behind a login can't be asked",
            );
        }
        let is_page = document.mime.is_empty() || document.mime.contains("html");
        if !is_page {
            self.add(
                "page_kind",
                Level::Error,
                format!("the address gives {}, which is no page", document.mime),
                "name a page; or send it as text/html",
            );
        }
    }

    fn script(&mut self, facts: &Facts) {
        let tags = facts.tags();
        let is_installed = !text(&facts.page["version"]).is_empty();
        if tags.is_empty() && !is_installed {
            self.add(
                "script_missing",
                Level::Error,
                "the page has no touchmark script".to_owned(),
                "add the tag, as in docs/integration.md, or see why the tag manager doesn't",
            );
            return;
        }
        for tag in tags {
            let src = text(&tag["src"]);
            if let Some(request) = facts.request(src).filter(|_| !src.is_empty()) {
                if let Some(why) = refusal(request) {
                    let what = format!("the script {src} did not load: {why}");
                    let remedy = match request.failure.as_str() {
                        "csp" => "allow its origin in script-src",
                        "mixed-content" => "serve it by https, as the page",
                        "inspector" => "a blocker stopped it; serve it from the page's own origin",
                        _ => "mend its address, and see that the server has it",
                    };
                    self.add("script_blocked", Level::Error, what, remedy);
                } else if !request.referrer.is_empty()
                    && !text(&tag["policy"]).contains("no-referrer")
                {
                    self.add(
                        "script_referrer",
                        Level::Warning,
                        format!("the request for {src} tells where the visitor is"),
                        "add referrerpolicy=\"no-referrer\" to the tag",
                    );
                }
            }
            let is_waiting = tag["isAsync"] != true
                && tag["isDeferred"] != true
                && text(&tag["type"]) != "module";
            if is_waiting && !src.is_empty() && tag["isInHead"] == true {
                self.add(
                    "script_blocking",
                    Level::Warning,
                    "the page waits for the script before it shows anything".to_owned(),
                    "add async to the tag",
                );
            }
        }
        let named: Vec<&Value> = tags
            .iter()
            .filter(|tag| text(&tag["src"]).contains("touchmark"))
            .collect();
        if named.len() > 1 || facts.page["installs"].as_u64().unwrap_or(0) > 1 {
            let count = named.len().max(2);
            self.add(
                "script_twice",
                Level::Error,
                format!("touchmark is on this page {count} times"),
                "keep one: in the page or in the tag manager",
            );
        }
        let refused: Vec<&str> = facts.page["refused"]
            .as_array()
            .map(|all| all.iter().map(text).collect())
            .unwrap_or_default();
        let unfit = tags
            .iter()
            .find(|tag| !text(&tag["hash"]).is_empty() && refused.contains(&text(&tag["src"])));
        if let Some(tag) = unfit.filter(|_| !is_installed && !self.has("script_blocked")) {
            let src = text(&tag["src"]);
            let origin = text(&facts.page["origin"]);
            let (why, remedy) = match tag["isAnonymous"] == true || src.starts_with(origin) {
                true => (
                    "its integrity is another file's",
                    "take the hash from integrity.json of the build that is served",
                ),
                false => (
                    "it is of another origin, and its tag has integrity without crossorigin",
                    "add crossorigin=\"anonymous\" to the tag",
                ),
            };
            let what = format!("the browser refused the script {src}: {why}");
            self.add("script_integrity", Level::Error, what, remedy);
        } else if !is_installed && !self.has("script_blocked") && unplanned(facts).is_none() {
            let thrown = facts
                .errors
                .first()
                .map(|error| format!(": {error}"))
                .unwrap_or_default();
            self.add(
                "script_silent",
                Level::Error,
                format!("the script loaded and did not install itself{thrown}"),
                "see that the file is whole, is touchmark's, and that no policy or error stops it",
            );
        }
        let loaded = facts.page["loaded"].as_f64().unwrap_or(0.0);
        let starts = facts.page["starts"]
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        let late = starts.iter().find(|one| {
            text(&one["name"]).contains("/touchmark")
                && text(&one["name"]).contains(".js")
                && loaded > 0.0
                && one["startTime"].as_f64().unwrap_or(0.0) > loaded + LATE_MILLIS
        });
        if let Some(late) = late {
            let after = (late["startTime"].as_f64().unwrap_or(0.0) - loaded) / 1000.0;
            let what = format!(
                "the script is asked for {after:.1} seconds after the page was loaded: what is sent before is not seen"
            );
            self.add(
                "script_late",
                if facts.page["isStub"] == true {
                    Level::Note
                } else {
                    Level::Warning
                },
                what,
                "load it async from the head, or put the stub there",
            );
        }
    }

    fn policy(&mut self, facts: &Facts) {
        let violations = facts.page["policy"]
            .as_array()
            .map_or(&[][..], Vec::as_slice);
        let mut told: Vec<(String, String)> = Vec::new();
        let endpoint = facts.endpoint_url().unwrap_or_default();
        for one in violations {
            let (directive, blocked) = (
                text(&one["directive"]).to_owned(),
                text(&one["blocked"]).to_owned(),
            );
            let is_ours = blocked.contains("touchmark")
                || blocked.contains("plan")
                || blocked == "wasm-eval"
                || (!endpoint.is_empty()
                    && (endpoint.starts_with(&blocked) || blocked.starts_with(&endpoint)));
            if !is_ours || told.contains(&(directive.clone(), blocked.clone())) {
                continue;
            }
            told.push((directive.clone(), blocked.clone()));
            let (code, remedy) = match directive.as_str() {
                _ if blocked == "wasm-eval" => continue,
                "connect-src" => (
                    "csp_connect",
                    "allow touchmark's files and the collector in connect-src",
                ),
                _ => ("csp_script", "allow the script's origin in script-src"),
            };
            self.add(
                code,
                Level::Error,
                format!("the content security policy forbids {blocked} by {directive}"),
                remedy,
            );
        }
        let by_policy = told.iter().any(|(_, blocked)| blocked == "wasm-eval");
        if by_policy || diagnostics(facts).any(|(code, _)| code == "wasm_forbidden") {
            // The same core runs as JavaScript then, if its file is beside the wasm.
            let (level, effect) = match facts.is_ready {
                true => (
                    Level::Warning,
                    "a larger core in JavaScript runs in its place",
                ),
                false => (Level::Error, "and no core in JavaScript runs in its place"),
            };
            self.add(
                "csp_wasm",
                level,
                format!("the content security policy forbids WebAssembly: {effect}"),
                "add 'wasm-unsafe-eval' to script-src, or serve touchmark.wasm.mjs beside the wasm",
            );
        }
    }

    fn wasm(&mut self, facts: &Facts) {
        let requests: Vec<&Request> = facts
            .requests
            .iter()
            .filter(|one| {
                one.url
                    .split(['?', '#'])
                    .next()
                    .is_some_and(|url| url.ends_with(".wasm"))
                    && one.url.contains("touchmark")
            })
            .collect();
        let Some(first) = requests.first() else {
            return;
        };
        if let Some(why) = refusal(first) {
            if first.failure != "csp" {
                self.add("wasm_unreadable", Level::Error, format!("{} did not load: {why}", first.url),
                    "serve it beside the script, with Access-Control-Allow-Origin if that is another origin");
            }
        } else if first.content_type.trim() != "application/wasm" {
            let kind = if first.content_type.is_empty() {
                "no type"
            } else {
                &first.content_type
            };
            self.add(
                "wasm_mime",
                Level::Error,
                format!(
                    "{} comes as {kind}, so it is fetched twice and compiled late",
                    first.url
                ),
                "serve .wasm as application/wasm exactly, without a charset",
            );
        } else if diagnostics(facts).any(|(code, _)| code == "core_unreadable") {
            let what = format!(
                "{} is not the one that the script was built with",
                first.url
            );
            let remedy =
                "serve script and wasm of one build, whole, and see what a cache in front keeps";
            self.add("wasm_other", Level::Error, what, remedy);
        }
    }

    fn plan(&mut self, facts: &Facts) {
        if let Some(tag) = unplanned(facts) {
            self.add(
                "plan_missing",
                Level::Error,
                format!("the tag of {} names no plan", text(&tag["src"])),
                "add data-plan with the address of the plan that touchmark plan build wrote",
            );
            return;
        }
        let plan = facts.plan_url();
        let is_refused = diagnostics(facts).any(|(code, _)| code == "plan_unreadable");
        if !plan.is_empty() {
            let integrity = facts.tags().iter().map(|tag| text(&tag["integrity"]));
            let has_integrity = { integrity }.any(|integrity| !integrity.is_empty());
            let why = match facts.request(plan) {
                Some(request) => refusal(request),
                // What the policy forbids was told with it.
                None if !is_refused || self.has("csp_connect") => None,
                None if has_integrity => {
                    Some("its data-plan-integrity is no hash that browsers read".to_owned())
                }
                None => Some("it is of another origin, and has no integrity".to_owned()),
            };
            let is_other = is_refused && has_integrity && facts.plan_fault.is_empty();
            let why = why.or_else(|| {
                let is_read = facts.request(plan).is_some() && is_other;
                is_read.then(|| "its data-plan-integrity is another file's".to_owned())
            });
            if let Some(why) = why {
                if facts
                    .request(plan)
                    .is_none_or(|request| request.failure != "csp")
                {
                    self.add("plan_unreadable", Level::Error, format!("the plan {plan} did not load: {why}"),
                        "mend data-plan; from another origin it needs Access-Control-Allow-Origin and the data-plan-integrity of what touchmark plan build wrote");
                }
                return;
            }
        }
        match facts.plan_fault.as_str() {
            "" => {}
            "source" => self.add(
                "plan_not_built",
                Level::Error,
                "the page loads the plan as it was written".to_owned(),
                "build it by touchmark plan build, and serve the result",
            ),
            why => self.add(
                "plan_unreadable",
                Level::Error,
                format!("the plan can't be used: {why}"),
                "build it by touchmark plan build, and serve the result",
            ),
        }
    }

    fn diagnostics(&mut self, facts: &Facts) {
        let is_full = facts
            .plan
            .as_ref()
            .is_some_and(|plan| plan["core"] == "full");
        if is_full && diagnostics(facts).any(|(code, _)| code == "plan_format") {
            self.add(
                "plan_core",
                Level::Error,
                "the plan asks for the larger core, and the page loads the everyday one".to_owned(),
                "name touchmark.full.js in the tag, with touchmark.full.wasm beside it; or build the plan without \"validator\": \"full\"",
            );
        }
        for (code, about) in diagnostics(facts) {
            let is_told = match code {
                "wasm_forbidden" => self.has("csp_wasm"),
                "plan_unreadable" | "plan_format" | "plan_not_built" => self
                    .0
                    .iter()
                    .any(|one| one.code.starts_with("plan_") || one.code == "csp_connect"),
                "core_unreadable" => {
                    self.has("wasm_unreadable") || self.has("wasm_other") || self.has("csp_connect")
                }
                "send_failed" | "delivery_refused" => self
                    .0
                    .iter()
                    .any(|one| one.code.starts_with("endpoint_") || one.code == "csp_connect"),
                _ => false,
            };
            if !is_told {
                let about = if about.is_empty() {
                    String::new()
                } else {
                    format!(" about {about}")
                };
                self.add(
                    "diagnostic",
                    Level::Warning,
                    format!("touchmark itself reports {code}{about}"),
                    "see the table of diagnostics in docs/integration.md",
                );
            }
        }
        let is_installed = !text(&facts.page["version"]).is_empty();
        if is_installed && !facts.is_ready && !self.0.iter().any(|one| one.level == Level::Error) {
            self.add(
                "core_silent",
                Level::Error,
                "touchmark is installed, and its core did not start within five seconds".to_owned(),
                "load the page by hand with data-debug on the tag, and read the console",
            );
        }
    }

    fn forms(&mut self, facts: &Facts) {
        for finding in facts.findings.iter().filter(|one| one.level != Level::Note) {
            self.0.push(Symptom {
                code: finding.code,
                level: finding.level,
                what: format!("{}: {}", finding.address(), finding.what),
                remedy: finding.remedy.clone(),
            });
        }
    }
}

/// A tag that names no plan, where nothing else on the page does.
fn unplanned(facts: &Facts) -> Option<&Value> {
    let tag = facts
        .tags()
        .iter()
        .find(|tag| !text(&tag["src"]).is_empty())?;
    let is_module = text(&tag["type"]) == "module" || text(&tag["src"]).ends_with(".mjs");
    (facts.plan_url().is_empty() && !is_module).then_some(tag)
}

/// Why a request brought nothing; `None` when it did.
pub fn refusal(request: &Request) -> Option<String> {
    if !request.cors.is_empty() {
        return Some(format!("CORS forbids it ({})", request.cors));
    }
    // A browser names it after what it did to the element, such as net::ERR_ABORTED.
    let is_answered = request.status >= 300 && request.failure.starts_with("net::");
    if !request.failure.is_empty() && !is_answered {
        return Some(match request.failure.as_str() {
            "csp" => "the content security policy forbids it".to_owned(),
            "mixed-content" => "the page is https and it is not".to_owned(),
            other => other.to_owned(),
        });
    }
    match request.status {
        300..400 if is_answered => Some(format!(
            "the server answered {}, and what leads elsewhere is not followed",
            request.status
        )),
        status => (status >= 400).then(|| format!("the server answered {status}")),
    }
}

fn diagnostics(facts: &Facts) -> impl Iterator<Item = (&str, &str)> {
    let all = facts.page["diagnostics"].as_array().into_iter().flatten();
    all.map(|one| (text(&one["code"]), text(&one["about"])))
}

pub fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// How long after a page's load a script is called late.
const LATE_MILLIS: f64 = 1000.0;
