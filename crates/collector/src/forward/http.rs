//! Sends events to a CloudEvents HTTP receiver, one a request, in structured mode.
//!
//! Every receiver must take that mode; a 2xx acknowledges. Redirects are not followed: they would
//! hand the events to a host that nobody named. Source: CloudEvents HTTP protocol binding 1.0 §3.2.

use std::io::Read as _;
use std::time::Duration;

use axum::http::HeaderValue;
use ureq::Agent;

use super::{Delivery, Failure, Outgoing, Receiver};

/// A receiver behind a URL.
pub struct HttpReceiver {
    url: String,
    authorization: Option<String>,
    agent: Agent,
}

impl HttpReceiver {
    /// Events go to `url`; `authorization` is that header's value.
    ///
    /// # Errors
    /// When the URL is none of http or https, or the header's value is none.
    pub fn new(url: &str, authorization: Option<String>) -> Result<Self, String> {
        let uri: axum::http::Uri = url.parse().map_err(|_| format!("{url} is no URL"))?;
        if !matches!(uri.scheme_str(), Some("http" | "https")) || uri.host().is_none() {
            return Err(format!("{url} is no http or https URL"));
        }
        let is_value = |text: &String| HeaderValue::from_str(text).is_ok();
        if !authorization.as_ref().is_none_or(is_value) {
            let text = "TOUCHMARK_FORWARD_AUTHORIZATION holds a line's end or another sign that no \
                        header may have";
            return Err(text.to_owned());
        }
        let config = Agent::config_builder()
            .timeout_global(Some(PATIENCE))
            .max_redirects(0)
            .max_redirects_will_error(false)
            .http_status_as_error(false)
            .user_agent(concat!("touchmark/", env!("CARGO_PKG_VERSION")));
        Ok(Self {
            url: url.to_owned(),
            authorization,
            agent: config.build().into(),
        })
    }

    fn send(&self, event: &Outgoing) -> Result<(), Failure> {
        let mut request = self.agent.post(&self.url).header(
            "Content-Type",
            "application/cloudevents+json; charset=UTF-8",
        );
        if let Some(authorization) = &self.authorization {
            request = request.header("Authorization", authorization);
        }
        let answer = request.send(&event.body).map_err(|cause| Failure {
            cause: cause.to_string(),
            wait: None,
        })?;
        let status = answer.status();
        if status.is_success() {
            // Read to its end, so that the connection can be used again.
            let mut body = answer.into_body();
            let _ = std::io::copy(
                &mut body.as_reader().take(MAX_ANSWER_BYTES),
                &mut std::io::sink(),
            );
            return Ok(());
        }
        let wait = answer.headers().get("retry-after");
        let wait = wait
            .and_then(|seconds| seconds.to_str().ok()?.parse().ok())
            .map(Duration::from_secs);
        let remedy = match status.as_u16() {
            300..=399 => "; name the address that it points to",
            401 | 403 => "; set TOUCHMARK_FORWARD_AUTHORIZATION",
            _ => "",
        };
        let cause = format!(
            "event {} was answered {}{remedy}",
            event.seq,
            status.as_u16()
        );
        Err(Failure { cause, wait })
    }
}

impl Receiver for HttpReceiver {
    fn name(&self) -> &str {
        &self.url
    }

    fn deliver(&mut self, events: &[Outgoing], mark: i64) -> Delivery {
        for (taken, event) in events.iter().enumerate() {
            if let Err(failure) = self.send(event) {
                return Delivery {
                    taken,
                    mark,
                    failure: Some(failure),
                };
            }
        }
        Delivery {
            taken: events.len(),
            mark,
            failure: None,
        }
    }
}

const PATIENCE: Duration = Duration::from_secs(30);
const MAX_ANSWER_BYTES: u64 = 64 << 10;
