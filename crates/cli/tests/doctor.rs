//! `touchmark doctor`: a healthy page, and the same page with one thing wrong at a time.
//!
//! The page's script does what the real one does at its start, and no more: it installs itself,
//! probes wasm, and fetches plan and wasm. Needs a Chromium, and fails without one.

mod support;

use serde_json::Value;
use support::site::Site;
use support::{Scratch, touchmark};

const SCRIPT: &str = "(() => {
  const tag = document.currentScript
  const former = window.touchmark
  if (former?.v) return
  const waiting = []
  const noted = []
  window.touchmark = Object.assign((name, value) => {
    if (name === 'ready') waiting.push(value)
    if (name === 'diagnostics') return noted
  }, { v: '0.1.0' })
  const load = async () => {
    try { new WebAssembly.Module(Uint8Array.of(0, 97, 115, 109, 1, 0, 0, 0)) } catch { return noted.push({ code: 'wasm_forbidden' }) }
    const get = (url) => fetch(url, { credentials: 'omit', referrerPolicy: 'no-referrer', redirect: 'error' })
    try {
      await (await get(tag.dataset.plan)).json()
      await get(tag.src.replace('.js', '.wasm'))
      setInterval(() => { for (const one of waiting.splice(0)) one() }, 10)
    } catch { noted.push({ code: 'plan_unreadable' }) }
  }
  load()
})()";
const TAG: &str = "<script async src=\"/touchmark/touchmark.js\" data-plan=\"/touchmark/plan.json\" referrerpolicy=\"no-referrer\"></script>";
const HTML: &str = "Content-Type: text/html; charset=utf-8";

/// A healthy site, with a collector of its own.
struct Clinic {
    site: Site,
    collector: Site,
    page: String,
    plan: String,
}

impl Clinic {
    fn new(name: &str) -> Self {
        let scratch = Scratch::clinic(name);
        let (site, collector) = (Site::start(), Site::start());
        let endpoint = format!("{}/v1/events", collector.origin);
        let mut plan: Value = serde_json::from_str(&scratch.read("plan.json")).expect("JSON");
        plan["endpoint"] = endpoint.into();
        plan["development"] = true.into();
        plan["consent"] = serde_json::json!({"source": "not_required"});
        scratch.write("plan.json", &plan.to_string());
        let built = touchmark(scratch.path(), &["plan", "build", "plan.json"]);
        assert!(
            built.status.success(),
            "{}",
            String::from_utf8_lossy(&built.stderr)
        );
        let plan = String::from_utf8(built.stdout).expect("text");
        let page = scratch
            .read("page.html")
            .replace("<title>", &format!("<head>{TAG}<title>"));
        site.set("/contact/", HTML, &page);
        site.set(
            "/touchmark/touchmark.js",
            "Content-Type: text/javascript",
            SCRIPT,
        );
        site.set(
            "/touchmark/touchmark.wasm",
            "Content-Type: application/wasm",
            "wasm",
        );
        site.set(
            "/touchmark/plan.json",
            "Content-Type: application/json",
            &plan,
        );
        collector.set("/v1/events", "Access-Control-Allow-Origin: *", "");
        Self {
            site,
            collector,
            page,
            plan,
        }
    }

    fn show(&self, headers: &str, swap: &[(&str, &str)]) {
        let mut page = self.page.clone();
        for (old, new) in swap {
            assert!(page.contains(old), "{old}");
            page = page.replace(old, new);
        }
        self.site
            .set("/contact/", &format!("{HTML}\n{headers}"), &page);
    }

    fn plan(&self, change: impl Fn(&mut Value)) {
        let mut plan: Value = serde_json::from_str(&self.plan).expect("JSON");
        change(&mut plan);
        self.site.set(
            "/touchmark/plan.json",
            "Content-Type: application/json",
            &plan.to_string(),
        );
    }

    /// The exit code, and `level code` of every symptom.
    fn ask(&self) -> (Option<i32>, Vec<String>, String) {
        let url = format!("{}/contact/", self.site.origin);
        let output = touchmark(
            std::path::Path::new("."),
            &["doctor", "--format", "json", &url],
        );
        let text = String::from_utf8(output.stdout).expect("text");
        let answer: Value = serde_json::from_str(&text)
            .unwrap_or_else(|_| panic!("{text}{}", String::from_utf8_lossy(&output.stderr)));
        let symptoms = answer["pages"][0]["symptoms"]
            .as_array()
            .cloned()
            .unwrap_or_default();
        let of = |one: &Value, name: &str| one[name].as_str().unwrap_or_default().to_owned();
        for one in &symptoms {
            assert!(!of(one, "remedy").is_empty(), "{one} has no remedy");
        }
        (
            output.status.code(),
            symptoms
                .iter()
                .map(|one| format!("{} {}", of(one, "level"), of(one, "code")))
                .collect(),
            text,
        )
    }

    fn shows(&self, what: &str, code: i32, expect: &[&str]) {
        let (exit, told, text) = self.ask();
        assert_eq!(told, expect, "{what}: {text}");
        assert_eq!(exit, Some(code), "{what}: {text}");
    }
}

#[test]
fn a_healthy_page_is_healthy_and_nothing_is_sent() {
    let clinic = Clinic::new("healthy");
    clinic.shows("healthy", 0, &[]);
    let asked = clinic.collector.asked.lock().expect("unpoisoned").clone();
    assert!(
        asked
            .iter()
            .all(|one| one.starts_with("GET ") || one.starts_with("OPTIONS ")),
        "{asked:?}"
    );
}

#[test]
fn script_and_policy() {
    let clinic = Clinic::new("script");
    clinic.show("", &[(TAG, "")]);
    clinic.shows("no tag", 1, &["error script_missing"]);
    clinic.show("", &[("touchmark.js", "touchmark.min.js")]);
    clinic.site.set(
        "/touchmark/touchmark.min.js",
        "Content-Type: text/javascript",
        "throw Error('half a file')",
    );
    clinic.shows("broken", 1, &["error script_silent"]);
    clinic.show("", &[("/touchmark/touchmark.js", "/gone/touchmark.js")]);
    clinic.shows("404", 1, &["error script_blocked"]);
    clinic.show("", &[(TAG, &format!("{TAG}{TAG}"))]);
    clinic.shows("twice", 1, &["error script_twice"]);
    clinic.show("", &[("async src", "src")]);
    clinic.shows("waits", 0, &["warning script_blocking"]);
    clinic.show("", &[(" referrerpolicy=\"no-referrer\"", "")]);
    clinic.shows("referrer", 0, &["warning script_referrer"]);
    clinic.show(
        "Content-Security-Policy: script-src 'self'; connect-src *",
        &[],
    );
    clinic.shows("no wasm", 1, &["error csp_wasm"]);
    clinic.show(
        "Content-Security-Policy: script-src 'self' 'wasm-unsafe-eval'; connect-src 'self'",
        &[],
    );
    clinic.shows("no endpoint", 1, &["error csp_connect"]);
    clinic.show(
        "Content-Security-Policy: script-src https://other.example",
        &[],
    );
    let (exit, told, text) = clinic.ask();
    assert_eq!(exit, Some(1));
    assert!(told.contains(&"error script_blocked".to_owned()), "{text}");
}

#[test]
fn a_script_that_a_tag_manager_brings_late() {
    let clinic = Clinic::new("late");
    let late = "<script>addEventListener('load', () => setTimeout(() => {
      document.head.append(Object.assign(document.createElement('script'), { src: '/touchmark/touchmark.js', referrerPolicy: 'no-referrer' }))
      document.head.lastChild.dataset.plan = '/touchmark/plan.json'
    }, 1500))</script><script>fetch('/slow')</script>";
    clinic.show("", &[(TAG, late)]);
    // Keeps the page from being quiet before the script is asked for.
    clinic.show("", &[(TAG, &late.replace("fetch('/slow')", "let n = 0; const t = setInterval(() => ++n > 12 ? clearInterval(t) : document.body?.append(document.createElement('i')), 200)"))]);
    clinic.shows("late", 0, &["warning script_late"]);
}

#[test]
fn wasm_plan_and_endpoint() {
    let clinic = Clinic::new("files");
    clinic.site.set(
        "/touchmark/touchmark.wasm",
        "Content-Type: application/wasm; charset=utf-8",
        "wasm",
    );
    clinic.shows("charset", 1, &["error wasm_mime"]);
    clinic.site.set(
        "/touchmark/touchmark.wasm",
        "Content-Type: application/wasm",
        "wasm",
    );
    clinic.show("", &[(" data-plan=\"/touchmark/plan.json\"", "")]);
    let (_, told, text) = clinic.ask();
    assert_eq!(told[0], "error plan_missing", "{text}");
    clinic.show("", &[("/touchmark/plan.json", "/touchmark/gone.json")]);
    clinic.shows("404", 1, &["error plan_unreadable"]);
    clinic.show("", &[]);
    clinic.plan(|plan| {
        drop(
            plan.as_object_mut()
                .and_then(|plan| plan.remove("contracts")),
        )
    });
    clinic.shows("source plan", 1, &["error plan_not_built"]);
    clinic.plan(|_| {});
    clinic.collector.set("/v1/events", "", "");
    clinic.shows("no CORS", 1, &["error endpoint_cors"]);
    clinic.plan(|plan| plan["endpoint"] = "http://127.0.0.1:9/v1/events".into());
    clinic.shows("nobody there", 1, &["error endpoint_unreachable"]);
}

/// The snippet of docs/tag-managers.md for any tag manager, and a script that is named so.
const SNIPPET: &str = "<script>
  window.touchmark = window.touchmark || function () { (touchmark.q = touchmark.q || []).push(arguments) };
  touchmark('init', { src: location.origin + '/touchmark/touchmark.js', plan: '/touchmark/plan.json' });
  (function () {
    var script = document.createElement('script');
    script.src = location.origin + '/touchmark/touchmark.js';
    script.async = true;
    script.referrerPolicy = 'no-referrer';
    document.head.appendChild(script);
  })();
</script>";

#[test]
fn what_is_well_in_other_ways_is_well() {
    let clinic = Clinic::new("well");
    let queued = SCRIPT.replace("tag.dataset.plan", "former.q[0][1].plan");
    let set = |script: &str| {
        let path = "/touchmark/touchmark.js";
        clinic
            .site
            .set(path, "Content-Type: text/javascript", script);
    };
    set(&queued);
    clinic.show("", &[(TAG, SNIPPET)]);
    clinic.shows("by a tag manager", 0, &[]);
    set(SCRIPT);
    let own = "/js/init-touchmark.js";
    clinic.site.set(own, "Content-Type: text/javascript", "");
    clinic.show(
        "",
        &[(TAG, &format!("{TAG}<script src={own} defer></script>"))],
    );
    clinic.shows("a script of the site with a name like it", 0, &[]);
    let headers = "Content-Security-Policy-Report-Only: script-src 'self'; connect-src 'none'";
    clinic.show(headers, &[]);
    clinic.shows("a policy that only reports", 0, &[]);
}

#[test]
fn what_the_browser_refused_is_told_with_its_reason() {
    let clinic = Clinic::new("refused");
    let says = |what: &str, expect: &[&str], reason: &str| {
        clinic.shows(what, 1, expect);
        let (_, _, text) = clinic.ask();
        assert!(text.contains(reason), "{what}: {text}");
    };
    let hash = "sha384-".to_owned() + &"A".repeat(64);
    let tag = |more: &str| TAG.replace(" referrer", &format!(" {more} referrer"));
    clinic.show("", &[(TAG, &tag(&format!("integrity=\"{hash}\"")))]);
    says(
        "another file's hash",
        &["error script_integrity"],
        "another file's",
    );
    clinic.show("", &[("/touchmark/touchmark.js", "/gone/touchmark.js")]);
    says(
        "no script",
        &["error script_blocked"],
        "the server answered 404",
    );
    clinic.show("", &[(" data-plan=\"/touchmark/plan.json\"", " data-plan")]);
    clinic.shows("an empty address", 1, &["error plan_missing"]);
    clinic.show("", &[("/touchmark/plan.json", "/moved.json")]);
    let moved = "Status: 302 Found\nLocation: /touchmark/plan.json";
    clinic.site.set("/moved.json", moved, "");
    says(
        "a plan elsewhere",
        &["error plan_unreadable"],
        "answered 302",
    );
    let strict = SCRIPT.replace("await (await get(tag.dataset.plan)).json()", "throw 0");
    clinic.site.set(
        "/touchmark/touchmark.js",
        "Content-Type: text/javascript",
        &strict,
    );
    clinic.show("", &[(TAG, &tag("data-plan-integrity=sha384-short"))]);
    says(
        "half a hash",
        &["error plan_unreadable"],
        "no hash that browsers read",
    );
    let stale = SCRIPT.replace(
        "setInterval",
        "return noted.push({ code: 'core_unreadable' }); setInterval",
    );
    clinic.site.set(
        "/touchmark/touchmark.js",
        "Content-Type: text/javascript",
        &stale,
    );
    clinic.show("", &[]);
    clinic.shows("a wasm of another build", 1, &["error wasm_other"]);
}

#[test]
fn an_endpoint_that_answers_and_takes_nothing() {
    let clinic = Clinic::new("nobody");
    let cors = "Access-Control-Allow-Origin: *";
    let answers = |status: &str| {
        let headers = format!("Status: {status}\n{cors}");
        clinic.collector.set("/v1/events", &headers, "");
    };
    answers("404 Not Found");
    clinic.shows("another path", 0, &["warning endpoint_status"]);
    answers("405 Method Not Allowed");
    clinic.shows("as the collector", 0, &[]);
    answers("302 Found\nLocation: /v2/events");
    let (_, told, text) = clinic.ask();
    assert_eq!(told, ["error endpoint_unreachable"], "{text}");
    assert!(text.contains("the server answered 302"), "{text}");
}

#[test]
fn a_plan_for_the_larger_core_under_the_everyday_one() {
    let clinic = Clinic::new("larger");
    clinic.plan(|plan| {
        plan["core"] = "full".into();
        plan["touchmark"] = 2.into();
    });
    let refusing = SCRIPT.replace("noted = []", "noted = [{ code: 'plan_format' }]");
    assert_ne!(refusing, SCRIPT);
    clinic.site.set(
        "/touchmark/touchmark.js",
        "Content-Type: text/javascript",
        &refusing,
    );
    clinic.shows("the everyday core", 1, &["error plan_core"]);
    clinic.site.set(
        "/touchmark/touchmark.js",
        "Content-Type: text/javascript",
        SCRIPT,
    );
    clinic.shows("the larger one", 0, &[]);
}

#[test]
fn consent_and_forms() {
    let clinic = Clinic::new("consent");
    clinic.plan(|plan| plan["consent"]["source"] = "api".into());
    clinic.shows("nobody said anything", 0, &["warning consent_silent"]);
    let says = |what: &str| {
        format!(
            "<script>addEventListener('load', () => touchmark('consent', {what}))</script><title>"
        )
    };
    clinic.show("", &[("<title>", &says("'denied'"))]);
    clinic.shows("denied until asked", 0, &[]);
    clinic.show(
        "",
        &[("<title>", &says("{store: 'granted', send: 'granted'}"))],
    );
    clinic.shows(
        "granted before anybody was asked",
        1,
        &["error consent_unasked"],
    );
    clinic.show(
        "",
        &[(
            "<title>",
            "<script>window.__tcfapi = () => {}</script><title>",
        )],
    );
    clinic.plan(|_| {});
    clinic.shows(
        "a platform, and a plan that ignores it",
        1,
        &["error consent_ignored"],
    );
    clinic.show("", &[]);
    clinic.plan(|plan| plan["consent"] = serde_json::json!({"source": "gpc+tcf"}));
    clinic.shows(
        "a platform that is not there",
        0,
        &["warning consent_absent"],
    );
    clinic.plan(|_| {});
    clinic.show("", &[("name=\"mail\"", "name=\"e_mail\"")]);
    clinic.shows("renamed", 1, &["error field_renamed"]);
    clinic.show("", &[("</form>", "</form><form method=post><input type=email name=m aria-label=m><button>x</button></form>")]);
    clinic.shows("a form without contract", 1, &["error form_undeclared"]);
}

#[test]
fn what_is_no_address_is_told_before_a_browser_starts() {
    for (url, says) in [
        ("not-a-url", "this is no address"),
        ("clinic.example:80/", "begins with clinic.example:"),
        ("https://", "this is no address"),
    ] {
        let mut command = std::process::Command::new(env!("CARGO_BIN_EXE_touchmark"));
        command.env("TOUCHMARK_CHROMIUM", "/nowhere/chromium");
        let output = command.args(["doctor", url, "--format", "json"]).output();
        let output = output.expect("touchmark runs");
        assert_eq!(output.status.code(), Some(2), "{url}");
        let text = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(
            text.contains("error[url_malformed]") && text.contains(says),
            "{text}"
        );
        let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
        assert_eq!(answer["pages"][0]["url"], url);
        assert_eq!(answer["pages"][0]["fault"]["code"], "url_malformed");
    }
}

#[test]
fn programs_are_told_which_page_did_not_open() {
    let url = "http://127.0.0.1:9/";
    let folder = std::path::Path::new(".");
    let output = touchmark(folder, &["doctor", "--format", "json", url]);
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    assert_eq!(answer["exit"], 2);
    assert_eq!(answer["pages"][0]["url"], url);
    assert_eq!(answer["pages"][0]["fault"]["code"], "page_unreadable");
}

#[test]
fn a_page_that_does_not_open_is_told() {
    let output = touchmark(
        std::path::Path::new("."),
        &["doctor", "http://127.0.0.1:9/"],
    );
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(
        text.contains("error[page_unreadable] http://127.0.0.1:9/"),
        "{text}"
    );
}

#[test]
fn an_address_that_brings_no_page_is_told_before_all_else() {
    let site = Site::start();
    site.set("/notes", "Content-Type: text/plain", "hello");
    site.set("/bare/", HTML, "<title>bare</title>");
    let page = |path: &str| format!("{}{path}", site.origin);
    let urls = [page("/gone/"), page("/notes"), page("/bare/")];
    let args = ["doctor", "--format", "json", &urls[0], &urls[1], &urls[2]];
    let output = touchmark(std::path::Path::new("."), &args);
    assert_eq!(output.status.code(), Some(1));
    let answer: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    for (at, code) in ["page_status", "page_kind", "script_missing"]
        .iter()
        .enumerate()
    {
        let first = &answer["pages"][at]["symptoms"][0];
        assert_eq!(first["code"], *code, "{answer:#}");
    }
}

#[test]
fn no_time_to_wait_is_refused_and_an_address_is_named_once() {
    let here = std::path::Path::new(".");
    let output = touchmark(here, &["doctor", "--wait", "0", "http://127.0.0.1:9/"]);
    assert_eq!(output.status.code(), Some(2));
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(text.contains("0 is not in 1..=600"), "{text}");
    let output = touchmark(here, &["doctor", "http://127.0.0.1:9/"]);
    let text = String::from_utf8_lossy(&output.stderr).into_owned();
    assert_eq!(text.matches("127.0.0.1:9").count(), 1, "{text}");
}
