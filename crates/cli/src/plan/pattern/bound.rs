//! A pattern's automaton into a bound on the work of matching it, or why there is none.
//!
//! After `automaton`. A path can split in two on one character only where two ways overlap. If
//! inside a loop no two do, and none leaves it into another loop over the same characters, then
//! the number of paths doesn't grow with the text (no EDA and no IDA: Weber and Seidl 1991, On
//! the degree of ambiguity of finite automata). What is left is counted.
//! Conservative: what it can't exclude, it refuses.

use super::PatternError;
use super::automaton::Automaton;
use super::set::CharSet;

/// The most steps that matching a subject of [`MAX_SUBJECT`] characters from one start may take.
///
/// # Errors
/// [`PatternError::Ambiguous`] when that has no bound but the text's length to some power.
pub fn steps(automaton: &Automaton) -> Result<f64, PatternError> {
    let loops = Loops::of(automaton);
    let mut work = vec![0.0; loops.members.len()];
    // Kosaraju numbers components so that every way leads to the same or a higher number.
    for component in (0..loops.members.len()).rev() {
        let mut staying: f64 = 0.0;
        let mut leaving: f64 = 0.0;
        for position in &loops.members[component] {
            let ways = &automaton.ways[*position];
            if loops.is_loop[component] {
                loops.refuse_overlap(automaton, *position)?;
            }
            for point in points(automaton, ways) {
                let open = || {
                    ways.iter()
                        .filter(|(next, _)| automaton.atoms[*next].set.has(point))
                };
                let stays = open().any(|(next, _)| loops.of[*next] == component);
                let out = open().filter(|(next, _)| loops.of[*next] != component);
                let cost: f64 = out.map(|(next, ways)| ways * work[loops.of[*next]]).sum();
                let most = if stays { &mut staying } else { &mut leaving };
                *most = most.max(cost);
            }
        }
        let turns = if loops.is_loop[component] {
            MAX_SUBJECT
        } else {
            1.0
        };
        work[component] = turns * (1.0 + staying) + leaving;
    }
    let first = &automaton.first;
    let open = |point: u32| {
        let open = first
            .iter()
            .filter(move |(next, _)| automaton.atoms[*next].set.has(point));
        open.map(|(next, ways)| ways * work[loops.of[*next]])
            .sum::<f64>()
    };
    Ok(points(automaton, first)
        .into_iter()
        .map(open)
        .fold(1.0, f64::max))
}

/// Which positions can come back to each other.
struct Loops {
    /// Component by position.
    of: Vec<usize>,
    members: Vec<Vec<usize>>,
    is_loop: Vec<bool>,
    /// Characters that can be taken in each component.
    letters: Vec<CharSet>,
}

impl Loops {
    fn of(automaton: &Automaton) -> Self {
        let count = automaton.atoms.len();
        let mut back = vec![Vec::new(); count];
        for (position, ways) in automaton.ways.iter().enumerate() {
            for (next, _) in ways {
                back[*next].push(position);
            }
        }
        let forth = |position: usize| {
            automaton.ways[position]
                .iter()
                .map(|(next, _)| *next)
                .collect()
        };
        let mut order = Vec::new();
        let mut is_seen = vec![false; count];
        for position in 0..count {
            visit(position, &mut is_seen, &forth, &mut order);
        }
        let mut of = vec![0; count];
        let mut members: Vec<Vec<usize>> = Vec::new();
        let mut is_seen = vec![false; count];
        for position in order.into_iter().rev() {
            let mut component = Vec::new();
            visit(
                position,
                &mut is_seen,
                &|position: usize| back[position].clone(),
                &mut component,
            );
            if !component.is_empty() {
                component
                    .iter()
                    .for_each(|position| of[*position] = members.len());
                members.push(component);
            }
        }
        let comes_back = |one: &Vec<usize>| {
            one.len() > 1
                || automaton.ways[one[0]]
                    .iter()
                    .any(|(next, _)| *next == one[0])
        };
        let is_loop = members.iter().map(comes_back).collect();
        let letters = members.iter().map(|one| {
            let sets = one.iter().map(|position| &automaton.atoms[*position].set);
            sets.fold(CharSet::of(&[]), |all, set| all.union(set))
        });
        let letters = letters.collect();
        Self {
            of,
            members,
            is_loop,
            letters,
        }
    }

    /// Refuses a position in a loop from which one character leads two ways, if both go on.
    fn refuse_overlap(&self, automaton: &Automaton, position: usize) -> Result<(), PatternError> {
        let home = self.of[position];
        let ways = &automaton.ways[position];
        let clash = |one: usize, other: usize| {
            let [one, other] = [&automaton.atoms[one], &automaton.atoms[other]];
            let [first, second] = if one.at <= other.at {
                [one, other]
            } else {
                [other, one]
            };
            PatternError::Ambiguous {
                at: first.at,
                first: (first.at, first.end),
                second: (second.at, second.end),
            }
        };
        for (index, (next, count)) in ways.iter().enumerate() {
            let set = &automaton.atoms[*next].set;
            if self.of[*next] == home && *count > 1.0 {
                return Err(clash(*next, *next));
            }
            let twins = ways[index + 1..].iter().map(|(twin, _)| *twin);
            for twin in twins.filter(|twin| automaton.atoms[*twin].set.overlaps(set)) {
                let outside = [*next, twin].map(|way| self.of[way] != home);
                if outside == [false, false] {
                    return Err(clash(*next, twin));
                }
                for way in [*next, twin]
                    .into_iter()
                    .filter(|way| self.of[*way] != home)
                {
                    if let Some(other) = self.same_letters(automaton, way, home) {
                        return Err(clash(position, other));
                    }
                }
            }
        }
        Ok(())
    }

    /// A position at or after `from` whose loop takes characters of the loop `home`.
    fn same_letters(&self, automaton: &Automaton, from: usize, home: usize) -> Option<usize> {
        let mut is_seen = vec![false; automaton.atoms.len()];
        let mut reached = Vec::new();
        let forth = |position: usize| {
            automaton.ways[position]
                .iter()
                .map(|(next, _)| *next)
                .collect()
        };
        visit(from, &mut is_seen, &forth, &mut reached);
        let letters = &self.letters[home];
        reached.into_iter().find(|position| {
            let other = self.of[*position];
            self.is_loop[other] && self.letters[other].overlaps(letters)
        })
    }
}

/// Depth first from one position, into `done` in the order of leaving; what was seen is skipped.
fn visit(
    from: usize,
    is_seen: &mut [bool],
    forth: &dyn Fn(usize) -> Vec<usize>,
    done: &mut Vec<usize>,
) {
    if std::mem::replace(&mut is_seen[from], true) {
        return;
    }
    let mut open = vec![(from, forth(from))];
    while let Some((position, left)) = open.last_mut() {
        match left.pop() {
            Some(next) if !std::mem::replace(&mut is_seen[next], true) => {
                open.push((next, forth(next)));
            }
            Some(_) => {}
            None => {
                done.push(*position);
                open.pop();
            }
        }
    }
}

/// One character for each set of ways that some character can take.
fn points(automaton: &Automaton, ways: &[(usize, f64)]) -> Vec<u32> {
    let mut points: Vec<u32> = ways
        .iter()
        .flat_map(|(next, _)| automaton.atoms[*next].set.starts())
        .collect();
    points.sort_unstable();
    points.dedup();
    points
}

/// Pages cut a subject here before a pattern sees it.
pub const MAX_SUBJECT: f64 = 1_024.0;
