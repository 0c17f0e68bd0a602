//! What should happen next, as the tracker says it.
//!
//! After `input`, before `submission`. The shell carries out storage, sending and timers;
//! the kernel what concerns forms. Not here: deciding anything.

use crate::time::UnixMillis;

/// One thing to do.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Output {
    /// Read all of touchmark's records and answer with `Input::Loaded`.
    Load,
    /// Keep a text under a key; durable before the next output.
    Store {
        area: Area,
        key: String,
        text: String,
    },
    /// Forget a key.
    Remove { area: Area, key: String },
    /// Abort what is in flight, and forget every record that touchmark ever kept.
    Wipe,
    /// Post a batch and answer with `Input::Delivered`.
    Send {
        batch: u64,
        url: String,
        body: String,
    },
    /// Answer with `Input::Wake` at this moment; a later wish replaces an earlier one.
    Wake { at: UnixMillis },
    /// Push an object, given as JSON, to the page's data layer.
    Announce { layer: String, object: String },
    /// Put a value into a form's hidden field.
    Fill {
        key: u64,
        control: String,
        value: String,
        /// touchmark's own field is always written; others only while empty or still ours.
        is_own: bool,
    },
    /// This page may be the response to a submission of this form: judge its signals.
    Watch { form: usize },
    /// A diagnostic: a stable code and what it is about, never a value.
    Report { code: &'static str, about: String },
}

/// Which of the browser's storages.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Area {
    /// Across pages and tabs.
    #[default]
    Local,
    /// For this tab only.
    Session,
}

/// The start of every key that touchmark keeps.
pub const KEY_PREFIX: &str = "touchmark.";
/// The key of the touches.
pub const ATTRIBUTION_KEY: &str = "touchmark.attribution";
/// The key of the submission whose navigation is under way.
pub const LEFT_KEY: &str = "touchmark.left";
/// The start of an outbox record's key; its event's id follows.
pub const OUTBOX_PREFIX: &str = "touchmark.outbox.";
