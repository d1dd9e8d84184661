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
    Defect {
        name: "second-configure-panics",
        what: "unwraps the place of the dispatcher, which is taken the second time",
        red: &["dispatch::once"],
        verdict: "panic",
        last: "configure_dispatch()",
        says: "`configure_dispatch` panicked",
        noted: "",
        made: Made::Rust(Kind::SecondConfigurePanics),
    },
    Defect {
        name: "no-health",
        what: "has no arm for `HealthRequest`",
        red: &["health::response"],
        verdict: "fail",
        last: "\"HealthRequest\"",
        says: "does not handle `HealthRequest` at all",
        noted: "",
        made: Made::Rust(Kind::NoHealth),
    },
    Defect {
        name: "health-wears-off",
        what: "is not healthy any more when it was asked nine times in a row",
        red: &["health::pure"],
        verdict: "fail",
        last: "\"HealthRequest\"",
        says: "times in a row without a link",
        noted: "",
        made: Made::Rust(Kind::HealthWearsOff),
    },
    Defect {
        name: "health-ends-links",
        what: "forgets its links when it was asked nine times in a row",
        red: &["health::pure"],
        verdict: "fail",
        last: "\"Echo\"",
        says: "answered differently",
        noted: "",
        made: Made::Rust(Kind::HealthEndsLinks),
    },
    Defect {
        name: "strict-health",
        what: "decodes `HealthRequest` strictly: one placeholder, nothing else, nothing less",
        red: &["health::lenient"],
        verdict: "fail",
        last: "\"HealthRequest\", empty",
        says: "with no bytes failed",
        noted: "",
        made: Made::Rust(Kind::StrictHealth),
    },
    Defect {
        name: "bind-locks-health",
        what: "keeps the lock that `HealthRequest` needs while it makes a link, which takes a second",
        red: &["health::under-load"],
        verdict: "fail",
        last: "",
        says: "s each while it was busy",
        noted: "",
        made: Made::Rust(Kind::BindLocksHealth),
    },
];
