//! The contract's pinned meaning, and what this broker promises beside it.
#![expect(clippy::unwrap_used, reason = "in a test, where it fails is the message")]

mod actors;

use std::{
    collections::{BTreeMap, HashMap},
    thread,
    time::{Duration, Instant},
};

use messaging_local::{ENTRY, MAX_BODY_BYTES, MAX_WAITING, MAX_WAITING_BYTES};
use provider_contracts::messaging::{
    MessagingClient,
    scenario::{Actors, Subject, TRANSCRIPT, pinned},
};
use provider_core::{Dispatcher, Error, ErrorKind};
use provider_host::{Library, Running};

use crate::actors::{Recorded, Slow};

fn running(actors: impl Dispatcher + 'static) -> Running {
    Library::linked(&ENTRY).unwrap().create().unwrap().configure(actors).unwrap()
}

fn publish(provider: &Running, actor: &str, subject: &str, body: &[u8]) -> Result<(), Error> {
    let client = MessagingClient::new(provider, actor);
    let published = client.publish(subject.into(), String::new(), body.to_vec().into())?;
    assert!(published.published);
    Ok(())
}

fn stop(provider: Running) {
    provider.stop().unwrap().destroy().unwrap();
}

#[test]
fn every_pinned_rule_is_kept_to_the_word() {
    let mut transcript = String::new();
    for scenario in pinned() {
        let actors = Actors::default();
        let provider = running(actors.clone());
        let happened = scenario.run(&Subject::new(&provider, &actors));
        transcript += &happened.unwrap_or_else(|failure| panic!("{failure}"));
        stop(provider);
    }
    assert!(transcript == TRANSCRIPT, "{transcript}");
}

#[test]
fn brokers_with_names_of_their_own_know_nothing_of_each_other() {
    let actors = Recorded::default();
    let provider = running(actors.clone());
    for (actor, broker) in [("MA", ""), ("MB", "red"), ("MC", "red")] {
        provider.bind(actor, [("BROKER", broker), ("SUBSCRIPTION", ">")]).unwrap();
    }
    publish(&provider, "MC", "a", b"red").unwrap();
    publish(&provider, "MA", "a", b"default").unwrap();
    actors.wait(|bodies| bodies.values().map(Vec::len).sum::<usize>() >= 3);
    stop(provider);
    let expected = [("MA", "default"), ("MB", "red"), ("MC", "red")];
    let expected = expected.map(|(actor, body)| (actor.to_owned(), vec![body.to_owned()]));
    assert_eq!(actors.bodies(), BTreeMap::from(expected));
}

/// More than an asynchronous provider calls by itself at once.
const MANY: usize = 40;

#[test]
fn slow_actors_hold_up_nobody_and_are_removed_all_the_same() {
    let actors = Slow::new(|actor| actor.starts_with("MSLOW"));
    let provider = running(actors.clone());
    for number in 0..MANY {
        let actor = format!("MSLOW{number}");
        provider.bind(&actor, [("SUBSCRIPTION", "a")]).unwrap();
    }
    provider.bind("MQUICK", [("SUBSCRIPTION", "a")]).unwrap();
    publish(&provider, "MQUICK", "a", b"1").unwrap();
    actors.wait_until_held(MANY);
    publish(&provider, "MQUICK", "a", b"2").unwrap();
    actors.recorded.wait(|bodies| bodies.get("MQUICK").is_some_and(|came| came.len() == 2));
    // An actor that does not answer is waited for, though not for ever.
    let began = Instant::now();
    provider.remove("MSLOW0").unwrap();
    assert!(began.elapsed() < Duration::from_secs(10), "{:?}", began.elapsed());
    actors.release();
    let others = |bodies: &BTreeMap<String, Vec<String>>| {
        bodies.values().filter(|came| came.len() == 2).count() >= MANY
    };
    actors.recorded.wait(others);
    stop(provider);
    // Its second message waited when it was removed.
    assert_eq!(actors.recorded.bodies()["MSLOW0"], ["1"]);
}

#[test]
fn what_finds_no_place_in_the_queue_is_lost_and_what_comes_later_is_not() {
    let actors = Slow::new(|actor| actor == "MSLOW");
    let provider = running(actors.clone());
    provider.bind("MSLOW", [("SUBSCRIPTION", "a")]).unwrap();
    provider.bind("MP", [("", "")]).unwrap();
    let count = |bodies: &BTreeMap<String, Vec<String>>| bodies.get("MSLOW").map_or(0, Vec::len);
    publish(&provider, "MP", "a", b"first").unwrap();
    actors.wait_until_held(1);
    for number in 0..MAX_WAITING + 10 {
        publish(&provider, "MP", "a", number.to_string().as_bytes()).unwrap();
    }
    actors.release();
    actors.recorded.wait(|bodies| count(bodies) == MAX_WAITING + 1);
    publish(&provider, "MP", "a", b"last").unwrap();
    actors.recorded.wait(|bodies| count(bodies) == MAX_WAITING + 2);
    stop(provider);
    let came = &actors.recorded.bodies()["MSLOW"];
    let expected = ["first".to_owned()].into_iter().chain((0..MAX_WAITING).map(|n| n.to_string()));
    assert!(came[..=MAX_WAITING].iter().cloned().eq(expected));
    assert_eq!(came[MAX_WAITING + 1], "last");
}

#[test]
fn large_messages_are_bounded_by_their_bytes() {
    let actors = Slow::new(|actor| actor == "MSLOW");
    let provider = running(actors.clone());
    provider.bind("MSLOW", [("SUBSCRIPTION", "a")]).unwrap();
    let body = vec![b'x'; MAX_BODY_BYTES];
    publish(&provider, "MSLOW", "a", &body).unwrap();
    actors.wait_until_held(1);
    let fit = MAX_WAITING_BYTES / MAX_BODY_BYTES - 1;
    for _ in 0..fit + 3 {
        publish(&provider, "MSLOW", "a", &body).unwrap();
    }
    publish(&provider, "MSLOW", "a", b"small").unwrap();
    actors.release();
    actors.recorded.wait(|bodies| {
        bodies.get("MSLOW").and_then(|came| came.last()).is_some_and(|body| body == "small")
    });
    stop(provider);
    assert_eq!(actors.recorded.bodies()["MSLOW"].len(), fit + 2);
}

#[test]
fn a_body_above_the_limit_is_refused_with_both_sizes() {
    let actors = Recorded::default();
    let provider = running(actors.clone());
    provider.bind("MA", [("SUBSCRIPTION", "a")]).unwrap();
    let body = vec![b'x'; MAX_BODY_BYTES + 1];
    let error = publish(&provider, "MA", "a", &body).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    assert_eq!(error.message(), "the body has 1048577 bytes, and a message may have 1048576");
    let client = MessagingClient::new(&provider, "MA");
    let error = client.request("a".into(), body.into(), 100).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    publish(&provider, "MA", "a", b"next").unwrap();
    actors.wait(|bodies| bodies.contains_key("MA"));
    stop(provider);
    assert_eq!(actors.bodies()["MA"], ["next"]);
}

#[test]
fn a_queue_group_shares_evenly_and_in_order_and_loses_nothing() {
    const MESSAGES: usize = 4000;
    let actors = Recorded::default();
    let provider = running(actors.clone());
    let members = ["MA", "MB", "MC", "MD"];
    for actor in members {
        let values = [("SUBSCRIPTION", "jobs.*"), ("QUEUEGROUP_NAME", "workers")];
        provider.bind(actor, values).unwrap();
    }
    thread::scope(|scope| {
        for (publisher, actor) in members.into_iter().enumerate() {
            let provider = &provider;
            scope.spawn(move || {
                for number in 0..MESSAGES / members.len() {
                    let body = format!("{publisher} {number}");
                    publish(provider, actor, "jobs.new", body.as_bytes()).unwrap();
                }
            });
        }
    });
    actors.wait(|bodies| bodies.values().map(Vec::len).sum::<usize>() >= MESSAGES);
    stop(provider);
    let bodies = actors.bodies();
    let mut seen: Vec<&String> = bodies.values().flatten().collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), MESSAGES);
    for (actor, came) in &bodies {
        // Each message takes one of four by chance: 1000 are expected, with a deviation of 27.
        assert!((800..1200).contains(&came.len()), "{actor} got {}", came.len());
        let mut last = HashMap::new();
        for body in came {
            let (publisher, number) = body.split_once(' ').unwrap();
            let number: usize = number.parse().unwrap();
            let before = last.insert(publisher, number);
            assert!(before.is_none_or(|before| before < number), "{actor}: {body}");
        }
    }
}

#[test]
fn a_request_that_nobody_answers_ends_in_time_and_at_once_where_nobody_is() {
    let provider = running(Recorded::default());
    provider.bind("MA", [("SUBSCRIPTION", "a")]).unwrap();
    thread::scope(|scope| {
        for _ in 0..4 {
            let provider = &provider;
            scope.spawn(move || {
                for _ in 0..5 {
                    let client = MessagingClient::new(provider, "MA");
                    let error = client.request("a".into(), b"ask".to_vec().into(), 20).unwrap_err();
                    assert_eq!(error.kind(), ErrorKind::Timeout);
                    assert_eq!(error.message(), "\"a\": nobody answered in time");
                }
            });
        }
    });
    let client = MessagingClient::new(&provider, "MA");
    let began = Instant::now();
    let error = client.request("b".into(), b"ask".to_vec().into(), 60_000).unwrap_err();
    assert_eq!(error.message(), "\"b\": nobody is subscribed");
    assert!(began.elapsed() < Duration::from_secs(30));
    stop(provider);
}
