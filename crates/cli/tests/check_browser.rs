//! `touchmark check --browser`: forms that only exist once scripts have run.
//!
//! Needs a Chromium, by TOUCHMARK_CHROMIUM or where browsers usually are. Without one the tests
//! fail, and say so: a check that was skipped would look like one that passed.

mod support;

use support::{Scratch, touchmark};

/// The agreed page, whose form a script builds.
fn built_by_script(name: &str) -> Scratch {
    let scratch = Scratch::clinic(name);
    let page = scratch.read("page.html");
    scratch.write(
        "site/form.js",
        &format!(
            "document.body.innerHTML = {}",
            serde_json::Value::from(page)
        ),
    );
    scratch.write(
        "site/contact/index.html",
        "<!doctype html><title>x</title><body><script defer src=/form.js></script>",
    );
    scratch
}

#[test]
fn a_form_that_a_script_builds_is_checked_as_it_stands() {
    let scratch = built_by_script("built");
    let args = ["check", "--plan", "plan.json", "site"];
    let output = touchmark(scratch.path(), &args);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.contains("form_missing") && text.contains("--browser"),
        "{text}"
    );
    let args = [&args[..], &["--browser", "--deny", "warnings"]].concat();
    let output = touchmark(scratch.path(), &args);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{text}");
    let script = scratch
        .read("site/form.js")
        .replace("name=\\\"mail\\\"", "name=\\\"e_mail\\\"");
    scratch.write("site/form.js", &script);
    let output = touchmark(scratch.path(), &args);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(1), "{text}");
    assert!(
        text.contains("renamed to `e_mail`") && text.contains("name=\"e_mail\""),
        "{text}"
    );
}

/// What the header says wins over the page, so the server that stands in for the site must not.
#[test]
fn a_page_in_its_own_encoding_is_read_as_its_visitors_do() {
    let scratch = Scratch::clinic("latin");
    let plan = scratch.read("plan.json").replace("\"full\"", "\"größe\"");
    scratch.write("plan.json", &plan);
    let page = scratch.read("page.html").replace("\"full\"", "\"größe\"");
    let page = format!("<meta charset=windows-1252>{page}");
    // The letters of these pages are the same numbers in windows-1252.
    let bytes: Vec<u8> = page
        .chars()
        .map(|one| u8::try_from(u32::from(one)).expect("a letter of windows-1252"))
        .collect();
    std::fs::create_dir_all(scratch.path().join("site")).expect("writable");
    std::fs::write(scratch.path().join("site/index.html"), bytes).expect("writable");
    let args = ["check", "--plan", "plan.json", "site", "--browser"];
    let output = touchmark(scratch.path(), &args);
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(output.status.code(), Some(0), "{text}");
}

#[test]
fn what_is_really_shown_decides_about_signals() {
    let scratch = built_by_script("shown");
    let style = "<style>.error { display: none }</style><p class=\"error\">Oops</p>";
    let page = scratch.read("page.html") + style;
    scratch.write("site/contact/index.html", &page);
    let args = ["check", "--plan", "plan.json", "site", "--deny", "warnings"];
    assert_eq!(
        touchmark(scratch.path(), &args).status.code(),
        Some(1),
        "markup alone looks open"
    );
    let args = [&args[..], &["--browser"]].concat();
    let output = touchmark(scratch.path(), &args);
    assert_eq!(
        output.status.code(),
        Some(0),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
    scratch.write(
        "site/contact/index.html",
        &page.replace("display: none", "color: red"),
    );
    let text = String::from_utf8_lossy(&touchmark(scratch.path(), &args).stdout).into_owned();
    assert!(text.contains("error[signal_always]"), "{text}");
}

#[test]
fn a_browser_that_is_not_there_is_told_with_the_remedy() {
    let scratch = Scratch::clinic("missing");
    let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_touchmark"));
    command
        .current_dir(scratch.path())
        .args(["check", "--browser", "page.html"]);
    let output = command
        .env("TOUCHMARK_CHROMIUM", "/nowhere/chromium")
        .output()
        .expect("runs");
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert!(
        text.contains("error[browser_missing]") && text.contains("TOUCHMARK_CHROMIUM"),
        "{text}"
    );
}

#[test]
fn pages_that_do_not_open_are_told_and_the_rest_is_rendered() {
    let scratch = Scratch::clinic("unopened");
    let output = touchmark(
        scratch.path(),
        &[
            "check",
            "--browser",
            "page.html",
            "nowhere.html",
            "http://127.0.0.1:9/",
        ],
    );
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    assert_eq!(text.matches("error[page_unreadable]").count(), 2, "{text}");
    assert!(text.contains("1 of 1 declared form"), "{text}");
}
