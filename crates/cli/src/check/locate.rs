//! A JSON pointer into the place of that member in a file's text.
//!
//! So that findings about a plan or a lock file have a line too. The text was parsed before, so
//! it is JSON; where it isn't what was meant, there is no place.

use super::finding::{Finding, Spot};

/// Adds the line to findings that have a pointer only.
pub fn fill(findings: &mut [Finding]) {
    let mut texts: Vec<(String, Option<String>)> = Vec::new();
    for finding in findings {
        let place = &mut finding.place;
        if place.pointer.is_empty() || place.spot.is_some() {
            continue;
        }
        let known = texts.iter().position(|(file, _)| *file == place.file);
        let at = known.unwrap_or_else(|| {
            texts.push((
                place.file.clone(),
                std::fs::read_to_string(&place.file).ok(),
            ));
            texts.len() - 1
        });
        if let Some(text) = &texts[at].1 {
            place.spot = locate(text, &place.pointer).map(|range| spot(text, range));
        }
    }
}

/// The member that a pointer leads to, from its name on; of an item in a list, the item.
fn locate(text: &str, pointer: &str) -> Option<(usize, usize)> {
    let mut reader = Reader {
        bytes: text.as_bytes(),
        at: 0,
    };
    let mut found = (0, 0);
    for token in pointer.split('/').skip(1) {
        let token = token.replace("~1", "/").replace("~0", "~");
        reader.space();
        match reader.bytes.get(reader.at)? {
            b'{' => {
                reader.at += 1;
                loop {
                    reader.space();
                    let start = reader.at;
                    let name: String = serde_json::from_str(reader.text()?).ok()?;
                    reader.space();
                    reader.at += 1;
                    reader.space();
                    if name == token {
                        let value = reader.at;
                        reader.skip()?;
                        found = (start, reader.at);
                        reader.at = value;
                        break;
                    }
                    reader.next()?;
                }
            }
            b'[' => {
                reader.at += 1;
                for _ in 0..token.parse::<usize>().ok()? {
                    reader.space();
                    reader.next()?;
                }
                reader.space();
                let start = reader.at;
                reader.skip()?;
                found = (start, reader.at);
                reader.at = start;
            }
            _ => return None,
        }
    }
    Some(found)
}

struct Reader<'t> {
    bytes: &'t [u8],
    at: usize,
}

impl<'t> Reader<'t> {
    fn space(&mut self) {
        while self.bytes.get(self.at).is_some_and(u8::is_ascii_whitespace) {
            self.at += 1;
        }
    }

    /// A string with its quotes.
    fn text(&mut self) -> Option<&'t str> {
        let start = self.at;
        if self.bytes.get(start) != Some(&b'"') {
            return None;
        }
        self.at += 1;
        loop {
            match self.bytes.get(self.at)? {
                b'\\' => self.at += 2,
                b'"' => break,
                _ => self.at += 1,
            }
        }
        self.at += 1;
        std::str::from_utf8(&self.bytes[start..self.at]).ok()
    }

    /// Past one value.
    fn skip(&mut self) -> Option<()> {
        let mut depth = 0;
        loop {
            self.space();
            match self.bytes.get(self.at)? {
                b'"' => drop(self.text()?),
                b'{' | b'[' => {
                    depth += 1;
                    self.at += 1;
                }
                b'}' | b']' => {
                    depth -= 1;
                    self.at += 1;
                }
                b',' | b':' => self.at += 1,
                _ => {
                    while self.bytes.get(self.at).is_some_and(|byte| {
                        !matches!(byte, b',' | b']' | b'}') && !byte.is_ascii_whitespace()
                    }) {
                        self.at += 1;
                    }
                }
            }
            if depth <= 0 {
                return Some(());
            }
        }
    }

    /// Past one value and its comma; `None` when it was the last.
    fn next(&mut self) -> Option<()> {
        self.skip()?;
        self.space();
        (self.bytes.get(self.at)? == &b',').then(|| self.at += 1)
    }
}

fn spot(text: &str, (start, end): (usize, usize)) -> Spot {
    let position = |at: usize| {
        let before = &text[..at];
        let from = before.rfind('\n').map_or(0, |at| at + 1);
        (
            before.matches('\n').count() + 1,
            before[from..].chars().count() + 1,
            from,
        )
    };
    let (line, column, from) = position(start);
    let (end_line, end_column, _) = position(end);
    let source = text[from..].lines().next().unwrap_or_default().to_owned();
    Spot {
        line,
        column,
        end_line,
        end_column,
        source,
    }
}

#[cfg(test)]
mod tests {
    use super::locate;

    #[test]
    fn pointers_lead_to_members_and_items() {
        let text = r#"{ "a": {"x/y": 1}, "forms": [ {"id": "é\"]", "b": [] }, {"selector" : "form"} ], "z": null }"#;
        for (pointer, expect) in [
            ("/a/x~1y", Some("\"x/y\": 1")),
            ("/forms/0/b", Some("\"b\": []")),
            ("/forms/1/selector", Some("\"selector\" : \"form\"")),
            ("/forms/1", Some("{\"selector\" : \"form\"}")),
            ("/z", Some("\"z\": null")),
            ("/forms/2", None),
            ("/none", None),
            ("/a/x~1y/deep", None),
        ] {
            let found = locate(text, pointer).map(|(start, end)| &text[start..end]);
            assert_eq!(found, expect, "{pointer}");
        }
    }
}
