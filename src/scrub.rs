//! A text from outside into what must not leave: an address, a phone number, a card, a secret.
//!
//! After `query`, before `touch`, which redacts campaign parameters at capture, before anything keeps
//! them; `form` and `privacy` ask again for what was typed, whatever the contract says.
//! Rules are patterns, since every host has an engine for them; only a card's check digit is code. Plan
//! build writes [`RULES`] into every plan, and without them a plan is none: pages carry them as data.
//! Not here: what a contract lets out.

#![expect(
    clippy::integer_division_remainder_used,
    reason = "by constants, none of them zero"
)]

use crate::schema::Host;
use crate::text::part;
use crate::value::Value;

/// What a text holds that must not leave, as the code of its redaction; empty for nothing. `rules` are
/// [`RULES`], from the plan.
///
/// E-mail addresses always; phone numbers only with a plus or with separators; social security
/// numbers only as ddd-dd-dddd; card numbers only with an issuer's prefix and a right check digit.
/// A number without separators is no phone number: ad ids look the same.
///
/// Source: E.164 (15 digits), NANP (3-3-4), ISO/IEC 7812 (issuer prefixes, Luhn).
pub fn finding(text: &str, rules: &[Value], host: &dyn Host) -> &'static str {
    // Most texts can hold none of them, and asking the host costs more than looking. The shortest
    // number that a rule knows has 7 digits; an address has its sign, maybe escaped.
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    if digits < 7 && !text.bytes().any(|byte| matches!(byte, b'@' | b'%')) {
        return "";
    }
    // What may leave nowhere is told first.
    if holds_card(text, rules, host) {
        return "redacted_card";
    }
    for (index, code) in ["redacted_ssn", "redacted_email", "redacted_phone"]
        .into_iter()
        .enumerate()
    {
        if fits(rules, index, text, host) {
            return code;
        }
    }
    ""
}

/// Whether a control's name says that it holds a secret of the page's own: a password, a token against
/// forgery, a captcha's answer, a trap for robots.
pub fn is_secret(name: &str, rules: &[Value], host: &dyn Host) -> bool {
    fits(rules, SECRETS, name, host)
}

#[inline(never)]
fn fits(rules: &[Value], index: usize, text: &str, host: &dyn Host) -> bool {
    let rule = rules.get(index).and_then(Value::as_text).unwrap_or("");
    host.is_match(rule, text) == Some(true)
}

const ISSUERS: usize = 3;
const SECRETS: usize = 4;
/// Patterns: social security number, e-mail address, phone number; issuers of cards (Visa, Mastercard,
/// American Express, Diners Club, Discover, JCB, UnionPay); names of secrets.
pub const RULES: [&str; 5] = [
    r"(?:^|\D)\d{3}-\d\d-\d{4}(?!\d)",
    r"[^\s@](?:@|%(?:25)*40)[^\s@.%]+\.\p{L}",
    r"(?:^ |(?:^|\W)\+|%2[Bb]) ?\(?\d(?:[ ().\-\/]{0,3}\d){6,14}(?!\d)|\(\d{2,5}\)[ \-]?\d(?:[ .\-]?\d){5,8}(?!\d)|(?:^|\D)(?:\d{3}[ .\-_–\xa0]\d{3}[ .\-_–\xa0]\d{4}|[6-9]\d\d \d{3} \d{3}|(?:1[3-9]\d|\d\d) \d{4} \d{4}|[6-9]\d{4} \d{5})(?!\d)|(?:^|\D)\d{1,3} \d{2,4} \d{3,4} \d{3,4}(?!\d)|(?:^|[^\d.\-\/])(?!\d\d[.\-\/]\d\d[.\-\/]20\d\d)(?=(?:\d[ .\-\/]?){10,12}(?!\d))0\d{1,4}[ .\-\/]\d",
    r"^(?:4\d{12}(?:\d{3}){0,2}|(?:5[1-5]|2[2-7]|35)\d{14}|3[47]\d{13}|3[068]\d{12}|6(?:011|[45]\d\d)\d{12,15}|62\d{14,17})$",
    r"[Pp][Aa][Ss][Ss][Ww]|[Pp][Ww][Dd]|[Cc]srf|CSRF|[Xx]srf|XSRF|[Tt]oken|TOKEN|[Nn]once|[Cc]aptcha|[Tt]urnstile|VIEWSTATE|EVENTVALIDATION|[Vv]erification[Cc]ode|[Hh]oney(?!moon)|_gotcha|bot-field|(?:^|[^a-z])(?:hp|ssn|SSN|cvv|CVV|cvc|CVC|otp|OTP)(?:[^a-z]|$)",
];

/// The rules as a plan has them.
pub fn rules() -> Vec<Value> {
    RULES.map(|rule| Value::Text(rule.to_owned())).into()
}

/// Whether a run of digits, with or without single spaces or hyphens, is a card number.
fn holds_card(text: &str, rules: &[Value], host: &dyn Host) -> bool {
    let bytes = text.as_bytes();
    let is_digit = |at: usize| bytes.get(at).is_some_and(u8::is_ascii_digit);
    for from in 0..bytes.len() {
        let mut digits = String::new();
        let mut at = from;
        // From where a run begins, and no further than the longest card.
        while (from == 0 || !is_digit(from - 1)) && is_digit(at) && digits.len() < 19 {
            digits.push_str(part(text, at, at + 1));
            at += 1;
            if digits.len() > 12 && !is_digit(at) && is_card(&digits, rules, host) {
                return true;
            }
            at += usize::from(matches!(bytes.get(at), Some(b' ' | b'-')));
        }
    }
    false
}

fn is_card(digits: &str, rules: &[Value], host: &dyn Host) -> bool {
    let mut sum = 0;
    for (at, byte) in digits.bytes().rev().enumerate() {
        let digit = u32::from(byte & 15) << (at & 1);
        sum += digit / 10 + digit % 10;
    }
    sum % 10 == 0 && fits(rules, ISSUERS, digits, host)
}

/// Whether a parameter's text is all digits: an ad platform's number, where the parameter is one for
/// such numbers.
pub fn is_number(text: &str) -> bool {
    text.bytes().all(|byte| byte.is_ascii_digit())
}
