//! `wasmcloud:blobstore`, `wasmcloud:messaging`, `wasmcloud:telnet` and
//! `wasmcloud:logging`, and those of a provider that says much of itself: its link values, an example.

use faulty_defects::{Defect, Made};

const fn of(example: &'static str) -> Defect {
    Defect { verdict: "fail", made: Made::Example { example }, ..Defect::BLANK }
}

pub(super) const DEFECTS: &[Defect] = &[
    Defect {
        name: "blobstore-partial-chunk-lost",
        what: "loses the last, partial chunk and reports success",
        red: &["blobstore::transfer"],
        last: "GetObjectInfo",
        ..of("blobstore")
    },
    Defect {
        name: "blobstore-bare-chunk-refused",
        what: "reads chunks with a map around them only",
        red: &["blobstore::bare-chunk"],
        last: "StartUpload",
        ..of("blobstore")
    },
    Defect {
        name: "blobstore-wrapped-chunk-refused",
        what: "reads chunks without a map around them only",
        red: &["blobstore::transfer"],
        last: "StartUpload",
        ..of("blobstore")
    },
    Defect {
        name: "blobstore-one-root-for-all",
        what: "moves every actor's root to that of the latest link",
        red: &["blobstore::own-root"],
        last: "GetObjectInfo",
        ..of("blobstore")
    },
    Defect {
        name: "blobstore-removal-always-succeeds",
        what: "reports success for what it did not remove",
        red: &["blobstore::missing"],
        last: "RemoveContainer",
        ..of("blobstore")
    },
    Defect {
        name: "blobstore-id-leaves-root",
        what: "writes to wherever an id leads",
        red: &["blobstore::inside-root"],
        last: "StartUpload",
        says: "outside the link's root",
        ..of("blobstore")
    },
    Defect {
        name: "blobstore-chunk-before-start-refused",
        what: "takes no chunk before `StartUpload`",
        red: &["blobstore::any-order"],
        last: "UploadChunk",
        ..of("blobstore")
    },
    Defect {
        name: "blobstore-empty-start-refused",
        what: "refuses a `StartUpload` without bytes",
        red: &["blobstore::first-chunk"],
        last: "StartUpload",
        ..of("blobstore")
    },
    Defect {
        name: "blobstore-old-object-gone-early",
        what: "removes the object that is there when another version begins",
        red: &["blobstore::replaced"],
        last: "StartDownload",
        ..of("blobstore")
    },
    Defect {
        name: "blobstore-bad-chunk-swallowed",
        what: "answers chunks that do not fit with success, and throws them away",
        red: &["blobstore::bad-chunk"],
        last: "StartUpload",
        says: "was not refused",
        ..of("blobstore")
    },
    Defect {
        name: "blobstore-empty-object-sends-nothing",
        what: "sends no chunk of an object without bytes",
        red: &["blobstore::empty-object"],
        last: "StartDownload",
        says: "the chunks that came are others",
        ..of("blobstore")
    },
    Defect {
        name: "blobstore-chunks-overtake",
        what: "sends a long object's chunks in another order",
        red: &["blobstore::in-order"],
        last: "StartDownload",
        says: "in another order",
        ..of("blobstore")
    },
    Defect {
        name: "blobstore-default-chunk-too-short",
        what: "takes a `chunk_size` of 0 for 64 KiB",
        red: &["blobstore::default-chunk"],
        last: "StartDownload",
        says: "the chunks that came are others",
        ..of("blobstore")
    },
    Defect {
        name: "blobstore-ids-are-paths",
        what: "takes ids for paths, and makes one slash of two",
        red: &["blobstore::any-id"],
        last: "ListObjects",
        says: "the container has other objects",
        ..of("blobstore")
    },
    Defect {
        name: "messaging-operation-drifted",
        what: "calls `DeliverMessage` of actors, which have no such operation",
        red: &["messaging::delivers"],
        says: "another operation of the actor",
        ..of("messaging")
    },
    Defect {
        name: "messaging-declares-another-name",
        what: "declares and knows `PublishMessage`, which actors never call",
        red: &["contract::declares"],
        last: "dlopen",
        says: "`PublishMessage` is no operation",
        ..of("messaging_drifted")
    },
    Defect {
        name: "messaging-request-returns-raw-bytes",
        what: "returns from `Request` the answer's bytes without a message around them",
        red: &["messaging::request"],
        ..of("messaging")
    },
    Defect {
        name: "messaging-wildcard-compares-letters",
        what: "compares a subscription with a wildcard by its first letters",
        red: &["messaging::wildcards", "messaging::every-subscription"],
        ..of("messaging")
    },
    Defect {
        name: "messaging-any-subject",
        what: "publishes to what is no subject",
        red: &["messaging::bad-subject"],
        last: "Publish",
        ..of("messaging")
    },
    Defect {
        name: "messaging-any-subscription",
        what: "answers a bind as fine whose subscription is none",
        red: &["messaging::bad-subscription"],
        last: "BindActor",
        ..of("messaging")
    },
    Defect {
        name: "messaging-one-subscription",
        what: "gives an actor a message once, however many subscriptions it has for it",
        red: &["messaging::every-subscription"],
        ..of("messaging")
    },
    Defect {
        name: "messaging-group-ignored",
        what: "gives a message to every member of a queue group",
        red: &["messaging::queue-group"],
        ..of("messaging")
    },
    Defect {
        name: "messaging-no-answer-is-empty",
        what: "answers a request with an empty message when nobody else did",
        red: &["messaging::no-answer"],
        last: "Request",
        ..of("messaging")
    },
    Defect {
        name: "messaging-messages-overtake",
        what: "lets messages about subjects that end in `a.2` overtake each other",
        red: &["messaging::order"],
        ..of("messaging")
    },
    Defect {
        name: "messaging-remove-keeps-subscriptions",
        what: "keeps the subscriptions of an actor that was removed",
        red: &["messaging::queue-group", "messaging::after-remove"],
        ..of("messaging")
    },
    Defect {
        name: "messaging-ends-with-an-error",
        what: "gives an actor nothing more after its first error",
        red: &["messaging::failing-actor"],
        ..of("messaging")
    },
    Defect {
        name: "messaging-publishes-for-anybody",
        what: "answers an actor that is not linked that its message was published",
        red: &["messaging::after-remove", "messaging::without-link"],
        last: "Publish",
        ..of("messaging")
    },
    Defect {
        name: "messaging-bind-without-broker",
        what: "answers a bind as fine when the broker is not there",
        red: &["messaging::no-broker"],
        last: "BindActor",
        ..of("messaging")
    },
    Defect {
        name: "telnet-remove-hangs",
        what: "waits in `RemoveActor` for sessions that nobody ends",
        red: &["telnet::remove"],
        verdict: "hang",
        last: "RemoveActor",
        ..of("telnet")
    },
    Defect {
        name: "telnet-line-end-stays",
        what: "leaves a part of the line's end in the text",
        red: &["telnet::session"],
        says: "the actor gets another text",
        ..of("telnet")
    },
    Defect {
        name: "telnet-nul-ends-no-line",
        what: "takes CR NUL for a part of the line",
        red: &["telnet::lines"],
        says: "the actor is not called with `ReceiveText`",
        ..of("telnet")
    },
    Defect {
        name: "telnet-commands-in-text",
        what: "takes what clients negotiate for text",
        red: &["telnet::options"],
        says: "the actor gets other lines",
        ..of("telnet")
    },
    Defect {
        name: "telnet-sessions-together",
        what: "keeps the sessions of all actors together, and sends to any of them",
        red: &["telnet::no-session"],
        last: "SendText",
        says: "a text for another actor's session is not refused",
        ..of("telnet")
    },
    Defect {
        name: "telnet-send-always-succeeds",
        what: "reports success for a text that nobody gets",
        red: &["telnet::no-session"],
        last: "SendText",
        says: "a text for a session that there is not is not refused",
        ..of("telnet")
    },
    Defect {
        name: "telnet-bare-reply-refused",
        what: "reads the actor's reply as a map only",
        red: &["telnet::bare-reply"],
        says: "the actor is not called with `ReceiveText`",
        ..of("telnet")
    },
    Defect {
        name: "telnet-bind-always-fine",
        what: "answers a bind as fine when the port is taken",
        red: &["telnet::port-taken"],
        last: "BindActor",
        ..of("telnet")
    },
    Defect {
        name: "logging-level-by-case",
        what: "knows levels in small letters only",
        red: &["logging::levels"],
        last: "ERROR",
        ..of("logging")
    },
    Defect {
        name: "logging-any-level",
        what: "takes any word for a level",
        red: &["logging::unknown-level"],
        last: "loud",
        ..of("logging")
    },
    Defect {
        name: "logging-to-nowhere",
        what: "takes lines and writes none",
        red: &["logging::host-log"],
        last: "trace",
        says: "the host is told something else",
        ..of("logging")
    },
    Defect {
        name: "logging-without-actor",
        what: "writes lines on a thread that works for no actor",
        red: &["logging::host-log"],
        last: "trace",
        ..of("logging")
    },
    Defect {
        name: "logging-level-not-read",
        what: "does not read `LEVEL`",
        red: &["logging::filter"],
        last: "trace",
        ..of("logging")
    },
    Defect {
        name: "logging-one-level-for-all",
        what: "treats every actor's lines as the latest link says",
        red: &["logging::filter"],
        last: "trace",
        ..of("logging")
    },
    Defect {
        name: "link-value-of-any-text",
        what: "takes any text for a link value that it calls a number",
        red: &["links::values"],
        last: "BindActor",
        says: "a link whose `OPENINGS` is not a whole number from 1 to 100 was answered with Ok",
        ..of("link_values")
    },
    Defect {
        name: "link-error-tells-a-secret",
        what: "repeats a secret in the error that says that it is wrong",
        red: &["links::values"],
        last: "BindActor",
        says: "the error repeats the value of `KEY`, which is a secret",
        ..of("link_values")
    },
    Defect {
        name: "reply-unlike-the-example",
        what: "answers the request of an example in its contract with another reply than the example has",
        red: &["ops::sample::Knock"],
        last: "Knock",
        says: "the reply is not the one that is expected",
        ..of("link_values")
    },
];
