//! A pattern's tree into the positions it can be at, and the ways from one to the next.
//!
//! After `read`, before `bound`. Position automaton (Glushkov), but with every way counted: a
//! backtracking engine tries each of them, also those that lead to the same place.
//! Not here: judging the ways.

use super::PatternError;
use super::read::{Atom, Node};

/// The positions of a pattern, and how many ways lead from each to each next one.
#[derive(Debug, Default)]
pub struct Automaton {
    pub atoms: Vec<Atom>,
    /// By position: the next one and the number of ways; the same next one may stand twice.
    pub ways: Vec<Vec<(usize, f64)>>,
    /// The positions that the first character can be at.
    pub first: Vec<(usize, f64)>,
}

/// A part of the pattern while it is joined to the rest.
struct Part {
    first: Vec<(usize, f64)>,
    last: Vec<(usize, f64)>,
    /// In how many ways it takes nothing.
    empty: f64,
}

impl Automaton {
    /// Expands a tree. Lookaheads count as nothing here; they are judged by themselves.
    ///
    /// # Errors
    /// [`PatternError::Expansion`] past [`MAX_POSITIONS`].
    pub fn of(node: &Node) -> Result<Self, PatternError> {
        if size(node) > MAX_POSITIONS {
            return Err(PatternError::Expansion {
                at: too_large(node).unwrap_or(0),
            });
        }
        let mut automaton = Self::default();
        let whole = automaton.part(node);
        automaton.first = whole.first;
        if automaton.ways.iter().map(Vec::len).sum::<usize>() > MAX_WAYS {
            return Err(PatternError::Expansion { at: 0 });
        }
        Ok(automaton)
    }

    fn part(&mut self, node: &Node) -> Part {
        match node {
            Node::Nothing | Node::Start | Node::Ahead { .. } => nothing(),
            Node::One(atom) => {
                let position = self.atoms.len();
                self.atoms.push(atom.clone());
                self.ways.push(Vec::new());
                let here = vec![(position, 1.0)];
                Part {
                    first: here.clone(),
                    last: here,
                    empty: 0.0,
                }
            }
            Node::Sequence(nodes) => {
                let mut whole = nothing();
                for node in nodes {
                    let next = self.part(node);
                    whole = self.join(whole, next);
                }
                whole
            }
            Node::Either(branches) => {
                let mut whole = Part {
                    first: Vec::new(),
                    last: Vec::new(),
                    empty: 0.0,
                };
                for branch in branches {
                    let part = self.part(branch);
                    whole.first.extend(part.first);
                    whole.last.extend(part.last);
                    whole.empty += part.empty;
                }
                whole
            }
            Node::Repeat { body, min, max, .. } => self.repeat(body, *min, *max),
        }
    }

    /// `x{2,4}` is `xx(x(x)?)?`, as engines count; `x{2,}` is `xx+`.
    fn repeat(&mut self, body: &Node, min: u32, max: Option<u32>) -> Part {
        let mut tail = nothing();
        match max {
            Some(max) => {
                for _ in min..max {
                    let once = self.part(body);
                    tail = self.join(once, tail);
                    // ECMA-262 §22.2.2.3.1: an optional iteration may not be empty.
                    tail.empty = 1.0;
                }
            }
            None => {
                tail = self.part(body);
                let (last, first) = (tail.last.clone(), tail.first.clone());
                self.link(&last, &first);
                if min == 0 {
                    tail.empty = 1.0;
                }
            }
        }
        let once_more = if max.is_none() { 1 } else { 0 };
        for _ in once_more..min {
            let once = self.part(body);
            tail = self.join(once, tail);
        }
        tail
    }

    fn join(&mut self, one: Part, next: Part) -> Part {
        self.link(&one.last, &next.first);
        let (through, past) = (times(&next.first, one.empty), times(&one.last, next.empty));
        Part {
            first: [one.first, through].concat(),
            last: [next.last, past].concat(),
            empty: one.empty * next.empty,
        }
    }

    fn link(&mut self, from: &[(usize, f64)], to: &[(usize, f64)]) {
        for (position, ways) in from {
            if let Some(list) = self.ways.get_mut(*position)
                && list.len() <= MAX_WAYS
            {
                list.extend(to.iter().map(|(next, more)| (*next, ways * more)));
            }
        }
    }
}

fn nothing() -> Part {
    Part {
        first: Vec::new(),
        last: Vec::new(),
        empty: 1.0,
    }
}

fn times(ways: &[(usize, f64)], factor: f64) -> Vec<(usize, f64)> {
    if factor == 0.0 {
        return Vec::new();
    }
    ways.iter()
        .map(|(position, ways)| (*position, ways * factor))
        .collect()
}

/// How many positions a tree has once its counts are written out.
fn size(node: &Node) -> usize {
    match node {
        Node::Nothing | Node::Start | Node::Ahead { .. } => 0,
        Node::One(_) => 1,
        Node::Sequence(nodes) | Node::Either(nodes) => nodes
            .iter()
            .fold(0, |sum, node| size(node).saturating_add(sum)),
        Node::Repeat { body, min, max, .. } => {
            let times = max.unwrap_or((*min).max(1));
            // An empty body costs no position, but still a turn of the loop.
            size(body).max(1).saturating_mul(times as usize)
        }
    }
}

/// Where the outermost count that is too large stands.
fn too_large(node: &Node) -> Option<usize> {
    match node {
        Node::Repeat { at, .. } if size(node) > MAX_POSITIONS => Some(*at),
        Node::Repeat { body, .. } => too_large(body),
        Node::Sequence(nodes) | Node::Either(nodes) => nodes.iter().find_map(too_large),
        _ => None,
    }
}

const MAX_POSITIONS: usize = 1_000;
const MAX_WAYS: usize = 100_000;
