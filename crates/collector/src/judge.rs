//! Turns an element into a judged event: good, bad with reasons, or no event at all.
//!
//! After `body`, before `store`. Bad is not lost: an event with reasons is kept beside the good
//! ones. What has no identity (string `id`, `source`, `type`), or a sender who may not send it
//! (`admit`), is rejected. Pure: the time of arrival is an argument.

use std::sync::Arc;

use axum::body::Bytes;
use axum::http::StatusCode;

use crate::admit::{Refusal, Sender, Sites};
use crate::body::Element;
use crate::channel::{self, Channels};
use crate::clock::{self, UnixMillis};
use crate::reason::Reason;
use crate::schema::{Contract, Schema, Schemas, Validator};
use crate::store;
use crate::tree::Node;

/// What every request is judged by.
pub struct Rules {
    pub schemas: Schemas,
    pub sites: Sites,
}

/// When and from whom an element came.
pub struct Arrival {
    pub at: UnixMillis,
    pub sender: Sender,
    /// The test run that it belongs to.
    pub session: Option<Arc<str>>,
}

/// A judged element.
pub enum Judged {
    /// An event, good or bad.
    Event(Event),
    /// No event.
    Rejected(Rejected),
}

impl Judged {
    /// About how many bytes are stored for it.
    pub fn bytes(&self) -> usize {
        const AROUND: usize = 512;
        AROUND
            + match self {
                Self::Event(event) => event.body.len(),
                Self::Rejected(rejected) => rejected.body.len(),
            }
    }
}

/// An event as it is stored.
pub struct Event {
    pub received_at: UnixMillis,
    pub source: String,
    pub id: String,
    /// What the two are found by ([`store::identity`]).
    pub identity: i64,
    pub kind: String,
    pub subject: Option<String>,
    /// The page's own verdict; `None` on events that carry none.
    pub verdict: Option<&'static str>,
    /// Empty when the event is good.
    pub reasons: Vec<Reason>,
    /// Arrival minus the event's own time; `None` when it has no readable time.
    pub skew_ms: Option<i64>,
    /// The bytes as received; JSON in UTF-8.
    pub body: Bytes,
    pub session: Option<Arc<str>>,
    pub facts: Facts,
}

/// What of an event's data the leads are counted by; `None` is what is not there, or too long.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Facts {
    pub outcome: Option<String>,
    /// The form_submit that it is about: `retry_of`, or `submission`.
    pub relates_to: Option<String>,
    pub nonce: Option<String>,
    pub intent: Option<i64>,
    /// The channels that reports show in place of the page's.
    pub channels: Channels,
}

/// Something that is no event, or nobody's who may send it; kept with the reason.
pub struct Rejected {
    pub received_at: UnixMillis,
    pub session: Option<Arc<str>>,
    /// What answers a request of nothing else.
    pub status: StatusCode,
    /// JSON Pointer into the request's body.
    pub pointer: String,
    /// `code: text`, without values.
    pub reason: String,
    pub body: Bytes,
}

/// Judges one element: whether it is an event, whether its sender may send it, and whether it keeps
/// the schema that it names.
pub fn judge(rules: &Rules, element: Element<'_>, arrival: &Arrival) -> Judged {
    let Element {
        pointer,
        bytes,
        value,
    } = element;
    let reject = |status: StatusCode, reason: String, body: Bytes| {
        Judged::Rejected(Rejected {
            received_at: arrival.at,
            session: arrival.session.clone(),
            status,
            pointer,
            reason,
            body,
        })
    };
    let no_event = StatusCode::BAD_REQUEST;
    let tree = match value {
        Ok(tree) => tree,
        Err(cause) => return reject(no_event, format!("{}: {cause}", cause.code()), bytes),
    };
    let event = tree.root();
    if !event.is_object() {
        let reason = "not_an_event: it is no JSON object".into();
        return reject(no_event, reason, bytes);
    }
    let (source, id, kind) = match identity(event) {
        Ok(identity) => identity,
        Err(text) => return reject(no_event, format!("not_an_event: {text}"), bytes),
    };
    let is_lifecycle = rules.schemas.is_lifecycle(kind);
    if let Err(Refusal { status, reason }) =
        arrival
            .sender
            .may_send(&rules.sites, source, kind, is_lifecycle)
    {
        return reject(status, reason.to_owned(), bytes);
    }
    let time = event.member("time").text().and_then(clock::from_rfc3339);
    let verdict = verdict(event);
    Judged::Event(Event {
        received_at: arrival.at,
        source: source.to_owned(),
        id: id.to_owned(),
        identity: store::identity(source, id),
        kind: kind.to_owned(),
        subject: event.member("subject").text().map(str::to_owned),
        verdict,
        reasons: reasons(&rules.schemas, event, verdict),
        skew_ms: time.map(|time| arrival.at - time),
        body: bytes,
        session: arrival.session.clone(),
        facts: facts(event.member("data")),
    })
}

fn facts(data: Node<'_>) -> Facts {
    let text = |node: Node<'_>| {
        let text = node.text().filter(|text| text.len() <= MAX_FACT_BYTES);
        text.map(str::to_owned)
    };
    let form = data.member("form");
    let related = [
        form.member("retry_of"),
        form.member("submission"),
        data.member("submission"),
    ];
    Facts {
        outcome: text(form.member("outcome")),
        relates_to: related.into_iter().find_map(text),
        nonce: text(data.path(&["tracker", "nonce"])),
        intent: form.member("intent").whole(),
        channels: channel::reported(data),
    }
}

/// The three attributes that make an object an event.
///
/// Source: CloudEvents 1.0 §"Required attributes", and its rule for strings.
fn identity<'a>(event: Node<'a>) -> Result<(&'a str, &'a str, &'a str), String> {
    let attribute = |name: &str| {
        let found = event.find(name);
        let found = found.ok_or_else(|| format!("it has no {name}"))?;
        let text = found.text();
        match text.ok_or_else(|| format!("its {name} is no string"))? {
            "" => Err(format!("its {name} is empty")),
            text if text.len() > MAX_ATTRIBUTE_BYTES => Err(format!(
                "its {name} has more than {MAX_ATTRIBUTE_BYTES} bytes"
            )),
            text if text.chars().any(char::is_control) => {
                Err(format!("its {name} has a control character"))
            }
            text => Ok(text),
        }
    };
    Ok((attribute("source")?, attribute("id")?, attribute("type")?))
}

fn verdict(event: Node<'_>) -> Option<&'static str> {
    let verdict = event.path(&["data", "validation", "verdict"]).text()?;
    [
        "valid",
        "invalid",
        "undeclared",
        "unread",
        "budget_exceeded",
    ]
    .into_iter()
    .find(|known| *known == verdict)
}

fn reasons(schemas: &Schemas, event: Node<'_>, verdict: Option<&str>) -> Vec<Reason> {
    let dataschema = event.member("dataschema").text();
    let Some(schema) = schemas.named(dataschema) else {
        let message = "no schema with this $id is loaded; add it with --schema";
        return vec![Reason::own("/dataschema", "unknown_schema", message)];
    };
    let mut reasons = Vec::new();
    collect(&schema.event, event, ("", ""), &mut reasons);
    let judges = |verdict: &&str| matches!(*verdict, "valid" | "invalid" | "budget_exceeded");
    if let Some(verdict) = verdict.filter(judges) {
        for part in ["form", "record"] {
            fields(schema, event, part, verdict, &mut reasons);
        }
    }
    if verdict == Some("invalid") {
        reported(schema, event, &mut reasons);
    }
    if verdict == Some("budget_exceeded") {
        let message = "the fields took more than a page may spend; none was sent";
        reasons.push(Reason::own(
            "/data/validation/verdict",
            "budget_exceeded",
            message,
        ));
    }
    reasons.truncate(MAX_REASONS);
    reasons
}

/// Judges `data.<part>.fields` by the wire schema of the contract that `data.<part>` names.
fn fields(schema: &Schema, event: Node<'_>, part: &str, verdict: &str, reasons: &mut Vec<Reason>) {
    let part_of = event.path(&["data", part]);
    let Some(name) = part_of.member("contract").text() else {
        return;
    };
    let Some(contract) = schema.contract(name) else {
        let at = format!("/data/{part}/contract");
        reasons.push(Reason::own(
            &at,
            "unknown_contract",
            "the schema has no such contract",
        ));
        return;
    };
    let by = if verdict == "valid" {
        &contract.whole
    } else {
        &contract.partial
    };
    let instance = format!("/data/{part}/fields");
    collect(
        by,
        part_of.member("fields"),
        (&instance, &contract.place),
        reasons,
    );
}

/// One reason for each violation that the page reported.
///
/// The sender is anybody, so only names that the schema itself has are repeated.
fn reported(schema: &Schema, event: Node<'_>, reasons: &mut Vec<Reason>) {
    let data = event.member("data");
    let part = if data.member("form").is_object() {
        "form"
    } else {
        "record"
    };
    let contract = data.path(&[part, "contract"]).text();
    let contract = contract.and_then(|name| schema.contract(name));
    let violations = data.path(&["validation", "violations"]).items();
    for (at, violation) in violations.take(MAX_REASONS).enumerate() {
        let instance = violation.member("instance").text();
        let field = instance.and_then(|text| text.strip_prefix('/'));
        let declared = contract
            .zip(field)
            .filter(|(contract, field)| contract.has(field));
        let keyword = violation.member("keyword").text();
        let keyword = keyword.filter(|word| KEYWORDS.contains(word));
        reasons.push(match (declared, keyword) {
            (Some((Contract { place, .. }, field)), Some(keyword)) => Reason {
                instance: format!("/data/{part}/fields/{field}"),
                keyword: keyword.to_owned(),
                schema: match keyword {
                    "required" => format!("{place}/required"),
                    _ => format!("{place}/properties/{field}/{keyword}"),
                },
                message: "the page found this violation".into(),
            },
            _ => {
                let at = format!("/data/validation/violations/{at}");
                Reason::own(&at, "violation", "the page found a violation")
            }
        });
    }
    // An invalid event is bad even if it names no violation.
    if reasons.is_empty() {
        let message = "the page found the fields invalid";
        reasons.push(Reason::own(
            "/data/validation/verdict",
            "violation",
            message,
        ));
    }
}

/// Adds a validator's errors. The common case, none, is decided without building any.
fn collect(by: &Validator, what: Node<'_>, places: (&str, &str), reasons: &mut Vec<Reason>) {
    if by.is_valid(what) {
        return;
    }
    let errors = by.iter_errors(what).take(MAX_REASONS);
    reasons.extend(errors.map(|error| Reason::of(&error, places.0, places.1)));
}

/// The longest `source`, `id` and `type`: they are kept in an index.
const MAX_ATTRIBUTE_BYTES: usize = 1024;
/// The longest text that [`Facts`] keeps.
const MAX_FACT_BYTES: usize = 256;
/// What one event's list of reasons holds at most.
const MAX_REASONS: usize = 20;
/// What a page's validator can report; the page keyword set's assertions.
const KEYWORDS: [&str; 13] = [
    "type",
    "enum",
    "const",
    "required",
    "additionalProperties",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minimum",
    "maximum",
    "minItems",
    "maxItems",
];

#[cfg(test)]
mod tests {
    use super::{Arrival, Bytes, Event, Judged, Rules, Sender, Sites, judge};
    use crate::body::elements;
    use crate::keys::Grant;
    use crate::schema::Schemas;
    use serde_json::Value;
    use std::sync::Arc;

    /// The events of spec/vectors/wire: what another validator says of them, we say too.
    #[test]
    fn every_wire_vector_gets_its_verdict() {
        let schemas = Schemas::compile(&[]).expect("compiles");
        let sites = Sites::new();
        let rules = Rules { schemas, sites };
        let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/../../spec/vectors/wire");
        let mut checked = 0;
        for file in std::fs::read_dir(folder).expect("vectors") {
            let text = std::fs::read_to_string(file.expect("a file").path()).expect("text");
            let vectors: Value = serde_json::from_str(&text).expect("JSON");
            for vector in vectors.as_array().expect("a list") {
                check(&rules, vector);
                checked += 1;
            }
        }
        assert!(checked > 50, "{checked} vectors");
    }

    fn check(rules: &Rules, vector: &Value) {
        let body = Bytes::from(vector["given"].to_string());
        let element = elements(&body).remove(0);
        let word = |name: &str| vector["given"][name].as_str().unwrap_or("-");
        let grant = Grant::new(word("source"), &[word("type")]);
        let arrival = Arrival {
            at: 0,
            sender: Sender::of(&Default::default(), Some(Arc::new(grant))),
            session: None,
        };
        let event = match judge(rules, element, &arrival) {
            Judged::Event(event) => event,
            // Without an identity it is no event, which is more than bad.
            Judged::Rejected(rejected) => {
                let valid = vector["expect"] == "valid";
                assert!(!valid, "{}: {}", vector["name"], rejected.reason);
                return;
            }
        };
        let Event {
            verdict, reasons, ..
        } = event;
        if vector["expect"] == "valid" {
            let own = verdict == Some("invalid");
            assert_eq!(reasons.is_empty(), !own, "{}: {reasons:?}", vector["name"]);
            return;
        }
        for expected in vector["expect"].as_array().expect("a list of reasons") {
            let known = reasons.iter().any(|reason| {
                expected["instance"] == reason.instance && expected["keyword"] == reason.keyword
            });
            assert!(
                known,
                "{}: {expected} is not in {reasons:?}",
                vector["name"]
            );
        }
    }
}
