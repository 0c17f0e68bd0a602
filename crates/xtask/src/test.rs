//! `cargo xtask test`: the gate. Every stage runs even when an earlier one failed.
//!
//! A stage that can't run, and a stage in which no test ran, has failed: silence is no success.
//! Ends with a table and one plain line of totals.

use std::fs;
use std::path::PathBuf;
use std::process::Command;
use std::time::Instant;

use anyhow::{Context as _, Result, bail, ensure};

use crate::Part;
use crate::browser::Browser;
use crate::build::{self, Cli};
use crate::counts::Counts;
use crate::firefox::{self, Firefox};
use crate::report::{self, Line, Outcome};
use crate::run::{self, say};
use crate::{fuzz, package, setup, size, suite};

/// Runs the gate, or one part of it; `false` when anything failed.
///
/// # Errors
/// When setup fails; failures of stages are in the table.
pub fn run(all: bool, only: Option<Part>) -> Result<bool> {
    let wanted = |part| only.is_none_or(|only| only == part);
    let tools = setup::run()?;
    let mut gate = Gate {
        all,
        browser: tools.browser,
        lines: Vec::new(),
    };
    if wanted(Part::Native) {
        gate.native();
    }
    if wanted(Part::Web) {
        gate.web();
    }
    if wanted(Part::E2e) {
        gate.e2e();
    }
    Ok(report::summary(&gate.lines))
}

struct Gate {
    all: bool,
    browser: Browser,
    lines: Vec<Line>,
}

impl Gate {
    fn native(&mut self) {
        self.stage("format", |_| {
            check(
                run::cargo().args(["fmt", "--all", "--check"]),
                "run `cargo fmt --all`",
            )
        });
        self.stage("lints", |_| {
            check(
                run::cargo()
                    .args(["clippy", "--workspace", "--all-targets"])
                    .args(["--", "-D", "warnings"]),
                LINTS,
            )
        });
        self.stage("lints, wasm", |_| {
            check(
                wasm(&["clippy", "--lib"]).args(["--", "-D", "warnings"]),
                LINTS,
            )?;
            let typed = ["clippy", "--lib", "--tests", "--features", "typed,suite"];
            let mut cargo = wasm(&typed);
            cargo.args(["--", "-D", "warnings"]);
            check(cargo.env(suite::VARIABLE, suite::file()?), LINTS)
        });
        self.stage("lints, scripts", |_| {
            check(
                run::program("node").args(["node_modules/typescript/bin/tsc", "--noEmit"]),
                "mend what the compiler says",
            )
        });
        self.stage("native tests", |gate| {
            let mut cargo = run::cargo();
            cargo.args(["test", "--workspace", "--no-fail-fast"]);
            if gate.all {
                cargo.args(["--", "--include-ignored"]);
            }
            cargo_tests(cargo.env(suite::VARIABLE, suite::file()?))
        });
        if self.all {
            self.stage("fuzzing", |_| fuzz::run());
        }
    }

    fn web(&mut self) {
        self.stage("wasm tests", |gate| {
            let runner = "wasm-test-runner";
            run::step(
                "test",
                "the runner for wasm tests",
                run::cargo()
                    .args(["build", "--package", "xtask", "--bin", runner])
                    .args(["--features", runner]),
                "mend what the compiler says",
            )?;
            let program = run::target_dir().join("debug").join(runner);
            let mut cargo = wasm(&["test", "--features", "typed,suite", "--no-fail-fast"]);
            cargo
                .env(suite::VARIABLE, suite::file()?)
                .env("CARGO_TARGET_WASM32_UNKNOWN_UNKNOWN_RUNNER", program)
                .env(
                    "WASM_BINDGEN_TEST_WEBDRIVER_JSON",
                    run::root().join("webdriver.json"),
                )
                .env("WASM_BINDGEN_TEST_TIMEOUT", "120");
            cargo_tests(gate.browser.tell(&mut cargo))
        });
    }

    fn e2e(&mut self) {
        let mut program = None;
        self.stage("build", |_| {
            program = Some(build::all(false, Cli::Dev)?);
            Ok(Outcome::Checked)
        });
        self.stage("size", |_| {
            ensure!(size::run(false)?, "past a limit of pkg-config/budgets.json");
            Ok(Outcome::Checked)
        });
        // Without a build both would only repeat its failure; they count as failed all the same.
        let built = program.context("there is no build to test: see the stage `build`");
        let built = match &built {
            Ok(program) => Ok(program),
            Err(reason) => Err(reason.to_string()),
        };
        self.stage("script tests", |gate| {
            let program = built.clone().map_err(anyhow::Error::msg)?;
            let mut node = run::program("node");
            let files = test_files(&["tests/js", "tests/e2e"])?;
            gate.tell(node.arg("--test").args(files), program);
            node_tests(&mut node)
        });
        self.stage("browser tests", |gate| {
            let program = built.clone().map_err(anyhow::Error::msg)?;
            gate.playwright(&["--project=chromium"], program, |_| {})
        });
        self.stage("Firefox tests", |gate| {
            let Firefox::At(firefox) = firefox::ensure()? else {
                return Ok(Outcome::Skipped);
            };
            let program = built.clone().map_err(anyhow::Error::msg)?;
            // The kernel's own tests are about its logic; the line and the pages' forms are where
            // engines differ, and here is a page a behaviour of them.
            let mut what = vec!["--project=firefox"];
            if !gate.all {
                what.push("e2e/line/(form|request|consent|canary).spec");
                what.push("e2e/forms/");
            }
            gate.playwright(&what, program, |node| {
                node.env("TOUCHMARK_FIREFOX", &firefox);
                if !gate.all {
                    node.env("TOUCHMARK_FORMS", "models");
                }
            })
        });
        // Four bundlers and their packages: minutes.
        if self.all {
            self.stage("packages", |gate| {
                let program = built.clone().map_err(anyhow::Error::msg)?;
                let folders = ["tests/packaging", "tests/packaging-next"];
                for folder in folders {
                    setup::packages(&run::root().join(folder))?;
                }
                package::npm()?;
                let mut node = run::program("node");
                let files = test_files(&folders)?;
                gate.tell(node.arg("--test").args(files), program);
                node_tests(&mut node)
            });
        }
    }

    /// Runs Playwright, told `what` to run, and reads its totals from its report.
    fn playwright(
        &self,
        what: &[&str],
        program: &PathBuf,
        tell: impl FnOnce(&mut Command),
    ) -> Result<Outcome> {
        let report = run::scratch("reports")?.join("playwright.json");
        // A report that an earlier run left would be counted as this one's.
        if report.exists() {
            fs::remove_file(&report)?;
        }
        let mut node = run::program("node");
        node.args(["node_modules/@playwright/test/cli.js", "test"])
            .args(["--config", "tests/e2e/playwright.config.ts"])
            .arg("--reporter=list,json")
            .args(what)
            .env("PLAYWRIGHT_JSON_OUTPUT_FILE", &report)
            .env("PLAYWRIGHT_JSON_OUTPUT_NAME", &report);
        self.tell(&mut node, program);
        tell(&mut node);
        let (status, _) = run::tee(&mut node, SETUP)?;
        let text = fs::read_to_string(&report)
            .with_context(|| format!("Playwright ended with {status} and no report; {SETUP}"))?;
        let counts = Counts::of_playwright(&serde_json::from_str(&text)?);
        ensure!(
            status.success() || counts.failed > 0,
            "Playwright ended with {status}"
        );
        Ok(Outcome::Ran(counts))
    }

    /// Tells a test runner what to test.
    fn tell(&self, command: &mut Command, program: &PathBuf) {
        self.browser.tell(command).env("TOUCHMARK_BIN", program);
        if let Ok(own) = std::env::current_exe() {
            command.env("TOUCHMARK_XTASK", own);
        }
        if self.all {
            command.env("TOUCHMARK_TEST_ALL", "1");
        }
    }

    fn stage(&mut self, name: &'static str, work: impl FnOnce(&Self) -> Result<Outcome>) {
        println!();
        say("test", format_args!("── {name}"));
        let start = Instant::now();
        let outcome = work(self).and_then(|outcome| match outcome {
            Outcome::Ran(Counts {
                passed: 0,
                failed: 0,
                ..
            }) => bail!("no test ran"),
            outcome => Ok(outcome),
        });
        if let Err(reason) = &outcome {
            say("test", format_args!("{name} FAILED: {reason:#}"));
        }
        self.lines.push(Line {
            name,
            outcome,
            time: start.elapsed(),
        });
    }
}

const LINTS: &str = "mend what clippy says";
const SETUP: &str = "`cargo xtask setup` installs what it needs";

fn check(command: &mut Command, remedy: &str) -> Result<Outcome> {
    let (status, _) = run::tee(command, remedy)?;
    ensure!(status.success(), "{remedy}");
    Ok(Outcome::Checked)
}

/// Cargo for the root package as the browser runs it.
fn wasm(arguments: &[&str]) -> Command {
    let mut cargo = run::cargo();
    cargo.args(arguments).args([
        "--package",
        "touchmark",
        "--target",
        "wasm32-unknown-unknown",
    ]);
    cargo
}

fn cargo_tests(cargo: &mut Command) -> Result<Outcome> {
    let (status, printed) = run::tee(cargo, "mend what the compiler says")?;
    let mut counts = Counts::of_cargo(&printed);
    if !status.success() && counts.failed == 0 {
        // A program that does not compile, or dies before its totals.
        counts.failed = 1;
    }
    Ok(Outcome::Ran(counts))
}

fn node_tests(node: &mut Command) -> Result<Outcome> {
    let (status, printed) = run::tee(node, SETUP)?;
    let counts = Counts::of_node(&printed);
    ensure!(
        status.success() || counts.failed > 0,
        "node ended with {status}"
    );
    Ok(Outcome::Ran(counts))
}

fn test_files(folders: &[&str]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for folder in folders {
        let folder = run::root().join(folder);
        let entries =
            fs::read_dir(&folder).with_context(|| format!("can't list {}", folder.display()))?;
        for entry in entries {
            let path = entry?.path();
            if path.to_string_lossy().ends_with(".test.mjs") {
                files.push(path);
            }
        }
    }
    ensure!(!files.is_empty(), "no *.test.mjs in {}", folders.join(", "));
    files.sort();
    Ok(files)
}
