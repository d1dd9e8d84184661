//! A process that is killed loses nothing that it has acknowledged.

use std::{
    env,
    io::{BufRead, BufReader, Write},
    path::Path,
    process::{Command, Stdio},
};

use crate::provider::{Hand, Running};

/// The file that a child of this test writes to. Without it the child's test has nothing to do.
const CHILD: &str = "KEYVALUE_EMBEDDED_TEST_FILE";

/// Writes until it is killed, and says on standard output what was acknowledged.
#[test]
fn child_that_writes_until_it_is_killed() {
    let Some(path) = env::var_os(CHILD) else {
        return;
    };
    let running = Running::new(&Hand::new());
    let keys = running.link("MACTOR", Path::new(&path)).unwrap();
    let mut out = std::io::stdout();
    for number in 0.. {
        keys.set(format!("k{number}"), format!("v{number}"), 0).unwrap();
        keys.push("list".into(), number.to_string()).unwrap();
        keys.set_add("set".into(), number.to_string()).unwrap();
        writeln!(out, "acknowledged {number}").unwrap();
        out.flush().unwrap();
    }
}

#[test]
fn a_killed_process_loses_nothing_that_it_has_acknowledged() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.redb");
    for round in 1..=3 {
        let mut child = Command::new(env::current_exe().unwrap())
            .args(["--exact", "killed::child_that_writes_until_it_is_killed", "--nocapture"])
            .env(CHILD, &path)
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let lines = BufReader::new(child.stdout.take().unwrap()).lines();
        let mut acknowledged = lines
            .map(Result::unwrap)
            .filter_map(|line| line.split_once("acknowledged ")?.1.parse::<i32>().ok());
        let mut last = acknowledged.by_ref().take(10 * round).last().unwrap();
        // The signal that cannot be handled, in the middle of whatever it does.
        child.kill().unwrap();
        child.wait().unwrap();
        // What it said before it died counts as well.
        last = acknowledged.last().unwrap_or(last);

        let running = Running::new(&Hand::new());
        let keys = running.link("MACTOR", &path).unwrap();
        for number in 0..=last {
            let found = keys.get(format!("k{number}")).unwrap();
            assert_eq!(found.value, format!("v{number}"), "after {last}");
        }
        let items = keys.range("list".into(), 0, -1).unwrap().values;
        let members = keys.set_query("set".into()).unwrap().values;
        for number in 0..=last {
            let number = number.to_string();
            assert!(items.contains(&number) && members.contains(&number), "{number}");
        }
    }
}
