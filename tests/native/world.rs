//! A browser profile, its tabs and its endpoint, as a model: storage, locks, clock and network
//! around real trackers.
//!
//! Everything that may happen is a method; what must never happen is checked where it would.
//! Not here: which of it happens, and when (simulation.rs).

use std::collections::{BTreeMap, BTreeSet};

use touchmark::input::{Answer, Input};
use touchmark::native::NativeHost;
use touchmark::outbox::{MAX_BYTES, MAX_FLIGHT_BYTES, MAX_FLIGHTS, MAX_RECORDS};
use touchmark::output::{Area, OUTBOX_PREFIX, Output, What};
use touchmark::time::UnixMillis;
use touchmark::tracker::Tracker;
use touchmark::value::Value;

use crate::counts::{Arrival, Counts, Life, Network, PLAN, Rng};

/// A tab that puts out more than this at one input never ends.
const MAX_OUTPUTS: usize = 20_000;
/// Nor does one that wakes more often in half an hour.
const MAX_WAKES: u64 = 5_000;
/// Nobody may keep the lease for longer: a drain's answers all come before.
const MAX_HOLD_MS: u64 = 60_000;

pub struct Tab {
    tracker: Tracker,
    nonce: String,
    pub life: Life,
    timer: Option<u64>,
    session: BTreeMap<String, String>,
    /// Batches in flight and their bytes.
    flights: Vec<(u64, usize)>,
    made: BTreeSet<String>,
    failed: BTreeSet<String>,
    is_hiding: bool,
    /// What the kernel leaves when the page goes away.
    is_marked: bool,
    may_send: bool,
    /// What was said of consent; a fresh core hears all of it in one.
    choices: Vec<String>,
}

pub struct World {
    pub rng: Rng,
    /// Milliseconds that have really passed.
    pub time: u64,
    /// What the visitor's clock shows more than that.
    pub skew: i64,
    pub network: Network,
    pub tabs: Vec<Tab>,
    pub storage: BTreeMap<String, String>,
    pub is_full: bool,
    pub has_locks: bool,
    /// A page's process may end, or its core trap, after any output.
    pub is_deadly: bool,
    holder: Option<(usize, u64)>,
    arrivals: Vec<Arrival>,
    /// Bodies as the endpoint took them.
    pub stored: BTreeMap<String, String>,
    /// Every body that ever left, by id.
    sent: BTreeMap<String, String>,
    /// Events that storage held and nobody was told to give up.
    pub durable: BTreeSet<String>,
    pub counts: Counts,
}

impl World {
    pub fn new(seed: u64) -> World {
        World {
            rng: Rng(seed),
            time: 0,
            skew: 1_764_000_000_000,
            network: Network::Up,
            tabs: Vec::new(),
            storage: BTreeMap::new(),
            is_full: false,
            has_locks: true,
            is_deadly: false,
            holder: None,
            arrivals: Vec::new(),
            stored: BTreeMap::new(),
            sent: BTreeMap::new(),
            durable: BTreeSet::new(),
            counts: Counts::default(),
        }
    }

    fn now(&self) -> UnixMillis {
        UnixMillis(self.time.saturating_add_signed(self.skew))
    }

    /// Opens a page; `granted` when the visitor has said yes before.
    pub fn open(&mut self, granted: bool) -> usize {
        let tab = self.tabs.len();
        self.tabs.push(Tab {
            tracker: Tracker::new(&NativeHost),
            nonce: String::new(),
            life: Life::Running,
            timer: None,
            session: BTreeMap::new(),
            flights: Vec::new(),
            made: BTreeSet::new(),
            failed: BTreeSet::new(),
            is_hiding: false,
            is_marked: false,
            may_send: false,
            choices: Vec::new(),
        });
        self.counts.tabs += 1;
        self.start(tab);
        if granted {
            self.grant(tab);
        }
        tab
    }

    fn start(&mut self, tab: usize) {
        let nonce = format!("{:016x}{:016x}", self.rng.next(), self.rng.next());
        let former = std::mem::replace(&mut self.tabs[tab].nonce, nonce.clone());
        let seed = self.rng.below(1 << 60);
        self.say(
            tab,
            &format!(
                r#"{{"in":"start","nonce":"{nonce}","former":"{former}","seed":{seed},"plan":{PLAN}}}"#
            ),
        );
        let at = self.now().0;
        self.say(
            tab,
            &format!(r#"{{"in":"landing","at":{at},"query":"","referrer":"","origin":"https://sim.example","path":"/"}}"#),
        );
    }

    /// The page's core traps, and a fresh one takes over.
    pub fn trap(&mut self, tab: usize) {
        self.counts.traps += 1;
        if self.holds(tab) {
            self.holder = None;
        }
        self.arrivals.retain(|arrival| arrival.tab != tab);
        self.tabs[tab].tracker = Tracker::new(&NativeHost);
        self.tabs[tab].flights.clear();
        self.tabs[tab].timer = None;
        self.start(tab);
        let said = self.tabs[tab].choices.join(",");
        self.say(tab, &format!(r#"{{"in":"consent","said":[{said}]}}"#));
        if self.tabs[tab].is_hiding {
            self.say(tab, r#"{"in":"hide"}"#);
        }
    }

    pub fn grant(&mut self, tab: usize) {
        self.tabs[tab].may_send = true;
        self.choose(tab, r#"{"in":"consent","all":"granted"}"#);
    }

    /// One of the tabs that run.
    pub fn any_running(&mut self) -> Option<usize> {
        let running: Vec<_> = (0..self.tabs.len())
            .filter(|tab| self.tabs[*tab].life == Life::Running)
            .collect();
        let at = self.rng.next() as usize % running.len().max(1);
        running.get(at).copied()
    }

    pub fn any_frozen(&self) -> Option<usize> {
        (0..self.tabs.len()).find(|tab| self.tabs[*tab].life == Life::Frozen)
    }

    /// The visitor does something that is an event.
    pub fn act(&mut self, tab: usize) {
        let at = self.now().0;
        let key = self.rng.below(3);
        let native = self.rng.one_in(3);
        if self.rng.one_in(2) {
            self.say(tab, &format!(r#"{{"in":"call","at":{at}}}"#));
        } else {
            self.say(
                tab,
                &format!(r#"{{"in":"submit","key":{key},"form":-1,"at":{at},"native":{native},"controls":3}}"#),
            );
        }
    }

    /// A submission by request is answered.
    pub fn hear(&mut self, tab: usize) {
        let key = self.rng.below(3);
        let outcome = ["accepted", "failed", "sent"][self.rng.next() as usize % 3];
        self.say(
            tab,
            &format!(r#"{{"in":"signal","key":{key},"outcome":"{outcome}"}}"#),
        );
    }

    /// The page goes away: into the cache, or for good.
    pub fn hide(&mut self, tab: usize, life: Life) {
        if self.tabs[tab].may_send {
            self.storage
                .insert("touchmark.grant".to_owned(), String::new());
            self.tabs[tab].is_marked = true;
        }
        self.tabs[tab].is_hiding = true;
        self.say(tab, r#"{"in":"hide"}"#);
        self.tabs[tab].is_hiding = false;
        assert!(!self.holds(tab), "a hidden page holds the lease");
        if self.tabs[tab].life == Life::Running {
            self.tabs[tab].life = life;
        }
    }

    pub fn show(&mut self, tab: usize) {
        self.tabs[tab].life = Life::Running;
        // The kernel's first act.
        if self.tabs[tab].is_marked && !self.storage.contains_key("touchmark.grant") {
            self.far(tab);
        }
        self.say(tab, r#"{"in":"show","persisted":true}"#);
        // What the browser froze goes on.
        if self.tabs[tab].timer.is_none() {
            self.say(tab, r#"{"in":"wake"}"#);
        }
    }

    pub fn crash(&mut self, tab: usize) {
        self.tabs[tab].life = Life::Dead;
        self.counts.crashes += 1;
        if self.holds(tab) {
            self.holder = None;
        }
    }

    pub fn online(&mut self) {
        for tab in 0..self.tabs.len() {
            self.say(tab, r#"{"in":"online"}"#);
        }
    }

    /// The visitor takes consent back in one tab; every running one must be clean at once.
    pub fn withdraw(&mut self, tab: usize) {
        self.counts.withdrawals += 1;
        self.tabs[tab].may_send = false;
        self.durable.clear();
        self.choose(tab, r#"{"in":"consent","all":"withdrawn"}"#);
        for other in 0..self.tabs.len() {
            if self.tabs[other].life == Life::Running {
                self.far(other);
            }
        }
        let kept: Vec<_> = self.storage.keys().collect();
        assert!(kept.is_empty(), "kept after a withdrawal: {kept:?}");
    }

    fn far(&mut self, tab: usize) {
        self.tabs[tab].may_send = false;
        self.choose(tab, r#"{"in":"consent","all":"withdrawn","far":true}"#);
    }

    fn choose(&mut self, tab: usize, choice: &str) {
        self.tabs[tab].choices.push(choice.to_owned());
        self.say(tab, choice);
    }

    /// Lets time pass: answers and timers come in their order.
    pub fn pass(&mut self, millis: u64) {
        let end = self.time + millis;
        let mut wakes = 0;
        loop {
            let answer = self.arrivals.iter().map(|arrival| arrival.at).min();
            let running = self.tabs.iter().filter(|tab| tab.life == Life::Running);
            let timer = running.filter_map(|tab| tab.timer).min();
            let next = answer.into_iter().chain(timer).min();
            let Some(at) = next.filter(|at| *at <= end) else {
                break;
            };
            self.time = self.time.max(at);
            if let Some((tab, since)) = self.holder {
                let held = self.time - since;
                assert!(
                    held <= MAX_HOLD_MS,
                    "tab {tab} keeps the lease for {held} ms"
                );
            }
            if answer == Some(at) {
                let index = self.arrivals.iter().position(|arrival| arrival.at == at);
                let arrival = self.arrivals.swap_remove(index.expect("it was found"));
                self.answer(&arrival);
                continue;
            }
            let due = |tab: &Tab| tab.life == Life::Running && tab.timer == Some(at);
            let tab = self.tabs.iter().position(due).expect("it was found");
            self.tabs[tab].timer = None;
            wakes += 1;
            assert!(wakes < MAX_WAKES, "timers without end");
            self.say(tab, r#"{"in":"wake"}"#);
        }
        self.time = end;
    }

    fn answer(&mut self, arrival: &Arrival) {
        let tab = &mut self.tabs[arrival.tab];
        if tab.life != Life::Running {
            return;
        }
        tab.flights
            .retain(|(batch, _)| *batch != arrival.answer.batch);
        if matches!(arrival.answer.status, 0 | 429 | 500..) {
            tab.failed.extend(arrival.ids.iter().cloned());
        }
        self.give(arrival.tab, Input::delivered(&arrival.answer));
    }

    fn holds(&self, tab: usize) -> bool {
        self.holder.is_some_and(|(holder, _)| holder == tab)
    }

    fn say(&mut self, tab: usize, message: &str) {
        let message = Value::parse(message).expect("messages are JSON");
        self.give(tab, Input::from_value(message));
    }

    fn give(&mut self, tab: usize, input: Input) {
        if self.tabs[tab].life != Life::Running {
            return;
        }
        let now = self.now();
        self.tabs[tab].tracker.handle_input(now, input);
        let mut asks = false;
        for count in 0.. {
            assert!(count < MAX_OUTPUTS, "outputs without end");
            let Some(output) = self.tabs[tab].tracker.poll_output() else {
                break;
            };
            if self.is_deadly && self.rng.one_in(200) {
                return match self.rng.one_in(2) {
                    true => self.crash(tab),
                    false => self.trap(tab),
                };
            }
            asks |= output.what == What::Lease;
            self.carry_out(tab, output);
        }
        // The kernel asks once the core has returned, and hears later.
        if asks && self.tabs[tab].life == Life::Running {
            if !self.has_locks {
                self.say(tab, r#"{"in":"lease"}"#);
            } else if self.holder.is_none() {
                self.holder = Some((tab, self.time));
                self.counts.leases += 1;
                self.say(tab, r#"{"in":"lease"}"#);
            } else {
                self.counts.refused_leases += 1;
            }
        }
    }

    fn carry_out(&mut self, tab: usize, output: Output) {
        let Output {
            what,
            number,
            key,
            text,
        } = output;
        let is_allowed = self.tabs[tab].may_send;
        match what {
            What::Load => {
                let own = &self.tabs[tab].session;
                let all = self.storage.iter().chain(own);
                let records = all.map(|(key, text)| (key.clone(), Value::Text(text.clone())));
                let loaded = Input::loaded(records.collect(), true);
                let now = self.now();
                self.tabs[tab].tracker.handle_input(now, loaded);
            }
            What::Store(area) => {
                assert!(is_allowed, "stored {key} without consent");
                self.keep(tab, area, key, text);
            }
            What::Remove(Area::Local) => {
                self.storage.remove(&key);
            }
            What::Remove(Area::Session) => {
                self.tabs[tab].session.remove(&key);
            }
            What::Wipe => {
                self.storage.clear();
                self.tabs[tab].session.clear();
                self.arrivals.retain(|arrival| arrival.tab != tab);
                self.tabs[tab].flights.clear();
            }
            What::Wake => {
                let wait = number.saturating_sub(self.now().0);
                // Timers may come a moment early by the clock.
                let early = u64::from(wait > 1 && self.rng.one_in(4));
                self.tabs[tab].timer = Some(self.time + wait - early);
            }
            What::Send | What::SendBatch => {
                assert!(is_allowed, "sent without consent");
                self.send(tab, number, &text);
            }
            What::Release => {
                if self.holds(tab) {
                    self.holder = None;
                }
            }
            What::Report => {
                // What was dropped by the rules is told, and is no loss.
                self.durable.remove(&text);
                if key == "record_expired" {
                    let storage = &self.storage;
                    let is_kept =
                        |id: &String| storage.contains_key(&format!("{OUTBOX_PREFIX}{id}"));
                    self.durable.retain(is_kept);
                }
                *self.counts.reports.entry(key).or_default() += 1;
            }
            What::Fill | What::FillOwn => {
                assert!(is_allowed || text.is_empty(), "an id without consent")
            }
            What::Lease | What::Announce | What::Watch => {}
        }
    }

    fn keep(&mut self, tab: usize, area: Area, key: String, text: String) {
        if let Some(id) = key.strip_prefix(OUTBOX_PREFIX) {
            self.tabs[tab].made.insert(id.to_owned());
        }
        if self.is_full {
            // As the shell does: no text is better than a former one.
            self.counts.failed_writes += 1;
            self.storage.remove(&key);
            if let Some(id) = key.strip_prefix(OUTBOX_PREFIX) {
                self.durable.remove(id);
            }
            return;
        }
        if let Some(id) = key.strip_prefix(OUTBOX_PREFIX)
            && !self.stored.contains_key(id)
            && self.durable.insert(id.to_owned())
        {
            self.counts.events += 1;
        }
        match area {
            Area::Local => self.storage.insert(key, text),
            Area::Session => self.tabs[tab].session.insert(key, text),
        };
        let records = self
            .storage
            .iter()
            .filter(|(key, _)| key.starts_with(OUTBOX_PREFIX));
        let (count, bytes) = records.fold((0, 0), |(count, bytes), (_, text)| {
            (count + 1, bytes + text.len())
        });
        assert!(
            count <= MAX_RECORDS * self.tabs.len(),
            "{count} records kept"
        );
        assert!(
            bytes <= (MAX_BYTES + 64 * MAX_RECORDS) * self.tabs.len(),
            "{bytes} bytes kept"
        );
    }

    fn send(&mut self, tab: usize, batch: u64, body: &str) {
        self.counts.requests += 1;
        let events = Value::parse(body).expect("a batch is JSON");
        let mut ids = Vec::new();
        let is_turn = !self.has_locks || self.holds(tab) || self.tabs[tab].is_hiding;
        for event in events.items() {
            let (id, text) = (event.text_of("id").to_owned(), event.to_json());
            let former = self.sent.entry(id.clone()).or_insert_with(|| text.clone());
            assert_eq!(*former, text, "one id, two payloads");
            let from = &self.tabs[tab];
            let is_retry = from.failed.contains(&id) || !from.made.contains(&id);
            assert!(is_turn || !is_retry, "{id} retried without the lease");
            ids.push(id);
        }
        let flights = &mut self.tabs[tab].flights;
        flights.push((batch, body.len()));
        let bytes: usize = flights.iter().map(|(_, bytes)| bytes).sum();
        assert!(bytes <= MAX_FLIGHT_BYTES, "{bytes} bytes in flight");
        assert!(
            flights.len() <= MAX_FLIGHTS,
            "{} requests in flight",
            flights.len()
        );
        let status = match self.network {
            Network::Up | Network::DroppingAnswers => 202,
            Network::Limited(limit) if body.len() > limit => 413,
            Network::Limited(_) => 202,
            Network::Refusing(status) => status,
            Network::DroppingRequests | Network::Offline => 0,
        };
        if status == 202 {
            for event in events.items() {
                let id = event.text_of("id").to_owned();
                self.durable.remove(&id);
                match self.stored.insert(id, event.to_json()) {
                    None => self.counts.stored += 1,
                    Some(_) => self.counts.duplicates += 1,
                }
            }
        }
        let is_heard = self.network != Network::DroppingAnswers;
        let longest = if self.rng.one_in(10) { 5_000 } else { 400 };
        let wait = 20 + self.rng.below(longest);
        let answer = Answer {
            batch,
            status: if is_heard { status } else { 0 },
            retry_after: if status == 429 {
                self.rng.below(2_000)
            } else {
                0
            },
            is_online: self.network != Network::Offline,
        };
        let at = self.time + wait;
        self.arrivals.push(Arrival {
            at,
            tab,
            answer,
            ids,
        });
    }

    /// The locks of pages that ended are free.
    pub fn free_dead(&mut self) {
        if self
            .holder
            .is_some_and(|(tab, _)| self.tabs[tab].life == Life::Dead)
        {
            self.holder = None;
        }
    }

    /// Nobody holds the lease once all is quiet.
    pub fn is_free(&self) -> bool {
        self.holder.is_none()
    }
}
