//! SARIF 2.1.0, which code scanning reads.
//!
//! Source: OASIS Standard "Static Analysis Results Interchange Format" 2.1.0.

use serde_json::{Value, json};

use super::super::codes::CODES;
use super::super::finding::{Finding, Level, Place};
use super::Outcome;

pub fn show(outcome: &Outcome) -> Value {
    let rules: Vec<Value> = CODES
        .iter()
        .map(|(code, what)| json!({"id": code, "shortDescription": {"text": what}}))
        .collect();
    let unread: Vec<Value> = outcome
        .unread
        .iter()
        .map(|fault| {
            json!({
                "level": "error",
                "descriptor": {"id": fault.code()},
                "message": {"text": format!("{}. {}", fault.what(), fault.remedy())},
                "locations": [location(&Place::in_file(&fault.file, &fault.pointer))],
            })
        })
        .collect();
    json!({
        "$schema": "https://json.schemastore.org/sarif-2.1.0.json",
        "version": "2.1.0",
        "runs": [{
            "tool": {"driver": {
                "name": "touchmark check",
                "semanticVersion": env!("CARGO_PKG_VERSION"),
                "informationUri": env!("CARGO_PKG_REPOSITORY"),
                "rules": rules,
            }},
            "columnKind": "unicodeCodePoints",
            "invocations": [{
                "executionSuccessful": outcome.unread.is_empty(),
                "exitCode": outcome.exit(),
                "toolExecutionNotifications": unread,
            }],
            "results": outcome.findings.iter().map(result).collect::<Vec<_>>(),
        }],
    })
}

fn result(finding: &Finding) -> Value {
    let level = match finding.level {
        Level::Error => "error",
        Level::Warning => "warning",
        Level::Note => "note",
    };
    let index = CODES.iter().position(|(code, _)| *code == finding.code);
    let related: Vec<Value> = finding
        .related
        .iter()
        .map(|(place, why)| {
            let mut value = location(place);
            value["message"] = json!({"text": why});
            value
        })
        .collect();
    let mut value = json!({
        "ruleId": finding.code,
        "level": level,
        "message": {"text": format!("{}. Remedy: {}", finding.what, finding.remedy)},
        "locations": [location(&finding.place)],
    });
    if let Some(index) = index {
        value["ruleIndex"] = json!(index);
    }
    if !related.is_empty() {
        value["relatedLocations"] = json!(related);
    }
    if !finding.form.is_empty() {
        value["properties"] = json!({"form": finding.form, "field": finding.field});
    }
    value
}

fn location(place: &Place) -> Value {
    // Addresses and paths alike; a space or a `<stdin>` would be no URI.
    let mut uri = String::new();
    for byte in place.file.bytes() {
        match byte {
            b'<' | b'>' | b' ' | b'"' | b'\\' | b'^' | b'`' | b'{' | b'|' | b'}' => {
                uri.push_str(&format!("%{byte:02X}"))
            }
            byte if byte.is_ascii_graphic() => uri.push(byte as char),
            byte => uri.push_str(&format!("%{byte:02X}")),
        }
    }
    let mut physical = json!({"artifactLocation": {"uri": uri}});
    if let Some(spot) = &place.spot {
        physical["region"] = json!({
            "startLine": spot.line,
            "startColumn": spot.column,
            "endLine": spot.end_line,
            "endColumn": spot.end_column,
        });
    }
    let mut value = json!({"physicalLocation": physical});
    if !place.pointer.is_empty() {
        value["logicalLocations"] =
            json!([{"fullyQualifiedName": place.pointer, "kind": "member"}]);
    }
    value
}
