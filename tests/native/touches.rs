//! Touches over many visits: each that is kept is one arrival, whole. And what must hold for any
//! input, on the corpus of the fuzz targets.

use std::fs;

use touchmark::attribution::Attribution;
use touchmark::scrub::rules;
use touchmark::time::UnixMillis;
use touchmark::touch::{Arrival, Field, Landing};
use touchmark::value::{Json, Value};

use crate::hostile;

/// splitmix64, so that a failure's seed can be run again.
struct Random(u64);

impl Random {
    fn below(&mut self, end: u64) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ z >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ z >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        (z ^ z >> 31) % end
    }

    fn maybe(&mut self) -> bool {
        self.below(2) == 0
    }
}

/// A visit whose every value says which visit it was.
fn visit(random: &mut Random, number: u64) -> (String, String, bool) {
    let mut query = Vec::new();
    for name in ["source", "medium", "campaign", "term", "content", "id"] {
        if random.below(3) == 0 {
            query.push(format!("utm_{name}={name}-{number}"));
        }
    }
    for name in ["gclid", "fbclid", "msclkid", "gad_source", "mc_eid"] {
        if random.below(5) == 0 {
            query.push(format!("{name}={name}-{number}"));
        }
    }
    if random.below(4) == 0 {
        query.push(String::from("utm_medium=cpc"));
    }
    if random.below(4) == 0 {
        query.clear();
    }
    let referrer = match random.below(4) {
        0 => format!("https://r{number}.example/"),
        1 => String::from("https://clinic.example/a"),
        2 => String::from("https://www.google.com/"),
        _ => String::new(),
    };
    (query.join("&"), referrer, random.below(5) == 0)
}

fn text(write: impl FnOnce(&mut Json)) -> String {
    let mut json = Json::default();
    write(&mut json);
    json.finish()
}

#[test]
fn touches_never_mix() {
    let (mut visits, mut touches, mut directs, mut carried) = (0, 0, 0, 0);
    for seed in 0..400 {
        let mut random = Random(seed);
        // Two tabs of one browser, each with its own memory, over one storage.
        let mut tabs = [Attribution::default(), Attribution::default()];
        let mut storage = String::from("{}");
        let mut arrived: Vec<String> = Vec::new();
        for number in 0..random.below(12) + 1 {
            let (query, referrer, is_step) = visit(&mut random, number);
            // Now and then one that this page did not see, by its own moment: half a minute ago, or a day.
            let is_carried = random.below(5) == 0;
            let ago = [30_000, 86_400_000 + number][usize::from(random.maybe())];
            let now = UnixMillis(1_790_000_000_000 + number * 60_000);
            let at = UnixMillis(now.0 - if is_carried { ago } else { 0 });
            let arrival = Arrival::of(&Landing {
                at,
                is_step,
                ..super::landing(&query, &referrer, &rules())
            });
            visits += 1;
            let written = arrival
                .touch
                .as_ref()
                .map(|touch| text(|json| touch.write(json)));
            let tab = &mut tabs[usize::from(random.maybe())];
            let kept = Value::parse(&storage).expect("storage holds JSON");
            tab.merge(Attribution::from_value(&kept));
            tab.expire(now, &Value::Null);
            let before = tab.clone();
            let mut elsewhere = Attribution::default();
            let is_new = if is_carried {
                !tab.knows(&arrival) && elsewhere.record(&arrival)
            } else {
                tab.record(&arrival)
            };
            if is_carried && is_new {
                tab.merge(elsewhere);
            }
            storage = text(|json| tab.write_record(json));
            let about = format!("seed {seed}, visit {number}: {query} from {referrer}");
            match &written {
                None => {
                    directs += 1;
                    assert!(
                        !is_new && *tab == before,
                        "a direct visit changed something: {about}"
                    );
                }
                Some(written) if is_new => {
                    touches += 1;
                    arrived.push(written.clone());
                    let is_last = storage.contains(&format!("\"last\":{written}"));
                    let is_paid = storage.contains(&format!("\"last_paid\":{written}"));
                    if is_carried {
                        carried += 1;
                        assert!(arrival.is_paid || !is_paid, "{about}");
                    } else {
                        assert!(is_last, "{about}");
                        assert_eq!(is_paid, arrival.is_paid, "{about}");
                    }
                }
                Some(_) => {
                    assert!(
                        arrival.is_own || is_carried,
                        "only the site's own links add nothing, and clicks that are known: {about}"
                    );
                    assert_eq!(*tab, before, "{about}");
                }
            }
            let whole = Value::parse(&storage).expect("storage holds JSON");
            for (name, touch) in whole.members() {
                let touch = touch.to_json();
                assert!(
                    arrived.contains(&touch),
                    "{name} is no arrival's touch: {touch}; {about}"
                );
            }
            // A sealed touch begins with its moment.
            if let Some(first) = arrived.iter().min() {
                assert!(storage.contains(&format!("\"first\":{first}")), "{about}");
            }
        }
    }
    println!(
        "touches never mix: {visits} visits, {touches} touches, {carried} of them carried, {directs} direct"
    );
    assert!(
        touches > 500 && directs > 100 && carried > 100,
        "the visits are too much alike"
    );
}

#[test]
fn the_corpus_of_the_fuzz_targets_holds() {
    for (target, run) in [
        ("query", hostile::query as fn(&[u8])),
        ("stored", hostile::stored),
    ] {
        let folder = format!("fuzz/corpus/{target}");
        let mut count = 0;
        for entry in fs::read_dir(&folder).expect("the corpus is there") {
            let path = entry.expect("an entry reads").path();
            run(&fs::read(path).expect("a file reads"));
            count += 1;
        }
        println!("fuzz corpus, {target}: {count} inputs");
        assert!(count > 20, "{folder} holds {count} inputs");
    }
}

#[test]
fn mutated_inputs_hold() {
    let mut count = 0;
    for (target, run) in [
        ("query", hostile::query as fn(&[u8])),
        ("stored", hostile::stored),
    ] {
        let folder = format!("fuzz/corpus/{target}");
        let mut seeds: Vec<Vec<u8>> = fs::read_dir(folder)
            .expect("the corpus is there")
            .map(|entry| fs::read(entry.expect("an entry reads").path()).expect("a file reads"))
            .collect();
        seeds.sort();
        for seed in 0..1_000 {
            let mut random = Random(seed);
            let mut bytes = seeds[random.below(seeds.len() as u64) as usize].clone();
            for _ in 0..random.below(6) {
                let at = random.below(bytes.len() as u64 + 1) as usize;
                let other = &seeds[random.below(seeds.len() as u64) as usize];
                match random.below(4) {
                    0 => bytes.insert(at, random.below(256) as u8),
                    1 if at < bytes.len() => {
                        bytes.remove(at);
                    }
                    2 => bytes.truncate(at),
                    _ => {
                        let from = random.below(other.len() as u64 + 1) as usize;
                        bytes.splice(at..at, other[from..].iter().copied());
                    }
                }
                bytes.truncate(4096);
            }
            run(&bytes);
            count += 1;
        }
    }
    println!("mutated inputs: {count}");
}

/// Scanners send such addresses; `cargo bench` says what they cost.
#[test]
fn nothing_beyond_the_first_64_kib_is_looked_at() {
    let long = "A".repeat(2_000_000);
    let campaign = "utm_source=google&utm_medium=cpc";
    for (query, channel) in [
        (format!("{campaign}&x={long}"), "Paid Search"),
        (format!("x={}&{campaign}", &long[..60_000]), "Paid Search"),
        (format!("x={}&{campaign}", &long[..70_000]), ""),
        // What is cut there is left out: half a medium is another medium.
        (
            format!("x={}&{campaign}", &long[..65_536 - 25]),
            "Organic Search",
        ),
        (
            format!("{campaign}&{}", "a=1&".repeat(500_000)),
            "Paid Search",
        ),
        (
            format!("{}{campaign}", "a&".repeat(1_023)),
            "Organic Search",
        ),
        ("%".repeat(2_000_000), ""),
        ("&".repeat(2_000_000), ""),
    ] {
        let arrival = Arrival::of(&super::landing(&query, "", &rules()));
        let got = arrival
            .touch
            .as_ref()
            .map_or("", |touch| touch.of(Field::Channel));
        assert_eq!(got, channel, "{} bytes, {}", query.len(), &query[..40]);
    }
}
