//! The contract's pinned meaning, and what the provider promises beside it.

use std::collections::{BTreeMap, HashMap};

use provider_contracts::messaging::{
    MessagingClient,
    scenario::{Actors, Subject, TRANSCRIPT, pinned},
};
use provider_core::ErrorKind;

use crate::{
    actors::{Recorded, Slow},
    provider::{connections, link, publish, running, server, stop},
};

pub(crate) fn every_pinned_rule_is_kept_to_the_word() {
    let server = server(&[]);
    let mut transcript = String::new();
    for scenario in pinned() {
        let actors = Actors::default();
        let provider = running(actors.clone());
        let subject = Subject::new(&provider, &actors).link_value("URL", server.url());
        let happened = scenario.run(&subject);
        transcript += &happened.unwrap_or_else(|failure| panic!("{failure}"));
        stop(provider);
    }
    assert!(transcript == TRANSCRIPT, "{transcript}");
}

pub(crate) fn a_queue_group_over_two_hosts_shares_evenly_and_in_order() {
    const MESSAGES: usize = 2000;
    let server = server(&[]);
    let actors = Recorded::default();
    let hosts = [running(actors.clone()), running(actors.clone())];
    let members = [("MA", &hosts[0]), ("MB", &hosts[0]), ("MC", &hosts[1]), ("MD", &hosts[1])];
    let values = [("SUBSCRIPTION", "jobs.*"), ("QUEUEGROUP_NAME", "workers")];
    for (actor, host) in members {
        link(host, actor, &server, &values).unwrap();
    }
    std::thread::scope(|scope| {
        for (actor, host) in members {
            scope.spawn(move || {
                for number in 0..MESSAGES / members.len() {
                    let body = format!("{actor} {number}");
                    publish(host, actor, "jobs.new", body.as_bytes()).unwrap();
                }
            });
        }
    });
    actors.wait(|bodies| bodies.values().map(Vec::len).sum::<usize>() >= MESSAGES);
    hosts.into_iter().for_each(stop);
    let bodies = actors.bodies();
    let mut seen: Vec<&String> = bodies.values().flatten().collect();
    seen.sort();
    seen.dedup();
    assert_eq!(seen.len(), MESSAGES);
    for (actor, came) in &bodies {
        // Each message takes one of four by chance: 500 are expected, with a deviation of 19.
        assert!((350..650).contains(&came.len()), "{actor} got {}", came.len());
        let mut last = HashMap::new();
        for body in came {
            let (publisher, number) = body.split_once(' ').unwrap();
            let number: usize = number.parse().unwrap();
            let before = last.insert(publisher, number);
            assert!(before.is_none_or(|before| before < number), "{actor}: {body}");
        }
    }
}

pub(crate) fn a_slow_actor_loses_messages_and_not_its_connection() {
    let server = server(&[]);
    let actors = Slow::new(|actor| actor == "MSLOW");
    let provider = running(actors.clone());
    let values = [("SUBSCRIPTION", "a"), ("MAX_PENDING", "100")];
    link(&provider, "MSLOW", &server, &values).unwrap();
    link(&provider, "MP", &server, &[]).unwrap();
    publish(&provider, "MP", "a", b"first").unwrap();
    actors.wait_until_held(1);
    for number in 0..3000 {
        publish(&provider, "MP", "a", number.to_string().as_bytes()).unwrap();
    }
    // It goes on with what had a place.
    actors.release();
    let count = |bodies: &BTreeMap<String, Vec<String>>| bodies.get("MSLOW").map_or(0, Vec::len);
    actors.recorded.wait(|bodies| count(bodies) > 100);
    assert_eq!(connections(&server), 2);
    assert!(provider.health().unwrap().healthy);
    crate::provider::eventually("a message after those that were lost", || {
        publish(&provider, "MP", "a", b"last").unwrap();
        actors.recorded.bodies()["MSLOW"].iter().any(|body| body == "last")
    });
    stop(provider);
    let came = &actors.recorded.bodies()["MSLOW"];
    assert!(came.len() < 3000, "nothing was lost");
    let numbers: Vec<usize> = came.iter().filter_map(|body| body.parse().ok()).collect();
    assert!(numbers.is_sorted() && numbers[..100].iter().copied().eq(0..100), "{numbers:?}");
}

/// More than an asynchronous provider calls by itself at once.
const MANY: usize = 40;

pub(crate) fn slow_actors_hold_up_nobody() {
    let server = server(&[]);
    let actors = Slow::new(|actor| actor.starts_with("MSLOW"));
    let provider = running(actors.clone());
    for number in 0..MANY {
        let actor = format!("MSLOW{number}");
        link(&provider, &actor, &server, &[("SUBSCRIPTION", "a")]).unwrap();
    }
    link(&provider, "MQUICK", &server, &[("SUBSCRIPTION", "a")]).unwrap();
    publish(&provider, "MQUICK", "a", b"1").unwrap();
    actors.wait_until_held(MANY);
    publish(&provider, "MQUICK", "a", b"2").unwrap();
    actors.recorded.wait(|bodies| bodies.get("MQUICK").is_some_and(|came| came.len() == 2));
    // An actor that does not answer is waited for, though not for ever.
    provider.remove("MSLOW0").unwrap();
    actors.release();
    let others = |bodies: &BTreeMap<String, Vec<String>>| {
        bodies.values().filter(|came| came.len() == 2).count() >= MANY
    };
    actors.recorded.wait(others);
    stop(provider);
    // Its second message waited when it was removed.
    assert_eq!(actors.recorded.bodies()["MSLOW0"], ["1"]);
}

pub(crate) fn a_body_of_1_mib_passes_and_one_above_the_limit_is_refused() {
    const LIMIT: usize = 1 << 20;
    let server = server(&[]);
    let actors = Recorded::default();
    let provider = running(actors.clone());
    link(&provider, "MA", &server, &[("SUBSCRIPTION", "a")]).unwrap();
    let error = publish(&provider, "MA", "a", &vec![b'x'; LIMIT + 1]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    assert_eq!(error.message(), "the body has 1048577 bytes, and the server takes 1048576");
    let client = MessagingClient::new(&provider, "MA");
    let error = client.request("a".into(), vec![b'x'; LIMIT + 1].into(), 100).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::BadRequest);
    publish(&provider, "MA", "a", &vec![b'x'; LIMIT]).unwrap();
    publish(&provider, "MA", "a", b"next").unwrap();
    actors.wait(|bodies| bodies.get("MA").is_some_and(|came| came.len() == 2));
    assert_eq!(connections(&server), 1);
    stop(provider);
    let came = &actors.bodies()["MA"];
    assert_eq!((came[0].len(), came[1].as_str()), (LIMIT, "next"));
}
