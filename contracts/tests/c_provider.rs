//! The scenarios against a provider that shares no line with this crate: the one in C, behind the C
//! ABI.
#![cfg(unix)]

use std::{path::Path, process::Command, thread, time::Duration};

use provider_contracts::keyvalue::scenario::{Subject, pinned};
use provider_core::NullDispatcher;
use provider_host::Library;

#[test]
fn the_provider_in_c_keeps_every_pinned_rule() {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../sample-providers/c-keyvalue");
    let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join("libc_keyvalue_for_scenarios.so");
    let built = Command::new("sh")
        .arg(sources.join("build.sh"))
        .arg(&library)
        .status()
        .expect("`sh` can be started");
    assert!(built.success(), "a C compiler is needed: set CC");
    let library = Library::open(&library).unwrap();
    thread::scope(|scope| {
        for scenario in pinned() {
            let library = &library;
            // Its clock cannot be moved: those that wait do it at the same time.
            scope.spawn(move || {
                let provider = library.create().unwrap();
                let provider = provider.configure(NullDispatcher).unwrap();
                let mut wait = |seconds| thread::sleep(Duration::from_secs(seconds));
                scenario
                    .run(&mut Subject::new(&provider, &mut wait))
                    .unwrap_or_else(|failure| panic!("{failure}"));
                let stopped = provider.stop().unwrap();
                stopped.destroy().unwrap();
            });
        }
    });
}
