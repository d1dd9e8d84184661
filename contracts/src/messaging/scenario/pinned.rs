//! The list.

use provider_core::ErrorKind;

use super::{
    ALICE, BOB, CAROL, Scenario,
    rules::{self},
};

/// How long nobody answers, in milliseconds.
const SHORT: i64 = 100;

/// Every pinned rule of the contract, one scenario each.
#[must_use]
pub fn pinned() -> Vec<Scenario> {
    vec![
        delivers(),
        wildcards(),
        bad_subject(),
        bad_subscription(),
        every_subscription(),
        queue_group(),
        request(),
        no_answer(),
        order(),
        after_remove(),
        failing_actor(),
        without_link(),
    ]
}

fn delivers() -> Scenario {
    Scenario::new(rules::DELIVERS)
        .link(ALICE, ["a.b"])
        .link(BOB, [])
        .publish(BOB, "a.b", b"hello")
        .gets(ALICE, [("a.b", b"hello")])
        .publish(BOB, "a.b", b"")
        .publish(BOB, "a.b", b"\xff\x00\xc1\r\nPUB a.b 1\r\n")
        .gets(ALICE, [("a.b", b""), ("a.b", b"\xff\x00\xc1\r\nPUB a.b 1\r\n")])
        .publish_for(BOB, "a.b", "answers.here", b"for an answer")
        .step(super::Step::Gets(
            ALICE,
            vec![super::message("a.b", "answers.here", b"for an answer")],
        ))
        // Nobody hears it, and it is published all the same.
        .publish(BOB, "a.c", b"to nobody")
        .publish(ALICE, "a.b", b"to myself")
        .gets(ALICE, [("a.b", b"to myself")])
}

fn wildcards() -> Scenario {
    Scenario::new(rules::WILDCARDS)
        .link(ALICE, ["one.*", "end"])
        .link(BOB, ["more.>", "mid.*.z", "end"])
        .link(CAROL, [])
        .publish(CAROL, "one", b"1")
        .publish(CAROL, "one.x.y", b"2")
        .publish(CAROL, "One.x", b"3")
        .publish(CAROL, "one.x", b"4")
        .gets(ALICE, [("one.x", b"4")])
        .publish(CAROL, "more", b"5")
        .publish(CAROL, "more.x", b"6")
        .publish(CAROL, "more.x.y.z", b"7")
        .gets(BOB, [("more.x", b"6"), ("more.x.y.z", b"7")])
        .publish(CAROL, "mid.x.y", b"8")
        .publish(CAROL, "mid.z", b"9")
        .publish(CAROL, "mid.x.z", b"10")
        .gets(BOB, [("mid.x.z", b"10")])
        .publish(CAROL, "end", b"end")
        .gets(ALICE, [("end", b"end")])
        .gets(BOB, [("end", b"end")])
}

fn bad_subject() -> Scenario {
    let refuse = |scenario: Scenario, subject: &str| {
        scenario.refuses(BOB, subject, "", ErrorKind::BadRequest)
    };
    let scenario = Scenario::new(rules::BAD_SUBJECT).link(ALICE, [">"]).link(BOB, []);
    let scenario = ["", "a..b", "a.", "a b", "a\tb", "a\r\nPUB b 0\r\n", "a.*", "a.>", "*"]
        .into_iter()
        .fold(scenario, refuse);
    scenario
        .refuses(BOB, "a", "b c", ErrorKind::BadRequest)
        .refuses(BOB, "a", "b.*", ErrorKind::BadRequest)
        .request(BOB, "a b", [], Err(ErrorKind::BadRequest), Some(SHORT))
        .request(BOB, "a.*", [], Err(ErrorKind::BadRequest), Some(SHORT))
        .request(BOB, "a", [], Err(ErrorKind::BadRequest), Some(0))
        .request(BOB, "a", [], Err(ErrorKind::BadRequest), Some(-1))
        .publish(BOB, "a", b"good")
        .gets(ALICE, [("a", b"good")])
}

fn bad_subscription() -> Scenario {
    let refuse = |scenario: Scenario, list: &str| scenario.link_refused(ALICE, list);
    let scenario = Scenario::new(rules::BAD_SUBSCRIPTION);
    let scenario =
        ["a..b", "a b", "a.>.b", ">.a", "good,bad..", "good,,a"].into_iter().fold(scenario, refuse);
    // Nothing of it is left.
    scenario
        .link(BOB, [])
        .publish(BOB, "good", b"early")
        .link(ALICE, ["good"])
        .publish(BOB, "good", b"late")
        .gets(ALICE, [("good", b"late")])
}

fn every_subscription() -> Scenario {
    Scenario::new(rules::EVERY_SUBSCRIPTION)
        .link(ALICE, ["a.x", " b ", "c.*"])
        .link(BOB, [])
        .publish(BOB, "a.x", b"1")
        .gets(ALICE, [("a.x", b"1")])
        .publish(BOB, "b", b"2")
        .gets(ALICE, [("b", b"2")])
        .publish(BOB, "c.x", b"3")
        .gets(ALICE, [("c.x", b"3")])
        .link(CAROL, ["a.*", "*.x"])
        .publish(BOB, "a.x", b"4")
        .gets(CAROL, [("a.x", b"4"), ("a.x", b"4")])
        .gets(ALICE, [("a.x", b"4")])
}

fn queue_group() -> Scenario {
    let scenario = Scenario::new(rules::QUEUE_GROUP)
        .join(ALICE, "jobs.*", "workers")
        .join(BOB, "jobs.*", "workers")
        .link(CAROL, ["done"]);
    let bodies: Vec<String> = (0..20).map(|number| number.to_string()).collect();
    bodies
        .iter()
        .fold(scenario, |scenario, body| scenario.publish(CAROL, "jobs.new", body.as_bytes()))
        .share([ALICE, BOB], 20)
        // The rest of the group goes on without a member.
        .unlink(ALICE)
        .publish(CAROL, "jobs.new", b"a")
        .publish(CAROL, "jobs.new", b"b")
        .gets(BOB, [("jobs.new", b"a"), ("jobs.new", b"b")])
        // Another group and who is in none get it as well.
        .join(ALICE, "jobs.>", "auditors")
        .unlink(CAROL)
        .link(CAROL, ["jobs.new"])
        .publish(CAROL, "jobs.new", b"c")
        .gets(ALICE, [("jobs.new", b"c")])
        .gets(BOB, [("jobs.new", b"c")])
        .gets(CAROL, [("jobs.new", b"c")])
}

fn request() -> Scenario {
    Scenario::new(rules::REQUEST)
        .link(ALICE, ["ask"])
        .link(BOB, [])
        .request(BOB, "ask", [(ALICE, b"told")], Ok(b"told"), None)
        .request(BOB, "ask", [(ALICE, b"")], Ok(b""), None)
        .request(BOB, "ask", [(ALICE, b"\xff\x00")], Ok(b"\xff\x00"), None)
        // Of a group one is asked.
        .join(CAROL, "group.ask", "workers")
        .request(BOB, "group.ask", [(CAROL, b"mine")], Ok(b"mine"), None)
}

fn no_answer() -> Scenario {
    Scenario::new(rules::NO_ANSWER)
        .link(ALICE, ["ask"])
        .link(BOB, [])
        .request(BOB, "nobody", [], Err(ErrorKind::Timeout), None)
        .request(BOB, "ask", [], Err(ErrorKind::Timeout), Some(SHORT))
        .step(super::Step::Gets(ALICE, vec![super::message("ask", "_INBOX", b"ask")]))
        // It goes on.
        .request(BOB, "ask", [(ALICE, b"told")], Ok(b"told"), None)
}

fn order() -> Scenario {
    let scenario = Scenario::new(rules::ORDER).link(ALICE, ["a.*"]).link(BOB, []);
    let numbers: Vec<String> = (0..50).map(|number| number.to_string()).collect();
    let subject = |number: &str| format!("a.{}", number.len());
    let scenario = numbers
        .iter()
        .fold(scenario, |scenario, body| scenario.publish(BOB, &subject(body), body.as_bytes()));
    let all = numbers.iter().map(|body| super::message(&subject(body), "", body.as_bytes()));
    scenario.step(super::Step::Gets(ALICE, all.collect()))
}

fn after_remove() -> Scenario {
    Scenario::new(rules::AFTER_REMOVE)
        .link(ALICE, ["a"])
        .link(BOB, ["a"])
        .link(CAROL, [])
        .unlink(ALICE)
        .publish(CAROL, "a", b"1")
        .gets(BOB, [("a", b"1")])
        .refuses(ALICE, "a", "", ErrorKind::NotLinked)
        .link(ALICE, ["b"])
        .publish(CAROL, "a", b"2")
        .publish(CAROL, "b", b"3")
        .gets(BOB, [("a", b"2")])
        .gets(ALICE, [("b", b"3")])
}

fn failing_actor() -> Scenario {
    Scenario::new(rules::FAILING_ACTOR)
        .link(ALICE, ["a"])
        .link(BOB, ["a"])
        .fails(ALICE)
        .publish(BOB, "a", b"1")
        .publish(BOB, "a", b"2")
        .gets(ALICE, [("a", b"1"), ("a", b"2")])
        .gets(BOB, [("a", b"1"), ("a", b"2")])
}

fn without_link() -> Scenario {
    Scenario::new(rules::WITHOUT_LINK)
        .link(ALICE, ["a"])
        .refuses(BOB, "a", "", ErrorKind::NotLinked)
        .request(BOB, "a", [], Err(ErrorKind::NotLinked), Some(SHORT))
        .publish(ALICE, "a", b"1")
        .gets(ALICE, [("a", b"1")])
}
