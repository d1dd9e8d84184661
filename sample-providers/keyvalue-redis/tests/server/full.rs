//! Servers that cannot take what they are given.

use provider_core::{Error, ErrorKind};

use crate::provider::{Keys, Running, ask, eventually, server};

const MIB: usize = 1024 * 1024;

pub(crate) fn a_value_of_1_mib_passes_and_one_above_the_limit_does_not() {
    let server = server(&[]);
    let running = Running::new();
    let values = [("URL", &*server.url()), ("MAX_VALUE_BYTES", "1048576")];
    let keys = running.link_with("MACTOR", &values).unwrap();
    let largest = "x".repeat(MIB);
    assert_eq!(keys.set("k".into(), largest.clone(), 0).unwrap().value.len(), MIB);
    assert!(keys.get("k".into()).unwrap().value == largest);
    keys.push("l".into(), largest.clone()).unwrap();
    assert!(keys.range("l".into(), 0, 0).unwrap().values == [largest.clone()]);
    let before: String = ask(&server, &["INFO", "keyspace"]);
    let above = largest + "x";
    for error in [
        keys.set("k".into(), above.clone(), 0).map(drop).unwrap_err(),
        keys.push("l".into(), above.clone()).unwrap_err(),
        keys.set_add("s".into(), above.clone()).unwrap_err(),
        keys.set(above.clone(), "v".into(), 0).map(drop).unwrap_err(),
        keys.get(above).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        assert!(error.message().len() < 200 && error.message().contains("1048576"), "{error}");
    }
    assert_eq!(ask::<String>(&server, &["INFO", "keyspace"]), before);
    assert_eq!(keys.get("k".into()).unwrap().value.len(), MIB);
}

pub(crate) fn a_value_that_only_the_server_refuses_costs_one_connection() {
    let server = server(&["--proto-max-bulk-len", "1mb"]);
    let running = Running::new();
    let keys = running.link("MACTOR", &server);
    keys.set("k".into(), "v".into(), 0).unwrap();
    let error = keys.set("k".into(), "x".repeat(2 * MIB), 0).unwrap_err();
    assert!(matches!(error.kind(), ErrorKind::Failed | ErrorKind::Unavailable), "{error}");
    eventually("connected again", || keys.get("k".into()).is_ok_and(|found| found.value == "v"));
}

/// The error of a change that the server refuses, which has changed nothing.
fn refused(keys: &Keys, change: impl FnOnce(&Keys) -> Error, word: &str) {
    let error = change(keys);
    assert_eq!(error.kind(), ErrorKind::Unavailable, "{error}");
    assert!(error.message().contains(word), "{error}");
    assert_eq!(keys.get("kept".into()).unwrap().value, "7");
}

/// All that changes something is refused with `word`, and nothing changes.
fn refuses_changes(keys: &Keys, word: &str) {
    refused(keys, |keys| keys.set("kept".into(), "x".repeat(MIB), 0).unwrap_err(), word);
    refused(keys, |keys| keys.add("kept".into(), 1).unwrap_err(), word);
    refused(keys, |keys| keys.push("l".into(), "i".into()).unwrap_err(), word);
    refused(keys, |keys| keys.set_add("s".into(), "m".into()).unwrap_err(), word);
    assert!(!keys.key_exists("l".into()).unwrap().exists);
}

pub(crate) fn a_server_without_memory_refuses_and_keeps_what_it_has() {
    let server = server(&["--maxmemory-policy", "noeviction"]);
    let running = Running::new();
    let keys = running.link("MACTOR", &server);
    keys.set("kept".into(), "7".into(), 0).unwrap();
    keys.set("large".into(), "x".repeat(8 * MIB), 0).unwrap();
    let _: () = ask(&server, &["CONFIG", "SET", "maxmemory", "4mb"]);
    refuses_changes(&keys, "OOM");
    // It is there all the same, and frees what it is told to.
    assert!(running.health().healthy);
    keys.del("large".into()).unwrap();
    eventually("memory was freed", || keys.add("kept".into(), 1).is_ok());
    assert_eq!(keys.get("kept".into()).unwrap().value, "8");
}

pub(crate) fn a_replica_refuses_changes_until_it_is_one_no_more() {
    let first = server(&[]);
    let port = first.port().to_string();
    let replica = server(&["--replicaof", "127.0.0.1", &port]);
    let running = Running::new();
    let at_first = running.link("MFIRST", &first);
    let keys = running.link_with("MACTOR", &[("URL", &replica.url()), ("NAMESPACE", "n")]).unwrap();
    running.unlink("MFIRST");
    drop(at_first);
    let values = [("URL", &*first.url()), ("NAMESPACE", "n")];
    let at_first = running.link_with("MFIRST", &values).unwrap();
    at_first.set("kept".into(), "7".into(), 0).unwrap();
    eventually("the replica has it", || {
        keys.get("kept".into()).is_ok_and(|found| found.value == "7")
    });
    refuses_changes(&keys, "READONLY");
    let _: () = ask(&replica, &["REPLICAOF", "NO", "ONE"]);
    assert_eq!(keys.add("kept".into(), 1).unwrap().value, 8);
}

pub(crate) fn a_server_that_lacks_replicas_refuses_changes() {
    let server = server(&[]);
    let running = Running::new();
    let keys = running.link("MACTOR", &server);
    keys.set("kept".into(), "7".into(), 0).unwrap();
    let _: () = ask(&server, &["CONFIG", "SET", "min-replicas-to-write", "1"]);
    refuses_changes(&keys, "NOREPLICAS");
    let _: () = ask(&server, &["CONFIG", "SET", "min-replicas-to-write", "0"]);
    assert_eq!(keys.add("kept".into(), 1).unwrap().value, 8);
}
