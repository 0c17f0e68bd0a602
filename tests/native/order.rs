//! The order of the stages is the order in which an event is made: each uses only earlier ones.

use std::fs;
use std::path::Path;

/// Modules of the core, first to last, as src/lib.rs lists them.
fn stages() -> Vec<String> {
    let root = fs::read_to_string("src/lib.rs").expect("src/lib.rs reads");
    let modules = root
        .lines()
        .filter_map(|line| line.strip_prefix("pub mod "));
    modules
        .map(|line| line.trim_end_matches(';').to_owned())
        .collect()
}

/// Files of a stage: `name.rs`, or everything in `name/`.
fn files(stage: &str) -> Vec<String> {
    let folder = Path::new("src").join(stage);
    if !folder.is_dir() {
        let file = format!("src/{stage}.rs");
        return vec![fs::read_to_string(&file).unwrap_or_else(|wrong| panic!("{file}: {wrong}"))];
    }
    texts(&folder)
}

fn texts(folder: &Path) -> Vec<String> {
    let entries = fs::read_dir(folder).expect("a stage's folder reads");
    let paths = entries.map(|entry| entry.expect("an entry reads").path());
    paths
        .flat_map(|path| match path.is_dir() {
            true => texts(&path),
            false => vec![fs::read_to_string(path).expect("a stage's file reads")],
        })
        .collect()
}

#[test]
fn each_stage_uses_only_what_stands_before_it() {
    let stages = stages();
    assert!(
        stages.len() > 15,
        "src/lib.rs lists its stages as `pub mod`"
    );
    // Data from spec/ and the native host belong to no stage.
    let pipeline = stages.iter().take_while(|stage| *stage != "generated");
    for (rank, stage) in pipeline.enumerate() {
        for text in files(stage) {
            let product = text.split("mod tests {").next().unwrap_or("");
            for rest in product.split("crate::").skip(1) {
                let end = rest.find(|letter: char| !letter.is_alphanumeric() && letter != '_');
                let used = &rest[..end.unwrap_or(rest.len())];
                let Some(other) = stages.iter().position(|known| known == used) else {
                    continue;
                };
                let is_data = used == "generated";
                assert!(
                    other <= rank || is_data,
                    "{stage} uses {used}, which comes later"
                );
            }
        }
    }
}
