//! What must hold for any input at all: used by the fuzz targets, and by the gate on their corpus.
//!
//! `form_urlencoded` is a second opinion on reading queries.

use touchmark::attribution::Attribution;
use touchmark::native::NativeHost;
use touchmark::query::{self, MAX_PARAMS, MAX_QUERY_BYTES, MAX_VALUE_BYTES};
use touchmark::scrub::rules as secrets;
use touchmark::text::cut;
use touchmark::time::UnixMillis;
use touchmark::touch::{Arrival, Landing, Touch};
use touchmark::value::{Json, Value};

/// First line: the query; the others: referrer, and whether it is a step.
pub fn query(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (query, rest) = cut(&text, b'\n');
    let (referrer, step) = cut(rest, b'\n');
    agrees_with_the_standard(query);
    let rules = Value::parse(RULES).expect("the rules are JSON");
    let arrival = Arrival::of(&Landing {
        at: UnixMillis(1_790_000_000_000),
        query,
        referrer,
        origin: "https://www.clinic.example",
        page: "home",
        host: &NativeHost,
        secrets: &secrets(),
        rules: &rules,
        is_step: !step.is_empty(),
    });
    // Redactions are counted; anything else is told once.
    let mut codes = arrival.diagnostics.clone();
    codes.retain(|code| !code.starts_with("redacted_"));
    let told = codes.len();
    codes.dedup();
    assert_eq!(codes.len(), told, "a code stands twice");
    let Some(touch) = &arrival.touch else {
        assert!(!arrival.is_paid, "nothing is paid where nothing arrived");
        return;
    };
    let written = json(|json| touch.write(json));
    let value = Value::parse(&written).expect("a touch is written as JSON");
    assert_eq!(
        Touch::from_value(&value).as_ref(),
        Some(touch),
        "read back: {written}"
    );
    bounded(&value);
    assert!(touch.covers(touch));
    let mut attribution = Attribution::default();
    assert!(attribution.record(&arrival), "a first touch counts");
    keeps(&attribution);
}

/// A record as storage may hold it.
pub fn stored(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(value) = Value::parse(&text) else {
        return;
    };
    let mut attribution = Attribution::from_value(&value);
    keeps(&attribution);
    let mut other = Attribution::default();
    other.merge(attribution.clone());
    assert_eq!(
        other, attribution,
        "nothing joined with a record is the record"
    );
    other.merge(attribution.clone());
    assert_eq!(other, attribution, "a record joined with itself is itself");
    let kept = attribution.clone();
    attribution.expire(UnixMillis(1_795_000_000_000), &Value::Null);
    keeps(&attribution);
    let text = json(|json| attribution.write_record(json));
    assert!(
        !text.contains("\"at\":\"9999"),
        "a touch from far ahead: {text}"
    );
    let mut early = kept;
    early.expire(UnixMillis(0), &Value::Null);
    let text = json(|json| early.write_record(json));
    assert!(
        early.is_empty() || text.contains("\"at\":\"1970-01-0"),
        "{text}"
    );
}

/// Names and values as `form_urlencoded` reads them, as far as they are looked at.
fn agrees_with_the_standard(query: &str) {
    if query.len() > MAX_QUERY_BYTES {
        return;
    }
    let ours = query::params(query).map(|param| {
        let (name, value) = cut(param, b'=');
        (query::decode(name, b' '), query::decode(value, b' '))
    });
    let theirs = form_urlencoded::parse(query.as_bytes()).take(MAX_PARAMS);
    let cut_there = |text: &str| query::floor(text, MAX_VALUE_BYTES).to_owned();
    let mut count = 0;
    for ((name, value), (their_name, their_value)) in ours.zip(theirs) {
        for (mine, other) in [(&name, &their_name), (&value, &their_value)] {
            // Where a long text is cut, a character may be cut with it.
            if other.len() <= MAX_VALUE_BYTES {
                assert_eq!(mine, other, "{query}");
            } else {
                assert!(mine.len() <= MAX_VALUE_BYTES, "{query}");
                let both = mine.len().min(cut_there(other).len()).saturating_sub(4);
                assert_eq!(
                    query::floor(mine, both),
                    query::floor(other, both),
                    "{query}"
                );
            }
        }
        count += 1;
    }
    let expected = form_urlencoded::parse(query.as_bytes())
        .take(MAX_PARAMS)
        .count();
    assert_eq!(count, expected, "{query}");
}

/// No text of a touch is longer than an event may hold.
fn bounded(value: &Value) {
    for (name, value) in value.members() {
        match value.as_text() {
            Some(text) => {
                assert!(!text.is_empty(), "{name} is empty");
                assert!(
                    text.len() <= MAX_VALUE_BYTES,
                    "{name} has {} bytes",
                    text.len()
                );
            }
            None => bounded(value),
        }
    }
}

/// A record is written and read back as it is, and its values can be asked for.
fn keeps(attribution: &Attribution) {
    let written = json(|json| attribution.write_record(json));
    let value = Value::parse(&written).expect("a record is written as JSON");
    assert_eq!(
        &Attribution::from_value(&value),
        attribution,
        "read back: {written}"
    );
    for (_, touch) in value.members() {
        bounded(touch);
    }
    for name in [
        "first.campaign",
        "last.click_id:gclid",
        "last_paid.landing_page",
        "x",
        ".",
    ] {
        assert!(attribution.named(name).len() <= MAX_VALUE_BYTES);
    }
}

fn json(write: impl FnOnce(&mut Json)) -> String {
    let mut json = Json::default();
    write(&mut json);
    json.finish()
}

const RULES: &str = r#"{"parameters":{"mtm_campaign":"campaign","mtm_source":"source","x":"at"},
    "click_ids":"mc_eid mailchimp mailchimp email\nab* - - -","exclude":"pay.example login.example",
    "channels":{"Paid Search":"SEM"}}"#;
