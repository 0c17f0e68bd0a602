//! Fields that are too much for one event: the submission is told, its fields are not, and why.

use touchmark::input::Input;
use touchmark::native::NativeHost;
use touchmark::outbox::MAX_FLIGHT_BYTES;
use touchmark::output::What;
use touchmark::time::UnixMillis;
use touchmark::tracker::Tracker;
use touchmark::value::Value;

const PLAN: &str = r##"{"touchmark":1,"plan":"00112233445566ff","site":"test-clinic","endpoint":"/v1/events","schema":"s",
    "forms":[{"id":"long","selector":"#long","contract":"long","fields":{"a":"a","b":"b","c":"c","d":"d"},"hidden":{},"success":[],"failure":[]}],
    "records":{"appointment_booked":{"contract":"long"}},"events":[],"consent":{"source":"not_required"},"storage":"local","data_layer":false,"announce":"sent","rules":["(?!)","(?!)","(?!)","(?!)","(?!)"],
    "contracts":{"long":{"type":"object","required":["a"],"properties":{"a":LONG,"b":LONG,"c":LONG,"d":LONG}}}}"##;
const LONG: &str = r#"{"type":"string","x-touchmark":{"collect":"value"}}"#;

/// The events that a page sends, told that `fields` was submitted and recorded.
fn sent(fields: &[(&str, String)]) -> Vec<Value> {
    let (mut tracker, mut sent) = (Tracker::new(&NativeHost), Vec::new());
    let entry = |(name, value): &(&str, String)| format!(r#"["{name}","{value}","textarea"]"#);
    let entries: Vec<_> = fields.iter().map(entry).collect();
    let member = |(name, value): &(&str, String)| format!(r#""{name}":"{value}""#);
    let members: Vec<_> = fields.iter().map(member).collect();
    for message in [
        format!(
            r#"{{"in":"start","seed":7,"nonce":"{:032x}","plan":{}}}"#,
            1,
            PLAN.replace("LONG", LONG)
        ),
        r#"{"in":"landing","at":1,"query":"","origin":"https://clinic.example","path":"/"}"#
            .to_owned(),
        format!(
            r#"{{"in":"submit","key":1,"form":0,"at":5,"native":true,"entries":[{}]}}"#,
            entries.join(",")
        ),
        format!(
            r#"{{"in":"record","type":"appointment_booked","at":6,"fields":{{{}}}}}"#,
            members.join(",")
        ),
    ] {
        let message = Value::parse(&message).expect("messages are JSON");
        tracker.handle_input(UnixMillis(1_000), Input::from_value(message));
        while let Some(output) = tracker.poll_output() {
            match output.what {
                What::Load => {
                    tracker.handle_input(UnixMillis(1_000), Input::loaded(Vec::new(), true));
                }
                What::Send => {
                    assert!(output.text.len() <= MAX_FLIGHT_BYTES);
                    let batch = Value::parse(&output.text).expect("a batch is JSON");
                    sent.extend(batch.items().iter().cloned());
                }
                What::Report => panic!("{} {}", output.key, output.text),
                _ => {}
            }
        }
    }
    sent
}

fn data<'a>(event: &'a Value, part: &str, name: &str) -> &'a Value {
    let data = event.member("data").expect("data");
    let part = data.member(part).expect("a part");
    part.member(name).unwrap_or(&Value::Null)
}

fn check(length: usize, verdict: &str, kept: usize) {
    let long = ["a", "b", "c", "d"].map(|name| (name, "x".repeat(length)));
    let events = sent(&long);
    assert_eq!(events.len(), 2, "a submission and a record");
    for (event, part) in events.iter().zip(["form", "record"]) {
        assert_eq!(data(event, part, "fields").members().len(), kept, "{part}");
        assert_eq!(
            data(event, "validation", "verdict").as_text(),
            Some(verdict)
        );
        assert!(matches!(
            data(event, "validation", "violations"),
            Value::Null
        ));
    }
}

#[test]
fn fields_that_are_too_long_together_stay_behind_and_the_event_says_so() {
    check(4_500, "valid", 4);
    check(20_000, "budget_exceeded", 0);
}

#[test]
fn so_do_those_that_also_break_their_contract() {
    // `a` is required.
    let long = ["b", "c", "d"].map(|name| (name, "x".repeat(20_000)));
    for (event, part) in sent(&long).iter().zip(["form", "record"]) {
        assert_eq!(data(event, part, "fields").members().len(), 0);
        let verdict = data(event, "validation", "verdict").as_text();
        assert_eq!(verdict, Some("budget_exceeded"));
        assert!(matches!(
            data(event, "validation", "violations"),
            Value::Null
        ));
    }
}
