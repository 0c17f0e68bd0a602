//! Turns wasm-bindgen's module for bundlers into one function of the kernel's hands,
//! with no state outside it.
//!
//! A trap leaves an instance unusable; the kernel then makes a fresh one, which needs fresh glue
//! (text decoder, heap of references, `wasm` itself). The text is machine-made by the version that
//! Cargo.lock pins, so a few exact rules do; each is checked and fails the build when the text is
//! not as expected. The names that wasm and glue share are shortened on the way: nothing else
//! refers to them, and no minifier may touch them later.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use anyhow::{Context as _, Result, ensure};

/// The module name of the imports as wasm-bindgen writes it.
pub const MODULE: &str = "./touchmark_bg.js";
/// What it becomes in the shipped wasm.
pub const SHORT_MODULE: &str = "t";
/// What the kernel calls.
const ENTRIES: [&str; 1] = ["handle"];
/// What the core calls of the kernel, in the order in which js/glue.d.ts and js/shell/index.ts have
/// it (src/browser/hands.rs).
const HANDS: [&str; 8] = [
    "announce", "discard", "isMatch", "keep", "kept", "post", "wake", "wipe",
];
/// How the names begin of what the inspector's core answers besides.
const QUESTION: &str = "inspect";

const SET_WASM: &str = "let wasm;\nexport function __wbg_set_wasm(val) {\nwasm = val;\n}";
const START: &str = "wasm.__wbindgen_start();";

/// Text that is shorter for the engines that load this, or wrong for the core as JavaScript.
struct Trim {
    /// As wasm-bindgen writes it, line ends read as blanks.
    from: &'static str,
    to: &'static str,
    /// Must be gone afterwards: it shows that the text is another than we know.
    trace: &'static str,
}

const TRIMS: [Trim; 7] = [
    // In JavaScript a memory that grew is another buffer, and the old one is never detached.
    Trim {
        from: "cachedDataViewMemory0 === null || cachedDataViewMemory0.buffer.detached === true || \
               (cachedDataViewMemory0.buffer.detached === undefined && \
               cachedDataViewMemory0.buffer !== wasm.memory.buffer)",
        to: "cachedDataViewMemory0?.buffer !== wasm.memory.buffer",
        trace: ".detached",
    },
    Trim {
        from: "cachedUint8ArrayMemory0 === null || cachedUint8ArrayMemory0.byteLength === 0",
        to: "cachedUint8ArrayMemory0?.buffer !== wasm.memory.buffer",
        trace: "Memory0.byteLength",
    },
    // `encodeInto` is older than reference types in every engine.
    Trim {
        from: "if (!('encodeInto' in cachedTextEncoder)) { cachedTextEncoder.encodeInto = \
               function (arg, view) { const buf = cachedTextEncoder.encode(arg); view.set(buf); \
               return { read: arg.length, written: buf.length }; }; }",
        to: "",
        trace: "'encodeInto' in",
    },
    Trim {
        from: "if (realloc === undefined) { const buf = cachedTextEncoder.encode(arg); \
               const ptr = malloc(buf.length, 1) >>> 0; \
               getUint8ArrayMemory0().subarray(ptr, ptr + buf.length).set(buf); \
               WASM_VECTOR_LEN = buf.length; return ptr; }",
        to: "",
        trace: "realloc === undefined",
    },
    // One way for all texts: the engine's own is as fast, and the other one costs every visitor.
    // Nothing has no room, and what has none can't be made smaller.
    Trim {
        from: "let len = arg.length; let ptr = malloc(len, 1) >>> 0; \
               const mem = getUint8ArrayMemory0(); let offset = 0; \
               for (; offset < len; offset++) { const code = arg.charCodeAt(offset); \
               if (code > 0x7F) break; mem[ptr + offset] = code; } \
               if (offset !== len) { if (offset !== 0) { arg = arg.slice(offset); } \
               ptr = realloc(ptr, len, len = offset + arg.length * 3, 1) >>> 0; \
               const view = getUint8ArrayMemory0().subarray(ptr + offset, ptr + len); \
               const ret = cachedTextEncoder.encodeInto(arg, view); offset += ret.written; \
               ptr = realloc(ptr, len, offset, 1) >>> 0; } WASM_VECTOR_LEN = offset; return ptr;",
        to: "const room = arg.length * 3; const ptr = malloc(room, 1) >>> 0; \
             WASM_VECTOR_LEN = 0; if (!room) return ptr; \
             WASM_VECTOR_LEN = cachedTextEncoder.encodeInto(arg, \
             getUint8ArrayMemory0().subarray(ptr, ptr + room)).written; \
             return realloc(ptr, room, WASM_VECTOR_LEN, 1) >>> 0;",
        trace: "charCodeAt",
    },
    // Safari's decoder fails past 2 GB in all; a page's events come to kilobytes.
    Trim {
        from: "const MAX_SAFARI_DECODE_BYTES = 2146435072; let numBytesDecoded = 0; \
               function decodeText(bytes) { numBytesDecoded += bytes.length; \
               if (numBytesDecoded >= MAX_SAFARI_DECODE_BYTES) { \
               cachedTextDecoder = new TextDecoder('utf-8', { ignoreBOM: true }); \
               cachedTextDecoder.decode(); numBytesDecoded = bytes.length; }",
        to: "function decodeText(bytes) {",
        trace: "MAX_SAFARI_DECODE_BYTES",
    },
    // FinalizationRegistry came before reference types too.
    Trim {
        from: "(typeof FinalizationRegistry === 'undefined') \
               ? { register: () => {}, unregister: () => {} } : new",
        to: "new",
        trace: "typeof FinalizationRegistry",
    },
];

/// What the transform needs to know about the wasm file.
pub struct Shape {
    /// Names of the imports from [`MODULE`], in the file's order.
    pub imports: Vec<String>,
    pub exports: Vec<String>,
}

/// The glue, and the names to give the wasm file's imports and exports.
pub struct Glue {
    pub text: String,
    pub imports: BTreeMap<String, String>,
    /// Exports that are not in here are called by nobody and may go.
    pub exports: BTreeMap<String, String>,
}

/// Makes the glue from wasm-bindgen's `entry` and `module` texts.
///
/// # Errors
/// When the text is not as this version of wasm-bindgen is known to write it.
pub fn transform(entry: &str, module: &str, shape: &Shape) -> Result<Glue> {
    ensure!(
        entry.contains("__wbg_set_wasm(wasm);"),
        "the bundler's entry does not hand over the module as expected"
    );
    // Only a core with references of wasm's own has a table of them to set up.
    let start = if entry.contains(START) { START } else { "" };
    ensure!(
        start == START || !entry.contains("__wbindgen_start"),
        "the bundler's entry does not start the module as expected"
    );
    let module = plain(module);
    ensure!(
        module.matches(SET_WASM).count() == 1,
        "the module has no single `{SET_WASM}`"
    );
    // `attach` sets it.
    let (body, exported) = local(&module.replace(SET_WASM, "let wasm;"))?;
    let body = trim(&body)?;

    for name in &shape.imports {
        ensure!(
            exported.contains(name),
            "the wasm imports `{name}`, which the module lacks"
        );
    }
    for name in ENTRIES {
        ensure!(exported.contains(name), "the core exports no `{name}`");
    }
    let mut entries = ENTRIES.to_vec();
    for name in &exported {
        if name.starts_with(QUESTION) {
            entries.push(name);
        }
        let known = shape.imports.contains(name) || entries.contains(&name.as_str());
        ensure!(
            known,
            "the module exports `{name}`, which the kernel does not know"
        );
    }

    let imports = shortened(shape.imports.iter());
    let used = uses(&format!("{body} {start}"));
    let exports = shortened(shape.exports.iter().filter(|name| used.contains(*name)));
    for name in &used {
        ensure!(
            exports.contains_key(name),
            "the module calls `wasm.{name}`, which the wasm lacks"
        );
    }

    let mut text = format!("export function glue({}) {{\n", HANDS.join(", "));
    text.push_str(&rename(&body, &exports));
    write!(text, "\nreturn {{ imports: {{ {SHORT_MODULE}: {{ ")?;
    for name in &shape.imports {
        let short = imports.get(name).context("every import was named")?;
        write!(text, "{short}: {name}, ")?;
    }
    write!(
        text,
        "}} }}, attach(exports) {{ wasm = exports; {} return {{ {} }}; }} }};\n}}\n",
        rename(start, &exports),
        entries.join(", ")
    )?;
    Ok(Glue {
        text,
        imports,
        exports,
    })
}

/// The module with its exports made local functions, and their names.
fn local(module: &str) -> Result<(String, BTreeSet<String>)> {
    let mut body = String::new();
    let mut names = BTreeSet::new();
    for line in module.lines() {
        ensure!(
            !line.starts_with("import "),
            "the module imports something: `{line}`; snippets and npm modules are not supported"
        );
        let Some(rest) = line.strip_prefix("export ") else {
            body.push_str(line);
            body.push('\n');
            continue;
        };
        let name = rest
            .strip_prefix("function ")
            .and_then(|rest| rest.split('(').next())
            .with_context(|| format!("only functions are expected to be exported, not `{line}`"))?;
        names.insert(name.to_owned());
        body.push_str(rest);
        body.push('\n');
    }
    Ok((body, names))
}

/// Lines with runs of blanks made one, and without comments: neither matters to the rules then.
fn plain(text: &str) -> String {
    let mut lines = Vec::new();
    let mut in_comment = false;
    for line in text.lines() {
        let line = line.split_whitespace().collect::<Vec<_>>().join(" ");
        in_comment |= line.starts_with("/**");
        if !in_comment && !line.is_empty() && !line.starts_with("//") {
            lines.push(line);
        } else if line.ends_with("*/") {
            in_comment = false;
        }
    }
    lines.join("\n")
}

/// Applies [`TRIMS`] where their text is.
fn trim(body: &str) -> Result<String> {
    let mut body = body.to_owned();
    for Trim { from, to, trace } in TRIMS {
        if let Some(range) = find_flat(&body, from) {
            body.replace_range(range, to);
        }
        ensure!(
            !body.contains(trace),
            "`{trace}` stands in a text other than the known one"
        );
    }
    Ok(body)
}

fn find_flat(text: &str, pattern: &str) -> Option<std::ops::Range<usize>> {
    // A line end and a blank are one byte each, so places stay the same.
    let start = text.replace('\n', " ").find(pattern)?;
    Some(start..start + pattern.len())
}

/// Names after `wasm.`.
fn uses(text: &str) -> BTreeSet<String> {
    pieces(text)
        .skip(1)
        .map(|(name, _)| name.to_owned())
        .collect()
}

fn rename(text: &str, names: &BTreeMap<String, String>) -> String {
    let mut out = String::new();
    for (at, (name, rest)) in pieces(text).enumerate() {
        if at > 0 {
            out.push_str("wasm.");
            out.push_str(names.get(name).map_or(name, String::as_str));
        }
        out.push_str(rest);
    }
    out
}

/// The text cut at each `wasm.`: the identifier that follows it, and the rest up to the next.
/// The first piece has no identifier.
fn pieces(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.split("wasm.").enumerate().map(|(at, piece)| {
        let end = if at == 0 {
            0
        } else {
            piece
                .find(|c: char| !c.is_ascii_alphanumeric() && c != '_' && c != '$')
                .unwrap_or(piece.len())
        };
        piece.split_at(end)
    })
}

/// `a` … `z`, `A` … `Z`, `aa` …: a name each.
fn shortened<'a>(names: impl Iterator<Item = &'a String>) -> BTreeMap<String, String> {
    names
        .enumerate()
        .map(|(at, name)| (name.clone(), short(at)))
        .collect()
}

fn short(mut at: usize) -> String {
    const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
    let mut name = String::new();
    loop {
        name.extend(
            LETTERS
                .get(at % LETTERS.len())
                .map(|letter| char::from(*letter)),
        );
        match (at / LETTERS.len()).checked_sub(1) {
            Some(next) => at = next,
            None => return name,
        }
    }
}

#[cfg(test)]
mod tests;
