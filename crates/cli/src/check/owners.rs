//! The plan's fields with what leaves of each and who may change it, from the schema's annotations.

use std::path::Path;

use super::agreed::Agreed;
use super::expect::Collect;
use super::format::Format;
use crate::plan::fault::Faults;
use crate::plan::shared::SharedSchema;
use crate::plan::source;
use crate::reconcile::table as columns;

/// A table of form, control, field, collect, owner, stage and system of record.
///
/// A built plan names no owners; then the schema has to be named, or they are left out.
pub fn table(agreed: &Agreed, schema: Option<&Path>, format: Format) -> String {
    let named = agreed.plan.value["schema"]
        .as_str()
        .filter(|path| !path.contains("://"));
    let beside = named.map(|path| source::beside(Path::new(&agreed.name), path));
    let file = schema.map(Path::to_owned).or(beside);
    let shared = SharedSchema::open(file.as_deref(), &mut Faults::default()).ok();
    let mut rows = vec![
        [
            "form",
            "control",
            "field",
            "leaves as",
            "owner",
            "stage",
            "system of record",
        ]
        .map(str::to_owned)
        .to_vec(),
    ];
    for form in &agreed.forms {
        let contract = shared
            .as_ref()
            .and_then(|shared| shared.contract(&form.contract));
        for mapped in &form.fields {
            let note =
                contract.map(|contract| &contract["properties"][&mapped.field]["x-touchmark"]);
            let text = |name: &str| {
                note.and_then(|note| note[name].as_str())
                    .unwrap_or("-")
                    .to_owned()
            };
            let leaves = match mapped.expect.collect {
                Collect::Value => "value",
                Collect::Sha256 => "sha256",
                Collect::Presence => "presence",
                Collect::Never => "nothing",
            };
            rows.push(vec![
                form.id.clone(),
                mapped.control.clone(),
                mapped.field.clone(),
                leaves.to_owned(),
                text("owner"),
                text("stage"),
                text("system_of_record"),
            ]);
        }
    }
    columns(&rows, format == Format::Markdown)
}
