//! The guide's steps in other languages, as a reader takes them: the skeleton in C is a provider that a
//! host can call.
#![expect(dead_code, reason = "each test uses its part of the module")]
#![expect(clippy::unwrap_used, reason = "a test")]
#![cfg(unix)]

#[path = "pages/libraries.rs"]
mod libraries;
mod pages;

use std::{
    collections::BTreeMap,
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use pages::{blocks, read, root};
use provider_core::{ErrorKind, NullDispatcher, codec};
use provider_host::Library;

fn scratch(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::create_dir_all(&folder).expect("the folder can be made");
    folder
}

/// The provider of the page for other languages, compiled, and its configuration.
fn greeter(folder: &str) -> (PathBuf, PathBuf) {
    let page = read("docs/src/guide/other-languages.md");
    let folder = scratch(folder);
    let (source, library) = (folder.join("greeter.c"), folder.join("libgreeter.so"));
    let configuration = folder.join("provider-testkit.toml");
    fs::write(&source, blocks(&page, "c").concat()).unwrap();
    fs::write(&configuration, &blocks(&page, "toml")[0]).unwrap();
    let status = Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()))
        .args(["-std=c99", "-Wall", "-Wextra", "-Wpedantic", "-Werror", "-fPIC", "-shared"])
        .args(["-pthread", "-fvisibility=hidden", "-I"])
        .arg(root().join("provider-core/include"))
        .arg(&source)
        .arg("-o")
        .arg(&library)
        .status()
        .expect("a C compiler is needed");
    assert!(status.success());
    (library, configuration)
}

#[test]
fn the_provider_in_c_keeps_every_rule() {
    let (library, configuration) = greeter("greeter");
    let output = Command::new(libraries::cargo_program("cargo-provider"))
        .args(["provider", "check"])
        .arg(&library)
        .arg("--config")
        .arg(&configuration)
        .args(["--level", "should"])
        .output()
        .unwrap();
    let told = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{told}\n{}", String::from_utf8_lossy(&output.stderr));
    for sampled in ["ops::sample::Greet", "ops::malformed::Greet"] {
        assert!(told.contains(&format!("pass     {sampled} ")), "{told}");
    }
}

#[test]
fn the_provider_in_c_answers_its_callers() {
    let (library, _) = greeter("greeter-called");
    let library = Library::open(&library).unwrap();
    let provider = library.create().unwrap().configure(NullDispatcher).unwrap();
    let greet = |actor, name: &str| {
        provider.call(
            actor,
            "Greet",
            &codec::encode(&[("name", name)].into_iter().collect::<BTreeMap<_, _>>()).unwrap(),
        )
    };
    assert_eq!(greet("MACTOR", "you").unwrap_err().kind(), ErrorKind::NotLinked);
    provider.bind("MACTOR", [("", "")]).unwrap();
    for name in ["", "you", "\u{1f980}", &"x".repeat(60_000)] {
        let reply = greet("MACTOR", name).unwrap();
        assert_eq!(codec::decode::<String>(&reply).unwrap(), format!("Hello, {name}"));
    }
    assert_eq!(greet("MACTOR", &"x".repeat(70_000)).unwrap_err().kind(), ErrorKind::TooLarge);
    let mixed = b"\x82\xa1x\x92\xcb\0\0\0\0\0\0\0\0\xc7\x01\x05z\xa4name\xd9\x01a";
    let reply = provider.call("MACTOR", "Greet", mixed).unwrap();
    assert_eq!(codec::decode::<String>(&reply).unwrap(), "Hello, a");
    for wrong in
        [&b"\x81\xa4name\xa3\xed\xa0\x80"[..], b"\x81\xa4name\xa2\xc0\x80", b"\x81\xa4name\xa1a\0"]
    {
        let error = provider.call("MACTOR", "Greet", wrong).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::BadRequest);
    }
    provider.stop().unwrap().destroy().unwrap();
}

#[test]
fn the_guard_in_cpp_compiles() {
    let page = read("docs/src/guide/other-languages.md");
    let source = scratch("guard").join("guard.cpp");
    fs::write(&source, blocks(&page, "cpp").concat()).unwrap();
    let compiler = env::var_os("CXX").unwrap_or_else(|| "c++".into());
    let status = Command::new(compiler)
        .args(["-std=c++17", "-Wall", "-Wextra", "-Werror", "-Wno-unused", "-fsyntax-only", "-I"])
        .arg(root().join("provider-core/include"))
        .arg(&source)
        .status();
    // Nothing else here needs a compiler for C++: a machine may have none.
    assert!(status.is_err() || status.is_ok_and(|status| status.success()));
}
