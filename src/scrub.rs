//! A campaign parameter's value into whether it names a person.
//!
//! After `query`, before `touch`: such a value is redacted at capture, before anything keeps it.
//! Not here: form fields, which only leave when a contract says so (`privacy`).

/// Whether a free parameter holds what looks like an e-mail address.
pub fn holds_email(value: &str) -> bool {
    value
        .split([' ', ',', ';', '<', '>', '"', '='])
        .any(|word| {
            let parts = word.split_once('@');
            parts.is_some_and(|(local, domain)| {
                !local.is_empty()
                    && domain.split_once('.').is_some_and(|(name, rest)| {
                        !name.is_empty()
                            && rest.starts_with(|first: char| first.is_ascii_alphabetic())
                    })
            })
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
