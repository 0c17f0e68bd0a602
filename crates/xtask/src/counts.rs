//! Reads how many tests passed and failed from what the test runners print.

use std::ops::AddAssign;

use serde_json::Value;

/// Totals of one or several runs.
#[derive(Debug, Default, Clone, Copy, PartialEq, Eq)]
pub struct Counts {
    pub passed: u64,
    pub failed: u64,
    /// Ignored or skipped: shown, so that a known gap stays in sight.
    pub skipped: u64,
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.passed += other.passed;
        self.failed += other.failed;
        self.skipped += other.skipped;
    }
}

impl Counts {
    /// From `cargo test` and from wasm-bindgen's runner: a `test result:` line a binary.
    pub fn of_cargo(printed: &str) -> Self {
        let mut sum = Self::default();
        for line in printed.lines() {
            let line = plain(line);
            let Some((_, line)) = line.split_once("test result: ") else {
                continue;
            };
            let number = |word: &str| {
                line.split([';', '.'])
                    .find_map(|part| part.trim().strip_suffix(word)?.trim().parse().ok())
                    .unwrap_or(0)
            };
            sum += Self {
                passed: number("passed"),
                failed: number("failed"),
                skipped: number("ignored"),
            };
        }
        sum
    }

    /// From `node --test`: `ℹ pass 3`, or `# pass 3` in TAP.
    pub fn of_node(printed: &str) -> Self {
        let number = |word: &str| {
            printed
                .lines()
                .rev()
                .find_map(|line| {
                    let line = plain(line);
                    let line = line.strip_prefix('ℹ').or_else(|| line.strip_prefix('#'))?;
                    line.trim().strip_prefix(word)?.trim().parse().ok()
                })
                .unwrap_or(0)
        };
        Self {
            passed: number("pass "),
            failed: number("fail ") + number("cancelled "),
            skipped: number("skipped ") + number("todo "),
        }
    }

    /// From Playwright's JSON report. A test that passed only on a second try has failed.
    pub fn of_playwright(report: &Value) -> Self {
        let number = |name: &str| report["stats"][name].as_u64().unwrap_or(0);
        let broken = report["errors"].as_array().map_or(0, Vec::len);
        Self {
            passed: number("expected"),
            failed: number("unexpected") + number("flaky") + broken as u64,
            skipped: number("skipped"),
        }
    }
}

/// A line without its colours.
fn plain(line: &str) -> String {
    let mut text = String::new();
    let mut rest = line;
    while let Some((before, after)) = rest.split_once('\u{1b}') {
        text.push_str(before);
        rest = after.split_once('m').map_or("", |(_, after)| after);
    }
    text.push_str(rest);
    text.trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn counts(passed: u64, failed: u64, skipped: u64) -> Counts {
        Counts {
            passed,
            failed,
            skipped,
        }
    }

    #[test]
    fn cargo_lines_add_up() {
        let printed = "test a ... ok\n\
            test result: \u{1b}[32mok\u{1b}[0m. 12 passed; 0 failed; 1 ignored; 0 measured; 0 filtered out; finished in 0.1s\n\
            test result: FAILED. 2 passed; 3 failed; 0 ignored; 0 measured; 0 filtered out\n";
        assert_eq!(Counts::of_cargo(printed), counts(14, 3, 1));
    }

    #[test]
    fn node_totals_are_read_in_both_formats() {
        assert_eq!(
            Counts::of_node(
                "ℹ tests 5\nℹ pass 3\nℹ fail 1\nℹ cancelled 1\nℹ skipped 0\nℹ todo 0\n"
            ),
            counts(3, 2, 0)
        );
        assert_eq!(Counts::of_node("# pass 4\n# fail 0\n"), counts(4, 0, 0));
    }

    #[test]
    fn a_flaky_or_unloadable_test_has_failed() {
        let report = serde_json::json!({
            "stats": {"expected": 7, "unexpected": 1, "flaky": 1, "skipped": 2},
            "errors": [{"message": "cannot load"}]
        });
        assert_eq!(Counts::of_playwright(&report), counts(7, 3, 2));
    }

    #[test]
    fn silence_counts_as_nothing() {
        assert_eq!(Counts::of_cargo("no tests to run!"), Counts::default());
    }
}
