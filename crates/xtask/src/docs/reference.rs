//! A JSON Schema into a reference in Markdown: a part for each definition, a table of its members.

use std::fmt::Write as _;

use serde_json::{Map, Value};

const REPOSITORY_FILE: &str = "..";

/// The reference of the schema in `file`, under a title of its own.
pub fn markdown(schema: &Value, title: &str, file: &str) -> String {
    let mut text = format!(
        "# {title}\n\n{}\n\nMade from [{file}]({REPOSITORY_FILE}/{file}) by `cargo xtask docs`.\n",
        schema["description"].as_str().unwrap_or_default()
    );
    if let Some(id) = schema["$id"].as_str() {
        let _ = write!(text, "\nIts `$id` is `{id}`.");
    }
    if let Some(comment) = schema["$comment"].as_str() {
        let _ = write!(text, " {comment}");
    }
    text.push('\n');
    if schema["properties"].is_object() {
        text.push_str("\n## Members\n");
        members(&mut text, schema);
    }
    definitions(&mut text, schema, "", 2);
    text
}

/// Every definition below `$defs`, those of groups (`types`, `contracts`) one level deeper.
fn definitions(text: &mut String, schema: &Value, prefix: &str, level: usize) {
    let Some(all) = schema["$defs"].as_object() else {
        return;
    };
    for (name, one) in all {
        part(text, &format!("{prefix}{name}"), one, level);
    }
}

fn part(text: &mut String, name: &str, schema: &Value, level: usize) {
    let _ = write!(text, "\n{} {name}\n", "#".repeat(level));
    let is_group = !is_schema(schema);
    if let (true, Some(members)) = (is_group, schema.as_object()) {
        for (inner, one) in members.iter().filter(|(_, one)| one.is_object()) {
            part(text, &format!("{name}/{inner}"), one, level + 1);
        }
        return;
    }
    let _ = write!(text, "\n{}\n", prose(schema));
    let shape = shape(schema);
    if !shape.is_empty() && !schema["properties"].is_object() {
        let _ = write!(text, "\n{shape}\n");
    }
    members(text, schema);
    if let Some(examples) = schema["examples"].as_array() {
        let shown: Vec<String> = examples
            .iter()
            .take(3)
            .map(|one| format!("`{one}`"))
            .collect();
        let _ = write!(text, "\nFor example {}.\n", shown.join(", "));
    }
    definitions(text, schema, &format!("{name}/"), level + 1);
}

/// A group only gathers schemas under names of its own.
fn is_schema(schema: &Value) -> bool {
    const KEYWORDS: [&str; 15] = [
        "type",
        "enum",
        "const",
        "properties",
        "allOf",
        "anyOf",
        "oneOf",
        "if",
        "$ref",
        "pattern",
        "required",
        "items",
        "not",
        "description",
        "$defs",
    ];
    schema.is_boolean() || KEYWORDS.iter().any(|word| schema.get(word).is_some())
}

fn members(text: &mut String, schema: &Value) {
    let Some(members) = schema["properties"]
        .as_object()
        .filter(|members| !members.is_empty())
    else {
        return;
    };
    let required: Vec<&str> = schema["required"]
        .as_array()
        .into_iter()
        .flatten()
        .filter_map(Value::as_str)
        .collect();
    let leaves = members
        .values()
        .any(|member| member.get("x-touchmark").is_some());
    text.push_str(if leaves {
        "\n| member | required | shape | leaves as | meaning |\n| --- | --- | --- | --- | --- |\n"
    } else {
        "\n| member | required | shape | meaning |\n| --- | --- | --- | --- |\n"
    });
    for (name, member) in members {
        let required = if required.contains(&name.as_str()) {
            "yes"
        } else {
            ""
        };
        let _ = write!(text, "| `{name}` | {required} | {} |", cell(&shape(member)));
        if leaves {
            let collect = member["x-touchmark"]["collect"].as_str().unwrap_or("never");
            let _ = write!(text, " {collect} |");
        }
        let _ = writeln!(text, " {} |", cell(&prose(member)));
    }
}

/// What an instance may be, in words.
fn shape(schema: &Value) -> String {
    if schema.is_boolean() {
        return if schema == &Value::Bool(true) {
            "anything"
        } else {
            "nothing"
        }
        .to_owned();
    }
    let mut words = Vec::new();
    if let Some(target) = schema["$ref"].as_str() {
        words.push(linked(target));
    }
    match &schema["type"] {
        Value::String(name) => words.push(name.clone()),
        Value::Array(names) => words.push(
            names
                .iter()
                .filter_map(Value::as_str)
                .collect::<Vec<_>>()
                .join(" or "),
        ),
        _ => {}
    }
    if let Some(all) = schema["enum"].as_array() {
        let all: Vec<String> = all.iter().map(|one| format!("`{one}`")).collect();
        words.push(all.join(", "));
    }
    if let Some(only) = schema.get("const") {
        words.push(format!("`{only}`"));
    }
    if !schema["items"].is_null() {
        words.push(format!("of {}", shape(&schema["items"])));
    }
    for (keyword, said) in [
        ("format", "format"),
        ("minLength", "at least"),
        ("maxLength", "at most"),
        ("minimum", "from"),
        ("maximum", "to"),
        ("minItems", "at least"),
        ("maxItems", "at most"),
        ("minProperties", "at least"),
        ("maxProperties", "at most"),
    ] {
        if let Some(value) = schema.get(keyword) {
            let unit = match keyword {
                "minLength" | "maxLength" => " characters",
                "minItems" | "maxItems" => " elements",
                "minProperties" | "maxProperties" => " members",
                _ => "",
            };
            words.push(format!(
                "{said} {}{unit}",
                value
                    .as_str()
                    .map_or_else(|| value.to_string(), str::to_owned)
            ));
        }
    }
    if let Some(pattern) = schema["pattern"].as_str() {
        words.push(format!("pattern `{pattern}`"));
    }
    for (keyword, joint) in [("anyOf", " or "), ("oneOf", " or else ")] {
        if let Some(all) = schema[keyword].as_array() {
            let all: Vec<String> = all
                .iter()
                .map(shape)
                .filter(|one| !one.is_empty())
                .collect();
            words.push(all.join(joint));
        }
    }
    if schema["properties"].is_object() && schema["description"].is_null() {
        words.push(inline(schema["properties"].as_object()));
    }
    words.retain(|word| !word.is_empty());
    words.join(", ")
}

fn inline(members: Option<&Map<String, Value>>) -> String {
    let names: Vec<String> = members
        .into_iter()
        .flatten()
        .map(|(name, _)| format!("`{name}`"))
        .collect();
    if names.is_empty() {
        String::new()
    } else {
        format!("with {}", names.join(", "))
    }
}

/// A reference within the schema as a link to its part of the page.
fn linked(target: &str) -> String {
    let Some(path) = target.strip_prefix("#/$defs/") else {
        return format!("`{target}`");
    };
    let name = path.replace("/$defs/", "/");
    // A member of a definition has no part of its own.
    let name = name
        .split("/properties/")
        .next()
        .unwrap_or(&name)
        .to_owned();
    let anchor: String = name
        .to_lowercase()
        .chars()
        .filter(|sign| sign.is_alphanumeric() || matches!(sign, '-' | '_'))
        .collect();
    format!("[{name}](#{anchor})")
}

fn prose(schema: &Value) -> String {
    ["title", "description"]
        .iter()
        .filter_map(|name| schema[name].as_str())
        .map(|text| text.replace('<', "\\<"))
        .map(|text| {
            if text.ends_with('.') {
                text
            } else {
                format!("{text}.")
            }
        })
        .collect::<Vec<_>>()
        .join(" ")
}

fn cell(text: &str) -> String {
    text.replace('|', "\\|").replace('\n', " ")
}
