//! Bytes into their SHA-256 and SHA-1 digests.
//!
//! Before `privacy` (hashed fields) and `id` (UUID v5 is made of SHA-1). Synchronous, unlike the
//! browser's own: an event must be durable before the submit handler returns. Written here
//! since the crates, unrolled for speed, cost every visitor 3 kB more.
//! Source: FIPS 180-4 §6.1, §6.2; its vectors below.

#![expect(
    clippy::integer_division_remainder_used,
    reason = "by constants, none of them zero"
)]

use crate::text::push_hex;

/// The SHA-256 digest as 64 lower-case hex digits.
pub fn sha256_hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for word in sha256(bytes) {
        push_hex(&mut text, word, 8);
    }
    text
}

fn sha256(bytes: &[u8]) -> [u32; 8] {
    let (mut state, constants) = sha256_tables();
    for mut words in blocks(bytes) {
        let mut round = state;
        for (at, constant) in constants.iter().enumerate() {
            if at >= 16 {
                let (s0, s1) = (back(&words, 15), back(&words, 2));
                let s0 = s0.rotate_right(7) ^ s0.rotate_right(18) ^ s0 >> 3;
                let s1 = s1.rotate_right(17) ^ s1.rotate_right(19) ^ s1 >> 10;
                let next = back(&words, 16)
                    .wrapping_add(s0)
                    .wrapping_add(back(&words, 7));
                words.push(next.wrapping_add(s1));
            }
            let word = words.get(at).copied().unwrap_or(0);
            let [a, b, c, d, e, f, g, h] = round;
            let sum1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
            let choice = e & f ^ !e & g;
            let first = h.wrapping_add(sum1).wrapping_add(choice);
            let first = first.wrapping_add(*constant).wrapping_add(word);
            let sum0 = a.rotate_right(2) ^ a.rotate_right(13) ^ a.rotate_right(22);
            let majority = a & b ^ a & c ^ b & c;
            let second = sum0.wrapping_add(majority);
            round = [
                first.wrapping_add(second),
                a,
                b,
                c,
                d.wrapping_add(first),
                e,
                f,
                g,
            ];
        }
        add(&mut state, &round);
    }
    state
}

/// The SHA-1 digest, as five words.
pub fn sha1(bytes: &[u8]) -> [u32; 5] {
    let mut state: [u32; 5] = [
        0x6745_2301,
        0xefcd_ab89,
        0x98ba_dcfe,
        0x1032_5476,
        0xc3d2_e1f0,
    ];
    for mut words in blocks(bytes) {
        let mut round = state;
        for at in 0..80 {
            if at >= 16 {
                let mixed = back(&words, 3) ^ back(&words, 8) ^ back(&words, 14) ^ back(&words, 16);
                words.push(mixed.rotate_left(1));
            }
            let word: u32 = words.get(at).copied().unwrap_or(0);
            let [a, b, c, d, e] = round;
            let (mixed, constant) = match at / 20 {
                0 => (b & c | !b & d, 0x5a82_7999),
                1 => (b ^ c ^ d, 0x6ed9_eba1),
                2 => (b & c | b & d | c & d, 0x8f1b_bcdc),
                _ => (b ^ c ^ d, 0xca62_c1d6),
            };
            let next = a.rotate_left(5).wrapping_add(mixed).wrapping_add(e);
            let next = next.wrapping_add(constant).wrapping_add(word);
            round = [next, a, b.rotate_left(30), c, d];
        }
        add(&mut state, &round);
    }
    state
}

/// The padded message in blocks of 16 words; both digests pad alike.
fn blocks(bytes: &[u8]) -> impl Iterator<Item = Vec<u32>> {
    let mut padded = Vec::from(bytes);
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend_from_slice(&(bytes.len() as u64 * 8).to_be_bytes());
    let mut words = Vec::new();
    for four in padded.chunks_exact(4) {
        words.push(
            four.iter()
                .fold(0, |word, byte| word << 8 | u32::from(*byte)),
        );
    }
    let mut at = 0;
    core::iter::from_fn(move || {
        let block = words.get(at..at + 16)?;
        at += 16;
        Some(Vec::from(block))
    })
}

/// The word `steps` before the next one.
#[inline(never)]
fn back(words: &[u32], steps: usize) -> u32 {
    words
        .get(words.len().wrapping_sub(steps))
        .copied()
        .unwrap_or(0)
}

fn add(state: &mut [u32], round: &[u32]) {
    for (word, addend) in state.iter_mut().zip(round) {
        *word = word.wrapping_add(*addend);
    }
}

/// SHA-256's initial state and constants: the first 32 bits of the fractional parts of the
/// square roots of the first 8 primes and the cube roots of the first 64. A double holds these
/// with bits to spare, and computing them takes fewer bytes than storing them.
fn sha256_tables() -> ([u32; 8], [u32; 64]) {
    let mut state = [0; 8];
    let mut constants = [0; 64];
    let mut prime = 1;
    for (at, constant) in constants.iter_mut().enumerate() {
        prime += 1;
        // The square of 18 is past the last of them.
        while (2..18).any(|divisor| divisor < prime && prime % divisor == 0) {
            prime += 1;
        }
        let number = f64::from(prime);
        if let Some(word) = state.get_mut(at) {
            *word = fraction(number.sqrt());
        }
        let mut root = 4.0;
        for _ in 0..10 {
            root -= (root * root * root - number) / (3.0 * root * root);
        }
        *constant = fraction(root);
    }
    (state, constants)
}

fn fraction(number: f64) -> u32 {
    ((number - number.trunc()) * 4_294_967_296.0) as u32
}

#[cfg(test)]
mod tests {
    use super::{sha1, sha256_hex};
    use crate::text::push_hex;

    const LONG: &str = "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq";

    #[test]
    fn the_published_vectors_hold() {
        for (text, digest) in [
            (
                "",
                "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855",
            ),
            (
                "abc",
                "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad",
            ),
            (
                LONG,
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            ),
        ] {
            assert_eq!(sha256_hex(text.as_bytes()), digest);
        }
        let million = "a".repeat(1_000_000);
        assert_eq!(
            sha256_hex(million.as_bytes()),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        );
        for (text, digest) in [
            ("abc", "a9993e364706816aba3e25717850c26c9cd0d89d"),
            ("", "da39a3ee5e6b4b0d3255bfef95601890afd80709"),
            (LONG, "84983e441c3bd26ebaae4aa1f95129e5e54670f1"),
        ] {
            let mut hex = String::new();
            for word in sha1(text.as_bytes()) {
                push_hex(&mut hex, word, 8);
            }
            assert_eq!(hex, digest);
        }
    }
}
