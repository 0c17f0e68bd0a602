//! `touchmark plan build`, from outside: what it refuses and in which words, and what it writes.
//!
//! Faults are data: tests/plans/bad/*.json change the base plan or the base schema at some
//! pointers (null removes) and say every line that follows on the terminal.

mod support;

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Map, Value};
use support::{changed, here, read, touchmark};

#[test]
fn every_fault_is_told_with_its_place_and_remedy() {
    let mut count = 0;
    for file in files(&here("plans/bad")) {
        for case in read(&file).as_array().expect("a list") {
            check(case);
            count += 1;
        }
    }
    assert!(count > 60, "{count} cases");
}

/// Builds what the case describes, and compares every line.
fn check(case: &Value) {
    let name = case["name"].as_str().expect("a name");
    assert!(case["why"].is_string(), "{name} has no why");
    let folder = scratch(name);
    for (file, base, changes) in [
        ("plan.json", "plans/base.plan.json", &case["plan"]),
        ("schema.json", "plans/base.schema.json", &case["schema"]),
    ] {
        let text = match changes {
            Value::String(text) => text.clone(),
            changes => changed(read(&here(base)), changes).to_string(),
        };
        fs::write(folder.join(file), text).expect("writable");
    }
    let output = touchmark(
        &folder,
        &["plan", "build", "plan.json", "--out", "built.json"],
    );
    let lines = String::from_utf8(output.stderr).expect("text");
    let lines: Vec<&str> = lines.lines().map(str::trim_start).collect();
    let expected: Vec<&str> = case["expect"]
        .as_array()
        .expect("lines")
        .iter()
        .filter_map(Value::as_str)
        .collect();
    assert_eq!(lines, expected, "{name}");
    let is_refused = lines.iter().any(|line| line.starts_with("error"));
    assert_eq!(output.status.code(), Some(i32::from(is_refused)), "{name}");
    assert_eq!(
        folder.join("built.json").exists(),
        !is_refused,
        "{name} wrote half a plan"
    );
    fs::remove_dir_all(folder).expect("removable");
}

#[test]
fn the_demo_plan_builds_to_the_same_bytes_as_ever() {
    // When it should change: touchmark plan build demo.json --out demo.built.json
    let output = touchmark(
        &here("plans"),
        &[
            "plan",
            "build",
            "demo.json",
            "--out",
            "demo.built.json",
            "--check",
        ],
    );
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let built = read(&here("plans/demo.built.json"));
    let members: Vec<&str> = built
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    let order = "touchmark plan site endpoint schema pages forms records events consent storage data_layer announce rules attribution contracts";
    assert_eq!(members.join(" "), order);
    let text = built.to_string();
    for prose in [
        "description",
        "title",
        "owner",
        "system_of_record",
        "$ref",
        "$schema",
    ] {
        assert!(!text.contains(prose), "pages would load {prose}");
    }
}

#[test]
fn attribution_is_written_out_for_pages() {
    let folder = scratch("attribution");
    let mut plan = read(&here("plans/base.plan.json"));
    plan["attribution"] = serde_json::json!({
        "vendors": ["hmb"],
        "parameters": {"CMP": "campaign", "hmb_source": "medium"},
        "click_ids": ["MC_EID"],
        "exclude_referrers": ["pay.example.com", "login.example.org"],
        "cookies": ["_uetmsclkid"],
        "cross_domain": ["book.clinic.example"],
        "max_age_days": {"last": 30},
        "channels": {"Paid Search": "SEM"},
        "campaigns": ["78"],
    });
    fs::write(folder.join("plan.json"), plan.to_string()).expect("writable");
    fs::copy(here("plans/base.schema.json"), folder.join("schema.json")).expect("copied");
    let output = touchmark(&folder, &["plan", "build", "plan.json"]);
    let built: Value = serde_json::from_slice(&output.stdout).expect("a plan");
    let expected = serde_json::json!({
        "parameters": {
            "cmp": "campaign", "hmb_source": "medium", "hmb_campaign": "campaign", "hmb_medium": "medium"
        },
        "click_ids": null,
        "referrers": null,
        "exclude": "pay.example.com login.example.org book.clinic.example",
        "cookies": [["msclkid", "_uetmsclkid", r"^_uet(?<id>[\w.~:=+/-]{1,500})$"]],
        "cross_domain": ["book.clinic.example"],
        "max_age_days": {"last": 30},
        "channels": {"Paid Search": "SEM"},
        "campaigns": ["78"],
    });
    let mut attribution = built["attribution"].clone();
    let rows = attribution["click_ids"].take();
    let rows = rows.as_str().expect("rows");
    assert!(
        rows.contains("\nsscid shareasale shareasale affiliate\n"),
        "{rows}"
    );
    assert!(
        rows.ends_with("\nmc_eid mailchimp mailchimp email"),
        "{rows}"
    );
    let referrers = attribution["referrers"].take();
    assert!(
        referrers.as_str().expect("rows").contains("social;"),
        "{referrers}"
    );
    assert_eq!(attribution, expected);
    let forms = built["forms"].as_array().expect("forms");
    let own: Vec<&str> = forms
        .iter()
        .filter(|form| form["id"].is_null())
        .filter_map(|form| form["adapter"].as_str())
        .collect();
    assert_eq!(own, ["links", "cookies"], "the parts that read them");
    fs::remove_dir_all(folder).expect("removable");
}

#[test]
fn only_a_plan_that_says_so_names_the_inspectors_file() {
    let folder = scratch("inspector");
    fs::copy(here("plans/base.schema.json"), folder.join("schema.json")).expect("copied");
    for (said, expected) in [
        (Value::Null, Value::Null),
        (Value::Bool(false), Value::Null),
        (Value::Bool(true), "touchmark.inspector.js".into()),
    ] {
        let mut plan = read(&here("plans/base.plan.json"));
        if !said.is_null() {
            plan["inspector"] = said.clone();
        }
        fs::write(folder.join("plan.json"), plan.to_string()).expect("writable");
        let args = ["plan", "build", "plan.json", "--out", "built.json"];
        assert!(touchmark(&folder, &args).status.success());
        let built = read(&folder.join("built.json"));
        assert_eq!(built["inspector"], expected, "{said}");
    }
    fs::remove_dir_all(folder).expect("removable");
}

#[test]
fn equal_plans_in_another_order_are_equal_bytes() {
    let folder = scratch("order");
    let plan = read(&here("plans/base.plan.json"));
    let turned: Map<String, Value> = plan
        .as_object()
        .expect("an object")
        .clone()
        .into_iter()
        .rev()
        .collect();
    fs::write(folder.join("plan.json"), plan.to_string()).expect("writable");
    fs::write(
        folder.join("turned.json"),
        Value::Object(turned).to_string(),
    )
    .expect("writable");
    fs::copy(here("plans/base.schema.json"), folder.join("schema.json")).expect("copied");
    let built = ["plan.json", "turned.json"].map(|plan| {
        let output = touchmark(&folder, &["plan", "build", plan]);
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
        output.stdout
    });
    assert_eq!(built[0], built[1]);
    assert!(
        !built[0].contains(&b'\n'),
        "the plan stands alone on standard output"
    );
    fs::remove_dir_all(folder).expect("removable");
}

#[test]
fn a_stale_build_fails_the_check_and_stays_as_it_is() {
    let folder = scratch("stale");
    for (from, to) in [
        ("plans/base.plan.json", "plan.json"),
        ("plans/base.schema.json", "schema.json"),
    ] {
        fs::copy(here(from), folder.join(to)).expect("copied");
    }
    fs::write(folder.join("built.json"), "{}").expect("writable");
    let args = [
        "plan",
        "build",
        "plan.json",
        "--out",
        "built.json",
        "--check",
    ];
    let output = touchmark(&folder, &args);
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("[plan_stale] built.json"));
    assert_eq!(
        fs::read(folder.join("built.json")).expect("readable"),
        b"{}"
    );
    assert!(touchmark(&folder, &args[..5]).status.success());
    assert!(touchmark(&folder, &args).status.success());
    fs::remove_dir_all(folder).expect("removable");
}

#[test]
fn what_a_plan_is_built_from_is_never_written_over() {
    let folder = scratch("over");
    for (from, to) in [
        ("plans/base.plan.json", "plan.json"),
        ("plans/base.schema.json", "schema.json"),
    ] {
        fs::copy(here(from), folder.join(to)).expect("copied");
    }
    let text = |name: &str| fs::read(folder.join(name)).expect("readable");
    let before = [text("plan.json"), text("schema.json")];
    for out in ["plan.json", "./schema.json"] {
        for check in [&[][..], &["--check"]] {
            let args = [&["plan", "build", "plan.json", "--out", out], check].concat();
            let output = touchmark(&folder, &args);
            assert_eq!(output.status.code(), Some(1), "{out}");
            let told = String::from_utf8_lossy(&output.stderr).into_owned();
            assert!(
                told.contains(&format!("error[out_is_source] {out}")),
                "{told}"
            );
        }
    }
    assert_eq!([text("plan.json"), text("schema.json")], before);
    fs::remove_dir_all(folder).expect("removable");
}

#[test]
fn a_built_plan_is_told_from_a_source_with_faults() {
    let folder = here("plans");
    let output = touchmark(&folder, &["plan", "build", "demo.built.json"]);
    assert_eq!(
        String::from_utf8_lossy(&output.stderr),
        "error[plan_is_built] demo.built.json: it is a built plan, which pages load\n  \
         remedy: name the plan that your team wrote\nno plan was built: 1 thing to mend\n"
    );
}

#[test]
fn a_plan_in_another_encoding_is_told_so() {
    let folder = scratch("encoding");
    let wide = |order: fn(u16) -> [u8; 2]| -> Vec<u8> {
        "{\"touchmark\": 1}"
            .encode_utf16()
            .flat_map(order)
            .collect()
    };
    for (name, bytes) in [
        (
            "utf-16le.json",
            [vec![0xff, 0xfe], wide(u16::to_le_bytes)].concat(),
        ),
        ("utf-16be.json", wide(u16::to_be_bytes)),
        ("latin-1.json", b"{\"site\": \"caf\xe9\"}".to_vec()),
    ] {
        fs::write(folder.join(name), bytes).expect("writable");
        let output = touchmark(&folder, &["plan", "build", name]);
        let told = String::from_utf8_lossy(&output.stderr).into_owned();
        let expect = format!(
            "error[file_unreadable] {name}: it is not in UTF-8\n  remedy: save it as UTF-8"
        );
        assert!(told.starts_with(&expect), "{told}");
    }
    fs::remove_dir_all(folder).expect("removable");
}

#[test]
fn the_demo_sites_plans_build() {
    let site = here("../../../www");
    let is_plan = |file: &PathBuf| {
        let name = file
            .file_name()
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        name.starts_with("plan") && name.ends_with(".json")
    };
    let plans: Vec<PathBuf> = files(&site).into_iter().filter(is_plan).collect();
    assert!(!plans.is_empty());
    for plan in plans {
        let output = touchmark(
            &site,
            &["plan", "build", &plan.to_string_lossy(), "--check"],
        );
        assert!(
            output.status.success(),
            "{}",
            String::from_utf8_lossy(&output.stderr)
        );
    }
}

#[test]
fn wrong_usage_is_told_apart_from_a_wrong_plan() {
    let folder = here("plans");
    assert_eq!(
        touchmark(&folder, &["plan", "build"]).status.code(),
        Some(2)
    );
    let output = touchmark(&folder, &["plan", "build", "nowhere.json"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("error[file_unreadable] nowhere.json")
    );
}

#[test]
fn the_wire_schema_shows_what_may_leave() {
    let folder = here("plans");
    let output = touchmark(&folder, &["schema", "wire", "appointment_request"]);
    let wire: Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let fields = wire["properties"].as_object().expect("fields");
    let named: Vec<&str> = fields.keys().map(String::as_str).collect();
    assert_eq!(
        named,
        [
            "email",
            "phone",
            "service_line",
            "preferred_time",
            "consent_to_contact"
        ]
    );
    assert_eq!(wire["required"], serde_json::json!(["service_line"]));
    let output = touchmark(&folder, &["schema", "wire", "apointment_request"]);
    assert_eq!(output.status.code(), Some(1));
    assert!(
        String::from_utf8_lossy(&output.stderr).contains("did you mean `appointment_request`?")
    );
}

fn scratch(name: &str) -> PathBuf {
    let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join(name);
    // What a run that failed has left.
    let _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("writable");
    folder
}

fn files(folder: &Path) -> Vec<PathBuf> {
    let entries = fs::read_dir(folder).expect("a folder");
    let mut files: Vec<PathBuf> = entries
        .map(|entry| entry.expect("an entry").path())
        .collect();
    files.sort();
    files
}

#[test]
fn a_plan_that_asks_for_the_full_validator_loses_no_keyword() {
    let folder = scratch("full");
    let mut plan = read(&here("plans/base.plan.json"));
    let mut schema = read(&here("plans/base.schema.json"));
    let contract = &mut schema["$defs"]["contracts"]["visit_request"];
    contract["if"] =
        serde_json::json!({"properties": {"count": {"const": 9}}, "required": ["count"]});
    contract["then"] = serde_json::json!({"required": ["service_line"]});
    contract["properties"]["count"] = serde_json::json!({"$ref": "#/$defs/positive"});
    schema["$defs"]["positive"] = serde_json::json!({"type": "integer", "exclusiveMinimum": 0});
    fs::write(folder.join("plan.json"), plan.to_string()).expect("writable");
    fs::write(folder.join("schema.json"), schema.to_string()).expect("writable");
    let refused = touchmark(&folder, &["plan", "build", "plan.json"]);
    let said = String::from_utf8_lossy(&refused.stderr).into_owned();
    assert!(
        said.contains("or say \"validator\": \"full\" in the plan"),
        "{said}"
    );

    plan["validator"] = "full".into();
    fs::write(folder.join("plan.json"), plan.to_string()).expect("writable");
    let output = touchmark(
        &folder,
        &["plan", "build", "plan.json", "--out", "built.json"],
    );
    assert!(
        output.status.success(),
        "{}",
        String::from_utf8_lossy(&output.stderr)
    );
    let built = read(&folder.join("built.json"));
    assert_eq!(built["core"], "full");
    // The everyday core reads 1 and nothing else.
    assert_eq!(built["touchmark"], 2);
    let contract = &built["contracts"]["visit_request"];
    let members: Vec<&str> = contract
        .as_object()
        .expect("an object")
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(
        members.join(" "),
        "$schema type required properties additionalProperties if then $defs"
    );
    assert_eq!(
        contract["properties"]["count"]["type"], "integer",
        "the core coerces by it"
    );
    assert_eq!(
        contract["properties"]["email"]["x-touchmark"],
        serde_json::json!({"collect": "sha256", "normalise": "email"})
    );
    assert_eq!(contract["$defs"]["positive"]["exclusiveMinimum"], 0);
    assert!(
        contract["$defs"].get("contracts").is_none() && !contract.to_string().contains("Address.")
    );
    fs::remove_dir_all(folder).expect("removable");
}
