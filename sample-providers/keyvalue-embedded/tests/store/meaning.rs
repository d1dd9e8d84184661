//! The contract's pinned meaning, and what lasts.

use crate::provider::{Hand, Running};
use provider_contracts::keyvalue::scenario::{Subject, pinned};
use provider_core::{DirectCalls, ErrorKind};

#[test]
fn every_pinned_rule_holds() {
    for scenario in pinned() {
        let folder = tempfile::tempdir().unwrap();
        let clock = Hand::new();
        let calls = DirectCalls(Running::new(&clock).0);
        let mut pass = |seconds| clock.pass(seconds);
        let path = folder.path().join("keys.redb");
        scenario
            .run(&mut Subject::new(&calls, &mut pass).link_value("PATH", path.to_str().unwrap()))
            .unwrap_or_else(|failure| panic!("{failure}"));
    }
}

#[test]
fn what_was_set_outlives_links_and_providers_with_its_expiry() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.redb");
    let clock = Hand::new();
    let first = Running::new(&clock);
    let keys = first.link("MACTOR", &path).unwrap();
    keys.set("k".into(), "v".into(), 0).unwrap();
    keys.set("soon".into(), "v".into(), 10).unwrap();
    keys.set("late".into(), "v".into(), 1000).unwrap();
    for item in ["c", "b", "a"] {
        keys.push("l".into(), item.into()).unwrap();
    }
    keys.set_add("s".into(), "m".into()).unwrap();
    first.unlink("MACTOR");
    let again = first.link("MACTOR", &path).unwrap();
    assert_eq!(again.get("k".into()).unwrap().value, "v");
    first.unlink("MACTOR");
    // While nobody runs.
    clock.pass(10);
    let second = Running::new(&clock);
    let keys = second.link("MACTOR", &path).unwrap();
    assert_eq!(keys.get("k".into()).unwrap().value, "v");
    assert!(!keys.get("soon".into()).unwrap().exists);
    assert!(keys.get("late".into()).unwrap().exists);
    assert_eq!(keys.range("l".into(), 0, -1).unwrap().values, ["a", "b", "c"]);
    assert_eq!(keys.push("l".into(), "z".into()).unwrap().new_count, 4);
    assert_eq!(keys.set_query("s".into()).unwrap().values, ["m"]);
}

#[test]
fn namespaces_of_their_own_and_shared_ones_outlive_their_links() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.redb");
    let path = path.to_str().unwrap();
    let running = Running::new(&Hand::new());
    let own = running.link_with("MONE", &[("PATH", path)]).unwrap();
    own.set("k".into(), "own".into(), 0).unwrap();
    let shared = [("PATH", path), ("NAMESPACE", "n")];
    let two = running.link_with("MTWO", &shared).unwrap();
    assert!(!two.key_exists("k".into()).unwrap().exists);
    two.set("k".into(), "shared".into(), 0).unwrap();
    running.unlink("MONE");
    running.unlink("MTWO");
    let one = running.link_with("MONE", &shared).unwrap();
    assert_eq!(one.get("k".into()).unwrap().value, "shared");
    running.unlink("MONE");
    let one = running.link_with("MONE", &[("PATH", path)]).unwrap();
    assert_eq!(one.get("k".into()).unwrap().value, "own");
}

#[test]
fn a_clock_that_was_set_back_brings_no_key_back_that_a_change_has_found_expired() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.redb");
    let (early, late) = (Hand::new(), Hand::new());
    late.pass(60);
    let running = Running::new(&early);
    let keys = running.link("MACTOR", &path).unwrap();
    keys.set("k".into(), "v".into(), 10).unwrap();
    running.unlink("MACTOR");
    let later = Running::new(&late);
    let keys = later.link("MACTOR", &path).unwrap();
    assert!(!keys.get("k".into()).unwrap().exists);
    keys.set("other".into(), "v".into(), 0).unwrap();
    later.unlink("MACTOR");
    let keys = running.link("MACTOR", &path).unwrap();
    assert!(!keys.get("k".into()).unwrap().exists);
}

#[test]
fn long_lists_are_read_from_either_end_with_and_without_gaps() {
    const LENGTH: i32 = 120;
    let folder = tempfile::tempdir().unwrap();
    let running = Running::new(&Hand::new());
    let keys = running.link("MACTOR", &folder.path().join("k")).unwrap();
    let mut items: Vec<String> = Vec::new();
    for number in 0..LENGTH {
        let item = if number % 3 == 0 { "x".into() } else { number.to_string() };
        keys.push("l".into(), item.clone()).unwrap();
        items.insert(0, item);
    }
    let check = |items: &[String]| {
        let length = i32::try_from(items.len()).unwrap();
        for (first, last) in [(0, 9), (5, 5), (length - 10, length - 1), (30, 60), (0, length - 1)]
        {
            let (from, to) = (usize::try_from(first).unwrap(), usize::try_from(last).unwrap());
            let expected = &items[from..=to];
            assert_eq!(keys.range("l".into(), first, last).unwrap().values, expected);
            let (first, last) = (first - length, last - length);
            assert_eq!(keys.range("l".into(), first, last).unwrap().values, expected);
        }
    };
    check(&items);
    let removed = keys.list_item_delete("l".into(), "x".into()).unwrap();
    assert_eq!(removed.new_count, LENGTH / 3);
    items.retain(|item| item != "x");
    check(&items);
}

#[test]
fn sums_of_many_threads_add_up() {
    const THREADS: i32 = 4;
    const EACH: i32 = 25;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.redb");
    let path = path.to_str().unwrap();
    let running = Running::new(&Hand::new());
    std::thread::scope(|scope| {
        for number in 0..THREADS {
            let running = &running;
            scope.spawn(move || {
                let actor = format!("MACTOR{number}");
                let values = [("PATH", path), ("NAMESPACE", "n")];
                let keys = running.link_with(&actor, &values).unwrap();
                for _ in 0..EACH {
                    keys.add("sum".into(), 1).unwrap();
                }
            });
        }
    });
    let keys = running.link_with("MACTOR0", &[]).unwrap();
    assert_eq!(keys.add("sum".into(), 0).unwrap().value, THREADS * EACH);
}

#[test]
fn an_empty_path_is_refused_and_the_actor_stays_unlinked() {
    let running = Running::new(&Hand::new());
    let error = running.link_with("MACTOR", &[("PATH", "")]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    let folder = tempfile::tempdir().unwrap();
    running.link("MACTOR", &folder.path().join("k")).unwrap();
}

#[test]
fn a_value_of_1_mib_passes_and_one_above_the_limit_does_not() {
    const MIB: usize = 1024 * 1024;
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("keys.redb");
    let running = Running::new(&Hand::new());
    let values = [("PATH", path.to_str().unwrap()), ("MAX_VALUE_BYTES", "1048576")];
    let keys = running.link_with("MACTOR", &values).unwrap();
    let largest = "x".repeat(MIB);
    keys.set("k".into(), largest.clone(), 0).unwrap();
    keys.push("l".into(), largest.clone()).unwrap();
    keys.set_add("s".into(), largest.clone()).unwrap();
    let above = largest.clone() + "x";
    for error in [
        keys.set("k".into(), above.clone(), 0).map(drop).unwrap_err(),
        keys.push("l".into(), above.clone()).map(drop).unwrap_err(),
        keys.set_add("s".into(), above.clone()).map(drop).unwrap_err(),
        keys.set(above.clone(), "v".into(), 0).map(drop).unwrap_err(),
        keys.add(above.clone(), 1).map(drop).unwrap_err(),
    ] {
        assert_eq!(error.kind(), ErrorKind::TooLarge);
        assert!(error.message().contains("1048576") && error.message().len() < 200, "{error}");
    }
    // And what is there stays, also when the file is closed and opened.
    running.unlink("MACTOR");
    let keys = running.link_with("MACTOR", &values).unwrap();
    assert!(keys.get("k".into()).unwrap().value == largest);
    assert!(keys.range("l".into(), 0, -1).unwrap().values == [largest.clone()]);
    assert!(keys.set_query("s".into()).unwrap().values == [largest]);
    assert!(!keys.key_exists(above).unwrap().exists);
}
