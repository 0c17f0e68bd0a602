//! One thing that is wrong between pages and plan: where, what, and how to mend it.
//!
//! Made by `rules` and `lock`, shown by `format`. It carries the line that it points at, so that
//! whoever shows it needs no page.

use std::cmp::Ordering;

use serde_json::{Value, json};

use super::page::{Page, Span};

/// How bad it is. Only errors fail a run, unless warnings are denied.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub enum Level {
    /// Tracking is wrong or incomplete: events invalid, missing, or telling too much.
    #[default]
    Error,
    /// Some submissions may be judged wrong, or it can't be told from the page.
    Warning,
    /// Worth knowing.
    Note,
}

impl Level {
    pub fn name(self) -> &'static str {
        match self {
            Self::Error => "error",
            Self::Warning => "warning",
            Self::Note => "note",
        }
    }
}

/// A stretch of a file's line, and that line.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Spot {
    /// From 1.
    pub line: usize,
    /// From 1, in characters.
    pub column: usize,
    pub end_line: usize,
    /// After the last character.
    pub end_column: usize,
    /// The text of `line`.
    pub source: String,
}

/// Where something stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// A file or an address.
    pub file: String,
    /// JSON pointer, in a plan or a lock file; else empty.
    pub pointer: String,
    /// Missing where the text says nothing, such as an element that a parser adds.
    pub spot: Option<Spot>,
}

impl Place {
    pub fn in_page(page: &Page, span: Option<Span>) -> Self {
        let spot = span.map(|span| {
            let (line, column) = page.position(span.start);
            let (end_line, end_column) = page.position(span.end);
            Spot {
                line,
                column,
                end_line,
                end_column,
                source: page.line(line).to_owned(),
            }
        });
        Self {
            file: page.name.clone(),
            pointer: String::new(),
            spot,
        }
    }

    pub fn in_file(file: &str, pointer: &str) -> Self {
        Self {
            file: file.to_owned(),
            pointer: pointer.to_owned(),
            spot: None,
        }
    }
}

/// A finding.
#[derive(Clone, Debug)]
pub struct Finding {
    /// Stable name of the rule, such as `field_missing`.
    pub code: &'static str,
    pub level: Level,
    pub place: Place,
    /// Id of the plan's form; empty when it is about none.
    pub form: String,
    /// Field of the contract; empty when it is about none.
    pub field: String,
    pub what: String,
    pub remedy: String,
    /// Other places that belong to it, each with its reason.
    pub related: Vec<(Place, String)>,
}

impl Finding {
    pub fn new(code: &'static str, level: Level, place: Place, what: String) -> Self {
        Self {
            code,
            level,
            place,
            form: String::new(),
            field: String::new(),
            what,
            remedy: String::new(),
            related: Vec::new(),
        }
    }

    pub fn remedy(mut self, remedy: impl Into<String>) -> Self {
        self.remedy = remedy.into();
        self
    }

    pub fn about(mut self, form: &str, field: &str) -> Self {
        self.form = form.to_owned();
        self.field = field.to_owned();
        self
    }

    pub fn related(mut self, place: Place, why: impl Into<String>) -> Self {
        self.related.push((place, why.into()));
        self
    }

    /// `www/index.html:12:7` or `www/plan.json#/forms/0`.
    pub fn address(&self) -> String {
        let Place {
            file,
            pointer,
            spot,
        } = &self.place;
        match spot {
            _ if !pointer.is_empty() => format!("{file}#{pointer}"),
            Some(Spot { line, column, .. }) => format!("{file}:{line}:{column}"),
            None => file.clone(),
        }
    }

    /// By file and place, then by weight.
    pub fn order(&self, other: &Self) -> Ordering {
        let key = |one: &Self| {
            let spot = one.place.spot.as_ref();
            (
                one.place.file.clone(),
                spot.map_or((usize::MAX, 0), |spot| (spot.line, spot.column)),
                one.level,
                one.code,
            )
        };
        key(self).cmp(&key(other))
    }

    pub fn to_json(&self) -> Value {
        let related: Vec<Value> = self
            .related
            .iter()
            .map(|(place, why)| {
                let mut value = place_json(place);
                value["why"] = json!(why);
                value
            })
            .collect();
        let mut value = json!({"code": self.code, "level": self.level.name()});
        for (name, text) in [("form", &self.form), ("field", &self.field)] {
            if !text.is_empty() {
                value[name] = json!(text);
            }
        }
        value["place"] = place_json(&self.place);
        value["what"] = json!(self.what);
        value["remedy"] = json!(self.remedy);
        if !related.is_empty() {
            value["related"] = json!(related);
        }
        value
    }
}

fn place_json(place: &Place) -> Value {
    let mut value = json!({"file": place.file});
    if !place.pointer.is_empty() {
        value["pointer"] = json!(place.pointer);
    }
    if let Some(spot) = &place.spot {
        value["line"] = json!(spot.line);
        value["column"] = json!(spot.column);
        value["end_line"] = json!(spot.end_line);
        value["end_column"] = json!(spot.end_column);
    }
    value
}
