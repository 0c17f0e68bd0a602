//! The lock file of `touchmark check`, and what each format of findings promises its readers.

mod support;

use serde_json::Value;
use support::{Scratch, touchmark};

fn check(scratch: &Scratch, args: &[&str]) -> (Option<i32>, String) {
    let output = touchmark(scratch.path(), &[&["check", "page.html"], args].concat());
    (
        output.status.code(),
        String::from_utf8(output.stdout).expect("text"),
    )
}

fn swap(scratch: &Scratch, old: &str, new: &str) {
    let page = scratch.read("page.html");
    assert!(page.contains(old), "{old}");
    scratch.write("page.html", &page.replace(old, new));
}

#[test]
fn what_was_agreed_stays_silent_until_it_changes() {
    let scratch = Scratch::clinic("agreed");
    assert_eq!(check(&scratch, &["--update"]).0, Some(0));
    let first = scratch.read("touchmark.lock.json");
    assert_eq!(check(&scratch, &["--deny", "warnings"]).0, Some(0));
    assert_eq!(check(&scratch, &["--update"]).0, Some(0));
    assert_eq!(
        scratch.read("touchmark.lock.json"),
        first,
        "the same forms are the same bytes"
    );
    // A change that breaks no rule is still news.
    swap(&scratch, "maxlength=\"40\"", "maxlength=\"20\"");
    let (code, text) = check(&scratch, &["--deny", "warnings"]);
    assert_eq!(code, Some(1));
    assert!(text.contains("warning[lock_changed]: maxlength of control `tel` was `40` and is `20`: field `phone` takes other values"), "{text}");
    assert!(
        text.contains("touchmark.lock.json#/forms/contact/controls/tel/maxlength"),
        "{text}"
    );
    assert_eq!(check(&scratch, &["--update"]).0, Some(0));
    assert_eq!(check(&scratch, &["--deny", "warnings"]).0, Some(0));
}

#[test]
fn the_lock_holds_no_values() {
    let scratch = Scratch::clinic("values");
    swap(&scratch, "name=\"full\"", "name=\"full\" value=\"Ana Lee\"");
    swap(
        &scratch,
        "name=\"event_id\"",
        "name=\"event_id\" value=\"s3cr3t\"",
    );
    check(&scratch, &["--update"]);
    let lock = scratch.read("touchmark.lock.json");
    assert!(
        !lock.contains("Ana Lee") && !lock.contains("s3cr3t"),
        "{lock}"
    );
    assert!(
        lock.contains("\"billing\""),
        "options are the form's, not a visitor's: {lock}"
    );
}

#[test]
fn a_rename_is_told_by_what_the_lock_remembers() {
    let scratch = Scratch::clinic("remembers");
    swap(
        &scratch,
        "<label>Name <input name=\"full\"",
        "<label>How shall we call you? <input id=\"i1\" name=\"full\"",
    );
    check(&scratch, &["--update"]);
    swap(&scratch, "name=\"full\"", "name=\"z\"");
    swap(
        &scratch,
        "<button>",
        "<label>Nickname <input name=\"nick\"></label><button>",
    );
    let (code, text) = check(&scratch, &[]);
    assert_eq!(code, Some(1));
    assert!(
        text.contains("renamed to `z` (same id, same label"),
        "{text}"
    );
}

#[test]
fn fewer_options_and_other_forms_can_be_agreed_upon() {
    let scratch = Scratch::clinic("fewer");
    swap(&scratch, "<option value=\"careers\">Careers</option>", "");
    swap(
        &scratch,
        "</form>",
        "</form><form id=\"news\" method=\"post\"><label>Mail <input type=\"email\" name=\"m\"></label><button>Go</button></form>",
    );
    let (code, text) = check(&scratch, &[]);
    assert_eq!(code, Some(1));
    assert!(
        text.contains("option_missing") && text.contains("form_undeclared"),
        "{text}"
    );
    check(&scratch, &["--update"]);
    let (code, text) = check(&scratch, &["--deny", "warnings"]);
    assert_eq!(code, Some(0), "{text}");
}

#[test]
fn a_form_that_left_its_page_is_missed() {
    let scratch = Scratch::clinic("left");
    let plan = scratch.read("plan.json").replace("\"forms\": [{", "\"forms\": [{\"id\": \"other\", \"selector\": \"form#other\", \"contract\": \"contact\", \"fields\": {\"a\": \"name\", \"b\": \"email\", \"c\": \"topic\"}}, {");
    scratch.write("plan.json", &plan);
    assert_eq!(
        check(&scratch, &[]).0,
        Some(0),
        "a form of another page is no fault of this one"
    );
    let page = scratch.read("page.html");
    scratch.write("page.html", &(page.clone() + "<form id=other method=post><select name=c required><option>billing<option>careers</select><label>N <input name=a required maxlength=9></label><label>E <input type=email name=b required maxlength=99></label><button>x</button></form>"));
    check(&scratch, &["--update"]);
    scratch.write("page.html", &page);
    let (code, text) = check(&scratch, &[]);
    assert_eq!(code, Some(1), "{text}");
    assert!(
        text.contains("error[form_missing]: `form#other` matches no form"),
        "{text}"
    );
}

#[test]
fn a_diff_is_a_table_for_a_pull_request() {
    let scratch = Scratch::clinic("table");
    check(&scratch, &["--update"]);
    swap(&scratch, "name=\"mail\"", "name=\"e_mail\"");
    swap(&scratch, "value=\"careers\"", "value=\"jobs|careers\"");
    swap(
        &scratch,
        "<button>Send",
        "<input type=\"hidden\" name=\"csrf\"><button>Send",
    );
    let (_, text) = check(&scratch, &["--format", "markdown"]);
    for line in [
        "### touchmark check: 2 errors",
        "| **error** | `page.html:5:22` | control `mail` is gone",
        "| contact | control `mail` is gone | **field `email` gets no value** |",
        "| contact | control `csrf` is new (hidden) | none on events |",
        "| contact | control `topic` lost careers and gained jobs\\|careers | **field `topic` has other values** |",
    ] {
        assert!(text.contains(line), "{line}\n{text}");
    }
}

#[test]
fn the_plan_is_part_of_the_agreement() {
    let scratch = Scratch::clinic("plan");
    check(&scratch, &["--update"]);
    let schema = scratch
        .read("schema.json")
        .replace("\"maxLength\": 254", "\"maxLength\": 300")
        .replacen("\"collect\": \"never\"", "\"collect\": \"presence\"", 1);
    scratch.write("schema.json", &schema);
    let (_, text) = check(&scratch, &["--format", "markdown"]);
    assert!(
        text.contains("something else of it leaves the page"),
        "{text}"
    );
    assert!(
        text.contains("field `email` was") && text.contains("judged otherwise"),
        "{text}"
    );
}

/// A page with an error and a warning.
fn faulty(name: &str) -> Scratch {
    let scratch = Scratch::clinic(name);
    swap(&scratch, "name=\"mail\"", "name=\"e,mail:%\"");
    swap(&scratch, "maxlength=\"120\" ", "");
    scratch
}

#[test]
fn json_is_one_object_with_places() {
    let (code, text) = check(&faulty("json"), &["--format", "json"]);
    let answer: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!((code, &answer["exit"]), (Some(1), &Value::from(1)));
    let error = &answer["findings"][1];
    assert_eq!(error["code"], "field_renamed");
    assert_eq!(
        (&error["form"], &error["field"]),
        (&"contact".into(), &"email".into())
    );
    assert_eq!(error["place"]["line"], 5);
    assert_eq!(error["place"]["column"], 22);
    assert_eq!(error["related"][0]["pointer"], "/forms/0/fields/mail");
}

#[test]
fn sarif_names_its_rules_and_regions() {
    let (_, text) = check(&faulty("sarif"), &["--format", "sarif"]);
    let log: Value = serde_json::from_str(&text).expect("JSON");
    assert_eq!(log["version"], "2.1.0");
    let run = &log["runs"][0];
    let rules = run["tool"]["driver"]["rules"].as_array().expect("rules");
    for result in run["results"].as_array().expect("results") {
        let index = result["ruleIndex"].as_u64().expect("a rule that is listed") as usize;
        assert_eq!(rules[index]["id"], result["ruleId"]);
        let place = &result["locations"][0]["physicalLocation"];
        assert_eq!(place["artifactLocation"]["uri"], "page.html");
        assert!(place["region"]["startLine"].is_u64() && place["region"]["endColumn"].is_u64());
    }
    assert!(run["results"].as_array().is_some_and(|all| all.len() >= 2));
}

#[test]
fn junit_counts_what_fails() {
    let scratch = faulty("junit");
    let (_, text) = check(&scratch, &["--format", "junit"]);
    assert!(text.starts_with("<?xml"), "{text}");
    assert!(
        text.contains(
            "<testsuites name=\"touchmark check\" tests=\"1\" failures=\"1\" errors=\"0\">"
        ),
        "{text}"
    );
    assert!(
        text.contains("<failure type=\"field_renamed\"") && text.contains("&quot;e,mail:%&quot;"),
        "{text}"
    );
    assert!(text.contains("warning[maxlength_missing]"), "{text}");
    let (_, denied) = check(&scratch, &["--format", "junit", "--deny", "warnings"]);
    assert!(denied.contains("failures=\"2\""), "{denied}");
}

#[test]
fn github_annotations_are_escaped() {
    let (_, text) = check(&faulty("github"), &["--format", "github"]);
    let line = text
        .lines()
        .find(|line| line.starts_with("::error "))
        .expect("an error");
    assert!(line.starts_with("::error file=page.html,line=5,endLine=5,col=22,endColumn=37,title=touchmark field_renamed::"), "{line}");
    assert!(
        line.contains("`e,mail:%25`") && line.contains("%0Aremedy: "),
        "{line}"
    );
    assert!(text.contains("::warning file=page.html,line=4,"), "{text}");
}

#[test]
fn findings_can_go_to_a_file() {
    let scratch = faulty("file");
    let (code, text) = check(
        &scratch,
        &["--format", "sarif", "--out", "reports/touchmark.sarif"],
    );
    assert_eq!((code, text.as_str()), (Some(1), ""));
    assert!(
        scratch
            .read("reports/touchmark.sarif")
            .contains("\"2.1.0\"")
    );
}

/// What is no regular file stays what it is, and gets the text.
#[cfg(unix)]
#[test]
fn links_and_pipes_are_written_through() {
    use std::io::Read;
    use std::os::unix::fs::{FileTypeExt, symlink};

    let scratch = faulty("through");
    scratch.write("real.json", "");
    symlink("real.json", scratch.path().join("link.json")).expect("a link");
    check(&scratch, &["--format", "json", "--out", "link.json"]);
    let link = scratch.path().join("link.json");
    assert!(link.is_symlink(), "the link is still one");
    assert!(scratch.read("real.json").contains("field_renamed"));
    let pipe = scratch.path().join("pipe");
    let made = std::process::Command::new("mkfifo").arg(&pipe).status();
    assert!(made.expect("mkfifo runs").success());
    // Open at both ends, so that nobody waits.
    let mut options = std::fs::OpenOptions::new();
    let mut reader = options.read(true).write(true).open(&pipe).expect("open");
    check(&scratch, &["--format", "github", "--out", "pipe"]);
    let kind = pipe.symlink_metadata().expect("there").file_type();
    assert!(kind.is_fifo(), "the pipe is still one");
    let mut start = [0; 10];
    reader.read_exact(&mut start).expect("text");
    assert_eq!(&start, b"::warning ");
}

#[test]
fn validation_that_is_off_can_be_agreed_upon() {
    let scratch = Scratch::clinic("off");
    check(&scratch, &["--update"]);
    swap(&scratch, "<form id", "<form novalidate id");
    let (code, text) = check(&scratch, &["--deny", "warnings"]);
    assert_eq!(code, Some(1));
    assert!(text.contains("warning[validation_off]"), "{text}");
    assert!(
        text.contains("the browser's validation was on and is `off`"),
        "{text}"
    );
    check(&scratch, &["--update"]);
    assert_eq!(check(&scratch, &["--deny", "warnings"]).0, Some(0));
}

/// The codes of errors and warnings.
fn codes(scratch: &Scratch, folder: &str, args: &[&str]) -> Vec<String> {
    let args = [&["check", "--format", "json"], args].concat();
    let output = touchmark(&scratch.path().join(folder), &args);
    let answer: Value = serde_json::from_slice(&output.stdout)
        .unwrap_or_else(|_| panic!("{}", String::from_utf8_lossy(&output.stderr)));
    let findings = answer["findings"].as_array().cloned().unwrap_or_default();
    let told = findings.iter().filter(|one| one["level"] != "note");
    told.map(|one| format!("{} {}", one["level"], one["code"]).replace('"', ""))
        .collect()
}

/// Two pages with the form, in a folder of their own, and one form that nobody declared.
fn site(name: &str) -> Scratch {
    let scratch = Scratch::clinic(name);
    let page = scratch.read("page.html");
    let other = "<form id=news method=post><label>Mail <input type=email name=m></label><button>Go</button></form>";
    scratch.write("www/a/index.html", &page);
    scratch.write("www/b.html", &(page + other));
    scratch
}

#[test]
fn pages_are_known_however_the_path_is_spelt() {
    let scratch = site("spelt");
    let plan = "../plan.json";
    let lock = "../touchmark.lock.json";
    let whole = scratch.path().join("www").display().to_string();
    assert_eq!(codes(&scratch, "", &["www"]), ["error form_undeclared"]);
    codes(&scratch, "", &["www", "--update"]);
    for pages in ["www", "./www", "www/../www/", &whole, "www/**/*.html"] {
        assert_eq!(codes(&scratch, "", &[pages]), [""; 0], "{pages}");
    }
    let inside = [".", "--plan", plan, "--lock", lock];
    assert_eq!(codes(&scratch, "www", &inside), [""; 0]);
    // As former versions wrote it.
    let text = scratch.read("touchmark.lock.json");
    for (file, start) in [
        ("touchmark.lock.json", "./www/".to_owned()),
        ("touchmark.lock.json", format!("{whole}/")),
        ("deep/touchmark.lock.json", "www/".to_owned()),
    ] {
        scratch.write(file, &text.replace("www/", &start));
        assert_eq!(
            codes(&scratch, "", &["www", "--lock", file]),
            [""; 0],
            "{start}"
        );
    }
}

#[test]
fn a_page_that_was_deleted_is_missed() {
    let scratch = site("deleted");
    codes(&scratch, "", &["www", "--update"]);
    std::fs::remove_file(scratch.path().join("www/b.html")).expect("gone");
    for pages in ["www", "www/**/*.html"] {
        assert_eq!(
            codes(&scratch, "", &[pages]),
            ["warning form_missing"],
            "{pages}"
        );
    }
    let one = codes(&scratch, "", &["www/a/index.html"]);
    assert_eq!(one, [""; 0], "a file is not the site");
    codes(&scratch, "", &["www", "--update"]);
    assert_eq!(codes(&scratch, "", &["www"]), [""; 0]);
    assert!(!scratch.read("touchmark.lock.json").contains("b.html"));
}

#[test]
fn a_form_that_one_of_its_pages_lost_is_missed() {
    let scratch = site("lost");
    let page = scratch.read("www/a/index.html");
    codes(&scratch, "", &["www", "--update"]);
    // Another file's form says nothing about this one.
    scratch.write(
        "www/a/index.html",
        "<iframe src=https://forms.example/></iframe>",
    );
    for pages in ["www", "www/a/index.html"] {
        let told = codes(&scratch, "", &["www/b.html", pages]);
        assert_eq!(told, ["error form_missing"], "{pages}");
    }
    let output = touchmark(scratch.path(), &["check", "www"]);
    let text = String::from_utf8(output.stdout).expect("text");
    let says = "form `contact` was on `www/a/index.html` when the lock was written";
    assert!(text.contains(says), "{text}");
    let other = page.replace("id=\"contact\"", "id=\"lead\"");
    scratch.write("www/a/index.html", &other);
    assert_eq!(
        codes(&scratch, "", &["www"]),
        ["error form_missing"],
        "what it became is told as that, and not as undeclared too"
    );
    scratch.write("www/a/index.html", "<p>no form");
    assert_eq!(codes(&scratch, "", &["www/b.html"]), [""; 0], "not read");
    codes(&scratch, "", &["www", "--update"]);
    assert_eq!(codes(&scratch, "", &["www"]), [""; 0]);
}

/// What the markdown table says of the whole site.
fn table(scratch: &Scratch) -> String {
    let output = touchmark(
        scratch.path(),
        &["check", "www", "--deny", "warnings", "--format", "markdown"],
    );
    assert_eq!(output.status.code(), Some(1));
    String::from_utf8(output.stdout).expect("text")
}

#[test]
fn each_page_is_compared_with_what_was_agreed_there() {
    let scratch = site("pages");
    let page = scratch.read("www/a/index.html");
    // The landing page asks for less, and that is agreed.
    let short = page.replace("maxlength=\"2000\"", "maxlength=\"300\"");
    scratch.write("www/landing.html", &short);
    scratch.write("www/z.html", &short);
    codes(&scratch, "", &["www", "--update"]);
    let agreed = scratch.read("touchmark.lock.json");
    assert_eq!(codes(&scratch, "", &["www"]), [""; 0]);
    for file in ["www/a/index.html", "www/landing.html", "www/z.html"] {
        let text = scratch.read(file);
        scratch.write(
            file,
            &text.replace("action=\"/contact/\"", "action=\"/lead/\""),
        );
        let told = table(&scratch);
        let line = format!(
            "| contact | the action was `/contact/` and is `/lead/` (`{file}`) | **a declared request"
        );
        assert!(told.contains(&line), "{line}\n{told}");
        assert_eq!(codes(&scratch, "", &["www"]).len(), 1);
        scratch.write(file, &text);
    }
    // One page's is not the other's, though both were agreed upon.
    scratch.write("www/landing.html", &page);
    let told = table(&scratch);
    let line = "maxlength of control `text` was `300` and is `2000` (`www/landing.html`)";
    assert!(told.contains(line), "{told}");
    // The same change everywhere is told once.
    for file in [
        "www/a/index.html",
        "www/b.html",
        "www/landing.html",
        "www/z.html",
    ] {
        let text = scratch.read(file).replace(
            "name=\"tel\" type=\"tel\" maxlength=\"40\"",
            "name=\"tel\" type=\"tel\" maxlength=\"20\"",
        );
        scratch.write(file, &text);
    }
    let told = table(&scratch);
    assert!(
        told.contains("| contact | maxlength of control `tel` was `40` and is `20` |"),
        "{told}"
    );
    // A run that looks at one page keeps what was agreed of the others.
    scratch.write("www/landing.html", &short);
    for file in ["www/a/index.html", "www/b.html", "www/z.html"] {
        let text = scratch
            .read(file)
            .replace("maxlength=\"20\"", "maxlength=\"40\"");
        scratch.write(file, &text);
    }
    codes(&scratch, "", &["www/a/index.html", "--update"]);
    assert_eq!(scratch.read("touchmark.lock.json"), agreed);
}

/// A former touchmark wrote the first page's form for all of them.
#[test]
fn a_lock_without_pages_of_their_own_is_read() {
    let scratch = site("former");
    codes(&scratch, "", &["www", "--update"]);
    let agreed = scratch.read("touchmark.lock.json");
    assert!(
        !agreed.contains("variants"),
        "one form is one entry: {agreed}"
    );
    let text = scratch.read("www/b.html");
    scratch.write(
        "www/b.html",
        &text.replace("maxlength=\"40\"", "maxlength=\"20\""),
    );
    let told = table(&scratch);
    assert!(
        told.contains("maxlength of control `tel` was `40` and is `20` (`www/b.html`)"),
        "{told}"
    );
}

#[test]
fn every_other_form_is_agreed_upon_by_itself() {
    let scratch = site("others");
    let other = "\"forms\": [{\"id\": \"other\", \"selector\": \"*\", \"contract\": \"contact\", \"fields\": {\"m\": \"email\", \"n\": \"name\", \"t\": \"topic\"}, \"success\": [{\"selector\": \".done\"}]}]";
    let plan = scratch.read("plan.json");
    let from = plan.find("\"forms\"").expect("forms");
    let plan = format!("{}{other}\n}}", &plan[..from]);
    scratch.write("plan.json", &plan);
    let form = |id: &str| {
        format!(
            "<form id={id} method=post><label>N <input name=n maxlength=120 required></label><label>M <input name=m type=email maxlength=99 required></label><label>T <select name=t required><option value=\"\">?<option>billing<option>careers</select></label><button>Go</button></form>"
        )
    };
    let page = form("one") + &form("two");
    scratch.write("www/a/index.html", &page);
    scratch.write("www/b.html", &form("three"));
    codes(&scratch, "", &["www", "--update"]);
    assert_eq!(codes(&scratch, "", &["www"]), [""; 0]);
    scratch.write(
        "www/a/index.html",
        &(form("one") + &form("two").replace("99", "98")),
    );
    let told = table(&scratch);
    let line = "maxlength of control `m` was `99` and is `98` (`form#two` on `www/a/index.html`)";
    assert!(told.contains(line), "{told}");
    scratch.write("www/a/index.html", &form("two"));
    let told = table(&scratch);
    let line = "form `other` is gone: `form#one` on `www/a/index.html`";
    assert!(told.contains(line), "{told}");
    // What is new is no change of another.
    scratch.write("www/a/index.html", &(page + &form("four")));
    assert_eq!(codes(&scratch, "", &["www"]), [""; 0]);
    scratch.write("www/b.html", "<p>no form");
    assert_eq!(codes(&scratch, "", &["www"]), ["error form_missing"]);
}

#[test]
fn a_page_without_the_tag_is_told_beside_others_that_have_it() {
    let scratch = Scratch::clinic("tag");
    let page = scratch.read("page.html");
    let tag = "<script async src=/touchmark/touchmark.js data-plan=/plan.json";
    let with = |attributes: &str| format!("{page}{tag} {attributes}></script>");
    let told = |pages: [&str; 2]| {
        scratch.write("www/a.html", pages[0]);
        scratch.write("www/b.html", pages[1]);
        codes(&scratch, "", &["www"])
    };
    let tagged = with("");
    assert_eq!(told([&tagged, &tagged]), [""; 0]);
    assert_eq!(
        told([&page, &page]),
        [""; 0],
        "the site's scripts may bring it"
    );
    assert_eq!(told([&tagged, &page]), ["error tag_missing"]);
    assert_eq!(told([&tagged, "<p>no form"]), [""; 0]);
    let manager =
        "<script>(function(w){w.src='https://www.googletagmanager.com/gtm.js'})(window)</script>";
    assert_eq!(told([&tagged, &format!("{page}{manager}")]), [""; 0]);
    let module = "<script type=module src=/app.js></script>";
    assert_eq!(
        told([&tagged, &format!("{page}{module}")]),
        ["warning tag_missing"],
        "it may be in the page's own script"
    );
    for (attributes, expect) in [
        ("type=text/javascript", None),
        ("type=module", None),
        ("type=text/plain", Some("error tag_missing")),
        ("type=application/json", Some("error tag_missing")),
        ("nomodule", Some("error tag_missing")),
        // A consent manager may change the type later.
        (
            "type=text/plain data-cookieconsent=statistics",
            Some("warning tag_missing"),
        ),
    ] {
        let page = with(attributes);
        let expect: Vec<&str> = expect.into_iter().flat_map(|one| [one, one]).collect();
        assert_eq!(told([&page, &page]), expect, "{attributes}");
    }
    let inert = format!("{page}<template>{tag}></script></template>");
    assert_eq!(told([&tagged, &inert]), ["error tag_missing"]);
}

/// What a form says for those who choose nothing is agreed upon, too.
#[test]
fn defaults_are_part_of_the_agreement() {
    let scratch = Scratch::clinic("defaults");
    check(&scratch, &["--update"]);
    let page = scratch.read("page.html");
    for (old, new, says) in [
        (
            "    <option value=\"\">Choose</option>\n",
            "",
            "default of control `topic` was not there and is `billing`: field `topic` says something else",
        ),
        (
            "name=\"agree\"",
            "name=\"agree\" checked",
            "default of control `agree` was not there and is `yes`",
        ),
        (
            "name=\"when\" value=\"pm\"",
            "name=\"when\" value=\"pm\" checked",
            "default of control `when` was not there and is `pm`",
        ),
        (
            "name=\"via\" value=\"post\"",
            "name=\"via\" value=\"post\" checked",
            "default of control `via` was not there and is `post`",
        ),
    ] {
        scratch.write("page.html", &page);
        swap(&scratch, old, new);
        let (code, text) = check(&scratch, &["--deny", "warnings"]);
        assert_eq!(code, Some(1), "{text}");
        assert!(text.contains(says), "{says}: {text}");
        check(&scratch, &["--update"]);
        let (code, text) = check(&scratch, &["--deny", "warnings"]);
        assert_eq!(code, Some(0), "{text}");
        scratch.write("page.html", &page);
        check(&scratch, &["--update"]);
    }
}

/// A file's name can neither begin a line nor move the cursor.
#[cfg(unix)]
#[test]
fn names_of_files_forge_nothing() {
    let scratch = Scratch::clinic("forged");
    let page = scratch
        .read("page.html")
        .replace("\"mail\"", "\"m\u{202e}x\"");
    let name = "q\n::error file=x::forged\u{1b}[31m\u{202e}\u{2066}\u{200b}\u{61c}\u{feff}\u{e0041}|`.html";
    scratch.write(name, &page);
    let gone = format!("gone{name}");
    for format in ["human", "markdown", "github", "junit"] {
        let output = touchmark(
            scratch.path(),
            &["check", name, &gone, "--notes", "--format", format],
        );
        let text = String::from_utf8(output.stdout).expect("text");
        assert!(text.contains("forged"), "{format}: {text}");
        assert!(!text.contains("\n::error file=x"), "{format}: {text}");
        let hidden = "\u{1b}\u{202e}\u{2066}\u{200b}\u{61c}\u{feff}\u{e0041}";
        assert!(
            !text.contains(|one| hidden.contains(one)),
            "{format}: {text:?}"
        );
    }
}

/// Nothing in the plan names such a control, so the lock alone knows that the page had it.
#[test]
fn fields_that_the_markup_fills_are_agreed_upon() {
    let scratch = Scratch::clinic("markup");
    let plan = scratch
        .read("plan.json")
        .replace("\"age\": \"age\", ", "")
        .replace("\"mail\": \"email\", ", "");
    scratch.write("plan.json", &plan);
    swap(
        &scratch,
        "name=\"mail\"",
        "name=\"mail\" autocomplete=\"email\"",
    );
    swap(
        &scratch,
        "name=\"age\"",
        "name=\"years\" data-touchmark-field=\"age\"",
    );
    check(&scratch, &["--update"]);
    let page = scratch.read("page.html");
    for (old, new, says) in [
        (
            " data-touchmark-field=\"age\"",
            "",
            "control `years` no longer feeds field `age`: events lose it",
        ),
        (
            "name=\"years\" data-touchmark-field=\"age\"",
            "name=\"y\"",
            "control `years` is gone: field `age` gets no value",
        ),
        (
            "max=\"120\"",
            "max=\"99\"",
            "max of control `years` was `120` and is `99`: field `age` takes other values",
        ),
    ] {
        scratch.write("page.html", &page);
        swap(&scratch, old, new);
        let (code, text) = check(&scratch, &["--deny", "warnings"]);
        assert_eq!(code, Some(1), "{says}: {text}");
        assert!(text.contains(says), "{says}: {text}");
    }
    scratch.write("page.html", &page);
    swap(
        &scratch,
        "<button>",
        "<label>Work <input type=\"email\" name=\"work\" autocomplete=\"work email\"></label><button>",
    );
    let (_, text) = check(&scratch, &["--notes"]);
    assert!(!text.contains("isn't read"), "it is read and sent: {text}");
}
