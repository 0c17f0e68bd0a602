//! What is wrong with a plan or a schema: where it stands, and how to mend it.
//!
//! Used by every stage of plan build. All faults of a run are gathered and shown at once.
//! Not here: deciding what is wrong.

use std::fmt;
use std::process::ExitCode;

use serde_json::{Value, json};
use touchmark_collector::plain;

/// One thing that a person has to mend.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Fault {
    code: &'static str,
    /// The file as it was named on the command line or in the plan.
    pub file: String,
    /// JSON pointer into it; empty for the whole file.
    pub pointer: String,
    what: String,
    remedy: String,
}

impl Fault {
    pub fn new(
        code: &'static str,
        file: &str,
        pointer: &str,
        what: String,
        remedy: String,
    ) -> Self {
        Self {
            code,
            file: file.to_owned(),
            pointer: pointer.to_owned(),
            what,
            remedy,
        }
    }

    /// Stable name of the kind of fault, such as `contract_unknown`.
    pub fn code(&self) -> &'static str {
        self.code
    }

    /// For programs.
    pub fn to_json(&self) -> Value {
        let Self {
            code,
            file,
            pointer,
            what,
            remedy,
        } = self;
        json!({"code": code, "file": file, "pointer": pointer, "what": what, "remedy": remedy})
    }

    /// `plan.json#/forms/0`, or the file alone.
    pub fn place(&self) -> String {
        let at = if self.pointer.is_empty() { "" } else { "#" };
        format!("{}{at}{}", self.file, self.pointer)
    }

    pub fn what(&self) -> &str {
        &self.what
    }

    pub fn remedy(&self) -> &str {
        &self.remedy
    }
}

impl fmt::Display for Fault {
    /// Two lines: where and what, then the remedy.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self {
            code, what, remedy, ..
        } = self;
        // A file's name may hold what would be a line of its own.
        let [place, what, remedy] = [&self.place(), what, remedy].map(|one| plain(one));
        write!(f, "[{code}] {place}: {what}\n  remedy: {remedy}")
    }
}

/// Ends a run that could not be made: told to people, and as JSON where a program asked for it.
pub fn give_up(fault: &Fault, is_json: bool) -> ExitCode {
    eprintln!("error{fault}");
    if is_json {
        let version = env!("CARGO_PKG_VERSION");
        println!(
            "{:#}",
            json!({"touchmark": version, "exit": 2, "fault": fault.to_json()})
        );
    }
    ExitCode::from(2)
}

/// The faults and warnings of one run, each once.
#[derive(Debug, Default)]
pub struct Faults {
    faults: Vec<Fault>,
    warnings: Vec<Fault>,
}

impl Faults {
    /// Adds what keeps the plan from being built. A second fault of the same kind at the same
    /// place is dropped: a definition can be reached by many references.
    pub fn add(&mut self, fault: Fault) {
        let is_known = |known: &Fault| {
            (known.code, &known.file, &known.pointer) == (fault.code, &fault.file, &fault.pointer)
                && known.what == fault.what
        };
        if !self.faults.iter().any(is_known) {
            self.faults.push(fault);
        }
    }

    /// Adds what is odd but builds, unless a fault already says so.
    pub fn warn(&mut self, warning: Fault) {
        if !self.warnings.contains(&warning) {
            self.warnings.push(warning);
        }
    }

    /// What keeps the plan from being built, in the order it was found.
    pub fn into_all(self) -> Vec<Fault> {
        self.faults
    }

    pub fn is_empty(&self) -> bool {
        self.faults.is_empty()
    }

    pub fn len(&self) -> usize {
        self.faults.len()
    }

    /// Faults, then warnings, as lines for a terminal. A warning at the place of a fault is left out.
    pub fn report(&self) -> String {
        let mut lines = String::new();
        for fault in &self.faults {
            lines.push_str(&format!("error{fault}\n"));
        }
        let is_faulty = |warning: &&Fault| {
            let place = (&warning.file, &warning.pointer);
            !self
                .faults
                .iter()
                .any(|fault| (&fault.file, &fault.pointer) == place)
        };
        for warning in self.warnings.iter().filter(is_faulty) {
            lines.push_str(&format!("warning{warning}\n"));
        }
        lines
    }
}

/// Adds a step to a JSON pointer, escaped as RFC 6901 §3 asks.
pub fn step(pointer: &str, token: impl fmt::Display) -> String {
    let token = token.to_string().replace('~', "~0").replace('/', "~1");
    format!("{pointer}/{token}")
}
