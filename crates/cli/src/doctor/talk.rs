//! What a page says before it may talk, and whether it can: consent and endpoint.
//!
//! Part of `judge`.

use serde_json::Value;

use super::judge::{Symptoms, refusal, text};
use super::visit::Facts;
use crate::check::finding::Level;

impl Symptoms {
    pub fn consent(&mut self, facts: &Facts) {
        let Some(plan) = &facts.plan else { return };
        let source = &plan["consent"]["source"];
        let calls: Vec<&Value> = facts.page["calls"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|call| text(&call["name"]) == "consent")
            .collect();
        let platforms: Vec<&str> = facts.page["platforms"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
            .collect();
        let platform = platforms
            .first()
            .map(|name| format!("{name} is on the page"))
            .unwrap_or_default();
        if *source == "not_required" {
            if !platforms.is_empty() {
                self.add("consent_ignored", Level::Error, format!("the plan says that no consent is needed, and {platform}"),
                    "write \"consent\": {\"source\": \"api\"} and pass the visitor's answer on by touchmark('consent', …)");
            } else if !calls.is_empty() {
                self.add(
                    "consent_ignored",
                    Level::Warning,
                    "the page passes on consent, and the plan says that none is needed".to_owned(),
                    "write \"consent\": {\"source\": \"api\"} in the plan",
                );
            }
            return;
        }
        if *source != "api" {
            // What is wrong with a platform's answer comes as a diagnostic.
            for (name, shown) in PLATFORMS {
                let is_asked = text(source).split('+').any(|one| one == *name);
                if is_asked && !platforms.contains(shown) {
                    self.add(
                        "consent_absent",
                        Level::Warning,
                        format!("the plan takes consent from {name}, and {shown} is not on the page: nothing is kept or sent until it is"),
                        "add the platform's tag, or name in the plan's consent.source who decides here",
                    );
                }
            }
            return;
        }
        if calls.is_empty() {
            let what = match platform.is_empty() {
                true => {
                    "nobody told touchmark about consent, so nothing is kept or sent".to_owned()
                }
                false => format!(
                    "{platform}, but nobody told touchmark about consent, so nothing is kept or sent"
                ),
            };
            self.add("consent_silent", Level::Warning, what,
                "call touchmark('consent', 'granted') or 'denied' when the visitor has answered, and on each later page");
        }
        let early = calls
            .iter()
            .find(|call| text(&call["said"]).contains("granted"));
        if early.is_some() {
            self.add(
                "consent_unasked",
                Level::Error,
                "consent is granted on a first visit, before anybody was asked".to_owned(),
                "call touchmark('consent', 'granted') only after the visitor's own answer",
            );
        }
        let record = facts.page["calls"]
            .as_array()
            .into_iter()
            .flatten()
            .position(|call| text(&call["name"]) == "record");
        let answer = facts.page["calls"]
            .as_array()
            .into_iter()
            .flatten()
            .position(|call| text(&call["name"]) == "consent");
        if let (Some(record), Some(answer)) = (record, answer)
            && record < answer
        {
            self.add("consent_order", Level::Warning, "something is recorded before consent is told".to_owned(),
                "tell consent first: until then what is recorded waits in memory, and is lost with the page");
        }
        let posted = facts.endpoint_url().and_then(|url| {
            facts
                .requests
                .iter()
                .find(|one| one.url == url && one.method == "POST")
        });
        if posted.is_some() && early.is_none() {
            self.add(
                "consent_order",
                Level::Error,
                "something was sent to the endpoint before consent".to_owned(),
                "see who sends it: touchmark doesn't",
            );
        }
    }

    pub fn endpoint(&mut self, facts: &Facts) {
        let Some(url) = facts.endpoint_url() else {
            return;
        };
        if self.has("csp_connect") || facts.endpoint.is_empty() {
            return;
        }
        let asked = facts.requests.iter().rev().find(|one| one.url == url);
        if facts.endpoint == "ok" {
            let status = asked.map_or(0, |one| one.status);
            if matches!(status, 404 | 410 | 500..) {
                self.add(
                    "endpoint_status",
                    Level::Warning,
                    format!("{url} answers {status} to a question: events may find nobody there"),
                    "mend `endpoint` in the plan; touchmark collect takes events at /v1/events",
                );
            }
            return;
        }
        let (code, why, remedy) = match asked {
            Some(one) if !one.cors.is_empty() => (
                "endpoint_cors",
                format!("it answers without what CORS asks for ({})", one.cors),
                "answer every request with Access-Control-Allow-Origin, errors too",
            ),
            Some(one) if one.failure == "csp" => (
                "csp_connect",
                "the content security policy forbids it".to_owned(),
                "allow the collector in connect-src",
            ),
            Some(one) if one.failure == "mixed-content" => (
                "endpoint_clear",
                "the page is https and it is not".to_owned(),
                "give the collector a certificate, and write https in the plan",
            ),
            Some(one) if !one.failure.is_empty() => (
                "endpoint_unreachable",
                refusal(one).unwrap_or_default(),
                match one.status {
                    300..400 => "name in the plan the address that it leads to",
                    _ => "start the collector, or mend `endpoint` in the plan",
                },
            ),
            _ => (
                "endpoint_unreachable",
                facts.endpoint.clone(),
                "start the collector, or mend `endpoint` in the plan",
            ),
        };
        self.add(
            code,
            Level::Error,
            format!("the page can't talk to {url}: {why}"),
            remedy,
        );
    }
}

/// Sources that are a global of their platform, by its name in `script::AFTER`.
const PLATFORMS: &[(&str, &str)] = &[
    ("tcf", "the TCF API"),
    ("gpp", "the GPP API"),
    ("onetrust", "OneTrust"),
    ("cookiebot", "Cookiebot"),
    ("didomi", "Didomi"),
];
