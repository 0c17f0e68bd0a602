//! Each call to the outside fails once: at its first use, its second, and so on until a visit
//! has no further use of it. Whatever fails, the visit's events arrive, each with one payload.

use std::cell::Cell;
use std::collections::BTreeMap;

use touchmark::input::{Answer, Input};
use touchmark::native::NativeHost;
use touchmark::output::{Output, What};
use touchmark::schema::Host;
use touchmark::time::UnixMillis;
use touchmark::tracker::Tracker;
use touchmark::value::Value;

const PLAN: &str = include_str!("../support/plan.json");
const ENTRIES: &str = r#"[["e-mail","ana@clinic.example","email"],["service","cardiology","select-one"],["full-name","Ana B","text"],["age","42","number"]]"#;
const HOUR_MS: u64 = 3_600_000;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Call {
    Load,
    Store,
    Remove,
    Send,
    Lease,
    Timer,
    Clock,
    Pattern,
    Number,
}

const CALLS: [Call; 9] = [
    Call::Load,
    Call::Store,
    Call::Remove,
    Call::Send,
    Call::Lease,
    Call::Timer,
    Call::Clock,
    Call::Pattern,
    Call::Number,
];

thread_local! {
    /// The call that fails, at which use, and how often it was used.
    static FAULT: Cell<(Option<Call>, u64, u64)> = const { Cell::new((None, 0, 0)) };
}

/// Counts a use; whether it is the one that fails.
fn fails(call: Call) -> bool {
    let (failing, nth, used) = FAULT.get();
    if failing != Some(call) {
        return false;
    }
    FAULT.set((failing, nth, used + 1));
    used + 1 == nth
}

struct FaultyHost;

impl Host for FaultyHost {
    fn is_match(&self, pattern: &str, text: &str) -> Option<bool> {
        if fails(Call::Pattern) {
            return None;
        }
        NativeHost.is_match(pattern, text)
    }

    fn number(&self, digits: &str) -> f64 {
        if fails(Call::Number) {
            return f64::NAN;
        }
        NativeHost.number(digits)
    }
}

#[derive(Default)]
struct Visitor {
    time: u64,
    storage: BTreeMap<String, String>,
    /// Every body that left, by id.
    sent: BTreeMap<String, String>,
    stored: BTreeMap<String, String>,
    /// What the endpoint answers next; then 202.
    statuses: Vec<u64>,
    dropped: usize,
}

impl Visitor {
    /// A page's life: what it is told, each after so many milliseconds.
    fn page(&mut self, nonce: u8, steps: &[(u64, String)]) {
        let mut tracker = Tracker::new(&FaultyHost);
        let mut timer = None;
        let start = format!(
            r#"{{"in":"start","seed":7,"nonce":"{nonce:032x}","device":"desktop","plan":{PLAN}}}"#
        );
        let landing = r#"{"in":"landing","at":1,"query":"utm_source=google&utm_medium=cpc","referrer":"","origin":"https://clinic.example","path":"/","nav":"navigate"}"#;
        self.say(&mut tracker, &mut timer, &start);
        self.say(&mut tracker, &mut timer, landing);
        for (wait, message) in steps {
            let end = self.time + wait;
            while let Some(at) = timer.filter(|at| *at <= end) {
                self.time = self.time.max(at);
                timer = None;
                self.say(&mut tracker, &mut timer, r#"{"in":"wake"}"#);
            }
            self.time = end;
            self.say(&mut tracker, &mut timer, message);
        }
    }

    fn say(&mut self, tracker: &mut Tracker, timer: &mut Option<u64>, message: &str) {
        let message = Value::parse(message).expect("messages are JSON");
        self.give(tracker, Input::from_value(message));
        while let Some(output) = tracker.poll_output() {
            self.carry_out(tracker, timer, output);
        }
    }

    fn give(&self, tracker: &mut Tracker, input: Input) {
        let now = if fails(Call::Clock) { 0 } else { self.time };
        tracker.handle_input(UnixMillis(now), input);
    }

    fn carry_out(&mut self, tracker: &mut Tracker, timer: &mut Option<u64>, output: Output) {
        let Output {
            what,
            number,
            key,
            text,
        } = output;
        match what {
            What::Load => {
                let is_denied = fails(Call::Load);
                let records = self.storage.iter().filter(|_| !is_denied);
                let records = records.map(|(key, text)| (key.clone(), Value::Text(text.clone())));
                let loaded = Input::loaded(records.collect(), true);
                self.give(tracker, loaded);
            }
            What::Store(_) if fails(Call::Store) => {
                self.storage.remove(&key);
            }
            What::Store(_) => {
                self.storage.insert(key, text);
            }
            What::Remove(_) if fails(Call::Remove) => {}
            What::Remove(_) => {
                self.storage.remove(&key);
            }
            What::Wake if fails(Call::Timer) => *timer = None,
            What::Wake => *timer = Some(number.max(self.time)),
            What::Lease if fails(Call::Lease) => {}
            What::Lease => {
                let lease = Value::parse(r#"{"in":"lease"}"#).expect("it is JSON");
                self.give(tracker, Input::from_value(lease));
            }
            What::Send | What::SendBatch => {
                let is_thrown = fails(Call::Send);
                let status = if is_thrown {
                    0
                } else {
                    self.statuses.pop().unwrap_or(202)
                };
                for event in Value::parse(&text).expect("a batch is JSON").items() {
                    let (id, body) = (event.text_of("id").to_owned(), event.to_json());
                    let former = self.sent.entry(id.clone()).or_insert_with(|| body.clone());
                    assert_eq!(*former, body, "one id, two payloads");
                    if status == 202 {
                        self.stored.insert(id, body);
                    }
                }
                let answer = Answer {
                    batch: number,
                    status,
                    retry_after: 0,
                    is_online: true,
                };
                self.give(tracker, Input::delivered(&answer));
            }
            // A wrong clock can make an event look old; then its end is told.
            What::Report if key.starts_with("record_") => self.dropped += 1,
            _ => {}
        }
    }
}

/// Two pages on one day, and one on the next: how many submissions arrived, and how many records
/// were given up aloud.
fn visit() -> (usize, usize) {
    let submit = |native: bool| {
        format!(
            r#"{{"in":"submit","key":1,"form":0,"at":5,"native":{native},"controls":4,"entries":{ENTRIES}}}"#
        )
    };
    let said = |kind: &str| format!(r#"{{"in":"{kind}"}}"#);
    let mut visitor = Visitor {
        time: 1_764_000_000_000,
        statuses: vec![202, 503, 0],
        ..Visitor::default()
    };
    let attempt = r#"{"in":"attempt","key":1,"form":0,"at":5}"#.to_owned();
    let accepted = r#"{"in":"signal","key":1,"outcome":"accepted"}"#.to_owned();
    visitor.page(
        1,
        &[
            (500, attempt.clone()),
            (10, submit(false)),
            (300, accepted),
            (20_000, said("wake")),
            (100, said("hide")),
        ],
    );
    visitor.page(
        2,
        &[(500, attempt), (10, submit(true)), (100, said("hide"))],
    );
    visitor.time += 24 * HOUR_MS;
    // Whatever timer failed: the visitor stays, and looks around.
    let stay: Vec<_> = (0..40).map(|_| (30_000, said("wake"))).collect();
    visitor.page(3, &stay);
    // A page without a fault in it, should the last have had one.
    visitor.time += HOUR_MS;
    let (failing, nth, used) = FAULT.get();
    FAULT.set((None, nth, used));
    visitor.page(4, &stay);
    FAULT.set((failing, nth, used));
    let left: Vec<_> = visitor
        .storage
        .keys()
        .filter(|key| key.contains("outbox"))
        .collect();
    assert!(left.is_empty(), "still kept: {left:?}");
    let arrived = visitor.stored.values();
    let arrived = arrived.filter(|body| body.contains("form_submit")).count();
    (arrived, visitor.dropped)
}

#[test]
fn each_call_to_the_outside_may_fail() {
    FAULT.set((None, 0, 0));
    assert_eq!(visit(), (2, 0), "a visit has two submissions");
    let mut runs = 0;
    for call in CALLS {
        for nth in 1.. {
            FAULT.set((Some(call), nth, 0));
            let (arrived, dropped) = std::panic::catch_unwind(visit)
                .unwrap_or_else(|_| panic!("{call:?}, use {nth}: see above"));
            let (_, _, used) = FAULT.get();
            let given_up = if call == Call::Clock { dropped } else { 0 };
            assert!(
                arrived <= 2 && arrived + given_up >= 2,
                "{call:?}, use {nth}: {arrived} arrived, {dropped} given up"
            );
            if used < nth {
                println!("{call:?}: failed at each of {used} uses");
                assert!(used > 0, "{call:?} is never used: the test proves nothing");
                break;
            }
            runs += 1;
        }
    }
    println!("{runs} faults, none loses or doubles an event");
}
