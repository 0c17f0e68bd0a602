//! What a field's contract expects of a control: a kind, its values, and samples of good ones.
//!
//! Between contract and `accept`: a sample that the contract takes and the control refuses is a
//! conflict, whatever either says in prose. Not here: what a control takes.

use serde_json::{Value, json};
use touchmark::native::NativeHost;
use touchmark::schema::violations;
use touchmark::value::Value as Core;

/// A field's subschema, with what follows from it.
pub struct Expect {
    pub kind: Kind,
    pub rule: Value,
    core: Core,
    /// Values as a visitor would type them, which the contract accepts.
    pub samples: Vec<&'static str>,
    pub collect: Collect,
}

/// What the values are.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// One of a list.
    Choice,
    Email,
    Phone,
    Date,
    DateTime,
    Whole,
    Number,
    Boolean,
    /// Several values of one name.
    List,
    /// Text of any kind, short.
    Text,
    /// Text that may run over several lines.
    Prose,
}

/// What of it may leave the page.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Collect {
    Value,
    Sha256,
    Presence,
    Never,
}

impl Expect {
    pub fn of(rule: &Value) -> Self {
        let text = |name: &str| rule[name].as_str().unwrap_or_default();
        let note = &rule["x-touchmark"];
        let collect = match note["collect"].as_str() {
            Some("value") => Collect::Value,
            Some("sha256") => Collect::Sha256,
            Some("presence") => Collect::Presence,
            _ => Collect::Never,
        };
        let has_type = |name: &str| match &rule["type"] {
            Value::Array(names) => names.iter().any(|one| one == name),
            one => one == name,
        };
        let normalise = note["normalise"].as_str();
        let kind = if has_type("array") {
            Kind::List
        } else if has_type("boolean") {
            // Also with `const`: a box that must be ticked sends any text for yes.
            Kind::Boolean
        } else if rule["enum"].is_array() || !rule["const"].is_null() {
            Kind::Choice
        } else if has_type("integer") {
            Kind::Whole
        } else if has_type("number") {
            Kind::Number
        } else {
            match (text("format"), normalise) {
                ("email", _) | (_, Some("email")) => Kind::Email,
                (_, Some("phone")) => Kind::Phone,
                ("date", _) => Kind::Date,
                ("date-time", _) => Kind::DateTime,
                _ if rule["maxLength"].as_u64().unwrap_or(0) >= PROSE_CHARS => Kind::Prose,
                _ => Kind::Text,
            }
        };
        let mut expect = Self {
            kind,
            rule: rule.clone(),
            core: Core::parse(&rule.to_string()).unwrap_or(Core::Null),
            samples: Vec::new(),
            collect,
        };
        let candidates = CANDIDATES.iter().copied();
        expect.samples = candidates.filter(|one| expect.takes(one)).collect();
        expect
    }

    /// The values of an `enum` or `const`, as a form sends them; none for a yes or no, which many
    /// texts say.
    pub fn values(&self) -> Vec<String> {
        if self.kind == Kind::Boolean {
            return Vec::new();
        }
        let rule = match self.kind {
            Kind::List => &self.rule["items"],
            _ => &self.rule,
        };
        let show = |value: &Value| match value {
            Value::String(text) => text.clone(),
            other => other.to_string(),
        };
        match (&rule["enum"], &rule["const"]) {
            (Value::Array(values), _) => values.iter().map(show).collect(),
            (_, Value::Null) => Vec::new(),
            (_, value) => vec![show(value)],
        }
    }

    /// Whether the contract accepts a value that a control sends. An empty one is no value.
    pub fn takes(&self, text: &str) -> bool {
        let instance = self.instance(text);
        violations(&self.core, &instance, &NativeHost).is_empty()
    }

    /// Whether a yes or no is a yes by that text; see `src/form.rs`.
    pub fn is_yes(text: &str) -> bool {
        let text = text.to_ascii_lowercase();
        !matches!(text.as_str(), "false" | "0" | "no" | "off")
    }

    /// As the page reads it; see `src/form.rs`.
    fn instance(&self, text: &str) -> Core {
        let text = text.to_owned();
        match self.kind {
            Kind::List => Core::List(vec![Core::Text(text)]),
            Kind::Boolean => Core::Bool(Self::is_yes(&text)),
            _ if self.is_numeric() => match Core::parse(&text) {
                Ok(Core::Number(digits)) => Core::Number(digits),
                _ => Core::Text(text),
            },
            _ => Core::Text(text),
        }
    }

    pub fn is_numeric(&self) -> bool {
        matches!(self.rule["type"].as_str(), Some("number" | "integer"))
    }

    pub fn number(&self, keyword: &str) -> Option<f64> {
        self.rule[keyword].as_f64()
    }

    /// In words, for people.
    pub fn name(&self) -> String {
        match self.kind {
            Kind::Choice => format!("one of {}", list(&self.values())),
            Kind::Email => "an e-mail address".to_owned(),
            Kind::Phone => "a phone number".to_owned(),
            Kind::Date => "a date".to_owned(),
            Kind::DateTime => "a date with time and offset".to_owned(),
            Kind::Whole => "a whole number".to_owned(),
            Kind::Number => "a number".to_owned(),
            Kind::Boolean => "yes or no".to_owned(),
            Kind::List => "a list".to_owned(),
            Kind::Text | Kind::Prose => "a text".to_owned(),
        }
    }
}

/// The first of a list in words.
pub fn list(values: &[String]) -> String {
    const SHOWN: usize = 8;
    let mut text = values
        .iter()
        .take(SHOWN)
        .cloned()
        .collect::<Vec<_>>()
        .join(", ");
    if values.len() > SHOWN {
        text.push_str(&format!(" and {} more", values.len() - SHOWN));
    }
    text
}

/// A short, stable picture of a rule, for the lock file.
pub fn outline(rule: &Value) -> Value {
    let mut short = serde_json::Map::new();
    for name in KEPT {
        if !rule[*name].is_null() {
            short.insert((*name).to_owned(), rule[*name].clone());
        }
    }
    let collect = &rule["x-touchmark"]["collect"];
    let collect = if collect.is_null() {
        json!("never")
    } else {
        collect.clone()
    };
    short.insert("collect".to_owned(), collect);
    Value::Object(short)
}

const KEPT: &[&str] = &[
    "type",
    "format",
    "enum",
    "const",
    "pattern",
    "minLength",
    "maxLength",
    "minimum",
    "maximum",
];
/// From this length on a text is expected to need several lines.
const PROSE_CHARS: u64 = 500;
/// What visitors type, of every kind; a contract keeps the ones that it accepts.
const CANDIDATES: &[&str] = &[
    "Ana Lee",
    "Łukasz O'Neill-Åberg",
    "ana.lee@clinic.example",
    "ana.lee@example.com",
    "ana@example.co.uk",
    "ana@example.de",
    // Numbers as they are typed at home and from abroad: US, UK, FR, IN, DE, AU.
    "+1 312 555 0142",
    "(312) 555-0142",
    "312-555-0142",
    "312.555.0142",
    "3125550142",
    "07700 900123",
    "07700900123",
    "020 7946 0018",
    "+447700900123",
    "01 99 00 12 34",
    "0639980123",
    "+33199001234",
    "9876543210",
    "98765 43210",
    "+919876543210",
    "030 23125012",
    "03023125012",
    "0171 3920012",
    "+493012345678",
    "0491 570 006",
    "0491570006",
    "(02) 5550 1234",
    "+61491570006",
    "2140 Alder Street",
    "I would like to know more.",
    "60614",
    "60614-1234",
    "SW1A 1AA",
    "1",
    "7",
    "42",
    "150",
    "1200",
    "99.5",
    "0.5",
    "1985-04-12",
    "2026-11-22",
    "2026-11-22T17:40:00Z",
    "2026-11",
    "17:40",
    "17:40:00",
    "https://clinic.example/",
    "clinic.example",
    "urn:x:1",
    "2eb8aa08-aa98-11ea-b4aa-73b441d16380",
    "yes",
    "no",
    "true",
    "IL",
    "US",
    "AB-1234",
    "A1234567",
    "x",
];
