//! `touchmark schema types`: the shared schema into TypeScript.
//!
//! A type for each definition, event, entity and contract; of a contract also what of it is sent. Rules
//! that TypeScript can't say (lengths, patterns, conditions) are left to the schema.

use std::path::PathBuf;

use clap::Args;
use serde_json::{Value, json};

use super::{SchemaFile, put};
use crate::plan::fault::Faults;
use crate::plan::shared::CONTRACTS;

#[derive(Debug, Args)]
pub struct TypesArgs {
    #[command(flatten)]
    file: SchemaFile,
    /// Where to write; without it, standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Write nothing; fail if the file of --out is not what would be written
    #[arg(long, requires = "out")]
    check: bool,
}

pub fn run(args: &TypesArgs, faults: &mut Faults) -> Option<String> {
    let shared = args.file.open(faults)?;
    let text = Types {
        document: &shared.source.value,
    }
    .write(shared.id());
    match &args.out {
        None => Some(text),
        Some(out) => put(out, &text, args.check, "types")
            .map_err(|fault| faults.add(fault))
            .ok(),
    }
}

struct Types<'a> {
    document: &'a Value,
}

impl Types<'_> {
    fn write(&self, id: &str) -> String {
        let defs = &self.document["$defs"];
        let mut text = format!(
            "/** Types of {id}. Written by `touchmark schema types`; never edited by hand. */\n"
        );
        for (name, one) in members(defs) {
            if ![
                "types",
                "entities",
                "contracts",
                "dispatch",
                "page_envelope",
                "attributed",
            ]
            .contains(&name.as_str())
            {
                text.push_str(&self.declared(&type_name(name), one));
            }
        }
        for (group, end) in [("types", "Data"), ("entities", "")] {
            for (name, one) in members(&defs[group]["$defs"]) {
                text.push_str(&self.declared(&format!("{}{end}", type_name(name)), one));
            }
        }
        for (name, contract) in self
            .document
            .pointer(CONTRACTS)
            .into_iter()
            .flat_map(members)
        {
            text.push_str(&self.declared(&type_name(name), contract));
            text.push_str(&self.declared(&format!("{}Sent", type_name(name)), &sent(contract)));
        }
        let events: Vec<&String> = members(&defs["types"]["$defs"])
            .map(|(name, _)| name)
            .collect();
        text.push_str(
            "\n/** The data of each event by its type. */\nexport interface EventData {\n",
        );
        for name in &events {
            text.push_str(&format!(
                "  'org.touchmark.{name}': {}Data;\n",
                type_name(name)
            ));
        }
        text.push_str("}\n\n/** An event as it is sent. */\nexport type Event = {\n  [Type in keyof EventData]: {\n");
        for (name, field) in members(&self.document["properties"]) {
            let is_required = is_in(&self.document["required"], name);
            let kind = match name.as_str() {
                "type" => "Type".to_owned(),
                "data" => "EventData[Type]".to_owned(),
                _ => self.of(field, 2),
            };
            text.push_str(&format!(
                "    {}{}: {kind};\n",
                key(name),
                if is_required { "" } else { "?" }
            ));
        }
        text.push_str("  };\n}[keyof EventData];\n");
        text
    }

    fn declared(&self, name: &str, schema: &Value) -> String {
        let about = schema["description"].as_str().or(schema["title"].as_str());
        let about = about
            .map(|about| format!("/** {} */\n", about.replace("*/", "* /")))
            .unwrap_or_default();
        format!("\n{about}export type {name} = {};\n", self.of(schema, 0))
    }

    /// The type of what a schema accepts.
    fn of(&self, schema: &Value, depth: usize) -> String {
        if let Some(values) = schema["enum"].as_array() {
            return union(values.iter().map(Value::to_string).map(quoted));
        }
        if !schema["const"].is_null() {
            return quoted(schema["const"].to_string());
        }
        let mut all = Vec::new();
        if let Some(target) = schema["$ref"].as_str() {
            all.push(self.reference(target));
        }
        for (keyword, is_any) in [("anyOf", true), ("oneOf", true), ("allOf", false)] {
            // Branches that only say what is required add no type.
            let branches = schema[keyword].as_array().into_iter().flatten();
            let branches: Vec<String> = branches
                .filter(|one| self.has_type(one))
                .map(|one| self.of(one, depth))
                .collect();
            match is_any {
                true if !branches.is_empty() => all.push(format!("({})", union(branches))),
                false => all.extend(branches),
                _ => {}
            }
        }
        let own = match &schema["type"] {
            Value::String(one) => Some(self.one(one, schema, depth)),
            Value::Array(several) => Some(union(
                several
                    .iter()
                    .filter_map(Value::as_str)
                    .map(|one| self.one(one, schema, depth)),
            )),
            _ if schema["properties"].is_object() => Some(self.object(schema, depth)),
            _ => None,
        };
        all.extend(own);
        all.dedup();
        match all.len() {
            0 => "unknown".to_owned(),
            _ => all.join(" & "),
        }
    }

    /// Whether a schema says of what type a value is, itself or by what it refers to.
    fn has_type(&self, schema: &Value) -> bool {
        let target = schema["$ref"]
            .as_str()
            .and_then(|target| self.document.pointer(target.strip_prefix('#')?));
        let words = ["type", "enum", "const", "properties", "anyOf", "oneOf"];
        target.is_some_and(|target| self.has_type(target))
            || words.iter().any(|word| !schema[*word].is_null())
    }

    fn one(&self, name: &str, schema: &Value, depth: usize) -> String {
        match name {
            "integer" | "number" => "number".to_owned(),
            "array" => {
                let item = if schema["items"].is_object() {
                    self.of(&schema["items"], depth)
                } else {
                    "unknown".into()
                };
                if item.contains(['|', '&']) {
                    format!("({item})[]")
                } else {
                    format!("{item}[]")
                }
            }
            "object" => self.object(schema, depth),
            other => other.to_owned(),
        }
    }

    fn object(&self, schema: &Value, depth: usize) -> String {
        let indent = "  ".repeat(depth + 1);
        let mut text = String::from("{\n");
        for (name, field) in members(&schema["properties"]) {
            if let Some(about) = field["description"].as_str() {
                text.push_str(&format!("{indent}/** {} */\n", about.replace("*/", "* /")));
            }
            let mark = if is_in(&schema["required"], name) {
                ""
            } else {
                "?"
            };
            text.push_str(&format!(
                "{indent}{}{mark}: {};\n",
                key(name),
                self.of(field, depth + 1)
            ));
        }
        let rest = &schema["additionalProperties"];
        if rest.is_object() {
            text.push_str(&format!(
                "{indent}[name: string]: {};\n",
                self.of(rest, depth + 1)
            ));
        } else if text.len() == 2 {
            return "Record<string, unknown>".to_owned();
        }
        format!("{text}{}}}", "  ".repeat(depth))
    }

    fn reference(&self, target: &str) -> String {
        let named = target
            .strip_prefix("#/$defs/")
            .filter(|name| !name.contains('/'));
        if let Some(name) = named {
            return type_name(name);
        }
        let found = target
            .strip_prefix('#')
            .and_then(|pointer| self.document.pointer(pointer));
        found.map_or("unknown".to_owned(), |schema| self.of(schema, 1))
    }
}

/// What of a contract is sent, as a schema.
fn sent(contract: &Value) -> Value {
    let fields = members(&contract["properties"]).filter_map(|(name, field)| {
        let about = &field["description"];
        let kept = match field["x-touchmark"]["collect"].as_str()? {
            "value" => field.clone(),
            "sha256" => json!({"$ref": "#/$defs/sha256"}),
            "presence" => json!({"type": "boolean", "description": about}),
            _ => return None,
        };
        Some((name.clone(), kept))
    });
    let fields: serde_json::Map<String, Value> = fields.collect();
    json!({
        "description": format!("What of it leaves the page; an invalid form sends less. {}", contract["title"].as_str().unwrap_or_default()),
        "type": "object",
        "properties": fields,
    })
}

/// `form_submit` → `FormSubmit`.
fn type_name(name: &str) -> String {
    let parts = name
        .split(|one: char| !one.is_ascii_alphanumeric())
        .filter(|part| !part.is_empty());
    let parts = parts.map(|part| part[..1].to_ascii_uppercase() + &part[1..]);
    parts.collect()
}

fn key(name: &str) -> String {
    let is_plain = name
        .bytes()
        .all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'$'));
    if is_plain && !name.starts_with(|one: char| one.is_ascii_digit()) {
        name.to_owned()
    } else {
        format!("'{name}'")
    }
}

/// A JSON text in the quotes of the house.
fn quoted(json: String) -> String {
    match json
        .strip_prefix('"')
        .and_then(|rest| rest.strip_suffix('"'))
    {
        Some(inner) if !inner.contains(['\'', '\\']) => format!("'{inner}'"),
        _ => json,
    }
}

fn union(parts: impl IntoIterator<Item = String>) -> String {
    let mut parts: Vec<String> = parts.into_iter().collect();
    parts.dedup();
    parts.join(" | ")
}

fn is_in(list: &Value, name: &str) -> bool {
    list.as_array()
        .is_some_and(|all| all.iter().any(|one| one.as_str() == Some(name)))
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}
