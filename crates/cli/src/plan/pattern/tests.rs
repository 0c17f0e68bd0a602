//! Patterns that pages may have, and patterns that they may not, each with its error.

use super::{PatternError, check};

#[test]
fn usual_patterns_are_accepted() {
    for pattern in [
        "",
        "\\S",
        "^\\+?(?:[ ()./-]{0,3}[0-9]){7,15}$",
        "^[0-9]{5}(?:-[0-9]{4})?$",
        "^[a-z]+(?:-[a-z]+)*$",
        "^[A-Za-z]{1,2}[0-9][A-Za-z0-9]? ?[0-9][A-Za-z]{2}$",
        "^[^@.]+(?:\\.[^@.]+)*@[^@.]+(?:\\.[^@.]+)+$",
        "^(?=.*[A-Z])(?=.*[0-9]).{8,64}$",
        "^.*\\S$",
        "^(?:morning|midday|evening)$",
        "^\\p{L}[\\p{L} '’.-]*$",
        "^\\u{1F600}+$",
        "^\\uD83D\\uDE00+$",
        "^[\\]\\\\^-]+$",
        "^a{3}b{2,}c{1,4}?$",
        "^(?<year>[0-9]{4})-[0-9]{2}$",
        "[0-9]+",
        "^\\s*[0-9]+\\s*$",
        "^\\w+\\b.?$",
    ] {
        assert_eq!(check(pattern), Ok(()), "{pattern}");
    }
}

#[test]
fn patterns_that_can_run_away_are_refused() {
    for pattern in [
        "^(a+)+$",
        "^(a*)*$",
        "^(?:a|a)*$",
        "^(?:a|ab|b)*$",
        "^(?:a?b?)*$",
        "^(?:[a-z]+)*$",
        "^(?:[a-z]+,?)+$",
        "^a*a*$",
        "^\\d+\\d+$",
        "^\\s*,?\\s*$",
        "^.*.*$",
        "^\\w+\\s?\\w+$",
        "^[^@]+@[^@]+\\.[^@]+$",
        "^(?:.|\\s)+$",
        "^(?:\\p{L}|x)+$",
        "^(?:x+x+)+y$",
        "^(?=(a+)+$).*$",
    ] {
        let refused = matches!(check(pattern), Err(PatternError::Ambiguous { .. }));
        assert!(refused, "{pattern}: {:?}", check(pattern));
    }
}

#[test]
fn each_refusal_says_where_it_stands() {
    for (pattern, expected) in [
        ("^(a)\\1$", PatternError::Backreference { at: 4 }),
        ("(?<n>a)\\k<n>", PatternError::Backreference { at: 7 }),
        ("^a(?<=a)b$", PatternError::Lookbehind { at: 2 }),
        ("(?<!a)b", PatternError::Lookbehind { at: 0 }),
        ("^(?i:a)$", PatternError::Modifier { at: 1 }),
        ("^a(?=b)", PatternError::Lookahead { at: 2 }),
        ("^x(?:[a-z]{40}){30}$", PatternError::Expansion { at: 2 }),
        ("^a{1001}$", PatternError::Expansion { at: 1 }),
        (
            "^(?:a{99999999999999}){9}$",
            PatternError::Expansion { at: 1 },
        ),
    ] {
        assert_eq!(check(pattern), Err(expected), "{pattern}");
    }
}

#[test]
fn what_is_no_pattern_is_refused_as_such() {
    for pattern in [
        "[",
        "(",
        "a{2,1}",
        "\\",
        "^\\-$",
        "[b-a]",
        "*",
        "a**",
        "(?<n>a)(?<n>b)",
        "{",
    ] {
        let refused = matches!(check(pattern), Err(PatternError::Grammar(_)));
        assert!(refused, "{pattern}: {:?}", check(pattern));
    }
}

#[test]
fn bounded_counts_that_multiply_are_refused_too() {
    for pattern in ["^(?:a?){30}a{30}$", "^(?:a|aa){40}$", "^(?:a?|b?){40}c$"] {
        let refused = matches!(check(pattern), Err(PatternError::Steps(_)));
        assert!(refused, "{pattern}: {:?}", check(pattern));
    }
    assert!(matches!(
        check(".*x[ab]{0,500}c"),
        Err(PatternError::Steps(_))
    ));
    assert_eq!(check("^.*x[ab]{0,500}c"), Ok(()));
    assert_eq!(check(&"a".repeat(501)), Err(PatternError::TooLong));
}

#[test]
fn a_clash_quotes_both_places() {
    let pattern = "^[a-z]+x?\\w*$";
    let error = check(pattern).expect_err("ambiguous");
    let what = error.what(pattern);
    assert!(
        what.contains("`[a-z]` at character 2 and `\\w` at character 10"),
        "{what}"
    );
}
