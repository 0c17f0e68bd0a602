//! JUnit's XML: a suite for each page or file, a failing case for each finding that fails the run.

use super::super::finding::Finding;
use super::{Outcome, xml};

pub fn show(outcome: &Outcome) -> String {
    let mut files: Vec<&str> = outcome.pages.iter().map(String::as_str).collect();
    for file in outcome.findings.iter().map(|one| one.place.file.as_str()) {
        if !files.contains(&file) {
            files.push(file);
        }
    }
    for fault in &outcome.unread {
        if !files.contains(&fault.file.as_str()) {
            files.push(&fault.file);
        }
    }
    let mut suites = String::new();
    let (mut tests, mut failures, mut errors) = (0, 0, 0);
    for file in files {
        let found: Vec<&Finding> = outcome
            .findings
            .iter()
            .filter(|one| one.place.file == file)
            .collect();
        let failing: Vec<&&Finding> = found
            .iter()
            .filter(|one| one.level <= outcome.denied)
            .collect();
        let unread: Vec<_> = outcome
            .unread
            .iter()
            .filter(|fault| fault.file == file)
            .collect();
        let mut cases = String::new();
        for finding in &failing {
            cases.push_str(&format!(
                "    <testcase name=\"{}\" classname=\"{}\">\n      <failure type=\"{}\" message=\"{}\">{}\n{}</failure>\n    </testcase>\n",
                xml(&format!("{} {}", finding.code, finding.address())),
                xml(file),
                finding.code,
                xml(&finding.what),
                xml(&finding.address()),
                xml(&format!("remedy: {}", finding.remedy)),
            ));
        }
        for fault in &unread {
            cases.push_str(&format!(
                "    <testcase name=\"{}\" classname=\"{}\">\n      <error type=\"{}\" message=\"{}\">{}</error>\n    </testcase>\n",
                xml(&format!("{} {}", fault.code(), fault.place())), xml(file), fault.code(), xml(fault.what()), xml(&format!("remedy: {}", fault.remedy())),
            ));
        }
        let count = failing.len() + unread.len();
        if count == 0 {
            cases.push_str(&format!(
                "    <testcase name=\"forms as agreed\" classname=\"{}\"/>\n",
                xml(file)
            ));
        }
        let rest: Vec<String> = found
            .iter()
            .filter(|one| one.level > outcome.denied)
            .map(|one| {
                let (level, code) = (one.level.name(), one.code);
                xml(&format!("{level}[{code}] {}: {}", one.address(), one.what))
            })
            .collect();
        if !rest.is_empty() {
            cases.push_str(&format!(
                "    <system-out>{}</system-out>\n",
                rest.join("\n")
            ));
        }
        suites.push_str(&format!(
            "  <testsuite name=\"{}\" tests=\"{}\" failures=\"{}\" errors=\"{}\">\n{cases}  </testsuite>\n",
            xml(file), count.max(1), failing.len(), unread.len(),
        ));
        tests += count.max(1);
        failures += failing.len();
        errors += unread.len();
    }
    format!(
        "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<testsuites name=\"touchmark check\" tests=\"{tests}\" failures=\"{failures}\" errors=\"{errors}\">\n{suites}</testsuites>\n"
    )
}
