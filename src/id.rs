//! A document's nonce and an intent's number into the one id of its event.
//!
//! After `privacy`, before `submission`. UUID v5, so that any language can recompute it from
//! what the event carries, and nothing that the visitor typed is in it.
//! Source: RFC 9562 §5.5; vectors: spec/vectors/id. Not here: making the nonce.

use uuid::Uuid;

/// 16 random bytes that name a document for its lifetime, and its events' namespace.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Nonce(pub [u8; 16]);

impl Nonce {
    /// Reads 32 hex digits.
    pub fn from_hex(text: &str) -> Option<Nonce> {
        read(text, text.len() == 32).map(Nonce)
    }

    pub fn to_hex(self) -> String {
        let mut text = String::new();
        for byte in self.0 {
            for digit in [byte >> 4, byte & 15] {
                text.push(char::from_digit(u32::from(digit), 16).unwrap_or('0'));
            }
        }
        text
    }

    /// The id of the `number`-th event of its type and subject in this document.
    pub fn event_id(self, kind: &str, subject: &str, number: u64) -> String {
        let mut name = String::from(kind);
        name.push('/');
        name.push_str(subject);
        name.push('/');
        crate::value::push_whole(&mut name, number);
        v5(self.0, &name)
    }
}

/// The id of the one `form_result` that settles a submission; `None` when that is no UUID.
pub fn result_id(submission: &str) -> Option<String> {
    let namespace = read(submission, submission.len() == 36)?;
    Some(v5(namespace, "form_result"))
}

fn v5(namespace: [u8; 16], name: &str) -> String {
    let id = Uuid::new_v5(&Uuid::from_bytes(namespace), name.as_bytes());
    let mut buffer = Uuid::encode_buffer();
    String::from(&*id.hyphenated().encode_lower(&mut buffer))
}

/// Reads 32 hex digits, hyphens skipped.
fn read(text: &str, fits: bool) -> Option<[u8; 16]> {
    let mut bytes = [0u8; 16];
    let mut digits = text.chars().filter(|character| *character != '-');
    for byte in &mut bytes {
        let (high, low) = (digits.next()?.to_digit(16)?, digits.next()?.to_digit(16)?);
        *byte = (high << 4 | low) as u8;
    }
    (fits && digits.next().is_none()).then_some(bytes)
}
