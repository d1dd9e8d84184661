//! A disk that is full.

use std::{
    env,
    fs::{self, File},
    path::{Path, PathBuf},
    process::Command,
};

use provider_contracts::logging::Level;
use provider_core::ErrorKind;

use crate::{link_to, provider, texts};

/// Set in a process for which the disk is full: its folder.
const FOLDER: &str = "LOGGING_TEST_FULL";
const NAME: &str = "full::on_a_full_disk_exactly_what_is_acknowledged_is_there";

/// Runs this test in a process of its own, that a shell prepares.
fn on(program: &str, before: &str) {
    let folder = tempfile::tempdir().unwrap();
    let script = format!("{before} && exec \"$0\" --exact {NAME}");
    let words = program.split(' ').chain(["sh", "-c"]);
    let words: Vec<&str> = words.filter(|word| !word.is_empty()).collect();
    let output = Command::new(words[0])
        .args(&words[1..])
        .args([script.as_str(), env::current_exe().unwrap().to_str().unwrap()])
        .env(FOLDER, folder.path())
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success() && said.contains("1 passed"), "{program}: {said}{output:?}");
}

#[test]
fn on_a_full_disk_exactly_what_is_acknowledged_is_there() {
    if let Some(folder) = env::var_os(FOLDER) {
        return fill(Path::new(&folder));
    }
    // No file of the process may be longer: 16 blocks of 512 bytes, 1024 in some shells.
    on("", "trap '' XFSZ && ulimit -f 16");
    // Where a process may mount: a file system that really is full.
    let mine = Command::new("unshare").args(["-rm", "true"]).status();
    if mine.is_ok_and(|status| status.success()) {
        on("unshare -rm", &format!("mount -t tmpfs -o size=16k tmpfs \"${FOLDER}\""));
    }
}

fn fill(folder: &Path) {
    let path = folder.join("log.jsonl");
    let provider = provider();
    let client = link_to(&provider, "MACTOR", folder, &[]);
    let write = |text: String| client.write_log("t".into(), Level::Info, text);
    let mut acknowledged = Vec::new();
    // Where a long record has no room, a short one may have.
    for length in [500, 50, 0] {
        let error = loop {
            let text = format!("{} {}", acknowledged.len(), "x".repeat(length));
            match write(text.clone()) {
                Ok(()) => acknowledged.push(text),
                Err(error) => break error,
            }
            assert!(acknowledged.len() < 1000, "it does not become full");
        };
        assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
        assert!(error.message().contains("log.jsonl: "), "{error}");
    }
    assert!(acknowledged.len() > 5);
    // What was begun is no part of the file. The provider tells of it there when it finds room.
    let mut lines = texts(&path);
    lines.retain(|text| !text.starts_with("records that were not written: "));
    assert_eq!(lines, acknowledged);
    let emptied =
        |path: &PathBuf| File::options().write(true).open(path).unwrap().set_len(0).unwrap();
    let health = provider.health().unwrap();
    assert!(!health.healthy && health.message.contains("log.jsonl: "), "{health:?}");
    emptied(&path);
    let health = provider.health().unwrap();
    assert!(health.healthy, "{health:?}");
    write("after".into()).unwrap();
    let lines = texts(&path);
    assert!(lines[0].starts_with("records that were not written: "), "{lines:?}");
    assert_eq!(lines.last().unwrap(), "after");
    fs::remove_file(&path).unwrap();
}
