//! What the SDK answers on behalf of every asynchronous provider, whatever happens to a call.
#![cfg(feature = "tokio")]
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

use std::{
    collections::HashMap,
    sync::{
        Arc, Mutex,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    },
    time::Duration,
};

use provider_core::{
    AsyncAdapter, Call, CapabilityProvider, DirectCalls, Dispatcher, codec,
    ops::{
        CapabilityConfiguration, OP_BIND_ACTOR, OP_HEALTH_REQUEST, OP_REMOVE_ACTOR, SYSTEM_ACTOR,
    },
    prelude::*,
};
use tokio::sync::Semaphore;

/// A gate.
#[contract("test:gate")]
trait Gate {
    /// Waits until the gate is open.
    fn pass(&self, cx: Cx<'_, Self>, name: &str) -> OpResult<String>;
    /// Panics, after it has waited.
    fn panic(&self, cx: Cx<'_, Self>) -> OpResult<()>;
    /// Asks the calling actor, so many times over.
    fn ask(&self, cx: Cx<'_, Self>, depth: u32) -> OpResult<u32>;
}

/// What is to be seen of a provider from outside.
#[derive(Default)]
struct Seen {
    entered: AtomicUsize,
    dropped: AtomicUsize,
    linked: AtomicUsize,
    unlinked: AtomicUsize,
    stopped: AtomicUsize,
    gone: AtomicUsize,
}

impl Seen {
    fn entered(&self) -> usize {
        self.entered.load(Ordering::SeqCst)
    }
}

struct Waits {
    seen: Arc<Seen>,
    open: Arc<Semaphore>,
    arrivals: Mutex<mpsc::Sender<String>>,
}

struct CountsDrops(Arc<Seen>);

impl Drop for CountsDrops {
    fn drop(&mut self) {
        self.0.dropped.fetch_add(1, Ordering::SeqCst);
    }
}

impl Waits {
    async fn wait(&self, name: &str) {
        let _drops = CountsDrops(Arc::clone(&self.seen));
        self.seen.entered.fetch_add(1, Ordering::SeqCst);
        let _ = self.arrivals.lock().unwrap().send(name.to_owned());
        drop(self.open.acquire().await.unwrap());
    }
}

impl Drop for Waits {
    fn drop(&mut self) {
        self.seen.gone.fetch_add(1, Ordering::SeqCst);
    }
}

impl AsyncProvider for Waits {
    type Link = Arc<str>;

    async fn link(&self, config: &LinkConfig) -> Result<Arc<str>, BoxError> {
        if config.get("WAIT").is_some() {
            self.wait("link").await;
        }
        if config.get("PANIC").is_some() {
            tokio::task::yield_now().await;
            panic!("no link today");
        }
        if let Some(op) = config.get("AGAIN") {
            config.actor().dispatch_async::<()>(op, &()).await?;
        }
        self.seen.linked.fetch_add(1, Ordering::SeqCst);
        Ok(config.actor().id().into())
    }

    async fn unlink(&self, actor: &str, link: &Arc<str>) {
        assert_eq!(actor, &**link);
        tokio::task::yield_now().await;
        self.seen.unlinked.fetch_add(1, Ordering::SeqCst);
        assert_ne!(actor, "MBAD", "it cannot be ended");
    }

    async fn health(&self) -> HealthResponse {
        HealthResponse { healthy: true, message: format!("{} waited", self.seen.entered()) }
    }

    async fn stop(&self) {
        tokio::task::yield_now().await;
        self.seen.stopped.fetch_add(1, Ordering::SeqCst);
    }
}

impl GateAsync for Waits {
    async fn pass(&self, cx: Cx<'_, Self>, name: &str) -> OpResult<String> {
        self.wait(name).await;
        Ok(format!("{name} of {}", cx.link()))
    }

    async fn panic(&self, _cx: Cx<'_, Self>) -> OpResult<()> {
        tokio::task::yield_now().await;
        panic!("on purpose");
    }

    async fn ask(&self, cx: Cx<'_, Self>, depth: u32) -> OpResult<u32> {
        if depth == 0 {
            return Ok(0);
        }
        Ok(cx.dispatch::<u32>("Ask", &depth).await? + 1)
    }
}

type Outcome = Result<Vec<u8>, Error>;
type Answered = (u64, Outcome);

/// A provider with what a test wants of it.
struct Subject {
    adapter: AsyncAdapter<Waits>,
    seen: Arc<Seen>,
    open: Arc<Semaphore>,
    arrivals: mpsc::Receiver<String>,
    answers: (mpsc::Sender<Answered>, mpsc::Receiver<Answered>),
}

/// Long enough for anything but a call that never ends.
const PATIENCE: Duration = Duration::from_secs(30);

impl Subject {
    fn new() -> Self {
        let (seen, open) = (Arc::<Seen>::default(), Arc::new(Semaphore::new(0)));
        let (sender, arrivals) = mpsc::channel();
        let provider = Waits {
            seen: Arc::clone(&seen),
            open: Arc::clone(&open),
            arrivals: Mutex::new(sender),
        };
        let adapter = AsyncAdapter::new(provider, provider_core::contract_of!(Waits: GateAsync));
        Self { adapter, seen, open, arrivals, answers: mpsc::channel() }
    }

    fn linked() -> Self {
        let subject = Self::new();
        subject.configure(Echo);
        subject.bind("MACTOR", &[]).unwrap();
        subject
    }

    fn configure(&self, dispatcher: impl Dispatcher + 'static) {
        CapabilityProvider::configure_dispatch(&self.adapter, Box::new(dispatcher)).unwrap();
    }

    fn bind(&self, actor: &str, values: &[&str]) -> Result<(), Error> {
        self.call(SYSTEM_ACTOR, OP_BIND_ACTOR, &configuration(actor, values)).map(drop)
    }

    fn call(&self, actor: &str, op: &str, msg: &[u8]) -> Outcome {
        self.adapter.handle_call(actor, op, msg).map_err(Error::from_boxed)
    }

    fn start(&self, number: u64, actor: &str, op: &str, msg: &[u8]) -> Result<(), Error> {
        let answers = self.answers.0.clone();
        let call = Call { op_id: None, actor, op, msg };
        self.adapter.start(&call, number, move |outcome| answers.send((number, outcome)).unwrap())
    }

    fn pass(&self, number: u64, name: &str) {
        self.start(number, "MACTOR", "Pass", &named(name)).unwrap();
    }

    fn arrival(&self) -> String {
        self.arrivals.recv_timeout(PATIENCE).unwrap()
    }

    fn answer(&self) -> (u64, Outcome) {
        self.answers.1.recv_timeout(PATIENCE).unwrap()
    }

    fn no_answer(&self) {
        assert!(self.answers.1.try_recv().is_err(), "answered twice, or without being asked");
    }
}

/// Answers with what it is asked.
struct Echo;

impl Dispatcher for Echo {
    fn dispatch(&self, _actor: &str, _op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        Ok(msg.to_vec())
    }
}

fn configuration(actor: &str, values: &[&str]) -> Vec<u8> {
    let values = values.iter().map(|key| ((*key).to_owned(), (*key).to_owned())).collect();
    codec::encode(&CapabilityConfiguration { module: actor.into(), values }).unwrap()
}

fn named(name: &str) -> Vec<u8> {
    codec::encode(&HashMap::from([("name", name)])).unwrap()
}

fn depth(depth: u32) -> Vec<u8> {
    codec::encode(&HashMap::from([("depth", depth)])).unwrap()
}

#[test]
fn a_call_that_waits_answers_when_it_is_done_and_borrows_from_its_message() {
    let subject = Subject::linked();
    subject.pass(7, "bread");
    assert_eq!(subject.arrival(), "bread");
    subject.no_answer();
    subject.open.add_permits(1);
    let (number, outcome) = subject.answer();
    assert_eq!(number, 7);
    assert_eq!(codec::decode::<String>(&outcome.unwrap()).unwrap(), "bread of MACTOR");
    let client = GateClient::new(DirectCalls(subject.adapter.clone()), "MACTOR");
    assert_eq!(client.pass("wine").unwrap(), "wine of MACTOR", "a thread waits for it as well");
}

#[test]
fn a_panic_is_an_answer_with_its_message_and_the_provider_goes_on() {
    let subject = Subject::linked();
    for number in 0..3 {
        subject.start(number, "MACTOR", "Panic", &[]).unwrap();
        let (answered, outcome) = subject.answer();
        let error = outcome.unwrap_err();
        assert_eq!((answered, error.kind()), (number, ErrorKind::Panic));
        assert!(error.message().contains("on purpose"), "{error}");
    }
    subject.open.add_permits(1);
    assert!(subject.call("MACTOR", "Pass", &named("a")).is_ok());
}

#[test]
fn what_cannot_be_begun_is_refused_and_not_answered() {
    let subject = Subject::linked();
    for (actor, op, msg, kind) in [
        ("MNOBODY", "Pass", named("a"), ErrorKind::NotLinked),
        ("MACTOR", "Nothing", named("a"), ErrorKind::UnknownOperation),
        ("MACTOR", OP_BIND_ACTOR, configuration("M", &[]), ErrorKind::Denied),
        (SYSTEM_ACTOR, OP_BIND_ACTOR, b"\xc1".to_vec(), ErrorKind::BadRequest),
    ] {
        assert_eq!(subject.start(1, actor, op, &msg).unwrap_err().kind(), kind);
    }
    subject.start(1, "MACTOR", "Pass", b"\xc1").unwrap();
    assert_eq!(subject.answer().1.unwrap_err().kind(), ErrorKind::BadRequest);
    CapabilityProvider::stop(&subject.adapter);
    let error = subject.start(1, "MACTOR", "Pass", &named("a")).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::Stopping);
    subject.no_answer();
}

#[test]
fn a_call_that_is_given_up_is_dropped_and_answers_that_it_was_cancelled() {
    let subject = Subject::linked();
    subject.pass(1, "a");
    subject.pass(2, "b");
    subject.arrival();
    subject.arrival();
    subject.adapter.cancel(3);
    subject.adapter.cancel(1);
    let (number, outcome) = subject.answer();
    assert_eq!((number, outcome.unwrap_err().kind()), (1, ErrorKind::Cancelled));
    assert_eq!(subject.seen.dropped.load(Ordering::SeqCst), 1, "before its caller hears of it");
    subject.open.add_permits(1);
    let (number, outcome) = subject.answer();
    assert_eq!((number, outcome.is_ok()), (2, true));
    // The number is free again.
    subject.pass(1, "c");
    assert_eq!(subject.answer().1.unwrap(), codec::encode("c of MACTOR").unwrap());
    subject.no_answer();
}

#[test]
fn stop_answers_every_call_ends_every_link_and_then_the_provider() {
    const STARTED: u64 = 50;
    let subject = Subject::linked();
    subject.bind("MOTHER", &[]).unwrap();
    for number in 0..STARTED {
        subject.pass(number, "a");
    }
    let waiting = std::thread::spawn({
        let adapter = subject.adapter.clone();
        move || adapter.handle_call("MACTOR", "Pass", &named("b")).map_err(Error::from_boxed)
    });
    for _ in 0..=STARTED {
        subject.arrival();
    }
    CapabilityProvider::stop(&subject.adapter);
    let mut numbers: Vec<u64> = subject
        .answers
        .1
        .try_iter()
        .map(|(number, outcome)| {
            assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Stopping);
            number
        })
        .collect();
    numbers.sort_unstable();
    assert_eq!(numbers, (0..STARTED).collect::<Vec<_>>(), "all, and before `stop` returns");
    assert_eq!(waiting.join().unwrap().unwrap_err().kind(), ErrorKind::Stopping);
    assert_eq!(subject.seen.unlinked.load(Ordering::SeqCst), 2);
    assert_eq!(subject.seen.stopped.load(Ordering::SeqCst), 1);
    assert!(subject.adapter.links().is_empty());
    CapabilityProvider::stop(&subject.adapter);
    assert_eq!(subject.seen.stopped.load(Ordering::SeqCst), 1, "once");
}

#[test]
fn a_link_whose_end_panics_keeps_neither_the_others_nor_the_provider_from_ending() {
    let subject = Subject::linked();
    subject.bind("MBAD", &[]).unwrap();
    let adapter = subject.adapter.clone();
    std::thread::spawn(move || CapabilityProvider::stop(&adapter)).join().unwrap_err();
    assert_eq!(subject.seen.unlinked.load(Ordering::SeqCst), 2);
    assert_eq!(subject.seen.stopped.load(Ordering::SeqCst), 1);
}

#[test]
fn what_was_never_stopped_answers_all_the_same_when_it_is_dropped() {
    let Subject { adapter, seen, answers, arrivals, open } = Subject::linked();
    let call = Call { op_id: None, actor: "MACTOR", op: "Pass", msg: &named("a") };
    let sender = answers.0;
    adapter.start(&call, 1, move |outcome| sender.send((1, outcome)).unwrap()).unwrap();
    arrivals.recv_timeout(PATIENCE).unwrap();
    drop(adapter);
    let (_, outcome) = answers.1.try_recv().unwrap();
    assert_eq!(outcome.unwrap_err().kind(), ErrorKind::Stopping);
    assert_eq!(seen.dropped.load(Ordering::SeqCst), 1);
    assert_eq!(seen.gone.load(Ordering::SeqCst), 1, "and the provider with it");
    drop(open);
}

#[test]
fn ten_thousand_calls_wait_at_once() {
    const CALLS: u64 = 10_000;
    let subject = Subject::linked();
    for number in 0..CALLS {
        subject.pass(number, "a");
    }
    for _ in 0..CALLS {
        subject.arrival();
    }
    assert!(threads() < 200, "{} threads", threads());
    subject.open.add_permits(1);
    let mut seen = vec![false; usize::try_from(CALLS).unwrap()];
    for _ in 0..CALLS {
        let (number, outcome) = subject.answer();
        assert!(outcome.is_ok());
        assert!(!std::mem::replace(&mut seen[usize::try_from(number).unwrap()], true));
    }
    assert!(seen.iter().all(|seen| *seen));
}

fn threads() -> usize {
    std::fs::read_dir("/proc/self/task").map_or(0, Iterator::count)
}

#[test]
fn concurrent_binds_of_one_actor_make_one_link() {
    let subject = Subject::new();
    subject.configure(Echo);
    for number in 0..20 {
        let msg = configuration("MACTOR", &["WAIT"]);
        subject.start(number, SYSTEM_ACTOR, OP_BIND_ACTOR, &msg).unwrap();
    }
    subject.arrival();
    subject.bind("MOTHER", &[]).unwrap();
    subject.open.add_permits(1);
    for _ in 0..20 {
        assert!(subject.answer().1.is_ok());
    }
    assert_eq!(subject.seen.linked.load(Ordering::SeqCst), 2, "one an actor");
    assert_eq!(subject.seen.entered(), 1);
}

#[test]
fn a_bind_that_is_given_up_fails_or_panics_leaves_nothing_behind() {
    let subject = Subject::new();
    subject.configure(Echo);
    let waits = configuration("MACTOR", &["WAIT"]);
    subject.start(1, SYSTEM_ACTOR, OP_BIND_ACTOR, &waits).unwrap();
    subject.arrival();
    // One that waits for its turn goes on, one that gave up before its turn does not.
    let waits_too = configuration("MACTOR", &["WAIT"]);
    subject.start(2, SYSTEM_ACTOR, OP_BIND_ACTOR, &waits_too).unwrap();
    subject.adapter.cancel(2);
    assert_eq!(subject.answer().1.unwrap_err().kind(), ErrorKind::Cancelled);
    subject.adapter.cancel(1);
    assert_eq!(subject.answer().1.unwrap_err().kind(), ErrorKind::Cancelled);
    assert!(subject.adapter.links().is_empty());
    let panicked = std::panic::catch_unwind(std::panic::AssertUnwindSafe(|| {
        subject.bind("MACTOR", &["PANIC"])
    }));
    assert!(panicked.is_err(), "the doorway answers it");
    assert!(subject.adapter.links().is_empty());
    subject.bind("MACTOR", &[]).unwrap();
    assert_eq!(subject.seen.linked.load(Ordering::SeqCst), 1);
}

#[test]
fn a_removal_is_not_given_up_half_way() {
    let subject = Subject::linked();
    let msg = configuration("MACTOR", &[]);
    subject.start(1, SYSTEM_ACTOR, OP_REMOVE_ACTOR, &msg).unwrap();
    subject.adapter.cancel(1);
    assert_eq!(subject.answer().1.unwrap(), b"");
    assert_eq!(subject.seen.unlinked.load(Ordering::SeqCst), 1);
    assert_eq!(subject.call(SYSTEM_ACTOR, OP_REMOVE_ACTOR, &msg).unwrap(), b"", "once more");
    assert_eq!(
        subject.call("MACTOR", "Pass", &named("a")).unwrap_err().kind(),
        ErrorKind::NotLinked
    );
}

/// An actor that calls the provider before it answers.
///
/// The provider holds its dispatcher: a test takes the provider out of here at its end, or neither would
/// ever be dropped.
#[derive(Clone)]
struct CallsBack(Arc<Mutex<Option<AsyncAdapter<Waits>>>>);

impl CallsBack {
    fn to(subject: &Subject) -> Self {
        let actor = Self(Arc::new(Mutex::new(Some(subject.adapter.clone()))));
        subject.configure(actor.clone());
        actor
    }

    fn leave(&self) {
        drop(self.0.lock().unwrap().take());
    }
}

impl Dispatcher for CallsBack {
    fn dispatch(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        let provider = self.0.lock().unwrap().clone().ok_or("the actor is gone")?;
        match op {
            "Ask" => {
                let left: u32 = codec::decode(msg)?;
                provider.handle_call(actor, "Ask", &depth(left - 1))
            }
            _ => provider.handle_call(SYSTEM_ACTOR, OP_BIND_ACTOR, &configuration(actor, &[])),
        }
    }
}

#[test]
fn actors_that_call_back_do_not_wait_for_each_other() {
    const CALLS: u64 = 40;
    let subject = Subject::new();
    let actor = CallsBack::to(&subject);
    subject.bind("MACTOR", &[]).unwrap();
    for number in 0..CALLS {
        subject.start(number, "MACTOR", "Ask", &depth(5)).unwrap();
    }
    for _ in 0..CALLS {
        assert_eq!(codec::decode::<u32>(&subject.answer().1.unwrap()).unwrap(), 5);
    }
    // Deeper than there are places.
    let deep = subject.call("MACTOR", "Ask", &depth(30)).unwrap();
    assert_eq!(codec::decode::<u32>(&deep).unwrap(), 30);
    CapabilityProvider::stop(&subject.adapter);
    actor.leave();
}

/// Lets the calls of one actor wait.
struct OneIsSlow {
    begun: mpsc::SyncSender<()>,
    released: Arc<(Mutex<bool>, std::sync::Condvar)>,
}

impl Dispatcher for OneIsSlow {
    fn dispatch(&self, actor: &str, _op: &str, _msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        if actor == "MSLOW" {
            self.begun.send(())?;
            let (released, changed) = &*self.released;
            drop(changed.wait_while(released.lock().unwrap(), |released| !*released).unwrap());
        }
        Ok(codec::encode(&0)?)
    }
}

#[test]
fn an_actor_that_takes_its_time_holds_up_no_other() {
    const MANY: usize = 16;
    let subject = Subject::new();
    let (begun, slow) = mpsc::sync_channel(2 * MANY);
    let released = Arc::new((Mutex::new(false), std::sync::Condvar::new()));
    subject.configure(OneIsSlow { begun, released: Arc::clone(&released) });
    subject.bind("MSLOW", &[]).unwrap();
    subject.bind("MQUICK", &[]).unwrap();
    for number in 0..2 * MANY {
        subject.start(number as u64, "MSLOW", "Ask", &depth(1)).unwrap();
    }
    for _ in 0..MANY {
        slow.recv_timeout(PATIENCE).unwrap();
    }
    assert!(subject.call("MQUICK", "Ask", &depth(1)).is_ok());
    subject.no_answer();
    *released.0.lock().unwrap() = true;
    released.1.notify_all();
    for _ in 0..2 * MANY {
        subject.answer().1.unwrap();
    }
}

#[test]
fn a_bind_that_leads_to_itself_is_an_error() {
    let subject = Subject::new();
    let actor = CallsBack::to(&subject);
    let error = subject.bind("MACTOR", &["AGAIN"]).unwrap_err();
    assert_eq!(error.kind(), ErrorKind::WouldBlock);
    subject.start(1, SYSTEM_ACTOR, OP_BIND_ACTOR, &configuration("MACTOR", &["AGAIN"])).unwrap();
    assert_eq!(subject.answer().1.unwrap_err().kind(), ErrorKind::WouldBlock);
    assert!(subject.adapter.links().is_empty());
    CapabilityProvider::stop(&subject.adapter);
    actor.leave();
}

#[test]
fn a_caller_inside_a_runtime_of_its_own_may_wait_and_stop() {
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).build().unwrap();
    runtime.block_on(async {
        tokio::spawn(async {
            let subject = Subject::linked();
            subject.open.add_permits(1);
            for _ in 0..500 {
                // More often than a task of that runtime may go on without a pause.
                subject.call("MACTOR", "Pass", &named("a")).unwrap();
            }
            CapabilityProvider::stop(&subject.adapter);
            drop(subject);
        })
        .await
        .unwrap();
    });
}

#[test]
fn health_is_the_providers_and_asking_before_a_dispatcher_is_there_does_no_harm() {
    let subject = Subject::new();
    let reply = subject.call(SYSTEM_ACTOR, OP_HEALTH_REQUEST, &[]).unwrap();
    let health: HealthResponse = codec::decode(&reply).unwrap();
    assert_eq!(health, HealthResponse { healthy: true, message: "0 waited".into() });
    assert_eq!(
        subject.call("MACTOR", OP_HEALTH_REQUEST, &[]).unwrap_err().kind(),
        ErrorKind::Denied
    );
}
