//! The plan's consent sources: what makes sense together, and each with its defaults written out.
//!
//! Part of the stages `refer` (checks) and `build`. The page's scripts (js/consent) hold no
//! defaults, so what a source takes as a grant stands in the built plan. docs/consent.md has the
//! same tables. Not here: the settings' shapes (spec/plan.schema.json).

use serde_json::{Map, Value, json};

use super::fault::{Fault, Faults, step};
use super::source::Source;

/// Checks what the schema can't say: sources that contradict or repeat each other.
pub fn check(plan: &Source, faults: &mut Faults) {
    let at = "/consent/source";
    let asked = &plan.value["consent"]["source"];
    let names = names(asked);
    let mut refuse = |code, at: &str, what: String, remedy: &str| {
        let fault = Fault::new(code, &plan.name, at, what, remedy.to_owned());
        faults.add(fault);
    };
    for (index, name) in names.iter().enumerate() {
        if names.iter().take(index).any(|former| former == name) {
            let what = format!("`{name}` is asked twice");
            let here = step(at, index);
            refuse("plan_consent_twice", &here, what, "name each source once");
        }
    }
    if !names.is_empty() && names.iter().all(|name| *name == "gpc") {
        let what = "Global Privacy Control only denies, so nothing would ever be granted";
        let remedy = "list it beside a source that can grant, such as [\"gpc\", \"api\"]";
        refuse("plan_consent_grantless", at, what.to_owned(), remedy);
    }
}

/// The built member: the name that events carry, the script that pages load, and its settings.
pub fn build(plan: &Value) -> Value {
    let asked = &plan["consent"]["source"];
    let names = names(asked);
    let scripts: Vec<Value> = items(asked)
        .into_iter()
        .filter(|item| !matches!(name(item), "api" | "not_required"))
        .map(settings)
        .collect();
    let source = if names.is_empty() {
        "api".to_owned()
    } else {
        names.join("+")
    };
    match scripts.as_slice() {
        [] => json!({ "source": source }),
        [one] => {
            json!({"source": source, "load": file(one["source"].as_str().unwrap_or_default()), "ask": scripts})
        }
        _ => json!({"source": source, "load": file("several"), "ask": scripts}),
    }
}

fn file(name: &str) -> String {
    format!("consent/{name}.js")
}

fn items(asked: &Value) -> Vec<&Value> {
    match asked {
        Value::Array(items) => items.iter().collect(),
        Value::String(_) => vec![asked],
        _ => Vec::new(),
    }
}

fn name(item: &Value) -> &str {
    item.as_str()
        .or_else(|| item["source"].as_str())
        .unwrap_or_default()
}

fn names(asked: &Value) -> Vec<&str> {
    items(asked).into_iter().map(name).collect()
}

/// A source with every setting, in one order.
fn settings(item: &Value) -> Value {
    let source = name(item);
    let mut built = Map::new();
    built.insert("source".to_owned(), json!(source));
    for (setting, default) in defaults(source) {
        let own = &item[setting];
        let value = match default {
            // Each purpose that the plan leaves out keeps its default.
            Value::Object(purposes) => purposes
                .into_iter()
                .map(|(purpose, default)| {
                    let own = own.get(&purpose).cloned().unwrap_or(default);
                    (purpose, own)
                })
                .collect(),
            default if own.is_null() => default,
            _ => own.clone(),
        };
        if !value.is_null() {
            built.insert(setting.to_owned(), value);
        }
    }
    Value::Object(built)
}

/// A source's settings and their defaults; null for one that has none.
fn defaults(source: &str) -> Vec<(&'static str, Value)> {
    let purposes = |store: Value, attribute: Value, identify: Value, send: Value| json!({"store": store, "attribute": attribute, "identify": identify, "send": send});
    let ids = || purposes(json!([1]), json!([1, 7]), json!([1, 3, 7]), json!([1, 8]));
    let wait = ("wait_ms", json!(10_000));
    let outside = ("not_applicable", json!("unknown"));
    match source {
        "consent-mode" => {
            let analytics = json!(["analytics_storage"]);
            let both = json!(["analytics_storage", "ad_storage"]);
            let user = json!(["ad_storage", "ad_user_data"]);
            vec![
                (
                    "purposes",
                    purposes(analytics.clone(), both, user, analytics),
                ),
                ("data_layer", json!("dataLayer")),
            ]
        }
        "tcf" => vec![("purposes", ids()), ("vendor", Value::Null), outside, wait],
        "gpp" => {
            let all = json!(["SaleOptOut", "SharingOptOut", "TargetedAdvertisingOptOut"]);
            let purposes = purposes(all.clone(), all.clone(), all.clone(), all);
            vec![("purposes", purposes), ("tcf", ids()), outside, wait]
        }
        "onetrust" => {
            let measuring = json!(["C0002"]);
            let both = json!(["C0002", "C0004"]);
            let advertising = json!(["C0004"]);
            vec![
                (
                    "purposes",
                    purposes(measuring.clone(), both, advertising, measuring),
                ),
                wait,
            ]
        }
        "cookiebot" => {
            let statistics = json!(["statistics"]);
            let both = json!(["statistics", "marketing"]);
            let marketing = json!(["marketing"]);
            vec![
                (
                    "purposes",
                    purposes(statistics.clone(), both, marketing, statistics),
                ),
                wait,
            ]
        }
        "didomi" => {
            let purposes = purposes(
                json!(["cookies"]),
                json!(["cookies", "measure_ad_performance"]),
                json!(["cookies", "create_ads_profile", "measure_ad_performance"]),
                json!(["cookies", "measure_content_performance"]),
            );
            vec![("purposes", purposes), ("vendor", Value::Null), wait]
        }
        _ => vec![("denies", json!(["store", "attribute", "identify", "send"]))],
    }
}
