//! Tests alone: three validators judge the same generated schemas and instances.
//!
//! What a page runs, the larger validator, and the independent `jsonschema` crate. Seeded, so every
//! run judges the same. The differences that are meant stand in one list, counted.

mod generate;

use std::io::Write as _;

use serde_json::{Value, json};
use touchmark::native::NativeHost;
use touchmark::schema::full::{Formats, Schema, Verdict, ijson};
use touchmark::schema::{Violation, violations};
use touchmark::value::Value as Own;

use crate::plan::compile;
use crate::plan::fault::Faults;
use crate::plan::shape;
use crate::plan::shared::SharedSchema;
use crate::plan::source::Source;
use generate::Seed;

/// A difference between touchmark and the `jsonschema` crate that is meant.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Meant {
    /// Whole numbers past 2^53: touchmark compares doubles, as every browser does and RFC 7493
    /// expects; the crate compares exact integers.
    Doubles,
    /// `multipleOf` a number past 2^53: touchmark divides the digits as they stand, so that 0.0075 is
    /// a multiple of 0.0001; the crate divides what the double nearest to them is.
    Digits,
    /// Nesting past 48: touchmark's reader stops there, the other at 128.
    Depth,
}

#[test]
fn the_larger_validator_and_the_jsonschema_crate_agree() {
    let mut meant: Vec<(Meant, usize)> = [Meant::Doubles, Meant::Digits, Meant::Depth]
        .map(|kind| (kind, 0))
        .into();
    let (mut judged, mut valid, mut refused, mut wrong) = (0, 0, 0, String::new());
    for number in 0..SCHEMAS {
        let mut seed = Seed::new(number);
        let document = generate::document(&mut seed);
        let Ok(theirs) = jsonschema::draft202012::options()
            .offline()
            .build(&document)
        else {
            panic!("{number}: the generator made no schema: {document}");
        };
        let text = document.to_string();
        let own = Own::parse(&text).expect("a schema is JSON");
        let ours = Schema::of(&own, &NativeHost).unwrap_or_else(|wrong| panic!("{wrong}: {text}"));
        for round in 0..INSTANCES {
            let instance = if round % 2 == 0 {
                generate::value(&mut seed, 3).to_string()
            } else {
                generate::hostile(&mut seed)
            };
            let read = (
                ijson::parse(&instance, &NativeHost),
                Source::parse("instance", &instance),
            );
            judged += 1;
            let difference = match read {
                (Err(_), Err(_)) => {
                    refused += 1;
                    continue;
                }
                (Ok(own), Ok(source)) => {
                    let verdict = ours.judge(&own, &NativeHost, Formats::Annotate);
                    assert_ne!(verdict, Verdict::BudgetExceeded, "{text} {instance}");
                    let is_valid = verdict == Verdict::Valid;
                    valid += usize::from(is_valid);
                    let kind = if instance.contains("e+") || instance.contains("1e308") {
                        Meant::Digits
                    } else {
                        Meant::Doubles
                    };
                    (is_valid != theirs.is_valid(&source.value)).then_some(kind)
                }
                (Err(refusal), Ok(_)) if refusal.reason == ijson::Reason::Depth => {
                    Some(Meant::Depth)
                }
                (ours, theirs) => {
                    wrong.push_str(&format!("\n{instance}: {ours:?} {theirs:?}"));
                    continue;
                }
            };
            let Some(kind) = difference else { continue };
            let is_meant = match kind {
                Meant::Doubles => has_long_number(&instance),
                Meant::Digits => text.contains("multipleOf"),
                Meant::Depth => true,
            };
            if !is_meant {
                wrong.push_str(&format!("\nschema {text}\ninstance {instance}"));
            }
            for (known, count) in &mut meant {
                *count += usize::from(*known == kind);
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(
        valid > judged / 10 && valid < judged,
        "{valid} of {judged} valid: the generator is dull"
    );
    say(&format!(
        "full and the jsonschema crate: {judged} verdicts over {SCHEMAS} schemas, {valid} valid, {refused} refused as no I-JSON by both; differences that are meant: {meant:?}"
    ));
}

/// A number of more than 15 digits, which a double may round.
fn has_long_number(text: &str) -> bool {
    text.split(|one: char| !one.is_ascii_digit())
        .any(|digits| digits.len() > 15)
}

#[test]
fn a_page_judges_as_the_contract_was_written() {
    let (mut accepted, mut judged, mut valid) = (0, 0, 0);
    for number in 0..SCHEMAS {
        let mut seed = Seed::new(1_000_000 + number);
        let document = json!({
            "$schema": "https://json-schema.org/draft/2020-12/schema",
            "$id": "https://a.example/1-0-0",
            "$defs": {
                "word": {"type": "string", "maxLength": 3},
                "number": {"$anchor": "count", "type": "integer", "minimum": 0},
                "contracts": {"one": generate::contract(&mut seed)},
            },
        });
        let shared = SharedSchema {
            source: Source::parse("schema", &document.to_string()).expect("JSON"),
        };
        let mut faults = Faults::default();
        let compiled = compile::contract(&shared, "one", &mut faults).to_string();
        if !faults.is_empty() {
            continue;
        }
        accepted += 1;
        let compiled = Own::parse(&compiled).expect("a built contract is JSON");
        let mut whole = document.clone();
        whole["$ref"] = json!("#/$defs/contracts/one");
        let whole = Own::parse(&whole.to_string()).expect("JSON");
        let written = Schema::of(&whole, &NativeHost).unwrap_or_else(|wrong| panic!("{wrong}"));
        let same = Schema::of(&compiled, &NativeHost).unwrap_or_else(|wrong| panic!("{wrong}"));
        let alone = compile::whole::contract(&shared, "one", &mut faults).to_string();
        let alone = Own::parse(&alone).expect("a built contract is JSON");
        assert!(faults.is_empty(), "{}", faults.report());
        for _ in 0..INSTANCES {
            let instance = instance_of(&mut seed);
            let instance = Own::parse(&instance.to_string()).expect("JSON");
            let page = violations(&compiled, &instance, &NativeHost);
            judged += 1;
            valid += usize::from(page.is_empty());
            let about = || format!("{} {}", document, instance.to_json());
            let same = found(same.judge(&instance, &NativeHost, Formats::Assert));
            assert_eq!(page, same, "the compiled contract: {}", about());
            let written = found(written.judge(&instance, &NativeHost, Formats::Assert));
            assert_eq!(
                rules(&page),
                rules(&written),
                "the written contract: {}",
                about()
            );
            let alone = violations(&alone, &instance, &NativeHost);
            assert_eq!(rules(&page), rules(&alone), "validator full: {}", about());
        }
    }
    assert!(
        accepted > SCHEMAS / 4,
        "plan build took only {accepted} contracts"
    );
    assert!(
        valid > judged / 50,
        "{valid} of {judged} valid: the generator is dull"
    );
    say(&format!(
        "page and full: {judged} verdicts over {accepted} contracts, {valid} valid, violations equal"
    ));
}

/// A typed form: an object more often than not.
fn instance_of(seed: &mut Seed) -> Value {
    match generate::value(seed, 2) {
        object @ Value::Object(_) => object,
        other => json!({ *seed.one(&["a", "b", "c", "d"]): other }),
    }
}

fn found(verdict: Verdict) -> Vec<Violation> {
    match verdict {
        Verdict::Valid => Vec::new(),
        Verdict::Invalid(found) => found,
        Verdict::BudgetExceeded => panic!("a contract of a page stays within the budget"),
    }
}

/// Which rules broke where. Through a reference the way to a rule is another, so it is left out.
fn rules(found: &[Violation]) -> Vec<(&str, &str)> {
    let mut rules: Vec<(&str, &str)> = found
        .iter()
        .map(|one| (one.instance.as_str(), one.keyword.as_str()))
        .collect();
    rules.sort_unstable();
    rules.dedup();
    rules
}

/// Formats are the same patterns here and there only if they accept the same texts.
#[test]
fn formats_and_the_jsonschema_crate_agree() {
    let (mut judged, mut differing) = (0, Vec::new());
    for format in touchmark::schema::FORMATS
        .lines()
        .filter_map(|line| line.split(' ').next())
    {
        let schema = json!({"type": "string", "format": format});
        let theirs = shape::validator(&schema).expect("a schema");
        let own = Own::parse(&schema.to_string()).expect("JSON");
        let ours = Schema::of(&own, &NativeHost).unwrap_or_else(|wrong| panic!("{wrong}"));
        let mut seed = Seed::new(format.len() as u64 + 77);
        for _ in 0..400 {
            let text = mutated(&mut seed, format);
            let instance = Own::Text(text.clone());
            let ours = ours.judge(&instance, &NativeHost, Formats::Assert) == Verdict::Valid;
            judged += 1;
            if ours != theirs.is_valid(&Value::String(text.clone())) {
                differing.push(format!("{format} {text:?}: touchmark {ours}"));
            }
        }
    }
    let unexplained: Vec<&String> = differing
        .iter()
        .filter(|one| {
            !EXPLAINED
                .iter()
                .any(|(known, _)| one.starts_with("hostname") && one.contains(known))
        })
        .collect();
    assert!(unexplained.is_empty(), "{unexplained:#?}");
    say(&format!(
        "formats and the jsonschema crate: {judged} texts, {} differences that are meant",
        differing.len()
    ));
}

/// A text of a format, or nearly.
fn mutated(seed: &mut Seed, format: &str) -> String {
    let samples: &[&str] = match format {
        "email" => &[
            "a.b@c.example",
            "x+y@localhost",
            "\"a b\"@c.example",
            "a@[127.0.0.1]",
        ],
        "date" => &["2024-02-29", "2026-12-31"],
        "time" => &["10:00:00Z", "23:59:60Z", "10:00:00.5+05:30"],
        "date-time" => &["2026-11-22T10:00:00Z", "1998-12-31T15:59:60-08:00"],
        "uuid" => &["6ba7b810-9dad-11d1-80b4-00c04fd430c8"],
        "duration" => &["P1Y2M3DT4H5M6S", "P2W", "PT1H"],
        "hostname" => &["a-b.example", "xn--a.example", "localhost"],
        "ipv4" => &["192.0.2.1", "255.255.255.255"],
        "ipv6" => &["2001:db8::1", "::ffff:192.0.2.1", "1:2:3:4:5:6:7:8"],
        "uri" => &["https://u@a.example:8/b?c#d", "urn:a:b", "http://[::1]/"],
        "uri-reference" => &["../a?b", "//a/b", "#c"],
        _ => &["/a/b~0", "/~1", ""],
    };
    let mut letters: Vec<char> = seed.one(samples).chars().collect();
    for _ in 0..seed.below(3) {
        let at = seed.below(letters.len() + 1);
        let letter = *seed.one(&[
            '0', '9', 'a', '-', ':', '.', '/', '@', 'T', '%', ' ', 'é', '\n', '"', '~',
        ]);
        match seed.below(3) {
            0 => letters.insert(at, letter),
            1 if at < letters.len() => letters[at] = letter,
            _ if at < letters.len() => {
                letters.remove(at);
            }
            _ => {}
        }
    }
    letters.into_iter().collect()
}

/// Parts of texts on which the two differ, and why touchmark keeps its way.
const EXPLAINED: &[(&str, &str)] = &[(
    "--",
    "labels as of RFC 5890 (xn--…) are not decoded: Punycode and its tables have no place in a page, and a name that nobody can look up harms nobody",
)];

/// Past the test harness, which keeps what a passing test prints to itself.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}

const SCHEMAS: u64 = 1_200;
const INSTANCES: usize = 12;
