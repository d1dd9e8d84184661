//! What reaches beyond a provider's own life: loading, other providers, the process, what is kept.

use super::{Defect, Kind, Made};

const fn c(number: u8) -> Made {
    Made::C { source: "process.c", number }
}

pub(super) const DEFECTS: &[Defect] = &[
    Defect {
        name: "for-another-processor",
        what: "is a library for another processor",
        red: &["abi::format"],
        verdict: "refused",
        says: "sparc",
        made: Made::Foreign,
        ..Defect::BLANK
    },
    Defect {
        name: "needs-a-missing-library",
        what: "needs a library by a path where none is",
        red: &["abi::needed"],
        verdict: "refused",
        says: "it needs `/nowhere/libgone.so`, which is not there",
        made: Made::Needing("/nowhere/libgone.so"),
        ..Defect::BLANK
    },
    Defect {
        name: "needs-the-compilers-library",
        what: "needs the standard library of one compiler",
        red: &["abi::needed"],
        verdict: "fail",
        says: "it needs `libstd-0123456789abcdef.so`",
        made: Made::Needing("libstd-0123456789abcdef.so"),
        ..Defect::BLANK
    },
    Defect {
        name: "thread-on-load",
        what: "starts a thread when the library is loaded",
        red: &["load::quiet"],
        verdict: "fail",
        last: "dlopen",
        says: "loading it left behind: thread",
        made: c(100),
        ..Defect::BLANK
    },
    Defect {
        name: "file-on-load",
        what: "opens a file when the library is loaded",
        red: &["load::quiet"],
        verdict: "fail",
        last: "dlopen",
        says: "file `/dev/zero`",
        made: c(101),
        ..Defect::BLANK
    },
    Defect {
        name: "handler-on-load",
        what: "sets a signal handler when the library is loaded",
        red: &["load::quiet"],
        verdict: "fail",
        last: "dlopen",
        says: "` to `a handler at",
        made: c(111),
        ..Defect::BLANK
    },
    Defect {
        name: "knows-its-name",
        what: "describes itself by the name of its file",
        red: &["load::relocated"],
        verdict: "fail",
        last: "dlopen",
        says: "differently from another place",
        made: c(102),
        ..Defect::BLANK
    },
    Defect {
        name: "needs-a-home",
        what: "unwraps the variable `HOME` while it is made",
        red: &["load::relocated"],
        verdict: "panic",
        says: "`HOME` is set",
        made: Made::Rust(Kind::NeedsAHome),
        ..Defect::BLANK
    },
    Defect {
        name: "stopped-for-good",
        what: "notes in a static that it was stopped, and looks there",
        red: &["load::twice"],
        verdict: "fail",
        last: "\"HealthRequest\"",
        says: "not healthy any more after the first one was stopped",
        made: Made::Rust(Kind::StoppedForGood),
        ..Defect::BLANK
    },
    Defect {
        name: "thread-after-stop",
        what: "starts a thread in `stop`, says that it can be unloaded, and is",
        red: &["load::unload"],
        verdict: "crash",
        last: "dlclose",
        says: "SIGSEGV",
        made: c(103),
        ..Defect::BLANK
    },
    Defect {
        name: "shares-its-links",
        what: "keeps the links in a static",
        red: &["create::separate"],
        verdict: "fail",
        last: "\"Echo\"",
        says: "linked to another provider",
        made: Made::Rust(Kind::SharesItsLinks),
        ..Defect::BLANK
    },
    Defect {
        name: "default-sigpipe",
        what: "lets SIGPIPE end the process from the first link on",
        red: &["robust::globals"],
        verdict: "fail",
        last: "\"BindActor\"",
        says: "SIGPIPE changed from `being ignored` to `the default`",
        made: c(104),
        ..Defect::BLANK
    },
    Defect {
        name: "blocks-a-signal",
        what: "blocks a signal on the thread that links an actor",
        red: &["robust::globals"],
        verdict: "fail",
        last: "\"BindActor\"",
        says: "the mask of signals changed",
        made: c(105),
        ..Defect::BLANK
    },
    Defect {
        name: "changes-umask",
        what: "changes the umask when an actor is linked",
        red: &["robust::globals"],
        verdict: "fail",
        last: "\"BindActor\"",
        says: "the umask changed",
        made: c(106),
        ..Defect::BLANK
    },
    Defect {
        name: "sets-a-variable",
        what: "sets an environment variable when an actor is linked",
        red: &["robust::globals"],
        verdict: "fail",
        last: "\"BindActor\"",
        says: "the variable `SMALL_WAS_HERE` changed from nothing to something",
        made: c(107),
        ..Defect::BLANK
    },
    Defect {
        name: "sets-the-locale",
        what: "sets the locale when an actor is linked",
        red: &["robust::globals"],
        verdict: "fail",
        last: "\"BindActor\"",
        says: "the locale changed from `C`",
        made: c(108),
        ..Defect::BLANK
    },
    Defect {
        name: "rounds-upwards",
        what: "lets numbers be rounded upwards from the first link on",
        red: &["robust::globals"],
        verdict: "fail",
        last: "\"BindActor\"",
        says: "rounding changed from `to the nearest` to `upwards`",
        made: c(109),
        ..Defect::BLANK
    },
    Defect {
        name: "changes-folder",
        what: "goes to another folder when an actor is linked",
        red: &["robust::globals"],
        verdict: "fail",
        last: "\"BindActor\"",
        says: "the directory changed",
        made: Made::Rust(Kind::ChangesFolder),
        ..Defect::BLANK
    },
    Defect {
        name: "panic-aborts",
        what: "says that a panic ends the process",
        red: &["abi::toolchain"],
        verdict: "fail",
        says: "a panic ends the process",
        made: c(110),
        ..Defect::BLANK
    },
    Defect {
        name: "leaks-links",
        what: "keeps 16 bytes of each link",
        red: &["leak::links"],
        verdict: "fail",
        last: "link made and removed",
        says: "more bytes of memory for each link",
        made: Made::Rust(Kind::LeaksLinks),
        ..Defect::BLANK
    },
    Defect {
        name: "leaks-calls",
        what: "keeps 16 bytes of each `Echo`",
        red: &["leak::calls"],
        verdict: "fail",
        last: "`Echo`",
        says: "more bytes of memory for each call of `Echo`",
        made: Made::Rust(Kind::LeaksCalls),
        ..Defect::BLANK
    },
    Defect {
        name: "file-per-call",
        what: "opens a file for each `Echo` and keeps it until it is stopped",
        red: &["leak::calls"],
        verdict: "fail",
        last: "`Echo`",
        says: "1 more open files for each call of `Echo`",
        made: Made::Rust(Kind::FilePerCall),
        ..Defect::BLANK
    },
    Defect {
        name: "leaks-instances",
        what: "keeps 16 bytes of each provider",
        red: &["leak::instance"],
        verdict: "fail",
        last: "provider's life",
        says: "more bytes of memory for each provider's life",
        made: Made::Rust(Kind::LeaksInstances),
        ..Defect::BLANK
    },
    Defect {
        name: "connection-per-call",
        what: "connects to its server for each `Echo`",
        red: &["leak::connections"],
        verdict: "fail",
        last: "rounds of sample calls",
        says: "a connection to 127.0.0.1:",
        made: Made::Rust(Kind::ConnectionPerCall),
        ..Defect::BLANK
    },
    Defect {
        name: "busy-when-idle",
        what: "runs a thread in a loop while an actor is linked",
        noted: "perf::footprint",
        says: "% of a processor while nobody calls it",
        made: Made::Rust(Kind::BusyWhenIdle),
        ..Defect::BLANK
    },
    Defect {
        name: "slow-to-load",
        what: "sleeps while it is loaded",
        noted: "perf::load",
        says: "ms to load; 100 ms are usual at most",
        made: c(112),
        ..Defect::BLANK
    },
    Defect {
        name: "slow-now-and-then",
        what: "sleeps in every twentieth `HealthRequest`",
        noted: "perf::call",
        says: "one call in a hundred takes",
        made: Made::Rust(Kind::SlowNowAndThen),
        ..Defect::BLANK
    },
];
