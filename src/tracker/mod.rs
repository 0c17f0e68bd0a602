//! The state machine: what happened into what should happen next.
//!
//! The last stage; it joins all others and owns the order of things. Sans-IO:
//! [`Tracker::handle_input`], then [`Tracker::poll_output`] until it is empty. Journeys as
//! transcripts: spec/vectors/journey.
//! Submissions: `submit.rs`; what waits in storage: `stored.rs`. Not here: clock, randomness,
//! storage, network, the page.

#[cfg(feature = "typed")]
mod inspect;
mod stored;
mod submit;

use crate::attribution::Attribution;
use crate::consent::{Gate, Purpose};
use crate::event::{Frame, Head};
use crate::id::Nonce;
use crate::input::Input;
use crate::outbox::Outbox;
use crate::output::{ATTRIBUTION_KEY, Area, Output, Outputs, What};
use crate::plan::{ConsentSource, Plan, Storage, UNDECLARED};
use crate::schema::Host;
use crate::submission::Submissions;
use crate::text::{after, concat, cut};
use crate::time::UnixMillis;
use crate::touch::{Arrival, Landing};
use crate::value::Json;
use stored::Left;
use submit::EVER;

/// So many inputs wait for a consent decision; more are dropped and reported.
const MAX_WAITING: usize = 32;

/// One document's tracker.
pub struct Tracker {
    host: &'static dyn Host,
    /// `None` until a usable plan has started the core.
    session: Option<Session>,
    out: Outputs,
}

struct Session {
    host: &'static dyn Host,
    plan: &'static Plan,
    gate: Gate,
    nonce: Nonce,
    /// The nonce of a tracker of this document that trapped.
    former: String,
    seed: u64,
    device: String,
    /// The declared id of the page at hand.
    page: &'static str,
    origin: String,
    /// Arrivals that wait for the attribute consent.
    arrivals: Vec<Input>,
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
    /// The last submission that was told before its outcome was known, by its form element.
    late: Option<(u64, Left)>,
    /// The moment that was last asked for.
    wake: Option<UnixMillis>,
    /// Whether this page can be the response to a submission: a fresh navigation.
    is_fresh: bool,
    /// Whether the kernel was asked to judge it.
    is_asked: bool,
    /// Whether the next page in this tab will find what this one keeps.
    lasts: bool,
}

/// Whether storage has been read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Load {
    NotYet,
    Asked,
    Done,
}

impl Tracker {
    pub fn new(host: &'static dyn Host) -> Tracker {
        Tracker {
            host,
            session: None,
            out: Outputs::default(),
        }
    }

    /// Takes one input. Nothing it holds can fail: what is not understood is reported.
    ///
    /// `nonce` in a `start` names the document; one that is missing or malformed is reported,
    /// since ids without randomness would not be unique.
    pub fn handle_input(&mut self, now: UnixMillis, input: Input) {
        match &mut self.session {
            None if input.kind() == "start" => match Session::new(self.host, input) {
                Ok(session) => self.session = Some(session),
                Err(code) => self.out.report(code, "start"),
            },
            None => {}
            Some(session) => session.handle(now, input, &mut self.out),
        }
        if let Some(session) = &mut self.session {
            session.advance(now, &mut self.out);
        }
    }

    /// The next thing to do; `None` when all is done for now.
    pub fn poll_output(&mut self) -> Option<Output> {
        self.out.take()
    }

    /// Whether inputs have become nothing yet that outlives this tracker: no stored record, no
    /// request. Should it trap, a fresh one must be told of them again.
    pub fn owes(&self) -> bool {
        let of = |session: &Session| !session.waiting.is_empty() || session.outbox.owes();
        self.session.as_ref().is_some_and(of)
    }
}

impl Session {
    fn new(host: &'static dyn Host, mut start: Input) -> Result<Session, &'static str> {
        let nonce = Nonce::from_hex(start.text("nonce")).ok_or("nonce_malformed")?;
        let seed = start.whole("seed") | 1;
        let device = String::from(start.text("device"));
        let former = String::from(start.text("former"));
        let plan = Plan::from_value(start.take("plan")).map_err(|wrong| wrong.code())?;
        // A document has one plan for as long as it lives: leaked, so that all may borrow it.
        let plan: &'static Plan = Box::leak(Box::new(plan));
        let mut outbox = Outbox::default();
        if plan.storage() == Storage::Session {
            outbox.area = Area::Session;
        }
        let gate = match plan.consent() {
            ConsentSource::NotRequired => Gate::not_required(),
            ConsentSource::Api => Gate::default(),
        };
        Ok(Session {
            host,
            plan,
            gate,
            nonce,
            former,
            seed,
            device,
            page: UNDECLARED,
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
            late: None,
            wake: None,
            is_fresh: false,
            is_asked: false,
            lasts: false,
        })
    }

    fn handle(&mut self, now: UnixMillis, input: Input, out: &mut Outputs) {
        match input.kind() {
            "landing" | "route" => {
                self.page = self.plan.page_of(input.text("path"));
                if input.kind() == "landing" {
                    self.origin = String::from(input.text("origin"));
                }
                self.is_fresh = input.kind() == "landing" && is_fresh(&input);
                // Another page may have recorded a touch since.
                if input.kind() == "route" && !input.text("query").is_empty() {
                    self.read_again();
                }
                // A step that nobody was led to leaves room for those that say who came from where.
                let address = (input.text("path"), input.text("query"));
                if input.kind() == "landing" || self.read(&input, address).touch.is_some() {
                    keep(&mut self.arrivals, input, out);
                }
            }
            "carried" => keep(&mut self.arrivals, input, out),
            "consent" => {
                let was_refused = self.gate.is_refused(Purpose::Store);
                let mut is_withdrawn = self.gate.apply(input.message());
                // A withdrawal before the last of them has done its work.
                for said in input.items("said") {
                    is_withdrawn = self.gate.apply(said);
                }
                if is_withdrawn {
                    // One that another tab heard is known there.
                    let told = if input.is_true("far") {
                        String::new()
                    } else {
                        input.message().to_json()
                    };
                    self.withdraw(&told, out);
                }
                // What an earlier page kept goes, whoever granted it.
                if self.gate.is_refused(Purpose::Store) {
                    if !was_refused {
                        out.push(What::Wipe, 0, "", "");
                    }
                } else if self.gate.is_refused(Purpose::Attribute) {
                    out.remove_everywhere(ATTRIBUTION_KEY);
                }
                self.fill_all(now, out);
            }
            "form" => {
                let entry = (input.key(), input.form());
                match self.forms.iter_mut().find(|(key, _)| *key == entry.0) {
                    Some(known) => *known = entry,
                    None => self.forms.push(entry),
                }
                self.fill(now, entry.0, entry.1, out);
            }
            "attempt" => self.attempt(now, input.key(), input.form(), out),
            // Behind a submission that waits for a decision, its outcome waits too.
            "signal" if self.waiting.is_empty() => {
                self.signal(now, input.key(), input.text("outcome"), out);
            }
            "loaded" => {
                self.lasts = input.is_true("lasts") && self.plan.storage() == Storage::Local;
                self.take_stored(now, input.member("records"), out);
            }
            "delivered" => {
                let random = self.random();
                self.outbox.settle(now, &input.answer(), random, out);
            }
            "lease" => {
                self.outbox.hold();
                if !self.gate.may(Purpose::Send) {
                    self.outbox.give_back(out);
                } else if self.load == Load::Done {
                    self.load = Load::NotYet;
                }
            }
            "hide" => {
                self.end_waits(now, EVER, out);
                self.outbox.leave(now);
            }
            // It may come a moment early, and is then asked for again.
            "wake" => self.wake = None,
            "show" if input.is_true("persisted") => {
                self.submissions.return_to_page();
                // An old page is nobody's response, and other pages may have recorded touches.
                self.is_fresh = false;
                self.read_again();
                self.fill_all(now, out);
            }
            "online" => self.outbox.retry_now(now),
            // What becomes an event waits until there is a decision, then is taken in order.
            "submit" | "signal" | "early" | "record" | "call" | "outcome"
                if self.gate.may(Purpose::Send) || self.gate.is_open(Purpose::Send) =>
            {
                keep(&mut self.waiting, input, out);
            }
            _ => {}
        }
    }

    /// Does what has become possible.
    fn advance(&mut self, now: UnixMillis, out: &mut Outputs) {
        if self.may_keep() && self.load != Load::Done {
            if self.load == Load::NotYet {
                self.load = Load::Asked;
                out.push(What::Load, 0, "", "");
            }
            return;
        }
        if self.gate.may(Purpose::Attribute) {
            for arrived in core::mem::take(&mut self.arrivals) {
                self.commit(now, &arrived, out);
            }
        }
        if !self.gate.may(Purpose::Send) {
            if !self.gate.is_open(Purpose::Send) {
                self.waiting.clear();
            }
            return;
        }
        // Before the landing neither the page nor the origin is known.
        if self.origin.is_empty() {
            return;
        }
        for input in core::mem::take(&mut self.waiting) {
            self.record(now, &input, out);
        }
        self.expect_response(now, out);
        self.end_waits(now, now, out);
        let url = match self.plan.endpoint() {
            path if path.starts_with('/') => concat(&[&self.origin, path]),
            url => String::from(url),
        };
        let send = if self.plan.is_cloudevents() {
            What::SendBatch
        } else {
            What::Send
        };
        self.outbox.flush(now, send, &url, out);
        let wakes = [self.outbox.next_due(now), self.submissions.next_deadline()];
        let wake = wakes.into_iter().flatten().min();
        if let Some(at) = wake.filter(|_| wake != self.wake) {
            out.push(What::Wake, at.0, "", "");
        }
        self.wake = wake;
    }

    /// Has storage read once more, if it was read at all.
    fn read_again(&mut self) {
        if self.load == Load::Done {
            self.load = Load::NotYet;
        }
    }

    /// Whether records may be kept between pages, by consent and by plan.
    fn may_keep(&self) -> bool {
        self.gate.may(Purpose::Store) && self.plan.storage() != Storage::Memory
    }

    /// Turns an arrival into a touch, now that attribution is allowed; a late grant loses none.
    fn commit(&mut self, now: UnixMillis, arrived: &Input, out: &mut Outputs) {
        let is_carried = arrived.kind() == "carried";
        let mut address = (arrived.text("path"), arrived.text("query"));
        let mut arrival = self.read(arrived, address);
        // The visitor left the page with the campaign before it could tell, or before there was a
        // grant to: its address leads here, unless somebody hid it.
        let former = after(arrived.text("referrer"), &self.origin).unwrap_or("");
        let is_former = arrival.touch.is_none()
            && self.lasts
            && arrived.text("nav") == "navigate"
            && former.starts_with('/')
            && !self.attribution.has_told(cut(former, b'?'));
        if is_former {
            address = cut(former, b'?');
            arrival = self.read(arrived, address);
        }
        // A reload shows the same landing again: it is no new arrival.
        let is_told = arrived.is_true("known");
        let is_known = (is_told || !is_fresh(arrived)) && !self.attribution.is_empty()
            || is_carried && self.attribution.knows(&arrival);
        let mut elsewhere = Attribution::default();
        let touches = if is_carried {
            &mut elsewhere
        } else {
            &mut self.attribution
        };
        let is_new = !is_known && touches.record(&arrival);
        if !is_carried && (is_new || arrived.kind() == "landing" && !is_former) {
            self.diagnostics = arrival.diagnostics;
        }
        if !is_new {
            return;
        }
        if !is_carried {
            self.attribution.note_told(address);
        }
        // By its own moment: neither the first nor the last, perhaps.
        self.take_over(now, elsewhere);
        self.keep_attribution(out);
        self.fill_all(now, out);
        if !is_told && !is_carried && self.gate.may(Purpose::Send) && self.plan.wants("landing") {
            let page = self.plan.page_of(address.0);
            self.page_event(now, "landing", page, arrived.at(), &|_, _| {}, out);
        }
    }

    /// What an arrival is, read from the path and the query that led to it.
    fn read(&self, arrived: &Input, (path, query): (&str, &str)) -> Arrival {
        Arrival::of(&Landing {
            at: arrived.at(),
            query,
            referrer: arrived.text("referrer"),
            origin: &self.origin,
            page: self.plan.page_of(path),
            host: self.host,
            secrets: self.plan.rules(),
            rules: self.plan.attribution(),
            is_step: arrived.kind() == "route",
        })
    }

    /// Records what has become an event.
    fn record(&mut self, now: UnixMillis, input: &Input, out: &mut Outputs) {
        match input.kind() {
            "submit" => self.submit(now, input, out),
            "signal" => self.signal(now, input.key(), input.text("outcome"), out),
            "early" => self.take_unread(now, input.items("early"), out),
            "record" => self.take_record(now, input, out),
            "outcome" => self.settle_left(now, input.text("outcome"), out),
            _ if self.plan.wants("call_click") => {
                let body = |json: &mut Json, number| {
                    json.name("call");
                    json.open("{");
                    json.number("intent", number);
                    json.close("}");
                };
                self.page_event(now, "call_click", self.page, input.at(), &body, out);
            }
            _ => {}
        }
    }

    /// Seals an event whose subject is a page, and lets it go. `body` is told its number.
    fn page_event(
        &mut self,
        now: UnixMillis,
        kind: &str,
        page: &'static str,
        at: UnixMillis,
        body: &dyn Fn(&mut Json, u64),
        out: &mut Outputs,
    ) {
        let number = self.submissions.next_number(kind, page);
        let id = self.nonce.event_id(kind, page, number);
        let head = Head {
            kind,
            id: &id,
            subject: page,
            at,
        };
        let event = self.frame(page).seal(&head, &|json| body(json, number));
        self.outbox.put(now, now, &id, event, out);
    }

    fn frame(&self, page: &'static str) -> Frame<'_> {
        Frame {
            plan: self.plan,
            gate: &self.gate,
            nonce: self.nonce,
            device: &self.device,
            page,
            attribution: Some(&self.attribution),
            diagnostics: &self.diagnostics,
        }
    }

    /// Forgets everything, on storage too; later ids have nothing to do with earlier ones.
    fn withdraw(&mut self, told: &str, out: &mut Outputs) {
        out.push(What::Wipe, 0, "", told);
        for (key, form) in &self.forms {
            for (control, source) in self.plan.form(*form).map_or(&[][..], |form| form.hidden()) {
                let is_own = source.as_text() == Some("event_id");
                out.push(fill_what(is_own), *key, control, "");
            }
        }
        self.outbox.clear(out);
        self.load = Load::NotYet;
        self.attribution = Attribution::default();
        self.submissions = Submissions::default();
        self.arrivals.clear();
        self.waiting.clear();
        (self.left, self.late) = (None, None);
        for byte in &mut self.nonce.0 {
            // The high bits of xorshift64 are the better ones.
            self.seed = next_random(self.seed);
            *byte = (self.seed >> 56) as u8;
        }
    }

    fn random(&mut self) -> u64 {
        self.seed = next_random(self.seed);
        self.seed
    }
}

/// xorshift64: jitter needs no more, and it needs no entropy source after the start.
fn next_random(mut seed: u64) -> u64 {
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^ seed << 17
}

/// Whether an arrival is a navigation of its own, not a reload or a step in history.
fn is_fresh(arrived: &Input) -> bool {
    !matches!(arrived.text("nav"), "reload" | "back_forward")
}

fn keep(list: &mut Vec<Input>, input: Input, out: &mut Outputs) {
    if list.len() < MAX_WAITING {
        list.push(input);
    } else {
        out.report("waiting_full", input.kind());
    }
}

fn fill_what(is_own: bool) -> What {
    if is_own { What::FillOwn } else { What::Fill }
}
