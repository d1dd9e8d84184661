//! What a provider says: the extension `cp.log/1`.

use provider_core::ops::{OP_BIND_ACTOR, OP_REMOVE_ACTOR, SYSTEM_ACTOR};
use provider_host::LogLevel;

use super::{HEADER, stop::stop};
use crate::{
    Check, Level,
    heard::{Ear, Heard, Said, calling_for},
    holdings::{Holdings, lasting},
    lab::{Lab, Outcome, actor, skip},
    protocol::Failure,
    subject::{Provider, failed, short_actor},
};

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check {
            id: "log::records",
            title: "what it says are records",
            rule: "How large the parts of a record may be. A host refuses a record with a larger one.",
            source: HEADER,
            why: "A host drops a record that is none. What was to be said is then missing when \
                  somebody looks for the cause of a failure, and only then.",
            what: "hears everything while two actors are linked, call the samples and are removed, \
                   and while the provider is stopped and freed; each record must be one: its size, \
                   level, texts and fields within the limits, and UTF-8",
            causes: &[
                "a level that is another library's number",
                "a message that is cut in the middle of a character",
                "a string's length that counts its final zero twice, or characters and not bytes",
            ],
            fix: "fill all members of `cp_log_record`; cut texts at the limits, between characters",
            example: include_str!("examples/log-records.md"),
            needs: &["links::remove", "stop::clean"],
            run: records,
            ..Check::BLANK
        },
        Check {
            id: "log::level",
            title: "it says no more than is wanted",
            rule: "It writes no record above the level; one that is on its way when the level changes \
                   does no harm.",
            source: HEADER,
            why: "A record that nobody wants is put into words for nothing, in every call of every \
                  actor. The host's level is how an operator keeps a busy provider quiet.",
            what: "asks for `warn` before the provider is configured, links an actor and sends the \
                   samples; asks for nothing at all and does it again: no record may be above the \
                   level. What comes in the first round after the change was on its way",
            causes: &[
                "the level is asked for once, and there is no `level_changed`",
                "records go to `write` whatever `max_level` says",
            ],
            fix: "ask `max_level` before each record, or when `level_changed` is called",
            example: include_str!("examples/log-level.md"),
            needs: &["log::records"],
            run: level,
            ..Check::BLANK
        },
        Check {
            id: "log::actor",
            level: Level::Should,
            title: "a record names the actor that it is about",
            rule: "cp_str actor;   /* on whose behalf the provider works, if it is on anybody's */",
            source: HEADER,
            why: "Whoever looks into one actor's failure filters by its key. A record under another \
                  actor's key hides the cause from the one and accuses the other.",
            what: "links two actors, sends the samples of each in turn, and removes them. A record \
                   that comes on the thread of a call must have that call's actor or none; any other \
                   one none or that of an actor that was linked by then",
            causes: &[
                "the actor is kept in one variable for the whole provider",
                "the actor is remembered where the link is made, and not with each call",
            ],
            fix: "take the actor from the request that is served",
            example: include_str!("examples/log-actor.md"),
            needs: &["log::records"],
            run: of_the_actor,
            ..Check::BLANK
        },
        Check {
            id: "log::after-stop",
            level: Level::Should,
            title: "it says nothing after it was stopped",
            rule: "Ends threads, closes what is open.",
            source: HEADER,
            why: "A record after `stop` comes from something that still runs: it works for actors \
                  that are gone, in a library whose host is about to end.",
            what: "makes a provider, links two actors, sends the samples and stops; listens until the \
                   threads are those from before, for two seconds at most. Nothing may be said",
            causes: &[
                "a thread that was told to end, and that nobody waits for",
                "a timer or a connection's callback that outlives its link",
            ],
            fix: "join threads and wait for tasks in `stop`; say the last word before it returns",
            example: include_str!("examples/log-after-stop.md"),
            needs: &["log::records", "create::drop-unused"],
            run: after_stop,
            ..Check::BLANK
        },
    ]
}

/// A provider that is heard from before it is configured.
fn heard(lab: &mut Lab, level: LogLevel) -> Outcome<(Provider, Ear)> {
    let provider = lab.created()?;
    let ear = Ear::new(&lab.reporter);
    provider.heard_by(level, ear.clone());
    provider.configure().map_err(|error| failed("configure_dispatch", &error, "Ok"))?;
    Ok((provider, ear))
}

fn link(lab: &mut Lab, provider: &Provider, actor: &str) -> Outcome {
    let values = lab.values(actor);
    calling_for(actor, || provider.bind(actor, &values)).empty(OP_BIND_ACTOR)
}

fn remove(provider: &Provider, actor: &str) -> Outcome {
    calling_for(actor, || provider.remove(actor)).empty(OP_REMOVE_ACTOR)
}

/// The samples, and the health. How they are answered is not asked here.
fn work(lab: &Lab, provider: &Provider, actor: &str) {
    for (op, msg) in lab.requests(provider) {
        if let Some(msg) = msg {
            calling_for(actor, || provider.call(actor, op.as_str(), &msg));
        }
    }
    provider.health();
}

/// A whole life with two actors, up to `stop`.
fn stopped(lab: &mut Lab, provider: &Provider) -> Outcome {
    let actors = [actor(0), actor(1)];
    for actor in &actors {
        link(lab, provider, actor)?;
        work(lab, provider, actor);
    }
    remove(provider, &actors[0])?;
    stop(lab, provider)
}

/// The check says nothing of a provider that says nothing.
fn must_speak(ear: &Ear) -> Outcome {
    if ear.heard().is_empty() { Err(skip("it says nothing: no record came")) } else { Ok(()) }
}

fn records(lab: &mut Lab) -> Outcome {
    let (provider, ear) = heard(lab, LogLevel::Trace)?;
    stopped(lab, &provider)?;
    provider.destroy()?;
    must_speak(&ear)?;
    let refused = ear.heard().into_iter().find_map(|heard| match heard {
        Heard::Refused(problem) => Some(problem),
        Heard::Wanted(_) | Heard::Unwanted(_) => None,
    });
    match refused {
        None => Ok(()),
        Some(problem) => Err(Failure::new("it said something that is no record")
            .expected("a record within the header's limits")
            .got(problem)
            .into()),
    }
}

fn level(lab: &mut Lab) -> Outcome {
    let (provider, ear) = heard(lab, LogLevel::Warn)?;
    let actor = actor(0);
    let round = |lab: &mut Lab| {
        link(lab, &provider, &actor)?;
        work(lab, &provider, &actor);
        remove(&provider, &actor)
    };
    round(lab)?;
    quiet(&ear, LogLevel::Warn, "before it was configured")?;
    let spoke = !ear.heard().is_empty();
    provider.set_log_level(LogLevel::Off);
    // What was on its way has come when this has.
    round(lab)?;
    ear.forget();
    round(lab)?;
    quiet(&ear, LogLevel::Off, "while it ran")?;
    provider.set_log_level(LogLevel::Trace);
    round(lab)?;
    stop(lab, &provider)?;
    provider.destroy()?;
    if spoke { Ok(()) } else { must_speak(&ear) }
}

/// No record was above `level`, which was asked for at some time.
fn quiet(ear: &Ear, level: LogLevel, since: &str) -> Outcome {
    let unwanted = |heard| match heard {
        Heard::Unwanted(said) => Some(said),
        Heard::Wanted(_) | Heard::Refused(_) => None,
    };
    let Some(said) = ear.heard().into_iter().find_map(unwanted) else { return Ok(()) };
    Err(Failure::new(format!("it said something above the level `{level}`, asked for {since}"))
        .expected(format!("nothing above `{level}`"))
        .got(said.shown())
        .into())
}

fn of_the_actor(lab: &mut Lab) -> Outcome {
    let (provider, ear) = heard(lab, LogLevel::Trace)?;
    let actors = [actor(0), actor(1)];
    let mut linked = Vec::new();
    for own in &actors {
        linked.push(own.as_str());
        link(lab, &provider, own)?;
        // The one before is called again, so that the last one linked is not the one that calls.
        for own in linked.iter().rev() {
            work(lab, &provider, own);
        }
        names_one_of(&ear, &linked)?;
    }
    for own in &actors {
        remove(&provider, own)?;
    }
    names_one_of(&ear, &linked)?;
    stop(lab, &provider)?;
    provider.destroy()?;
    names_one_of(&ear, &linked)?;
    must_speak(&ear)
}

/// Every record so far has an actor that it may have.
fn names_one_of(ear: &Ear, linked: &[&str]) -> Outcome {
    for heard in ear.heard() {
        let Heard::Wanted(said) = heard else { continue };
        let Said { actor: Some(named), called_for, .. } = &said else { continue };
        let right = match called_for {
            Some(called_for) => named == called_for,
            None => linked.contains(&named.as_str()),
        };
        // The standard operations are called by it.
        if right || named == SYSTEM_ACTOR {
            continue;
        }
        let (summary, expected) = match called_for {
            Some(called_for) => {
                let whose = short_actor(called_for);
                ("within a call it named another actor", format!("the call's actor, {whose}"))
            }
            None => ("it named an actor that is not linked", "an actor that is linked".into()),
        };
        return Err(Failure::new(summary).expected(expected).got(said.shown()).into());
    }
    Ok(())
}

fn after_stop(lab: &mut Lab) -> Outcome {
    // The library stays loaded: what it runs by itself is not the provider's.
    let _library = lab.load()?;
    let before = Holdings::now();
    let (provider, ear) = heard(lab, LogLevel::Trace)?;
    stopped(lab, &provider)?;
    must_speak(&ear)?;
    ear.forget();
    // Where no thread is left, nobody is there to say anything. That one is left is another check's.
    let _ = lasting(&lab.reporter, || {
        if ear.heard().is_empty() { before.threads_more() } else { Vec::new() }
    });
    let said = |heard| match heard {
        Heard::Wanted(said) | Heard::Unwanted(said) => said.shown(),
        Heard::Refused(problem) => problem,
    };
    match ear.heard().into_iter().next().map(said) {
        None => provider.destroy(),
        Some(said) => Err(Failure::new("it said something when `stop` had returned")
            .expected("nothing more")
            .got(said)
            .into()),
    }
}
