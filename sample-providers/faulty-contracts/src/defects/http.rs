//! `wasmcloud:httpserver` and `wasmcloud:httpclient`.

use faulty_defects::{Defect, Made};

const SERVER: Defect =
    Defect { verdict: "fail", made: Made::Example { example: "http_server" }, ..Defect::BLANK };
const CLIENT: Defect =
    Defect { verdict: "fail", made: Made::Example { example: "http_client" }, ..Defect::BLANK };

pub(super) const DEFECTS: &[Defect] = &[
    Defect {
        name: "httpserver-query-lost",
        what: "leaves the query out of the request",
        red: &["httpserver::serves"],
        last: "BindActor",
        says: "the actor was asked something else",
        ..SERVER
    },
    Defect {
        name: "httpserver-bind-always-fine",
        what: "answers a bind as fine when the port is taken",
        red: &["httpserver::port-taken"],
        last: "BindActor",
        says: "a port that is taken",
        ..SERVER
    },
    Defect {
        name: "httpserver-port-stays",
        what: "closes the port some time after `RemoveActor` answered",
        red: &[
            "httpserver::port-free",
            "links::remove",
            "stop::stderr-broken",
            "stop::stdout-broken",
        ],
        ..SERVER
    },
    Defect {
        name: "httpserver-error-text-to-client",
        what: "tells the client what went wrong in the actor",
        red: &["httpserver::bad-reply"],
        says: "the actor answers an error",
        ..SERVER
    },
    Defect {
        name: "httpserver-last-header-wins",
        what: "hands over the last line of a header alone",
        red: &["httpserver::headers"],
        says: "a header came twice",
        ..SERVER
    },
    Defect {
        name: "httpserver-cookies-joined",
        what: "sends two cookies as one",
        red: &["httpserver::headers"],
        says: "the actor answers with two cookies",
        ..SERVER
    },
    Defect {
        name: "httpserver-in-flight-cut",
        what: "closes connections when an actor is removed, whatever is under way on them",
        red: &["httpserver::in-flight"],
        last: "RemoveActor",
        says: "the request was in flight",
        ..SERVER
    },
    Defect {
        name: "httpserver-first-address-only",
        what: "listens on the first address of `BIND` and on no other",
        red: &["httpserver::addresses"],
        last: "BindActor",
        ..SERVER
    },
    Defect {
        name: "httpserver-waits-for-ever",
        what: "waits for an actor for as long as it takes",
        red: &["httpserver::timeout"],
        verdict: "hang",
        ..SERVER
    },
    Defect {
        name: "httpserver-body-of-any-length",
        what: "takes a body of any length",
        red: &["httpserver::body-limit"],
        last: "BindActor",
        says: "a body of 17 bytes",
        ..SERVER
    },
    Defect {
        name: "httpserver-any-origin",
        what: "allows pages of any origin",
        red: &["httpserver::cors"],
        last: "BindActor",
        ..SERVER
    },
    Defect {
        name: "httpserver-declares-what-actors-answer",
        what: "declares `HandleRequest` as an operation that actors call",
        red: &["contract::declares", "ops::declared::HandleRequest"],
        made: Made::Example { example: "http_server_declared" },
        ..SERVER
    },
    Defect {
        name: "httpclient-no-health-request",
        what: "does not know `HealthRequest`",
        red: &["health::response"],
        last: "HealthRequest",
        ..CLIENT
    },
    Defect {
        name: "httpclient-patch-without-body",
        what: "sends a `PATCH` without its body",
        red: &["httpclient::bodies"],
        last: "PATCH",
        says: "a `PATCH` arrives as something else",
        ..CLIENT
    },
    Defect {
        name: "httpclient-refused-is-a-status",
        what: "answers status 500 where nobody answered",
        red: &["httpclient::refused"],
        last: "Request",
        ..CLIENT
    },
    Defect {
        name: "httpclient-timeout-ignored",
        what: "waits for half a minute, whatever the link says",
        red: &["httpclient::timeout"],
        last: "Request",
        says: "goes on and on",
        ..CLIENT
    },
    Defect {
        name: "httpclient-redirect-is-the-response",
        what: "follows no redirects",
        red: &["httpclient::redirect-loop", "httpclient::redirects"],
        last: "Request",
        ..CLIENT
    },
    Defect {
        name: "httpclient-redirect-is-a-get",
        what: "goes on with `GET` and without the body after every redirect",
        red: &["httpclient::redirects"],
        last: "/to/307",
        says: "after a 307 the request is another one",
        ..CLIENT
    },
    Defect {
        name: "httpclient-redirects-for-ever",
        what: "follows fifty redirects, whatever the link says",
        red: &["httpclient::redirect-loop"],
        last: "Request",
        says: "more redirects are followed than the link allows",
        ..CLIENT
    },
    Defect {
        name: "httpclient-body-without-limit",
        what: "returns a body that is longer than the link allows",
        red: &["httpclient::max-body"],
        last: "/length/1001",
        ..CLIENT
    },
    Defect {
        name: "httpclient-header-made-text",
        what: "reads headers with replacement characters",
        red: &["httpclient::header-bytes"],
        last: "Request",
        ..CLIENT
    },
];
