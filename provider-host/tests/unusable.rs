//! Libraries that are no provider for this host: each gets its own error, one line that names it, and
//! nothing of it is called that should not be.
#![expect(unsafe_code, reason = "unloading is unsafe")]

use std::{
    fs,
    path::{Path, PathBuf},
    process::Command,
};

use provider_core::{NullDispatcher, description::Description};
use provider_host::{Library, OpenError};

fn folder() -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("unusable");
    fs::create_dir_all(&folder).expect("the folder can be made");
    folder
}

/// Builds a library from C; the header is at hand.
fn library(name: &str, source: &str) -> PathBuf {
    let (file, library) =
        (folder().join(format!("{name}.c")), folder().join(format!("lib{name}.so")));
    fs::write(&file, source).expect("the source can be written");
    let include = Path::new(env!("CARGO_MANIFEST_DIR")).join("../provider-core/include");
    let status = Command::new(std::env::var_os("CC").unwrap_or_else(|| "cc".into()))
        .args(["-std=c99", "-shared", "-fPIC", "-I"])
        .arg(include)
        .arg("-o")
        .args([&library, &file])
        .status()
        .expect("a C compiler is needed");
    assert!(status.success(), "{name} cannot be built");
    library
}

fn error(path: &Path) -> OpenError {
    let error = Library::open(path).expect_err("it is unusable");
    let text = error.to_string();
    let name = path.file_name().expect("it has a name").to_string_lossy().into_owned();
    assert!(text.contains(&name) && !text.contains('\n'), "{text}");
    error
}

#[test]
fn a_file_that_is_not_there_or_no_library_is_named() {
    assert!(matches!(error(&folder().join("missing.so")), OpenError::File { .. }));
    for (name, contents) in [("text.so", "I am a text\n"), ("empty.so", "")] {
        let path = folder().join(name);
        fs::write(&path, contents).expect("the file can be written");
        assert!(matches!(error(&path), OpenError::Load { .. }));
    }
}

#[test]
fn a_library_without_the_symbols_is_no_provider() {
    let path = library("stranger", "int something(void) { return 1; }\n");
    assert!(matches!(error(&path), OpenError::NotAProvider { .. }));
}

#[test]
fn a_library_of_the_old_interface_is_named_and_not_called() {
    let source = "#include <stdlib.h>\nvoid *__capability_provider_create(void) { abort(); }\n";
    let error = error(&library("old_interface", source));
    assert!(matches!(error, OpenError::OldInterface { .. }));
    assert!(error.to_string().contains("2021") && error.to_string().contains("ABI 1."), "{error}");
}

/// A provider in C with one thing changed.
fn provider(name: &str, describe: &str, create: &str) -> PathBuf {
    library(name, &source(describe, create, "return CP_FAILED"))
}

/// What such a provider with a `describe_json` that does `json` says of itself.
fn described(name: &str, json: &str) -> Result<Option<Description>, OpenError> {
    let describe = "descriptor.describe_json = describe_json";
    let path = library(name, &source(describe, "", json));
    Library::open(path).expect("its descriptor is right").describe()
}

fn source(describe: &str, create: &str, json: &str) -> String {
    format!(
        r#"#include "capability_provider.h"
#include <string.h>
static cp_status say(cp_sink *s, const char *t) {{ return s->table->write(s, (const uint8_t *)t, strlen(t)); }}
static cp_status describe_json(cp_sink *s) {{ (void)s; (void)say; {json}; }}
static const cp_op op = {{ CP_STR("Op"), CP_STR(""), 0, 0 }};
static cp_descriptor descriptor = {{ sizeof descriptor, CP_ABI_MAJOR, CP_ABI_MINOR, 0, 0, 1, &op, sizeof op,
    CP_STR("test:c"), CP_STR(""), CP_STR("c"), CP_STR("1.0.0"), CP_STR("") }};
static cp_status configure(cp_provider *p, const cp_host *h, cp_sink *s) {{ (void)p; (void)h; (void)s; return 0; }}
static cp_status call(cp_provider *p, const cp_request *r, cp_sink *s) {{ (void)p; (void)r; (void)s; return 0; }}
static cp_status stop(cp_provider *p, cp_sink *s) {{ (void)p; (void)s; return 0; }}
static cp_status destroy(cp_provider *p) {{ (void)p; return 0; }}
static const void *extension(cp_provider *p, const char *n, size_t l) {{ (void)p; (void)n; (void)l; return 0; }}
static cp_provider_table table = {{ sizeof table, CP_ABI_MAJOR, CP_ABI_MINOR, configure, call, stop, destroy, extension }};
static cp_provider object = {{ &table }};
const cp_descriptor *__capability_provider_describe(void) {{ {describe}; return &descriptor; }}
cp_provider *__capability_provider_create(void) {{ {create}; return &object; }}
"#
    )
}

#[test]
fn a_provider_in_c_is_described_and_runs() {
    let library = Library::open(provider("whole", "", "")).expect("it is a provider");
    assert_eq!(library.description().contract, "test:c");
    assert_eq!(library.description().problems(), Vec::<String>::new());
    let running =
        library.create().expect("it makes one").configure(NullDispatcher).expect("it runs");
    assert_eq!(&*running.call("A", "Op", b"").expect("it answers"), b"");
    running.stop().expect("it stops");
}

#[test]
fn another_major_version_names_both_sides() {
    let error =
        error(&provider("version", "descriptor.abi_major = 7; descriptor.abi_minor = 3", ""));
    assert!(matches!(error, OpenError::AbiVersion { theirs: (7, 3), .. }));
    assert!(
        error.to_string().contains("ABI 7.3") && error.to_string().contains("ABI 1.1"),
        "{error}"
    );
}

#[test]
fn a_descriptor_that_breaks_the_rules_names_the_member() {
    for (name, change, place) in [
        ("null", "return 0", "address"),
        ("size", "descriptor.size = 4", "size is 4"),
        ("null_text", "descriptor.name.ptr = 0", "name has 1 bytes"),
        (
            "not_utf8",
            r#"descriptor.vendor.ptr = "\xff"; descriptor.vendor.len = 1"#,
            "vendor is not UTF-8",
        ),
        ("stride", "descriptor.op_stride = 1", "op_stride is 1"),
        ("no_ops", "descriptor.ops = 0", "address of the operations"),
        ("many_ops", "descriptor.op_count = 100000000", "100000000 operations"),
    ] {
        let error = error(&provider(name, change, ""));
        assert!(matches!(error, OpenError::Descriptor { .. }));
        assert!(error.to_string().contains(place), "{error}");
    }
}

#[test]
fn a_library_may_say_more_of_itself_and_one_of_1_0_says_no_more() {
    // A function whose descriptor ends before it is none.
    let old = "descriptor.size = CP_SIZE_UP_TO(cp_descriptor, build), \
               descriptor.describe_json = describe_json";
    for (name, change) in [("says_no_more", ""), ("of_1_0", old)] {
        let library = Library::open(provider(name, change, "")).expect("it is a provider");
        assert_eq!(library.describe().expect("nothing is wrong"), None);
    }
    let json = r#"{ "schema_version": 1, "contract": "test:c", "later": 7, "operations": [{ "name": "Op" }] }"#;
    let more = described("says_more", &format!("return say(s, {json:?})"))
        .expect("it is right")
        .expect("there is more");
    assert_eq!((&*more.contract, &*more.operations[0].name), ("test:c", "Op"));
    assert_eq!((&more.operations[0].arguments, &more.link), (&None, &None));
}

#[test]
fn the_default_of_a_secret_is_not_passed_on() {
    let value =
        |key, secret| format!(r#"{{ "key": "{key}", "default": "hunter2", "secret": {secret} }}"#);
    let json = format!(
        r#"{{ "schema_version": 1, "contract": "test:c", "operations": [{{ "name": "Op" }}],
            "link": [{}, {}] }}"#,
        value("USER", false),
        value("PASSWORD", true)
    );
    let read = described("tells_a_secret", &format!("return say(s, {json:?})"))
        .expect("it is right")
        .expect("there is more");
    let defaults: Vec<_> =
        read.link.iter().flatten().map(|value| value.default.as_deref()).collect();
    assert_eq!(defaults, [Some("hunter2"), None]);
}

#[test]
fn a_document_that_breaks_the_rules_is_refused_with_what_is_wrong() {
    // A string of Rust, as Rust writes it, is one of C.
    let says = |text: &str| format!("return say(s, {text:?})");
    let head = r#"{ "schema_version": 1, "contract": "test:c""#;
    let nested = format!("{}{}", "[".repeat(300), "]".repeat(300));
    let deep = format!(
        r#"{head}, "operations": [{{ "name": "Op", "examples": [{{ "request": {nested} }}] }}] }}"#
    );
    for (name, json, problem) in [
        ("json_fails", r#"return s->table->fail(s, CP_UNAVAILABLE, "not now", 7)"#.into(), "not now"),
        ("json_none", "return CP_OK".into(), "EOF while parsing"),
        ("json_text", says("Op"), "expected value at line 1"),
        ("json_utf8", r#"return say(s, "\"\xff\"")"#.into(), "invalid"),
        ("json_version", says(r#"{ "schema_version": 2 }"#), "schema_version is 2, 1 is expected"),
        ("json_lacks", says(&format!("{head} }}")), "missing field `operations`"),
        (
            "json_other",
            says(r#"{ "schema_version": 1, "contract": "test:d", "operations": [] }"#),
            "the contract \"test:d\", the descriptor has \"test:c\"",
        ),
        (
            "json_more",
            says(&format!(r#"{head}, "operations": [{{ "name": "Op" }}, {{ "name": "Po" }}] }}"#)),
            "the operation \"Po\", which the descriptor does not list",
        ),
        (
            "json_less",
            says(&format!(r#"{head}, "operations": [] }}"#)),
            "does not describe the operation \"Op\"",
        ),
        ("json_deep", says(&deep), "recursion limit"),
        (
            "json_large",
            "static uint8_t all[1 << 20]; for (int i = 0; i < 5; ++i) s->table->write(s, all, sizeof all); return CP_OK".into(),
            "longer than 4194304 bytes",
        ),
    ] {
        let error = described(name, &json).expect_err(name);
        assert!(matches!(error, OpenError::Descriptor { .. }));
        let text = error.to_string();
        assert!(text.contains("`describe_json`: ") && text.contains(problem), "{name}: {text}");
        assert!(!text.contains('\n'), "{text}");
    }
}

#[test]
fn a_provider_whose_table_breaks_the_rules_is_not_called() {
    for (name, change, place) in [
        ("no_object", "return 0", "returned null"),
        ("no_table", "object.table = 0", "address of its table"),
        ("table_size", "table.size = 16", "table's size is 16"),
        ("table_version", "table.abi_major = 2", "ABI 2.1"),
        ("no_stop", "table.stop = 0", "`stop` in its table is null"),
    ] {
        let library = Library::open(provider(name, "", change)).expect("it describes itself");
        let error = library.create().expect_err("its provider is unusable");
        assert!(matches!(error, OpenError::Create { .. }));
        assert!(error.to_string().contains(place), "{error}");
    }
}

#[test]
fn one_provider_at_a_time_if_the_library_says_so() {
    let path = provider("single", "descriptor.flags = CP_SINGLE_INSTANCE", "");
    let library = Library::open(path).expect("it is a provider");
    let first = library.create().expect("the first");
    assert!(library.create().expect_err("a second").to_string().contains("one provider at a time"));
    let again = Library::open(library.path()).expect("it is the same library");
    assert!(again.create().is_err(), "the file was opened twice, and loaded once");
    drop(first);
    again.create().expect("another first");
}

fn unload(library: Library) -> Result<(), (Library, &'static str)> {
    // SAFETY: none of these providers gave a reply.
    unsafe { library.unload() }
}

#[test]
fn a_library_is_unloaded_only_when_it_may_be_and_nothing_is_in_use() {
    let library = Library::open(provider("stays", "", "")).expect("it is a provider");
    let (library, reason) = unload(library).expect_err("it does not say that it can be");
    assert!(reason.contains("does not say"));
    drop(library);
    let path = provider("leaves", "descriptor.flags = CP_UNLOADABLE", "");
    let library = Library::open(path).expect("it is a provider");
    let provider = library.create().expect("it makes one");
    let (library, reason) = unload(library).expect_err("it is in use");
    assert!(reason.contains("in use"));
    drop(provider);
    unload(library).expect("nothing is in use");
}
