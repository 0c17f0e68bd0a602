use super::*;

const ENTRY: &str = "__wbg_set_wasm(wasm);\nwasm.__wbindgen_start();";
const MODULE_TEXT: &str = "
    /**
     * @param {string} text calls wasm.nothing
     */
    export function handle(text) { return wasm.handle(text, wasm.__wbindgen_malloc); }
    export function __wbg_now_0123() {
        // Cast intrinsic
        return Date.now();
    }
    const cachedTextEncoder = new TextEncoder();
    if (!('encodeInto' in cachedTextEncoder)) {
        cachedTextEncoder.encodeInto = function (arg, view) {
            const buf = cachedTextEncoder.encode(arg);
            view.set(buf);
            return {
                read: arg.length,
                written: buf.length
            };
        };
    }

    let wasm;
    export function __wbg_set_wasm(val) {
        wasm = val;
    }";

fn shape() -> Shape {
    let owned = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    Shape {
        imports: owned(&["__wbg_now_0123"]),
        exports: owned(&["memory", "handle", "__wbindgen_malloc", "__wbindgen_start"]),
    }
}

#[test]
fn the_glue_is_one_function_with_short_names() {
    let glue = transform(ENTRY, MODULE_TEXT, &shape()).expect("the text is as expected");
    assert!(
        glue.text
            .starts_with("export function glue(announce, discard, ")
    );
    assert_eq!(glue.text.matches("export ").count(), 1, "{}", glue.text);
    assert!(
        glue.text.contains("imports: { t: { a: __wbg_now_0123, } }"),
        "{}",
        glue.text
    );
    assert!(
        glue.text
            .contains("function handle(text) { return wasm.a(text, wasm.b); }")
    );
    assert!(
        glue.text
            .contains("wasm = exports; wasm.c(); return { handle };")
    );
    assert!(!glue.text.contains("encodeInto"));
    assert!(!glue.exports.contains_key("memory"), "nobody uses it");
}

#[test]
fn a_text_that_changed_fails_the_build() {
    let changes = [
        ("let wasm;", "var wasm;"),
        ("export function handle", "export const handle"),
        (
            "const cachedTextEncoder",
            "import x from 'y';\n const cachedTextEncoder",
        ),
        ("wasm.__wbindgen_malloc", "wasm.__wbindgen_new_name"),
        ("__wbg_now_0123", "__wbg_now_4567"),
        ("view.set(buf);", "view.set(buf, 0);"),
    ];
    for (from, to) in changes {
        let text = MODULE_TEXT.replace(from, to);
        assert_ne!(text, MODULE_TEXT, "{from} is in the sample");
        assert!(
            transform(ENTRY, &text, &shape()).is_err(),
            "{from} became {to}"
        );
    }
}

#[test]
fn short_names_never_repeat() {
    let names = (0..3000).map(short).collect::<BTreeSet<_>>();
    assert_eq!(names.len(), 3000);
    assert_eq!(
        (short(0), short(51), short(52)),
        ("a".into(), "Z".into(), "aa".into())
    );
}
