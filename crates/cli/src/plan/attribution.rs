//! What a plan says about attribution into what the core reads.
//!
//! Part of `refer` and `build`: the names that mean a row of spec/'s tables are checked, vendors
//! are written out as parameters, click ids as rows. Not here: shapes (`shape`).

use serde_json::{Map, Value, json};
use touchmark::generated::tables;

use super::fault::{Fault, Faults, step};
use super::source::Source;
use super::suggest;

/// Checks the names in the plan's `attribution` against the tables.
pub fn check(plan: &Source, faults: &mut Faults) {
    let attribution = &plan.value["attribution"];
    let mut refuse = |code: &'static str, at: &str, what: String, remedy: String| {
        faults.add(Fault::new(code, &plan.name, at, what, remedy));
    };
    let clicks = click_rows();
    for (index, name) in texts(&attribution["click_ids"]).enumerate() {
        let at = step("/attribution/click_ids", index);
        match clicks.iter().find(|row| same(row, name)) {
            Some(row) if is_off(row) && row["platform"] != "generic" => {}
            Some(row) if row["platform"] == "generic" => {
                let what = format!("`{name}` holds an address in plain text");
                let remedy = "leave it out: it is never kept".to_owned();
                refuse("plan_click_id_refused", &at, what, remedy);
            }
            Some(row) if ["click_id", "marker"].contains(&text(row, "kind")) => {
                let what = format!("`{name}` is read anyway");
                let remedy = "leave it out".to_owned();
                refuse("plan_click_id_needless", &at, what, remedy);
            }
            Some(row) => {
                let what = format!("`{name}` is no click id: {}", text(row, "kind"));
                let remedy = "leave it out".to_owned();
                refuse("plan_click_id_refused", &at, what, remedy);
            }
            None => {
                let known: Vec<&str> = clicks
                    .iter()
                    .filter(|row| is_off(row) && row["platform"] != "generic")
                    .map(|row| text(row, "param"))
                    .collect();
                let what = format!("there is no click id `{name}`");
                let remedy = suggest::remedy(name, "click ids that are off by default", &known);
                refuse("plan_click_id_unknown", &at, what, remedy);
            }
        }
    }
    let channels = channel_names();
    for name in keys(&attribution["channels"]) {
        if !channels.iter().any(|known| known == name) {
            let known: Vec<&str> = channels.iter().map(String::as_str).collect();
            let what = format!("there is no channel `{name}`");
            let remedy = suggest::remedy(name, "channels", &known);
            let at = step("/attribution/channels", name);
            refuse("plan_channel_unknown", &at, what, remedy);
        }
    }
    for (index, name) in texts(&attribution["cookies"]).enumerate() {
        let at = step("/attribution/cookies", index);
        let Some((row, _)) = cookie(&clicks, name) else {
            let known: Vec<&str> = clicks
                .iter()
                .filter(|row| is_click(row))
                .flat_map(|row| items(&row["cookies"]))
                .map(|cookie| text(cookie, "name"))
                .collect();
            let what = format!("no click's id is known to be in a cookie `{name}`");
            let remedy = suggest::remedy(name, "cookies of spec/click-ids.json", &known);
            refuse("plan_cookie_unknown", &at, what, remedy);
            continue;
        };
        let param = text(row, "param");
        if !is_read(row) && !texts(&attribution["click_ids"]).any(|one| same(row, one)) {
            let what = format!("`{name}` holds a {param}, which is dropped by default");
            let remedy = format!("leave it out, or list `{param}` in click_ids, too");
            refuse("plan_cookie_refused", &at, what, remedy);
        }
    }
    for name in keys(&attribution["parameters"]) {
        let lower = name.to_lowercase();
        let at = step("/attribution/parameters", name);
        let known = clicks.iter().find(|row| covers(row, &lower));
        if lower.starts_with("utm_") || known.is_some_and(is_read) {
            let what = format!("`{name}` has a meaning of its own");
            let remedy = "leave it out: it is read already".to_owned();
            refuse("plan_parameter_taken", &at, what, remedy);
        } else if known.is_some_and(|row| row["kind"] == "person") {
            let what = format!("`{name}` names a person, and is dropped by default");
            let remedy =
                format!("leave it out, or list `{name}` in click_ids, where it stays what it is");
            refuse("plan_parameter_refused", &at, what, remedy);
        } else if lower == CARRIED || known.is_some_and(|row| row["kind"] == "linker") {
            let what = format!("`{name}` links a visit to another site's, and is never kept");
            let remedy = "leave it out".to_owned();
            refuse("plan_parameter_refused", &at, what, remedy);
        }
    }
}

/// The built plan's member: the rows of the tables that every plan brings, and what this one says.
pub fn compiled(attribution: &Value) -> Value {
    let mut built = Map::new();
    let mut parameters = Map::new();
    let vendors: Value = serde_json::from_str(PARAMETERS).expect("spec/parameters.json is JSON");
    // What the plan maps itself comes first, then vendors in the order of their table.
    for (name, field) in attribution["parameters"].as_object().into_iter().flatten() {
        parameters.insert(name.to_lowercase(), field.clone());
    }
    for row in items(&vendors["vendors"]) {
        if texts(&attribution["vendors"]).any(|name| row["vendor"] == name) {
            for (name, field) in row["parameters"].as_object().into_iter().flatten() {
                parameters
                    .entry(name.to_lowercase())
                    .or_insert(field.clone());
            }
        }
    }
    if !parameters.is_empty() {
        built.insert("parameters".to_owned(), Value::Object(parameters));
    }
    let allowed: Vec<String> = click_rows()
        .iter()
        .filter(|row| texts(&attribution["click_ids"]).any(|name| same(row, name)))
        .map(|row| {
            let cells = ["param", "platform", "source", "medium"].map(|name| text(row, name));
            cells.join(" ")
        })
        .collect();
    let rows = [tables::PLAN_CLICK_IDS, &allowed.join("\n")].concat();
    built.insert("click_ids".to_owned(), json!(rows.trim_end()));
    let others = texts(&attribution["cross_domain"]);
    let hosts: Vec<&str> = texts(&attribution["exclude_referrers"])
        .chain(others)
        .collect();
    if !hosts.is_empty() {
        built.insert("exclude".to_owned(), json!(hosts.join(" ")));
    }
    let clicks = click_rows();
    let cookies: Vec<Value> = texts(&attribution["cookies"])
        .filter_map(|name| {
            let (row, cookie) = cookie(&clicks, name)?;
            Some(json!([
                text(row, "param"),
                name,
                pattern(text(cookie, "format"))
            ]))
        })
        .collect();
    if !cookies.is_empty() {
        built.insert("cookies".to_owned(), Value::Array(cookies));
    }
    for name in ["cross_domain", "max_age_days", "channels", "campaigns"] {
        if let Some(value) = attribution.get(name) {
            built.insert(name.to_owned(), value.clone());
        }
    }
    built.insert(
        "referrers".to_owned(),
        json!(tables::PLAN_REFERRERS.trim_end()),
    );
    Value::Object(built)
}

/// Forms of touchmark's own, in no document, that parts of the page's scripts bring as their adapters:
/// by their hidden field the parts hear of a touch (js/parts/touch.ts).
pub fn forms(attribution: &Value) -> Vec<Value> {
    let parts = [
        ("cross_domain", "links", "last"),
        ("cookies", "cookies", "first"),
    ];
    let asked = parts
        .iter()
        .filter(|part| attribution.get(part.0).is_some());
    asked
        .map(|(_, adapter, touch)| {
            json!({
                "selector": format!("touchmark-{adapter}"),
                "hidden": {"touch": touch},
                "fill_events": true,
                "adapter": adapter,
            })
        })
        .collect()
}

/// The row and its cookie of that name; `<…>` at the end of a name in the table stands for anything.
fn cookie<'a>(clicks: &'a [Value], name: &str) -> Option<(&'a Value, &'a Value)> {
    let is_it = |cookie: &&Value| match text(cookie, "name").split_once('<') {
        Some((stem, _)) => {
            name.len() > stem.len() && name.starts_with(stem) && !name.contains(['<', '*'])
        }
        None => text(cookie, "name") == name,
    };
    let mut clicks = clicks.iter().filter(|row| is_click(row));
    clicks.find_map(|row| Some((row, items(&row["cookies"]).find(is_it)?)))
}

/// A cookie's format as a pattern of the browser's, with the groups `id`, and `seconds` or
/// `milliseconds`. An id holds nothing but what platforms make them of; where dots part the format, no
/// dot. What stands in brackets may be missing.
fn pattern(format: &str) -> String {
    let mut pattern = String::from("^");
    let mut rest = format;
    while let Some(mark) = rest.chars().next() {
        let (name, after) = match mark {
            '<' => rest[1..].split_once('>').unwrap_or((&rest[1..], "")),
            _ => ("", &rest[mark.len_utf8()..]),
        };
        rest = after;
        match (mark, name) {
            ('<', "id") if !format.contains('.') => {
                pattern.push_str(r"(?<id>[\w.~:=+/-]{1,500})");
            }
            ('<', "id") => pattern.push_str(r"(?<id>[\w~:=+/-]{1,500})"),
            ('<', "seconds") => pattern.push_str(r"(?<seconds>\d{10})"),
            ('<', "milliseconds") => pattern.push_str(r"(?<milliseconds>\d{13})"),
            ('<', "index" | "version") => pattern.push_str(r"\d{1,2}"),
            ('<', _) => pattern.push_str(r"[\w-]{1,64}"),
            ('[', _) => pattern.push_str("(?:"),
            (']', _) => pattern.push_str(")?"),
            ('…', _) => pattern.push_str(".*"),
            (mark, _) => {
                if !mark.is_alphanumeric() && mark != '_' {
                    pattern.push('\\');
                }
                pattern.push(mark);
            }
        }
    }
    pattern.push('$');
    pattern
}

/// Off unless a plan allows it.
fn is_off(row: &Value) -> bool {
    row["kind"] == "person" || (row["kind"] == "click_id" && row["confidence"] == "uncertain")
}

/// What touchmark's own pages carry a touch in.
const CARRIED: &str = "_touchmark";

/// Read by every page.
fn is_read(row: &Value) -> bool {
    !is_off(row) && ["click_id", "marker", "qualifier"].contains(&text(row, "kind"))
}

fn is_click(row: &Value) -> bool {
    row["kind"] == "click_id"
}

fn click_rows() -> Vec<Value> {
    let table: Value = serde_json::from_str(CLICK_IDS).expect("spec/click-ids.json is JSON");
    items(&table["click_ids"]).cloned().collect()
}

fn channel_names() -> Vec<String> {
    let table: Value = serde_json::from_str(CHANNELS).expect("spec/channels.json is JSON");
    let names = items(&table["rules"]).map(|row| text(row, "channel").to_owned());
    names
        .filter(|name| name != "Direct")
        .chain(["Unassigned".to_owned()])
        .collect()
}

fn same(row: &Value, name: &str) -> bool {
    text(row, "param").eq_ignore_ascii_case(name)
}

/// Also by a row for all names that begin alike, such as `gad_*`; the name is in lower case.
fn covers(row: &Value, lower: &str) -> bool {
    let prefix = text(row, "param").strip_suffix('*');
    prefix.map_or_else(|| same(row, lower), |prefix| lower.starts_with(prefix))
}

fn text<'a>(row: &'a Value, name: &str) -> &'a str {
    row[name].as_str().unwrap_or_default()
}

fn items(list: &Value) -> impl Iterator<Item = &Value> {
    list.as_array().into_iter().flatten()
}

fn texts(list: &Value) -> impl Iterator<Item = &str> {
    items(list).filter_map(Value::as_str)
}

fn keys(object: &Value) -> impl Iterator<Item = &str> {
    let members = object.as_object().into_iter();
    members.flat_map(|members| members.keys().map(String::as_str))
}

const CLICK_IDS: &str = include_str!("../../../../spec/click-ids.json");
const CHANNELS: &str = include_str!("../../../../spec/channels.json");
const PARAMETERS: &str = include_str!("../../../../spec/parameters.json");

#[cfg(test)]
mod tests {
    use super::*;

    /// As js/parts/cookies.ts reads them, by another engine of the same patterns.
    #[test]
    fn every_cookie_gives_its_click_and_no_other() {
        let vectors = include_str!("../../../../spec/vectors/cookie/formats.json");
        let vectors: Value = serde_json::from_str(vectors).expect("JSON");
        let mut count = 0;
        for vector in items(&vectors) {
            let [name, value] = [0, 1].map(|at| vector["given"][at].as_str().expect("a text"));
            let built = compiled(&json!({"cookies": [name]}));
            let row = &built["cookies"][0];
            let pattern = regress::Regex::new(row[2].as_str().expect("a pattern"));
            let found = pattern.expect("a pattern of the browser's").find(value);
            let got = found.map_or(Value::Null, |found| {
                let group = |name: &str| {
                    let range = found.named_group(name);
                    range.map_or("", |range| &value[range]).to_owned()
                };
                let moment = group("seconds") + &group("milliseconds");
                json!([row[0], moment, group("id")])
            });
            assert_eq!(
                got, vector["expect"],
                "{}: {}",
                vector["name"], vector["why"]
            );
            count += 1;
        }
        println!("cookie formats: {count} vectors");
        assert!(count > 20, "{count} vectors");
    }

    #[test]
    fn every_cookie_of_the_table_has_a_format_that_is_read() {
        for row in click_rows().iter().filter(|row| is_click(row)) {
            for cookie in items(&row["cookies"]) {
                let name = text(cookie, "name").split('<').next().unwrap_or_default();
                let known = pattern(text(cookie, "format"));
                assert!(known.contains("(?<id>"), "{name}: {known}");
                assert!(regress::Regex::new(&known).is_ok(), "{name}: {known}");
            }
        }
    }
}
