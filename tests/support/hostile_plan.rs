//! What must hold for any plan, contract and instance at all: used by the fuzz targets, and by the
//! gate on their corpus.

use touchmark::plan::{Plan, UNDECLARED};
use touchmark::schema::{Host, violations, wire};
use touchmark::value::Value;

/// Patterns and numbers are the browser's. Here they only have to be answered, by turns.
struct AnyHost;

impl Host for AnyHost {
    fn is_match(&self, pattern: &str, text: &str) -> Option<bool> {
        match (pattern.len() + text.len()) % 3 {
            0 => None,
            rest => Some(rest == 1),
        }
    }

    fn number(&self, digits: &str) -> f64 {
        digits.parse().unwrap_or(f64::NAN)
    }
}

/// A built plan, as a page may be given one.
pub fn plan(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let Ok(value) = Value::parse(&text) else {
        return;
    };
    let again = Value::parse(&value.to_json()).expect("what is written can be read");
    assert_eq!(value.to_json(), again.to_json(), "written twice alike");
    let Ok(plan) = Plan::from_value(value) else {
        return;
    };
    assert!(!plan.site().is_empty() && !plan.endpoint().is_empty() && !plan.id().is_empty());
    for path in ["/", "/doctors/x", "", "*"] {
        let _ = plan.page_of(path);
    }
    for index in 0..8 {
        let Some(form) = plan.form(Some(index)) else {
            assert_eq!(plan.form_id(Some(index)), UNDECLARED);
            continue;
        };
        let _ = (form.is_judged(), form.field_of("e-mail"), form.hidden());
        if let Some(contract) = plan.contract(form.contract()) {
            let _ = violations(contract, &Value::Object(Vec::new()), &AnyHost);
        }
    }
    let _ = (
        plan.consent(),
        plan.storage(),
        plan.record_contract("appointment_booked"),
    );
}

/// First line: a contract; the rest: an instance.
pub fn contract(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    let (contract, instance) = text.split_once('\n').unwrap_or((&text, "{}"));
    let (Ok(contract), Ok(instance)) = (Value::parse(contract), Value::parse(instance)) else {
        return;
    };
    for violation in violations(&contract, &instance, &AnyHost) {
        for pointer in [&violation.instance, &violation.schema] {
            assert!(
                pointer.is_empty() || pointer.starts_with('/'),
                "no pointer: {pointer}"
            );
        }
        assert!(!violation.keyword.is_empty());
    }
    let wire = wire::derive(&contract);
    for (name, field) in contract
        .member("properties")
        .map_or(&[][..], Value::members)
    {
        let rule = field
            .member("x-touchmark")
            .map_or("", |rule| rule.text_of("collect"));
        let leaves = wire.member("properties").and_then(|all| all.member(name));
        let may_leave = matches!(rule, "value" | "sha256" | "presence");
        // A name that stands twice is read by its first, and no plan has one.
        let is_single = contract
            .member("properties")
            .map_or(&[][..], Value::members)
            .iter()
            .filter(|(other, _)| other == name)
            .count()
            == 1;
        assert!(
            may_leave || !is_single || leaves.is_none(),
            "{name} may not leave"
        );
    }
}
