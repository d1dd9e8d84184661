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
    Defect {
        name: "second-stop-panics",
        what: "unwraps in `stop` what the first `stop` took",
        red: &["stop::twice"],
        verdict: "panic",
        last: "stop()",
        says: "`stop` panicked",
        noted: "",
        made: Made::Rust(Kind::SecondStopPanics),
    },
    Defect {
        name: "panics-after-stop",
        what: "unwraps in every call what `stop` took",
        red: &["stop::then-call"],
        verdict: "panic",
        last: "handle_call",
        says: "panicked",
        noted: "",
        made: Made::Rust(Kind::PanicsAfterStop),
    },
    Defect {
        name: "prints-in-stop",
        what: "says goodbye on standard output in `stop`, and looks away when that fails",
        red: &["stop::stdio-closed"],
        verdict: "fail",
        last: "",
        says: "wrote 8 bytes into the host's file",
        noted: "",
        made: Made::Rust(Kind::PrintsInStop),
    },
    Defect {
        name: "thread-outlives-stop",
        what: "ends the thread of its links when it is freed, and not before",
        red: &["stop::threads"],
        verdict: "fail",
        last: "stop()",
        says: "thread `faulty-worker`",
        noted: "",
        made: Made::Rust(Kind::ThreadOutlivesStop),
    },
    Defect {
        name: "socket-outlives-stop",
        what: "closes the socket of its links when it is freed, and not before",
        red: &["stop::resources"],
        verdict: "fail",
        last: "stop()",
        says: "socket TCP 127.0.0.1:",
        noted: "",
        made: Made::Rust(Kind::SocketOutlivesStop),
    },
    Defect {
        name: "file-outlives-stop",
        what: "removes its temporary file when it is freed, and not before",
        red: &["stop::resources"],
        verdict: "fail",
        last: "stop()",
        says: "temporary file `faulty-",
        noted: "",
        made: Made::Rust(Kind::FileOutlivesStop),
    },
    Defect {
        name: "process-outlives-stop",
        what: "ends the process that it started for its links when it is freed, and not before",
        red: &["stop::resources", "stop::exit"],
        verdict: "fail",
        last: "stop()",
        says: "sleep",
        noted: "",
        made: Made::Rust(Kind::ProcessOutlivesStop),
    },
    Defect {
        name: "stop-waits-for-calls",
        what: "waits in `stop` for calls in progress, with the lock held that they need",
        red: &["stop::in-flight"],
        verdict: "hang",
        last: "",
        made: Made::Rust(Kind::StopWaitsForCalls),
        ..Defect::BLANK
    },
];
