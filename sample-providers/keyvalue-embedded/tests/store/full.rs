//! A disk that takes no more: what was acknowledged stays, and all goes on when there is room again.
//!
//! A process may make its files only so long as it was told, which fails as a full disk does: in the middle
//! of a write. The limit is a process's own, so the test is one.

use std::{
    env,
    path::Path,
    process::Command,
    thread,
    time::{Duration, Instant},
};

use provider_core::{Error, ErrorKind, codec, ops};
use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};

use crate::provider::{Hand, Keys, Running};

/// The file that a child of this test writes to. Without it the child's test has nothing to do.
const CHILD: &str = "KEYVALUE_EMBEDDED_TEST_FULL";
/// How long the file may become.
const LENGTH: u64 = 4 * 1024 * 1024;
const SOON: Duration = Duration::from_secs(30);

/// The longest that files of this process may become, or no limit.
fn limit(length: Option<u64>) {
    let current = length.or(getrlimit(Resource::Fsize).maximum);
    setrlimit(Resource::Fsize, Rlimit { current, maximum: getrlimit(Resource::Fsize).maximum })
        .unwrap();
}

fn eventually<T>(mut act: impl FnMut() -> Result<T, Error>) -> T {
    let begin = Instant::now();
    loop {
        match act() {
            Ok(done) => return done,
            Err(error) => {
                assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
                assert!(begin.elapsed() < SOON, "it stays away: {error}");
                thread::sleep(Duration::from_millis(20));
            }
        }
    }
}

fn health(running: &Running) -> ops::HealthResponse {
    let request = codec::encode(&ops::HealthRequest::default()).unwrap();
    let reply = provider_core::CapabilityProvider::handle_call(
        &running.0,
        ops::SYSTEM_ACTOR,
        ops::OP_HEALTH_REQUEST,
        &request,
    );
    codec::decode(&reply.unwrap()).unwrap()
}

/// Writes until the disk takes no more, and returns how many writes it took.
fn fill(keys: &Keys, from: usize) -> usize {
    for number in from.. {
        let written = keys.set(format!("k{number}"), value(number), 0);
        if let Err(error) = written {
            assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
            return number;
        }
    }
    unreachable!("a disk takes no more at some time")
}

fn value(number: usize) -> String {
    format!("{number:-<20000}")
}

#[test]
fn child_that_fills_its_disk() {
    let Some(path) = env::var_os(CHILD) else {
        return;
    };
    let running = Running::new(&Hand::new());
    let keys = running.link("MACTOR", Path::new(&path)).unwrap();
    assert!(health(&running).healthy);
    limit(Some(LENGTH));
    let mut written = 0;
    for _ in 0..2 {
        written = eventually(|| Ok(fill(&keys, written)));
        // Whatever can be read was not changed by the write that failed.
        for number in 0..written {
            let found = eventually(|| keys.get(format!("k{number}")));
            assert_eq!(found.value, value(number));
        }
        assert!(!keys.key_exists(format!("k{written}")).unwrap().exists);
    }
    assert!(written > 10, "{written}");
    fill(&keys, written);
    let message = health(&running).message;
    assert!(!health(&running).healthy && message.contains("File too large"), "{message}");
    // There is room again: it goes on by itself.
    limit(None);
    eventually(|| keys.set("more".into(), value(0), 0));
    assert!(health(&running).healthy);
    running.unlink("MACTOR");
    let keys = running.link("MACTOR", Path::new(&path)).unwrap();
    assert_eq!(keys.get("more".into()).unwrap().value, value(0));
    for number in 0..written {
        assert_eq!(keys.get(format!("k{number}")).unwrap().value, value(number));
    }
}

#[test]
fn a_disk_that_is_full_loses_nothing_and_all_goes_on_when_it_has_room() {
    let folder = tempfile::tempdir().unwrap();
    // Without the signal, which would end the process, a write beyond the limit is an error.
    let child = Command::new("sh")
        .args(["-c", r#"trap '' XFSZ; exec "$@""#, "sh"])
        .arg(env::current_exe().unwrap())
        .args(["--exact", "full::child_that_fills_its_disk", "--nocapture"])
        .env(CHILD, folder.path().join("keys.redb"))
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stderr);
    assert!(child.status.success(), "{said}");
}
