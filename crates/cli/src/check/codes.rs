//! The rules of `check` by their stable names, each in a sentence.
//!
//! Shown by `--format sarif` and `touchmark check --rules`.

pub const CODES: &[(&str, &str)] = &[
    (
        "autocomplete_differs",
        "browsers fill a control with something else than its field takes",
    ),
    (
        "box_fallback",
        "the hidden field before a box is taken for an answer",
    ),
    ("box_ticked", "a box of the plan is ticked already"),
    ("control_disabled", "a control of the plan is never sent"),
    (
        "control_hidden",
        "a control that has to be filled in stands in what is hidden",
    ),
    (
        "control_readonly",
        "nothing can be typed into a control of the plan",
    ),
    (
        "control_refuses",
        "a control refuses every sample of its field",
    ),
    ("control_unlabelled", "a control of the plan has no label"),
    (
        "field_fed_twice",
        "two controls feed a field by what they say of themselves",
    ),
    (
        "field_missing",
        "a control that feeds a field is gone, or no control fills a required one",
    ),
    (
        "field_renamed",
        "a control that feeds a field is gone, and one like it has another name",
    ),
    (
        "form_claimed_twice",
        "two forms of the plan mean the same form",
    ),
    ("form_dialog", "a form of the plan sends nothing"),
    (
        "form_get_personal",
        "what visitors type would stand in the address",
    ),
    (
        "form_in_template",
        "a form of the plan stands in a template only",
    ),
    (
        "form_missing",
        "a form of the plan is on none of the pages, or a page has lost it",
    ),
    ("form_nested", "a form begins within a form of the plan"),
    ("form_undeclared", "a form is not in the plan"),
    (
        "group_split",
        "a radio button or box bears another name than its group",
    ),
    (
        "hidden_filled",
        "a hidden field of the plan holds something already",
    ),
    (
        "hidden_kind",
        "touchmark can't fill a hidden field of the plan",
    ),
    ("hidden_missing", "a hidden field of the plan is missing"),
    ("hidden_shown", "visitors see a hidden field of the plan"),
    (
        "hint_unknown",
        "a control names a field that it doesn't feed",
    ),
    ("id_twice", "an id of a form or control stands twice"),
    (
        "kind_differs",
        "a control is of a kind that can't give what its field needs",
    ),
    ("kind_unknown", "only a script knows what a control sends"),
    (
        "kind_weak",
        "a control lets through what its field refuses, or makes right values hard to type",
    ),
    (
        "lock_changed",
        "something changed since the lock file was written",
    ),
    (
        "maxlength_differs",
        "more or fewer characters can be typed than a field takes",
    ),
    (
        "maxlength_missing",
        "more characters can be typed than a field takes",
    ),
    (
        "maxlength_narrower",
        "a field takes more characters than can be typed",
    ),
    (
        "minlength_differs",
        "more or fewer characters must be typed than a field takes",
    ),
    (
        "minlength_missing",
        "fewer characters can be typed than a field needs",
    ),
    ("name_twice", "a name stands twice in a form"),
    ("option_empty", "a choice sends nothing"),
    (
        "option_missing",
        "a value that the contract knows can't be chosen",
    ),
    (
        "option_outside",
        "a value can be chosen that the contract doesn't know",
    ),
    ("option_twice", "a value can be chosen twice"),
    ("options_none", "nothing can be chosen"),
    (
        "pattern_looser",
        "a pattern lets through what its field refuses",
    ),
    ("pattern_malformed", "browsers ignore a pattern"),
    (
        "pattern_missing",
        "the page doesn't ask for the contract's pattern",
    ),
    ("range_differs", "numbers can be typed that a field refuses"),
    (
        "range_missing",
        "the page doesn't ask for the contract's range",
    ),
    (
        "range_narrower",
        "a field takes numbers that can't be typed",
    ),
    (
        "required_by_script",
        "a required field is required by a script alone",
    ),
    ("required_missing", "a required field may be left empty"),
    (
        "select_answered",
        "a select of a required field begins with an answer",
    ),
    ("selector_ambiguous", "a selector means two forms of a page"),
    (
        "selector_no_form",
        "a selector means something that is no form",
    ),
    ("selector_unreadable", "a selector can't be asked"),
    (
        "sensitive_leaves",
        "something personal leaves the page as typed, or as a hash that can be guessed",
    ),
    (
        "sensitive_undeclared",
        "a form asks for something personal that the plan doesn't mention",
    ),
    ("signal_always", "a signal holds before anything was sent"),
    (
        "signal_contradicts",
        "a signal stands for success and failure",
    ),
    ("signal_impossible", "a signal can't occur"),
    ("signal_missing", "nothing says when a form was accepted"),
    (
        "signal_unlikely",
        "a signal's class is nowhere, and one nearly like it is on the page",
    ),
    ("signal_unreadable", "a signal's selector can't be asked"),
    (
        "signal_url_unlisted",
        "a signal's path is no page of the plan",
    ),
    ("step_differs", "fractions can be typed for a whole number"),
    (
        "step_narrower",
        "a field takes fractions that can't be typed",
    ),
    ("submit_disabled", "every submit button is disabled"),
    ("submit_missing", "nothing submits a form"),
    ("submit_unnamed", "a submit button has no name"),
    (
        "submit_unreachable",
        "a submit button can't be reached by everybody",
    ),
    (
        "tag_missing",
        "a page has a form of the plan and no tag of touchmark that runs",
    ),
    (
        "validation_off",
        "browsers don't ask for what a form of the plan requires",
    ),
];
