//! `BindActor` and `RemoveActor`.

use super::{Defect, Kind, Made};

pub(super) const DEFECTS: &[Defect] = &[
    Defect {
        name: "byte-on-bind",
        what: "answers `BindActor` with one byte, a serialised nil",
        red: &["links::bind"],
        verdict: "fail",
        last: "\"BindActor\"",
        made: Made::Rust(Kind::ByteOnBind),
        ..Defect::BLANK
    },
    Defect {
        name: "panic-in-background-thread",
        what: "starts a thread for each link, which panics; every call is answered well",
        red: &["links::bind"],
        verdict: "panic",
        last: "",
        made: Made::Rust(Kind::PanicInBackgroundThread),
        ..Defect::BLANK
    },
    Defect {
        name: "second-bind-fails",
        what: "refuses a `BindActor` that comes twice in a row",
        red: &["links::bind-idempotent"],
        verdict: "fail",
        last: "\"BindActor\"",
        made: Made::Rust(Kind::SecondBindFails),
        ..Defect::BLANK
    },
    Defect {
        name: "changed-bind-fails",
        what: "refuses a `BindActor` with other values for an actor that is linked",
        red: &["links::bind-changed"],
        verdict: "fail",
        last: "TESTKIT_CHANGED",
        made: Made::Rust(Kind::ChangedBindFails),
        ..Defect::BLANK
    },
    Defect {
        name: "hang-in-remove",
        what: "waits for ever when a link that was made again is removed",
        red: &["links::remove"],
        verdict: "hang",
        last: "\"RemoveActor\"",
        made: Made::Rust(Kind::HangInRemove),
        ..Defect::BLANK
    },
    Defect {
        name: "remove-unknown-fails",
        what: "refuses to remove an actor that was never linked",
        red: &["links::remove-unknown"],
        verdict: "fail",
        last: "\"RemoveActor\"",
        made: Made::Rust(Kind::RemoveUnknownFails),
        ..Defect::BLANK
    },
    Defect {
        name: "second-remove-fails",
        what: "refuses to remove an actor that was removed before",
        red: &["links::remove-twice"],
        verdict: "fail",
        last: "",
        made: Made::Rust(Kind::SecondRemoveFails),
        ..Defect::BLANK
    },
    Defect {
        name: "runs-out-of-links",
        what: "takes a slot for each link and never gives it back: there are forty",
        red: &["links::cycle"],
        verdict: "fail",
        last: "\"BindActor\"",
        made: Made::Rust(Kind::RunsOutOfLinks),
        ..Defect::BLANK
    },
    Defect {
        name: "remove-ends-all-links",
        what: "removes all actors when one is removed",
        red: &["links::isolation"],
        verdict: "fail",
        last: "",
        made: Made::Rust(Kind::RemoveEndsAllLinks),
        ..Defect::BLANK
    },
    Defect {
        name: "panic-on-odd-value",
        what: "unwraps the link value `PORT`, which need not be a port",
        red: &["links::config-values"],
        verdict: "panic",
        last: "\"PORT\"",
        made: Made::Rust(Kind::PanicOnOddValue),
        ..Defect::BLANK
    },
    Defect {
        name: "panic-on-malformed-bind",
        what: "unwraps the payload of `BindActor`",
        red: &["links::malformed"],
        verdict: "panic",
        last: "",
        made: Made::Rust(Kind::PanicOnMalformedBind),
        ..Defect::BLANK
    },
    Defect {
        name: "no-bind",
        what: "has no arm for `BindActor`",
        red: &["links::bind"],
        verdict: "fail",
        last: "\"BindActor\"",
        says: "does not handle `BindActor` at all",
        noted: "",
        made: Made::Rust(Kind::NoBind),
    },
    Defect {
        name: "bounded-links",
        what: "has places for 45 links at a time",
        red: &["links::many"],
        verdict: "fail",
        last: "\"BindActor\"",
        says: "there is no place left",
        noted: "",
        made: Made::Rust(Kind::BoundedLinks),
    },
    Defect {
        name: "removes-nothing",
        what: "answers `RemoveActor` and keeps the link",
        red: &["links::unlinked-op", "fuzz::lifecycle"],
        verdict: "fail",
        last: "handle_call",
        says: "an actor that",
        noted: "",
        made: Made::Rust(Kind::RemovesNothing),
    },
    Defect {
        name: "panics-for-strangers",
        what: "takes the link of whoever calls `Echo` to be there",
        red: &["links::unlinked-op", "fuzz::lifecycle"],
        verdict: "panic",
        last: "\"Echo\"",
        says: "`Echo` panicked",
        noted: "",
        made: Made::Rust(Kind::PanicsForStrangers),
    },
    Defect {
        name: "anybody-links",
        what: "lets anybody link, remove and ask",
        red: &["links::spoof"],
        verdict: "fail",
        last: "\"BindActor\"",
        says: "`BindActor` from an actor that is linked was answered with Ok",
        noted: "",
        made: Made::Rust(Kind::AnybodyLinks),
    },
    Defect {
        name: "link-table-races",
        what: "looks the actor up, makes the link, and only then adds it",
        red: &["conc::links"],
        verdict: "fail",
        last: "`BindActor` of one actor",
        says: "the actor was linked in the meantime",
        noted: "",
        made: Made::Rust(Kind::LinkTableRaces),
    },
];
