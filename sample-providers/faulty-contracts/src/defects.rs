//! The tables of defects.

mod graphdb;
mod http;
mod keyvalue;
mod others;

use std::{env, sync::LazyLock};

use faulty_defects::{Defect, VARIABLE};

/// Every defect, by contract.
pub fn defects() -> impl Iterator<Item = &'static Defect> {
    [keyvalue::DEFECTS, http::DEFECTS, others::DEFECTS, graphdb::DEFECTS].into_iter().flatten()
}

/// Whether the provider has this defect.
///
/// # Panics
///
/// When no table has it.
#[must_use]
pub fn has(name: &str) -> bool {
    static CHOSEN: LazyLock<Option<String>> = LazyLock::new(|| env::var(VARIABLE).ok());
    debug_assert!(defects().any(|defect| defect.name == name), "no table has `{name}`");
    CHOSEN.as_deref() == Some(name)
}

/// A fault that providers of 2021 had.
#[derive(Debug, Clone, Copy)]
pub struct Fault {
    /// What they did.
    pub what: &'static str,
    /// Who did it.
    pub who: &'static str,
    /// The defects that do it again: of this package, or of `faulty`.
    pub defects: &'static [&'static str],
}

/// Each fault that the first-party providers of 2021 had, as far as it could be read in them.
#[must_use]
pub fn faults_of_2021() -> &'static [Fault] {
    FAULTS
}

const FAULTS: &[Fault] = &[
    Fault {
        what: "`HealthRequest` is not answered",
        who: "fs, s3, httpclient, redisgraph",
        defects: &["httpclient-no-health-request"],
    },
    Fault {
        what: "`RemoveActor` hangs for ever",
        who: "telnet",
        defects: &["telnet-remove-hangs"],
    },
    Fault {
        what: "the last, partial chunk of an upload is lost, and success is reported",
        who: "fs",
        defects: &["blobstore-partial-chunk-lost"],
    },
    Fault {
        what: "one actor's `ROOT` moves every actor's",
        who: "fs",
        defects: &["blobstore-one-root-for-all"],
    },
    Fault {
        what: "a bare chunk is expected, and actors send a wrapped one: one of the two is refused",
        who: "fs, s3",
        defects: &["blobstore-bare-chunk-refused", "blobstore-wrapped-chunk-refused"],
    },
    Fault {
        what: "a bind is reported as fine when the port is taken",
        who: "httpserver",
        defects: &["httpserver-bind-always-fine"],
    },
    Fault {
        what: "the name of an operation drifted from its interface, and messages vanish",
        who: "messaging",
        defects: &["messaging-operation-drifted", "messaging-declares-another-name"],
    },
    Fault {
        what: "`Request` returns raw bytes, which no actor can decode",
        who: "messaging",
        defects: &["messaging-request-returns-raw-bytes"],
    },
    Fault {
        what: "`expires` is ignored",
        who: "redis, inmemory",
        defects: &["keyvalue-expires-ignored"],
    },
    Fault {
        what: "`Push` adds at one end here and at the other there",
        who: "redis, inmemory",
        defects: &["keyvalue-push-at-tail"],
    },
    Fault {
        what: "`Range` is with its last item here and without it there, and negative positions \
               count from the end only here",
        who: "redis, inmemory",
        defects: &["keyvalue-range-without-stop", "keyvalue-range-only-forward"],
    },
    Fault {
        what: "a count is what changed here and what is there afterwards there",
        who: "redis, inmemory",
        defects: &[
            "keyvalue-push-returns-what-came",
            "keyvalue-item-delete-returns-rest",
            "keyvalue-set-add-returns-size",
            "keyvalue-set-remove-returns-size",
        ],
    },
    Fault {
        what: "it panics for a malformed payload",
        who: "redis",
        defects: &["keyvalue-panics-on-malformed"],
    },
    Fault {
        what: "`RemoveActor` removes nothing",
        who: "s3, redisgraph",
        defects: &["keyvalue-remove-does-nothing"],
    },
    Fault {
        what: "a `PATCH` loses its body",
        who: "httpclient",
        defects: &["httpclient-patch-without-body"],
    },
];

#[cfg(test)]
mod tests {
    use std::collections::HashSet;

    use super::*;

    #[test]
    fn names_are_unique_and_every_row_says_what_finds_it() {
        let mut seen: HashSet<&str> = faulty_defects::defects().map(|defect| defect.name).collect();
        for defect in defects() {
            assert!(seen.insert(defect.name), "{} is there twice", defect.name);
            assert!(!defect.red.is_empty() && !defect.what.is_empty(), "{}", defect.name);
        }
    }
}
