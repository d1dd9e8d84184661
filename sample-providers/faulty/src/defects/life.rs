//! How it is made, configured and asked how it is.

use super::{Defect, Kind, Made};

pub(super) const DEFECTS: &[Defect] = &[
    Defect {
        name: "crash-in-constructor",
        what: "ends the process with SIGABRT while it is made",
        red: &["create::ok"],
        verdict: "crash",
        last: "create()",
        made: Made::Rust(Kind::CrashInConstructor),
        ..Defect::BLANK
    },
    Defect {
        name: "exit-in-constructor",
        what: "exits with 0, as if all was well, while it is made",
        red: &["create::ok"],
        verdict: "exit",
        last: "create()",
        made: Made::Rust(Kind::ExitInConstructor),
        ..Defect::BLANK
    },
    Defect {
        name: "panic-in-constructor",
        what: "panics while it is made",
        red: &["create::ok"],
        verdict: "panic",
        last: "",
        made: Made::Rust(Kind::PanicInConstructor),
        ..Defect::BLANK
    },
    Defect {
        name: "thread-from-constructor",
        what: "starts a thread while it is made, and never ends it",
        red: &["create::drop-unused"],
        verdict: "fail",
        last: "",
        made: Made::Rust(Kind::ThreadFromConstructor),
        ..Defect::BLANK
    },
    Defect {
        name: "configure-fails",
        what: "refuses the dispatcher",
        red: &["dispatch::configure"],
        verdict: "fail",
        last: "configure_dispatch()",
        made: Made::Rust(Kind::ConfigureFails),
        ..Defect::BLANK
    },
    Defect {
        name: "thread-bound",
        what: "answers only on the thread that it was made on",
        red: &["create::cross-thread"],
        verdict: "fail",
        last: "",
        made: Made::Rust(Kind::ThreadBound),
        ..Defect::BLANK
    },
    Defect {
        name: "never-healthy",
        what: "says that it is not healthy, always",
        red: &["health::initially-true"],
        verdict: "fail",
        last: "",
        made: Made::Rust(Kind::NeverHealthy),
        ..Defect::BLANK
    },
    Defect {
        name: "health-as-array",
        what: "encodes its health by position and not by name",
        red: &["health::response"],
        verdict: "fail",
        last: "",
        made: Made::Rust(Kind::HealthAsArray),
        ..Defect::BLANK
    },
];
