//! The list of expectations: read, held against rows, and told as a diff.
//!
//! Pure. Not here: waiting (`mod`), comparing one value (`matcher`).

use std::fmt::Write as _;
use std::time::Duration;

use serde_json::{Map, Value, json};

use super::matcher::{Bounds, Matcher};
use super::{LONGEST, QUIET, Seen, WITHIN};
use crate::log::plain;

/// What a test expects.
pub struct Expectations {
    /// Only rows of this test run; `None` is all.
    pub session: Option<String>,
    /// Only rows numbered above it.
    pub after: i64,
    /// How long to wait at most.
    pub within: Duration,
    /// How long nothing may come before an upper bound holds.
    pub quiet: Duration,
    list: Vec<Expectation>,
}

struct Expectation {
    name: String,
    /// Which rows it is about.
    select: Vec<(String, Matcher)>,
    /// What those must be.
    expect: Vec<(String, Matcher)>,
    /// How many of them must be so.
    count: Bounds,
    /// Whether each selected row must be so.
    every: bool,
}

/// How the expectations stand.
pub struct Outcome {
    results: Vec<Found>,
    waited: Duration,
    rows: usize,
}

struct Found {
    name: String,
    wanted: String,
    selected: usize,
    matched: Vec<Value>,
    holds: bool,
    /// Whether no further row can mend it.
    lost: bool,
    /// The row that comes closest, where one is missing or wrong.
    nearest: Option<Nearest>,
}

struct Nearest {
    head: Value,
    line: String,
    misses: Vec<Miss>,
    reasons: Vec<String>,
}

struct Miss {
    at: String,
    expected: String,
    found: Option<Value>,
}

impl Expectations {
    /// Reads a list, or an object with the list in `expect`.
    ///
    /// # Errors
    /// Where the body is wrong and how it should be, by JSON pointer.
    pub fn parse(body: &[u8]) -> Result<Self, String> {
        let body: Value = serde_json::from_slice(body)
            .map_err(|cause| format!("the body is no JSON: {cause}"))?;
        let none = Map::new();
        let (head, list, place) = match &body {
            Value::Array(list) => (&none, list, ""),
            Value::Object(head) => match head.get("expect") {
                Some(Value::Array(list)) => (head, list, "/expect"),
                _ => return Err("/expect: write the list of expectations there".into()),
            },
            _ => return Err("send a list of expectations, or {\"expect\": […]}".into()),
        };
        only(
            head,
            &["session", "after", "within_ms", "quiet_ms", "expect"],
            "",
        )?;
        let millis = |name: &str, default: Duration| match head.get(name) {
            None => Ok(default),
            Some(value) => value
                .as_u64()
                .map(|millis| Duration::from_millis(millis).min(LONGEST))
                .ok_or_else(|| format!("/{name}: write a number of milliseconds")),
        };
        let session = match head.get("session") {
            None => None,
            Some(Value::String(word)) if crate::session::is_word(word) => Some(word.clone()),
            Some(_) => return Err("/session: write 1 to 64 of A-Z a-z 0-9 . _ -".into()),
        };
        let after = match head.get("after") {
            None => 0,
            Some(seq) => seq.as_i64().ok_or("/after: write the `seq` of a row")?,
        };
        let list = list.iter().enumerate();
        let list: Result<Vec<_>, String> = list
            .map(|(at, one)| Expectation::parse(one, at, &format!("{place}/{at}")))
            .collect();
        let read = Self {
            session,
            after,
            within: millis("within_ms", WITHIN)?,
            quiet: millis("quiet_ms", QUIET)?,
            list: list?,
        };
        if read.list.is_empty() {
            let place = if place.is_empty() { "the list" } else { place };
            return Err(format!(
                "{place}: it is empty and expects nothing; write at least one expectation, such \
                 as {{\"where\": {{\"state\": \"bad\"}}, \"count\": 0}}"
            ));
        }
        Ok(read)
    }

    /// Whether something may not come.
    pub fn is_bounded(&self) -> bool {
        self.list
            .iter()
            .any(|one| one.every || one.count.at_most.is_some())
    }

    /// Holds them against the rows.
    pub fn judge(&self, rows: &[Seen], waited: Duration) -> Outcome {
        let results = self.list.iter().map(|one| one.judge(rows)).collect();
        Outcome {
            results,
            waited,
            rows: rows.len(),
        }
    }
}

impl Expectation {
    fn parse(value: &Value, at: usize, place: &str) -> Result<Self, String> {
        let Some(members) = value.as_object() else {
            return Err(format!("{place}: an expectation is an object"));
        };
        only(
            members,
            &["name", "where", "expect", "count", "every"],
            place,
        )?;
        let places = |name: &str| -> Result<Vec<(String, Matcher)>, String> {
            let Some(found) = members.get(name) else {
                return Ok(Vec::new());
            };
            let here = format!("{place}/{name}");
            let pairs = found
                .as_object()
                .ok_or_else(|| format!("{here}: write an object of places and values"))?;
            pairs
                .iter()
                .map(|(at, wanted)| {
                    let known = at.starts_with('/') || at.is_empty() || COLUMNS.contains(&at.as_str());
                    if !known {
                        return Err(format!(
                            "{here}: `{at}` is no JSON pointer into the event (it begins with /) and \
                             none of {}",
                            COLUMNS.join(" ")
                        ));
                    }
                    let matcher = Matcher::parse(wanted);
                    let matcher = matcher.map_err(|cause| format!("{here}: {at}: {cause}"))?;
                    may_be(at, &matcher).map_err(|cause| format!("{here}: {at}: {cause}"))?;
                    Ok((at.clone(), matcher))
                })
                .collect()
        };
        let (select, expect) = (places("where")?, places("expect")?);
        if select.is_empty() && expect.is_empty() && !members.contains_key("count") {
            return Err(format!(
                "{place}: it expects nothing; write where, expect or count"
            ));
        }
        let every = match members.get("every") {
            None => false,
            Some(every) => every
                .as_bool()
                .ok_or_else(|| format!("{place}/every: write true or false"))?,
        };
        let count = match members.get("count") {
            None => Bounds {
                at_least: Some(1.0),
                at_most: None,
            },
            Some(count) => {
                Bounds::parse_count(count).map_err(|cause| format!("{place}/count: {cause}"))?
            }
        };
        let name = match members.get("name") {
            None => format!("expectation {}", at + 1),
            Some(name) => name
                .as_str()
                .ok_or_else(|| format!("{place}/name: write a text"))?
                .to_owned(),
        };
        Ok(Self {
            name,
            select,
            expect,
            count,
            every,
        })
    }

    fn judge(&self, rows: &[Seen]) -> Found {
        let selected: Vec<&Value> = rows
            .iter()
            .map(|seen| &seen.row)
            .filter(|row| misses(&self.select, row).is_empty())
            .collect();
        let (matched, others): (Vec<&Value>, Vec<&Value>) = selected
            .iter()
            .partition(|row| misses(&self.expect, row).is_empty());
        let count = matched.len() as f64;
        let wrong = self.every && !others.is_empty();
        let holds = self.count.hold(count) && !wrong;
        let too_many = self.count.at_most.is_some_and(|most| count > most);
        let nearest = (!holds).then(|| {
            if too_many {
                return matched.last().map(|row| nearest(row, Vec::new()));
            }
            // Among the selected, else among all: what differs least.
            let from: Vec<(&Value, Vec<Miss>)> = if others.is_empty() {
                let all = rows.iter().map(|seen| &seen.row);
                all.map(|row| (row, misses(&self.select, row))).collect()
            } else {
                let rest = others.iter();
                rest.map(|row| (*row, misses(&self.expect, row))).collect()
            };
            let from = from.into_iter().filter(|(_, misses)| !misses.is_empty());
            let closest = from.min_by_key(|(_, misses)| misses.len());
            closest.map(|(row, misses)| nearest(row, misses))
        });
        let each = if self.every {
            ", and each one selected"
        } else {
            ""
        };
        Found {
            name: self.name.clone(),
            wanted: format!("{}{each}", self.count),
            selected: selected.len(),
            matched: matched.iter().map(|row| row["seq"].clone()).collect(),
            holds,
            lost: too_many || wrong,
            nearest: nearest.flatten(),
        }
    }
}

impl Outcome {
    /// Whether everything is as expected.
    pub fn holds(&self) -> bool {
        self.results.iter().all(|one| one.holds)
    }

    /// Whether waiting is of no use any more.
    pub fn is_final(&self) -> bool {
        self.results.iter().any(|one| one.lost)
    }

    /// For programs; `report` holds the text.
    pub fn to_json(&self) -> Value {
        let results: Vec<Value> = self.results.iter().map(Found::to_json).collect();
        json!({
            "ok": self.holds(),
            "waited_ms": u64::try_from(self.waited.as_millis()).unwrap_or(u64::MAX),
            "rows": self.rows,
            "results": results,
            "report": self.to_text(),
        })
    }

    /// For people: a line for each expectation, and a diff where one fails.
    pub fn to_text(&self) -> String {
        let mut out = String::new();
        for one in &self.results {
            one.tell(&mut out);
        }
        let failed = self.results.iter().filter(|one| !one.holds).count();
        let _ = writeln!(
            out,
            "{} of {} expectations hold; {} events and rejected elements in {} ms",
            self.results.len() - failed,
            self.results.len(),
            self.rows,
            self.waited.as_millis()
        );
        out
    }
}

impl Found {
    fn to_json(&self) -> Value {
        let nearest = self.nearest.as_ref().map(|nearest| {
            let misses: Vec<Value> = nearest.misses.iter().map(Miss::to_json).collect();
            json!({"row": nearest.head, "misses": misses, "reasons": nearest.reasons})
        });
        json!({
            "name": self.name,
            "ok": self.holds,
            "wanted": self.wanted,
            "count": self.matched.len(),
            "selected": self.selected,
            "matched": self.matched,
            "nearest": nearest,
        })
    }

    fn tell(&self, out: &mut String) {
        let name = plain(&self.name);
        if self.holds {
            let _ = writeln!(out, "ok   {name}");
            return;
        }
        let (wanted, count) = (&self.wanted, self.matched.len());
        let _ = writeln!(out, "FAIL {name}: {wanted} wanted, {count} there");
        let Some(nearest) = &self.nearest else {
            let _ = writeln!(out, "     there is no other event");
            return;
        };
        let word = if nearest.misses.is_empty() {
            "too many"
        } else {
            "nearest"
        };
        let _ = writeln!(out, "     {word}: {}", plain(&nearest.line));
        for Miss {
            at,
            expected,
            found,
        } in &nearest.misses
        {
            let found = found
                .as_ref()
                .map_or("nothing".to_owned(), Value::to_string);
            let _ = writeln!(out, "     - {}: {}", plain(at), plain(expected));
            let _ = writeln!(out, "     + {}: {}", plain(at), plain(&found));
        }
        for reason in &nearest.reasons {
            let _ = writeln!(out, "     ! {}", plain(reason));
        }
    }
}

impl Miss {
    fn to_json(&self) -> Value {
        json!({"at": self.at, "expected": self.expected, "found": self.found})
    }
}

/// The places where a row is not as expected.
fn misses(places: &[(String, Matcher)], row: &Value) -> Vec<Miss> {
    let wrong = places.iter().filter_map(|(at, matcher)| {
        let found = match at.as_str() {
            pointer if pointer.is_empty() || pointer.starts_with('/') => {
                row.get("event").and_then(|event| event.pointer(pointer))
            }
            column => row.get(column).filter(|value| !value.is_null()),
        };
        (!matcher.holds(found)).then(|| Miss {
            at: at.clone(),
            expected: matcher.to_string(),
            found: found.cloned(),
        })
    });
    wrong.collect()
}

fn nearest(row: &Value, misses: Vec<Miss>) -> Nearest {
    let mut head = Map::new();
    for name in ["seq", "state", "type", "subject", "id", "reason"] {
        if let Some(value) = row.get(name).filter(|value| !value.is_null()) {
            head.insert(name.to_owned(), value.clone());
        }
    }
    let words = head.values().map(|value| match value {
        Value::String(text) => text.clone(),
        other => format!("#{other}"),
    });
    let line = words.collect::<Vec<_>>().join(" ");
    let reasons = row["reasons"].as_array().into_iter().flatten();
    let reasons = reasons.map(|reason| {
        let word = |name: &str| reason[name].as_str().unwrap_or_default().to_owned();
        format!(
            "{} {}: {}",
            word("instance"),
            word("keyword"),
            word("message")
        )
    });
    Nearest {
        line,
        misses,
        reasons: reasons.collect(),
        head: Value::Object(head),
    }
}

/// Refuses members that mean nothing: a slip must not expect less.
fn only(members: &Map<String, Value>, known: &[&str], place: &str) -> Result<(), String> {
    match members.keys().find(|name| !known.contains(&name.as_str())) {
        Some(name) => Err(format!("{place}/{name}: there is only {}", known.join(" "))),
        None => Ok(()),
    }
}

/// Refuses a word that never stands at that place: as a bound of none it would always hold.
fn may_be(at: &str, matcher: &Matcher) -> Result<(), String> {
    let Some((_, words)) = WORDS.iter().find(|(places, _)| places.contains(&at)) else {
        return Ok(());
    };
    let is_word = |value: &&Value| value.as_str().is_some_and(|word| words.contains(&word));
    match matcher.values().into_iter().find(|value| !is_word(value)) {
        Some(other) => Err(format!(
            "it is never {other}; write {}, or {{\"matches\": …}} for any other word",
            words.join(" or ")
        )),
        None => Ok(()),
    }
}

/// The words that stand at some places, by column or pointer. Source: spec/event.schema.json.
const WORDS: [(&[&str], &[&str]); 3] = [
    (&["state"], &["good", "bad", "rejected"]),
    (
        &["verdict", "/data/validation/verdict"],
        &[
            "valid",
            "invalid",
            "undeclared",
            "unread",
            "budget_exceeded",
        ],
    ),
    (
        &["/data/form/outcome"],
        &["sent", "accepted", "failed", "unconfirmed"],
    ),
];
/// What a row has beside its event.
const COLUMNS: [&str; 13] = [
    "seq",
    "received_at",
    "skew_ms",
    "source",
    "id",
    "type",
    "subject",
    "state",
    "verdict",
    "reasons",
    "session",
    "reason",
    "body",
];
