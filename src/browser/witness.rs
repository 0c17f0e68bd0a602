//! What the core puts out, noted for the inspector; in a dry run it goes no further.
//!
//! Only with the feature `typed`. In a dry run requests are answered as if all had been taken,
//! nothing is kept, no other tag hears of anything, and of what was kept only touches are read.
//! A withdrawal still wipes: that is the visitor's word. Hidden fields are filled as ever, since
//! the form's own submission needs them.
//! Not here: asking (`typed`), showing (js/inspector).

use core::cell::{Cell, RefCell};

use serde::Serialize;

use super::{clock, hands};
use crate::input::{Answer, Input};
use crate::output::{ATTRIBUTION_KEY, Output, What};
use crate::value::Value;

/// So many notes are kept.
const MAX_NOTES: usize = 40;

/// What becomes of an output.
pub enum Notice {
    /// The shell carries it out.
    Passed,
    /// It is done, and this is what came of it.
    Answered(Input),
    /// It is done.
    Held,
}

/// Something that left the core for the network or for other tags.
#[derive(Clone, Serialize)]
pub struct Note {
    /// Milliseconds since 1970.
    at: u64,
    /// The batch's number; 0 for an announcement.
    batch: u64,
    /// send or announce.
    what: &'static str,
    /// The endpoint, or the data layer's name.
    to: String,
    /// The batch, or what was pushed, as JSON.
    body: String,
    /// Whether it went no further.
    is_held: bool,
}

thread_local! {
    static IS_DRY: Cell<bool> = const { Cell::new(false) };
    static NOTES: RefCell<Vec<Note>> = const { RefCell::new(Vec::new()) };
}

/// From here on nothing leaves, or everything does again.
pub fn dry_run(on: bool) {
    IS_DRY.set(on);
}

/// What was noted, the oldest first.
pub fn notes() -> Vec<Note> {
    NOTES.with_borrow(Clone::clone)
}

/// Sees an output before the shell does.
pub fn notice(output: &Output) -> Notice {
    let is_held = IS_DRY.get();
    let what = match output.what {
        What::Send | What::SendBatch => "send",
        What::Announce => "announce",
        _ => "",
    };
    if !what.is_empty() {
        NOTES.with_borrow_mut(|notes| {
            if notes.len() == MAX_NOTES {
                notes.remove(0);
            }
            notes.push(Note {
                at: clock::now().0,
                batch: output.number,
                what,
                to: output.key.clone(),
                body: output.text.clone(),
                is_held,
            });
        });
    }
    if !is_held {
        return Notice::Passed;
    }
    match output.what {
        What::Send | What::SendBatch => Notice::Answered(Input::delivered(&Answer {
            batch: output.number,
            status: 202,
            ..Answer::default()
        })),
        What::Load => {
            let kept = Value::parse(&hands::kept()).unwrap_or(Value::Null);
            let mut records = kept
                .member("records")
                .map_or(&[][..], Value::members)
                .to_vec();
            records.retain(|(key, _)| key == ATTRIBUTION_KEY);
            Notice::Answered(Input::loaded(records, kept.is_true("lasts")))
        }
        What::Store(_) | What::Remove(_) | What::Announce => Notice::Held,
        _ => Notice::Passed,
    }
}
