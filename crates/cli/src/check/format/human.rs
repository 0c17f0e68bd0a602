//! For a terminal: each finding with the line it is about, the stretch marked, and the remedy.

use super::super::finding::{Finding, Level, Spot};
use super::{Outcome, is_hidden};
use touchmark_collector::plain;

pub fn show(outcome: &Outcome, is_coloured: bool) -> String {
    let paint = Paint(is_coloured);
    let mut text = String::new();
    let shown = outcome
        .findings
        .iter()
        .filter(|one| one.level != Level::Note || outcome.shows_notes);
    for fault in &outcome.unread {
        text.push_str(&format!("{}{fault}\n\n", paint.bold_red("error")));
    }
    for finding in shown {
        text.push_str(&one(finding, paint));
        text.push('\n');
    }
    let pages = outcome.pages.len();
    let (found, declared) = outcome.forms;
    let notes = outcome.count(Level::Note);
    let hint = if notes > 0 && !outcome.shows_notes {
        " (--notes shows them)"
    } else {
        ""
    };
    text.push_str(&format!(
        "{pages} page{}, {found} of {declared} declared form{}: {}{hint}\n",
        if pages == 1 { "" } else { "s" },
        if declared == 1 { "" } else { "s" },
        outcome.totals(),
    ));
    text
}

fn one(finding: &Finding, paint: Paint) -> String {
    let head = format!("{}[{}]", finding.level.name(), finding.code);
    let head = match finding.level {
        Level::Error => paint.bold_red(&head),
        Level::Warning => paint.yellow(&head),
        Level::Note => paint.blue(&head),
    };
    let mut text = format!("{head}: {}\n", paint.bold(&plain(&finding.what)));
    let width = finding
        .place
        .spot
        .as_ref()
        .map_or(1, |spot| spot.line.to_string().len());
    let margin = " ".repeat(width);
    text.push_str(&format!(
        "{margin}{} {}\n",
        paint.blue("-->"),
        plain(&finding.address())
    ));
    if let Some(spot) = &finding.place.spot {
        let (line, marks) = excerpt(spot);
        let bar = paint.blue("|");
        text.push_str(&format!("{margin} {bar}\n"));
        text.push_str(&format!(
            "{} {bar} {line}\n",
            paint.blue(&spot.line.to_string())
        ));
        text.push_str(&format!("{margin} {bar} {}\n", paint.bold_red(&marks)));
    }
    if !finding.remedy.is_empty() {
        text.push_str(&format!(
            "{margin} {} remedy: {}\n",
            paint.blue("="),
            plain(&finding.remedy)
        ));
    }
    for (place, why) in &finding.related {
        let at = Finding::new("", Level::Note, place.clone(), String::new()).address();
        text.push_str(&format!(
            "{margin} {} {}: {}\n",
            paint.blue("="),
            plain(why),
            plain(&at)
        ));
    }
    text
}

/// The line, and a line of marks under it. A long line, as in a minified page, is cut around the
/// stretch; tabs and what a terminal would act on become spaces, what nobody sees a mark.
pub fn excerpt(spot: &Spot) -> (String, String) {
    let letters: Vec<char> = spot.source.chars().map(visible).collect();
    let start = (spot.column - 1).min(letters.len());
    let end = if spot.end_line > spot.line {
        letters.len()
    } else {
        spot.end_column - 1
    };
    let end = end.clamp(start, letters.len()).max(start + 1);
    let indent = letters
        .iter()
        .take_while(|one| **one == ' ')
        .count()
        .min(start);
    let mut from = indent;
    if end - from > WIDTH {
        from = start.saturating_sub(LEAD).max(indent);
    }
    let to = letters.len().min(from + WIDTH);
    let before = if from > indent { "…" } else { "" };
    let after = if to < letters.len() { "…" } else { "" };
    let line: String = letters[from.min(letters.len())..to].iter().collect();
    let marks = " ".repeat(start - from + before.chars().count());
    let count = end.min(to).saturating_sub(start).max(1);
    (
        format!("{before}{}{after}", line.trim_end()),
        marks + &"^".repeat(count),
    )
}

/// One character for one, so that marks stay under their text.
fn visible(one: char) -> char {
    match one {
        one if one.is_control() => ' ',
        one if is_hidden(one) => '\u{fffd}',
        one => one,
    }
}

#[derive(Clone, Copy)]
struct Paint(bool);

impl Paint {
    fn with(self, code: &str, text: &str) -> String {
        if self.0 {
            format!("\u{1b}[{code}m{text}\u{1b}[0m")
        } else {
            text.to_owned()
        }
    }

    fn bold(self, text: &str) -> String {
        self.with("1", text)
    }

    fn bold_red(self, text: &str) -> String {
        self.with("1;31", text)
    }

    fn yellow(self, text: &str) -> String {
        self.with("1;33", text)
    }

    fn blue(self, text: &str) -> String {
        self.with("1;34", text)
    }
}

/// Characters of a line that are shown, and how many of them before the stretch.
const WIDTH: usize = 120;
const LEAD: usize = 20;

#[cfg(test)]
mod tests {
    use super::{Spot, excerpt};

    #[test]
    fn long_lines_are_cut_around_what_is_meant() {
        let source = format!("{}<input name=x>{}", "é".repeat(500), "y".repeat(500));
        let spot = Spot {
            line: 1,
            column: 501,
            end_line: 1,
            end_column: 515,
            source,
        };
        let (line, marks) = excerpt(&spot);
        assert!(line.starts_with('…') && line.ends_with('…'), "{line}");
        let at = marks.find('^').expect("marks");
        let marked: String = line.chars().skip(at).take(marks.len() - at).collect();
        assert_eq!(marked, "<input name=x>");
    }

    #[test]
    fn indentation_goes_and_marks_stay_under_their_text() {
        let source = "\t  <p>\u{7}<input>".to_owned();
        let spot = Spot {
            line: 3,
            column: 8,
            end_line: 3,
            end_column: 15,
            source,
        };
        assert_eq!(
            excerpt(&spot),
            ("<p> <input>".to_owned(), "    ^^^^^^^".to_owned())
        );
    }
}
