//! Attempts and submissions into intents: one wish of a visitor, one number, one event.
//!
//! After `output`, before `event`. An intent runs from the first attempt until its event is
//! sealed; double clicks and a handler's own re-submit fall into it and add nothing.
//! Not here: what the event says, and when it is sent.

use crate::time::UnixMillis;

/// How long a request may take to say what became of a submission.
pub const OUTCOME_LIMIT_MS: u64 = 4_000;
/// How long a native submission's navigation may be under way: a second submit is no new one.
pub const NAVIGATION_LIMIT_MS: u64 = 10_000;

/// One wish of a visitor to submit one form.
#[derive(Clone, Debug)]
pub struct Intent {
    /// The kernel's number for the form element.
    pub key: u64,
    pub form: Option<usize>,
    /// Counts from 1 for each subject; with the nonce it makes the event's id.
    pub number: u64,
    /// Whether its id was given to the data layer.
    pub is_announced: bool,
    pub phase: Phase,
}

/// Where an intent stands.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Not yet gone out, perhaps tried and blocked.
    Open,
    /// Gone out by request; its event waits for the outcome.
    Waiting { id: String, until: UnixMillis },
    /// Gone out by navigation, which is under way until then.
    Leaving { until: UnixMillis },
    /// Its event is settled: the next attempt is a new intent.
    Done,
}

/// All intents of a document.
#[derive(Debug, Default)]
pub struct Submissions {
    intents: Vec<Intent>,
    counters: Vec<(String, u64)>,
    retries: Vec<(Option<usize>, String)>,
}

impl Submissions {
    /// The next number of a type and subject, from 1.
    pub fn next_number(&mut self, kind: &str, subject: &str) -> u64 {
        let mut name = String::from(kind);
        name.push('/');
        name.push_str(subject);
        match self.counters.iter_mut().find(|(known, _)| *known == name) {
            Some((_, count)) => {
                *count += 1;
                *count
            }
            None => {
                self.counters.push((name, 1));
                1
            }
        }
    }

    /// Takes out the intent that a form element is in now; a new one when its last is over.
    /// The caller puts it back.
    pub fn take(
        &mut self,
        now: UnixMillis,
        key: u64,
        form: Option<usize>,
        subject: &str,
    ) -> Intent {
        let known = self.intents.iter().position(|intent| intent.key == key);
        let known = known.map(|index| self.intents.swap_remove(index));
        match known {
            Some(intent) if !intent.is_over(now) && intent.form == form => intent,
            _ => Intent {
                key,
                form,
                number: self.next_number("form_submit", subject),
                is_announced: false,
                phase: Phase::Open,
            },
        }
    }

    pub fn put(&mut self, intent: Intent) {
        self.intents.push(intent);
    }

    /// Takes out an intent that waits for its outcome: that of a form element, or any whose
    /// time is up.
    pub fn take_waiting(&mut self, key: Option<u64>, now: UnixMillis) -> Option<(Intent, String)> {
        let index = self.intents.iter().position(|intent| match &intent.phase {
            Phase::Waiting { until, .. } => key.map_or(*until <= now, |key| key == intent.key),
            _ => false,
        })?;
        let intent = self.intents.swap_remove(index);
        match &intent.phase {
            Phase::Waiting { id, .. } => {
                let id = id.clone();
                Some((intent, id))
            }
            _ => None,
        }
    }

    /// When the next wait for an outcome ends.
    pub fn next_deadline(&self) -> Option<UnixMillis> {
        let untils = self.intents.iter().filter_map(|intent| match intent.phase {
            Phase::Waiting { until, .. } => Some(until),
            _ => None,
        });
        untils.min()
    }

    /// Ends every navigation that was under way: the page is back.
    pub fn return_to_page(&mut self) {
        for intent in &mut self.intents {
            if let Phase::Leaving { .. } = intent.phase {
                intent.phase = Phase::Done;
            }
        }
    }

    /// Remembers that a submission failed or stayed unknown: the form's next one retries it.
    pub fn note_retry(&mut self, form: Option<usize>, id: String) {
        self.retries.retain(|(known, _)| *known != form);
        self.retries.push((form, id));
    }

    /// The submission that the form's next one retries, if any.
    pub fn take_retry(&mut self, form: Option<usize>) -> Option<String> {
        let index = self.retries.iter().position(|(known, _)| *known == form)?;
        Some(self.retries.swap_remove(index).1)
    }
}

impl Intent {
    fn is_over(&self, now: UnixMillis) -> bool {
        match self.phase {
            Phase::Done => true,
            Phase::Leaving { until } => until <= now,
            _ => false,
        }
    }
}
