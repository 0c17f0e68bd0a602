//! Submissions: from the first attempt to the sealed event and its outcome.
//!
//! Part of the tracker: these methods see the whole session. The phases are `submission`'s.

use super::stored::Left;
use super::{Session, fill_what};
use crate::consent::Purpose;
use crate::event::{self, Head, UNCONFIRMED};
use crate::form;
use crate::id::Nonce;
use crate::input::{Input, form_of};
use crate::outbox::{IN_FLIGHT_MS, MAX_FLIGHT_BYTES};
use crate::output::{Area, LEFT_KEY, Outputs, What};
use crate::plan::{Form, UNDECLARED};
use crate::privacy::write_fields;
use crate::schema::{BUDGET_EXCEEDED, Violation, violations};
use crate::submission::{NAVIGATION_LIMIT_MS, OUTCOME_LIMIT_MS, Phase};
use crate::time::UnixMillis;
use crate::value::{Json, Value};

/// What the shared schema lets an event carry.
const MAX_DIAGNOSTICS: usize = 32;
/// So many bytes an event has for its fields; with all that its touches and violations can be it
/// still fits into one request.
#[expect(clippy::integer_division_remainder_used, reason = "by a constant")]
const MAX_FIELDS_BYTES: usize = MAX_FLIGHT_BYTES / 3;
/// The outcome of an attempt that nothing came of.
const BLOCKED: &str = "blocked";
/// All waits end when the page goes.
pub(super) const EVER: UnixMillis = UnixMillis(u64::MAX);

impl Session {
    /// Fills the hidden fields that the plan declares for a form; tells the intent's id, empty
    /// when events may not be sent.
    pub(super) fn fill(
        &mut self,
        now: UnixMillis,
        key: u64,
        form: Option<usize>,
        out: &mut Outputs,
    ) -> String {
        let mut event_id = String::new();
        let Some(declared) = self.plan.form(form) else {
            return event_id;
        };
        if self.gate.may(Purpose::Send)
            && let Some(intent) = self.submissions.current(now, key, form, declared.id())
        {
            let number = intent.number;
            event_id = self.submission_id(form, number);
        }
        for (control, source) in declared.hidden() {
            let source = source.as_text().unwrap_or("");
            let is_own = source == "event_id";
            let value = if is_own {
                event_id.clone()
            } else if self.gate.may(Purpose::Attribute)
                // Who hears of it reads what others keep on the device.
                && (source != "first" || self.gate.may(Purpose::Store))
            {
                self.attribution.named(source)
            } else {
                String::new()
            };
            // A later touch may lack what an earlier one had: fields of two never mix.
            if !value.is_empty() || !(is_own || self.attribution.is_empty()) {
                out.push(fill_what(is_own), key, control, &value);
            }
        }
        event_id
    }

    /// The id of a submission's event.
    #[inline(never)]
    fn submission_id(&self, form: Option<usize>, number: u64) -> String {
        let subject = self.plan.form_id(form);
        self.nonce.event_id("form_submit", subject, number)
    }

    pub(super) fn fill_all(&mut self, now: UnixMillis, out: &mut Outputs) {
        let mut index = 0;
        while let Some((key, form)) = self.forms.get(index).copied() {
            self.fill(now, key, form, out);
            index += 1;
        }
    }

    /// An attempt: its id is known before the page's own handlers run.
    pub(super) fn attempt(
        &mut self,
        now: UnixMillis,
        key: u64,
        form: Option<usize>,
        out: &mut Outputs,
    ) {
        let id = self.fill(now, key, form, out);
        if id.is_empty() {
            return;
        }
        let subject = self.plan.form_id(form);
        if let Some(intent) = self.submissions.current(now, key, form, subject)
            && !intent.is_announced
        {
            intent.is_announced = true;
            let mut json = Json::default();
            json.open("{");
            json.name("touchmark");
            json.open("{");
            json.member("event_id", &id);
            json.member("form_id", subject);
            json.close("}");
            json.close("}");
            self.announce(&json.finish(), out);
        }
    }

    /// A submission that goes out: its event is sealed and durable when this returns.
    pub(super) fn submit(&mut self, now: UnixMillis, seen: &Input, out: &mut Outputs) {
        let (key, form, is_native) = (seen.key(), seen.form(), seen.is_true("native"));
        let subject = self.plan.form_id(form);
        let Some(intent) = self.submissions.current(now, key, form, subject) else {
            return;
        };
        let number = intent.number;
        // A double click, or a re-submit while the navigation is under way.
        if !matches!(intent.phase, Phase::Waiting | Phase::Open) {
            return;
        }
        // The page's handler cancelled, looked, and submitted for good; or what a server has looked
        // at was corrected meanwhile.
        let was_valid = (intent.phase == Phase::Waiting && !is_native).then_some(intent.is_valid);
        (intent.phase, intent.until) = if is_native {
            (Phase::Leaving, now.plus(NAVIGATION_LIMIT_MS))
        } else {
            (Phase::Waiting, now.plus(OUTCOME_LIMIT_MS))
        };
        let id = self.submission_id(form, number);
        let (outcome, due) = if is_native {
            ("sent", now)
        } else {
            // Should this page die, another one sends the event as it stands.
            (UNCONFIRMED, now.plus(OUTCOME_LIMIT_MS + IN_FLIGHT_MS))
        };
        self.late = None;
        // Not sent yet, whatever was read before: what goes out now is the event.
        let event = self.seal_submission(seen, &id, number, outcome);
        // A form emptied after it was read says nothing better.
        if let Some(was_valid) = was_valid
            && let Some(intent) = self.submissions.waiting(Some(key), UnixMillis(0))
            && !intent.is_valid
        {
            intent.is_valid = was_valid;
            return;
        }
        self.outbox.put(now, due, &id, event, out);
        if is_native {
            self.submissions.forget_retry(form);
            self.leave(&Left::of(&id, subject, now), out);
            self.announce_result(subject, &id, "sent", out);
        }
    }

    fn seal_submission(&mut self, seen: &Input, id: &str, number: u64, outcome: &str) -> String {
        let form = self.plan.form(seen.form());
        let retry_of = String::from(self.submissions.retry_of(seen.form()));
        let subject = self.plan.form_id(seen.form());
        let name = form.map_or("", |form| form.contract());
        let contract = self.plan.contract(name).unwrap_or(&Value::Null);
        let instance = match form {
            Some(form) => form::instance(
                form,
                contract,
                seen.items("entries"),
                self.plan.rules(),
                self.host,
            ),
            None => Value::Null,
        };
        let found = violations(contract, &instance, self.host);
        let waiting = self.submissions.waiting(Some(seen.key()), UnixMillis(0));
        if let Some(intent) = waiting {
            intent.is_valid = found.is_empty();
        }
        let head = Head {
            kind: "form_submit",
            id,
            subject,
            at: seen.at(),
        };
        let (fields, diagnostics, verdict) = self.fields(contract, &instance, &found);
        let mut frame = self.frame(self.page);
        frame.diagnostics = &diagnostics;
        frame.seal(&head, &|json| {
            json.name("form");
            json.open("{");
            json.member("id", subject);
            json.member_if("contract", name);
            if name.is_empty() {
                json.number("controls", seen.whole("controls"));
            }
            json.number("intent", number);
            json.member_if("retry_of", &retry_of);
            json.member("outcome", outcome);
            if !name.is_empty() {
                json.raw(&fields);
            }
            json.close("}");
            let verdict = if name.is_empty() { UNDECLARED } else { verdict };
            event::write_validation(json, verdict, &found);
        })
    }

    /// The member `fields`, the event's diagnostics with those of its redactions, and the verdict
    /// where it is none of the contract's: fields too long for one event are left out, and said so.
    fn fields(
        &self,
        contract: &Value,
        instance: &Value,
        found: &[Violation],
    ) -> (String, Vec<&'static str>, &'static str) {
        let mut json = Json::default();
        json.name("fields");
        let may_identify = self.gate.may(Purpose::Identify);
        let mut codes = self.diagnostics.clone();
        codes.extend(write_fields(
            &mut json,
            contract,
            instance,
            found,
            may_identify,
            self.plan.rules(),
            self.host,
        ));
        codes.truncate(MAX_DIAGNOSTICS);
        let (mut fields, mut verdict) = (json.finish(), "");
        if fields.len() > MAX_FIELDS_BYTES {
            fields = String::from("\"fields\":{}");
            verdict = BUDGET_EXCEEDED;
        }
        (fields, codes, verdict)
    }

    /// What became of a submission that this page has seen.
    pub(super) fn signal(&mut self, now: UnixMillis, key: u64, outcome: &str, out: &mut Outputs) {
        if let Some(intent) = self.submissions.waiting(Some(key), now) {
            let is_judged = self.plan.form(intent.form).is_some_and(Form::is_judged);
            if outcome == "sent" && is_judged {
                // It went out, but the plan says what counts: wait for that.
                intent.is_sent = true;
            } else if outcome == "seen" {
                // The page has taken what the contract would not.
                intent.is_valid = true;
            } else {
                self.finish(now, Some(key), now, outcome, out);
            }
            return;
        }
        if outcome != "accepted" && outcome != "failed" {
            return;
        }
        // A native one whose page stayed: into another frame or tab.
        let leaving = self.submissions.in_phase(Phase::Leaving, Some(key), now);
        if let Some((_, left)) = self.late.take_if(|(late, _)| *late == key) {
            self.left = Some(left);
        } else if let Some(intent) = leaving {
            intent.phase = Phase::Done;
            let (form, number) = (intent.form, intent.number);
            let subject = self.plan.form_id(form);
            let id = self.submission_id(form, number);
            self.left = Some(Left::of(&id, subject, now));
            self.fill(now, key, form, out);
        } else {
            return;
        }
        self.settle_left(now, outcome, out);
        out.push(What::Remove(Area::Session), 0, LEFT_KEY, "");
    }

    /// Ends the waits whose time is up; all of them when the page goes away.
    pub(super) fn end_waits(&mut self, now: UnixMillis, until: UnixMillis, out: &mut Outputs) {
        // The answer to one whose time was up may lead away only now.
        if until == EVER
            && let Some((_, left)) = &self.late
        {
            self.leave(left, out);
        }
        while self.submissions.waiting(None, until).is_some() {
            self.finish(now, None, until, UNCONFIRMED, out);
        }
    }

    /// Ends an intent: its event gets its outcome and may go. A blocked one goes on, under the
    /// same id: nothing went out.
    fn finish(
        &mut self,
        now: UnixMillis,
        key: Option<u64>,
        until: UnixMillis,
        outcome: &str,
        out: &mut Outputs,
    ) {
        let Some(intent) = self.submissions.waiting(key, until) else {
            return;
        };
        // More may be said of it.
        let is_late = (outcome == UNCONFIRMED || outcome == "sent") && until != EVER;
        let outcome = match outcome {
            UNCONFIRMED if intent.is_sent => "sent",
            // Nothing was heard of it, and nobody would have taken it.
            UNCONFIRMED if until == EVER && !intent.is_valid => BLOCKED,
            _ => outcome,
        };
        let is_blocked = outcome == BLOCKED;
        intent.phase = if is_blocked { Phase::Open } else { Phase::Done };
        let (key, form, number) = (intent.key, intent.form, intent.number);
        let subject = self.plan.form_id(form);
        let id = self.submission_id(form, number);
        if is_blocked {
            return self.outbox.withdraw(&id, out);
        }
        if until == EVER {
            // The page that follows may settle it.
            self.leave(&Left::of(&id, subject, now), out);
        }
        if is_late {
            self.late = Some((key, Left::of(&id, subject, now)));
        }
        self.outbox.release(now, &id, outcome);
        self.submissions.forget_retry(form);
        if outcome == "failed" || outcome == UNCONFIRMED {
            self.submissions.note_retry(form, &id);
        }
        self.announce_result(subject, &id, outcome, out);
        // The next attempt is a new intent, with its id in the hidden field beforehand.
        self.fill(now, key, form, out);
    }

    /// Submissions that an earlier page could not read: their existence is all that is known.
    pub(super) fn take_unread(&mut self, now: UnixMillis, unread: &[Value], out: &mut Outputs) {
        for one in unread {
            let Some(nonce) = Nonce::from_hex(one.text_of("nonce")) else {
                continue;
            };
            let (number, is_native) = (one.whole_of("intent"), one.is_true("native"));
            let form = self.plan.form(form_of(one));
            let subject = self.plan.form_id(form_of(one));
            let id = nonce.event_id("form_submit", subject, number);
            let head = Head {
                kind: "form_submit",
                id: &id,
                subject,
                at: UnixMillis(one.whole_of("at")),
            };
            let mut frame = self.frame(self.page);
            frame.nonce = nonce;
            let event = frame.seal(&head, &|json| {
                json.name("form");
                json.open("{");
                json.member("id", subject);
                json.member_if("contract", form.map_or("", |form| form.contract()));
                json.number("intent", number);
                json.member("outcome", if is_native { "sent" } else { UNCONFIRMED });
                if form.is_some() {
                    json.name("fields");
                    json.raw("{}");
                }
                json.close("}");
                event::write_validation(json, "unread", &[]);
            });
            self.outbox.put(now, now, &id, event, out);
            if one.is_true("left") {
                // This page may be the answer.
                let left = Left::of(&id, subject, head.at);
                self.left.get_or_insert(left);
            }
        }
    }

    /// An event that the page records itself, by the contract that the plan names for its type.
    pub(super) fn take_record(&mut self, now: UnixMillis, seen: &Input, out: &mut Outputs) {
        let kind = seen.text("type");
        let name = self.plan.record_contract(kind);
        let Some(contract) = self.plan.contract(name) else {
            return out.report("record_undeclared", kind);
        };
        let fields = seen.member("fields");
        let found = violations(contract, fields, self.host);
        let (record, codes, verdict) = self.fields(contract, fields, &found);
        let kept = core::mem::replace(&mut self.diagnostics, codes);
        let body = |json: &mut Json, number| {
            json.name("record");
            json.open("{");
            json.member("contract", name);
            json.number("intent", number);
            json.raw(&record);
            json.close("}");
            event::write_validation(json, verdict, &found);
        };
        self.page_event(now, kind, self.page, seen.at(), &body, out);
        self.diagnostics = kept;
    }

    /// Tells the page's other tags once a submission is accepted, or sent where the plan says so.
    pub(super) fn announce_result(&self, form: &str, id: &str, outcome: &str, out: &mut Outputs) {
        if outcome == "accepted" || (outcome == "sent" && self.plan.announces_sent()) {
            let mut json = Json::default();
            json.open("{");
            json.member("event", "touchmark.form_submit");
            json.member("event_id", id);
            json.member("form_id", form);
            json.member("outcome", outcome);
            json.close("}");
            self.announce(&json.finish(), out);
        }
    }

    fn announce(&self, object: &str, out: &mut Outputs) {
        let layer = self.plan.data_layer();
        if !layer.is_empty() {
            out.push(What::Announce, 0, layer, object);
        }
    }
}
