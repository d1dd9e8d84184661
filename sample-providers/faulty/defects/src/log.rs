//! What a provider can say that it must not: the sources in `c/`.

use super::{Defect, Made};

pub(super) const DEFECTS: &[Defect] = &[
    Defect {
        name: "says-what-is-no-record",
        what: "gives its records the numbers of another library's levels",
        red: &["log::records"],
        verdict: "fail",
        last: "destroy",
        says: "it said something that is no record",
        noted: "",
        made: Made::C { source: "log.c", number: 120 },
    },
    Defect {
        name: "asks-for-the-level-once",
        what: "asks how far it is heard when it first says something, and never again",
        red: &["log::level"],
        verdict: "fail",
        last: "RemoveActor",
        says: "above the level `off`, asked for while it ran",
        noted: "",
        made: Made::C { source: "log.c", number: 121 },
    },
    Defect {
        name: "says-more-than-is-wanted",
        what: "says everything, whatever is wanted",
        red: &["log::level"],
        verdict: "fail",
        last: "RemoveActor",
        says: "above the level `warn`, asked for before it was configured",
        noted: "",
        made: Made::C { source: "log.c", number: 122 },
    },
    Defect {
        name: "names-another-actor",
        what: "says what it does for each actor in the name of the first one",
        red: &["log::actor"],
        verdict: "fail",
        last: "HealthRequest",
        says: "within a call it named another actor",
        noted: "",
        made: Made::C { source: "log.c", number: 123 },
    },
    Defect {
        name: "says-something-after-stop",
        what: "says its last word on a thread that nobody waits for",
        red: &["log::after-stop"],
        verdict: "fail",
        last: "stop",
        says: "when `stop` had returned",
        noted: "",
        made: Made::C { source: "log.c", number: 124 },
    },
];
