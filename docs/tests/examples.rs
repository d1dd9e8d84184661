//! The examples of the checks that are not Rust: C is compiled, TOML is read. Rust is compiled as the
//! documentation's tests.
#![expect(dead_code, reason = "each test uses its part of the module")]
#![cfg(unix)]

mod pages;

use std::{
    env, fs,
    path::Path,
    process::{Command, Output},
};

use pages::{blocks, root};
use provider_testkit::checks;

/// Compiles a piece of C, with what every provider includes.
fn compile(name: &str, source: &str) -> Output {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("examples");
    fs::create_dir_all(&folder).expect("the folder can be made");
    let file = folder.join(format!("{name}.c"));
    fs::write(&file, source).expect("the source can be written");
    Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()))
        .args(["-std=c99", "-D_GNU_SOURCE", "-fsyntax-only", "-Wall", "-Wextra", "-Werror"])
        // A piece is not used by anything, and one that fails may ignore what it should look at.
        .args(["-Wno-unused-function", "-Wno-unused-variable", "-Wno-unused-const-variable"])
        .args(["-Wno-unused-result", "-Wno-missing-field-initializers"])
        .args(["stdio.h", "stdlib.h", "string.h", "pthread.h", "unistd.h", "signal.h"].map(include))
        .args(["locale.h", "fcntl.h", "sys/stat.h", "dlfcn.h", "time.h"].map(include))
        .arg("-I")
        .arg(root().join("provider-core/include"))
        .arg("-includecapability_provider.h")
        .arg(&file)
        .output()
        .expect("a C compiler is needed")
}

fn include(header: &str) -> String {
    format!("-include{header}")
}

const CALLS: &str = include_str!("pages/calls_in_c.h");

#[test]
fn every_example_in_c_compiles() {
    for check in checks() {
        for (index, block) in blocks(check.example, "c").iter().enumerate() {
            let name = format!("{}-{index}", check.id.replace("::", "-"));
            // A provider with calls in flight is too long to be in each of them.
            let calls = if check.id.starts_with("async::") { CALLS } else { "" };
            let output = compile(&name, &format!("{calls}{block}"));
            let told = String::from_utf8_lossy(&output.stderr);
            assert!(output.status.success(), "{}: {told}", check.id);
        }
    }
    assert!(!compile("wrong", "int x = y;\n").status.success());
}

#[test]
fn every_example_in_toml_can_be_read() {
    for check in checks() {
        for block in blocks(check.example, "toml") {
            let read: Result<toml::Table, _> = toml::from_str(&block);
            assert!(read.is_ok(), "{}: {read:?}", check.id);
        }
    }
}

#[test]
fn every_example_fails_and_is_mended() {
    const LANGUAGES: [&str; 5] = ["rust", "c", "toml", "sh", "text"];
    for check in checks().iter().filter(|check| !check.example.is_empty()) {
        let count: usize =
            LANGUAGES.iter().map(|language| blocks(check.example, language).len()).sum();
        let fences = check.example.lines().filter(|line| line.starts_with("```")).count();
        assert!(count >= 2, "{}: what fails, and what does not", check.id);
        assert_eq!(fences, count * 2, "{}: a block of another language", check.id);
        for block in LANGUAGES.iter().flat_map(|language| blocks(check.example, language)) {
            let visible = block.lines().filter(|line| !line.starts_with("# ") && *line != "#");
            assert!(visible.count() <= 20, "{}: an example is short", check.id);
        }
    }
}
