//! How it ends.

use super::{Defect, Kind, Made};

pub(super) const DEFECTS: &[Defect] = &[
    Defect {
        name: "stop-needs-a-link",
        what: "unwraps in `stop` what only the first link makes",
        red: &["stop::unused"],
        verdict: "panic",
        last: "",
        made: Made::Rust(Kind::StopNeedsALink),
        ..Defect::BLANK
    },
    Defect {
        name: "panic-in-stop",
        what: "panics in `stop` while an actor is linked",
        red: &["stop::clean"],
        verdict: "panic",
        last: "",
        made: Made::Rust(Kind::PanicInStop),
        ..Defect::BLANK
    },
    Defect {
        name: "hang-in-stop",
        what: "waits for ever in `stop` while an actor is linked",
        red: &["stop::clean"],
        verdict: "hang",
        last: "stop()",
        made: Made::Rust(Kind::HangInStop),
        ..Defect::BLANK
    },
    Defect {
        name: "exit-in-stop",
        what: "exits with 3 in `stop` while an actor is linked",
        red: &["stop::clean"],
        verdict: "exit",
        last: "stop()",
        made: Made::Rust(Kind::ExitInStop),
        ..Defect::BLANK
    },
    Defect {
        name: "stdout-in-stop",
        what: "writes to standard output in `stop`, and dies when that is broken",
        red: &["stop::stdout-broken"],
        verdict: "crash",
        last: "stop()",
        made: Made::Rust(Kind::StdoutInStop),
        ..Defect::BLANK
    },
    Defect {
        name: "stderr-in-stop",
        what: "writes to standard error in `stop`, and dies when that is broken",
        red: &["stop::stderr-broken"],
        verdict: "crash",
        last: "stop()",
        made: Made::Rust(Kind::StderrInStop),
        ..Defect::BLANK
    },
    Defect {
        name: "crash-at-exit",
        what: "dies at the end of the process when it was stopped and not freed",
        red: &["stop::exit"],
        verdict: "crash after verdict",
        last: "",
        made: Made::Rust(Kind::CrashAtExit),
        ..Defect::BLANK
    },
];
