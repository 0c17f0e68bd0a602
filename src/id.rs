//! A document's nonce and an intent's number into the one id of its event.
//!
//! After `privacy`, before `submission`. UUID v5, so that any language can recompute it from
//! what the event carries, and nothing that the visitor typed is in it.
//! Source: RFC 9562 §5.5; vectors: spec/vectors/id. Not here: making the nonce.

use uuid::Builder;

use crate::digest::sha1;
use crate::text::{concat, decimal, hex_digit, push_hex};

/// 16 random bytes that name a document for its lifetime, and its events' namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nonce(pub [u8; 16]);

impl Nonce {
    /// Reads 32 hex digits.
    pub fn from_hex(text: &str) -> Option<Nonce> {
        read(text, 32).map(Nonce)
    }

    pub fn to_hex(self) -> String {
        let mut text = String::new();
        for byte in self.0 {
            push_hex(&mut text, u32::from(byte), 2);
        }
        text
    }

    /// The id of the `number`-th event of its type and subject in this document.
    pub fn event_id(self, kind: &str, subject: &str, number: u64) -> String {
        v5(
            &self.0,
            &concat(&[kind, "/", subject, "/", &decimal(number)]),
        )
    }
}

/// The id of the one `form_result` that settles a submission; `None` when that is no UUID.
pub fn result_id(submission: &str) -> Option<String> {
    Some(v5(&read(submission, 36)?, "form_result"))
}

/// The layout is the crate's. Its own v5 brings an unrolled SHA-1 of 2 kB, its text form 1 kB.
fn v5(namespace: &[u8; 16], name: &str) -> String {
    let mut bytes = Vec::from(namespace);
    bytes.extend_from_slice(name.as_bytes());
    let mut digest = [0; 16];
    for (to, word) in digest.chunks_exact_mut(4).zip(sha1(&bytes)) {
        to.copy_from_slice(&word.to_be_bytes());
    }
    let mut text = String::new();
    for (at, byte) in Builder::from_sha1_bytes(digest)
        .into_uuid()
        .as_bytes()
        .iter()
        .enumerate()
    {
        if matches!(at, 4 | 6 | 8 | 10) {
            text.push_str("-");
        }
        push_hex(&mut text, u32::from(*byte), 2);
    }
    text
}

/// Reads 16 bytes as hex digits, hyphens skipped, in a text of `length`.
fn read(text: &str, length: usize) -> Option<[u8; 16]> {
    let mut bytes = [0u8; 16];
    let mut digits = text.bytes().filter(|byte| *byte != b'-');
    for byte in &mut bytes {
        let high = hex_digit(digits.next()?)?;
        *byte = high << 4 | hex_digit(digits.next()?)?;
    }
    (text.len() == length && digits.next().is_none()).then_some(bytes)
}
