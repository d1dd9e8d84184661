//! Hands the compiler's version and the target to the crate: a provider's self-description names
//! what it was built with.

use std::{env, process::Command};

fn main() {
    let rustc = env::var("RUSTC").unwrap_or_else(|_| String::from("rustc"));
    let version = Command::new(rustc)
        .arg("--version")
        .output()
        .ok()
        .and_then(|output| String::from_utf8(output.stdout).ok())
        .map_or_else(|| String::from("rustc"), |text| text.trim().to_owned());
    let target = env::var("TARGET").unwrap_or_default();
    println!("cargo::rustc-env=PROVIDER_CORE_RUSTC={version}");
    println!("cargo::rustc-env=PROVIDER_CORE_TARGET={target}");
    println!("cargo::rerun-if-changed=build.rs");
}
