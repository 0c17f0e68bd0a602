//! One `check` for each stage that is a function of its input.

use touchmark::channel::Channel;
use touchmark::form;
use touchmark::id::{Nonce, result_id};
use touchmark::plan::Plan;
use touchmark::privacy::{self, write_fields};
use touchmark::query;
use touchmark::schema::format::with_rows;
use touchmark::schema::{Host, Violation, violations};
use touchmark::scrub::rules;
use touchmark::text::cut;
use touchmark::time::UnixMillis;
use touchmark::touch::{Arrival, Field, Landing};
use touchmark::value::{Json, Value};

use super::{object, text};

const PLAN: &str = include_str!("../../crates/cli/tests/plans/demo.built.json");

/// A query string into `[[name, value], …]`.
pub fn query(given: &Value) -> Value {
    let query = given.as_text().expect("a query is a text");
    let pairs = query::params(query).map(|param| {
        let (name, value) = cut(param, b'=');
        Value::List(vec![
            text(&query::decode(name, b' ')),
            text(&query::decode(value, b' ')),
        ])
    });
    Value::List(pairs.collect())
}

/// `[source, medium, campaign]` into `[channel, rule]`, with the rows that every plan brings.
pub fn channel(given: &Value) -> Value {
    let word = |index: usize| given.items()[index].as_text().expect("three texts");
    let plan = Value::parse(PLAN).expect("the built plan is JSON");
    let brought = plan.member("attribution").expect("every plan brings rows");
    let channel = Channel::of(brought.text_of("referrers"), word(0), word(1), word(2));
    Value::List(vec![text(channel.name), text(channel.rule)])
}

/// `{url, referrer}` into `[channel, rule]`; `null` when nothing starts.
pub fn golden(given: &Value, host: &dyn Host) -> Value {
    let url = given.text_of("url");
    let (address, query) = cut(cut(url, b'#').0, b'?');
    let path = address.find('/').map_or(0, |at| at + 2);
    let site = cut(&address[path..], b'/').0;
    // A plan that says nothing of attribution, as pages load it.
    let plan = Value::parse(PLAN).expect("the built plan is JSON");
    let arrival = Arrival::of(&Landing {
        at: UnixMillis(0),
        query,
        referrer: given.text_of("referrer"),
        origin: &address[..path + site.len()],
        page: "home",
        host,
        secrets: &rules(),
        rules: plan.member("attribution").expect("every plan brings rows"),
        is_step: false,
    });
    arrival.touch.map_or(Value::Null, |touch| {
        let words = [Field::Channel, Field::Rule].map(|field| text(touch.of(field)));
        Value::List(words.into())
    })
}

/// `[source, medium, campaign, referrer]` of a stored touch into what reports show.
#[cfg(not(target_arch = "wasm32"))]
pub fn reported(given: &Value) -> Value {
    let word = |index: usize| given.items()[index].as_text().expect("four texts");
    let channel = Channel::reported(word(0), word(1), word(2), word(3));
    Value::List(vec![text(channel.name), text(channel.rule)])
}

/// `{query, referrer, rules, step}` into the touch, without the moment and the page, and its
/// diagnostics. Rules that name no rows have those of every plan.
pub fn touch(given: &Value, host: &dyn Host) -> Value {
    let plan = Value::parse(PLAN).expect("the built plan is JSON");
    let brought = plan.member("attribution").expect("every plan brings rows");
    let mut asked = given
        .member("rules")
        .map_or(Vec::new(), |rules| rules.members().to_vec());
    for (name, rows) in brought.members() {
        if !asked.iter().any(|(known, _)| known == name) {
            asked.push((name.clone(), rows.clone()));
        }
    }
    let asked = Value::Object(asked);
    let arrival = Arrival::of(&Landing {
        at: UnixMillis(0),
        query: given.text_of("query"),
        referrer: given.text_of("referrer"),
        origin: "https://clinic.example",
        page: "home",
        host,
        secrets: &rules(),
        rules: &asked,
        is_step: given.is_true("step"),
    });
    let mut members = Vec::new();
    if let Some(touch) = arrival.touch {
        let mut json = Json::default();
        touch.write(&mut json);
        let written = Value::parse(&json.finish()).expect("a touch is written as JSON");
        let kept = written
            .members()
            .iter()
            .filter(|(name, _)| name != "at" && name != "page");
        members.push(("touch", Value::Object(kept.cloned().collect())));
        members.push(("paid", Value::Bool(arrival.is_paid)));
    }
    if !arrival.diagnostics.is_empty() {
        let codes = arrival.diagnostics.iter().map(|code| text(code));
        members.push(("diagnostics", Value::List(codes.collect())));
    }
    object(members)
}

/// `{nonce, type, subject, number}` into an event's id, `{submission}` into its result's.
pub fn id(given: &Value) -> Value {
    if let Some(submission) = given.member("submission") {
        let id = result_id(submission.as_text().expect("a submission is a text"));
        return id.map_or(Value::Null, |id| text(&id));
    }
    let nonce = Nonce::from_hex(given.text_of("nonce"));
    nonce.map_or(Value::Null, |nonce| {
        let (kind, subject) = (given.text_of("type"), given.text_of("subject"));
        text(&nonce.event_id(kind, subject, given.whole_of("number")))
    })
}

/// `{schema, instance}` into `[[instance pointer, keyword, schema pointer], …]`.
pub fn schema(given: &Value, host: &dyn Host) -> Value {
    let (schema, instance) = (given.member("schema"), given.member("instance"));
    let schema = with_rows(schema.expect("a schema"));
    places(&violations(&schema, instance.expect("an instance"), host))
}

fn places(found: &[Violation]) -> Value {
    let rows = found.iter().map(|one| {
        Value::List(vec![
            text(&one.instance),
            text(&one.keyword),
            text(&one.schema),
        ])
    });
    Value::List(rows.collect())
}

/// `{contract, instance}` into the same, by a contract of the demo's built plan.
pub fn parity(given: &Value, host: &dyn Host) -> Value {
    let plan = Value::parse(PLAN).expect("the built plan is JSON");
    let contracts = plan
        .member("contracts")
        .expect("a built plan has contracts");
    let contract = contracts.member(given.text_of("contract"));
    let instance = given.member("instance").expect("an instance");
    places(&violations(contract.expect("a contract"), instance, host))
}

/// `{form, contract, entries}` into `{instance, violations, sent, redacted}`: what is judged, the places
/// and keywords that break it, what leaves with every consent, and what was held back.
pub fn form(given: &Value, host: &dyn Host) -> Value {
    let form = given.member("form").expect("a form").clone();
    let contract = with_rows(given.member("contract").expect("a contract"));
    let head = ["site", "endpoint", "plan"].map(|name| (name, text("x")));
    let mut built = vec![("touchmark", Value::Number("1".to_owned()))];
    built.extend(head);
    built.push(("forms", Value::List(vec![form])));
    built.push(("rules", Value::List(rules())));
    let plan = Plan::from_value(object(built)).expect("a built plan");
    let form = plan.form(Some(0)).expect("one form");
    let instance = form::instance(
        form,
        &contract,
        given.items_of("entries"),
        plan.rules(),
        host,
    );
    let found = violations(&contract, &instance, host);
    let mut json = Json::default();
    let redacted = write_fields(
        &mut json,
        &contract,
        &instance,
        &found,
        true,
        plan.rules(),
        host,
    );
    let sent = Value::parse(&json.finish()).expect("fields are written as JSON");
    let rows = found
        .iter()
        .map(|one| text(&format!("{} {}", one.instance, one.keyword)));
    let mut members = vec![("instance", instance), ("sent", sent)];
    if !found.is_empty() {
        members.push(("violations", Value::List(rows.collect())));
    }
    if !redacted.is_empty() {
        let codes = redacted.iter().map(|code| text(code));
        members.push(("redacted", Value::List(codes.collect())));
    }
    object(members)
}

/// `[rule, text]` into the text that is hashed.
pub fn normalise(given: &Value) -> Value {
    let word = |index: usize| given.items()[index].as_text().expect("two texts");
    text(&String::from_utf8_lossy(&privacy::normalise(
        word(0),
        word(1),
    )))
}
