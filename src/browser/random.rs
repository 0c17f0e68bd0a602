//! Random numbers for a document's nonce.

use super::window;

/// 24 bytes of the browser's own randomness; zeros where it has none, which needs a page that
/// no browser since 2013 can show.
pub fn bytes() -> [u8; 24] {
    let mut bytes = [0; 24];
    if let Ok(crypto) = window().crypto() {
        let _ = crypto.get_random_values_with_u8_array(&mut bytes);
    }
    bytes
}
