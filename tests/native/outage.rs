//! Long outages on a simulated clock: how often clients ask, and how they come back together.

use touchmark::input::Answer;
use touchmark::outbox::{MAX_BACKOFF_MS, MAX_BYTES, MAX_RECORDS, Outbox};
use touchmark::output::{Outputs, What};
use touchmark::time::UnixMillis;

use crate::world::{Network, Rng, World};

const OUTAGE_MS: u64 = 600_000;
const MAX_REQUESTS: usize = 6;
const CLIENTS: u64 = 10_000;
/// The recovery is looked at in steps of ten seconds.
const STEP_MS: u64 = 10_000;

/// When a client with events at these moments asks, the endpoint being away until the outage ends.
fn requests(rng: &mut Rng, events: &[u64], status: u64, retry_after: u64) -> Vec<u64> {
    let (mut outbox, mut out) = (Outbox::default(), Outputs::default());
    let (mut asked, mut coming) = (Vec::new(), events.iter().peekable());
    let mut due = None;
    loop {
        let event = coming.peek().map(|at| **at);
        let Some(at) = event.into_iter().chain(due).min() else {
            return asked;
        };
        let now = UnixMillis(at);
        if event == Some(at) {
            coming.next();
            outbox.put(now, now, &format!("{at}"), "{}".to_owned(), &mut out);
        }
        outbox.flush(now, What::Send, "", &mut out);
        while let Some(output) = out.take() {
            if output.what == What::Send {
                asked.push(at);
                let answer = Answer {
                    batch: output.number,
                    status: if at < OUTAGE_MS { status } else { 202 },
                    retry_after,
                    is_online: true,
                };
                outbox.settle(now, &answer, rng.next(), &mut out);
                outbox.flush(now, What::Send, "", &mut out);
            }
        }
        due = outbox.next_due(now).map(|due| due.0);
    }
}

#[test]
fn a_client_asks_six_times_in_ten_minutes_at_most() {
    let mut rng = Rng(1);
    let mut most = 0;
    let mut sum = 0;
    for client in 0..CLIENTS {
        let status = [0, 503, 500, 429, 408][client as usize % 5];
        let mut events: Vec<_> = (0..1 + client % 4).map(|_| rng.below(OUTAGE_MS)).collect();
        events.push(0);
        events.sort_unstable();
        let asked = requests(&mut rng, &events, status, 0);
        let in_vain = asked.iter().filter(|at| **at < OUTAGE_MS).count();
        assert!(
            asked.len() > in_vain,
            "the client never came back: {asked:?}"
        );
        most = most.max(in_vain);
        sum += in_vain;
    }
    println!(
        "{CLIENTS} clients in ten minutes without an endpoint: {most} requests at most, {} on average",
        sum as f64 / CLIENTS as f64
    );
    assert!(most <= MAX_REQUESTS);
    assert!(most > 3, "nobody retries");
}

/// The busiest ten seconds after the outage, and the mean over the longest wait.
fn recovery(name: &str, retry_after: u64, first: impl Fn(&mut Rng) -> u64) {
    let mut rng = Rng(2);
    let window = 2 * MAX_BACKOFF_MS;
    let mut steps = vec![0u64; (window / STEP_MS) as usize + 1];
    for _ in 0..CLIENTS {
        let at = first(&mut rng);
        let asked = requests(&mut rng, &[at], 503, retry_after);
        let back: Vec<_> = asked.iter().filter(|at| **at >= OUTAGE_MS).collect();
        assert_eq!(back.len(), 1, "one request brings what waits");
        let step = (back[0] - OUTAGE_MS) / STEP_MS;
        steps[step as usize] += 1;
    }
    let peak = *steps.iter().max().expect("there are steps");
    // Over the time in which clients did come, which makes the mean no smaller than it is.
    let busy = steps
        .iter()
        .rposition(|count| *count > 0)
        .expect("clients came")
        + 1;
    let mean = CLIENTS as f64 / busy as f64;
    let ratio = peak as f64 / mean;
    println!(
        "{CLIENTS} clients after an outage, {name}: {peak} in the busiest ten seconds, {mean:.0} on average: {ratio:.2}"
    );
    assert!(ratio <= 2.0);
}

#[test]
fn clients_do_not_come_back_together() {
    recovery("all failed at its beginning", 0, |_| 0);
    recovery("all failed in its first minute", 0, |rng| rng.below(60_000));
    for (name, retry_after) in [
        ("told to wait a minute", 60),
        ("told to wait a day", 86_400),
    ] {
        recovery(name, retry_after, |rng| rng.below(60_000));
    }
}

#[test]
fn five_tabs_are_one_client() {
    let mut most = 0;
    for seed in 0..200 {
        let mut world = World::new(seed);
        world.network = Network::Refusing(503);
        for _ in 0..5 {
            let tab = world.open(true);
            world.act(tab);
            world.pass(2_000);
        }
        world.pass(OUTAGE_MS - 10_000);
        most = most.max(world.counts.requests);
        world.network = Network::Up;
        world.pass(2 * OUTAGE_MS);
        assert!(world.durable.is_empty(), "lost: {:?}", world.durable);
    }
    println!("five tabs in ten minutes without an endpoint: {most} requests at most");
    // Each tab's own event once, at once; then one of them at a time.
    assert!(most <= 5 + MAX_REQUESTS as u64);
}

#[test]
fn past_the_bounds_the_oldest_goes_and_is_told() {
    for (count, length) in [(MAX_RECORDS + 500, 100), (300, 10_000)] {
        let (mut outbox, mut out) = (Outbox::default(), Outputs::default());
        outbox.is_durable = true;
        let now = UnixMillis(1);
        let mut kept = std::collections::BTreeMap::new();
        let mut dropped = Vec::new();
        for number in 0..count {
            let body = format!("{number:0length$}");
            outbox.put(now, now.plus(60_000), &format!("{number}"), body, &mut out);
            outbox.flush(now, What::Send, "", &mut out);
            while let Some(output) = out.take() {
                match output.what {
                    What::Store(_) => {
                        kept.insert(output.key, output.text);
                    }
                    What::Remove(_) => {
                        kept.remove(&output.key);
                    }
                    What::Report => {
                        assert_eq!(output.key, "outbox_full");
                        dropped.push(output.text);
                    }
                    other => panic!("{other:?}"),
                }
                let bytes: usize = kept.values().map(String::len).sum();
                assert!(kept.len() <= MAX_RECORDS + 1 && bytes <= MAX_BYTES + 64 * MAX_RECORDS);
            }
        }
        assert_eq!(kept.len() + dropped.len(), count, "each is kept or told");
        assert_eq!(dropped[0], "0", "the oldest goes first");
    }
}
