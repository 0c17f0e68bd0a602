//! The plan's selectors of forms, buttons and ignored forms, before any page is asked.
//!
//! Not here: signals' selectors (`signals`), and what a selector finds (`locate`).

use scraper::Selector;

use super::super::agreed::Agreed;
use super::super::finding::{Finding, Level, Place};

pub fn check(agreed: &Agreed, out: &mut Vec<Finding>) {
    let mut add = |pointer: &str, selector: &str, cause: &str, form: &str| {
        let what = format!("`{selector}` can't be asked of a page: {cause}");
        let place = Place::in_file(&agreed.name, pointer);
        let finding = Finding::new("selector_unreadable", Level::Error, place, what);
        out.push(
            finding
                .remedy("write it as CSS; of pseudo-classes the structural ones, :is, :where, :not and :has")
                .about(form, ""),
        );
    };
    let is_own = |form: &&super::Declared| !form.is_any && form.css.is_err();
    let has_faulty = agreed.forms.iter().any(|form| is_own(&form));
    for form in &agreed.forms {
        // What stands for every other form repeats their selectors.
        if let Some(cause) = form
            .css
            .as_ref()
            .err()
            .filter(|_| !(form.is_any && has_faulty))
        {
            let pointer = format!("{}/selector", form.pointer);
            add(&pointer, &form.selector, cause, &form.id);
        }
        if let Some(button) = &form.button
            && let Err(cause) = Selector::parse(button)
        {
            let pointer = format!("{}/button", form.pointer);
            add(&pointer, button, &cause.to_string(), &form.id);
        }
    }
    for one in &agreed.ignore {
        if let Err(cause) = &one.css {
            add(&one.pointer, &one.selector, cause, "");
        }
    }
}
