//! Bytes into their SHA-256 digest.
//!
//! Used by `privacy`. Synchronous, unlike the browser's own: an event must be durable before
//! the submit handler returns. Written here since the smallest crate costs the visitor more.
//! Source: FIPS 180-4 §6.2; its vectors below.

/// The digest as 64 lower-case hex digits.
pub fn hex(bytes: &[u8]) -> String {
    let mut text = String::new();
    for word in digest(bytes) {
        for shift in (0..8).rev() {
            let digit = word >> (shift * 4) & 15;
            text.push(char::from_digit(digit, 16).unwrap_or('0'));
        }
    }
    text
}

fn digest(bytes: &[u8]) -> [u32; 8] {
    let (mut state, constants) = tables();
    let mut padded = Vec::from(bytes);
    padded.push(0x80);
    while padded.len() % 64 != 56 {
        padded.push(0);
    }
    padded.extend_from_slice(&(bytes.len() as u64 * 8).to_be_bytes());
    for block in padded.chunks_exact(64) {
        let mut words: Vec<u32> = block
            .chunks_exact(4)
            .map(|four| {
                four.iter()
                    .fold(0, |word, byte| word << 8 | u32::from(*byte))
            })
            .collect();
        let mut round = state;
        for (at, constant) in constants.iter().enumerate() {
            let back = |steps: usize| words.get(at.wrapping_sub(steps)).copied().unwrap_or(0);
            if at >= 16 {
                let (s0, s1) = (back(15), back(2));
                let s0 = s0.rotate_right(7) ^ s0.rotate_right(18) ^ s0 >> 3;
                let s1 = s1.rotate_right(17) ^ s1.rotate_right(19) ^ s1 >> 10;
                let next = back(16)
                    .wrapping_add(s0)
                    .wrapping_add(back(7))
                    .wrapping_add(s1);
                words.push(next);
            }
            let word = words.get(at).copied().unwrap_or(0);
            let [a, b, c, d, e, f, g, h] = round;
            let sum1 = e.rotate_right(6) ^ e.rotate_right(11) ^ e.rotate_right(25);
            let choice = e & f ^ !e & g;
            let first = h
                .wrapping_add(sum1)
                .wrapping_add(choice)
                .wrapping_add(*constant)
                .wrapping_add(word);
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
        for (word, addend) in state.iter_mut().zip(round) {
            *word = word.wrapping_add(addend);
        }
    }
    state
}

/// The initial state and the 64 constants: the first 32 bits of the fractional parts of the
/// square roots of the first 8 primes and the cube roots of the first 64. Computing them in
/// whole numbers takes fewer bytes than storing them, which no compressor shrinks.
fn tables() -> ([u32; 8], [u32; 64]) {
    let mut state = [0; 8];
    let mut constants = [0; 64];
    let primes = (2u128..).filter(|n| (2..*n).all(|d| n % d != 0));
    for (at, prime) in primes.take(64).enumerate() {
        if let Some(word) = state.get_mut(at) {
            *word = root(prime << 64, 2);
        }
        if let Some(word) = constants.get_mut(at) {
            *word = root(prime << 96, 3);
        }
    }
    (state, constants)
}

/// The low 32 bits of the whole `power`-th root, bit by bit.
fn root(number: u128, power: u32) -> u32 {
    let mut root = 0u128;
    for bit in (0..40).rev() {
        let larger = root | 1 << bit;
        if larger.pow(power) <= number {
            root = larger;
        }
    }
    root as u32
}

#[cfg(test)]
mod tests {
    use super::hex;

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
                "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
                "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db06c1",
            ),
        ] {
            assert_eq!(hex(text.as_bytes()), digest);
        }
        let million = "a".repeat(1_000_000);
        assert_eq!(
            hex(million.as_bytes()),
            "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a497200e046d39ccc7112cd0"
        );
    }
}
