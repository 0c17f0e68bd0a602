//! The corpora of the fuzz targets `plan` and `contract`, natively, and every cut of their seeds.

use std::fs;
use std::path::Path;

#[path = "../support/hostile_plan.rs"]
mod rules;

/// Each file, and each of its beginnings: what a broken download leaves.
fn replay(target: &str, rule: fn(&[u8])) -> usize {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("fuzz/corpus")
        .join(target);
    let mut tried = 0;
    for entry in fs::read_dir(&folder).expect("a corpus") {
        let bytes = fs::read(entry.expect("an entry").path()).expect("readable");
        rule(&bytes);
        for end in (0..bytes.len()).step_by(bytes.len() / 200 + 1) {
            rule(bytes.get(..end).unwrap_or_default());
            tried += 1;
        }
        tried += 1;
    }
    println!("{target}: {tried} inputs");
    tried
}

#[test]
fn plans_of_the_corpus_are_read_or_refused() {
    assert!(replay("plan", rules::plan) > 500);
}

#[test]
fn contracts_of_the_corpus_judge_their_instances() {
    assert!(replay("contract", rules::contract) > 500);
}
