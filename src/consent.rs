//! Consent signals into what may happen now: the wall in front of storage, attribution,
//! identity and sending.
//!
//! After `plan`, before `query`. Unknown means no. Every later stage asks here first.
//! Not here: where signals come from (the kernel, later consent sources).

use crate::value::{Json, Value};

/// What a visitor has said about one purpose.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum State {
    #[default]
    Unknown,
    Granted,
    Denied,
    /// Granted once, then taken back: what was kept is wiped.
    Withdrawn,
}

/// What consent is asked for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Purpose {
    /// Keeping records in the browser's storage.
    Store,
    /// Remembering and sending touches and click ids.
    Attribute,
    /// Sending hashed contact fields.
    Identify,
    /// Sending events at all; event ids exist only under it.
    Send,
}

/// The purposes, in the order events list them.
pub const PURPOSES: [(&str, Purpose); 4] = [
    ("store", Purpose::Store),
    ("attribute", Purpose::Attribute),
    ("identify", Purpose::Identify),
    ("send", Purpose::Send),
];

/// The state of every purpose.
#[derive(Clone, Debug, Default)]
pub struct Gate([State; 4]);

impl Gate {
    /// A site that needs no consent says so in its plan.
    pub fn not_required() -> Self {
        Gate([State::Granted; 4])
    }

    /// Takes a signal: a member for each purpose, or `all`. Words it doesn't know change nothing.
    ///
    /// Returns whether something was withdrawn, so that what was kept must go.
    pub fn apply(&mut self, signal: &Value) -> bool {
        let mut withdrawn = false;
        for ((name, _), state) in PURPOSES.iter().zip(&mut self.0) {
            let word = match signal.text_of(name) {
                "" => signal.text_of("all"),
                own => own,
            };
            *state = match (word, *state) {
                ("granted", _) => State::Granted,
                // Also where nothing was granted: another page may have kept something.
                ("withdrawn", _) | ("denied", State::Granted) => {
                    withdrawn = true;
                    State::Withdrawn
                }
                ("denied", State::Unknown) => State::Denied,
                (_, unchanged) => unchanged,
            };
        }
        withdrawn
    }

    /// Whether the purpose is granted now.
    pub fn may(&self, purpose: Purpose) -> bool {
        self.state(purpose) == State::Granted
    }

    /// Whether nobody has said anything yet: what needs the purpose may wait in memory.
    pub fn is_open(&self, purpose: Purpose) -> bool {
        self.state(purpose) == State::Unknown
    }

    /// Whether the purpose is refused: an earlier page may have kept something under a grant.
    pub fn is_refused(&self, purpose: Purpose) -> bool {
        self.state(purpose) == State::Denied
    }

    /// Writes the states as events carry them.
    pub fn write(&self, json: &mut Json, source: &str) {
        json.name("consent");
        json.open("{");
        for ((name, _), state) in PURPOSES.iter().zip(self.0) {
            let word = match state {
                State::Unknown => "unknown",
                State::Granted => "granted",
                State::Denied => "denied",
                State::Withdrawn => "withdrawn",
            };
            json.member(name, word);
        }
        json.member("source", source);
        json.close("}");
    }

    fn state(&self, purpose: Purpose) -> State {
        self.0.get(purpose as usize).copied().unwrap_or_default()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn signal(json: &str) -> Value {
        Value::parse(json).expect("test signals are JSON")
    }

    #[test]
    fn nothing_is_allowed_before_a_grant() {
        let gate = Gate::default();
        assert!(PURPOSES.iter().all(|(_, purpose)| !gate.may(*purpose)));
    }

    #[test]
    fn a_grant_covers_what_it_names_and_no_more() {
        let mut gate = Gate::default();
        assert!(!gate.apply(&signal(r#"{"store":"granted","send":"yes"}"#)));
        assert!(gate.may(Purpose::Store));
        assert!(!gate.may(Purpose::Send));
    }

    #[test]
    fn a_denial_after_a_grant_is_a_withdrawal() {
        let mut gate = Gate::not_required();
        assert!(gate.apply(&signal(r#"{"all":"denied"}"#)));
        assert!(!gate.may(Purpose::Send));
        assert!(!gate.is_open(Purpose::Send));
        assert!(!gate.apply(&signal(r#"{"all":"denied"}"#)), "only once");
    }
}
