//! What the SDK answers on behalf of every provider: the specification's promises.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
    },
};

use provider_core::{
    Adapter, CapabilityProvider, DirectCalls, Dispatcher, codec,
    ops::{CapabilityConfiguration, HealthResponse},
    prelude::*,
};

/// Remembers.
#[contract("test:notes")]
trait Notes {
    /// Adds a note and returns all of them.
    #[op(alias = "Note")]
    fn add(&self, cx: Cx<'_, Self>, note: String) -> OpResult<Vec<String>>;
    /// Asks the calling actor to shout.
    fn shout(&self, cx: Cx<'_, Self>, text: String) -> OpResult<String>;
    /// Fails in the way it is told.
    fn fail(&self, cx: Cx<'_, Self>, plainly: bool) -> OpResult<()>;
}

#[derive(Default)]
struct Memory {
    linked: Arc<AtomicUsize>,
    unlinked: Arc<AtomicUsize>,
    stopped: Arc<AtomicUsize>,
}

impl Provider for Memory {
    type Link = Mutex<Vec<String>>;

    fn link(&self, config: &LinkConfig) -> Result<Self::Link, BoxError> {
        self.linked.fetch_add(1, Ordering::SeqCst);
        let first: Option<u8> = config.get("FIRST").map(str::parse).transpose()?;
        Ok(Mutex::new(first.iter().map(ToString::to_string).collect()))
    }

    fn unlink(&self, _actor: &str, _link: &Self::Link) {
        self.unlinked.fetch_add(1, Ordering::SeqCst);
    }

    fn health(&self) -> HealthResponse {
        HealthResponse { healthy: true, message: "remembering".into() }
    }

    fn stop(&self) {
        self.stopped.fetch_add(1, Ordering::SeqCst);
    }
}

impl Notes for Memory {
    fn add(&self, cx: Cx<'_, Self>, note: String) -> OpResult<Vec<String>> {
        let mut notes = cx.link().lock().unwrap();
        notes.push(note);
        Ok(notes.clone())
    }

    fn shout(&self, cx: Cx<'_, Self>, text: String) -> OpResult<String> {
        Ok(cx.dispatch("Shout", &text)?)
    }

    fn fail(&self, _: Cx<'_, Self>, plainly: bool) -> OpResult<()> {
        if plainly {
            return Err("it just failed".into());
        }
        Err(Error::new(ErrorKind::Contract(1234), "it failed in the contract's own way").into())
    }
}

fn adapter() -> Adapter<Memory> {
    Adapter::new(Memory::default(), provider_core::contract_of!(Memory: Notes))
}

fn link(actor: &str, values: &[(&str, &str)]) -> Vec<u8> {
    let values = values.iter().map(|(key, value)| ((*key).into(), (*value).into())).collect();
    codec::encode(&CapabilityConfiguration { module: actor.into(), values }).unwrap()
}

fn call(adapter: &Adapter<Memory>, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, Error> {
    adapter.handle_call(actor, op, msg).map_err(Error::from_boxed)
}

fn bind(adapter: &Adapter<Memory>, actor: &str) {
    assert_eq!(call(adapter, "system", "BindActor", &link(actor, &[])).unwrap(), b"");
}

fn kind(outcome: Result<Vec<u8>, Error>) -> ErrorKind {
    outcome.unwrap_err().kind()
}

#[test]
fn binding_again_answers_no_bytes_and_changes_nothing() {
    let adapter = adapter();
    let client = NotesClient::new(DirectCalls(adapter.clone()), "A");
    for value in ["1", "1", "2", "not a number"] {
        let reply = call(&adapter, "system", "BindActor", &link("A", &[("FIRST", value)])).unwrap();
        assert_eq!(reply, b"");
    }
    assert_eq!(client.add("x".into()).unwrap(), ["1", "x"]);
    assert_eq!(adapter.provider().linked.load(Ordering::SeqCst), 1);
}

#[test]
fn removing_again_and_removing_what_never_was_answer_no_bytes() {
    let adapter = adapter();
    bind(&adapter, "A");
    for actor in ["A", "A", "B"] {
        assert_eq!(call(&adapter, "system", "RemoveActor", &link(actor, &[])).unwrap(), b"");
    }
    assert_eq!(adapter.provider().unlinked.load(Ordering::SeqCst), 1);
    assert_eq!(kind(call(&adapter, "A", "Add", b"\x81\xa4note\xa1x")), ErrorKind::NotLinked);
}

#[test]
fn a_bind_that_fails_leaves_nothing_behind_and_can_be_tried_again() {
    let adapter = adapter();
    let failure = call(&adapter, "system", "BindActor", &link("A", &[("FIRST", "x")])).unwrap_err();
    assert_eq!(
        (failure.kind(), failure.message()),
        (ErrorKind::Failed, "invalid digit found in string")
    );
    assert!(adapter.links().is_empty());
    bind(&adapter, "A");
    assert_eq!(adapter.links().len(), 1);
}

#[test]
fn standard_operations_are_the_hosts_alone() {
    let adapter = adapter();
    for (op, msg) in
        [("BindActor", link("A", &[])), ("RemoveActor", link("A", &[])), ("HealthRequest", vec![])]
    {
        let error = call(&adapter, "A", op, &msg).unwrap_err();
        assert_eq!(error.kind(), ErrorKind::Denied);
        assert!(error.message().contains(op) && error.message().contains("`A`"), "{error}");
    }
}

#[test]
fn links_that_cannot_be_read_are_refused_with_the_operation_named() {
    let adapter = adapter();
    for msg in [&b""[..], b"\xc1", b"\x81\xa6module\xa1A", b"\x80", &link("", &[])] {
        for op in ["BindActor", "RemoveActor"] {
            let error = call(&adapter, "system", op, msg).unwrap_err();
            assert_eq!(error.kind(), ErrorKind::BadRequest);
            assert!(error.message().starts_with(op), "{error}");
        }
    }
    let mut trailing = link("A", &[]);
    trailing.push(0);
    assert_eq!(kind(call(&adapter, "system", "BindActor", &trailing)), ErrorKind::BadRequest);
}

#[test]
fn health_takes_an_empty_payload_and_unknown_fields_but_no_garbage() {
    let adapter = adapter();
    for msg in [&b""[..], b"\x80", b"\x81\xabplaceholder\xc3", b"\x81\xa3new\x91\xc0"] {
        let reply = call(&adapter, "system", "HealthRequest", msg).unwrap();
        let health: HealthResponse = codec::decode(&reply).unwrap();
        assert_eq!(health, HealthResponse { healthy: true, message: "remembering".into() });
    }
    assert_eq!(kind(call(&adapter, "system", "HealthRequest", b"\xc1")), ErrorKind::BadRequest);
}

#[test]
fn an_unknown_operation_is_named_and_an_endless_name_is_cut() {
    let adapter = adapter();
    bind(&adapter, "A");
    for op in ["add", "Adder", "", "\0", "Add "] {
        let error = call(&adapter, "A", op, b"\x80").unwrap_err();
        assert_eq!(error.kind(), ErrorKind::UnknownOperation);
        assert_eq!(error.message(), format!("unknown operation `{op}`"));
    }
    let endless = "é".repeat(10_000);
    let error = call(&adapter, "A", &endless, b"").unwrap_err();
    assert!(error.message().len() < 200, "{}", error.message().len());
}

#[test]
fn an_alias_answers_like_the_operation() {
    let adapter = adapter();
    bind(&adapter, "A");
    let reply = call(&adapter, "A", "Note", b"\x81\xa4note\xa1x").unwrap();
    assert_eq!(codec::decode::<Vec<String>>(&reply).unwrap(), ["x"]);
}

#[test]
fn each_actor_has_a_link_of_its_own() {
    let adapter = adapter();
    bind(&adapter, "A");
    bind(&adapter, "B");
    let client = |actor| NotesClient::new(DirectCalls(adapter.clone()), actor);
    client("A").add("a".into()).unwrap();
    assert_eq!(client("B").add("b".into()).unwrap(), ["b"]);
    call(&adapter, "system", "RemoveActor", &link("A", &[])).unwrap();
    assert_eq!(client("B").add("c".into()).unwrap(), ["b", "c"]);
}

#[test]
fn an_operations_error_keeps_its_kind_and_a_plain_one_is_failed() {
    let adapter = adapter();
    bind(&adapter, "A");
    let client = NotesClient::new(DirectCalls(adapter), "A");
    let error = client.fail(true).unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::Failed, "it just failed"));
    assert_eq!(client.fail(false).unwrap_err().kind(), ErrorKind::Contract(1234));
}

/// Answers in capitals, or calls the provider again before it does.
struct Shouting {
    provider: Mutex<Option<Adapter<Memory>>>,
}

impl Dispatcher for Shouting {
    fn dispatch(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        assert_eq!((actor, op), ("A", "Shout"));
        let provider = self.provider.lock().unwrap().clone();
        if let Some(provider) = provider {
            provider.handle_call("A", "Add", b"\x81\xa4note\xa1x")?;
            // A link may even go away while one of its calls is in progress.
            provider.handle_call("system", "RemoveActor", &link("A", &[]))?;
        }
        let text: String = codec::decode(msg)?;
        Ok(codec::encode(&text.to_uppercase())?)
    }
}

#[test]
fn an_operation_calls_its_actor_which_may_call_back() {
    let adapter = adapter();
    let client = NotesClient::new(DirectCalls(adapter.clone()), "A");
    bind(&adapter, "A");
    let early = client.shout("x".into()).unwrap_err();
    assert_eq!(early.kind(), ErrorKind::Unavailable, "no dispatcher yet");
    let shouting = Arc::new(Shouting { provider: Mutex::new(None) });
    adapter.configure_dispatch(Box::new(Arc::clone(&shouting))).unwrap();
    let again = adapter.configure_dispatch(Box::new(Arc::clone(&shouting))).unwrap_err();
    assert_eq!(Error::from_boxed(again).kind(), ErrorKind::Already);
    assert_eq!(client.shout("hello".into()).unwrap(), "HELLO");
    *shouting.provider.lock().unwrap() = Some(adapter.clone());
    assert_eq!(client.shout("hello".into()).unwrap(), "HELLO");
    assert_eq!(client.shout("hello".into()).unwrap_err().kind(), ErrorKind::NotLinked);
    shouting.provider.lock().unwrap().take();
}

#[test]
fn stopping_ends_every_link_once_and_every_call_afterwards_says_so() {
    let adapter = adapter();
    bind(&adapter, "A");
    bind(&adapter, "B");
    CapabilityProvider::stop(&adapter);
    CapabilityProvider::stop(&adapter);
    let Memory { unlinked, stopped, .. } = adapter.provider();
    assert_eq!((unlinked.load(Ordering::SeqCst), stopped.load(Ordering::SeqCst)), (2, 1));
    for (actor, op) in
        [("system", "BindActor"), ("system", "HealthRequest"), ("A", "Add"), ("A", "?")]
    {
        assert_eq!(kind(call(&adapter, actor, op, &link("A", &[]))), ErrorKind::Stopping);
    }
}

#[test]
fn a_clone_behind_the_specifications_trait_is_the_same_provider() {
    let adapter = adapter();
    let boxed: Box<dyn CapabilityProvider> = Box::new(adapter.clone());
    let clone = boxed.clone();
    clone.handle_call("system", "BindActor", &link("A", &[])).unwrap();
    drop((boxed, clone));
    assert_eq!(adapter.links().len(), 1);
    let values: HashMap<String, String> = HashMap::new();
    assert_eq!(adapter.links().get("A").unwrap().config.values(), &values);
}
