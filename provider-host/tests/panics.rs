//! Panics in any function of a provider reach the host as errors and leave the provider usable: in a
//! library, which has its own copy of everything, and linked in.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::sync::OnceLock;

use panics::PanicsClient;
use provider_core::{Error, ErrorKind, NullDispatcher};
use provider_host::{Library, Running};

const ACTOR: &str = "MACTOR";

fn libraries() -> &'static [Library; 2] {
    static LIBRARIES: OnceLock<[Library; 2]> = OnceLock::new();
    LIBRARIES.get_or_init(|| {
        let path = &support::build(&["panics"], &[])[0];
        [Library::open(path).unwrap(), Library::linked(&panics::ENTRY).unwrap()]
    })
}

fn running(library: &Library) -> Running {
    library.create().unwrap().configure(NullDispatcher).unwrap()
}

fn client(provider: &Running) -> PanicsClient<&Running> {
    PanicsClient::new(provider, ACTOR)
}

/// The provider still works, for an actor with a link of its own.
fn is_usable(provider: &Running) {
    provider.bind("MWELL", [("PANIC", "")]).unwrap();
    let echoed = PanicsClient::new(provider, "MWELL").echo("hello".into()).unwrap();
    assert_eq!(echoed, "hello");
    provider.remove("MWELL").unwrap();
}

fn panicked(outcome: Result<(), Error>, place: &str) {
    let error = outcome.unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Panic, "{error}");
    assert!(error.message().contains(place), "{error}");
}

#[test]
fn a_panic_in_an_operation_is_an_error() {
    for library in libraries() {
        let provider = running(library);
        provider.bind(ACTOR, [("PANIC", "")]).unwrap();
        panicked(client(&provider).panic(), "told to panic in an operation");
        panicked(client(&provider).panic_twice(), "no text");
        is_usable(&provider);
        assert_eq!(client(&provider).echo("again".into()).unwrap(), "again");
    }
}

#[test]
fn a_panic_while_linking_leaves_the_actor_unlinked() {
    for library in libraries() {
        let provider = running(library);
        panicked(provider.bind(ACTOR, [("PANIC", "link")]), "told to panic in link");
        let error = client(&provider).echo("x".into()).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::NotLinked);
        provider.bind(ACTOR, [("PANIC", "")]).unwrap();
        is_usable(&provider);
    }
}

#[test]
fn a_panic_while_unlinking_unlinks_the_actor_all_the_same() {
    for library in libraries() {
        for place in ["unlink", "drop-link"] {
            let provider = running(library);
            provider.bind(ACTOR, [("PANIC", place)]).unwrap();
            panicked(provider.remove(ACTOR), "told to panic in");
            provider.remove(ACTOR).unwrap();
            let error = client(&provider).echo("x".into()).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::NotLinked);
            is_usable(&provider);
        }
    }
}

#[test]
fn a_panic_in_health_is_an_error() {
    for library in libraries() {
        let provider = running(library);
        provider.bind(ACTOR, [("PANIC", "")]).unwrap();
        client(&provider).arm("health".into()).unwrap();
        panicked(provider.health().map(drop), "told to panic in health");
        is_usable(&provider);
        client(&provider).arm(String::new()).unwrap();
        assert!(provider.health().unwrap().healthy);
    }
}

#[test]
fn a_panic_in_stop_and_in_the_destructor_is_an_error() {
    for library in libraries() {
        let provider = running(library);
        provider.bind(ACTOR, [("PANIC", "")]).unwrap();
        client(&provider).arm("stop".into()).unwrap();
        panicked(provider.stop().map(drop), "told to panic in stop");

        let provider = running(library);
        provider.bind(ACTOR, [("PANIC", "")]).unwrap();
        client(&provider).arm("drop-provider".into()).unwrap();
        let error = provider.stop().unwrap().destroy().unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Panic);
    }
}
