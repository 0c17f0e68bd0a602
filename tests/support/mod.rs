//! The vectors of spec/vectors, run by both test programs: natively and in a browser.
//!
//! Every file is a list of `{name, why, given, expect}`. One `check` a stage; all cases of a
//! file are tried, and all that fail are told. Files are compiled in, since a browser has none.

pub mod bounds;
pub mod journey;
pub mod stages;
pub mod suite;

use touchmark::schema::Host;
use touchmark::value::Value;

/// Runs one stage's vectors; returns how many there were.
///
/// # Panics
/// When a case does not give what it expects, with every such case.
pub fn run(stage: &str, text: &str, check: &dyn Fn(&Value) -> Value) -> usize {
    let vectors = Value::parse(text).expect("a vector file is JSON");
    let mut wrong = String::new();
    for vector in vectors.items() {
        assert!(
            !vector.text_of("why").is_empty(),
            "{stage}: a vector without a why: {vector:?}"
        );
        let expect = vector
            .member("expect")
            .expect("a vector has an expect")
            .to_json();
        let got = check(vector.member("given").expect("a vector has a given")).to_json();
        if got != expect {
            let name = vector.text_of("name");
            wrong.push_str(&format!(
                "\n{stage}: {name}\n  expect {expect}\n  got    {got}"
            ));
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
    assert!(!vectors.items().is_empty(), "{stage}: no vectors");
    vectors.items().len()
}

/// The vector files, each with the function that judges its cases.
pub fn all(host: &'static dyn Host) -> Vec<(&'static str, usize)> {
    let mut counts = Vec::new();
    let mut stage = |name: &'static str, text: &str, check: &dyn Fn(&Value) -> Value| {
        counts.push((name, run(name, text, check)));
    };
    stage(
        "query",
        include_str!("../../spec/vectors/query/urlencoded.json"),
        &stages::query,
    );
    stage(
        "query, web platform",
        include_str!("../../spec/vectors/query/web_platform.json"),
        &stages::query,
    );
    stage(
        "channel",
        include_str!("../../spec/vectors/channel/rules.json"),
        &stages::channel,
    );
    stage(
        "channel, golden",
        include_str!("../../spec/vectors/channel/golden.json"),
        &|given| stages::golden(given, host),
    );
    #[cfg(not(target_arch = "wasm32"))]
    stage(
        "channel, reported",
        include_str!("../../spec/vectors/channel/reported.json"),
        &stages::reported,
    );
    stage(
        "touch",
        include_str!("../../spec/vectors/touch/landings.json"),
        &|given| stages::touch(given, host),
    );
    stage(
        "id",
        include_str!("../../spec/vectors/id/uuid.json"),
        &stages::id,
    );
    stage(
        "schema",
        include_str!("../../spec/vectors/schema/keywords.json"),
        &|given| stages::schema(given, host),
    );
    // The collector's own tests judge the same by the schema as it was written.
    stage(
        "parity",
        include_str!("../../spec/vectors/parity/contracts.json"),
        &|given| stages::parity(given, host),
    );
    stage(
        "form",
        include_str!("../../spec/vectors/form/entries.json"),
        &|given| stages::form(given, host),
    );
    stage(
        "normalise",
        include_str!("../../spec/vectors/privacy/normalise.json"),
        &stages::normalise,
    );
    stage(
        "envelope",
        include_str!("../../spec/vectors/envelope/events.json"),
        &|given| journey::events(given, host),
    );
    stage(
        "journey",
        include_str!("../../spec/vectors/journey/journeys.json"),
        &|given| journey::transcript(given, host),
    );
    stage(
        "journey, attribution",
        include_str!("../../spec/vectors/journey/attribution.json"),
        &|given| journey::transcript(given, host),
    );
    stage(
        "journey, carried",
        include_str!("../../spec/vectors/journey/carried.json"),
        &|given| journey::transcript(given, host),
    );
    counts
}

/// A text as a value.
pub fn text(text: &str) -> Value {
    Value::Text(text.to_owned())
}

/// An object of some members.
pub fn object(members: Vec<(&str, Value)>) -> Value {
    let owned = members
        .into_iter()
        .map(|(name, value)| (name.to_owned(), value));
    Value::Object(owned.collect())
}
