//! What one link can show of the contract: each of its scenarios is a check.

use std::{sync::Arc, time::Duration};

use provider_contracts::blobstore::scenario::{
    Failure as Missed, Received, Scenario, Subject, pinned,
};
use provider_core::ErrorKind;

use super::{linked, row};
use crate::{
    Check,
    checks::contract::{
        self,
        played::{Calls, chosen},
    },
    lab::{Halt, Lab, Outcome},
    protocol::Failure,
};

/// How long the next chunk is waited for: less than a check may go without a sign of life.
const NEXT: Duration = Duration::from_millis(1500);

pub(super) fn checks() -> Vec<Check> {
    pinned().iter().map(check).collect()
}

fn check(scenario: &Scenario) -> Check {
    let (causes, fix, example) = advice(scenario.slug());
    Check {
        // The catalogue is made once and lives as long as the program.
        id: format!("blobstore::{}", scenario.slug()).leak(),
        title: scenario.name(),
        rule: scenario.rule(),
        why: scenario.why(),
        what: format!(
            "links an actor and calls {}, with containers that nobody used before; each reply and \
             each chunk that comes must be the pinned one",
            scenario.operations().join(", ")
        )
        .leak(),
        causes,
        fix,
        example,
        needs: &["blobstore::transfer"],
        run: play,
        ..row("", "", "")
    }
}

type Advice = (&'static [&'static str], &'static str, &'static str);

fn advice(slug: &str) -> Advice {
    match slug {
        "any-order" | "first-chunk" | "replaced" | "bad-chunk" => (
            &[
                "an upload begins with `StartUpload` only, or ends with the last number",
                "chunks are written into the object that is read",
                "a chunk that does not fit is left out and answered with success",
            ],
            "begin an upload with whatever chunk comes first, check each against `totalBytes` and \
             `chunkSize`, and make it the object when the last missing one has come",
            include_str!("../../examples/blobstore-chunks.md"),
        ),
        "empty-object" | "in-order" | "default-chunk" => (
            &[
                "an object without bytes has no chunk to send",
                "each chunk is sent by a task of its own",
                "a `chunk_size` of 0 is taken at its word, or stands for another length",
            ],
            "send the chunks one after the other, each when the actor has answered the one before, \
             and at least one",
            include_str!("../../examples/blobstore-downloads.md"),
        ),
        "any-id" => (
            &["ids are made paths, which are put right", "what is special in a name is left out"],
            "escape what is not a letter, a digit or a plain mark, so that ids that differ have \
             names that differ",
            include_str!("../../examples/blobstore-inside-root.md"),
        ),
        _ => (
            &["a missing file is an error of the call", "`success` is true always"],
            "answer `none` for a missing object and `{success: false, error}` for what cannot be \
             removed",
            include_str!("../../examples/blobstore-missing.md"),
        ),
    }
}

/// Plays the scenario that the check's id names.
fn play(lab: &mut Lab) -> Outcome {
    let scenario = chosen(lab, pinned(), Scenario::slug)?;
    let provider = lab.configured()?;
    let actor = linked(lab, &provider, 0)?;
    let received = Arc::new(Received::default());
    let taken = Arc::clone(&received);
    lab.recorder.answer(move |message| taken.take(&message.op, &message.msg));
    let calls = Calls(&provider);
    let tag = format!("{}-", contract::fresh_name(lab));
    let mut subject = Subject::new(&calls, &actor, &received).tag(tag).patience(NEXT);
    scenario.run(&mut subject).map(drop).map_err(|missed| told(&missed))
}

fn told(missed: &Missed) -> Halt {
    let summary = format!("`{}`: {}", missed.operation, missed.problem);
    let panic = missed.kind == Some(ErrorKind::Panic);
    let failure = Failure::new(summary).expected(missed.expected.clone()).got(missed.got.clone());
    Failure { panic, ..failure }.into()
}
