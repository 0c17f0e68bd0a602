//! The plan's fields with what leaves of each and who may change it, from the schema's annotations.
//!
//! For `--owners`, and for the table of changes, which names whose fields they touch.

use std::collections::BTreeMap;
use std::path::Path;

use serde_json::{Value, json};

use super::agreed::Agreed;
use super::diff::Change;
use super::expect::Collect;
use super::format::Format;
use crate::plan::fault::{Fault, Faults, step};
use crate::plan::shared::SharedSchema;
use crate::plan::source;
use crate::reconcile::table as columns;

/// Who may change what.
#[derive(Default)]
pub struct Owners {
    /// `$id` of the schema that says so.
    schema: String,
    fields: Vec<Owned>,
}

/// A field of a form of the plan.
struct Owned {
    form: String,
    control: String,
    field: String,
    /// JSON pointer into the schema.
    pointer: String,
    leaves: &'static str,
    owner: Option<String>,
    stage: Option<String>,
    system_of_record: Option<String>,
}

impl Owners {
    /// Reads the schema that the plan names, or `schema` in its place.
    ///
    /// # Errors
    /// Those of the schema; `schema_missing` for a built plan, which names none that can be read.
    pub fn read(agreed: &Agreed, schema: Option<&Path>) -> Result<Self, Faults> {
        let mut faults = Faults::default();
        let plan = &agreed.plan.value["schema"];
        let named = plan.as_str().filter(|path| !path.contains("://"));
        let beside = named.map(|path| source::beside(Path::new(&agreed.name), path));
        let file = schema.map(Path::to_owned).or(beside);
        let shared = match SharedSchema::open(file.as_deref(), &mut faults) {
            Ok(shared) if faults.is_empty() => shared,
            Ok(_) => return Err(faults),
            Err(fault) => {
                faults.add(fault);
                return Err(faults);
            }
        };
        let is_built = agreed.plan.value["contracts"].is_object();
        if is_built && plan.as_str().is_some_and(|id| id != shared.id()) {
            let what = "a built plan names no owners, and its schema is another one".to_owned();
            let remedy = format!(
                "name {} by --schema FILE, or check the plan as written",
                plan.as_str().unwrap_or_default()
            );
            let name = &agreed.name;
            faults.add(Fault::new("schema_missing", name, "/schema", what, remedy));
            return Err(faults);
        }
        Ok(Self::of(agreed, &shared))
    }

    fn of(agreed: &Agreed, shared: &SharedSchema) -> Self {
        let mut fields = Vec::new();
        for form in &agreed.forms {
            for mapped in &form.fields {
                let rules = shared.rules(&form.contract, &mapped.field);
                // What stands at the field says more than what it refers to.
                let text = |name: &str| {
                    let mut notes = rules.iter().map(|rule| &rule["x-touchmark"][name]);
                    notes.find_map(Value::as_str).map(str::to_owned)
                };
                let contract = step("/$defs/contracts", &form.contract);
                fields.push(Owned {
                    form: form.id.clone(),
                    control: mapped.control.clone(),
                    field: mapped.field.clone(),
                    pointer: step(&format!("{contract}/properties"), &mapped.field),
                    leaves: match mapped.expect.collect {
                        Collect::Value => "value",
                        Collect::Sha256 => "sha256",
                        Collect::Presence => "presence",
                        Collect::Never => "nothing",
                    },
                    owner: text("owner"),
                    stage: text("stage"),
                    system_of_record: text("system_of_record"),
                });
            }
        }
        Self {
            schema: shared.id().to_owned(),
            fields,
        }
    }

    /// Whose field a change is about, if it is about one that has an owner.
    pub fn of_change(&self, change: &Change) -> Option<&str> {
        // /forms/<form>/<controls or fields>/<name>/…, or that after /variants/<number>.
        let steps: Vec<&str> = change.pointer.split('/').skip(3).collect();
        let own = match steps.as_slice() {
            ["variants", _, own @ ..] => own,
            own => own,
        };
        let mut steps = own.iter().copied();
        let (group, name) = (steps.next()?, steps.next()?);
        let is_it = |one: &&Owned| {
            let own = match group {
                "controls" => &one.control,
                "fields" => &one.field,
                _ => return false,
            };
            one.form == change.form && step("", own)[1..] == *name
        };
        self.fields.iter().find(is_it)?.owner.as_deref()
    }

    /// A table, or an object for programs.
    ///
    /// # Errors
    /// `format_unfit`: owners are no findings.
    pub fn show(&self, format: Format) -> Result<String, Faults> {
        match format {
            Format::Human => Ok(self.table(false)),
            Format::Markdown => Ok(self.table(true)),
            Format::Json => Ok(format!("{:#}\n", self.to_json())),
            Format::Sarif | Format::Junit | Format::Github => {
                let mut faults = Faults::default();
                let what = "owners are no findings, so this format can't hold them".to_owned();
                let remedy = "write --format human, json or markdown".to_owned();
                faults.add(Fault::new("format_unfit", "--format", "", what, remedy));
                Err(faults)
            }
        }
    }

    fn table(&self, is_markdown: bool) -> String {
        let titles = [
            "form",
            "control",
            "field",
            "leaves as",
            "owner",
            "stage",
            "system of record",
        ];
        let mut rows = vec![titles.map(str::to_owned).to_vec()];
        for one in &self.fields {
            let said = |text: &Option<String>| text.clone().unwrap_or_else(|| "-".to_owned());
            rows.push(vec![
                one.form.clone(),
                one.control.clone(),
                one.field.clone(),
                one.leaves.to_owned(),
                said(&one.owner),
                said(&one.stage),
                said(&one.system_of_record),
            ]);
        }
        columns(&rows, is_markdown)
    }

    fn to_json(&self) -> Value {
        let mut owners: BTreeMap<&str, Vec<String>> = BTreeMap::new();
        for one in &self.fields {
            let all = owners
                .entry(one.owner.as_deref().unwrap_or(""))
                .or_default();
            all.push(format!("{}.{}", one.form, one.field));
        }
        let unowned = owners.remove("").unwrap_or_default();
        let field = |one: &Owned| {
            json!({
                "form": one.form, "control": one.control, "field": one.field,
                "pointer": one.pointer, "leaves": one.leaves, "owner": one.owner,
                "stage": one.stage, "system_of_record": one.system_of_record,
            })
        };
        json!({
            "touchmark": env!("CARGO_PKG_VERSION"),
            "schema": self.schema,
            "fields": self.fields.iter().map(field).collect::<Vec<_>>(),
            "owners": owners,
            "unowned": unowned,
        })
    }
}
