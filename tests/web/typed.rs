//! The typed questions, with objects as JavaScript hands them over.

use js_sys::{JSON, Reflect};
use touchmark::typed::{inspect_form, inspect_landing};
use wasm_bindgen::JsValue;
use wasm_bindgen_test::wasm_bindgen_test;

const PLAN: &str = include_str!("../support/plan.json");

fn parsed(json: &str) -> JsValue {
    JSON::parse(json).expect("test objects are JSON")
}

fn json(value: &JsValue) -> String {
    String::from(JSON::stringify(value).expect("an answer is a plain object"))
}

#[wasm_bindgen_test]
fn a_form_is_judged_as_its_event_would_be() {
    let entries = parsed(
        r#"[{"name":"e-mail","value":"ana@","kind":"email"},{"name":"service","value":"cardiology","kind":"select-one"},{"name":"full-name","value":"Ana","kind":"text"}]"#,
    );
    let report = inspect_form(PLAN, "appointment", entries)
        .unwrap_or_else(|_| panic!("the form is declared"));
    let member = |name: &str| Reflect::get(&report, &name.into()).expect("a report is an object");
    assert_eq!(member("verdict"), "invalid");
    assert_eq!(
        json(&member("violations")),
        r#"[{"instance":"/email","keyword":"format","schema":"/properties/email/format"}]"#
    );
    assert!(json(&member("fields")).starts_with(
        r#"[{"field":"name","is_filled":true,"collect":"never"},{"field":"email","is_filled":true,"collect":"sha256"}"#
    ));
}

#[wasm_bindgen_test]
fn a_question_that_can_not_be_answered_is_an_error() {
    assert!(inspect_form("{", "appointment", parsed("[]")).is_err());
    assert!(inspect_form(PLAN, "unknown", parsed("[]")).is_err());
    assert!(inspect_form(PLAN, "appointment", parsed("[1]")).is_err());
    assert!(inspect_landing(JsValue::NULL).is_err());
}

#[wasm_bindgen_test]
fn a_landing_is_read_as_its_touch_would_be() {
    let landing = parsed(r#"{"query":"gclid=x1","referrer":"","origin":"https://clinic.example"}"#);
    let report = inspect_landing(landing).unwrap_or_else(|_| panic!("a whole question"));
    assert_eq!(
        json(&report),
        r#"{"source":"google","medium":"cpc","campaign":"","click_id":"x1","channel":"Paid Search","rule":"paid_search","is_paid":true,"diagnostics":[]}"#
    );
}
