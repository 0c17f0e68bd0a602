//! A campaign parameter's value into whether it names a person.
//!
//! After `query`, before `touch`: such a value is redacted at capture, before anything keeps it.
//! Not here: form fields, which only leave when a contract says so (`privacy`).

/// Whether a free parameter holds what looks like an e-mail address: an `@` with a character
/// that belongs to a mailbox before it, and a domain with a dot and a letter after it.
pub fn holds_email(value: &str) -> bool {
    let bytes = value.as_bytes();
    let is_word = |byte: &u8| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'+');
    bytes.iter().enumerate().any(|(at, byte)| {
        let domain = bytes.get(at + 1..).unwrap_or(&[]);
        let label = domain.iter().take_while(|byte| is_word(byte)).count();
        *byte == b'@'
            && at > 0
            && bytes.get(at - 1).is_some_and(is_word)
            && label > 0
            && domain.get(label) == Some(&b'.')
            && domain.get(label + 1).is_some_and(u8::is_ascii_alphabetic)
    })
}

#[cfg(test)]
mod tests {
    use super::holds_email;

    #[test]
    fn an_address_is_seen_and_an_ad_id_is_not() {
        for value in [
            "ana@clinic.example",
            "to=ana.b+c@x.example",
            "<a@b.co>",
            "hi a@b.co",
            "ü@@a_@b.c",
        ] {
            assert!(holds_email(value), "{value}");
        }
        for value in [
            "spring@2x",
            "23851234567890123",
            "cardiology-q4",
            "@handle",
            "a@b",
            "a@1.2",
        ] {
            assert!(!holds_email(value), "{value}");
        }
    }
}
