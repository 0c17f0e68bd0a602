//! `touchmark schema docs`: the shared schema into the data dictionary.
//!
//! Definitions, owners, stages, and what leaves a page, as the schema says them: nothing is told here
//! that is not in it. `page` writes Markdown and HTML.

use std::path::PathBuf;

use clap::Args;
use serde_json::Value;

use super::page::Page;
use super::{SchemaFile, put};
use crate::plan::fault::Faults;
use crate::plan::shared::{CONTRACTS, SharedSchema};

#[derive(Debug, Args)]
pub struct DocsArgs {
    #[command(flatten)]
    file: SchemaFile,
    /// Where to write Markdown; without it, standard output
    #[arg(long, value_name = "FILE")]
    out: Option<PathBuf>,
    /// Where to write HTML
    #[arg(long, value_name = "FILE")]
    html: Option<PathBuf>,
    /// Write nothing; fail if a file is not what would be written
    #[arg(long)]
    check: bool,
}

pub fn run(args: &DocsArgs, faults: &mut Faults) -> Option<String> {
    let shared = args.file.open(faults)?;
    let page = Dictionary {
        document: &shared.source.value,
        page: Page::default(),
    }
    .write(&shared);
    let markdown = page.to_markdown();
    let html = args
        .html
        .as_ref()
        .map(|file| (file, page.to_html("touchmark data dictionary")));
    let mut said = String::new();
    let files = args
        .out
        .as_ref()
        .map(|file| (file, markdown.clone()))
        .into_iter()
        .chain(html);
    for (file, text) in files {
        match put(file, &text, args.check, "docs") {
            Ok(line) => said.push_str(&line),
            Err(fault) => faults.add(fault),
        }
    }
    Some(if args.out.is_none() && args.html.is_none() {
        markdown
    } else {
        said
    })
}

struct Dictionary<'a> {
    document: &'a Value,
    page: Page,
}

impl Dictionary<'_> {
    fn write(mut self, shared: &SharedSchema) -> Page {
        let document = self.document;
        self.page.heading(1, "Data dictionary");
        self.page.text(format!(
            "Written by `touchmark schema docs` from `{}`; never edited by hand. The schema is what counts.",
            shared.id()
        ));
        self.page.text(text(document, "description"));
        self.page.heading(2, "Stages");
        let stage = &document["$defs"]["stage"];
        self.page.text(text(stage, "description"));
        self.meanings(&["Stage", "Reached when"], stage);

        self.page.heading(2, "Entities");
        self.page
            .text(text(&document["$defs"]["entities"], "description"));
        for (name, entity) in members(&document["$defs"]["entities"]["$defs"]) {
            self.page.heading(3, name);
            self.page.text(text(entity, "description"));
            let own = &entity["x-touchmark-entity"];
            let row = ["stage", "created_by", "verified_by", "reported_by"]
                .map(|fact| text(own, fact).to_owned());
            let events = own["events"]
                .as_array()
                .into_iter()
                .flatten()
                .filter_map(Value::as_str);
            let events = events
                .map(|event| format!("`{event}`"))
                .collect::<Vec<_>>()
                .join(", ");
            let row = row.into_iter().chain([events]).collect();
            self.page.table(
                &[
                    "Stage",
                    "Created by",
                    "Verified by",
                    "Reported by",
                    "Moved by",
                ],
                vec![row],
            );
            self.fields(entity);
        }

        self.page.heading(2, "Events");
        self.page
            .text(text(&document["$defs"]["types"], "description"));
        self.page.heading(3, "Envelope");
        self.fields(document);
        for (name, event) in members(&document["$defs"]["types"]["$defs"]) {
            self.page.heading(3, name);
            self.page.text(text(event, "description"));
            self.fields(event);
        }

        self.page.heading(2, "Form contracts");
        self.page
            .text("What a form's values must be, as typed, and what of them leaves the page.");
        for (name, contract) in document.pointer(CONTRACTS).into_iter().flat_map(members) {
            self.page.heading(3, name);
            self.page.text(text(contract, "description"));
            self.contract(contract);
        }

        self.page.heading(2, "Definitions");
        for (name, one) in members(&document["$defs"]) {
            let is_group =
                ["types", "entities", "contracts", "stage", "dispatch"].contains(&name.as_str());
            if is_group {
                continue;
            }
            self.page.heading(3, name);
            self.page.text(text(one, "description"));
            self.page.text(match self.rules(one).as_str() {
                "" => String::new(),
                rules => format!("Rules: {rules}."),
            });
            self.meanings(&["Value", "Means"], one);
            self.fields(one);
        }
        self.page
    }

    /// The fields of an object: own ones, and those of what it refers to.
    fn fields(&mut self, schema: &Value) {
        let mut rows = Vec::new();
        self.rows(schema, "", &mut rows);
        self.page
            .table(&["Field", "Rules", "Required", "Meaning"], rows);
        for (name, field) in members(&schema["properties"]) {
            if field["x-touchmark-meanings"].is_object() {
                self.page.text(format!("Values of `{name}`:"));
                self.meanings(&["Value", "Means"], field);
            }
        }
    }

    fn rows(&self, schema: &Value, before: &str, rows: &mut Vec<Vec<String>>) {
        if let Some(target) = schema["$ref"]
            .as_str()
            .and_then(|target| self.target(target))
            && before.is_empty()
        {
            self.rows(target, before, rows);
        }
        let required = schema["required"].as_array();
        for (name, field) in members(&schema["properties"]) {
            let is_required =
                required.is_some_and(|all| all.iter().any(|one| one.as_str() == Some(name)));
            let path = format!("{before}{name}");
            let row = vec![
                format!("`{path}`"),
                self.rules(field),
                if is_required {
                    "yes".to_owned()
                } else {
                    String::new()
                },
                self.meaning(field).to_owned(),
            ];
            // The event's own field says more than what it shares with others.
            match rows.iter().position(|known| known[0] == row[0]) {
                Some(known) => rows[known] = row,
                None => rows.push(row),
            }
            if field["properties"].is_object() && field["$ref"].is_null() {
                self.rows(field, &format!("{path}."), rows);
            }
        }
        for name in required.into_iter().flatten().filter_map(Value::as_str) {
            let path = format!("`{before}{name}`");
            for row in rows.iter_mut().filter(|row| row[0] == path) {
                row[2] = "yes".to_owned();
            }
        }
    }

    fn contract(&mut self, contract: &Value) {
        let required = contract["required"].as_array();
        let rows = members(&contract["properties"]).map(|(name, field)| {
            let own = &field["x-touchmark"];
            let is_required =
                required.is_some_and(|all| all.iter().any(|one| one.as_str() == Some(name)));
            let collect = match (
                own["collect"].as_str().unwrap_or("never"),
                own["normalise"].as_str(),
            ) {
                (collect, Some(rule)) => format!("{collect}, {rule}"),
                (collect, None) => collect.to_owned(),
            };
            vec![
                format!("`{name}`"),
                self.rules(field),
                if is_required {
                    "yes".to_owned()
                } else {
                    String::new()
                },
                collect,
                text(own, "owner").to_owned(),
                text(own, "stage").to_owned(),
                text(own, "system_of_record").to_owned(),
                self.meaning(field).to_owned(),
            ]
        });
        let rows = rows.collect();
        let head = [
            "Field",
            "Rules",
            "Required",
            "Leaves as",
            "Owner",
            "Stage",
            "System of record",
            "Meaning",
        ];
        self.page.table(&head, rows);
    }

    fn meanings(&mut self, head: &[&'static str], schema: &Value) {
        let rows = members(&schema["x-touchmark-meanings"]);
        let rows = rows.map(|(value, means)| {
            vec![
                format!("`{value}`"),
                means.as_str().unwrap_or_default().to_owned(),
            ]
        });
        let rows = rows.collect();
        self.page.table(head, rows);
    }

    /// What a field says of itself; of what it refers to, if it says nothing.
    fn meaning<'v>(&'v self, field: &'v Value) -> &'v str {
        match text(field, "description") {
            "" => field["$ref"]
                .as_str()
                .and_then(|target| self.target(target))
                .map_or("", |target| text(target, "description")),
            own => own,
        }
    }

    /// The rules of a value, in a few words.
    fn rules(&self, schema: &Value) -> String {
        let mut words = Vec::new();
        if let Some(target) = schema["$ref"].as_str() {
            words.push(format!(
                "`{}`",
                target.rsplit(['/', '#']).next().unwrap_or(target)
            ));
        }
        match &schema["type"] {
            Value::String(one) => words.push(one.clone()),
            Value::Array(several) => {
                words.push(
                    several
                        .iter()
                        .filter_map(Value::as_str)
                        .collect::<Vec<_>>()
                        .join(" or "),
                );
            }
            _ => {}
        }
        if let Some(values) = schema["enum"].as_array() {
            let values: Vec<String> = values
                .iter()
                .map(|value| format!("`{}`", plain(value)))
                .collect();
            words.push(format!("one of {}", values.join(", ")));
        }
        if !schema["const"].is_null() {
            words.push(format!("always `{}`", plain(&schema["const"])));
        }
        for (keyword, word) in [
            ("format", "format"),
            ("minLength", "at least characters:"),
            ("maxLength", "at most characters:"),
            ("minimum", "from"),
            ("maximum", "to"),
            ("minItems", "at least items:"),
            ("maxItems", "at most items:"),
            ("pattern", "pattern"),
        ] {
            match &schema[keyword] {
                Value::Null => {}
                value @ Value::String(_) => words.push(format!("{word} `{}`", plain(value))),
                value => words.push(format!("{word} {value}")),
            }
        }
        if schema["items"].is_object() {
            words.push(format!("of {}", self.rules(&schema["items"])));
        }
        words.join(", ")
    }

    fn target(&self, reference: &str) -> Option<&Value> {
        self.document.pointer(reference.strip_prefix('#')?)
    }
}

fn plain(value: &Value) -> String {
    value
        .as_str()
        .map_or_else(|| value.to_string(), str::to_owned)
}

fn members(value: &Value) -> impl Iterator<Item = (&String, &Value)> {
    value.as_object().into_iter().flatten()
}

fn text<'v>(value: &'v Value, name: &str) -> &'v str {
    value[name].as_str().unwrap_or_default()
}
