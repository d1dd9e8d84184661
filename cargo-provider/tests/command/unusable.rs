//! Files that are no provider.

use std::{fs, path::Path};

use tempfile::TempDir;

use crate::{
    command::run,
    libraries::{compiled, described},
};

/// Every command that takes a library refuses `path` with exit code 2 and one line that names it and
/// says `reason`.
#[track_caller]
fn refused(path: &Path, reason: &str) {
    let name = path.to_str().expect("the path is UTF-8");
    for arguments in [
        &["check", name][..],
        &["inspect", name],
        &["contract", name],
        &["call", name, "Get", "{}"],
    ] {
        let ran = run(arguments).ended_with(2);
        assert_eq!(ran.out, "", "{arguments:?}");
        let line = ran.line();
        assert!(line.starts_with("error: "), "{line}");
        assert!(line.contains(name), "{line}");
        assert!(line.contains(reason), "{arguments:?}: {line}");
    }
}

fn folder() -> TempDir {
    TempDir::new().expect("a temporary folder")
}

#[test]
fn a_path_that_does_not_exist_is_reported_as_such() {
    refused(&folder().path().join("libnothere.so"), "no such file");
}

#[test]
fn a_folder_is_no_library() {
    let folder = folder();
    refused(folder.path(), "not a file");
}

#[test]
fn a_text_is_no_library() {
    let folder = folder();
    let path = folder.path().join("libtext.so");
    fs::write(&path, "hello\n").unwrap();
    refused(&path, "text");
}

#[test]
fn an_empty_file_is_no_library() {
    let folder = folder();
    let path = folder.path().join("libempty.so");
    fs::write(&path, "").unwrap();
    refused(&path, "empty");
}

#[test]
fn a_library_that_breaks_off_is_damaged() {
    let folder = folder();
    let whole = fs::read(compiled(folder.path(), "whole", "int x;")).unwrap();
    let path = folder.path().join("libhalf.so");
    fs::write(&path, &whole[..whole.len() / 2]).unwrap();
    refused(&path, "");
}

#[test]
fn a_library_without_the_functions_is_no_provider() {
    let folder = folder();
    let library = compiled(folder.path(), "nosymbols", "int unused;");
    refused(&library, "__capability_provider_");
}

#[test]
fn a_library_of_the_old_interface_is_named_as_one() {
    let folder = folder();
    let source = "void *__capability_provider_create(void);\n\
                  void *__capability_provider_create(void) { return 0; }\n";
    refused(&compiled(folder.path(), "old", source), "2021");
}

#[test]
fn a_library_of_another_abi_is_refused_with_both_versions() {
    let folder = folder();
    let library = compiled(folder.path(), "future", &described("future", 99, ""));
    refused(&library, "99.0");
}

#[test]
fn a_library_that_crashes_while_it_is_loaded_has_failed_and_not_the_tool() {
    let folder = folder();
    let source = described(
        "crash",
        1,
        "#include <stdlib.h>\n__attribute__((constructor)) static void crash(void) { abort(); }",
    );
    let library = compiled(folder.path(), "crash", &source);
    for command in ["check", "inspect"] {
        let ran = run([command.as_ref(), library.as_os_str()]).ended_with(1);
        assert!(ran.err.contains("SIGABRT"), "{}", ran.err);
    }
}
