//! Submissions: from the first attempt to the sealed event and its outcome.
//!
//! Part of the tracker: these methods see the whole session. The phases are `submission`'s.

use super::{Left, Session, report};
use crate::consent::Purpose;
use crate::event::{self, Head};
use crate::form::{instance, recorded};
use crate::input::{Submission, Unread};
use crate::outbox::IN_FLIGHT_MS;
use crate::output::{Area, LEFT_KEY, Output};
use crate::plan::UNDECLARED;
use crate::privacy::write_fields;
use crate::schema::{Host, violations};
use crate::submission::{Intent, NAVIGATION_LIMIT_MS, OUTCOME_LIMIT_MS, Phase};
use crate::time::UnixMillis;
use crate::value::{Json, Value};

impl Session {
    /// Fills the hidden fields that the plan declares for a form.
    pub(super) fn fill(
        &mut self,
        now: UnixMillis,
        key: u64,
        form: Option<usize>,
        out: &mut Vec<Output>,
    ) {
        let Some(declared) = self.plan.form(form) else {
            return;
        };
        let mut event_id = String::new();
        if self.gate.may(Purpose::Send) {
            let intent = self.submissions.take(now, key, form, &declared.id);
            event_id = self
                .nonce
                .event_id("form_submit", &declared.id, intent.number);
            self.submissions.put(intent);
        }
        for (control, source) in declared.hidden() {
            let is_own = source == "event_id";
            let value = match source {
                "event_id" => event_id.as_str(),
                _ if self.gate.may(Purpose::Attribute) => self.attribution.named(source),
                _ => "",
            };
            if !value.is_empty() {
                out.push(Output::Fill {
                    key,
                    control: String::from(control),
                    value: String::from(value),
                    is_own,
                });
            }
        }
    }

    pub(super) fn fill_all(&mut self, now: UnixMillis, out: &mut Vec<Output>) {
        for (key, form) in self.forms.clone() {
            self.fill(now, key, form, out);
        }
    }

    /// An attempt: its id is known before the page's own handlers run.
    pub(super) fn attempt(&mut self, now: UnixMillis, seen: &Submission, out: &mut Vec<Output>) {
        let Some(form) = self.plan.form(seen.form) else {
            return;
        };
        let subject = form.id.clone();
        if !self.gate.may(Purpose::Send) {
            return;
        }
        self.fill(now, seen.key, seen.form, out);
        let mut intent = self.submissions.take(now, seen.key, seen.form, &subject);
        if !intent.is_announced {
            intent.is_announced = true;
            let id = self.nonce.event_id("form_submit", &subject, intent.number);
            let mut json = Json::default();
            json.open('{');
            json.name("touchmark");
            json.open('{');
            json.member("event_id", &id);
            json.member("form_id", &subject);
            json.close('}');
            json.close('}');
            self.announce(json, out);
        }
        self.submissions.put(intent);
    }

    /// A submission that goes out: its event is sealed and durable when this returns.
    pub(super) fn submit(
        &mut self,
        now: UnixMillis,
        seen: &Submission,
        host: &dyn Host,
        out: &mut Vec<Output>,
    ) {
        let subject = self
            .plan
            .form(seen.form)
            .map_or(UNDECLARED, |form| &form.id);
        let subject = String::from(subject);
        let mut intent = self.submissions.take(now, seen.key, seen.form, &subject);
        let id = self.nonce.event_id("form_submit", &subject, intent.number);
        match &intent.phase {
            Phase::Waiting { .. } if seen.is_native => {
                // The page's handler cancelled, looked, and submitted for good.
                self.leave(now, &id, &subject, out);
                self.outbox
                    .release(now, &id, &|body| event::with_outcome(body, "sent"), out);
                intent.phase = Phase::Leaving {
                    until: now.plus(NAVIGATION_LIMIT_MS),
                };
            }
            Phase::Open => {
                let retry_of = self.submissions.take_retry(seen.form).unwrap_or_default();
                let outcome = if seen.is_native {
                    "sent"
                } else {
                    event::UNCONFIRMED
                };
                let number = intent.number;
                let open_form = |json: &mut Json, form: &str, contract: &str| {
                    json.name("form");
                    json.open('{');
                    json.member("id", form);
                    json.member_if("contract", contract);
                    if contract.is_empty() {
                        json.number("controls", seen.controls);
                    }
                    json.number("intent", number);
                    json.member_if("retry_of", &retry_of);
                    json.member("outcome", outcome);
                };
                let declared = self.plan.form(seen.form);
                let contract = declared.and_then(|form| self.plan.contract(&form.contract));
                let head = Head {
                    kind: "form_submit",
                    id: &id,
                    subject: &subject,
                    at: seen.at,
                };
                let frame = self.frame(Some(&self.attribution));
                let body = match (declared, contract) {
                    (Some(form), Some(contract)) => {
                        let instance = instance(form, contract, &seen.entries);
                        let found = violations(contract, &instance, host);
                        frame.seal(&head, &|json| {
                            open_form(json, &form.id, &form.contract);
                            json.name("fields");
                            let may = self.gate.may(Purpose::Identify);
                            write_fields(json, contract, &instance, &found, may);
                            json.close('}');
                            let verdict = if found.is_empty() { "valid" } else { "invalid" };
                            event::write_validation(json, verdict, &found);
                        })
                    }
                    _ => frame.seal(&head, &|json| {
                        open_form(json, UNDECLARED, "");
                        json.close('}');
                        event::write_validation(json, UNDECLARED, &[]);
                    }),
                };
                if seen.is_native {
                    self.outbox.put(now, now, &id, body, out);
                    self.leave(now, &id, &subject, out);
                    self.announce_result(&subject, &id, outcome, out);
                    intent.phase = Phase::Leaving {
                        until: now.plus(NAVIGATION_LIMIT_MS),
                    };
                } else {
                    let until = now.plus(OUTCOME_LIMIT_MS);
                    // Should this page die, another one sends the event as it stands.
                    self.outbox
                        .put(now, until.plus(IN_FLIGHT_MS), &id, body, out);
                    intent.phase = Phase::Waiting { id, until };
                }
            }
            // A double click, or a re-submit while the request or navigation is under way.
            _ => {}
        }
        self.submissions.put(intent);
    }

    /// What became of a submission by request.
    pub(super) fn signal(
        &mut self,
        now: UnixMillis,
        key: u64,
        outcome: &str,
        out: &mut Vec<Output>,
    ) {
        let Some((intent, id)) = self.submissions.take_waiting(Some(key), now) else {
            return;
        };
        let is_judged = self
            .plan
            .form(intent.form)
            .is_some_and(|form| form.is_judged);
        match outcome {
            // Something went out, but the plan says what counts: wait for that.
            "sent" if is_judged => self.submissions.put(intent),
            "sent" | "accepted" | "failed" => self.finish(now, intent, &id, outcome, out),
            _ => self.submissions.put(intent),
        }
    }

    /// Ends an intent: its event gets its outcome and may go.
    pub(super) fn finish(
        &mut self,
        now: UnixMillis,
        mut intent: Intent,
        id: &str,
        outcome: &str,
        out: &mut Vec<Output>,
    ) {
        self.outbox
            .release(now, id, &|body| event::with_outcome(body, outcome), out);
        intent.phase = Phase::Done;
        let (key, form) = (intent.key, intent.form);
        self.submissions.put(intent);
        if matches!(outcome, "failed" | event::UNCONFIRMED) {
            self.submissions.note_retry(form, String::from(id));
        }
        let subject = self.plan.form(form).map_or(UNDECLARED, |form| &form.id);
        let subject = String::from(subject);
        self.announce_result(&subject, id, outcome, out);
        // The next attempt is a new intent, with its id in the hidden field beforehand.
        self.fill(now, key, form, out);
    }

    /// The page goes away: what waits goes as it stands, and the next page may settle it.
    pub(super) fn release_all(&mut self, now: UnixMillis, out: &mut Vec<Output>) {
        let forever = UnixMillis(u64::MAX);
        while let Some((intent, id)) = self.submissions.take_waiting(None, forever) {
            let subject = self
                .plan
                .form(intent.form)
                .map_or(UNDECLARED, |form| &form.id);
            let subject = String::from(subject);
            self.leave(now, &id, &subject, out);
            self.finish(now, intent, &id, event::UNCONFIRMED, out);
        }
    }

    /// Tells the next page in this tab which submission it may be the response to.
    fn leave(&self, now: UnixMillis, id: &str, form: &str, out: &mut Vec<Output>) {
        if self.may_keep() {
            let left = Left {
                submission: String::from(id),
                form: String::from(form),
                at: now,
            };
            out.push(Output::Store {
                area: Area::Session,
                key: String::from(LEFT_KEY),
                text: left.to_text(),
            });
        }
    }

    /// Submissions that an earlier page could not read: their existence is all that is known.
    pub(super) fn take_unread(
        &mut self,
        now: UnixMillis,
        unread: Vec<Unread>,
        out: &mut Vec<Output>,
    ) {
        for one in unread {
            let form = self.plan.form(one.form);
            let subject = form.map_or(UNDECLARED, |form| &form.id);
            let id = one.nonce.event_id("form_submit", subject, one.number);
            let head = Head {
                kind: "form_submit",
                id: &id,
                subject,
                at: one.at,
            };
            let mut frame = self.frame(Some(&self.attribution));
            frame.nonce = one.nonce;
            let body = frame.seal(&head, &|json| {
                json.name("form");
                json.open('{');
                json.member("id", subject);
                json.member_if("contract", form.map_or("", |form| &form.contract));
                json.number("intent", one.number);
                json.member("outcome", "sent");
                json.close('}');
                event::write_validation(json, "unread", &[]);
            });
            self.outbox.put(now, now, &id, body, out);
        }
    }

    /// An event that the page records itself, by the contract that the plan names for its type.
    pub(super) fn take_record(
        &mut self,
        now: UnixMillis,
        kind: &str,
        at: UnixMillis,
        fields: &Value,
        host: &dyn Host,
        out: &mut Vec<Output>,
    ) {
        let name = self.plan.record_contract(kind);
        let contract = name.and_then(|name| Some((name, self.plan.contract(name)?)));
        let Some((name, contract)) = contract else {
            report(out, "record_undeclared", kind);
            return;
        };
        let (name, contract) = (String::from(name), contract.clone());
        let page = self.page.clone();
        let number = self.submissions.next_number(kind, &page);
        let instance = recorded(Some(fields));
        let found = violations(&contract, &instance, host);
        let may = self.gate.may(Purpose::Identify);
        let body = |json: &mut Json| {
            json.name("record");
            json.open('{');
            json.member("contract", &name);
            json.number("intent", number);
            json.name("fields");
            write_fields(json, &contract, &instance, &found, may);
            json.close('}');
            let verdict = if found.is_empty() { "valid" } else { "invalid" };
            event::write_validation(json, verdict, &found);
        };
        self.page_event(now, kind, number, at, &body, out);
    }

    /// Tells the page's other tags once a submission is accepted, or sent where the plan says so.
    pub(super) fn announce_result(
        &self,
        form: &str,
        id: &str,
        outcome: &str,
        out: &mut Vec<Output>,
    ) {
        let is_due = outcome == "accepted" || (outcome == "sent" && self.plan.announces_sent);
        if is_due {
            let mut json = Json::default();
            json.open('{');
            json.member("event", "touchmark.form_submit");
            json.member("event_id", id);
            json.member("form_id", form);
            json.member("outcome", outcome);
            json.close('}');
            self.announce(json, out);
        }
    }

    fn announce(&self, json: Json, out: &mut Vec<Output>) {
        if !self.plan.data_layer.is_empty() {
            out.push(Output::Announce {
                layer: self.plan.data_layer.clone(),
                object: json.finish(),
            });
        }
    }
}
