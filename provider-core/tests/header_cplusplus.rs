//! The header is C++ too. Where the compiler knows no C++ the test is not made, and in continuous
//! integration that is a failure.

use std::{
    env, fs,
    path::Path,
    process::{Command, ExitCode},
};

use libtest_mimic::{Arguments, Completion, Failed, Trial};

fn main() -> ExitCode {
    let trial = Trial::ignorable_test("the_header_is_cplusplus_too", the_header_is_cplusplus_too);
    libtest_mimic::run(&Arguments::from_args(), vec![trial]).exit_code()
}

fn accepts(text: &str) -> Result<bool, Failed> {
    let source = Path::new(env!("CARGO_TARGET_TMPDIR")).join("header.cpp");
    fs::write(&source, text)?;
    let status = Command::new(env::var_os("CC").unwrap_or_else(|| "cc".into()))
        .arg("-I")
        .arg(Path::new(env!("CARGO_MANIFEST_DIR")).join("include"))
        .args(["-x", "c++", "-std=c++11", "-Wall", "-Wextra", "-Werror", "-fsyntax-only"])
        .arg(&source)
        .status()?;
    Ok(status.success())
}

fn the_header_is_cplusplus_too() -> Result<Completion, Failed> {
    if !accepts("int main() {}\n")? {
        let reason = "the C compiler here knows no C++";
        if env::var("CI").is_ok_and(|ci| ci == "true") {
            return Err(Failed::from(reason));
        }
        return Ok(Completion::ignored_with(reason));
    }
    if accepts("#include \"capability_provider.h\"\n")? {
        Ok(Completion::Completed)
    } else {
        Err(Failed::from("a C++ compiler refuses the header"))
    }
}
