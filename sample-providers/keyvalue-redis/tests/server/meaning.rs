//! The contract's pinned meaning, and what lasts.

use std::{thread, time::Duration};

use provider_contracts::keyvalue::scenario::{Subject, pinned};
use provider_core::ErrorKind;

use crate::provider::{Running, ask, server};

/// How often a scenario is begun again in which keys expire: a machine that is busy for a second lets them
/// expire before they were used.
const TRIES: usize = 3;

pub(crate) fn every_pinned_rule_holds() {
    let server = server(&["--databases", "64"]);
    // The server's clock cannot be moved: those that wait do it at the same time, each in a database of
    // its own.
    thread::scope(|scope| {
        for (number, scenario) in pinned().into_iter().enumerate() {
            let url = server.url();
            scope.spawn(move || {
                let tries = if scenario.takes_time() { TRIES } else { 1 };
                let mut outcome = Ok(());
                for turn in 0..tries {
                    let mut wait = |seconds| thread::sleep(Duration::from_secs(seconds));
                    let running = Running::new();
                    let mut subject = Subject::new(&running.0, &mut wait)
                        .link_value("URL", &url)
                        .link_value("DATABASE", (number * TRIES + turn).to_string());
                    outcome = scenario.run(&mut subject);
                    if outcome.is_ok() {
                        return;
                    }
                }
                outcome.unwrap_or_else(|failure| panic!("{failure}"));
            });
        }
    });
}

pub(crate) fn sums_of_many_threads_add_up() {
    const THREADS: i32 = 4;
    const EACH: i32 = 100;
    let server = server(&[]);
    let running = Running::new();
    let url = server.url();
    thread::scope(|scope| {
        for number in 0..THREADS {
            let (running, url) = (&running, &url);
            scope.spawn(move || {
                let values = [("URL", url.as_str()), ("NAMESPACE", "n")];
                let keys = running.link_with(&format!("MACTOR{number}"), &values).unwrap();
                for _ in 0..EACH {
                    keys.add("sum".into(), 1).unwrap();
                }
            });
        }
    });
    let keys = running.link_with("MACTOR0", &[]).unwrap();
    assert_eq!(keys.add("sum".into(), 0).unwrap().value, THREADS * EACH);
}

pub(crate) fn what_was_set_outlives_the_link() {
    let server = server(&[]);
    let first = Running::new();
    let keys = first.link("MACTOR", &server);
    keys.set("k".into(), "v".into(), 0).unwrap();
    keys.set("late".into(), "v".into(), 1000).unwrap();
    first.unlink("MACTOR");
    first.stop();
    let second = Running::new();
    let keys = second.link("MACTOR", &server);
    assert_eq!(keys.get("k".into()).unwrap().value, "v");
    let left: i32 = ask(&server, &["TTL", "kv:@MACTOR:late"]);
    assert!((900..=1000).contains(&left), "{left}");
}

pub(crate) fn what_other_programs_store_is_refused_and_kept() {
    let server = server(&[]);
    let keys = Running::new().link("MACTOR", &server);
    let _: i32 = ask(&server, &["HSET", "kv:@MACTOR:h", "field", "v"]);
    let error = keys.get("h".into()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Failed);
    assert_eq!(error.message(), "key `h` holds a value of type `hash`, not a string");
    assert_eq!(keys.add("h".into(), 1).unwrap_err().message(), error.message());
    keys.set_union(vec!["h".into()]).unwrap_err();
    let mut raw = redis::cmd("SET");
    raw.arg("kv:@MACTOR:raw").arg(&[0xff_u8, 0xfe]);
    let _: () = raw.query(&mut crate::provider::client(&server)).unwrap();
    let error = keys.get("raw".into()).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Failed);
    assert!(error.message().contains("not UTF-8"), "{error}");
    let kept: Vec<u8> = ask(&server, &["GET", "kv:@MACTOR:raw"]);
    assert_eq!(kept, [0xff, 0xfe]);
    assert!(keys.key_exists("h".into()).unwrap().exists);
    keys.del("h".into()).unwrap();
    assert!(!keys.key_exists("h".into()).unwrap().exists);
}

pub(crate) fn a_server_that_forgot_the_script_gets_it_again() {
    let server = server(&[]);
    let keys = Running::new().link("MACTOR", &server);
    assert_eq!(keys.add("n".into(), 1).unwrap().value, 1);
    let _: () = ask(&server, &["SCRIPT", "FLUSH"]);
    assert_eq!(keys.add("n".into(), 1).unwrap().value, 2);
    let calls: String = ask(&server, &["INFO", "commandstats"]);
    assert!(calls.contains("cmdstat_eval:calls=2"), "once at first and once again: {calls}");
}

pub(crate) fn a_set_that_is_missing_hides_no_wrong_one() {
    let server = server(&[]);
    let keys = Running::new().link("MACTOR", &server);
    keys.set("string".into(), "v".into(), 0).unwrap();
    keys.set_add("set".into(), "m".into()).unwrap();
    for order in [["none", "string"], ["string", "none"], ["set", "string"]] {
        let order: Vec<_> = order.map(String::from).into();
        for error in [
            keys.set_intersection(order.clone()).unwrap_err(),
            keys.set_union(order.clone()).unwrap_err(),
        ] {
            assert_eq!(error.kind(), ErrorKind::Failed);
            assert_eq!(error.message(), "key `string` holds a string, not a set", "{order:?}");
        }
    }
}
