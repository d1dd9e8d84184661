//! `wasmcloud:logging`: levels.

use serde_json::json;

use super::{call, fresh_name};
use crate::{
    Check, Scope,
    lab::{Lab, Outcome, each},
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
    ]
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
