//! Attempts and submissions into intents: one wish of a visitor, one number, one event.
//!
//! After `output`, before `event`. An intent runs from the first attempt until its event is
//! sealed; double clicks and a handler's own re-submit fall into it and add nothing.
//! Not here: what the event says, and when it is sent.

use crate::text::concat;
use crate::time::UnixMillis;

/// How long a request may take to say what became of a submission.
pub const OUTCOME_LIMIT_MS: u64 = 4_000;
/// How long a native submission's navigation may be under way: a second submit is no new one.
pub const NAVIGATION_LIMIT_MS: u64 = 10_000;

/// One wish of a visitor to submit one form.
#[derive(Debug)]
pub struct Intent {
    /// The kernel's number for the form element.
    pub key: u64,
    pub form: Option<usize>,
    /// Counts from 1 for each subject; with the nonce it makes the event's id.
    pub number: u64,
    /// Whether its id was given to the data layer.
    pub is_announced: bool,
    pub phase: Phase,
    /// Whether what was read keeps the form's contract, or the page has taken it all the same.
    pub is_valid: bool,
    /// Whether it was seen to go out.
    pub is_sent: bool,
    /// When the phase ends by itself: the wait for an outcome, or a navigation.
    pub until: UnixMillis,
}

/// Where an intent stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Phase {
    /// Not yet gone out, perhaps tried and blocked.
    Open,
    /// Gone out by request; its event waits for the outcome.
    Waiting,
    /// Gone out by navigation, which is under way.
    Leaving,
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
        let name = concat(&[kind, "/", subject]);
        let known = self.counters.iter_mut().find(|(known, _)| *known == name);
        if let Some((_, count)) = known {
            *count += 1;
            return *count;
        }
        self.counters.push((name, 1));
        1
    }

    /// The intent that a form element is in now; a new one when its last is over.
    #[inline(never)]
    pub fn current(
        &mut self,
        now: UnixMillis,
        key: u64,
        form: Option<usize>,
        subject: &str,
    ) -> Option<&mut Intent> {
        let is_current = |intent: &Intent| {
            let is_over = match intent.phase {
                Phase::Done => true,
                Phase::Leaving => intent.until <= now,
                _ => false,
            };
            intent.key == key && intent.form == form && !is_over
        };
        let known = self.intents.iter().position(is_current);
        let index = match known {
            Some(index) => index,
            None => {
                let fresh = Intent {
                    key,
                    form,
                    number: self.next_number("form_submit", subject),
                    is_announced: false,
                    is_valid: true,
                    is_sent: false,
                    phase: Phase::Open,
                    until: now,
                };
                // In the place of one that is over, so that the list stays short.
                let over = self.intents.iter().position(|intent| intent.key == key);
                let index = over.unwrap_or(self.intents.len());
                match self.intents.get_mut(index) {
                    Some(slot) => *slot = fresh,
                    None => self.intents.push(fresh),
                }
                index
            }
        };
        self.intents.get_mut(index)
    }

    /// An intent that waits for its outcome: that of a form element, or any whose time is up.
    pub fn waiting(&mut self, key: Option<u64>, now: UnixMillis) -> Option<&mut Intent> {
        self.in_phase(Phase::Waiting, key, now)
    }

    /// An intent in a phase: that of a form element, or any whose time is up.
    pub fn in_phase(
        &mut self,
        phase: Phase,
        key: Option<u64>,
        now: UnixMillis,
    ) -> Option<&mut Intent> {
        self.intents.iter_mut().find(|intent| {
            intent.phase == phase
                && match key {
                    Some(key) => intent.key == key,
                    // Further off than any wait: the clock went back.
                    None => intent.until <= now || intent.until > now.plus(OUTCOME_LIMIT_MS),
                }
        })
    }

    /// When the next wait for an outcome ends.
    pub fn next_deadline(&self) -> Option<UnixMillis> {
        let waiting = self
            .intents
            .iter()
            .filter(|intent| intent.phase == Phase::Waiting);
        waiting.map(|intent| intent.until).min()
    }

    /// Ends every navigation that was under way: the page is back.
    pub fn return_to_page(&mut self) {
        for intent in &mut self.intents {
            if intent.phase == Phase::Leaving {
                intent.phase = Phase::Done;
            }
        }
    }

    /// All of them, for whoever inspects the page.
    #[cfg(feature = "typed")]
    pub fn intents(&self) -> &[Intent] {
        &self.intents
    }

    /// Remembers that a submission failed or stayed unknown: the form's next one retries it.
    pub fn note_retry(&mut self, form: Option<usize>, id: &str) {
        self.forget_retry(form);
        self.retries.push((form, String::from(id)));
    }

    /// The submission that the form's next one retries; empty when none.
    pub fn retry_of(&self, form: Option<usize>) -> &str {
        let known = self.retries.iter().find(|(known, _)| *known == form);
        known.map_or("", |(_, id)| id)
    }

    /// Forgets it: the next one is about something else.
    pub fn forget_retry(&mut self, form: Option<usize>) {
        self.retries.retain(|(known, _)| *known != form);
    }
}
