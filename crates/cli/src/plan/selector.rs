//! The plan's selectors, which a browser must be able to read.
//!
//! A page passes over one that it can't read, and with it the form that it names. Not here: whether
//! it finds anything (`touchmark check`).

use std::sync::LazyLock;

use regress::Regex;
use scraper::Selector;
use serde_json::Value;

use super::fault::{Fault, Faults, step};
use super::source::Source;

/// Of the Selectors and HTML standards, with what browsers have of level 4: the parser knows the
/// structure of selectors, not what each element may be in.
const STATES: &str = "active|any-link|autofill|buffering|checked|default|defined|dir|disabled|\
enabled|focus|focus-visible|focus-within|fullscreen|host|host-context|hover|\
in-range|indeterminate|invalid|lang|link|modal|muted|open|optional|\
out-of-range|paused|picture-in-picture|placeholder-shown|playing|popover-open|\
read-only|read-write|required|scope|state|target|user-invalid|user-valid|\
valid|visited";

/// Checks every selector, where the plan has the right shape.
pub fn check(plan: &Source, faults: &mut Faults) {
    let lists = |of: &Value, name: &str| of[name].as_array().cloned().unwrap_or_default();
    for (index, form) in lists(&plan.value, "forms").iter().enumerate() {
        let place = format!("/forms/{index}");
        for name in ["selector", "button"] {
            judge(plan, &form[name], &step(&place, name), faults);
        }
        for name in ["success", "failure"] {
            for (at, signal) in lists(form, name).iter().enumerate() {
                let place = format!("{place}/{name}/{at}/selector");
                judge(plan, &signal["selector"], &place, faults);
            }
        }
    }
    for (index, selector) in lists(&plan.value, "ignore").iter().enumerate() {
        judge(plan, selector, &format!("/ignore/{index}"), faults);
    }
}

fn judge(plan: &Source, selector: &Value, pointer: &str, faults: &mut Faults) {
    let Some(selector) = selector.as_str() else {
        return;
    };
    if is_readable(selector) {
        return;
    }
    faults.add(Fault::new(
        "plan_selector_unreadable",
        &plan.name,
        pointer,
        format!("no browser reads `{selector}` as a CSS selector"),
        remedy(selector),
    ));
}

fn is_readable(selector: &str) -> bool {
    static STATE: LazyLock<Regex> = LazyLock::new(|| {
        let pattern = format!(r"(?<!:):({STATES})(\([^()]*\))?(?![\w(-])");
        Regex::new(&pattern).expect("a pattern")
    });
    // What elements may be in is read as something that the parser knows.
    let mut known = selector.to_owned();
    while let Some(found) = STATE.find(&known) {
        known.replace_range(found.range(), ":not(x-y)");
    }
    Selector::parse(&known).is_ok()
}

fn remedy(selector: &str) -> String {
    const JQUERY: [&str; 14] = [
        ":visible",
        ":hidden",
        ":contains",
        ":eq(",
        ":first",
        ":last",
        ":input",
        ":text",
        ":submit",
        ":button",
        ":password",
        ":selected",
        ":parent",
        ":header",
    ];
    let is_jquery = JQUERY.iter().any(|one| selector.contains(one));
    let is_structural = [":first-", ":last-"]
        .iter()
        .any(|one| selector.contains(one));
    if is_jquery && !is_structural {
        return "that is jQuery's; use what CSS itself has, a class or an attribute".to_owned();
    }
    "quote values with brackets, as in `[name=\"lead[email]\"]`, and begin no id or class with a digit"
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::is_readable;

    #[test]
    fn what_browsers_read_passes() {
        for selector in [
            "*",
            "form#appointment",
            "form[name=\"lead[x]\"]",
            ".form:has(input[name=phone])",
            "form:not([data-off]) .ok:not(:empty)",
            "input:checked",
            ":checked",
            "dialog:open form, [popover]:popover-open form",
            "form:is(:valid, .sent) > p:first-of-type",
            "p:lang(en) ~ .ok",
            "form:focus-within:has(:user-invalid)",
            "#\\31 form",
            ".md\\:ok",
        ] {
            assert!(is_readable(selector), "{selector}");
        }
    }

    #[test]
    fn what_no_browser_reads_does_not() {
        for selector in [
            "form:visible",
            "form:contains(\"x\")",
            "#1form",
            "form[name=lead[x]]",
            "form:first",
            ".done:hidden",
            "form >",
            "form,,p",
            "::",
            "form:checkedness",
        ] {
            assert!(!is_readable(selector), "{selector}");
        }
    }
}
