//! The table of defects of the package `faulty`, and the shape of such tables.
//!
//! It is a package of its own, because a program can link one provider that exports itself, and tables
//! are read by programs that link others.

mod asynchronous;
mod chance;
mod fool;
mod foreign;
mod library;
mod life;
mod links;
mod log;
mod ops;
mod process;
mod stop;

/// The environment variable that names a defect. Without it, and with a name that is not in the table,
/// the provider behaves well.
pub const VARIABLE: &str = "FAULTY_DEFECT";

/// A way to break a rule.
#[derive(Debug, Clone, Copy)]
pub struct Defect {
    /// What `FAULTY_DEFECT` says; also the name of a library in C that has it.
    pub name: &'static str,
    /// What the provider does, in one line.
    pub what: &'static str,
    /// The checks that must find it, and no others may.
    pub red: &'static [&'static str],
    /// The testkit's word for what they find: `fail`, `panic`, `crash`, `crash after verdict`, `hang`
    /// or `exit`; `refused` for what is not even opened.
    pub verdict: &'static str,
    /// A part of the last call that a report shows, arguments included; empty where no call is made.
    pub last: &'static str,
    /// A part of what the report says about it; empty where the verdict says it all.
    pub says: &'static str,
    /// The check that passes and must say it in a note, for what breaks no rule.
    pub noted: &'static str,
    /// What has it.
    pub made: Made,
}

/// What has a defect.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[non_exhaustive]
pub enum Made {
    /// The provider of the package `faulty`.
    Rust(Kind),
    /// A provider in C.
    C {
        /// Its source, in the folder `c`.
        source: &'static str,
        /// What it is compiled with: `-DDEFECT=number`; 0 keeps every rule.
        number: u8,
    },
    /// An example of the package `faulty-contracts`.
    Example {
        /// Its name.
        example: &'static str,
    },
    /// The good provider in C, which needs another library of this name. What has a path is missing.
    Needing(&'static str),
    /// The good provider in C, with a header that says that it is for another processor.
    Foreign,
}

impl Defect {
    /// What rows leave out.
    pub const BLANK: Self = Self {
        name: "",
        what: "",
        red: &[],
        verdict: "",
        last: "",
        says: "",
        noted: "",
        made: Made::C { source: "", number: 0 },
    };

    /// The defect of that name.
    #[must_use]
    pub fn find(name: &str) -> Option<&'static Self> {
        defects().find(|defect| defect.name == name)
    }

    /// What the provider of the package `faulty` does wrong, if it is its defect.
    #[must_use]
    pub fn kind(&self) -> Option<Kind> {
        match self.made {
            Made::Rust(kind) => Some(kind),
            Made::C { .. } | Made::Example { .. } | Made::Needing(_) | Made::Foreign => None,
        }
    }
}

/// Every defect, in the order of a provider's life, those in C last.
pub fn defects() -> impl Iterator<Item = &'static Defect> {
    [
        life::DEFECTS,
        links::DEFECTS,
        ops::DEFECTS,
        stop::DEFECTS,
        process::DEFECTS,
        chance::DEFECTS,
        foreign::DEFECTS,
        asynchronous::DEFECTS,
        log::DEFECTS,
    ]
    .into_iter()
    .flatten()
}

/// Ways to fool a testkit. They are no part of [`defects`]: a provider that has one can do whatever it
/// likes to every check, and the first check that meets it is enough.
pub fn fools() -> impl Iterator<Item = &'static Defect> {
    fool::FOOLS.iter()
}

/// What the provider of the package `faulty` does wrong.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
#[expect(missing_docs, reason = "the table says what each of them is")]
pub enum Kind {
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
    AbortOnLongText,
    PanicOnNulInKey,
    SpinOnBytes,
    ForgetsChangedActor,
    MiscountsChangedLinks,
    SecondConfigurePanics,
    NoHealth,
    HealthWearsOff,
    HealthEndsLinks,
    StrictHealth,
    BindLocksHealth,
    NoBind,
    BoundedLinks,
    RemovesNothing,
    PanicsForStrangers,
    AnybodyLinks,
    LinkTableRaces,
    TakesTrailingBytes,
    UnwrapsAnswers,
    DispatchLocksHealth,
    DispatchLocksLinks,
    SharesAReply,
    SecondStopPanics,
    PanicsAfterStop,
    PrintsInStop,
    ThreadOutlivesStop,
    SocketOutlivesStop,
    FileOutlivesStop,
    ProcessOutlivesStop,
    StopWaitsForCalls,
    NeedsAHome,
    StoppedForGood,
    SharesItsLinks,
    ChangesFolder,
    LeaksLinks,
    LeaksCalls,
    FilePerCall,
    LeaksInstances,
    ConnectionPerCall,
    BusyWhenIdle,
    SlowNowAndThen,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_and_kinds_are_unique_and_every_row_says_what_finds_it() {
        let all: Vec<_> = defects().collect();
        for (index, defect) in all.iter().enumerate() {
            for other in &all[..index] {
                assert_ne!(defect.name, other.name);
                assert_ne!(defect.made, other.made);
            }
            let found = defect.red.is_empty() != defect.noted.is_empty();
            assert!(found && !defect.what.is_empty(), "{}", defect.name);
            assert_eq!(Defect::find(defect.name).unwrap().made, defect.made);
        }
        assert!(Defect::find("none").is_none());
    }
}
