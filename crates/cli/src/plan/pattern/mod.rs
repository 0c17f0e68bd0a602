//! A pattern of a contract into the promise that it matches in bounded time everywhere.
//!
//! Used by `compile`. A browser's RegExp can't be interrupted, so what could run away is refused
//! before it gets there. `read` makes a tree, `automaton` its positions, `bound` the steps.
//! Not here: matching.

mod automaton;
mod bound;
mod read;
mod set;

use automaton::Automaton;
use read::Node;

/// Why a pattern can't go to pages. Positions count characters from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub enum PatternError {
    /// Not a pattern of ECMAScript with the flag u; what its reader said.
    Grammar(String),
    /// Longer than [`MAX_PATTERN`].
    TooLong,
    /// Nothing that this reader knows.
    Syntax {
        at: usize,
    },
    Backreference {
        at: usize,
    },
    Lookbehind {
        at: usize,
    },
    Modifier {
        at: usize,
    },
    /// A lookahead elsewhere than at the start.
    Lookahead {
        at: usize,
    },
    /// Counts that expand past 1,000 positions, or groups nested past 32.
    Expansion {
        at: usize,
    },
    /// Two places of the pattern, one in a loop, that can take the same character.
    Ambiguous {
        at: usize,
        first: (usize, usize),
        second: (usize, usize),
    },
    /// More steps than [`MAX_STEPS`].
    Steps(u64),
}

/// Refuses a pattern whose matching could take long.
///
/// # Errors
/// [`PatternError`]; also for some patterns that are harmless, where that can't be seen.
pub fn check(pattern: &str) -> Result<(), PatternError> {
    if pattern.chars().count() > MAX_PATTERN {
        return Err(PatternError::TooLong);
    }
    // What has a remedy of its own is told before the grammar, which only says no.
    let node = read::read(pattern);
    if let Err(
        refused @ (PatternError::Backreference { .. }
        | PatternError::Lookbehind { .. }
        | PatternError::Modifier { .. }),
    ) = node
    {
        return Err(refused);
    }
    if let Err(cause) = regress::Regex::with_flags(pattern, "u") {
        return Err(PatternError::Grammar(cause.text));
    }
    let node = node?;
    let is_anchored = is_anchored(&node);
    let mut steps = bound::steps(&Automaton::of(&node)?)?;
    for body in lookaheads(&node, is_anchored)? {
        steps += bound::steps(&Automaton::of(body)?)?;
    }
    if !is_anchored {
        steps *= bound::MAX_SUBJECT;
    }
    if steps > MAX_STEPS {
        Err(PatternError::Steps(steps as u64))
    } else {
        Ok(())
    }
}

impl PatternError {
    /// What is wrong, in a sentence that quotes the pattern.
    pub fn what(&self, pattern: &str) -> String {
        let quote = |(from, to): (usize, usize)| {
            pattern
                .chars()
                .skip(from)
                .take(to - from)
                .collect::<String>()
        };
        let place = |at: &usize| format!("at character {}", at + 1);
        match self {
            Self::Grammar(cause) => {
                format!(
                    "not an ECMAScript pattern with the flag u: {}",
                    cause.to_lowercase()
                )
            }
            Self::TooLong => format!("longer than {MAX_PATTERN} characters"),
            Self::Syntax { at } => format!("can't be read {}", place(at)),
            Self::Backreference { at } => format!("a backreference {}", place(at)),
            Self::Lookbehind { at } => format!("a lookbehind {}", place(at)),
            Self::Modifier { at } => format!("a group with modifiers {}", place(at)),
            Self::Lookahead { at } => {
                format!(
                    "a lookahead {} that is not at the start after `^`",
                    place(at)
                )
            }
            Self::Expansion { at } => {
                format!(
                    "the count {} expands to more than 1,000 positions",
                    place(at)
                )
            }
            Self::Ambiguous { first, second, .. } if first == second => {
                let (text, at) = (quote(*first), place(&first.0));
                format!(
                    "`{text}` {at} stands in two repetitions that can split its text in many ways"
                )
            }
            Self::Ambiguous { first, second, .. } => format!(
                "`{}` {} and `{}` {}, of which one repeats, can take the same character",
                quote(*first),
                place(&first.0),
                quote(*second),
                place(&second.0),
            ),
            Self::Steps(steps) => {
                format!("may take {steps} steps on 1,024 characters; {MAX_STEPS:.0} are allowed")
            }
        }
    }

    pub fn remedy(&self) -> &'static str {
        match self {
            Self::Grammar(_) | Self::Syntax { .. } => {
                "write it as for JavaScript's new RegExp(pattern, 'u'); in a class escape only \\ ] ^ -"
            }
            Self::TooLong => "use enum, format or maxLength for the rest",
            Self::Backreference { .. } => "write the group's content again instead",
            Self::Lookbehind { .. } => "match what comes before instead of looking back at it",
            Self::Modifier { .. } => "write both cases, such as [Aa], instead of (?i:a)",
            Self::Lookahead { .. } => "move it to the start, after ^, or use a character class",
            Self::Expansion { .. } => "use minLength and maxLength, or a smaller count",
            Self::Ambiguous { .. } => {
                "make neighbours exclude each other, such as [^@.]+(?:\\.[^@.]+)+ for [^@]+\\.[^@]+, or use maxLength with one simple class"
            }
            Self::Steps(_) => "begin it with ^, and make its alternatives exclude each other",
        }
    }
}

/// The lookaheads at the start of a pattern.
fn lookaheads(node: &Node, is_anchored: bool) -> Result<Vec<&Node>, PatternError> {
    let mut found = Vec::new();
    let Node::Sequence(nodes) = node else {
        return refuse_ahead(node).map(|()| found);
    };
    let is_head = |node: &Node| matches!(node, Node::Start | Node::Ahead { .. });
    let head = nodes
        .iter()
        .take_while(|node| is_anchored && is_head(node))
        .count();
    for node in &nodes[..head] {
        if let Node::Ahead { body, .. } = node {
            refuse_ahead(body)?;
            found.push(body.as_ref());
        }
    }
    nodes[head..].iter().try_for_each(refuse_ahead)?;
    Ok(found)
}

fn refuse_ahead(node: &Node) -> Result<(), PatternError> {
    match node {
        Node::Ahead { at, .. } => Err(PatternError::Lookahead { at: *at }),
        Node::Sequence(nodes) | Node::Either(nodes) => nodes.iter().try_for_each(refuse_ahead),
        Node::Repeat { body, .. } => refuse_ahead(body),
        Node::Nothing | Node::Start | Node::One(_) => Ok(()),
    }
}

/// Whether it can only begin at the text's start.
fn is_anchored(node: &Node) -> bool {
    match node {
        Node::Start => true,
        Node::Sequence(nodes) => {
            let past_heads = nodes
                .iter()
                .find(|node| !matches!(node, Node::Ahead { .. }));
            past_heads.is_some_and(is_anchored)
        }
        Node::Either(branches) => branches.iter().all(is_anchored),
        _ => false,
    }
}

const MAX_PATTERN: usize = 500;
/// A tenth of a second or less in the slowest engine, on the longest subject.
const MAX_STEPS: f64 = 5_000_000.0;

#[cfg(test)]
mod tests;
