//! Random payloads and random lives, the same again for the same seed.

use super::HEADER;
use crate::{
    Check,
    fuzz::{Kind, play},
};

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check {
            id: "fuzz::payload",
            title: "payloads that nobody would send are survived",
            rule: "CP_BAD_REQUEST: the payload cannot be understood",
            source: HEADER,
            why: "An actor is anybody's code, and its payloads come to the provider as they are: one \
                  that crashes or stalls it takes every other actor's provider away.",
            what: "sends random payloads to `BindActor`, `RemoveActor`, `HealthRequest` and every \
                   declared operation: the samples with fields dropped, doubled, nested, of other \
                   types, of extreme length or value, and with bytes flipped, cut and added; to an \
                   operation without a sample only what cannot be decoded. Each must be answered with \
                   Ok or an error, and the provider must stay healthy. What fails is shrunk to the \
                   shortest payload that still does",
            causes: &[
                "an index, an `unwrap` or an arithmetic operation on a value as it came",
                "a length in the payload is believed",
            ],
            fix: "check lengths and ranges before use, and return an error of the kind bad request",
            example: include_str!("examples/fuzz-payload.md"),
            needs: &[
                "links::malformed",
                "links::config-values",
                "links::cycle",
                "links::isolation",
                "health::response",
                "ops::unknown",
                "ops::declared",
                "ops::malformed",
                "ops::sample",
            ],
            random: true,
            run: |lab| play::play(lab, Kind::Payload),
            ..Check::BLANK
        },
        Check {
            id: "fuzz::lifecycle",
            title: "links are right after any sequence of calls",
            rule: "This also must be an idempotent operation, and providers must happily return an \
                   empty byte vector for attempts to remove non-existent or already-removed actors.",
            source: super::SPECIFICATION,
            why: "A host links, relinks and removes actors in whatever order they come and go: what a \
                  provider keeps of them must be right after any of it, or an actor is served with \
                  another one's link, or not at all.",
            what: "leads random lives: links, links with other values, removals, health requests, \
                   unknown operations and samples of up to four actors in any order, and holds every \
                   answer against a model of the links. A sequence that fails is shrunk to the \
                   shortest one that still does",
            causes: &[
                "what belongs to a link is kept in two places, and one is forgotten",
                "links are counted, and an idempotent call is counted too",
            ],
            fix: "keep all that belongs to a link in one map entry, and end it by removing that entry",
            example: include_str!("examples/fuzz-lifecycle.md"),
            needs: &[
                "links::bind-idempotent",
                "links::bind-changed",
                "links::remove",
                "links::remove-unknown",
                "links::remove-twice",
                "links::cycle",
                "links::isolation",
                "ops::unknown",
                "ops::sample",
            ],
            random: true,
            run: |lab| play::play(lab, Kind::Life),
            ..Check::BLANK
        },
    ]
}
