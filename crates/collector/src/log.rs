//! Lines for the person at the terminal.
//!
//! One line each, without control characters: what a file's name or another server's answer holds
//! can neither begin a line of its own nor move the cursor.

use std::fmt;
use std::io::Write;

/// Prints `touchmark: <text>` on standard error; nobody reading it is no reason to fail.
pub fn say(text: fmt::Arguments<'_>) {
    let _ = writeln!(
        std::io::stderr().lock(),
        "touchmark: {}",
        plain(&text.to_string())
    );
}

/// The text with everything that a terminal could obey, or an eye could not see, written out.
pub fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for c in text.chars() {
        if c.is_control() || is_invisible(c) {
            out.extend(c.escape_unicode());
        } else {
            out.push(c);
        }
    }
    out
}

/// Zero-width characters, and those that turn the direction of text.
///
/// Source: Unicode 16, general category Cf as far as it hides or reorders.
fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

#[cfg(test)]
mod tests {
    use super::plain;

    #[test]
    fn a_line_stays_a_line() {
        let text = plain("a\nb\x1b[2Jc\u{202e}d\u{200b}é");
        assert_eq!(text, "a\\u{a}b\\u{1b}[2Jc\\u{202e}d\\u{200b}é");
    }
}
