//! Changes to a form's text, one at a time: controls renamed, removed, retyped, re-optioned.
//!
//! Text in, text out, so that what is changed is what somebody would have written.

use std::ops::Range;

pub type Change = (&'static str, String, String);

/// The start tags of a name's controls, each with its kind.
pub fn controls<'a>(form: &'a str, name: &str) -> Vec<(&'a str, Range<usize>)> {
    let written = format!("name=\"{name}\"");
    ["input", "select", "textarea", "button"]
        .into_iter()
        .flat_map(|kind| tags(form, kind).into_iter().map(move |tag| (kind, tag)))
        .filter(|(_, tag)| form[tag.clone()].contains(&written))
        .collect()
}

/// Every change to the control of a name in a form's text.
pub fn changes(form: &str, name: &str, is_hidden: bool) -> Vec<Change> {
    let written = format!("name=\"{name}\"");
    let found = controls(form, name);
    assert!(!found.is_empty(), "{name} stands nowhere in {form}");
    let mut out: Vec<Change> = Vec::new();
    for new in [
        format!("{name}_new"),
        format!("new-{name}"),
        name.to_uppercase() + "X",
        format!("fields[{name}]"),
        "q7".to_owned(),
        String::new(),
    ] {
        out.push((
            "renamed",
            format!("to {new:?}"),
            form.replace(&written, &format!("name=\"{new}\"")),
        ));
    }
    out.push((
        "renamed",
        "attribute gone".to_owned(),
        form.replace(&written, ""),
    ));
    let (kind, first) = found[0].clone();
    let tag = &form[first.clone()];
    let whole: Range<usize> = match kind {
        "input" => first.clone(),
        kind => {
            let close = format!("</{kind}>");
            first.start..first.end + form[first.end..].find(&close).expect("an end") + close.len()
        }
    };
    let put = |range: &Range<usize>, new: &str| {
        format!("{}{new}{}", &form[..range.start], &form[range.end..])
    };
    if found.len() == 1 {
        out.push(("removed", "element".to_owned(), put(&whole, "")));
        out.push((
            "removed",
            "commented out".to_owned(),
            put(&whole, "<!-- -->"),
        ));
        let into = |attribute: &str| {
            put(
                &first,
                &tag.replacen(&written, &format!("{written} {attribute}"), 1),
            )
        };
        out.push((
            "removed",
            "given to another form".to_owned(),
            into("form=\"other\""),
        ));
        out.push((
            "removed",
            "into a template".to_owned(),
            put(
                &whole,
                &format!("<template>{}</template>", &form[whole.clone()]),
            ),
        ));
        if !is_hidden {
            out.push(("removed", "disabled".to_owned(), into("disabled")));
        }
    } else {
        let mut none = form.to_owned();
        for (_, tag) in found.iter().rev() {
            none.replace_range(tag.clone(), "");
        }
        out.push(("removed", "all of the group".to_owned(), none));
        for (at, (_, tag)) in found.iter().enumerate() {
            out.push(("removed", format!("number {at} of the group"), put(tag, "")));
        }
    }
    retypes(form, kind, name, &found, &whole, is_hidden, &mut out);
    reoptions(form, kind, &found, &whole, &mut out);
    out
}

fn retypes(
    form: &str,
    kind: &str,
    name: &str,
    found: &[(&str, Range<usize>)],
    whole: &Range<usize>,
    is_hidden: bool,
    out: &mut Vec<Change>,
) {
    let types = "text email tel url search number range date month week time datetime-local color checkbox radio file password hidden submit reset button";
    let put = |range: &Range<usize>, new: &str| {
        format!("{}{new}{}", &form[..range.start], &form[range.end..])
    };
    let first = &found[0].1;
    let tag = &form[first.clone()];
    if kind != "input" {
        for new in types.split(' ') {
            let input = format!(
                "<input id=\"{name}\" name=\"{name}\" type=\"{new}\" required maxlength=\"100\">"
            );
            out.push(("retyped", format!("{kind} to {new}"), put(whole, &input)));
        }
        return;
    }
    let old = value_of(tag, "type").unwrap_or("text");
    for new in types.split(' ').filter(|new| *new != old) {
        let retype = |tag: &str| match value_of(tag, "type") {
            Some(old) => tag.replacen(&format!("type=\"{old}\""), &format!("type=\"{new}\""), 1),
            None => tag.replacen("<input", &format!("<input type=\"{new}\""), 1),
        };
        let mut changed = form.to_owned();
        for (_, tag) in found.iter().rev() {
            let new = retype(&form[tag.clone()]);
            changed.replace_range(tag.clone(), &new);
        }
        out.push(("retyped", format!("{old} to {new}"), changed));
    }
    if found.len() == 1 && !is_hidden {
        let area = format!(
            "<textarea id=\"{name}\" name=\"{name}\" required maxlength=\"100\"></textarea>"
        );
        out.push(("retyped", format!("{old} to a textarea"), put(first, &area)));
        let select =
            format!("<select id=\"{name}\" name=\"{name}\" required><option>One</option></select>");
        out.push(("retyped", format!("{old} to a select"), put(first, &select)));
    }
}

fn reoptions(
    form: &str,
    kind: &str,
    found: &[(&str, Range<usize>)],
    whole: &Range<usize>,
    out: &mut Vec<Change>,
) {
    let options: Vec<Range<usize>> = match kind {
        "select" => {
            let inside = tags(&form[whole.clone()], "option").into_iter();
            inside
                .map(|tag| tag.start + whole.start..tag.end + whole.start)
                .collect()
        }
        _ if found.len() > 1 => found.iter().map(|(_, tag)| tag.clone()).collect(),
        _ => return,
    };
    for tag in options {
        let text = &form[tag.clone()];
        let Some(value) = value_of(text, "value").filter(|value| !value.is_empty()) else {
            continue;
        };
        let written = format!("value=\"{value}\"");
        let mut add = |what: &str, new: String| {
            out.push((
                "re-optioned",
                format!("{value} {what}"),
                format!("{}{new}{}", &form[..tag.start], &form[tag.end..]),
            ));
        };
        add(
            "changed",
            text.replace(&written, "value=\"something-else\""),
        );
        add(
            "in capitals",
            text.replace(&written, &format!("value=\"{}\"", value.to_uppercase())),
        );
        add("emptied", text.replace(&written, "value=\"\""));
        add("without value", text.replace(&written, ""));
        add(
            "disabled",
            text.replace(&written, &format!("{written} disabled")),
        );
        add(
            "doubled by a new one",
            format!("{}{text}", text.replace(&written, "value=\"brand-new\"")),
        );
        if kind == "select" {
            add("removed", "<!-- -->".to_owned());
        }
    }
}

/// The start tags of a kind; a `>` within quotes ends none.
pub fn tags(text: &str, kind: &str) -> Vec<Range<usize>> {
    let open = format!("<{kind}");
    let starts = text.match_indices(&open).map(|(at, _)| at);
    starts
        .filter(|at| text[at + open.len()..].starts_with([' ', '>', '\n']))
        .map(|at| at..at + end(&text[at..]) + 1)
        .collect()
}

/// An attribute's value as it is written, without resolving references.
pub fn value_of<'a>(tag: &'a str, attribute: &str) -> Option<&'a str> {
    let open = format!(" {attribute}=\"");
    let at = tag.find(&open)? + open.len();
    Some(&tag[at..at + tag[at..].find('"')?])
}

/// Where a start tag's `>` is.
fn end(tag: &str) -> usize {
    let mut quote = None;
    for (at, letter) in tag.char_indices() {
        match (quote, letter) {
            (None, '>') => return at,
            (None, '"' | '\'') => quote = Some(letter),
            (Some(open), letter) if open == letter => quote = None,
            _ => {}
        }
    }
    panic!("a tag without end: {tag}");
}
