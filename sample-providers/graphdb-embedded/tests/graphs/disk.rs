//! The process is killed, and the disk is full.

use std::{
    env,
    io::{BufRead, BufReader, Write, stdout},
    process::{Command, Stdio},
};

use provider_core::ErrorKind;

use crate::provider::{link, one, provider, run};

/// Says to a test that it is the child of another one, and where the graphs are.
const CHILD: &str = "GRAPHDB_EMBEDDED_TEST_CHILD";

#[test]
fn child_that_writes_until_it_is_killed() {
    let Ok(path) = env::var(CHILD) else { return };
    let graphs = link(&provider(), "MACTOR", &[("PATH", &path)]).unwrap();
    let mut out = stdout().lock();
    for number in 0.. {
        run(&graphs, &format!("CREATE (:A {{n: {number}}})-[:R]->(:B)")).unwrap();
        writeln!(out, "acknowledged {number}").unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn a_killed_process_loses_nothing_that_it_has_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("graphs");
    let mut child = Command::new(env::current_exe().unwrap())
        .args(["--exact", "disk::child_that_writes_until_it_is_killed", "--nocapture"])
        .env(CHILD, &path)
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let lines = BufReader::new(child.stdout.take().unwrap()).lines();
    let mut acknowledged = lines
        .map(Result::unwrap)
        .filter_map(|line| line.split_once("acknowledged ")?.1.parse::<i64>().ok());
    let mut last = acknowledged.by_ref().take(20).last().unwrap();
    // The signal that cannot be handled, in the middle of whatever it does.
    child.kill().unwrap();
    child.wait().unwrap();
    last = acknowledged.last().unwrap_or(last);

    let graphs = link(&provider(), "MACTOR", &[("PATH", path.to_str().unwrap())]).unwrap();
    let count = |query: &str| one(&graphs, query).unwrap().int_value.unwrap();
    let whole = count("MATCH (a:A)-[:R]->(:B) RETURN count(a) AS n");
    assert!(whole > last, "{whole} of {last}");
    assert_eq!(count("MATCH (n) RETURN count(n) AS n"), 2 * whole);
}

#[test]
fn child_whose_disk_becomes_full() {
    let Ok(path) = env::var(CHILD) else { return };
    let graphs = link(&provider(), "MACTOR", &[("PATH", &path)]).unwrap();
    let text = "x".repeat(10_000);
    let mut written = 0;
    let error = loop {
        match run(&graphs, &format!("CREATE (:A {{text: '{text}'}})")) {
            Ok(()) => written += 1,
            Err(error) => break error,
        }
        assert!(written < 1000, "the disk is never full");
    };
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    // What is there can be read, and is all that was acknowledged.
    assert_eq!(one(&graphs, "MATCH (a:A) RETURN count(a) AS n").unwrap(), written.into());
    println!("wrote {written}");
}

/// No file of the child may become larger than this many blocks of 512 bytes. The signal that tells of it
/// is ignored, so that it is an error of the write, as on a disk that is full.
const FULL: &str = r#"trap "" XFSZ; ulimit -f 2000; exec "$0" "$@""#;

#[test]
fn a_full_disk_is_an_error_of_its_kind_and_loses_nothing() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("graphs");
    let child = Command::new("sh")
        .args(["-c", FULL])
        .arg(env::current_exe().unwrap())
        .args(["--exact", "disk::child_whose_disk_becomes_full", "--nocapture"])
        .env(CHILD, &path)
        .output()
        .unwrap();
    let said = String::from_utf8_lossy(&child.stdout).into_owned();
    let complaint = String::from_utf8_lossy(&child.stderr).into_owned();
    assert!(child.status.success(), "{said}\n{complaint}");
    let written = said.lines().find_map(|line| line.split_once("wrote ")?.1.parse::<i64>().ok());
    let written = written.unwrap_or_else(|| panic!("{said}"));
    assert!(written > 1, "{said}");
    let graphs = link(&provider(), "MACTOR", &[("PATH", path.to_str().unwrap())]).unwrap();
    assert_eq!(one(&graphs, "MATCH (a:A) RETURN count(a) AS n").unwrap(), written.into());
    run(&graphs, "CREATE (:A)").unwrap();
}
