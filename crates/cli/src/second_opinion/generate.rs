//! A seed into schemas and instances: the same seed gives the same ones everywhere.
//!
//! Few names and few values, so that they meet. Some instances are hostile: numbers at the edges of
//! doubles, surrogates, duplicates, depth.

use serde_json::{Map, Value, json};

/// A small generator of numbers (xorshift64*); not for secrets.
pub struct Seed(u64);

impl Seed {
    pub fn new(seed: u64) -> Seed {
        Seed(seed.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1)
    }

    pub fn below(&mut self, bound: usize) -> usize {
        self.0 ^= self.0 >> 12;
        self.0 ^= self.0 << 25;
        self.0 ^= self.0 >> 27;
        (self.0.wrapping_mul(0x2545_f491_4f6c_dd1d) >> 33) as usize % bound
    }

    pub fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }

    fn chance(&mut self, percent: usize) -> bool {
        self.below(100) < percent
    }
}

/// A schema of the whole of 2020-12.
pub fn schema(seed: &mut Seed, depth: usize) -> Value {
    if seed.chance(5) {
        return Value::Bool(seed.chance(70));
    }
    let mut members = Map::new();
    for _ in 0..=seed.below(3) {
        let keyword = if depth == 0 {
            *seed.one(ASSERTIONS)
        } else if seed.chance(50) {
            *seed.one(APPLICATORS)
        } else {
            *seed.one(ASSERTIONS)
        };
        let below = depth.saturating_sub(1);
        let argument = match keyword {
            "type" => type_of(seed),
            "enum" => (0..=seed.below(3)).map(|_| value(seed, 1)).collect(),
            "const" => value(seed, 2),
            "minLength" | "maxLength" | "minItems" | "maxItems" | "minProperties"
            | "maxProperties" => json!(seed.below(4)),
            "minimum" | "maximum" | "exclusiveMinimum" | "exclusiveMaximum" => number(seed),
            "multipleOf" => json!(*seed.one(&[1.0, 2.0, 0.5, 0.1, 3.0, 0.01])),
            "pattern" => json!(*seed.one(PATTERNS)),
            "required" => names(seed),
            "uniqueItems" => json!(true),
            "dependentRequired" => json!({ *seed.one(NAMES): names(seed) }),
            "allOf" | "anyOf" | "oneOf" | "prefixItems" => {
                (0..=seed.below(2)).map(|_| schema(seed, below)).collect()
            }
            "properties" | "dependentSchemas" => {
                let named =
                    (0..=seed.below(2)).map(|_| (seed.one(NAMES).to_string(), schema(seed, below)));
                Value::Object(named.collect())
            }
            "patternProperties" => json!({ *seed.one(PATTERNS): schema(seed, below) }),
            "$ref" => json!(*seed.one(&["#/$defs/x", "#y", "#/$defs/x/not"])),
            "if" => {
                members.insert("then".into(), schema(seed, below));
                members.insert("else".into(), schema(seed, below));
                schema(seed, below)
            }
            "contains" => {
                members.insert("minContains".into(), json!(seed.below(3)));
                if seed.chance(40) {
                    members.insert("maxContains".into(), json!(seed.below(3)));
                }
                schema(seed, below)
            }
            _ => schema(seed, below),
        };
        members.insert(keyword.into(), argument);
    }
    Value::Object(members)
}

/// A document: a schema with definitions that its references find.
pub fn document(seed: &mut Seed) -> Value {
    let mut root = match schema(seed, 3) {
        Value::Object(members) => members,
        other => Map::from_iter([("allOf".to_owned(), json!([other]))]),
    };
    let mut x = without_references(schema(seed, 1));
    if let Value::Object(members) = &mut x {
        members.insert("not".into(), without_references(schema(seed, 0)));
    } else {
        x = json!({"not": {"type": "null"}});
    }
    let y =
        json!({"$anchor": "y", "anyOf": [without_references(schema(seed, 1)), {"type": "array"}]});
    root.insert(
        "$schema".into(),
        json!("https://json-schema.org/draft/2020-12/schema"),
    );
    root.insert("$defs".into(), json!({"x": x, "y": y}));
    Value::Object(root)
}

fn without_references(schema: Value) -> Value {
    match schema {
        Value::Object(members) => {
            let kept = members.into_iter().filter(|(name, _)| name != "$ref");
            Value::Object(
                kept.map(|(name, one)| (name, without_references(one)))
                    .collect(),
            )
        }
        Value::Array(items) => items.into_iter().map(without_references).collect(),
        other => other,
    }
}

/// A contract that plan build may take: most of them it does.
pub fn contract(seed: &mut Seed) -> Value {
    let mut properties = Map::new();
    for _ in 0..=seed.below(3) {
        let mut field = field(seed, 1);
        field.insert(
            "x-touchmark".into(),
            json!({"collect": *seed.one(&["presence", "never"])}),
        );
        if seed.chance(30) {
            field.insert("$ref".into(), json!(*seed.one(&["#/$defs/word", "#count"])));
        }
        properties.insert((*seed.one(NAMES)).to_owned(), Value::Object(field));
    }
    let known: Vec<&String> = properties.keys().collect();
    let mut contract =
        json!({"type": "object", "required": [seed.one(&known)], "properties": properties});
    if seed.chance(50) {
        contract["additionalProperties"] = json!(false);
    }
    contract
}

fn field(seed: &mut Seed, depth: usize) -> Map<String, Value> {
    let mut members = Map::new();
    for _ in 0..seed.below(4) {
        let keyword = *seed.one(PAGE);
        let argument = match keyword {
            "type" => type_of(seed),
            "enum" => (0..=seed.below(3)).map(|_| value(seed, 1)).collect(),
            "const" => value(seed, 1),
            "minimum" | "maximum" => number(seed),
            "pattern" => json!(*seed.one(PATTERNS)),
            "format" => json!(*seed.one(&[
                "email",
                "date",
                "date-time",
                "uuid",
                "uri",
                "time",
                "ipv4",
                "hostname",
                "duration",
                "uri-reference",
                "json-pointer",
                "ipv6"
            ])),
            "items" if depth > 0 => Value::Object(field(seed, 0)),
            "items" => continue,
            _ => json!(seed.below(4)),
        };
        members.insert(keyword.into(), argument);
    }
    members
}

fn type_of(seed: &mut Seed) -> Value {
    let one = |seed: &mut Seed| {
        *seed.one(&[
            "null", "boolean", "integer", "number", "string", "array", "object",
        ])
    };
    if seed.chance(30) {
        let (first, second) = (one(seed), one(seed));
        return if first == second {
            json!([first])
        } else {
            json!([first, second])
        };
    }
    json!(one(seed))
}

fn names(seed: &mut Seed) -> Value {
    let (first, second) = (*seed.one(NAMES), *seed.one(NAMES));
    if first == second || seed.chance(50) {
        json!([first])
    } else {
        json!([first, second])
    }
}

fn number(seed: &mut Seed) -> Value {
    json!(*seed.one(&[0.0, 1.0, -1.0, 2.0, 0.5, 3.0, 10.0]))
}

/// An instance as plain JSON.
pub fn value(seed: &mut Seed, depth: usize) -> Value {
    let kinds = if depth == 0 { 5 } else { 9 };
    match seed.below(kinds) {
        0 => Value::Null,
        1 => json!(seed.chance(50)),
        2 => json!(seed.below(4)),
        3 => json!(*seed.one(&[0.5, 1.0, -1.0, 2.5, 1e300, -0.0, 0.01, 0.3])),
        4 => json!(*seed.one(TEXTS)),
        5 | 6 => (0..seed.below(4)).map(|_| value(seed, depth - 1)).collect(),
        _ => {
            let members =
                (0..seed.below(4)).map(|_| (seed.one(NAMES).to_string(), value(seed, depth - 1)));
            Value::Object(members.collect())
        }
    }
}

/// An instance as text, at times one that no reader should take.
pub fn hostile(seed: &mut Seed) -> String {
    let plain = value(seed, 2).to_string();
    let odd = *seed.one(ODD);
    match seed.below(6) {
        0 => odd.to_owned(),
        1 => format!("[{odd},{plain}]"),
        2 => format!("{{\"a\":{odd},\"b\":{plain}}}"),
        3 => format!("{{\"a\":{plain},\"a\":{odd}}}"),
        4 => {
            let depth = *seed.one(&[20, 40, 60, 140]);
            format!("{}{plain}{}", "[".repeat(depth), "]".repeat(depth))
        }
        _ => plain,
    }
}

const NAMES: &[&str] = &["a", "b", "c", "d"];
const PATTERNS: &[&str] = &["^a", "b$", "^[a-c]{1,2}$", "\\d", "^\\S*$"];
const TEXTS: &[&str] = &[
    "",
    "a",
    "ab",
    "b1",
    "é",
    "😀😀",
    "2026-11-22",
    "2026-11-22T10:00:00Z",
    "a@b.example",
    "10:00:00Z",
    "https://a.example/b",
    "/a/b",
    "192.0.2.1",
    "::1",
    "P1D",
    "x y",
    "6ba7b810-9dad-11d1-80b4-00c04fd430c8",
];
/// Numbers and texts at the edges.
pub const ODD: &[&str] = &[
    "1e400",
    "-1e400",
    "-0",
    "0.0",
    "-0.0",
    "1e-400",
    "9007199254740993",
    "9007199254740992",
    "-9007199254740993",
    "18446744073709551616",
    "1E2",
    "100",
    "1.0",
    "\"\\ud800\"",
    "\"\\udc00\\ud800\"",
    "\"\\ud83d\\ude00\"",
    "\"\\u0000\"",
    "123456789012345678901234567890",
    "0.1",
    "1e308",
    "2e308",
];
const ASSERTIONS: &[&str] = &[
    "type",
    "enum",
    "const",
    "minLength",
    "maxLength",
    "minItems",
    "maxItems",
    "minProperties",
    "maxProperties",
    "minimum",
    "maximum",
    "exclusiveMinimum",
    "exclusiveMaximum",
    "multipleOf",
    "pattern",
    "required",
    "uniqueItems",
    "dependentRequired",
];
const APPLICATORS: &[&str] = &[
    "allOf",
    "anyOf",
    "oneOf",
    "not",
    "if",
    "properties",
    "patternProperties",
    "additionalProperties",
    "propertyNames",
    "prefixItems",
    "items",
    "contains",
    "dependentSchemas",
    "unevaluatedProperties",
    "unevaluatedItems",
    "$ref",
];
const PAGE: &[&str] = &[
    "type",
    "enum",
    "const",
    "minLength",
    "maxLength",
    "pattern",
    "format",
    "minimum",
    "maximum",
    "items",
    "minItems",
    "maxItems",
];
