//! Sets of characters, as ECMAScript's classes name them.
//!
//! Used by the pattern reader and its automaton. A set may be too large, never too small: what
//! overlaps in the browser must overlap here.

/// A set of code points as sorted, disjoint ranges.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CharSet {
    ranges: Vec<(u32, u32)>,
    /// Whether it is the set meant, or a larger one in its place.
    is_exact: bool,
}

impl CharSet {
    pub fn any() -> Self {
        Self::of(&[(0, LAST)])
    }

    /// A property of Unicode: not looked up, so anything may be in it.
    pub fn property() -> Self {
        Self {
            is_exact: false,
            ..Self::any()
        }
    }

    pub fn of(ranges: &[(u32, u32)]) -> Self {
        let mut sorted = ranges.to_vec();
        sorted.sort_unstable();
        let mut merged: Vec<(u32, u32)> = Vec::new();
        for (from, to) in sorted {
            match merged.last_mut() {
                Some((_, end)) if from <= end.saturating_add(1) => *end = to.max(*end),
                _ => merged.push((from, to)),
            }
        }
        Self {
            ranges: merged,
            is_exact: true,
        }
    }

    pub fn one(character: char) -> Self {
        Self::of(&[(u32::from(character), u32::from(character))])
    }

    /// `\d`, `\w`, `\s`, or `.`, by its letter; an upper-case letter is the complement.
    ///
    /// Source: ECMA-262 §22.2.2.9, without the flags i, s and v.
    pub fn named(letter: char) -> Option<Self> {
        let set = match letter.to_ascii_lowercase() {
            'd' => Self::of(&[(0x30, 0x39)]),
            'w' => Self::of(&[(0x30, 0x39), (0x41, 0x5a), (0x5f, 0x5f), (0x61, 0x7a)]),
            's' => Self::of(SPACES),
            '.' => return Some(Self::of(LINE_ENDS).complement()),
            _ => return None,
        };
        Some(if letter.is_ascii_uppercase() {
            set.complement()
        } else {
            set
        })
    }

    pub fn union(&self, other: &Self) -> Self {
        let ranges = [self.ranges.as_slice(), other.ranges.as_slice()].concat();
        Self {
            is_exact: self.is_exact && other.is_exact,
            ..Self::of(&ranges)
        }
    }

    /// Everything else; everything, when the set is larger than what it stands for.
    pub fn complement(&self) -> Self {
        if !self.is_exact {
            return self.clone().union(&Self::any());
        }
        let mut gaps = Vec::new();
        let mut next = 0;
        for (from, to) in &self.ranges {
            if *from > next {
                gaps.push((next, from - 1));
            }
            next = to + 1;
        }
        if next <= LAST {
            gaps.push((next, LAST));
        }
        Self::of(&gaps)
    }

    pub fn overlaps(&self, other: &Self) -> bool {
        let meets =
            |(from, to): &(u32, u32)| other.ranges.iter().any(|(a, b)| from <= b && a <= to);
        self.ranges.iter().any(meets)
    }

    pub fn has(&self, point: u32) -> bool {
        self.ranges
            .iter()
            .any(|(from, to)| (*from..=*to).contains(&point))
    }

    /// The first point of each range: between two of them, no set changes its mind.
    pub fn starts(&self) -> impl Iterator<Item = u32> + '_ {
        self.ranges.iter().map(|(from, _)| *from)
    }
}

const LAST: u32 = 0x10_ffff;
const LINE_ENDS: &[(u32, u32)] = &[(0x0a, 0x0a), (0x0d, 0x0d), (0x2028, 0x2029)];
const SPACES: &[(u32, u32)] = &[
    (0x09, 0x0d),
    (0x20, 0x20),
    (0xa0, 0xa0),
    (0x1680, 0x1680),
    (0x2000, 0x200a),
    (0x2028, 0x2029),
    (0x202f, 0x202f),
    (0x205f, 0x205f),
    (0x3000, 0x3000),
    (0xfeff, 0xfeff),
];

#[cfg(test)]
mod tests {
    use super::CharSet;

    #[test]
    fn a_class_and_its_complement_share_nothing() {
        for letter in ['d', 'w', 's'] {
            let set = CharSet::named(letter).expect("a class");
            let rest = CharSet::named(letter.to_ascii_uppercase()).expect("a class");
            assert!(!set.overlaps(&rest), "{letter}");
            assert_eq!(set.union(&rest), CharSet::any(), "{letter}");
        }
    }

    #[test]
    fn the_complement_of_an_unknown_property_may_be_anything() {
        let rest = CharSet::property().complement();
        assert!(rest.overlaps(&CharSet::one('a')));
    }
}
