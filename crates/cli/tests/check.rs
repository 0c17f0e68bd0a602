//! `touchmark check`, from outside: pages that differ from an agreed one in one thing each.
//!
//! Cases are data, in tests/check/cases.json: texts of the page swapped, members of plan and
//! schema set (null removes), and every error and warning that follows.

mod support;

use std::fs;

use serde_json::{Value, json};
use support::{Scratch, changed, here, read, touchmark};

#[test]
fn each_difference_is_told_and_nothing_else() {
    let cases = read(&here("check/cases.json"));
    let cases = cases.as_array().expect("a list");
    assert!(cases.len() > 80, "{} cases", cases.len());
    let scratch = Scratch::new("cases");
    let mut wrong = Vec::new();
    for case in cases {
        assert!(case["why"].is_string(), "{} has no why", case["name"]);
        let answer = answer(&scratch, case);
        let findings = answer["findings"].as_array().cloned().unwrap_or_default();
        let told = findings.iter().filter(|one| one["level"] != "note");
        let told: Vec<String> = told
            .map(|one| format!("{} {}", text(one, "level"), text(one, "code")))
            .collect();
        let mut sorted = told.clone();
        sorted.sort();
        if let Some(expect) = case["expect"].as_array() {
            let mut expect: Vec<String> = expect
                .iter()
                .filter_map(Value::as_str)
                .map(str::to_owned)
                .collect();
            expect.sort();
            if sorted != expect {
                wrong.push(format!("{}: {sorted:?}, not {expect:?}", case["name"]));
            }
        }
        let all = answer.to_string().replace("\\\"", "\"");
        for part in case["says"]
            .as_array()
            .into_iter()
            .flatten()
            .filter_map(Value::as_str)
        {
            if !all.contains(part) {
                wrong.push(format!("{}: doesn't say {part:?}: {all}", case["name"]));
            }
        }
        let fails = told.iter().any(|one| one.starts_with("error"));
        assert_eq!(answer["exit"], json!(u8::from(fails)), "{}", case["name"]);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

/// What the command says about a case.
fn answer(scratch: &Scratch, case: &Value) -> Value {
    let mut page = fs::read_to_string(here("check/page.html")).expect("readable");
    for swap in case["swap"].as_array().into_iter().flatten() {
        let (old, new) = (text(swap, 0), text(swap, 1));
        assert!(
            page.contains(old),
            "{}: no {old:?} in the page",
            case["name"]
        );
        page = page.replacen(old, new, 1);
    }
    scratch.write("page.html", &page);
    for (file, changes) in [
        ("plan.json", &case["plan"]),
        ("schema.json", &case["schema"]),
    ] {
        let base = read(&here("check").join(file));
        scratch.write(file, &changed(base, changes).to_string());
    }
    let output = touchmark(scratch.path(), &["check", "page.html", "--format", "json"]);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|_| {
        panic!(
            "{}: {}",
            case["name"],
            String::from_utf8_lossy(&output.stderr)
        )
    })
}

#[test]
fn a_renamed_field_is_shown_where_it_stands() {
    let scratch = Scratch::clinic("renamed");
    let page = scratch
        .read("page.html")
        .replace("name=\"mail\"", "name=\"e_mail\"");
    scratch.write("page.html", &page);
    let output = touchmark(scratch.path(), &["check", "page.html"]);
    assert_eq!(output.status.code(), Some(1));
    let text = String::from_utf8(output.stdout).expect("text");
    let shown = "error[field_renamed]: control `mail` is gone, which fed field `email`; it was probably renamed to `e_mail` (similar name, same type, same place)
 --> page.html:5:22
  |
5 | <label>Mail <input name=\"e_mail\" type=\"email\" maxlength=\"254\" required></label>
  |                    ^^^^^^^^^^^^^
  = remedy: rename it back to `mail`, or write \"e_mail\": \"email\" in the plan and rebuild it
  = mapped here: plan.json#/forms/0/fields/mail
";
    assert!(text.starts_with(shown), "{text}");
    assert!(
        text.ends_with("1 page, 1 of 1 declared form: 1 error, 1 note (--notes shows them)\n"),
        "{text}"
    );
}

#[test]
fn a_built_plan_says_the_same_as_its_source() {
    let scratch = Scratch::clinic("built");
    let built = touchmark(
        scratch.path(),
        &["plan", "build", "plan.json", "--out", "built.json"],
    );
    assert!(built.status.success());
    let page = scratch
        .read("page.html")
        .replace("value=\"careers\"", "value=\"carrers\"");
    scratch.write("page.html", &page);
    let told = ["plan.json", "built.json"].map(|plan| {
        let output = touchmark(
            scratch.path(),
            &["check", "--plan", plan, "page.html", "--notes"],
        );
        assert_eq!(output.status.code(), Some(1));
        String::from_utf8(output.stdout)
            .expect("text")
            .replace("built.json", "plan.json")
    });
    assert_eq!(told[0], told[1]);
}

#[test]
fn pages_come_from_files_folders_globs_and_standard_input() {
    let scratch = Scratch::clinic("inputs");
    let page = scratch.read("page.html");
    scratch.write("site/a/index.html", &page);
    scratch.write("site/b/page.HTM", "<p>no form");
    scratch.write("site/node_modules/x.html", "<form>");
    scratch.write("site/notes.txt", "<form>");
    let pages = |args: &[&str], input: &str| {
        let args = [&["check", "--plan", "plan.json", "--format", "json"], args].concat();
        let output = support::touchmark_with(scratch.path(), &args, input);
        assert_eq!(
            output.status.code(),
            Some(0),
            "{}",
            String::from_utf8_lossy(&output.stdout)
        );
        let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        answer["pages"]
            .as_array()
            .expect("pages")
            .iter()
            .map(|one| one.as_str().unwrap_or_default().to_owned())
            .collect::<Vec<_>>()
    };
    assert_eq!(pages(&["page.html"], ""), ["page.html"]);
    assert_eq!(
        pages(&["site"], ""),
        ["site/a/index.html", "site/b/page.HTM"]
    );
    assert_eq!(
        pages(&["site/**/*.html"], "").len(),
        2,
        "globs mean what they say"
    );
    assert_eq!(pages(&["-"], &page), ["<stdin>"]);
    assert_eq!(
        pages(&["page.html", "./site/a/index.html", "page.html"], "").len(),
        2,
        "each once"
    );
}

#[test]
fn what_can_not_be_read_is_told_and_the_rest_is_checked() {
    let scratch = Scratch::clinic("unread");
    fs::write(scratch.path().join("latin.html"), b"<p>\n<p>caf\xe9").expect("written");
    fs::write(scratch.path().join("wide.html"), b"\xff\xfe<\0p\0").expect("written");
    fs::write(
        scratch.path().join("giant.html"),
        vec![b'x'; (16 << 20) + 1],
    )
    .expect("written");
    scratch.write("empty/readme.txt", "");
    for (page, code, says) in [
        ("nowhere.html", "page_unreadable", "nowhere.html"),
        ("nowhere*.html", "page_none", "no .html"),
        ("empty", "page_none", "no .html"),
        ("latin.html", "page_not_utf8", "line 2, byte 7"),
        ("wide.html", "page_not_utf8", "line 1, byte 1"),
        ("giant.html", "page_too_large", "16 MiB"),
        ("http://127.0.0.1:9/", "page_unreadable", "127.0.0.1"),
    ] {
        let output = touchmark(scratch.path(), &["check", "page.html", page]);
        let text = String::from_utf8(output.stdout).expect("text");
        assert_eq!(output.status.code(), Some(2), "{page}");
        assert!(
            text.contains(&format!("error[{code}]")) && text.contains(says),
            "{page}: {text}"
        );
        assert!(
            text.contains("1 of 1 declared form"),
            "{page}: the rest is checked: {text}"
        );
    }
    for (args, says) in [
        (
            &["check", "page.html", "--plan", "none.json"][..],
            "file_unreadable",
        ),
        (
            &["check", "page.html", "--plan", "schema.json"],
            "plan_member_missing",
        ),
        (
            &["check", "page.html", "--lock", "page.html"],
            "json_malformed",
        ),
        (
            &["check", "page.html", "--lock", "plan.json"],
            "lock_format",
        ),
    ] {
        let output = touchmark(scratch.path(), args);
        assert_eq!(output.status.code(), Some(2), "{args:?}");
        let text = String::from_utf8_lossy(&output.stderr);
        assert!(text.contains(says), "{args:?}: {text}");
    }
}

#[test]
fn pages_that_can_not_be_read_miss_no_form() {
    let scratch = Scratch::clinic("missing");
    let shown = |args: &[&str]| {
        let output = touchmark(scratch.path(), args);
        assert_eq!(output.status.code(), Some(2));
        String::from_utf8(output.stdout).expect("text")
    };
    let text = shown(&["check", "nowhere.html"]);
    assert!(!text.contains("form_missing"), "{text}");
    scratch.write("page.html", "<p>no form");
    let text = shown(&["check", "page.html", "nowhere.html"]);
    assert!(text.starts_with("error[page_unreadable]"), "{text}");
    assert!(!text.contains("error[form_missing]"), "{text}");
    scratch.write("site/page.html", "<p>no form");
    let text = shown(&["check", "site", "nowhere.html"]);
    assert!(text.contains("error[form_missing]"), "{text}");
}

#[test]
fn globs_are_the_whole_site_and_files_are_not() {
    let scratch = Scratch::clinic("whole");
    let plan = scratch.read("plan.json").replace("\"forms\": [{", "\"forms\": [{\"id\": \"other\", \"selector\": \"form#other\", \"contract\": \"contact\", \"fields\": {\"a\": \"name\", \"b\": \"email\", \"c\": \"topic\"}}, {");
    scratch.write("plan.json", &plan);
    // Nor is a file that has none of the plan's forms.
    scratch.write("text/about.html", "<p>no form");
    for (pages, code) in [
        ("page.html", 0),
        ("text/about.html", 0),
        ("*.html", 1),
        ("text", 1),
        (".", 1),
    ] {
        let output = touchmark(scratch.path(), &["check", "--plan", "plan.json", pages]);
        assert_eq!(output.status.code(), Some(code), "{pages}");
    }
}

#[test]
fn warnings_fail_a_run_only_when_denied() {
    let scratch = Scratch::clinic("deny");
    let page = scratch.read("page.html").replace("maxlength=\"120\" ", "");
    scratch.write("page.html", &page);
    let code = |args: &[&str]| touchmark(scratch.path(), args).status.code();
    assert_eq!(code(&["check", "page.html"]), Some(0));
    assert_eq!(code(&["check", "page.html", "--deny", "warnings"]), Some(1));
}

#[test]
fn the_demo_site_is_as_agreed() {
    let site = here("../../../www");
    let output = touchmark(
        &site,
        &["check", "--plan", "plan.json", "--deny", "warnings", "."],
    );
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stdout)
    );
}

fn text(value: &Value, at: impl serde_json::value::Index) -> &str {
    value[at].as_str().unwrap_or_default()
}
