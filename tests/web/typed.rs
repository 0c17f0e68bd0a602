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

fn member(of: &JsValue, name: &str) -> JsValue {
    Reflect::get(of, &name.into()).expect("a report is an object")
}

#[wasm_bindgen_test]
fn a_form_is_judged_as_its_event_would_be() {
    super::hands::host();
    let entries = parsed(
        r#"[{"name":"e-mail","value":"ana@","kind":"email"},{"name":"service","value":"cardiology","kind":"select-one"},{"name":"full-name","value":"Ana","kind":"text"}]"#,
    );
    let report = inspect_form(PLAN, "appointment", entries)
        .unwrap_or_else(|_| panic!("the form is declared"));
    assert_eq!(member(&report, "verdict"), "invalid");
    assert_eq!(
        json(&member(&report, "violations")),
        r#"[{"instance":"/email","keyword":"format","schema":"/properties/email/format"}]"#
    );
    let fields = json(&member(&report, "fields"));
    assert!(
        fields.starts_with(r#"[{"field":"name","is_filled":true,"is_required":"#)
            && fields.contains(
                r#"{"field":"email","is_filled":true,"is_required":true,"collect":"sha256"}"#
            ),
        "{fields}"
    );
}

#[wasm_bindgen_test]
fn each_control_is_told_its_field_once_and_secrets_are_named() {
    super::hands::host();
    let entries = parsed(
        r#"[{"name":"e-mail","value":"","kind":"email"},{"name":"mail2","value":"","kind":"email","hint":"email"},{"name":"other","value":"x","kind":"text"},{"name":"other","value":"y","kind":"text"},{"name":"pin","value":"x","kind":"password"}]"#,
    );
    let report = inspect_form(PLAN, "appointment", entries)
        .unwrap_or_else(|_| panic!("the form is declared"));
    let controls = json(&member(&report, "controls"));
    assert!(
        controls.starts_with(
            r#"[{"name":"e-mail","kind":"email","field":"email","is_secret":false},{"name":"mail2","#
        ) && controls.ends_with(
            r#"{"name":"other","kind":"text","field":"","is_secret":false},{"name":"pin","kind":"password","field":"","is_secret":true}]"#
        ),
        "{controls}"
    );
    assert_eq!(controls.matches(r#""name":"other""#).count(), 1);
}

#[wasm_bindgen_test]
fn a_question_that_can_not_be_answered_is_an_error() {
    super::hands::host();
    assert!(inspect_form("{", "appointment", parsed("[]")).is_err());
    assert!(inspect_form(PLAN, "unknown", parsed("[]")).is_err());
    assert!(inspect_form(PLAN, "appointment", parsed("[1]")).is_err());
    assert!(inspect_landing(PLAN, JsValue::NULL).is_err());
    assert!(inspect_landing("[]", parsed("{}")).is_err());
}

#[wasm_bindgen_test]
fn a_landing_is_read_as_its_touch_would_be() {
    super::hands::host();
    let landing = parsed(
        r#"{"query":"gclid=x1","referrer":"","origin":"https://clinic.example","path":"/nowhere"}"#,
    );
    let report = inspect_landing(PLAN, landing).unwrap_or_else(|_| panic!("a whole question"));
    assert_eq!(
        json(&report),
        r#"{"touch":{"at":"1970-01-01T00:00:00.000Z","page":"undeclared","source":"google","medium":"cpc","click_id":{"param":"gclid","platform":"google_ads","value":"x1"},"channel":"Paid Search","rule":"paid_search"},"is_paid":true,"diagnostics":[]}"#
    );
    let direct =
        parsed(r#"{"query":"","referrer":"","origin":"https://clinic.example","path":"/"}"#);
    let report = inspect_landing(PLAN, direct).unwrap_or_else(|_| panic!("a whole question"));
    assert_eq!(json(&member(&report, "touch")), "null");
}
