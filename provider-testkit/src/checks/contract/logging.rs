//! `wasmcloud:logging`: levels, and where records go.

use provider_core::ops::OP_BIND_ACTOR;
use provider_host::LogLevel;
use serde_json::json;

use super::{call, fresh_name};
use crate::{
    Check, Scope,
    heard::{Ear, Heard, Said},
    lab::{self, Lab, Outcome, each},
    protocol::Failure,
    subject::{Provider, short_actor},
    wasmcloud::LOGGING,
};

const OP: &str = "WriteLog";

pub(super) fn checks() -> Vec<Check> {
    let row = Check {
        source: "the contract `wasmcloud:logging`",
        needs: &["links::bind"],
        scope: Scope::Contract(LOGGING),
        ..Check::BLANK
    };
    vec![
        Check {
            id: "logging::levels",
            title: "the five levels are taken, in any case",
            rule: "`WriteLog {target, level, text}` → zero bytes. Levels `error warn info debug \
                   trace`, any case.",
            why: "Actors spell levels as their language does. A line that is refused for its \
                  spelling is missing when it is needed.",
            what: "writes a line at each level, in small letters, in capitals and mixed",
            causes: &["the level is compared as it came", "the reply is a serialised `()`"],
            fix: "compare without regard to case, and answer no bytes",
            example: include_str!("../examples/logging-levels.md"),
            run: levels,
            ..row
        },
        Check {
            id: "logging::unknown-level",
            title: "another level is an error",
            rule: "Levels `error warn info debug trace`, any case; another level is an error.",
            why: "Where any word is a level, a mistyped one decides whether a line is seen.",
            what: "writes a line at levels that there are not",
            causes: &["what is not known is taken for `info`"],
            fix: "refuse what is none of the five",
            example: include_str!("../examples/logging-unknown-level.md"),
            run: unknown_level,
            ..row
        },
        Check {
            id: "logging::host-log",
            title: "records reach the host's log, with their actor",
            rule: "Records go to the host's log with the actor as a field.",
            why: "Whoever runs a host looks for what happened in its log. A record that goes \
                  elsewhere, or is nobody's, is found by nobody.",
            what: "writes a line at each level, and compares what the host is told: level, target, \
                   text and actor",
            causes: &[
                "records go to a logger that the provider sets up for itself",
                "the record is written on a thread that works for no actor",
            ],
            fix: "write it with `log` or `tracing`, within the call",
            example: include_str!("../examples/logging-host-log.md"),
            run: host_log,
            ..row
        },
        Check {
            id: "logging::filter",
            title: "`LEVEL` holds back what is less important, for one actor",
            rule: "A link value `LEVEL` filters per actor.",
            why: "One actor that talks too much is to be silenced without silencing the others.",
            what: "writes at each level for an actor whose `LEVEL` is `warn` and for one without",
            causes: &["the link value is not read", "the level of one link is that of all"],
            fix: "keep the level in the link, and compare before anything is written",
            example: include_str!("../examples/logging-filter.md"),
            needs: &["logging::host-log"],
            run: filter,
            ..row
        },
    ]
}

const LEVELS: [LogLevel; 5] =
    [LogLevel::Error, LogLevel::Warn, LogLevel::Info, LogLevel::Debug, LogLevel::Trace];

/// What a host is told of records with a target of ours: whose, level and text.
type Told = Vec<(String, LogLevel, String)>;

/// Writes a line at each level for `actor`, and returns what the host was told.
fn told(lab: &Lab, provider: &Provider, actor: &str) -> Outcome<Told> {
    let target = fresh_name(lab);
    let ear = Ear::new(&lab.reporter);
    provider.heard_by(LogLevel::Trace, ear.clone());
    for level in LEVELS {
        let text = format!("a line\nat {level}");
        let request = json!({"target": target, "level": level.name(), "text": text});
        call(provider, actor, OP, &request).empty(OP)?;
    }
    let ours = ear.heard().into_iter().filter_map(|heard| match heard {
        Heard::Wanted(said) if said.target == target => Some(said),
        _ => None,
    });
    let told = |said: Said| {
        (said.actor.unwrap_or_else(|| String::from("nobody")), said.level, said.message)
    };
    Ok(ours.map(told).collect())
}

/// What must be told of `actor` is what was told.
fn must_be_told(actor: &str, levels: &[LogLevel], told: &Told) -> Outcome {
    let text = |level: &LogLevel| format!("a line\nat {level}");
    let expected: Told =
        levels.iter().map(|level| (actor.to_owned(), *level, text(level))).collect();
    let shown = |told: Option<&(String, LogLevel, String)>| match told {
        Some((actor, level, text)) => format!("{} {level} {text:?}", short_actor(actor)),
        None => String::from("nothing more"),
    };
    for index in 0..expected.len().max(told.len()) {
        let (expected, got) = (expected.get(index), told.get(index));
        if expected != got {
            let what = "the host is told something else than the actor wrote";
            return Err(Failure::new(what).expected(shown(expected)).got(shown(got)).into());
        }
    }
    Ok(())
}

fn host_log(lab: &mut Lab) -> Outcome {
    let (provider, actor) = lab.linked()?;
    let told = told(lab, &provider, &actor)?;
    must_be_told(&actor, &LEVELS, &told)
}

fn filter(lab: &mut Lab) -> Outcome {
    let (provider, talks) = lab.linked()?;
    let quiet = lab::actor(1);
    let mut values = lab.values(&quiet);
    values.insert("LEVEL".into(), "Warn".into());
    provider.bind(&quiet, &values).empty(OP_BIND_ACTOR)?;
    must_be_told(&quiet, &LEVELS[..2], &told(lab, &provider, &quiet)?)?;
    must_be_told(&talks, &LEVELS, &told(lab, &provider, &talks)?)
}

fn levels(lab: &mut Lab) -> Outcome {
    let (provider, actor) = lab.linked()?;
    let target = fresh_name(lab);
    let all: Vec<&str> =
        "error warn info debug trace ERROR WARN INFO DEBUG TRACE Warn dEBUG".split(' ').collect();
    each(&lab.reporter, all, |_, level| {
        let request = json!({"target": target, "level": level, "text": "testkit"});
        call(&provider, &actor, OP, &request).empty(OP)
    })
}

fn unknown_level(lab: &mut Lab) -> Outcome {
    let (provider, actor) = lab.linked()?;
    let target = fresh_name(lab);
    each(&lab.reporter, ["loud", "", "info ", "infos"], |_, level| {
        let request = json!({"target": target, "level": level, "text": "testkit"});
        call(&provider, &actor, OP, &request).refused(&format!("the level {level:?}"))
    })
}
