//! The session of a test run: a word that a test's events carry, so that runs beside each other
//! don't see each other's.
//!
//! It comes by the header `Touchmark-Session`, or, from pages that can set none, in the query of
//! the endpoint that their plan names: `…/v1/events?session=<word>`.

use std::sync::Arc;

use axum::http::{HeaderMap, Uri};

/// The session that a request names; `None` when it names none, or what is no word.
pub fn of_request(headers: &HeaderMap, uri: &Uri) -> Option<Arc<str>> {
    let named = headers.get(HEADER).and_then(|value| value.to_str().ok());
    let query = uri.query().unwrap_or("").split('&');
    let asked = query.filter_map(|pair| pair.strip_prefix("session="));
    let word = named.into_iter().chain(asked).next()?;
    is_word(word).then(|| word.into())
}

/// Whether a text can name a session: 1 to 64 of `A-Z a-z 0-9 . _ -`.
pub fn is_word(text: &str) -> bool {
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'_' | b'-');
    (1..=64).contains(&text.len()) && text.bytes().all(plain)
}

const HEADER: &str = "touchmark-session";
