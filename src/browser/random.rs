//! Random numbers: a document's nonce, and the seed of its jitter.

use super::window;
use crate::text::push_hex;

/// A nonce of 16 bytes in hex, and a seed below 10^18.
///
/// Zeros where the browser has no randomness, which no browser since 2013 lacks.
pub fn nonce_and_seed() -> (String, u64) {
    let mut bytes = [0; 24];
    if let Ok(crypto) = window().crypto() {
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    let mut nonce = String::new();
    let mut seed = 0u64;
    for (at, byte) in bytes.into_iter().enumerate() {
        if at < 16 {
            push_hex(&mut nonce, u32::from(byte), 2);
        } else {
            seed = seed << 8 | u64::from(byte);
        }
    }
    (nonce, seed >> 5)
}
