//! What only chance finds: payloads and sequences of calls that nobody thinks of.

use super::{Defect, Kind, Made};

pub(super) const DEFECTS: &[Defect] = &[
    Defect {
        name: "abort-on-long-text",
        what: "ends the process when the text of `Echo` has more than 200 bytes",
        red: &["fuzz::payload"],
        verdict: "crash",
        last: "\"Echo\"",
        says: "SIGABRT",
        noted: "",
        made: Made::Rust(Kind::AbortOnLongText),
    },
    Defect {
        name: "panic-on-nul-in-key",
        what: "panics when the key of an actor that is linked has a NUL",
        red: &["fuzz::payload"],
        verdict: "panic",
        last: "\"BindActor\"",
        made: Made::Rust(Kind::PanicOnNulInKey),
        ..Defect::BLANK
    },
    Defect {
        name: "spin-on-bytes",
        what: "loops for ever when the value of `Nest` has bytes in it",
        red: &["fuzz::payload"],
        verdict: "hang",
        last: "\"Nest\"",
        made: Made::Rust(Kind::SpinOnBytes),
        ..Defect::BLANK
    },
    Defect {
        name: "forgets-changed-actor",
        what: "refuses an actor that was linked again with other values and then removed",
        red: &["fuzz::lifecycle"],
        verdict: "fail",
        last: "\"BindActor\"",
        says: "`BindActor` failed: the actor has a link of other values",
        noted: "",
        made: Made::Rust(Kind::ForgetsChangedActor),
    },
    Defect {
        name: "miscounts-changed-links",
        what: "counts a link that is made again with other values twice, and is unhealthy when the \
               links that are left do not add up",
        red: &["fuzz::lifecycle"],
        verdict: "fail",
        last: "\"HealthRequest\"",
        says: "not healthy any more",
        noted: "",
        made: Made::Rust(Kind::MiscountsChangedLinks),
    },
];
