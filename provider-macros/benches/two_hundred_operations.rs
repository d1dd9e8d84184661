//! What a large contract costs its author at every `cargo check`: 200 operations of three arguments, with
//! their client and a provider. `cargo bench -p provider-macros` prints the time; nothing is asserted, how
//! many lines an operation may expand to is in `tests/expansion.rs`.
#![expect(clippy::unwrap_used, clippy::print_stdout, reason = "a program that measures")]

use std::{env, fmt::Write as _, fs, path::Path, process::Command, time::Instant};

const OPERATIONS: usize = 200;

fn main() {
    let here = Path::new(env!("CARGO_MANIFEST_DIR"));
    let tmp = Path::new(env!("CARGO_TARGET_TMPDIR")).join("two_hundred_operations");
    fs::create_dir_all(&tmp).unwrap();
    let manifest = format!(
        "[package]\nname = 'two-hundred-operations'\nedition = '2024'\n[lib]\npath = 'lib.rs'\n\
         [dependencies]\nprovider-core = {{ path = '{}' }}\n[workspace]\n",
        here.join("../provider-core").display(),
    );
    fs::write(tmp.join("Cargo.toml"), manifest).unwrap();
    fs::copy(here.join("../Cargo.lock"), tmp.join("Cargo.lock")).unwrap();
    // Once for what it depends on.
    for (what, operations) in [("first", 1), ("one", 1), ("all", OPERATIONS)] {
        fs::write(tmp.join("lib.rs"), source(operations)).unwrap();
        let start = Instant::now();
        let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["check", "--offline", "--quiet", "--target-dir"])
            .arg(tmp.join("target"))
            .current_dir(&tmp)
            .status()
            .unwrap();
        assert!(status.success());
        if what != "first" {
            println!("cargo check, operations: {operations:>3}, time: {:.2?}", start.elapsed());
        }
    }
}

fn source(operations: usize) -> String {
    let (mut declared, mut implemented) = (String::new(), String::new());
    for number in 0..operations {
        let signature = format!(
            "fn operation_{number}(&self, cx: Cx<'_, Self>, key: String, value: Vec<u64>, expires: Option<i64>) \
             -> OpResult<Option<String>>"
        );
        // Writing to a string does not fail.
        let _ = writeln!(declared, "/// Does something.\n{signature};");
        let body = "{ let _ = (cx, value, expires); Ok(Some(key)) }";
        let _ = writeln!(implemented, "{signature} {body}");
    }
    format!(
        "use provider_core::prelude::*;\n\
         #[contract(\"example:large\")]\npub trait Large {{ {declared} }}\n\
         #[derive(Default)]\npub struct Kv;\n\
         impl Provider for Kv {{\n type Link = ();\n\
         fn link(&self, _: &LinkConfig) -> Result<(), BoxError> {{ Ok(()) }}\n}}\n\
         #[capability_provider]\nimpl Large for Kv {{ {implemented} }}\n"
    )
}
