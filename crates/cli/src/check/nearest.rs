//! Where plan and lock file are when nobody says.
//!
//! First of all. A plan stands in the working folder or in a folder of pages. A lock file belongs
//! to its plan: the same one is meant from wherever the command is run. Not here: reading them.

use std::path::{Path, PathBuf};

/// The plan of the working folder, or of one of these.
pub fn plan(folders: &[&Path]) -> Option<PathBuf> {
    let places = std::iter::once(Path::new("")).chain(folders.iter().copied());
    places
        .flat_map(|folder| PLANS.map(|name| folder.join(name)))
        .find(|path| path.is_file())
}

/// The lock file: the one that was named, else the nearest from the plan's folder upwards, else
/// from the working folder upwards, else a new one beside the plan.
pub fn lock(named: Option<&Path>, plan: &Path) -> PathBuf {
    if let Some(named) = named {
        return named.to_owned();
    }
    let folder = plan.parent().unwrap_or(Path::new(""));
    upwards(folder)
        .or_else(|| upwards(Path::new("")))
        .unwrap_or_else(|| folder.join(LOCK))
}

/// The nearest lock file of a folder and those above it, up to the root of the repository.
fn upwards(folder: &Path) -> Option<PathBuf> {
    let here = if folder.as_os_str().is_empty() {
        Path::new(".")
    } else {
        folder
    };
    // Names are written from here as long as they can be.
    let mut name = folder.to_owned();
    for real in std::fs::canonicalize(here).ok()?.ancestors() {
        if name.join(LOCK).is_file() {
            return Some(name.join(LOCK));
        }
        // A worktree has a file of that name, a clone a folder.
        if real.join(".git").exists() {
            return None;
        }
        let is_known = matches!(
            name.components().next_back(),
            Some(std::path::Component::Normal(_))
        ) && !name.is_symlink();
        if is_known {
            name.pop();
        } else if name.is_absolute() || name.is_symlink() {
            name = real.parent()?.to_owned();
        } else {
            name.push("..");
        }
    }
    None
}

const PLANS: [&str; 2] = ["touchmark.plan.json", "plan.json"];
const LOCK: &str = "touchmark.lock.json";
