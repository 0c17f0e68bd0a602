//! A query string into decoded parameters.
//!
//! After `consent`, before `touch`. `application/x-www-form-urlencoded` as browsers read it,
//! lazily: a long query costs a scan, only wanted values are decoded.
//! Source: WHATWG URL §5.1. Vectors: spec/vectors/query.
//! Not here: which parameters matter.

/// Values are cut at this many bytes, on a character boundary.
pub const MAX_VALUE_BYTES: usize = 512;

/// Parameters beyond this many are not looked at: such URLs come from scanners.
pub const MAX_PARAMS: usize = 1024;

/// The parameters of a query string (without `?`), still encoded, in order; empty ones left out.
pub fn params(query: &str) -> impl Iterator<Item = (&str, &str)> {
    query
        .split('&')
        .filter(|part| !part.is_empty())
        .take(MAX_PARAMS)
        .map(|part| part.split_once('=').unwrap_or((part, "")))
}

/// Decodes a name or a value: `+` is a space, `%xx` a byte, all else stays.
///
/// Invalid `%` sequences stay literal; bytes that are no UTF-8 become U+FFFD.
pub fn decode(encoded: &str) -> String {
    let mut bytes = Vec::new();
    let mut rest = encoded.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        bytes.push(match (*first, tail) {
            (b'+', _) => b' ',
            (b'%', [high, low, after @ ..]) => match (hex(*high), hex(*low)) {
                (Some(high), Some(low)) => {
                    rest = after;
                    high << 4 | low
                }
                _ => b'%',
            },
            (other, _) => other,
        });
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

/// Decodes a value and cuts it at [`MAX_VALUE_BYTES`].
pub fn decode_value(encoded: &str) -> String {
    // A character takes at most 12 encoded bytes, so this much is enough to fill the limit.
    let enough = floor(encoded, MAX_VALUE_BYTES * 12);
    let mut value = decode(enough);
    let end = floor(&value, MAX_VALUE_BYTES).len();
    value.truncate(end);
    value
}

/// The longest start of a text of at most `bytes` that ends on a character boundary.
pub fn floor(text: &str, bytes: usize) -> &str {
    let mut end = bytes.min(text.len());
    loop {
        if let Some(start) = text.get(..end) {
            return start;
        }
        end -= 1;
    }
}

fn hex(byte: u8) -> Option<u8> {
    char::from(byte).to_digit(16).map(|digit| digit as u8)
}

/// Whether a decoded value still looks encoded: it went through two encoders on its way.
pub fn looks_encoded(value: &str) -> bool {
    value.as_bytes().windows(3).any(|three| match three {
        [b'%', high, low] => hex(*high).is_some() && hex(*low).is_some(),
        _ => false,
    })
}
