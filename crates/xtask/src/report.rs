//! The table that ends `cargo xtask test`.

use std::time::Duration;

use anyhow::Result;

use crate::counts::Counts;
use crate::run::seconds;

/// What a stage leaves behind.
pub enum Outcome {
    /// A check without tests of its own, such as the formatter.
    Checked,
    Ran(Counts),
    /// Left out because somebody said so: in the table, so that nobody overlooks it.
    Skipped,
}

/// One stage that was run.
pub struct Line {
    pub name: &'static str,
    pub outcome: Result<Outcome>,
    pub time: Duration,
}

/// Prints the table and the totals; `false` when anything failed.
pub fn summary(lines: &[Line]) -> bool {
    let mut total = Counts::default();
    println!(
        "\n{:<16} {:>7} {:>7} {:>8} {:>12}",
        "stage", "passed", "failed", "skipped", "time"
    );
    for Line {
        name,
        outcome,
        time,
    } in lines
    {
        let time = seconds(*time);
        match outcome {
            Ok(Outcome::Checked) => {
                println!("{name:<16} {:>7} {:>7} {:>8} {time:>12}", "ok", "", "")
            }
            Ok(Outcome::Skipped) => {
                println!("{name:<16} {:>7} {:>7} {:>8} {time:>12}", "", "", "SKIPPED")
            }
            Ok(Outcome::Ran(counts)) => {
                total += *counts;
                println!(
                    "{name:<16} {:>7} {:>7} {:>8} {time:>12}",
                    counts.passed, counts.failed, counts.skipped
                );
            }
            Err(reason) => {
                total.failed += 1;
                println!(
                    "{name:<16} {:>7} {:>7} {:>8} {time:>12}  {reason:#}",
                    "", "FAILED", ""
                );
            }
        }
    }
    println!("\n{} passed, {} failed", total.passed, total.failed);
    total.failed == 0
}
