//! What a page says before it may talk, and whether it can: consent and endpoint.
//!
//! Part of `judge`.

use serde_json::Value;

use super::judge::{Symptoms, text};
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
            // A platform answers; what is wrong with it comes as a diagnostic.
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
        if self.has("csp_connect") || facts.endpoint == "ok" || facts.endpoint.is_empty() {
            return;
        }
        let asked = facts.requests.iter().rev().find(|one| one.url == url);
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
                one.failure.clone(),
                "start the collector, or mend `endpoint` in the plan",
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
