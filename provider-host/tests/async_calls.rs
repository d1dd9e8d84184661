//! Calls that are started and not waited for: of a provider that has them itself (in C), of the same
//! one without, and of one that breaks every rule of them.
#![expect(clippy::unwrap_used, reason = "a test")]

use std::{
    path::Path,
    pin::Pin,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    task::{Context, Poll, Wake, Waker},
    thread,
    time::Duration,
};

use faulty_defects::Made;
use provider_core::{
    BoxError, Dispatcher, Error, ErrorKind, NullDispatcher, codec,
    ops::{
        CapabilityConfiguration, OP_BIND_ACTOR, OP_HEALTH_REQUEST, OP_REMOVE_ACTOR, SYSTEM_ACTOR,
    },
};
use provider_host::{CallFaults, Library, PendingCall, Running};

const ACTOR: &str = "MACTOR";
/// `{text: "hello"}`.
const HELLO: &[u8] = b"\x81\xa4text\xa5hello";
/// What is not over by then never is.
const LONG: Duration = Duration::from_mins(1);

/// The provider in C: 0 keeps every rule.
fn library(number: u8) -> Library {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("async-calls");
    std::fs::create_dir_all(&folder).unwrap();
    // Tests run at the same time, also those of other programs: each compiles for itself.
    let folder = tempfile::tempdir_in(folder).unwrap();
    let built = Made::C { source: "async.c", number }.library(folder.path()).unwrap().unwrap();
    Library::open(built).unwrap()
}

fn linked_with(number: u8, dispatcher: impl Dispatcher + 'static) -> Running {
    let provider = library(number).create().unwrap().configure(dispatcher).unwrap();
    provider.bind(ACTOR, [("", ""); 0]).unwrap();
    provider
}

fn linked(number: u8) -> Running {
    linked_with(number, NullDispatcher)
}

const GOOD: u8 = 0;
const WITHOUT_CANCEL: u8 = 109;
const WITHOUT_THE_EXTENSION: u8 = 110;

fn start(provider: &Running, op: &str) -> PendingCall {
    provider.start(ACTOR, op, HELLO)
}

fn waited(mut call: PendingCall) -> Result<Vec<u8>, Error> {
    call.wait_for(LONG).expect("it is answered").map(Into::into)
}

fn kind(call: PendingCall) -> ErrorKind {
    waited(call).expect_err("it is an error").kind()
}

/// Counts how often it is woken.
#[derive(Default)]
struct Woken(AtomicUsize);

impl Wake for Woken {
    fn wake(self: Arc<Self>) {
        self.0.fetch_add(1, Ordering::SeqCst);
    }
}

#[test]
fn a_started_call_is_answered_as_one_that_is_waited_for() {
    for number in [GOOD, WITHOUT_THE_EXTENSION] {
        let provider = linked(number);
        assert_eq!(provider.has_async_calls().unwrap(), number == GOOD);
        assert_eq!(waited(start(&provider, "Echo")).unwrap(), HELLO);
        assert_eq!(waited(start(&provider, "Wait")).unwrap(), HELLO);
        let reply = provider.call(ACTOR, "Echo", HELLO).unwrap();
        assert_eq!(*reply, *HELLO);
        assert_eq!(kind(start(&provider, "Nonsense")), ErrorKind::UnknownOperation);
        assert_eq!(kind(provider.start(ACTOR, "Echo", b"\xc1")), ErrorKind::BadRequest);
        assert_eq!(kind(provider.start("MOTHER", "Echo", HELLO)), ErrorKind::NotLinked);
        let health = provider.start(SYSTEM_ACTOR, OP_HEALTH_REQUEST, b"\x80");
        assert_eq!(
            waited(health).unwrap(),
            *provider.call(SYSTEM_ACTOR, OP_HEALTH_REQUEST, b"\x80").unwrap()
        );
        assert_eq!(provider.in_flight(), 0);
        assert_eq!(provider.call_faults(), CallFaults::default());
        provider.stop().unwrap().destroy().unwrap();
    }
}

#[test]
fn a_link_can_be_made_and_ended_without_waiting() {
    let provider = linked(GOOD);
    let other = CapabilityConfiguration { module: "MOTHER".into(), ..Default::default() };
    let other = codec::encode(&other).unwrap();
    assert!(waited(provider.start(SYSTEM_ACTOR, OP_BIND_ACTOR, &other)).unwrap().is_empty());
    assert_eq!(waited(provider.start("MOTHER", "Echo", HELLO)).unwrap(), HELLO);
    assert!(waited(provider.start(SYSTEM_ACTOR, OP_REMOVE_ACTOR, &other)).unwrap().is_empty());
    assert_eq!(kind(provider.start("MOTHER", "Echo", HELLO)), ErrorKind::NotLinked);
}

#[test]
fn a_started_call_is_a_future_of_no_runtime() {
    let provider = linked(GOOD);
    let mut call = start(&provider, "Hold");
    let woken = Arc::new(Woken::default());
    let waker = Waker::from(Arc::clone(&woken));
    let mut cx = Context::from_waker(&waker);
    assert!(Pin::new(&mut call).poll(&mut cx).is_pending());
    assert!(!call.is_ready());
    assert_eq!((provider.in_flight(), woken.0.load(Ordering::SeqCst)), (1, 0));
    call.cancel();
    assert_eq!(woken.0.load(Ordering::SeqCst), 1);
    let Poll::Ready(Err(error)) = Pin::new(&mut call).poll(&mut cx) else { panic!("it is over") };
    assert_eq!(error.kind(), ErrorKind::Cancelled);
    // It was in flight when it was cancelled, and is not any more.
    call.cancel();
    assert_eq!(provider.call_faults(), CallFaults::default());
}

#[test]
fn a_call_that_is_dropped_is_cancelled() {
    let provider = linked(GOOD);
    let calls: Vec<PendingCall> = (0..100).map(|_| start(&provider, "Hold")).collect();
    assert_eq!(provider.in_flight(), 100);
    drop(calls);
    // The provider ends them at once.
    assert_eq!(provider.in_flight(), 0);
    assert_eq!(waited(start(&provider, "Echo")).unwrap(), HELLO);
    // An answer that nobody took is no reason to cancel.
    let ready = start(&provider, "Nonsense");
    assert!(ready.is_ready());
    drop(ready);
    assert_eq!(provider.call_faults(), CallFaults::default());
}

#[test]
fn stop_ends_every_call_and_what_outlives_the_provider_says_so() {
    let provider = linked(GOOD);
    let held: Vec<PendingCall> = (0..100).map(|_| start(&provider, "Hold")).collect();
    let stopped = provider.stop().unwrap();
    assert!(held.iter().all(PendingCall::is_ready));
    stopped.destroy().unwrap();
    for call in held {
        assert_eq!(kind(call), ErrorKind::Stopping);
    }
}

#[test]
fn a_provider_that_is_dropped_answers_its_calls() {
    for number in [GOOD, WITHOUT_THE_EXTENSION] {
        let provider = linked(number);
        let held = start(&provider, "Hold");
        drop(provider);
        assert_eq!(kind(held), ErrorKind::Stopping);
    }
}

#[test]
fn a_provider_is_not_freed_while_it_has_a_call() {
    let instance = library(GOOD).create_instance().unwrap();
    instance.configure_dispatch(NullDispatcher).unwrap();
    let actor = CapabilityConfiguration { module: ACTOR.into(), ..Default::default() };
    instance.call(SYSTEM_ACTOR, OP_BIND_ACTOR, &codec::encode(&actor).unwrap()).unwrap();
    let held = instance.start(ACTOR, "Hold", HELLO);
    // Without `stop`: the call is cancelled.
    instance.destroy().unwrap();
    assert_eq!(kind(held), ErrorKind::Cancelled);
}

#[test]
fn a_call_that_is_never_completed_is_answered_when_the_provider_stops() {
    let provider = linked(GOOD);
    let forgotten = start(&provider, "Never");
    let error = provider.stop_within(Duration::ZERO).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Timeout);
    assert_eq!(error.message(), "the provider still has 1 call that was started: it is not freed");
    let error = waited(forgotten).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Stopping);
    assert_eq!(error.message(), "the provider was stopped and did not complete the call");
}

#[test]
fn a_call_that_is_completed_again_disturbs_no_other() {
    const TIMES: u64 = 2000;
    let provider = linked(GOOD);
    for _ in 0..TIMES {
        assert_eq!(waited(start(&provider, "Again")).unwrap(), HELLO);
        // This one's start completes the one before once more.
        assert_eq!(kind(start(&provider, "Hold").cancelled()), ErrorKind::Cancelled);
        assert_eq!(waited(start(&provider, "Echo")).unwrap(), HELLO);
    }
    let again = provider.call_faults().completed_again;
    // Whether it is told so before or after the next call is the other thread's affair.
    assert!((1..=TIMES).contains(&again), "{again}");
    provider.stop().unwrap();
}

trait Cancelled {
    fn cancelled(self) -> Self;
}

impl Cancelled for PendingCall {
    fn cancelled(self) -> Self {
        self.cancel();
        self
    }
}

#[test]
fn what_is_no_call_cannot_be_completed() {
    let provider = linked(GOOD);
    for _ in 0..100 {
        assert_eq!(waited(start(&provider, "Wild")).unwrap(), HELLO);
    }
    assert_eq!(provider.call_faults(), CallFaults::default());
    assert_eq!(kind(start(&provider, "Strange")), ErrorKind::Failed);
}

#[test]
fn a_table_that_is_not_whole_is_said_for_each_call_and_by_the_provider() {
    let provider = linked(WITHOUT_CANCEL);
    let says = "its extension `cp.async/1`: `cancel` in its table is null";
    let error = provider.has_async_calls().unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::AbiMismatch, says));
    let error = waited(start(&provider, "Echo")).unwrap_err();
    assert_eq!((error.kind(), error.message()), (ErrorKind::AbiMismatch, says));
    assert_eq!(*provider.call(ACTOR, "Echo", HELLO).unwrap(), *HELLO);
}

#[test]
fn a_provider_without_the_extension_waits_on_a_few_threads() {
    let provider = linked(WITHOUT_THE_EXTENSION);
    let calls: Vec<PendingCall> = (0..40).map(|_| start(&provider, "Hold")).collect();
    assert_eq!(provider.in_flight(), 40);
    let named = || {
        let tasks = std::fs::read_dir("/proc/self/task").unwrap();
        let names =
            tasks.filter_map(|task| std::fs::read_to_string(task.ok()?.path().join("comm")).ok());
        names.filter(|name| name.starts_with("provider-call-")).count()
    };
    // Other tests have theirs: eight for each provider.
    assert!(named() <= 16, "{}", named());
    // The last ones wait for their turn: these can be cancelled.
    let last = calls.last().unwrap();
    last.cancel();
    let mut calls = calls;
    assert_eq!(kind(calls.pop().unwrap()), ErrorKind::Cancelled);
    drop(calls.split_off(30));
    assert_eq!(provider.in_flight(), 30);
    let stopped = provider.stop().unwrap();
    assert!(calls.iter().all(PendingCall::is_ready));
    for call in calls {
        assert_eq!(kind(call), ErrorKind::Stopping);
    }
    stopped.destroy().unwrap();
}

/// Actors that answer when the other side of the channel is gone.
struct Slow(Mutex<mpsc::Receiver<()>>);

impl Dispatcher for Slow {
    fn dispatch(&self, _: &str, _: &str, _: &[u8]) -> Result<Vec<u8>, BoxError> {
        let _ = self.0.lock().unwrap().recv();
        Ok(Vec::new())
    }
}

#[test]
fn a_call_ends_that_is_cancelled_while_its_actor_answers() {
    let (gate, shut) = mpsc::channel();
    let provider = linked_with(GOOD, Slow(Mutex::new(shut)));
    let relayed = start(&provider, "Relay");
    let other = start(&provider, "Relay");
    assert!(!relayed.is_ready() && !other.is_ready());
    assert_eq!(kind(relayed.cancelled()), ErrorKind::Cancelled);
    assert!(!other.is_ready());
    drop(gate);
    assert_eq!(waited(other).unwrap(), HELLO);
}

#[test]
fn many_threads_start_drop_and_cancel_at_once() {
    for number in [GOOD, WITHOUT_THE_EXTENSION] {
        let provider = linked(number);
        let rounds = 200;
        thread::scope(|scope| {
            for thread in 0..4 {
                let provider = &provider;
                scope.spawn(move || {
                    for round in 0..rounds {
                        let call = start(provider, "Echo");
                        match (thread + round) % 4 {
                            0 => drop(call),
                            1 => {
                                // It may have been answered before.
                                let _ = waited(call.cancelled());
                            }
                            _ => assert_eq!(waited(call).unwrap(), HELLO),
                        }
                    }
                });
            }
        });
        let stopped = provider.stop().unwrap();
        stopped.destroy().unwrap();
    }
}
