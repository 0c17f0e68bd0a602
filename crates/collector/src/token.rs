//! Random words: the operator's token, the live page's nonces.

use std::collections::hash_map::RandomState;
use std::fs::File;
use std::hash::{BuildHasher, Hasher};
use std::io::Read;

/// 32 hex digits from the system's generator.
pub fn random() -> String {
    let mut bytes = [0; 16];
    let urandom = File::open("/dev/urandom").and_then(|mut source| source.read_exact(&mut bytes));
    if urandom.is_err() {
        // Where there is no such file, std's hash keys come from the system's generator too.
        for half in bytes.chunks_mut(8) {
            half.copy_from_slice(&RandomState::new().build_hasher().finish().to_ne_bytes());
        }
    }
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::random;

    #[test]
    fn no_two_are_alike() {
        let (one, other) = (random(), random());
        assert_ne!(one, other);
        assert!(one.len() == 32 && one.bytes().all(|byte| byte.is_ascii_hexdigit()));
    }
}
