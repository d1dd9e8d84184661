//! The table of defects.

/// The environment variable that names a defect. Without it, and with a name that is not in the table,
/// the provider behaves well.
pub const VARIABLE: &str = "FAULTY_DEFECT";

/// A way to break a rule.
#[derive(Debug, Clone, Copy)]
pub struct Defect {
    /// What `FAULTY_DEFECT` says.
    pub name: &'static str,
    /// What the provider does, in one line.
    pub what: &'static str,
    /// The checks that must find it, and no others may.
    pub red: &'static [&'static str],
    /// The testkit's word for what they find: `fail`, `panic`, `crash`, `crash after verdict`, `hang`
    /// or `exit`.
    pub verdict: &'static str,
    pub(crate) kind: Kind,
}

impl Defect {
    /// The defect of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        DEFECTS.iter().find(|defect| defect.name == name)
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Kind {
    CrashInConstructor,
    ExitInConstructor,
    PanicInConstructor,
    ThreadFromConstructor,
    ConfigureFails,
    ThreadBound,
    NeverHealthy,
    HealthAsArray,
    ByteOnBind,
    PanicInBackgroundThread,
    SecondBindFails,
    ChangedBindFails,
    HangInRemove,
    RemoveUnknownFails,
    SecondRemoveFails,
    RunsOutOfLinks,
    RemoveEndsAllLinks,
    PanicOnOddValue,
    PanicOnMalformedBind,
    UnknownOpSucceeds,
    ErrorTextEmpty,
    DeclaredOpUnknown,
    PanicInOp,
    SpinInOp,
    AcceptsMalformed,
    DeepNestingOverflows,
    WrongReply,
    StopNeedsALink,
    PanicInStop,
    HangInStop,
    ExitInStop,
    StdoutInStop,
    StderrInStop,
    CrashAtExit,
}

const fn row(
    name: &'static str,
    kind: Kind,
    verdict: &'static str,
    red: &'static [&'static str],
    what: &'static str,
) -> Defect {
    Defect { name, what, red, verdict, kind }
}

/// Every defect, in the order of a provider's life.
pub static DEFECTS: &[Defect] = &[
    row(
        "crash-in-constructor",
        Kind::CrashInConstructor,
        "crash",
        &["create::ok"],
        "ends the process with SIGABRT while it is made",
    ),
    row(
        "exit-in-constructor",
        Kind::ExitInConstructor,
        "exit",
        &["create::ok"],
        "exits with 0, as if all was well, while it is made",
    ),
    row(
        "panic-in-constructor",
        Kind::PanicInConstructor,
        "panic",
        &["create::ok"],
        "panics while it is made",
    ),
    row(
        "thread-from-constructor",
        Kind::ThreadFromConstructor,
        "fail",
        &["create::drop-unused"],
        "starts a thread while it is made, and never ends it",
    ),
    row(
        "configure-fails",
        Kind::ConfigureFails,
        "fail",
        &["dispatch::configure"],
        "refuses the dispatcher",
    ),
    row(
        "thread-bound",
        Kind::ThreadBound,
        "fail",
        &["create::cross-thread"],
        "answers only on the thread that it was made on",
    ),
    row(
        "never-healthy",
        Kind::NeverHealthy,
        "fail",
        &["health::initially-true"],
        "says that it is not healthy, always",
    ),
    row(
        "health-as-array",
        Kind::HealthAsArray,
        "fail",
        &["health::response"],
        "encodes its health by position and not by name",
    ),
    row(
        "byte-on-bind",
        Kind::ByteOnBind,
        "fail",
        &["links::bind"],
        "answers `BindActor` with one byte, a serialised nil",
    ),
    row(
        "panic-in-background-thread",
        Kind::PanicInBackgroundThread,
        "panic",
        &["links::bind"],
        "starts a thread for each link, which panics; every call is answered well",
    ),
    row(
        "second-bind-fails",
        Kind::SecondBindFails,
        "fail",
        &["links::bind-idempotent"],
        "refuses a `BindActor` that comes twice in a row",
    ),
    row(
        "changed-bind-fails",
        Kind::ChangedBindFails,
        "fail",
        &["links::bind-changed"],
        "refuses a `BindActor` with other values for an actor that is linked",
    ),
    row(
        "hang-in-remove",
        Kind::HangInRemove,
        "hang",
        &["links::remove"],
        "waits for ever when a link that was made again is removed",
    ),
    row(
        "remove-unknown-fails",
        Kind::RemoveUnknownFails,
        "fail",
        &["links::remove-unknown"],
        "refuses to remove an actor that was never linked",
    ),
    row(
        "second-remove-fails",
        Kind::SecondRemoveFails,
        "fail",
        &["links::remove-twice"],
        "refuses to remove an actor that was removed before",
    ),
    row(
        "runs-out-of-links",
        Kind::RunsOutOfLinks,
        "fail",
        &["links::cycle"],
        "takes a slot for each link and never gives it back: there are forty",
    ),
    row(
        "remove-ends-all-links",
        Kind::RemoveEndsAllLinks,
        "fail",
        &["links::isolation"],
        "removes all actors when one is removed",
    ),
    row(
        "panic-on-odd-value",
        Kind::PanicOnOddValue,
        "panic",
        &["links::config-values"],
        "unwraps the link value `PORT`, which need not be a port",
    ),
    row(
        "panic-on-malformed-bind",
        Kind::PanicOnMalformedBind,
        "panic",
        &["links::malformed"],
        "unwraps the payload of `BindActor`",
    ),
    row(
        "unknown-op-succeeds",
        Kind::UnknownOpSucceeds,
        "fail",
        &["ops::unknown"],
        "answers operations that it does not know with Ok",
    ),
    row(
        "error-text-empty",
        Kind::ErrorTextEmpty,
        "fail",
        &["ops::unknown"],
        "refuses operations that it does not know without a word",
    ),
    row(
        "declared-op-unknown",
        Kind::DeclaredOpUnknown,
        "fail",
        &["ops::declared::Nest"],
        "says that there is no `Nest` when it cannot decode the payload",
    ),
    row(
        "panic-in-op",
        Kind::PanicInOp,
        "panic",
        &["ops::malformed::Echo"],
        "unwraps the payload of `Echo`, having looked at its first byte",
    ),
    row(
        "spin-in-op",
        Kind::SpinInOp,
        "hang",
        &["ops::malformed::Echo"],
        "waits in a loop for the rest of an `Echo` that is cut off",
    ),
    row(
        "accepts-malformed",
        Kind::AcceptsMalformed,
        "fail",
        &["ops::malformed::Echo"],
        "takes an `Echo` that it cannot decode for an empty one",
    ),
    row(
        "deep-nesting-overflows",
        Kind::DeepNestingOverflows,
        "crash",
        &["ops::malformed::Nest"],
        "decodes the payload of `Nest` with a recursion that has no limit",
    ),
    row("wrong-reply", Kind::WrongReply, "fail", &["ops::sample::Echo"], "echoes something else"),
    row(
        "stop-needs-a-link",
        Kind::StopNeedsALink,
        "panic",
        &["stop::unused"],
        "unwraps in `stop` what only the first link makes",
    ),
    row(
        "panic-in-stop",
        Kind::PanicInStop,
        "panic",
        &["stop::clean"],
        "panics in `stop` while an actor is linked",
    ),
    row(
        "hang-in-stop",
        Kind::HangInStop,
        "hang",
        &["stop::clean"],
        "waits for ever in `stop` while an actor is linked",
    ),
    row(
        "exit-in-stop",
        Kind::ExitInStop,
        "exit",
        &["stop::clean"],
        "exits with 3 in `stop` while an actor is linked",
    ),
    row(
        "stdout-in-stop",
        Kind::StdoutInStop,
        "crash",
        &["stop::stdout-broken"],
        "writes to standard output in `stop`, and dies when that is broken",
    ),
    row(
        "stderr-in-stop",
        Kind::StderrInStop,
        "crash",
        &["stop::stderr-broken"],
        "writes to standard error in `stop`, and dies when that is broken",
    ),
    row(
        "crash-at-exit",
        Kind::CrashAtExit,
        "crash after verdict",
        &["stop::exit"],
        "dies at the end of the process when it was stopped and not freed",
    ),
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_kinds_are_unique_and_every_row_says_what_finds_it() {
        for (index, defect) in DEFECTS.iter().enumerate() {
            for other in &DEFECTS[..index] {
                assert_ne!(defect.name, other.name);
                assert_ne!(defect.kind, other.kind);
            }
            assert!(!defect.red.is_empty() && !defect.what.is_empty());
            assert_eq!(Defect::find(defect.name).unwrap().kind, defect.kind);
        }
        assert!(Defect::find("none").is_none());
    }

    #[test]
    fn the_readme_names_every_defect() {
        let readme = include_str!("../README.md");
        for defect in DEFECTS {
            assert!(readme.contains(&format!("`{}`", defect.name)), "{}", defect.name);
        }
    }
}
