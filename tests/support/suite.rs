//! The official JSON Schema test suite for draft 2020-12, run natively and in a browser.
//!
//! Each group's schema is bundled with what it refers to, then judges each of the group's cases.
//! All of the required part with formats as annotations; of the optional formats those that
//! contracts assert. `cargo xtask test` obtains the suite.

use core::fmt;

use touchmark::schema::Host;
use touchmark::schema::full::bundle::bundle;
use touchmark::schema::full::{Formats, Schema, Verdict};
use touchmark::value::Value;

/// How many cases ran; all of them passed.
pub struct Counts {
    pub required: usize,
    pub formats: usize,
    pub bundled: usize,
}

impl fmt::Display for Counts {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            required,
            formats,
            bundled,
        } = self;
        write!(
            f,
            "{required} required cases and {formats} of {} formats passed; {bundled} schemas had remote references bundled",
            FORMATS.len()
        )
    }
}

/// Runs the suite that `cargo xtask test` has made.
///
/// # Panics
/// When a case gets the other verdict, with every such case.
pub fn run(pack: &str, host: &dyn Host) -> Counts {
    let pack = Value::parse(pack).expect("the suite's file is JSON");
    let mut run = Run {
        host,
        remotes: pack.member("remotes").expect("remotes"),
        metaschema: Value::parse(METASCHEMA).expect("spec/draft2020-12.json is JSON"),
        wrong: String::new(),
        bundled: 0,
    };
    let mut required = 0;
    for (file, text) in pack.member("required").expect("required tests").members() {
        required += run.file(file, text, Formats::Annotate);
    }
    let mut formats = 0;
    for format in FORMATS {
        let file = format!("{format}.json");
        let text = pack.member("formats").and_then(|all| all.member(&file));
        formats += run.file(&file, text.expect("tests of the format"), Formats::Assert);
    }
    assert!(run.wrong.is_empty(), "{}", run.wrong);
    assert!(
        required > 1_000 && formats > 200,
        "{required} and {formats} cases are too few"
    );
    Counts {
        required,
        formats,
        bundled: run.bundled,
    }
}

struct Run<'a> {
    host: &'a dyn Host,
    remotes: &'a Value,
    metaschema: Value,
    wrong: String,
    bundled: usize,
}

impl Run<'_> {
    fn file(&mut self, file: &str, text: &Value, formats: Formats) -> usize {
        let groups = Value::parse(text.as_text().expect("a text")).expect("a test file is JSON");
        let mut count = 0;
        for group in groups.items() {
            let written = group.member("schema").expect("a group has a schema");
            let mut fetch = |uri: &str| {
                let remote = self.remotes.member(uri).and_then(Value::as_text);
                let own = self.metaschema.member(uri);
                own.cloned().or_else(|| Value::parse(remote?).ok())
            };
            let bundled = bundle(written, "", &mut fetch);
            let whole = bundled.unwrap_or_else(|missing| panic!("{file}: {missing:?}"));
            self.bundled += usize::from(whole != *written);
            let name = group.text_of("description");
            let schema = match Schema::of(&whole, self.host) {
                Ok(schema) => schema,
                Err(wrong) => {
                    self.wrong.push_str(&format!("\n{file}: {name}: {wrong}"));
                    continue;
                }
            };
            for case in group.items_of("tests") {
                count += 1;
                let verdict = schema.judge(
                    case.member("data").expect("a case has data"),
                    self.host,
                    formats,
                );
                let is_valid = verdict == Verdict::Valid;
                if is_valid != case.is_true("valid") {
                    let case = case.text_of("description");
                    self.wrong
                        .push_str(&format!("\n{file}: {name}: {case}: {verdict:?}"));
                }
            }
        }
        count
    }
}

/// The formats that a contract may assert.
const FORMATS: [&str; 13] = [
    "email",
    "uri",
    "uri-reference",
    "date",
    "time",
    "date-time",
    "uuid",
    "ipv4",
    "ipv6",
    "hostname",
    "regex",
    "duration",
    "json-pointer",
];
const METASCHEMA: &str = include_str!("../../spec/draft2020-12.json");
