//! Text in pieces: the few operations that every stage shares.
//!
//! First of all stages. The standard library's own searchers and splitters are generic, and
//! a wasm module pays for each of them again; these are compiled once. All cut on ASCII
//! bytes, so a cut is always a character boundary.

#![expect(
    clippy::integer_division_remainder_used,
    reason = "by constants, none of them zero"
)]

/// The part of a text between two byte offsets; empty when they are no character boundaries.
#[inline(never)]
pub fn part(text: &str, from: usize, to: usize) -> &str {
    text.get(from..to).unwrap_or("")
}

/// What stands before and after the first such ASCII byte; all and nothing when there is none.
#[inline(never)]
pub fn cut(text: &str, byte: u8) -> (&str, &str) {
    match text.bytes().position(|one| one == byte) {
        Some(at) => (part(text, 0, at), part(text, at + 1, text.len())),
        None => (text, ""),
    }
}

/// The pieces of a text between such ASCII bytes, empty ones left out.
pub fn pieces(text: &str, byte: u8) -> Pieces<'_> {
    Pieces { rest: text, byte }
}

/// See [`pieces`].
#[derive(Clone, Copy)]
pub struct Pieces<'a> {
    rest: &'a str,
    byte: u8,
}

impl<'a> Iterator for Pieces<'a> {
    type Item = &'a str;

    #[inline(never)]
    fn next(&mut self) -> Option<&'a str> {
        while !self.rest.is_empty() {
            let (piece, rest) = cut(self.rest, self.byte);
            self.rest = rest;
            if !piece.is_empty() {
                return Some(piece);
            }
        }
        None
    }
}

/// The next piece, or the empty text: for rows of a known number of cells.
pub fn next<'a>(pieces: &mut Pieces<'a>) -> &'a str {
    pieces.next().unwrap_or("")
}

/// One of several things in one text, in order.
#[inline(never)]
pub fn concat(parts: &[&str]) -> String {
    let mut text = String::new();
    for part in parts {
        text.push_str(part);
    }
    text
}

/// Where a word begins in a text.
#[inline(never)]
pub fn find(text: &str, word: &str) -> Option<usize> {
    (0..text.len()).find(|at| starts(text, *at, word))
}

/// Whether a word stands at a byte offset.
#[inline(never)]
pub fn starts(text: &str, at: usize, word: &str) -> bool {
    text.as_bytes()
        .get(at..at + word.len())
        .is_some_and(|there| there == word.as_bytes())
}

/// What follows a word that a text begins with.
#[inline(never)]
pub fn after<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    starts(text, 0, word).then(|| part(text, word.len(), text.len()))
}

/// What precedes a word that a text ends with.
#[inline(never)]
pub fn before<'a>(text: &'a str, word: &str) -> Option<&'a str> {
    let at = text.len().checked_sub(word.len())?;
    starts(text, at, word).then(|| part(text, 0, at))
}

/// A text without the ASCII white space around it.
#[inline(never)]
pub fn trim(text: &str) -> &str {
    text.trim_ascii()
}

/// Appends a number in lower-case hex digits, `digits` of them.
#[inline(never)]
pub fn push_hex(text: &mut String, number: u32, digits: u32) {
    for shift in (0..digits).rev() {
        let digit = (number >> (shift * 4) & 15) as usize;
        text.push_str(part("0123456789abcdef", digit, digit + 1));
    }
}

/// Appends a whole number in decimal; `format!` would cost more than this file.
#[inline(never)]
pub fn push_whole(text: &mut String, number: u64) {
    if number > 9 {
        push_whole(text, number / 10);
    }
    push_hex(text, (number % 10) as u32, 1);
}

/// A whole number in decimal.
pub fn decimal(number: u64) -> String {
    let mut text = String::new();
    push_whole(&mut text, number);
    text
}

/// Reads decimal digits; `None` when there are none, others, or more than 18.
#[inline(never)]
pub fn whole(text: &str) -> Option<u64> {
    if text.is_empty() || text.len() > 18 {
        return None;
    }
    let mut sum = 0u64;
    for byte in text.bytes() {
        let digit = byte.wrapping_sub(b'0');
        if digit > 9 {
            return None;
        }
        sum = sum.wrapping_mul(10).wrapping_add(u64::from(digit));
    }
    Some(sum)
}

/// The value of a hex digit.
pub fn hex_digit(byte: u8) -> Option<u8> {
    let letter = (byte | 0x20).wrapping_sub(b'a');
    let digit = byte.wrapping_sub(b'0');
    if digit < 10 {
        Some(digit)
    } else if letter < 6 {
        Some(letter + 10)
    } else {
        None
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_cut_where_the_byte_stands() {
        assert_eq!(cut("a=b=c", b'='), ("a", "b=c"));
        assert_eq!(cut("é=ü", b'='), ("é", "ü"));
        assert_eq!(cut("", b'='), ("", ""));
        assert_eq!(pieces("&a&&b=1&", b'&').collect::<Vec<_>>(), ["a", "b=1"]);
        assert_eq!(before("google.co.uk", ".uk"), Some("google.co"));
        assert_eq!(before("uk", "co.uk"), None);
        assert_eq!(after("utm_x", "utm_"), Some("x"));
        assert_eq!(find("a shop", "shop"), Some(2));
        assert_eq!(find("sho", "shop"), None);
        assert_eq!(part("é", 1, 2), "", "no half characters");
        assert_eq!(whole("0042"), Some(42));
        assert_eq!(whole("4x"), None);
        assert_eq!(decimal(u64::MAX), "18446744073709551615");
    }
}
