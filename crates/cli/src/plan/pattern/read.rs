//! The text of an ECMAScript pattern into a tree of what it repeats.
//!
//! After the pattern is known to be one (regress reads it first), before `automaton`. Refuses
//! what has no bound: backreferences, lookbehind. Source: ECMA-262 §22.2.1 with the flag u.
//! Not here: matching, capture groups (a group is its content).

use super::PatternError;
use super::set::CharSet;

/// A pattern as the automaton needs it.
#[derive(Clone, Debug)]
pub enum Node {
    /// Takes no character: an assertion, an empty alternative.
    Nothing,
    /// `^`.
    Start,
    /// Takes one character.
    One(Atom),
    Sequence(Vec<Node>),
    Either(Vec<Node>),
    Repeat {
        body: Box<Node>,
        min: u32,
        max: Option<u32>,
        at: usize,
    },
    /// A lookahead.
    Ahead {
        body: Box<Node>,
        at: usize,
    },
}

/// What one position of a pattern takes, and where it stands there.
#[derive(Clone, Debug)]
pub struct Atom {
    pub set: CharSet,
    /// Characters from the pattern's start.
    pub at: usize,
    pub end: usize,
}

/// Reads a pattern.
///
/// # Errors
/// [`PatternError`] for what is refused as such; positions count characters from 0.
pub fn read(pattern: &str) -> Result<Node, PatternError> {
    let mut reader = Reader {
        text: pattern.chars().collect(),
        at: 0,
        depth: 0,
    };
    let node = reader.either()?;
    if reader.at < reader.text.len() {
        return Err(PatternError::Syntax { at: reader.at });
    }
    Ok(node)
}

struct Reader {
    text: Vec<char>,
    at: usize,
    depth: u32,
}

impl Reader {
    fn either(&mut self) -> Result<Node, PatternError> {
        let mut branches = vec![self.sequence()?];
        while self.take('|') {
            branches.push(self.sequence()?);
        }
        Ok(if branches.len() == 1 {
            branches.remove(0)
        } else {
            Node::Either(branches)
        })
    }

    fn sequence(&mut self) -> Result<Node, PatternError> {
        let mut nodes = Vec::new();
        while !matches!(self.peek(), None | Some('|' | ')')) {
            let at = self.at;
            let node = self.term()?;
            nodes.push(self.quantified(node, at)?);
        }
        Ok(Node::Sequence(nodes))
    }

    fn term(&mut self) -> Result<Node, PatternError> {
        let at = self.at;
        let Some(character) = self.next() else {
            return Err(PatternError::Syntax { at });
        };
        let set = match character {
            '^' => return Ok(Node::Start),
            '$' => return Ok(Node::Nothing),
            '(' => return self.group(at),
            '[' => self.class()?,
            '.' => CharSet::named('.').unwrap_or_else(CharSet::any),
            '\\' => match self.peek() {
                Some('b' | 'B') => {
                    self.at += 1;
                    return Ok(Node::Nothing);
                }
                Some('1'..='9' | 'k') => return Err(PatternError::Backreference { at }),
                _ => self.escape()?,
            },
            other => CharSet::one(other),
        };
        Ok(Node::One(Atom {
            set,
            at,
            end: self.at,
        }))
    }

    fn group(&mut self, at: usize) -> Result<Node, PatternError> {
        self.depth += 1;
        if self.depth > MAX_DEPTH {
            return Err(PatternError::Expansion { at });
        }
        let mut is_ahead = false;
        if self.take('?') {
            match (self.next(), self.peek()) {
                (Some(':'), _) => {}
                (Some('=' | '!'), _) => is_ahead = true,
                (Some('<'), Some('=' | '!')) => return Err(PatternError::Lookbehind { at }),
                (Some('<'), _) => while self.next().is_some_and(|letter| letter != '>') {},
                _ => return Err(PatternError::Modifier { at }),
            }
        }
        let body = self.either()?;
        self.depth -= 1;
        if !self.take(')') {
            return Err(PatternError::Syntax { at });
        }
        Ok(if is_ahead {
            Node::Ahead {
                body: Box::new(body),
                at,
            }
        } else {
            body
        })
    }

    fn quantified(&mut self, node: Node, at: usize) -> Result<Node, PatternError> {
        let (min, max) = match self.peek() {
            Some('*') => (0, None),
            Some('+') => (1, None),
            Some('?') => (0, Some(1)),
            Some('{') => return self.counted(node, at),
            _ => return Ok(node),
        };
        self.at += 1;
        self.take('?');
        Ok(Node::Repeat {
            body: Box::new(node),
            min,
            max,
            at,
        })
    }

    fn counted(&mut self, node: Node, at: usize) -> Result<Node, PatternError> {
        self.at += 1;
        let min = self.number()?;
        let max = match (self.take(','), self.peek()) {
            (false, _) => Some(min),
            (true, Some('}')) => None,
            (true, _) => Some(self.number()?),
        };
        if !self.take('}') {
            return Err(PatternError::Syntax { at: self.at });
        }
        self.take('?');
        Ok(Node::Repeat {
            body: Box::new(node),
            min,
            max,
            at,
        })
    }

    fn number(&mut self) -> Result<u32, PatternError> {
        let from = self.at;
        let mut number = 0_u32;
        while let Some(digit) = self.peek().and_then(|digit| digit.to_digit(10)) {
            number = number.saturating_mul(10).saturating_add(digit);
            self.at += 1;
        }
        if self.at == from {
            Err(PatternError::Syntax { at: from })
        } else {
            Ok(number)
        }
    }

    /// After `[`, to its `]`.
    fn class(&mut self) -> Result<CharSet, PatternError> {
        let is_negated = self.take('^');
        let mut set = CharSet::of(&[]);
        while !self.take(']') {
            let from = self.member()?;
            // A `-` before the closing bracket is itself; regress has refused a range of classes.
            let is_range = self.peek() == Some('-') && self.text.get(self.at + 1) != Some(&']');
            if !is_range {
                set = set.union(&from);
                continue;
            }
            self.at += 1;
            let to = self.member()?;
            match (from.starts().next(), to.starts().next()) {
                (Some(from), Some(to)) if from <= to => {
                    set = set.union(&CharSet::of(&[(from, to)]))
                }
                _ => return Err(PatternError::Syntax { at: self.at }),
            }
        }
        Ok(if is_negated { set.complement() } else { set })
    }

    fn member(&mut self) -> Result<CharSet, PatternError> {
        match self.next() {
            Some('\\') => self.escape(),
            Some(character) => Ok(CharSet::one(character)),
            None => Err(PatternError::Syntax { at: self.at }),
        }
    }

    /// After `\`.
    fn escape(&mut self) -> Result<CharSet, PatternError> {
        let at = self.at;
        let Some(letter) = self.next() else {
            return Err(PatternError::Syntax { at });
        };
        if let Some(set) = CharSet::named(letter) {
            // `\.` is a dot; only a bare one is a class.
            return Ok(if letter == '.' {
                CharSet::one('.')
            } else {
                set
            });
        }
        let point = match letter {
            'p' | 'P' => {
                while self.next().is_some_and(|letter| letter != '}') {}
                return Ok(CharSet::property());
            }
            't' => 0x09,
            'n' => 0x0a,
            'v' => 0x0b,
            'f' => 0x0c,
            'r' => 0x0d,
            'b' => 0x08,
            '0' => 0,
            'c' => self.next().map_or(0, |letter| u32::from(letter) % 32),
            'x' => self.hex(2)?,
            'u' if self.take('{') => {
                let point = self.hex(8)?;
                self.take('}');
                point
            }
            'u' => self.unit()?,
            other => u32::from(other),
        };
        Ok(CharSet::of(&[(point, point)]))
    }

    /// After `\u`: four digits, or two times four that are a surrogate pair.
    fn unit(&mut self) -> Result<u32, PatternError> {
        let first = self.hex(4)?;
        let resume = self.at;
        if first & 0xfc00 == 0xd800 && self.take('\\') && self.take('u') {
            let second = self.hex(4)?;
            if second & 0xfc00 == 0xdc00 {
                return Ok(0x10000 + ((first & 0x3ff) << 10) + (second & 0x3ff));
            }
        }
        self.at = resume;
        Ok(first)
    }

    fn hex(&mut self, most: usize) -> Result<u32, PatternError> {
        let from = self.at;
        let mut number = 0_u32;
        while self.at - from < most
            && let Some(digit) = self.peek().and_then(|digit| digit.to_digit(16))
        {
            number = number.saturating_mul(16).saturating_add(digit);
            self.at += 1;
        }
        if self.at == from {
            Err(PatternError::Syntax { at: from })
        } else {
            Ok(number)
        }
    }

    fn peek(&self) -> Option<char> {
        self.text.get(self.at).copied()
    }

    fn next(&mut self) -> Option<char> {
        let character = self.peek()?;
        self.at += 1;
        Some(character)
    }

    fn take(&mut self, character: char) -> bool {
        let is_there = self.peek() == Some(character);
        self.at += usize::from(is_there);
        is_there
    }
}

const MAX_DEPTH: u32 = 32;
