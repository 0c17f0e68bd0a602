//! Random schedules of a visitor's tabs, each told by its seed: crashes, traps, clocks, answers.
//!
//! Below the bounds nothing is lost, an id carries one payload, one page at a time retries,
//! storage and flights keep their limits, nothing is kept or sent without consent. `world.rs`
//! checks where it happens, and this file what is left at the end.

use crate::counts::{Counts, Life, Network};
use crate::world::World;

/// The visitor comes again, and stays for so long.
const RETURN_MS: u64 = 30 * 60_000;

/// What may happen in a schedule besides events, crashes and answers.
#[derive(Clone, Copy, Default)]
struct Weather {
    clock_jumps: bool,
    withdrawals: bool,
    full_storage: bool,
    no_locks: bool,
}

fn run(seed: u64, weather: Weather) -> World {
    let mut world = World::new(seed);
    world.has_locks = !weather.no_locks;
    world.is_deadly = world.rng.one_in(2);
    let is_granted = !weather.withdrawals || !world.rng.one_in(4);
    world.open(is_granted);
    let steps = 10 + world.rng.below(40);
    for _ in 0..steps {
        step(&mut world, weather, is_granted);
    }
    come_back(&mut world, weather);
    world
}

fn step(world: &mut World, weather: Weather, is_granted: bool) {
    let dice = world.rng.below(100);
    let running = world.any_running();
    match (dice, running) {
        (0..30, Some(tab)) => world.act(tab),
        (30..38, Some(tab)) => world.hear(tab),
        (38..44, _) if world.tabs.len() < 5 => {
            world.open(is_granted);
        }
        (44..46, Some(tab)) => world.crash(tab),
        (46..48, Some(tab)) => world.trap(tab),
        (48..52, Some(tab)) => world.hide(tab, Life::Dead),
        (52..57, Some(tab)) => world.hide(tab, Life::Frozen),
        (57..62, _) => {
            if let Some(tab) = world.any_frozen() {
                world.show(tab);
            }
        }
        (62..72, _) => {
            world.network = match world.rng.below(8) {
                0 => Network::Refusing(503),
                1 => Network::Refusing(429),
                2 => Network::DroppingRequests,
                3 => Network::DroppingAnswers,
                4 => Network::Limited(2_500),
                5 => Network::Offline,
                _ => Network::Up,
            };
        }
        (72..75, _) => world.online(),
        (75, _) if weather.clock_jumps => {
            // Not while a submission waits: another page can't tell its clock's jump from a crash.
            world.pass(5_000);
            let hours = world.rng.below(48) as i64 - 24;
            let days = if world.rng.one_in(10) { 9 } else { 0 };
            world.skew += (hours + 24 * days) * 3_600_000;
        }
        (76, Some(tab)) if weather.withdrawals && is_granted => world.withdraw(tab),
        (77, Some(tab)) if weather.withdrawals && is_granted => world.grant(tab),
        (78..80, _) if weather.full_storage => world.is_full = !world.is_full,
        _ => {
            let long = [100, 2_000, 15_000, 120_000, 900_000];
            let longest = long[world.rng.next() as usize % long.len()];
            let millis = world.rng.below(longest);
            world.pass(millis);
        }
    }
}

/// All is well again, and the same visitor opens a page once more.
fn come_back(world: &mut World, weather: Weather) {
    world.network = Network::Up;
    world.is_full = false;
    world.is_deadly = false;
    world.pass(10_000);
    for tab in 0..world.tabs.len() {
        if world.rng.one_in(2) {
            world.tabs[tab].life = Life::Dead;
        }
    }
    world.free_dead();
    if weather.withdrawals && world.storage.is_empty() {
        // Nobody has allowed anything since; another visitor's choice is another test.
        world.pass(RETURN_MS);
        return;
    }
    world.open(true);
    world.pass(RETURN_MS);
    assert!(world.is_free(), "somebody keeps the lease");
    assert!(world.durable.is_empty(), "lost: {:?}", world.durable);
    let left: Vec<_> = world
        .storage
        .keys()
        .filter(|key| key.contains("outbox"))
        .collect();
    assert!(left.is_empty(), "still kept: {left:?}");
}

fn simulate(name: &str, schedules: u64, weather: Weather) {
    let mut total = Counts::default();
    for seed in 0..schedules {
        let outcome = std::panic::catch_unwind(|| run(seed, weather).counts);
        match outcome {
            Ok(counts) => total.add(&counts),
            Err(_) => panic!("{name}: schedule {seed} failed; what failed is above"),
        }
    }
    println!("{name}: {total}");
    assert!(
        total.stored > schedules,
        "schedules in which little happens prove little"
    );
}

#[test]
fn a_page_whose_core_trapped_sends_what_it_kept_when_it_goes_away() {
    let mut world = World::new(1);
    let tab = world.open(true);
    world.network = Network::Offline;
    world.act(tab);
    world.trap(tab);
    world.network = Network::Up;
    world.hide(tab, Life::Dead);
    assert_eq!(world.counts.stored, 1);
}

#[test]
fn crashes_and_outages_lose_nothing() {
    simulate("crashes and outages", 6_000, Weather::default());
}

#[test]
fn clock_jumps_lose_nothing() {
    let weather = Weather {
        clock_jumps: true,
        ..Weather::default()
    };
    simulate("clock jumps", 4_000, weather);
}

#[test]
fn without_web_locks_nothing_is_lost_either() {
    let weather = Weather {
        no_locks: true,
        ..Weather::default()
    };
    simulate("no locks", 4_000, weather);
}

#[test]
fn full_storage_loses_nothing_that_was_kept() {
    let weather = Weather {
        full_storage: true,
        ..Weather::default()
    };
    simulate("full storage", 4_000, weather);
}

#[test]
fn without_consent_nothing_is_kept_or_sent() {
    let weather = Weather {
        withdrawals: true,
        ..Weather::default()
    };
    simulate("consent", 4_000, weather);
}
