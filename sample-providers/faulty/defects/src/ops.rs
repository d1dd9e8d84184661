//! Operations.

use super::{Defect, Kind, Made};

pub(super) const DEFECTS: &[Defect] = &[
    Defect {
        name: "unknown-op-succeeds",
        what: "answers operations that it does not know with Ok",
        red: &["ops::unknown"],
        verdict: "fail",
        last: "\"DoesNotExist-",
        made: Made::Rust(Kind::UnknownOpSucceeds),
        ..Defect::BLANK
    },
    Defect {
        name: "error-text-empty",
        what: "refuses operations that it does not know without a word",
        red: &["ops::unknown"],
        verdict: "fail",
        last: "",
        made: Made::Rust(Kind::ErrorTextEmpty),
        ..Defect::BLANK
    },
    Defect {
        name: "declared-op-unknown",
        what: "says that there is no `Nest` when it cannot decode the payload",
        red: &["ops::declared::Nest"],
        verdict: "fail",
        last: "\"Nest\"",
        made: Made::Rust(Kind::DeclaredOpUnknown),
        ..Defect::BLANK
    },
    Defect {
        name: "panic-in-op",
        what: "unwraps the payload of `Echo`, having looked at its first byte",
        red: &["ops::malformed::Echo"],
        verdict: "panic",
        last: "",
        made: Made::Rust(Kind::PanicInOp),
        ..Defect::BLANK
    },
    Defect {
        name: "spin-in-op",
        what: "waits in a loop for the rest of an `Echo` that is cut off",
        red: &["ops::malformed::Echo"],
        verdict: "hang",
        last: "\"Echo\"",
        made: Made::Rust(Kind::SpinInOp),
        ..Defect::BLANK
    },
    Defect {
        name: "accepts-malformed",
        what: "takes an `Echo` that it cannot decode for an empty one",
        red: &["ops::malformed::Echo"],
        verdict: "fail",
        last: "",
        made: Made::Rust(Kind::AcceptsMalformed),
        ..Defect::BLANK
    },
    Defect {
        name: "deep-nesting-overflows",
        what: "decodes the payload of `Nest` with a recursion that has no limit",
        red: &["ops::malformed::Nest"],
        verdict: "crash",
        last: "\"Nest\"",
        made: Made::Rust(Kind::DeepNestingOverflows),
        ..Defect::BLANK
    },
    Defect {
        name: "wrong-reply",
        what: "echoes something else",
        red: &["ops::sample::Echo"],
        verdict: "fail",
        last: "\"Echo\"",
        made: Made::Rust(Kind::WrongReply),
        ..Defect::BLANK
    },
    Defect {
        name: "takes-trailing-bytes",
        what: "decodes the beginning of an `Echo` and does not look at the rest",
        red: &["ops::trailing"],
        verdict: "fail",
        last: "\"Echo\"",
        says: "`Echo` with a nil behind its payload",
        noted: "",
        made: Made::Rust(Kind::TakesTrailingBytes),
    },
    Defect {
        name: "unwraps-answers",
        what: "unwraps what the actor answers that `Relay` calls",
        red: &["dispatch::failing"],
        verdict: "panic",
        last: "dispatch(",
        says: "`Relay` panicked",
        noted: "",
        made: Made::Rust(Kind::UnwrapsAnswers),
    },
    Defect {
        name: "dispatch-locks-health",
        what: "holds the lock that `HealthRequest` needs while `Relay` calls an actor",
        red: &["dispatch::failing", "dispatch::reentrant"],
        verdict: "hang",
        last: "\"HealthRequest\"",
        says: "did not return",
        noted: "",
        made: Made::Rust(Kind::DispatchLocksHealth),
    },
    Defect {
        name: "dispatch-locks-links",
        what: "holds the lock of the links while `Relay` calls an actor",
        red: &["dispatch::reentrant"],
        verdict: "hang",
        last: "\"Relay\"",
        says: "did not return",
        noted: "",
        made: Made::Rust(Kind::DispatchLocksLinks),
    },
    Defect {
        name: "shares-a-reply",
        what: "puts its texts and its health into one buffer before it returns them",
        red: &["conc::calls"],
        verdict: "fail",
        last: "calls of every kind",
        says: "among calls of other threads",
        noted: "",
        made: Made::Rust(Kind::SharesAReply),
    },
];
