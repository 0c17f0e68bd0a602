//! The state machine: what happened into what should happen next.
//!
//! The last stage; it joins all others and owns the order of things. Sans-IO:
//! [`Tracker::handle_input`], then [`Tracker::poll_output`] until it is empty. Journeys as
//! transcripts: spec/vectors/journey.
//! Submissions: `submit.rs`. Not here: clock, randomness, storage, network, the page.

mod submit;

use crate::attribution::Attribution;
use crate::consent::{Gate, Purpose};
use crate::event::{self, Frame, Head};
use crate::id::{Nonce, result_id};
use crate::input::{Arrived, Input, Start};
use crate::outbox::Outbox;
use crate::output::{ATTRIBUTION_KEY, Area, LEFT_KEY, OUTBOX_PREFIX, Output};
use crate::plan::{ConsentSource, Plan, Storage, UNDECLARED};
use crate::schema::Host;
use crate::submission::Submissions;
use crate::time::UnixMillis;
use crate::touch::{Arrival, Landing};
use crate::value::{Json, Value, whole};

/// How long after a native submission the page it leads to may arrive.
const SETTLE_LIMIT_MS: u64 = 120_000;
/// So many inputs wait for a consent decision; more are dropped and reported.
const MAX_WAITING: usize = 32;

/// One document's tracker.
pub struct Tracker {
    host: &'static dyn Host,
    /// `None` until a usable plan has started the core.
    session: Option<Session>,
    outputs: Vec<Output>,
}

struct Session {
    plan: Plan,
    gate: Gate,
    nonce: Nonce,
    seed: u64,
    device: String,
    /// The declared id of the page at hand.
    page: String,
    origin: String,
    /// Arrivals that wait for the attribute consent.
    arrivals: Vec<Arrived>,
    /// What waits for the send consent.
    waiting: Vec<Input>,
    diagnostics: Vec<&'static str>,
    attribution: Attribution,
    submissions: Submissions,
    outbox: Outbox,
    load: Load,
    /// Declared forms on the page: the kernel's key and the plan's index.
    forms: Vec<(u64, Option<usize>)>,
    left: Option<Left>,
    is_fresh: bool,
}

/// Whether storage has been read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Load {
    NotYet,
    Asked,
    Done,
}

/// The submission whose navigation led here.
struct Left {
    submission: String,
    form: String,
    at: UnixMillis,
}

impl Tracker {
    pub fn new(host: &'static dyn Host) -> Tracker {
        Tracker {
            host,
            session: None,
            outputs: Vec::new(),
        }
    }

    /// Takes one input. Nothing it holds can fail: what is not understood is reported.
    pub fn handle_input(&mut self, now: UnixMillis, input: Input) {
        match (&mut self.session, input) {
            (None, Input::Start(start)) => match Session::new(start) {
                Ok(session) => self.session = Some(session),
                Err(code) => self.outputs.push(Output::Report {
                    code,
                    about: String::from("plan"),
                }),
            },
            (Some(session), input) => session.handle(now, input, self.host, &mut self.outputs),
            (None, _) => {}
        }
        if let Some(session) = &mut self.session {
            session.advance(now, self.host, &mut self.outputs);
        }
    }

    /// The next thing to do; `None` when all is done for now.
    pub fn poll_output(&mut self) -> Option<Output> {
        (!self.outputs.is_empty()).then(|| self.outputs.remove(0))
    }
}

impl Session {
    fn new(start: Start) -> Result<Session, &'static str> {
        let plan = Plan::from_value(start.plan).map_err(|wrong| wrong.code())?;
        let mut outbox = Outbox::default();
        if plan.storage == Storage::Session {
            outbox.area = Area::Session;
        }
        Ok(Session {
            gate: match plan.consent {
                ConsentSource::NotRequired => Gate::not_required(),
                ConsentSource::Api => Gate::default(),
            },
            plan,
            nonce: start.nonce,
            seed: start.seed | 1,
            device: start.device,
            page: String::from(UNDECLARED),
            origin: String::new(),
            arrivals: Vec::new(),
            waiting: Vec::new(),
            diagnostics: Vec::new(),
            attribution: Attribution::default(),
            submissions: Submissions::default(),
            outbox,
            load: Load::NotYet,
            forms: Vec::new(),
            left: None,
            is_fresh: false,
        })
    }

    fn handle(&mut self, now: UnixMillis, input: Input, host: &dyn Host, out: &mut Vec<Output>) {
        match input {
            Input::Start(_) => {}
            Input::Landing(arrived) => {
                self.is_fresh = arrived.is_fresh;
                self.arrive(arrived);
            }
            Input::Route(arrived) => self.arrive(arrived),
            Input::Consent(signal) => {
                if self.gate.apply(&signal) {
                    self.withdraw(out);
                }
                self.fill_all(now, out);
            }
            Input::Form { key, form } => {
                self.forms.retain(|(known, _)| *known != key);
                self.forms.push((key, form));
                self.fill(now, key, form, out);
            }
            Input::Attempt(submission) => self.attempt(now, &submission, out),
            Input::Signal { key, outcome } => self.signal(now, key, &outcome, out),
            Input::Loaded(entries) => self.take_stored(now, entries, out),
            Input::Delivered {
                batch,
                status,
                retry_after,
            } => {
                let random = self.random();
                self.outbox
                    .settle(now, (batch, status), retry_after, random, out);
            }
            Input::Hide => {
                self.release_all(now, out);
                self.outbox.retry_now(now);
            }
            Input::Show { restored } => {
                if restored {
                    self.submissions.return_to_page();
                    self.fill_all(now, out);
                }
            }
            Input::Online => self.outbox.retry_now(now),
            Input::Wake => {}
            // What becomes an event waits until there is a decision, then is taken in order.
            _ if self.gate.may(Purpose::Send) && self.is_loaded() => {
                self.record(now, input, host, out);
            }
            _ if self.gate.may(Purpose::Send) || self.gate.is_open(Purpose::Send) => {
                if self.waiting.len() < MAX_WAITING {
                    self.waiting.push(input);
                } else {
                    report(out, "waiting_full", "consent");
                }
            }
            _ => {}
        }
    }

    /// Does what has become possible.
    fn advance(&mut self, now: UnixMillis, host: &dyn Host, out: &mut Vec<Output>) {
        if !self.is_loaded() {
            if self.load == Load::NotYet {
                self.load = Load::Asked;
                out.push(Output::Load);
            }
            return;
        }
        self.commit_arrivals(now, out);
        if self.gate.may(Purpose::Send) {
            for input in core::mem::take(&mut self.waiting) {
                self.record(now, input, host, out);
            }
            self.expect_response(now, out);
            while let Some((intent, id)) = self.submissions.take_waiting(None, now) {
                self.finish(now, intent, &id, event::UNCONFIRMED, out);
            }
            let url = self.url();
            self.outbox.flush(now, &url, out);
            let wakes = [self.outbox.next_due(), self.submissions.next_deadline()];
            if let Some(at) = wakes.into_iter().flatten().min() {
                out.push(Output::Wake { at });
            }
        } else if !self.gate.is_open(Purpose::Send) {
            self.waiting.clear();
        }
    }

    fn is_loaded(&self) -> bool {
        !self.may_keep() || self.load == Load::Done
    }

    /// Whether records may be kept between pages, by consent and by plan.
    fn may_keep(&self) -> bool {
        self.gate.may(Purpose::Store) && self.plan.storage != Storage::Memory
    }

    fn arrive(&mut self, arrived: Arrived) {
        self.page = String::from(self.plan.page_of(&arrived.path));
        self.origin.clone_from(&arrived.origin);
        if self.arrivals.len() < MAX_WAITING {
            self.arrivals.push(arrived);
        }
    }

    /// Turns arrivals into touches once attribution is allowed; a late grant loses none.
    fn commit_arrivals(&mut self, now: UnixMillis, out: &mut Vec<Output>) {
        if !self.gate.may(Purpose::Attribute) {
            return;
        }
        for arrived in core::mem::take(&mut self.arrivals) {
            let page = String::from(self.plan.page_of(&arrived.path));
            let arrival = Arrival::of(&Landing {
                at: arrived.at,
                query: &arrived.query,
                referrer: &arrived.referrer,
                origin: &arrived.origin,
                page: &page,
            });
            self.diagnostics = arrival.diagnostics;
            // A reload shows the same landing again: it is no new arrival.
            let known = !arrived.is_fresh && self.attribution.last.is_some();
            let Some(touch) = arrival.touch.filter(|_| !known) else {
                continue;
            };
            self.attribution.record(&touch, arrival.is_paid);
            if self.may_keep() {
                let mut json = Json::default();
                self.attribution.write(&mut json);
                out.push(Output::Store {
                    area: self.outbox.area,
                    key: String::from(ATTRIBUTION_KEY),
                    text: json.finish(),
                });
            }
            self.fill_all(now, out);
            if self.gate.may(Purpose::Send) && self.plan.wants("landing") {
                let number = self.submissions.next_number("landing", &page);
                self.page_event(now, "landing", number, arrived.at, &|_| {}, out);
            }
        }
    }

    /// Takes what storage held; from here on records are kept there.
    fn take_stored(
        &mut self,
        now: UnixMillis,
        entries: Vec<(String, String)>,
        out: &mut Vec<Output>,
    ) {
        self.load = Load::Done;
        self.outbox.is_durable = true;
        self.outbox.store_all(out);
        let source = event::source(&self.plan);
        for (key, text) in entries {
            if key.starts_with(OUTBOX_PREFIX) {
                self.outbox.restore(now, &key, &text, &source, out);
            } else if key == ATTRIBUTION_KEY {
                match Value::parse(&text) {
                    Ok(record) => self.attribution = Attribution::from_value(&record),
                    Err(_) => report(out, "record_unreadable", "attribution"),
                }
            } else if key == LEFT_KEY {
                self.left = Left::from_text(&text);
                out.push(Output::Remove {
                    area: Area::Session,
                    key,
                });
            }
        }
        self.fill_all(now, out);
    }

    /// Forgets everything, on storage too; later ids have nothing to do with earlier ones.
    fn withdraw(&mut self, out: &mut Vec<Output>) {
        out.push(Output::Wipe);
        for (key, form) in &self.forms {
            for (control, source) in self.plan.form(*form).iter().flat_map(|form| form.hidden()) {
                out.push(Output::Fill {
                    key: *key,
                    control: String::from(control),
                    value: String::new(),
                    is_own: source == "event_id",
                });
            }
        }
        self.outbox.clear();
        self.outbox.is_durable = false;
        self.load = Load::NotYet;
        self.attribution = Attribution::default();
        self.submissions = Submissions::default();
        self.arrivals.clear();
        self.waiting.clear();
        self.left = None;
        let (high, low) = (self.random().to_be_bytes(), self.random().to_be_bytes());
        for (byte, fresh) in self.nonce.0.iter_mut().zip(high.iter().chain(&low)) {
            *byte = *fresh;
        }
    }

    /// Records what has become an event.
    fn record(&mut self, now: UnixMillis, input: Input, host: &dyn Host, out: &mut Vec<Output>) {
        match input {
            Input::Submit(submission) => self.submit(now, &submission, host, out),
            Input::Early(unread) => self.take_unread(now, unread, out),
            Input::Record { kind, at, fields } => {
                self.take_record(now, &kind, at, &fields, host, out);
            }
            Input::Call { at } if self.plan.wants("call_click") => {
                let page = self.page.clone();
                let number = self.submissions.next_number("call_click", &page);
                let body = |json: &mut Json| {
                    json.name("call");
                    json.open('{');
                    json.number("intent", number);
                    json.close('}');
                };
                self.page_event(now, "call_click", number, at, &body, out);
            }
            Input::Outcome { outcome } => self.settle_left(now, &outcome, out),
            _ => {}
        }
    }

    /// Seals an event whose subject is the page, and lets it go.
    fn page_event(
        &mut self,
        now: UnixMillis,
        kind: &str,
        number: u64,
        at: UnixMillis,
        body: &dyn Fn(&mut Json),
        out: &mut Vec<Output>,
    ) {
        let id = self.nonce.event_id(kind, &self.page, number);
        let head = Head {
            kind,
            id: &id,
            subject: &self.page,
            at,
        };
        let event = self.frame(Some(&self.attribution)).seal(&head, body);
        self.outbox.put(now, now, &id, event, out);
    }

    /// Asks the kernel to judge this page, if it can be the response to a submission.
    fn expect_response(&mut self, now: UnixMillis, out: &mut Vec<Output>) {
        let Some(left) = &self.left else {
            return;
        };
        // Before the landing is known nothing is.
        if self.origin.is_empty() {
            return;
        }
        let form = self.plan.forms.iter().position(|form| form.id == left.form);
        match form {
            Some(form) if self.is_fresh && now.since(left.at) < SETTLE_LIMIT_MS => {
                out.push(Output::Watch { form });
                // Asked once; the answer still finds it.
                self.is_fresh = false;
            }
            _ if self.is_fresh => self.left = None,
            _ => {}
        }
    }

    /// Settles the submission whose navigation led here; the first answer wins.
    fn settle_left(&mut self, now: UnixMillis, outcome: &str, out: &mut Vec<Output>) {
        if !matches!(outcome, "accepted" | "failed") {
            return;
        }
        let Some(left) = self.left.take() else {
            return;
        };
        let Some(id) = result_id(&left.submission) else {
            return;
        };
        let body = |json: &mut Json| {
            json.name("form");
            json.open('{');
            json.member("id", &left.form);
            json.member("submission", &left.submission);
            json.member("outcome", outcome);
            json.close('}');
        };
        let head = Head {
            kind: "form_result",
            id: &id,
            subject: &left.form,
            at: now,
        };
        let event = self.frame(None).seal(&head, &body);
        self.outbox.put(now, now, &id, event, out);
        let form = self.plan.forms.iter().position(|form| form.id == left.form);
        if outcome == "failed" {
            self.submissions.note_retry(form, left.submission.clone());
        }
        self.announce_result(&left.form, &left.submission, outcome, out);
    }

    fn frame<'a>(&'a self, attribution: Option<&'a Attribution>) -> Frame<'a> {
        Frame {
            plan: &self.plan,
            gate: &self.gate,
            nonce: self.nonce,
            device: &self.device,
            page: &self.page,
            attribution,
            diagnostics: if attribution.is_some() {
                &self.diagnostics
            } else {
                &[]
            },
        }
    }

    fn url(&self) -> String {
        if self.plan.endpoint.starts_with('/') {
            [self.origin.as_str(), &self.plan.endpoint].concat()
        } else {
            self.plan.endpoint.clone()
        }
    }

    /// xorshift64: jitter needs no more, and it needs no entropy source after the start.
    fn random(&mut self) -> u64 {
        self.seed ^= self.seed << 13;
        self.seed ^= self.seed >> 7;
        self.seed ^= self.seed << 17;
        self.seed
    }
}

impl Left {
    fn to_text(&self) -> String {
        let mut text = [&self.submission, " ", &self.form, " "].concat();
        crate::value::push_whole(&mut text, self.at.0);
        text
    }

    fn from_text(text: &str) -> Option<Left> {
        let mut words = text.split(' ');
        Some(Left {
            submission: String::from(words.next()?),
            form: String::from(words.next()?),
            at: UnixMillis(whole(words.next()?)?),
        })
    }
}

fn report(out: &mut Vec<Output>, code: &'static str, about: &str) {
    out.push(Output::Report {
        code,
        about: String::from(about),
    });
}
