//! What should happen next, as the tracker says it.
//!
//! After `input`, before `submission`. The shell carries out storage, sending and timers;
//! the kernel what concerns forms. Not here: deciding anything.

/// One thing to do. Every output is of this one shape, which keeps the module small; the
/// variants of [`What`] say what `number`, `key` and `text` mean.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Output {
    pub what: What,
    pub number: u64,
    pub key: String,
    pub text: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum What {
    /// Read all of touchmark's records and answer with `loaded`.
    Load,
    /// Keep `text` under `key`; durable before the next output.
    Store(Area),
    /// Forget `key`.
    Remove(Area),
    /// Forget every record that touchmark ever kept, and abort all requests. The consent signal
    /// `text`, where there is one, goes to the site's other tabs.
    Wipe,
    /// Post the body `text` to the URL `key` as batch `number`; answer with `delivered`.
    Send,
    /// The same with the content type of a CloudEvents batch.
    SendBatch,
    /// Answer with `lease` once no other page of this site holds it; never, while one does.
    Lease,
    /// Give the lease back.
    Release,
    /// Answer with `wake` at the moment `number`; a later wish replaces an earlier one.
    Wake,
    /// Push the JSON object `text` to the page's data layer `key`.
    Announce,
    /// Put `text` into the control `key` of form element `number`, while that is empty or
    /// holds what touchmark wrote.
    Fill,
    /// The same, whatever it holds: the field is touchmark's own.
    FillOwn,
    /// This page may be the response to a submission of form `number`: judge its signals.
    Watch,
    /// A diagnostic: stable code `key`, and what it is about in `text`; never a value.
    Report,
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

/// The key of the touches.
pub const ATTRIBUTION_KEY: &str = "touchmark.attribution";
/// The key of the submission whose navigation is under way.
pub const LEFT_KEY: &str = "touchmark.left";
/// The start of an outbox record's key; its event's id follows.
pub const OUTBOX_PREFIX: &str = "touchmark.outbox.";

/// Outputs in order.
#[derive(Debug, Default)]
pub struct Outputs(Vec<Output>);

impl Outputs {
    #[inline(never)]
    pub fn push(&mut self, what: What, number: u64, key: &str, text: &str) {
        self.0.push(Output {
            what,
            number,
            key: String::from(key),
            text: String::from(text),
        });
    }

    pub fn report(&mut self, code: &str, about: &str) {
        self.push(What::Report, 0, code, about);
    }

    /// Forgets a key that may be in either storage: the plan may have changed since.
    pub fn remove_everywhere(&mut self, key: &str) {
        self.push(What::Remove(Area::Local), 0, key, "");
        self.push(What::Remove(Area::Session), 0, key, "");
    }

    /// Takes out the first one.
    pub fn take(&mut self) -> Option<Output> {
        (!self.0.is_empty()).then(|| self.0.remove(0))
    }
}
