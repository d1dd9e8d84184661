//! What is done to fool a testkit, to end it or to outlive it: `c/fool.c`.

use super::{Defect, Made};

/// Begins when an actor is linked: `links::bind` is the check that meets it.
const fn fool(number: u8, name: &'static str, what: &'static str) -> Defect {
    Defect {
        name,
        what,
        red: &["links::bind"],
        last: "\"BindActor\"",
        made: Made::C { source: "fool.c", number },
        ..Defect::BLANK
    }
}

const fn found(defect: Defect, verdict: &'static str, says: &'static str) -> Defect {
    Defect { verdict, says, ..defect }
}

/// As [`found`], and the last call is another one.
const fn found_in(
    last: &'static str,
    defect: Defect,
    verdict: &'static str,
    says: &'static str,
) -> Defect {
    Defect { last, ..found(defect, verdict, says) }
}

const EXIT: &str = "ended the process with exit code 0 during `handle_call`";
const CLOSED: &str = "closed file descriptors that are not its own";
const WROTE: &str = "wrote to a file descriptor that is not its own";

pub(super) const FOOLS: &[Defect] = &[
    found(fool(1, "exits", "ends the process, as if all were well"), "exit", EXIT),
    found(fool(2, "exits-at-once", "ends the process without its exit handlers"), "exit", EXIT),
    found(fool(3, "exits-in-a-thread", "ends the process from a thread of its own"), "exit", EXIT),
    found_in(
        "destroy",
        fool(4, "exits-in-an-exit-handler", "ends the process while it is ending"),
        "crash after verdict",
        "before all exit handlers had run",
    ),
    found_in(
        "destroy",
        fool(5, "forks", "leaves a process behind that holds everything open"),
        "fail",
        "left processes behind",
    ),
    found_in(
        "destroy",
        fool(6, "forks-a-daemon", "leaves a process behind in a session of its own"),
        "fail",
        "left processes behind",
    ),
    found_in(
        "",
        fool(7, "forks-and-returns-twice", "forks, and both processes go on"),
        "fail",
        "a call returned twice",
    ),
    found(fool(8, "closes-descriptors", "closes all descriptors"), "fail", CLOSED),
    found(
        fool(9, "replaces-descriptors", "closes all descriptors and opens others in their place"),
        "fail",
        CLOSED,
    ),
    found_in(
        "",
        fool(10, "writes-to-descriptors", "writes to descriptors that are not its own"),
        "fail",
        WROTE,
    ),
    found(
        fool(11, "forges-a-verdict", "writes a good verdict where the worker writes its own"),
        "fail",
        WROTE,
    ),
    found(fool(12, "spins", "never returns, and is busy"), "hang", "is running"),
    found_in(
        "",
        fool(13, "floods-standard-error", "writes a gigabyte to standard error"),
        "fail",
        "more than 256 MiB to standard error",
    ),
    found_in(
        "",
        fool(14, "floods-standard-output", "writes a gigabyte to standard output"),
        "fail",
        "more than 256 MiB to standard output",
    ),
    found_in(
        "destroy",
        fool(15, "sleeps-in-destroy", "sleeps for ever when it is freed"),
        "hang",
        "`destroy` did not return",
    ),
    found_in(
        "destroy",
        fool(16, "sleeps-in-a-destructor", "sleeps for ever when the library is unloaded"),
        "hang",
        "did not end within",
    ),
    found(
        fool(17, "swallows-signals", "has a handler for SIGSEGV that does nothing"),
        "hang",
        "is running",
    ),
    found(fool(18, "exits-on-signals", "has a handler for SIGSEGV that exits"), "exit", EXIT),
    found(fool(19, "blocks-signals", "blocks all signals and waits"), "hang", "did not return"),
    found_in(
        "",
        fool(20, "raises-limits", "raises its own limits and takes memory without end"),
        "fail",
        "no more memory",
    ),
    found_in(
        "",
        fool(21, "starts-threads", "starts ten thousand threads"),
        "fail",
        "no more threads",
    ),
    found_in(
        "",
        fool(22, "deletes-its-folder", "deletes the folder that it is run in"),
        "pass",
        "",
    ),
    found_in("", fool(23, "kills-its-parent", "kills the process above it"), "fail", "stays"),
    found_in(
        "destroy",
        fool(24, "closes-at-exit", "closes all descriptors at exit"),
        "fail",
        CLOSED,
    ),
    found_in("", fool(25, "locks-its-folder", "leaves a folder that nobody may enter"), "pass", ""),
    found(
        fool(26, "calls-nothing", "calls a function that is not there"),
        "crash",
        "SIGSEGV during `handle_call`",
    ),
    found_in(
        "",
        fool(27, "reads-freed-memory", "reads memory that it has freed, which a tool can see"),
        "pass",
        "",
    ),
];
