//! A query string into decoded parameters.
//!
//! After `consent`, before `scrub`. `application/x-www-form-urlencoded` as browsers read it,
//! lazily: a long query costs a scan, only wanted values are decoded.
//! Source: WHATWG URL §5.1. Vectors: spec/vectors/query.
//! Not here: which parameters matter.

use crate::text::{Pieces, hex_digit, part, pieces};

/// Values are cut at this many bytes, on a character boundary.
pub const MAX_VALUE_BYTES: usize = 512;

/// Parameters beyond this many are not looked at: such URLs come from scanners.
pub const MAX_PARAMS: usize = 1024;

/// Nothing beyond this many bytes is looked at: no ad platform makes such addresses, and a
/// browser takes up to 2 MB.
pub const MAX_QUERY_BYTES: usize = 1 << 16;

/// The parameters of a query string (without `?`), still encoded, in order; empty ones left out.
/// Each is `name=value`, or a name alone. One that [`MAX_QUERY_BYTES`] would cut is left out.
pub fn params(query: &str) -> core::iter::Take<Pieces<'_>> {
    let mut whole = floor(query, MAX_QUERY_BYTES);
    if whole.len() < query.len() {
        let end = whole.bytes().rposition(|byte| byte == b'&').unwrap_or(0);
        whole = part(query, 0, end);
    }
    pieces(whole, b'&').take(MAX_PARAMS)
}

/// Decodes a name or a value: `+` is `plus`, by the standard a space, `%xx` a byte, all else
/// stays. Cut at [`MAX_VALUE_BYTES`].
///
/// Invalid `%` sequences stay literal; bytes that are no UTF-8 become U+FFFD.
#[inline(never)]
pub fn decode(encoded: &str, plus: u8) -> String {
    let encoded = encoded.as_bytes();
    let byte_at = |at: usize| encoded.get(at).copied().unwrap_or(0);
    let mut bytes = Vec::new();
    let mut at = 0;
    while at < encoded.len() && bytes.len() < MAX_VALUE_BYTES + 4 {
        let mut byte = byte_at(at);
        if byte == b'+' {
            byte = plus;
        } else {
            let escaped = escape(byte, byte_at(at + 1), byte_at(at + 2));
            if escaped < NO_ESCAPE {
                byte = escaped as u8;
                at += 2;
            }
        }
        bytes.push(byte);
        at += 1;
    }
    let mut text = String::from_utf8_lossy(&bytes).into_owned();
    let end = floor(&text, MAX_VALUE_BYTES).len();
    text.truncate(end);
    text
}

/// The longest start of a text of at most `bytes` that ends on a character boundary.
#[inline(never)]
pub fn floor(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    loop {
        if let Some(start) = text.get(..end) {
            return start;
        }
        end -= 1;
    }
}

/// Whether a decoded value still looks encoded: it went through two encoders on its way.
pub fn looks_encoded(value: &str) -> bool {
    value.as_bytes().windows(3).any(|three| match three {
        [percent, high, low] => escape(*percent, *high, *low) < NO_ESCAPE,
        _ => false,
    })
}

/// The byte that three characters stand for, or [`NO_ESCAPE`].
///
/// No `Option`: as two results of a function LLVM's wasm backend has read this one before the call.
#[inline(never)]
fn escape(percent: u8, high: u8, low: u8) -> u32 {
    match (hex_digit(high), hex_digit(low)) {
        (Some(high), Some(low)) if percent == b'%' => u32::from(high << 4 | low),
        _ => NO_ESCAPE,
    }
}

const NO_ESCAPE: u32 = 256;
