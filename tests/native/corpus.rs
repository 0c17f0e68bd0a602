//! Free campaign parameters with labels: what is redacted, what is missed, what is taken for a person.
//!
//! Made from a seed, so that every run judges the same values: personal ones in the shapes that people
//! and systems write them in, and the names, dates and numbers of real campaigns. Ad ids are never
//! redacted.

use std::fmt::Write as _;
use std::io::Write as _;

use touchmark::scrub::rules;
use touchmark::touch::{Arrival, Field};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Label {
    Email,
    Phone,
    Ssn,
    Card,
    Clean,
    AdId,
}

struct Sample {
    label: Label,
    param: &'static str,
    value: String,
}

#[test]
fn free_parameters_lose_persons_and_keep_campaigns() {
    let corpus = corpus();
    assert!(corpus.len() >= 1_000, "{}", corpus.len());
    let mut report = String::new();
    let (mut false_positives, mut missed) = (Vec::new(), Vec::new());
    for label in [
        Label::Email,
        Label::Phone,
        Label::Ssn,
        Label::Card,
        Label::Clean,
        Label::AdId,
    ] {
        let samples: Vec<&Sample> = corpus
            .iter()
            .filter(|sample| sample.label == label)
            .collect();
        let redacted: Vec<&&Sample> = samples
            .iter()
            .filter(|sample| is_redacted(sample))
            .collect();
        let _ = write!(
            report,
            "; {label:?} {} of {} redacted",
            redacted.len(),
            samples.len()
        );
        let is_personal = !matches!(label, Label::Clean | Label::AdId);
        if is_personal {
            let kept = samples.iter().filter(|sample| !is_redacted(sample));
            missed.extend(kept.map(|sample| format!("{label:?} {}", sample.value)));
        } else {
            false_positives.extend(
                redacted
                    .iter()
                    .map(|sample| format!("{}={}", sample.param, sample.value)),
            );
        }
        if label == Label::AdId {
            assert!(
                samples.len() >= 200 && redacted.is_empty(),
                "ad ids: {false_positives:?}"
            );
        }
    }
    let personal = corpus
        .iter()
        .filter(|one| !matches!(one.label, Label::Clean | Label::AdId))
        .count();
    let recall = 100.0 * (personal - missed.len()) as f64 / personal as f64;
    let _ = writeln!(
        std::io::stderr(),
        "redaction: {} values, recall {recall:.1} %, {} false positives{report}",
        corpus.len(),
        false_positives.len(),
    );
    assert!(missed.len() * 100 <= personal, "missed: {missed:#?}");
    assert!(false_positives.len() <= 3, "{false_positives:#?}");
}

/// Whether the landing's touch lost the value; the redaction is told exactly once.
fn is_redacted(sample: &Sample) -> bool {
    let query = format!("utm_source=x&{}={}", sample.param, encoded(&sample.value));
    let arrival = Arrival::of(&super::landing(&query, "", &rules()));
    let field = match sample.param {
        "utm_id" => Field::Id,
        "utm_campaign" => Field::Campaign,
        "utm_content" => Field::Content,
        "utm_term" => Field::Term,
        _ => Field::ClickValue,
    };
    let told = arrival
        .diagnostics
        .iter()
        .filter(|code| code.starts_with("redacted_"))
        .count();
    let touch = arrival.touch.expect("a touch");
    let kept = touch.of(field);
    assert!(
        kept == "redacted" || kept == sample.value.trim(),
        "{}: {kept}",
        sample.value
    );
    assert_eq!(told, usize::from(kept == "redacted"), "{}", sample.value);
    told == 1
}

fn encoded(value: &str) -> String {
    let mut text = String::new();
    for byte in value.bytes() {
        if byte.is_ascii_alphanumeric() || b"-_.~".contains(&byte) {
            text.push(char::from(byte));
        } else {
            let _ = write!(text, "%{byte:02X}");
        }
    }
    text
}

fn corpus() -> Vec<Sample> {
    let mut seed = Seed(0x5eed);
    let mut corpus = Vec::new();
    let free = ["utm_term", "utm_content", "utm_campaign"];
    for round in 0..150 {
        let (first, last) = (seed.one(FIRST), seed.one(LAST));
        let domain = seed.one(&[
            "gmail.com",
            "clinic.example",
            "mail.co.uk",
            "web.de",
            "münchen.example",
        ]);
        let local = match round % 6 {
            0 => format!("{first}.{last}"),
            1 => format!("{first}{}", seed.digits(2)),
            2 => format!("{first}+news"),
            3 => format!("{}_{last}", seed.digits(1)),
            4 => first.to_uppercase(),
            _ => format!("{first}-{last}"),
        };
        let address = format!("{local}@{domain}");
        let value = match round % 7 {
            4 => address.replace('@', "%2540"),
            5 => address.replace('@', "%252540"),
            0 => format!("mailto:{address}"),
            1 => format!("{last}, {first} <{address}>"),
            2 => address.replace('@', "%40"),
            _ => address,
        };
        corpus.push(Sample {
            label: Label::Email,
            param: seed.one(&free),
            value,
        });
    }
    for round in 0..200 {
        let d = |seed: &mut Seed, count| seed.digits(count);
        let area = format!("{}{}", seed.one(&["2", "4", "6", "9"]), seed.digits(2));
        let (a, b) = (d(&mut seed, 3), d(&mut seed, 4));
        let number = match round % 22 {
            15 => format!("6{} {a} {}", d(&mut seed, 2), d(&mut seed, 3)),
            16 => format!("55 {b} {}", d(&mut seed, 4)),
            17 => format!("138 {b} {}", d(&mut seed, 4)),
            18 => format!("98765 {a}{}", d(&mut seed, 2)),
            19 => format!("{area}_{a}_{b}"),
            20 => format!("{area}\u{a0}{a}\u{a0}{b}"),
            21 => format!("{area}–{a}–{b}"),
            12 => format!("({area})-{a}-{b}"),
            13 => format!("(020) {b} {}", d(&mut seed, 4)),
            14 => format!("(089) {a}{b}"),
            10 => format!("44 20 {b} {}", d(&mut seed, 4)),
            11 => format!("07700 {a}{}", d(&mut seed, 3)),
            0 => format!("+1 {area} {a} {b}"),
            1 => format!("+1{area}{a}{b}"),
            2 => format!("({area}) {a}-{b}"),
            3 => format!("{area}-{a}-{b}"),
            4 => format!("{area}.{a}.{b}"),
            5 => format!("+44 20 {b} {}", d(&mut seed, 4)),
            6 => format!("020 {b} {}", d(&mut seed, 4)),
            7 => format!("+49 (0)89 {a}{b}"),
            8 => format!(
                "01 {} {} {} {}",
                d(&mut seed, 2),
                d(&mut seed, 2),
                d(&mut seed, 2),
                d(&mut seed, 2)
            ),
            _ => format!("1-{area}-{a}-{b}"),
        };
        let value = match round % 3 {
            0 => format!("call {number}"),
            1 => format!("{number} today"),
            _ => number,
        };
        corpus.push(Sample {
            label: Label::Phone,
            param: seed.one(&free),
            value,
        });
    }
    for round in 0..60 {
        let number = format!("{}-{}-{}", seed.digits(3), seed.digits(2), seed.digits(4));
        let value = if round % 2 == 0 {
            number
        } else {
            format!("ssn {number}")
        };
        corpus.push(Sample {
            label: Label::Ssn,
            param: seed.one(&free),
            value,
        });
    }
    for round in 0..120 {
        let (prefix, length) = *seed.pick(&[
            ("4", 16),
            ("51", 16),
            ("2221", 16),
            ("34", 15),
            ("37", 15),
            ("6011", 16),
            ("3530", 16),
            ("36", 14),
        ]);
        let digits = seed.card(prefix, length);
        // In the parameters for ad ids a bare number counts as one.
        let (param, value) = match round % 3 {
            0 => ("utm_term", digits),
            1 => (seed.one(&free), spaced(&digits, ' ')),
            _ => (seed.one(&free), format!("card {}", spaced(&digits, '-'))),
        };
        corpus.push(Sample {
            label: Label::Card,
            param,
            value,
        });
    }
    for round in 0..320 {
        let (month, day) = (1 + seed.below(12), 1 + seed.below(28));
        let word = seed.one(WORDS);
        let value = match round % 25 {
            23 => format!("{word} {} {} 250", 300 + seed.below(9) * 10, 2026),
            24 => format!("{word} 2025 2026 {day:02}"),
            20 => format!("{word} {day:02}/{month:02}/2026 10:30"),
            21 => format!("{day:02}-{month:02}-2026 09:{day:02}"),
            22 => format!("{day:02}.{month:02}.2026-{day:02}.{month:02}.2026"),
            0 => format!("{word}_2026-{month:02}-{day:02}"),
            1 => format!("2026{month:02}{day:02}_{word}"),
            2 => format!("{word} {day:02}.{month:02}.2026"),
            3 => format!("{word}-q{}-2026", 1 + month / 4),
            4 => format!("{}x{}_{word}", 300 + seed.below(9) * 10, 250),
            5 => format!("{word} from ${}.99", seed.below(900)),
            6 => format!(
                "v{}.{}.{}.{}",
                seed.below(9),
                seed.below(20),
                seed.below(99),
                seed.below(9)
            ),
            7 => format!("192.168.{}.{}", seed.below(255), seed.below(255)),
            8 => format!("{word}+near+me"),
            9 => format!("age {}-{}", 18 + seed.below(10), 45 + seed.below(20)),
            10 => format!("9410{}-{}", seed.below(9), seed.digits(4)),
            11 => format!("sku-{}-{}", seed.digits(3), seed.digits(4)),
            12 => format!("978-3-16-{}-{}", seed.digits(6), seed.below(9)),
            13 => format!("{word} {}%_off", seed.below(90)),
            14 => format!("@{word}_clinic"),
            15 => format!("{:08x}-{word}", seed.below(usize::MAX >> 33)),
            16 => format!("{word} open 24/7, 8:00-17:00"),
            17 => format!("{word}|exact|{}", seed.digits(5)),
            18 => format!("2026-{month:02}-{day:02} 10:{day:02}:00"),
            _ => format!("{word} {}.{} km", seed.below(99), seed.digits(4)),
        };
        corpus.push(Sample {
            label: Label::Clean,
            param: seed.one(&free),
            value,
        });
    }
    for round in 0..240 {
        let numbers = ["utm_id", "utm_campaign", "utm_content"];
        let (param, value) = match round % 8 {
            0 => (seed.one(&numbers), format!("2{}", seed.digits(10))),
            1 => (seed.one(&numbers), format!("12021{}", seed.digits(13))),
            2 => (seed.one(&numbers), format!("17{}", seed.digits(17))),
            3 => (seed.one(&numbers), seed.digits(9)),
            // What a check digit happens to fit is still an ad platform's number.
            4 => (seed.one(&numbers), seed.card("4", 16)),
            5 => (
                "gclid",
                format!(
                    "EAIaIQobChMI{}{}_{}",
                    seed.digits(6),
                    seed.one(FIRST),
                    seed.digits(4)
                ),
            ),
            6 => (
                "fbclid",
                format!("IwAR{}-{}", seed.digits(12), seed.one(LAST)),
            ),
            _ => (
                "msclkid",
                format!("{}{}", seed.digits(16), seed.card("51", 16)),
            ),
        };
        corpus.push(Sample {
            label: Label::AdId,
            param,
            value,
        });
    }
    corpus
}

/// Groups of four, as on the card.
fn spaced(digits: &str, between: char) -> String {
    let mut text = String::new();
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && at % 4 == 0 {
            text.push(between);
        }
        text.push(digit);
    }
    text
}

struct Seed(u64);

impl Seed {
    fn below(&mut self, bound: usize) -> usize {
        self.0 = self
            .0
            .wrapping_mul(6_364_136_223_846_793_005)
            .wrapping_add(1_442_695_040_888_963_407);
        (self.0 >> 33) as usize % bound
    }

    fn pick<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    fn one(&mut self, of: &[&'static str]) -> &'static str {
        of[self.below(of.len())]
    }

    fn digits(&mut self, count: usize) -> String {
        (0..count)
            .map(|_| char::from(b'0' + self.below(10) as u8))
            .collect()
    }

    /// Digits with that prefix and length whose check digit is right.
    fn card(&mut self, prefix: &str, length: usize) -> String {
        let body = format!("{prefix}{}", self.digits(length - prefix.len() - 1));
        let sum = body.bytes().rev().enumerate().fold(0, |sum, (at, byte)| {
            let digit = u32::from(byte - b'0') * if at % 2 == 0 { 2 } else { 1 };
            sum + digit / 10 + digit % 10
        });
        format!("{body}{}", (10 - sum % 10) % 10)
    }
}

const FIRST: &[&str] = &[
    "ana", "bob", "chloé", "dmitri", "eve", "farah", "grace", "hugo",
];
const LAST: &[&str] = &["smith", "okafor", "müller", "tanaka", "novak", "garcia"];
const WORDS: &[&str] = &[
    "cardiology",
    "spring sale",
    "knee_pain",
    "brand",
    "retargeting",
    "flu-shot",
    "Orthopädie",
];
