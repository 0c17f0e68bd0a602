//! One change between two versions of a schema: its class, the step that it asks for, whom it concerns.
//!
//! Used by `compare` and `changelog`. Not here: finding changes.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::Version;

/// One change.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Change {
    pub class: Class,
    pub step: Step,
    /// JSON pointer into the version that has it: the new one, or the old for what is gone.
    pub pointer: String,
    pub what: String,
    /// Systems that own, decide or report what changed.
    pub systems: BTreeSet<String>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Class {
    /// Every event valid before stays valid, and means the same.
    Compatible,
    /// Nothing becomes invalid, but somebody should look: a meaning, an owner, what leaves a page.
    NeedsAttention,
    /// Events valid before may become invalid, or can no longer be read as they were meant.
    Breaking,
}

/// Which part of the version rises.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Step {
    None,
    Addition,
    Revision,
    Model,
}

impl Class {
    pub fn name(self) -> &'static str {
        match self {
            Class::Compatible => "compatible",
            Class::NeedsAttention => "needs attention",
            Class::Breaking => "breaking",
        }
    }
}

impl Step {
    pub fn name(self) -> &'static str {
        match self {
            Step::None => "none",
            Step::Addition => "addition",
            Step::Revision => "revision",
            Step::Model => "model",
        }
    }

    pub fn after(self, [model, revision, addition]: Version) -> Version {
        match self {
            Step::None => [model, revision, addition],
            Step::Addition => [model, revision, addition + 1],
            Step::Revision => [model, revision + 1, 0],
            Step::Model => [model + 1, 0, 0],
        }
    }

    pub fn why(self) -> &'static str {
        match self {
            Step::None => "nothing changed",
            Step::Addition => "every event valid before stays valid",
            Step::Revision => "some events valid before may become invalid",
            Step::Model => "events written before can no longer be read as they were meant",
        }
    }
}

impl Change {
    pub fn to_json(&self) -> Value {
        json!({
            "class": self.class.name(),
            "step": self.step.name(),
            "pointer": self.pointer,
            "what": self.what,
            "systems": self.systems,
        })
    }
}
