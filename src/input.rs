//! What happened, as the tracker takes it.
//!
//! After `id`, before `output`. An input is a JSON object, so it can be logged, replayed and
//! asserted as text; this is its typed view. Not here: deciding anything.
//!
//! | `in` | members | what happened |
//! | --- | --- | --- |
//! | `start` | `plan`, `nonce`, `seed`, `device`, `former` | the core is up; all else is ignored before |
//! | `landing` | `at`, `query`, `referrer`, `origin`, `path`, `nav`, `known` | how the page was reached |
//! | `route` | as `landing` | a single-page route: another path, perhaps its own campaign |
//! | `carried` | `at`, `query`, `referrer`, `nav` | an arrival that this page did not see: from another of the site's hosts, or a cookie's click; by its own moment |
//! | `consent` | a state for each purpose, or `all`; `far`; `said`: such ones | a consent signal, perhaps another tab's; all of them so far |
//! | `form` | `key`, `form` | a declared form is on the page |
//! | `attempt` | `key`, `form`, `at` | a submit event; the page's handlers come next |
//! | `submit` | `key`, `form`, `at`, `native`, `controls`, `entries` | it goes out |
//! | `signal` | `key`, `outcome` | what became of a submission by request |
//! | `outcome` | `outcome` | what became of the submission whose navigation led here |
//! | `call` | `at` | a telephone link was followed |
//! | `record` | `type`, `at`, `fields` | the page records an event of a declared type |
//! | `early` | `early`: `form`, `nonce`, `intent`, `at`, `native`, `left` (by an earlier page) each | submissions that no core could read |
//! | `loaded` | `records`: an object; `lasts` | what storage held, text by key; whether the next page in this tab will find what this one keeps |
//! | `delivered` | `batch`, `status`, `retry_after` in seconds, `online` | the endpoint's answer; status 0 for none |
//! | `lease` | | this page alone may retry, and take over what others left |
//! | `hide`, `show` (`persisted`), `online`, `wake` | | the page's life |
//!
//! `former` is the nonce of a core of this page that trapped; `known` says that it has told of the
//! landing already. `key` is the kernel's number for a form element, `form` an index into the plan's forms and
//! -1 for an undeclared one, `at` milliseconds since 1970.

use crate::text::{concat, decimal};
use crate::time::UnixMillis;
use crate::value::Value;

/// What became of a batch.
#[derive(Clone, Copy, Debug, Default)]
pub struct Answer {
    pub batch: u64,
    /// 0 for none.
    pub status: u64,
    /// In seconds; 0 when nothing was asked for.
    pub retry_after: u64,
    /// Whether the browser says that there is a network.
    pub is_online: bool,
}

/// One thing that happened on the page or below it.
#[derive(Debug)]
pub struct Input(Value);

impl Input {
    /// Takes a message as it is. Members that are missing or of another type read as empty.
    pub fn from_value(message: Value) -> Input {
        Input(message)
    }

    /// What the shell read from storage, and whether what is put there lasts for the next page.
    pub fn loaded(records: Vec<(String, Value)>, lasts: bool) -> Input {
        let kind = Value::Text(String::from("loaded"));
        Input(Value::Object(vec![
            (String::from("in"), kind),
            (String::from("records"), Value::Object(records)),
            (String::from("lasts"), Value::Bool(lasts)),
        ]))
    }

    /// The endpoint's answer to a batch.
    pub fn delivered(answer: &Answer) -> Input {
        let text = concat(&[
            "{\"in\":\"delivered\",\"batch\":",
            &decimal(answer.batch),
            ",\"status\":",
            &decimal(answer.status),
            ",\"retry_after\":",
            &decimal(answer.retry_after),
            ",\"online\":",
            if answer.is_online { "true}" } else { "false}" },
        ]);
        Input(Value::parse(&text).unwrap_or(Value::Null))
    }

    /// What `delivered` says.
    pub fn answer(&self) -> Answer {
        Answer {
            batch: self.whole("batch"),
            status: self.whole("status"),
            retry_after: self.whole("retry_after"),
            is_online: self.is_true("online"),
        }
    }

    /// Which of the table's rows this is.
    pub fn kind(&self) -> &str {
        self.text("in")
    }

    pub fn text(&self, name: &str) -> &str {
        self.0.text_of(name)
    }

    pub fn key(&self) -> u64 {
        self.0.whole_of("key")
    }

    /// The plan's form; `None` for an undeclared one.
    pub fn form(&self) -> Option<usize> {
        form_of(&self.0)
    }

    pub fn at(&self) -> UnixMillis {
        UnixMillis(self.0.whole_of("at"))
    }

    pub fn whole(&self, name: &str) -> u64 {
        self.0.whole_of(name)
    }

    pub fn is_true(&self, name: &str) -> bool {
        self.0.is_true(name)
    }

    pub fn items(&self, name: &str) -> &[Value] {
        self.0.items_of(name)
    }

    pub fn member(&self, name: &str) -> &Value {
        self.0.member(name).unwrap_or(&Value::Null)
    }

    /// The whole message.
    pub fn message(&self) -> &Value {
        &self.0
    }

    /// Takes a member out of the message.
    pub fn take(&mut self, name: &str) -> Value {
        let mut taken = Value::Null;
        if let Value::Object(members) = &mut self.0 {
            for (known, value) in members {
                if known == name {
                    core::mem::swap(&mut taken, value);
                }
            }
        }
        taken
    }
}

/// The index of the plan's form that a message names; `None` for an undeclared one.
#[inline(never)]
pub fn form_of(message: &Value) -> Option<usize> {
    let index = message.member("form")?.as_whole()?;
    usize::try_from(index).ok()
}
