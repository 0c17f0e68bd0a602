//! A tracker's whole state as plain values, for whoever inspects a page.
//!
//! Part of the tracker: it sees the whole session. Only with the feature `typed`; nothing changes
//! by being looked at. Not here: showing it (js/inspector).

use serde::Serialize;

use super::{Load, Tracker};
use crate::consent::Purpose;
use crate::outbox::Kept;
use crate::submission::{Intent, Phase};
use crate::value::{Json, Value};

/// What the tracker knows and is about to do.
#[derive(Serialize)]
pub struct State<'a> {
    /// The page's id in the plan; `undeclared` for any other.
    page: &'a str,
    device: &'a str,
    /// The plan's id, which is its hash, and its schema.
    plan: &'a str,
    schema: &'a str,
    /// The word for each purpose, and where it comes from.
    consent: Value,
    /// first, last and last_paid, as events carry them.
    attribution: Value,
    /// Whether touches may be remembered, and events sent, by now.
    may_attribute: bool,
    may_send: bool,
    /// Whether records are kept between pages.
    is_durable: bool,
    /// Arrivals and other inputs that wait for consent.
    waiting: usize,
    outbox: Vec<Kept<'a>>,
    intents: Vec<IntentState<'a>>,
    /// What the landing's own query was found to lack or to hold too much of.
    diagnostics: &'a [&'static str],
}

/// One wish of a visitor to submit one form.
#[derive(Serialize)]
struct IntentState<'a> {
    /// The form's id in the plan.
    form: &'a str,
    number: u64,
    /// The id that its event has, or will have.
    id: String,
    /// open, waiting, leaving or done.
    phase: &'static str,
}

impl Tracker {
    /// The state by now; `None` before a usable plan has started the tracker.
    pub fn state(&self) -> Option<State<'_>> {
        let session = self.session.as_ref()?;
        let mut consent = Json::default();
        consent.open("{");
        session
            .gate
            .write(&mut consent, session.plan.consent_name());
        consent.close("}");
        let mut attribution = Json::default();
        session.attribution.write(&mut attribution);
        let parsed = |json: Json| Value::parse(&json.finish()).unwrap_or(Value::Null);
        let consent = match parsed(consent) {
            Value::Object(mut members) if members.len() == 1 => members.remove(0).1,
            other => other,
        };
        let intent = |intent: &Intent| {
            let form = session.plan.form_id(intent.form);
            IntentState {
                form,
                number: intent.number,
                id: session.nonce.event_id("form_submit", form, intent.number),
                phase: match intent.phase {
                    Phase::Open => "open",
                    Phase::Waiting => "waiting",
                    Phase::Leaving => "leaving",
                    Phase::Done => "done",
                },
            }
        };
        Some(State {
            page: session.page,
            device: &session.device,
            plan: session.plan.id(),
            schema: session.plan.schema(),
            consent,
            attribution: parsed(attribution),
            may_attribute: session.gate.may(Purpose::Attribute),
            may_send: session.gate.may(Purpose::Send),
            is_durable: session.load == Load::Done && session.may_keep(),
            waiting: session.waiting.len() + session.arrivals.len(),
            outbox: session.outbox.kept().collect(),
            intents: session.submissions.intents().iter().map(intent).collect(),
            diagnostics: &session.diagnostics,
        })
    }
}
