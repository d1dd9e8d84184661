//! A constructor that panics makes a provider that says so, instead of ending the process.
//!
//! In a test program of its own, which runs itself again: what makes the constructor panic is an
//! environment variable.

use std::{env, process::Command};

use provider_core::{ErrorKind, NullDispatcher};
use provider_host::Library;

const VARIABLE: &str = "PANICS_IN_CONSTRUCTOR";

#[test]
fn a_constructor_that_panics_makes_a_provider_that_says_so() {
    let library = Library::linked(&panics::ENTRY).unwrap();
    if env::var_os(VARIABLE).is_none() {
        library.create().unwrap().configure(NullDispatcher).unwrap().stop().unwrap();
        let status = Command::new(env::current_exe().unwrap())
            .args(["--exact", "a_constructor_that_panics_makes_a_provider_that_says_so"])
            .env(VARIABLE, "1")
            .status()
            .unwrap();
        assert!(status.success());
        return;
    }
    let error = library.create().unwrap().configure(NullDispatcher).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panic);
    assert!(error.message().contains("told to panic in the constructor"), "{error}");
    let instance = library.create_instance().unwrap();
    let error = instance.call("MACTOR", "Echo", b"").unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panic);
    instance.stop().unwrap();
    instance.destroy().unwrap();
}
