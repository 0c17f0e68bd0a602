//! The official test suite, natively. Without its file the test says so, and fails in CI.

use std::io::Write as _;

use touchmark::native::NativeHost;

use crate::support;

#[test]
fn the_official_suite_passes_natively() {
    let Some(file) = std::env::var_os("TOUCHMARK_SUITE") else {
        let remedy =
            "`cargo xtask test --only native` obtains it, or name its file in TOUCHMARK_SUITE";
        assert!(
            std::env::var_os("CI").is_none(),
            "no JSON Schema test suite: {remedy}"
        );
        return say(&format!(
            "SKIPPED: the JSON Schema test suite is not here; {remedy}"
        ));
    };
    let pack = std::fs::read_to_string(&file).expect("TOUCHMARK_SUITE names a file that reads");
    let counts = support::suite::run(&pack, &NativeHost);
    say(&format!("JSON Schema test suite, native: {counts}"));
}

/// Past the test harness, which keeps what a passing test prints to itself.
fn say(text: &str) {
    let _ = writeln!(std::io::stderr(), "{text}");
}
