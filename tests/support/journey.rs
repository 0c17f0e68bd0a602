//! Journeys: inputs with their moments, and a line for every output.
//!
//! `given` is `{plan, steps}`: members that replace those of the test plan, and a list of
//! `[now, input]`. `start` and `landing` take their common members from here. `stored`, beside
//! the steps or in an input, is what storage holds from then on.

use touchmark::input::{Answer, Input};
use touchmark::output::{Area, Output, What};
use touchmark::schema::Host;
use touchmark::time::UnixMillis;
use touchmark::tracker::Tracker;
use touchmark::value::Value;

use super::{object, text};

const PLAN: &str = include_str!("plan.json");
const NONCE: &str = "0123456789abcdef0123456789abcdef";

/// Runs a journey; a line a step, and one for each output, as people read it.
pub fn transcript(given: &Value, host: &'static dyn Host) -> Value {
    let mut lines = Vec::new();
    walk(given, host, &mut |output| lines.push(text(&line(output))));
    Value::List(lines)
}

/// Runs a journey; the events of every batch, byte for byte.
pub fn events(given: &Value, host: &'static dyn Host) -> Value {
    let mut bodies = Vec::new();
    walk(given, host, &mut |output| {
        if output.what == What::Send {
            bodies.push(text(&output.text));
        }
    });
    Value::List(bodies)
}

fn walk(given: &Value, host: &'static dyn Host, tell: &mut dyn FnMut(&Output)) {
    let mut tracker = Tracker::new(host);
    let mut records: Vec<(String, Value)> = given
        .member("stored")
        .map_or(Vec::new(), |stored| stored.members().to_vec());
    let lasts = given.member("lasts") != Some(&Value::Bool(false));
    for step in given.member("steps").expect("a journey has steps").items() {
        let [now, message] = step.items() else {
            panic!("a step is [now, input], not {step:?}");
        };
        let now = UnixMillis(now.as_whole().expect("now is a whole number"));
        if let Some(stored) = message.member("stored") {
            records = stored.members().to_vec();
        }
        let message = complete(message, given.member("plan"));
        tracker.handle_input(now, Input::from_value(message));
        while let Some(output) = tracker.poll_output() {
            tell(&output);
            match output.what {
                What::Load => {
                    tracker.handle_input(now, Input::loaded(records.clone(), lasts));
                }
                What::Store(_) => {
                    records.retain(|(key, _)| *key != output.key);
                    records.push((output.key, Value::Text(output.text)));
                }
                What::Remove(_) => records.retain(|(key, _)| *key != output.key),
                What::Wipe => records.clear(),
                What::Send | What::SendBatch => {
                    if let Some(status) = given.member("status").and_then(Value::as_whole) {
                        let answer = Answer {
                            batch: output.number,
                            status,
                            ..Answer::default()
                        };
                        tracker.handle_input(now, Input::delivered(&answer));
                    }
                }
                What::Lease => tracker.handle_input(now, said("lease")),
                _ => {}
            }
        }
    }
}

/// An input without members.
fn said(kind: &str) -> Input {
    Input::from_value(object(vec![("in", text(kind))]))
}

/// A step's input with the members that all journeys share.
fn complete(message: &Value, replaced: Option<&Value>) -> Value {
    let mut members = message.members().to_vec();
    let mut add = |name: &str, value: Value| {
        if !members.iter().any(|(known, _)| known == name) {
            members.push((name.to_owned(), value));
        }
    };
    match message.text_of("in") {
        "start" => {
            let Ok(Value::Object(mut plan)) = Value::parse(PLAN) else {
                panic!("the test plan is an object");
            };
            for (name, value) in replaced.map_or(&[][..], Value::members) {
                plan.retain(|(known, _)| known != name);
                plan.push((name.clone(), value.clone()));
            }
            add("plan", Value::Object(plan));
            add("nonce", text(NONCE));
            add("seed", Value::Number("42".to_owned()));
            add("device", text("desktop"));
        }
        "landing" => {
            add("origin", text("https://clinic.example"));
            add("nav", text("navigate"));
        }
        _ => {}
    }
    object(
        members
            .iter()
            .map(|(name, value)| (name.as_str(), value.clone()))
            .collect(),
    )
}

fn line(output: &Output) -> String {
    let Output {
        what,
        number,
        key,
        text,
    } = output;
    let area = |area: &Area| match area {
        Area::Local => "local",
        Area::Session => "session",
    };
    match what {
        What::Load => "load".to_owned(),
        What::Wipe => "wipe".to_owned(),
        What::Store(to) => format!("store {} {} {}", area(to), short(key), stored(text)),
        What::Remove(from) => format!("remove {} {}", area(from), short(key)),
        What::Send => format!("send {number} {key}: {}", batch(text)),
        What::SendBatch => format!("send cloudevents {number} {key}: {}", batch(text)),
        What::Lease => "lease".to_owned(),
        What::Release => "release".to_owned(),
        What::Wake => format!("wake {number}"),
        What::Announce => format!("announce {key} {}", short(text)),
        What::Fill => format!("fill {number} {key} = {}", short(text)),
        What::FillOwn => format!("fill own {number} {key} = {}", short(text)),
        What::Watch => format!("watch {number}"),
        What::Report => format!("report {key} {text}"),
    }
}

/// What a stored text holds: an outbox record's numbers and event, else the text itself.
fn stored(text: &str) -> String {
    match text.split_once('\n') {
        Some((head, body)) => format!("{head} {}", event(&Value::parse(body).expect("an event"))),
        None => short(text),
    }
}

fn batch(body: &str) -> String {
    let events = Value::parse(body).expect("a batch is JSON");
    let lines: Vec<_> = events.items().iter().map(event).collect();
    lines.join(", ")
}

/// The facts of an event that journeys are about.
fn event(event: &Value) -> String {
    let data = event.member("data").expect("an event has data");
    let nothing = Value::Null;
    let form = data.member("form").unwrap_or(&nothing);
    let verdict = data
        .member("validation")
        .map_or("", |validation| validation.text_of("verdict"));
    let last = data
        .member("attribution")
        .and_then(|all| all.member("last"));
    let diagnostics: Vec<_> = data
        .items_of("diagnostics")
        .iter()
        .filter_map(Value::as_text)
        .collect();
    let words = [
        event.text_of("type").trim_start_matches("org.touchmark."),
        event.text_of("subject"),
        &short(event.text_of("id")),
        form.text_of("outcome"),
        verdict,
        last.map_or("", |touch| touch.text_of("channel")),
        &diagnostics.join(" "),
    ];
    let words: Vec<_> = words.into_iter().filter(|word| !word.is_empty()).collect();
    words.join(" ")
}

/// Ids by their first eight digits: enough to tell them apart.
fn short(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some(at) = rest.find('-') {
        let is_id = at >= 8
            && rest[at - 8..at]
                .bytes()
                .all(|byte| byte.is_ascii_hexdigit())
            && rest.len() >= at + 28
            && rest.as_bytes()[at + 5] == b'-';
        let end = if is_id { at } else { at + 1 };
        kept.push_str(&rest[..end]);
        rest = &rest[if is_id { at + 28 } else { end }..];
    }
    kept + rest
}
