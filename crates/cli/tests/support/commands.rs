//! The commands that a page of the documentation shows, in its order.

/// One command, and where it stands.
#[derive(Clone, Debug)]
pub struct Shown {
    pub place: String,
    /// As one would type it: continued lines and quotes that go on are whole.
    pub text: String,
    /// Whether it stands in a sentence or a table, where it may be no more than a name.
    pub is_inline: bool,
}

/// Everything in `sh` blocks, and what begins with a program's name in backticks.
pub fn of(name: &str, text: &str) -> Vec<Shown> {
    let mut all = Vec::new();
    let mut block: Option<&str> = None;
    let mut open = String::new();
    for (at, line) in text.lines().enumerate() {
        let place = format!("{name}:{}", at + 1);
        if let Some(language) = line.trim_start().strip_prefix("```") {
            assert!(
                open.is_empty(),
                "{place}: a command that has no end: {open}"
            );
            block = match block {
                None => Some(language.trim()),
                Some(_) => None,
            };
            continue;
        }
        match block {
            Some("sh" | "bash" | "shell") => {
                open.push_str(line);
                if let Some(begun) = open.strip_suffix('\\') {
                    open.truncate(begun.len());
                } else if is_quoted(&open) {
                    open.push('\n');
                } else {
                    let text = std::mem::take(&mut open);
                    let text = text.trim();
                    if !text.is_empty() && !text.starts_with('#') {
                        all.push(Shown {
                            place,
                            text: text.to_owned(),
                            is_inline: false,
                        });
                    }
                }
            }
            // What a configuration starts, such as Playwright's web servers.
            Some("js") => {
                let quoted = line.split("command: '").nth(1);
                let text = quoted
                    .and_then(|rest| rest.split('\'').next())
                    .unwrap_or_default();
                if is_program(text) {
                    let text = text.to_owned();
                    all.push(Shown {
                        place,
                        text,
                        is_inline: false,
                    });
                }
            }
            Some(_) => {}
            None => {
                let code = line.split('`').skip(1).step_by(2);
                all.extend(code.filter(|code| is_program(code)).map(|text| Shown {
                    place: place.clone(),
                    text: text.to_owned(),
                    is_inline: true,
                }));
            }
        }
    }
    all
}

/// The words of a command, without quotes.
pub fn words(text: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut quote = None;
    for letter in text.chars() {
        let last = words.len() - 1;
        match (letter, quote) {
            ('"' | '\'', None) => quote = Some(letter),
            (_, Some(open)) if letter == open => quote = None,
            (' ', None) => words.push(String::new()),
            _ => words[last].push(letter),
        }
    }
    words.retain(|word| !word.is_empty());
    words
}

/// Whether a quote is still open.
fn is_quoted(text: &str) -> bool {
    let mut quote = None;
    for letter in text.chars() {
        match (letter, quote) {
            ('"' | '\'', None) => quote = Some(letter),
            (_, Some(open)) if letter == open => quote = None,
            _ => {}
        }
    }
    quote.is_some()
}

fn is_program(text: &str) -> bool {
    let first = text.split(' ').next().unwrap_or_default();
    text.contains(' ') && PROGRAMS.contains(&first)
}

const PROGRAMS: &[&str] = &["touchmark", "cargo", "npm", "npx", "curl", "sqlite3"];
