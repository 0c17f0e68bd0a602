//! What happened, as the tracker takes it.
//!
//! After `id`, before `submission`. Inputs are plain values: they can be logged, replayed and
//! asserted as text. [`Input::from_value`] reads the kernel's JSON; the shell's own (loaded
//! records, deliveries) are made directly. Not here: deciding anything.

use crate::form::Entry;
use crate::id::Nonce;
use crate::time::UnixMillis;
use crate::value::Value;

/// One thing that happened on the page or below it.
#[derive(Clone, Debug)]
pub enum Input {
    /// The core is up; everything else is ignored before.
    Start(Start),
    /// How the page was reached.
    Landing(Arrived),
    /// A single-page route: another path, perhaps with a campaign of its own.
    Route(Arrived),
    /// A consent signal: a member for each purpose, or `all`.
    Consent(Value),
    /// A declared form was seen on the page.
    Form { key: u64, form: Option<usize> },
    /// A submission was attempted; the page's handlers come next.
    Attempt(Submission),
    /// A submission goes out: by the browser (`native`) or by the page's own request.
    Submit(Submission),
    /// What became of a submission by request.
    Signal { key: u64, outcome: String },
    /// What became of the submission whose navigation led here.
    Outcome { outcome: String },
    /// A telephone link was followed.
    Call { at: UnixMillis },
    /// The page records an event of a declared type.
    Record {
        kind: String,
        at: UnixMillis,
        fields: Value,
    },
    /// Submissions that an earlier page could not read in time.
    Early(Vec<Unread>),
    /// What storage held, as key and text.
    Loaded(Vec<(String, String)>),
    /// The endpoint's answer to a batch; status 0 when there was none.
    Delivered {
        batch: u64,
        status: u64,
        /// Seconds of `Retry-After`, 0 when absent.
        retry_after: u64,
    },
    /// The page may never run again.
    Hide,
    /// The page is shown; `restored` when it comes from the back-forward cache.
    Show { restored: bool },
    /// The network is back.
    Online,
    /// The moment asked for by `Wake` has come.
    Wake,
}

/// What the core begins with.
#[derive(Clone, Debug)]
pub struct Start {
    /// The built plan, as it was loaded.
    pub plan: Value,
    pub nonce: Nonce,
    /// Random bits for jitter and for the ids after a withdrawal.
    pub seed: u64,
    /// mobile, tablet or desktop; empty when unknown.
    pub device: String,
}

/// Where the visitor arrived, and from where.
#[derive(Clone, Debug)]
pub struct Arrived {
    pub at: UnixMillis,
    /// Without `?`.
    pub query: String,
    pub referrer: String,
    pub origin: String,
    pub path: String,
    /// Whether this is a fresh navigation, not a reload or a step in history.
    pub is_fresh: bool,
}

/// A submission, as the kernel saw it.
#[derive(Clone, Debug)]
pub struct Submission {
    /// The kernel's number for the form element.
    pub key: u64,
    /// The plan's form; `None` when undeclared.
    pub form: Option<usize>,
    pub at: UnixMillis,
    pub is_native: bool,
    pub controls: u64,
    pub entries: Vec<Entry>,
}

/// A submission of which only this is known.
#[derive(Clone, Debug)]
pub struct Unread {
    pub form: Option<usize>,
    pub nonce: Nonce,
    pub number: u64,
    pub at: UnixMillis,
}

impl Input {
    /// Reads the kernel's message.
    ///
    /// `nonce` and `seed` are fresh random numbers for a `start` that brings no nonce. `None`
    /// when the message is none that this core knows.
    pub fn from_value(message: &Value, nonce: Nonce, seed: u64) -> Option<Input> {
        let at = UnixMillis(message.whole_of("at"));
        let key = message.whole_of("key");
        let text = |name: &str| String::from(message.text_of(name));
        Some(match message.text_of("in") {
            "start" => Input::Start(Start {
                plan: message.member("plan")?.clone(),
                nonce: Nonce::from_hex(message.text_of("nonce")).unwrap_or(nonce),
                seed,
                device: text("device"),
            }),
            "landing" => Input::Landing(Arrived::from_value(message)),
            "route" => Input::Route(Arrived::from_value(message)),
            "consent" => Input::Consent(message.clone()),
            "form" => Input::Form {
                key,
                form: form_of(message),
            },
            "attempt" => Input::Attempt(Submission::from_value(message)),
            "submit" => Input::Submit(Submission::from_value(message)),
            "signal" => Input::Signal {
                key,
                outcome: text("outcome"),
            },
            "outcome" => Input::Outcome {
                outcome: text("outcome"),
            },
            "call" => Input::Call { at },
            "record" => Input::Record {
                kind: text("type"),
                at,
                fields: message.member("fields").cloned().unwrap_or(Value::Null),
            },
            "early" => Input::Early(
                items(message, "early")
                    .iter()
                    .filter_map(Unread::from_value)
                    .collect(),
            ),
            "hide" => Input::Hide,
            "show" => Input::Show {
                restored: message.is_true("persisted"),
            },
            "online" => Input::Online,
            "wake" => Input::Wake,
            _ => return None,
        })
    }
}

impl Arrived {
    fn from_value(message: &Value) -> Arrived {
        let text = |name: &str| String::from(message.text_of(name));
        Arrived {
            at: UnixMillis(message.whole_of("at")),
            query: text("query"),
            referrer: text("referrer"),
            origin: text("origin"),
            path: text("path"),
            is_fresh: !matches!(message.text_of("nav"), "reload" | "back_forward"),
        }
    }
}

impl Submission {
    fn from_value(message: &Value) -> Submission {
        Submission {
            key: message.whole_of("key"),
            form: form_of(message),
            at: UnixMillis(message.whole_of("at")),
            is_native: message.is_true("native"),
            controls: message.whole_of("controls"),
            entries: items(message, "entries")
                .iter()
                .map(Entry::from_value)
                .collect(),
        }
    }
}

impl Unread {
    fn from_value(message: &Value) -> Option<Unread> {
        Some(Unread {
            form: form_of(message),
            nonce: Nonce::from_hex(message.text_of("nonce"))?,
            number: message.whole_of("intent"),
            at: UnixMillis(message.whole_of("at")),
        })
    }
}

/// The index of the plan's form; -1 stands for an undeclared one.
fn form_of(message: &Value) -> Option<usize> {
    let index = message.member("form")?.as_whole()?;
    usize::try_from(index).ok()
}

fn items<'a>(message: &'a Value, name: &str) -> &'a [Value] {
    message.member(name).map_or(&[], Value::items)
}
