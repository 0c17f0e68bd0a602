//! A misspelt word and the words there are into what was probably meant.
//!
//! Used wherever plan build refuses a name. Not here: deciding that the name is wrong.

/// The nearest of `known`, when it is near enough to be meant: a third of its letters may differ.
pub fn nearest<'a>(word: &str, known: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = plain(word);
    known
        .into_iter()
        .map(|name| (distance(&plain, &self::plain(name)), name))
        .filter(|(apart, name)| *apart <= (name.chars().count() / 3).clamp(1, 3))
        .min_by_key(|(apart, _)| *apart)
        .map(|(_, name)| name)
}

/// "did you mean `x`? " when something is near, then the names there are.
pub fn remedy(word: &str, kind: &str, known: &[&str]) -> String {
    let guess = nearest(word, known.iter().copied());
    let guess = guess
        .map(|name| format!("did you mean `{name}`? "))
        .unwrap_or_default();
    if known.is_empty() {
        return format!("{guess}there are no {kind} here");
    }
    format!("{guess}{kind} here: {}", known.join(", "))
}

/// Case and separators are what people mix up first.
fn plain(word: &str) -> Vec<char> {
    let letters = word.chars().flat_map(char::to_lowercase);
    letters
        .map(|letter| {
            if matches!(letter, '-' | ' ') {
                '_'
            } else {
                letter
            }
        })
        .collect()
}

/// Optimal string alignment: insert, delete, change, or swap two neighbours.
fn distance(one: &[char], other: &[char]) -> usize {
    let mut before: Vec<usize> = Vec::new();
    let mut above: Vec<usize> = (0..=other.len()).collect();
    for (row, letter) in one.iter().enumerate() {
        let mut line = vec![row + 1];
        for (column, twin) in other.iter().enumerate() {
            let mut best = (above[column] + usize::from(letter != twin))
                .min(above[column + 1] + 1)
                .min(line[column] + 1);
            if row > 0 && column > 0 && *letter == other[column - 1] && one[row - 1] == *twin {
                best = best.min(before[column - 1] + 1);
            }
            line.push(best);
        }
        before = std::mem::replace(&mut above, line);
    }
    above[other.len()]
}

#[cfg(test)]
mod tests {
    use super::nearest;

    #[test]
    fn a_slip_finds_its_word_and_a_stranger_finds_none() {
        let known = ["fields", "hidden", "selector", "service_line", "id"];
        for (word, meant) in [
            ("feilds", Some("fields")),
            ("Fields", Some("fields")),
            ("service-line", Some("service_line")),
            ("selecter", Some("selector")),
            ("phone", None),
            ("", None),
        ] {
            assert_eq!(nearest(word, known), meant, "{word}");
        }
    }
}
