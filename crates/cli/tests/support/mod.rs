//! What tests of the program share: a folder of their own, and the program run in it.

#![allow(dead_code, reason = "each test file uses its own part")]

pub mod asked;
pub mod commands;
pub mod mutant;
pub mod site;

use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};

use serde_json::Value;

/// A folder that is made anew for a test.
pub struct Scratch(PathBuf);

impl Scratch {
    pub fn new(name: &str) -> Self {
        let folder = PathBuf::from(env!("CARGO_TARGET_TMPDIR"))
            .join(format!("{}-{name}", env!("CARGO_CRATE_NAME")));
        // What a run that failed has left.
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).expect("writable");
        Self(folder)
    }

    /// With the page, plan and schema of tests/check.
    pub fn clinic(name: &str) -> Self {
        let scratch = Self::new(name);
        for file in ["page.html", "plan.json", "schema.json"] {
            fs::copy(here("check").join(file), scratch.0.join(file)).expect("copied");
        }
        scratch
    }

    pub fn path(&self) -> &Path {
        &self.0
    }

    pub fn write(&self, file: &str, text: &str) {
        let path = self.0.join(file);
        fs::create_dir_all(path.parent().expect("a folder")).expect("writable");
        fs::write(path, text).expect("writable");
    }

    pub fn read(&self, file: &str) -> String {
        fs::read_to_string(self.0.join(file)).expect("readable")
    }
}

/// Sets a value at each pointer; null removes, `-` appends.
pub fn changed(mut base: Value, changes: &Value) -> Value {
    for (pointer, value) in changes.as_object().into_iter().flatten() {
        let (place, name) = pointer.rsplit_once('/').expect("a pointer");
        match base.pointer_mut(place).expect("a place") {
            Value::Array(items) if name == "-" => items.push(value.clone()),
            Value::Object(members) if value.is_null() => {
                members.shift_remove(&name.replace("~1", "/"));
            }
            Value::Object(members) => {
                members.insert(name.replace("~1", "/"), value.clone());
            }
            other => panic!("{pointer} leads into {other}"),
        }
    }
    base
}

pub fn touchmark(folder: &Path, args: &[&str]) -> Output {
    touchmark_with(folder, args, "")
}

/// Runs the program with a text on standard input.
pub fn touchmark_with(folder: &Path, args: &[&str], input: &str) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_touchmark"));
    command.args(args).current_dir(folder);
    command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    let mut child = command.spawn().expect("touchmark runs");
    let mut stdin = child.stdin.take().expect("piped");
    // A program that asks for nothing may be gone already.
    let _ = stdin.write_all(input.as_bytes());
    drop(stdin);
    child.wait_with_output().expect("touchmark ends")
}

pub fn read(file: &Path) -> Value {
    serde_json::from_str(&fs::read_to_string(file).expect("readable")).expect("JSON")
}

pub fn here(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(path)
}

/// Copies a folder with all that is in it.
pub fn copy(from: &Path, to: &Path) {
    fs::create_dir_all(to).expect("writable");
    for entry in fs::read_dir(from).expect("readable") {
        let path = entry.expect("an entry").path();
        let target = to.join(path.file_name().expect("a name"));
        if path.is_dir() {
            copy(&path, &target);
        } else {
            fs::copy(&path, &target).expect("copied");
        }
    }
}
