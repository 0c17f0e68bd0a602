//! Makes the production wasm and its glue: cargo, wasm-bindgen, wasm-opt.
//!
//! Every tool comes by Cargo.lock or package-lock.json: wasm-bindgen is linked in, wasm-opt is
//! npm's binaryen. With Rust's sources std is rebuilt for size and a panic is a bare trap (about
//! 1 kB smaller); the plain stable build needs nothing beyond the toolchain. Beside the core that
//! pages load there is a larger one (feature `full`), the inspector's (`typed`) and the same one as
//! JavaScript.

use std::env;
use std::ffi::OsString;
use std::fs;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, Result, ensure};
use wasm_bindgen_cli_support::Bindgen;

use crate::glue::{self, Shape};
use crate::run::{self, say};
use crate::setup;
use crate::size::brotli;
use crate::stamp::Stamp;
use crate::wasm_file;

/// A panic is a bare trap, and names no place: neither text nor the builder's paths are shipped.
/// Fatal warnings, since a call that disagrees with its function's type would be linked as a trap.
const SMALL: &str = "-Zunstable-options -Cpanic=immediate-abort -Zlocation-detail=none \
                     -Zfmt-debug=none -Clink-arg=--fatal-warnings";

/// What rustc's wasm32-unknown-unknown uses, plus what wasm-bindgen adds.
const FEATURES: [&str; 7] = [
    "--enable-bulk-memory",
    "--enable-bulk-memory-opt",
    "--enable-multivalue",
    "--enable-mutable-globals",
    "--enable-nontrapping-float-to-int",
    "--enable-reference-types",
    "--enable-sign-ext",
];
/// Of what was tried in this order, the smallest after brotli. `--low-memory-unused` takes for granted
/// that no address is made by running over the end of memory into its first kilobyte, the deepest of
/// the stack: Rust makes none so.
const OPTIMISE: [&str; 8] = [
    "--flatten",
    "--low-memory-unused",
    "--ssa-nomerge",
    "--rereloop",
    "--rse",
    "-Oz",
    "--monomorphize",
    "--merge-blocks",
];

/// Which core is made. Each has a folder and a stamp of its own.
#[derive(Clone, Copy, PartialEq, Eq)]
pub enum Core {
    /// What pages load: std rebuilt for size.
    Lean,
    /// The same without the rebuild: for toolchains without Rust's sources.
    Stable,
    /// With the feature `full`, for plans that ask for more than the page's keyword set.
    Full,
    /// With the features `full` and `typed`: the inspector's, which visitors never load.
    Typed,
    /// Compiled on to JavaScript, for pages whose policy forbids wasm.
    Script,
}

impl Core {
    fn name(self) -> &'static str {
        match self {
            Core::Lean => "small",
            Core::Stable => "stable",
            Core::Full => "full",
            Core::Typed => "typed",
            Core::Script => "script",
        }
    }

    fn is_rebuilt(self) -> bool {
        self != Core::Stable
    }
}

/// The files this makes.
pub struct Artefacts {
    pub wasm: PathBuf,
    /// The same code with its function names, for the size report.
    pub named: PathBuf,
    pub glue: PathBuf,
}

/// Builds, or finds, the production wasm and its glue.
///
/// # Errors
/// When a tool fails or wasm-bindgen's text is not as expected.
pub fn make(stable: bool) -> Result<Artefacts> {
    let small = !stable && setup::has_sources()?;
    make_core(if small { Core::Lean } else { Core::Stable }, "wasm")
}

/// The core as JavaScript and its glue; `None` without Rust's sources, which it needs.
///
/// # Errors
/// As [`make`].
pub fn make_script() -> Result<Option<Artefacts>> {
    if !setup::has_sources()? {
        return Ok(None);
    }
    let made = make_core(Core::Script, "wasm-script")?;
    Ok(Some(made))
}

/// The larger core and its glue; `None` without Rust's sources: it has no stable form.
///
/// # Errors
/// As [`make`].
pub fn make_full() -> Result<Option<Artefacts>> {
    if !setup::has_sources()? {
        return Ok(None);
    }
    let made = make_core(Core::Full, "wasm-full")?;
    Ok(Some(made))
}

/// The inspector's core and its glue; `None` without Rust's sources: it has no stable form.
///
/// # Errors
/// As [`make`].
pub fn make_typed() -> Result<Option<Artefacts>> {
    if !setup::has_sources()? {
        return Ok(None);
    }
    let made = make_core(Core::Typed, "wasm-typed")?;
    Ok(Some(made))
}

fn make_core(core: Core, folder: &str) -> Result<Artefacts> {
    let folder = run::scratch(folder)?;
    let made = Artefacts {
        wasm: folder.join(match core {
            Core::Script => "touchmark.wasm.js",
            _ => "touchmark.wasm",
        }),
        named: folder.join("touchmark.named.wasm"),
        glue: folder.join("glue.js"),
    };
    let name = core.name();
    let root = run::root();
    let seal = Stamp::of(match core {
        Core::Lean | Core::Stable => "wasm",
        Core::Full => "wasm-full",
        Core::Typed => "wasm-typed",
        Core::Script => "wasm-script",
    })?
    .text(name)
    .path(&root.join("src"))?
    .path(&root.join("spec"))?
    .path(&root.join("Cargo.toml"))?
    .path(&root.join("Cargo.lock"))?
    .path(&root.join("rust-toolchain.toml"))?
    .path(&root.join("pkg-config/wasm32-small.json"))?
    .path(&root.join("crates/xtask/src/wasm.rs"))?
    .path(&root.join("crates/xtask/src/glue.rs"))?
    .path(&root.join("node_modules/binaryen/package.json"))?
    .seal();
    let outputs = [made.wasm.clone(), made.named.clone(), made.glue.clone()];
    if seal.fresh(&outputs) {
        say("build", format_args!("wasm ({name}): unchanged"));
        return Ok(made);
    }
    let compiled = compile(core)?;
    let bound = folder.join("bound.wasm");
    bind(&compiled, &bound, &made.glue)?;
    if core == Core::Script {
        to_script(&bound, &made)?;
    } else {
        optimise(&bound, &made)?;
    }
    seal.keep()?;
    Ok(made)
}

fn compile(core: Core) -> Result<PathBuf> {
    // A folder each: the builds of std would evict each other.
    let folder = run::target_dir().join(match core {
        Core::Lean | Core::Full | Core::Typed => "wasm-small",
        Core::Stable => "wasm-stable",
        Core::Script => "wasm-script",
    });
    let mut cargo = run::cargo();
    // Only the cdylib: beside an rlib, cargo leaves fat LTO out, which costs 3 kB brotli.
    cargo
        .args(["rustc", "--profile", "wasm", "--lib"])
        .args(["--crate-type", "cdylib", "--package", "touchmark"])
        .arg("--target-dir")
        .arg(&folder)
        .env_remove("CARGO_ENCODED_RUSTFLAGS")
        .env_remove("RUSTFLAGS");
    match core {
        Core::Full => _ = cargo.args(["--features", "full"]),
        Core::Typed => _ = cargo.args(["--features", "full,typed"]),
        Core::Lean | Core::Stable | Core::Script => {}
    }
    if core.is_rebuilt() {
        // The pinned stable toolchain, with the unstable options that the size is worth.
        cargo
            .args(["-Zjson-target-spec", "-Zbuild-std=std,panic_abort"])
            .arg("-Zbuild-std-features=optimize_for_size")
            .env("RUSTC_BOOTSTRAP", "1");
    }
    let target = match core {
        Core::Lean | Core::Full | Core::Typed => {
            // wasm32-unknown-unknown with a small stack, and without reference types.
            let spec = run::root().join("pkg-config/wasm32-small.json");
            cargo.env("RUSTFLAGS", SMALL).arg("--target").arg(spec);
            "wasm32-small"
        }
        Core::Script => {
            // JavaScript has one result a function, and no references of wasm's own.
            cargo
                .env("RUSTFLAGS", format!("{SMALL} -Ctarget-cpu=mvp"))
                .args(["--target", "wasm32-unknown-unknown"]);
            "wasm32-unknown-unknown"
        }
        Core::Stable => {
            cargo
                .env("CARGO_ENCODED_RUSTFLAGS", without_paths()?)
                .args(["--target", "wasm32-unknown-unknown"]);
            "wasm32-unknown-unknown"
        }
    };
    let (what, remedy) = match core {
        Core::Lean => (
            "core to wasm, std rebuilt",
            "if it is the rebuilt std, `cargo xtask build --stable` does without",
        ),
        Core::Stable => ("core to wasm, plain stable", "mend what the compiler says"),
        Core::Full => ("larger core to wasm", "mend what the compiler says"),
        Core::Typed => ("inspector's core to wasm", "mend what the compiler says"),
        Core::Script => (
            "core to wasm without extensions",
            "mend what the compiler says",
        ),
    };
    run::step("build", what, &mut cargo, remedy)?;
    Ok(folder.join(target).join("wasm/touchmark.wasm"))
}

/// Flags that keep the builder's folders out of the file: a panic in it names its place.
fn without_paths() -> Result<OsString> {
    let home = env::var_os("CARGO_HOME")
        .map(PathBuf::from)
        .or_else(|| Some(PathBuf::from(env::var_os("HOME")?).join(".cargo")));
    let mut flags = OsString::new();
    for folder in [Some(setup::sysroot()?), home].into_iter().flatten() {
        if !flags.is_empty() {
            // Cargo's separator: a folder's name may hold a blank.
            flags.push("\u{1f}");
        }
        flags.push("--remap-path-prefix=");
        flags.push(folder);
        flags.push("=");
    }
    Ok(flags)
}

fn bind(compiled: &Path, bound: &Path, glue_file: &Path) -> Result<()> {
    let mut output = Bindgen::new()
        .bundler(true)?
        .typescript(false)
        .input_path(compiled)
        .generate_output()
        .with_context(|| format!("wasm-bindgen could not read {}", compiled.display()))?;
    let has_snippets = output.snippets().values().any(|list| !list.is_empty());
    ensure!(
        !has_snippets && output.local_modules().is_empty() && output.npm_dependencies().is_empty(),
        "the core uses inline JavaScript or npm modules in its bindings, which the glue can't carry; \
         bind globals only"
    );
    let module = output
        .start()
        .context("wasm-bindgen wrote no module beside the bundler's entry")?
        .clone();
    let shape = Shape {
        imports: output
            .wasm()
            .imports
            .iter()
            .map(|import| {
                ensure!(
                    import.module == glue::MODULE,
                    "the wasm imports `{}` from `{}`; all imports should come from the glue",
                    import.name,
                    import.module
                );
                Ok(import.name.clone())
            })
            .collect::<Result<_>>()?,
        exports: output
            .wasm()
            .exports
            .iter()
            .map(|export| export.name.clone())
            .collect(),
    };
    let made = glue::transform(output.js(), &module, &shape).context(
        "wasm-bindgen's glue is not as crates/xtask/src/glue.rs expects: did its version change?",
    )?;

    let wasm = output.wasm_mut();
    for import in wasm.imports.iter_mut() {
        glue::SHORT_MODULE.clone_into(&mut import.module);
        if let Some(short) = made.imports.get(&import.name) {
            import.name.clone_from(short);
        }
    }
    let mut unused = Vec::new();
    for export in wasm.exports.iter_mut() {
        match made.exports.get(&export.name) {
            Some(short) => export.name.clone_from(short),
            None => unused.push(export.id()),
        }
    }
    for id in unused {
        wasm.exports.delete(id);
    }
    fs::write(bound, wasm.emit_wasm())
        .with_context(|| format!("can't write {}", bound.display()))?;
    fs::write(glue_file, made.text).with_context(|| format!("can't write {}", glue_file.display()))
}

fn optimise(bound: &Path, made: &Artefacts) -> Result<()> {
    run::step(
        "build",
        "wasm-opt",
        run::program("node")
            .arg(run::root().join("node_modules/binaryen/bin/wasm-opt"))
            .args(FEATURES)
            .args(OPTIMISE)
            .arg("--debuginfo")
            .arg(bound)
            .arg("--output")
            .arg(&made.named),
        "run `cargo xtask setup`",
    )?;
    // Names are in a section of their own, and stripping touches no code.
    let shipped = wasm_file::strip(&read(&made.named)?)?;
    let before = read(bound)?;
    let plain = wasm_file::strip(&before)?;
    // On bulky modules wasm-opt has made the compressed file larger.
    if brotli(&plain)? < brotli(&shipped)? {
        say(
            "build",
            "wasm-opt made it larger compressed; kept as it was",
        );
        fs::write(&made.named, before)?;
        return write(&made.wasm, &plain);
    }
    write(&made.wasm, &shipped)
}

/// wasm-opt, then wasm2js: a function that takes the imports and returns the exports.
fn to_script(bound: &Path, made: &Artefacts) -> Result<()> {
    let bin = run::root().join("node_modules/binaryen/bin");
    run::step(
        "build",
        "wasm-opt",
        run::program("node")
            .arg(bin.join("wasm-opt"))
            .args(["--enable-mutable-globals", "-Oz"])
            .arg(bound)
            .arg("--output")
            .arg(&made.named),
        "run `cargo xtask setup`",
    )?;
    run::step(
        "build",
        "wasm2js",
        run::program("node")
            .arg(bin.join("wasm2js"))
            // A function for each instance, not a module with one.
            .args(["--emscripten", "--enable-mutable-globals", "-Oz"])
            .arg(&made.named)
            .arg("--output")
            .arg(&made.wasm),
        "run `cargo xtask setup`",
    )
}

fn read(path: &Path) -> Result<Vec<u8>> {
    fs::read(path).with_context(|| format!("can't read {}", path.display()))
}

fn write(path: &Path, bytes: &[u8]) -> Result<()> {
    fs::write(path, bytes).with_context(|| format!("can't write {}", path.display()))
}
