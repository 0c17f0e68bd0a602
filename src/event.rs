//! Everything decided about one event into its canonical bytes.
//!
//! After `submission`, before `outbox`. CloudEvents 1.0 in JSON with a fixed member order and
//! no insignificant space: the same event is the same bytes everywhere. Sealing ends mutation,
//! but for the outcome of a submission that still waits ([`with_outcome`]).
//! Shape: spec/event.schema.json; vectors: spec/vectors/envelope.

use crate::attribution::Attribution;
use crate::consent::{Gate, Purpose};
use crate::generated::tables;
use crate::id::Nonce;
use crate::plan::Plan;
#[cfg(feature = "full")]
use crate::schema::BUDGET_EXCEEDED;
use crate::schema::Violation;
use crate::text::{concat, find, part};
use crate::time::UnixMillis;
use crate::value::Json;

/// What an event says besides its own body.
pub struct Frame<'a> {
    pub plan: &'a Plan,
    pub gate: &'a Gate,
    pub nonce: Nonce,
    pub device: &'a str,
    pub page: &'a str,
    /// `None` leaves attribution out, as on a `form_result`.
    pub attribution: Option<&'a Attribution>,
    pub diagnostics: &'a [&'static str],
}

/// What makes the event this one.
pub struct Head<'a> {
    /// Its type's short name, such as `form_submit`.
    pub kind: &'a str,
    pub id: &'a str,
    pub subject: &'a str,
    pub at: UnixMillis,
}

/// The outcome of a submission that went out by request and has not been heard of since.
pub const UNCONFIRMED: &str = "unconfirmed";

impl Frame<'_> {
    /// Seals an event; `body` writes the members of `data` that only its type has.
    pub fn seal(&self, head: &Head<'_>, body: &dyn Fn(&mut Json)) -> String {
        let mut json = Json::default();
        json.open("{");
        json.member("specversion", "1.0");
        json.member("id", head.id);
        json.member("source", &source(self.plan));
        json.member("type", &concat(&["org.touchmark.", head.kind]));
        json.member("subject", head.subject);
        json.member("time", &head.at.to_rfc3339());
        json.member("datacontenttype", "application/json");
        json.member("dataschema", &concat(&[self.plan.schema(), "#", head.kind]));
        json.name("data");
        json.open("{");
        json.name("page");
        json.open("{");
        json.member("id", self.page);
        json.close("}");
        let attribution = self
            .attribution
            .filter(|_| self.gate.may(Purpose::Attribute));
        if let Some(attribution) = attribution {
            json.name("attribution");
            attribution.write(&mut json);
        }
        body(&mut json);
        self.gate.write(&mut json, self.plan.consent_name());
        json.member_if("device", self.device);
        let is_unknown = attribution.is_some_and(|attribution| {
            attribution.is_unregistered(self.plan.attribution().items_of("campaigns"))
        });
        if is_unknown || !self.diagnostics.is_empty() {
            json.name("diagnostics");
            json.open("[");
            for code in self.diagnostics {
                json.text(code);
            }
            if is_unknown {
                json.text("unknown_campaign");
            }
            json.close("]");
        }
        json.name("tracker");
        json.open("{");
        json.member("name", "touchmark");
        json.member("version", env!("CARGO_PKG_VERSION"));
        json.member("nonce", &self.nonce.to_hex());
        json.member("plan", self.plan.id());
        json.member("tables", tables::VERSION);
        json.close("}");
        json.close("}");
        json.close("}");
        json.finish()
    }
}

/// The CloudEvents `source` of a site's pages.
pub fn source(plan: &Plan) -> String {
    concat(&["urn:touchmark:", plan.site()])
}

/// Writes the member `validation`. Without a verdict of its own it is `valid` or `invalid`; with one,
/// violations are nothing that was let out.
pub fn write_validation(json: &mut Json, verdict: &str, violations: &[Violation]) {
    #[cfg(feature = "full")]
    let (verdict, violations) = match violations {
        [one] if one.keyword == BUDGET_EXCEEDED => (BUDGET_EXCEEDED, &[][..]),
        _ => (verdict, violations),
    };
    let is_judged = verdict.is_empty();
    let verdict = match violations {
        _ if !is_judged => verdict,
        [] => "valid",
        _ => "invalid",
    };
    json.name("validation");
    json.open("{");
    json.member("verdict", verdict);
    if is_judged && !violations.is_empty() {
        json.name("violations");
        json.open("[");
        for violation in violations {
            json.open("{");
            json.member("instance", &violation.instance);
            json.member("keyword", &violation.keyword);
            json.member("schema", &violation.schema);
            json.close("}");
        }
        json.close("]");
    }
    json.close("}");
}

/// A waiting submission's event with the outcome that became known; unchanged if it has one.
pub fn with_outcome(body: &str, outcome: &str) -> String {
    // No text inside the JSON can hold this unescaped, so it is found only where it was written.
    const MEMBER: &str = "\"outcome\":\"";
    let waiting = concat(&[MEMBER, UNCONFIRMED]);
    match find(body, &waiting) {
        Some(at) => concat(&[
            part(body, 0, at + MEMBER.len()),
            outcome,
            part(body, at + waiting.len(), body.len()),
        ]),
        None => String::from(body),
    }
}
