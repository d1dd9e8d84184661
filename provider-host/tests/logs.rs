//! What a library says with `log` and `tracing` reaches its host, and belongs to the right provider.
#![expect(clippy::unwrap_used, reason = "a test that cannot go on fails")]

mod support;

use std::{
    fmt::Write as _,
    sync::{Arc, Mutex, OnceLock, PoisonError},
};

use provider_core::{NullDispatcher, abi};
use provider_host::{Library, LogLevel, LogRecord, LogSink, Running};
use talks::TalksClient;

const ACTOR: &str = "MACTOR";

fn library() -> Library {
    static LIBRARY: OnceLock<Library> = OnceLock::new();
    let open = || Library::open(&support::build(&["talks"], &[])[0]).unwrap();
    LIBRARY.get_or_init(open).clone()
}

/// The library's level is that of the provider that wants most: one test at a time.
fn alone() -> impl Drop {
    static ALONE: Mutex<()> = Mutex::new(());
    ALONE.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Keeps records as `LEVEL TARGET ACTOR OP: MESSAGE FIELDS`.
#[derive(Clone, Default)]
struct Kept(Arc<Mutex<Vec<String>>>);

impl Kept {
    fn take(&self) -> Vec<String> {
        std::mem::take(&mut *self.0.lock().unwrap())
    }
}

impl LogSink for Kept {
    fn record(&self, record: &LogRecord<'_>) {
        let LogRecord { level, target, message, actor, op, .. } = record;
        let (actor, op) = (actor.unwrap_or("-"), op.unwrap_or("-"));
        let mut line = format!("{level} {target} {actor} {op}: {message}");
        for (key, value) in &record.fields {
            let _ = write!(line, " {key}={value}");
        }
        self.0.lock().unwrap().push(line);
    }

    fn unwanted(&self, record: &LogRecord<'_>) {
        self.0.lock().unwrap().push(format!("unwanted {}", record.message));
    }
}

fn running(level: LogLevel) -> (Running, Kept) {
    let kept = Kept::default();
    let created = library().create().unwrap().log_to(level, kept.clone());
    let running = created.configure(NullDispatcher).unwrap();
    running.bind(ACTOR, [("KEY", "value")]).unwrap();
    (running, kept)
}

fn client(provider: &Running) -> TalksClient<&Running> {
    TalksClient::new(provider, ACTOR)
}

#[test]
fn a_record_has_its_level_target_actor_operation_and_fields() {
    let _alone = alone();
    let (provider, kept) = running(LogLevel::Info);
    assert_eq!(kept.take(), ["info talks MACTOR BindActor: linked keys=1"]);
    client(&provider).say("error".into(), "it broke".into()).unwrap();
    assert_eq!(kept.take(), ["error talks::say MACTOR Say: it broke number=7 word=seven"]);
    provider.remove(ACTOR).unwrap();
    assert_eq!(kept.take(), ["info talks MACTOR RemoveActor: unlinked"]);
    let stopped = provider.stop().unwrap();
    assert_eq!(kept.take(), ["warn talks - -: stopped"]);
    stopped.destroy().unwrap();
    assert_eq!(kept.take(), ["info talks - -: dropped"]);
}

#[test]
fn a_record_knows_where_it_is_in_the_source() {
    let _alone = alone();
    let place = Arc::new(Mutex::new(None));
    let seen = Arc::clone(&place);
    let created =
        library().create().unwrap().log_to(LogLevel::Info, move |record: &LogRecord<'_>| {
            let file = record.file.unwrap().to_owned();
            *seen.lock().unwrap() = Some((file, record.line, record.module.map(str::to_owned)));
        });
    let provider = created.configure(NullDispatcher).unwrap();
    provider.bind::<&str, &str>(ACTOR, []).unwrap();
    let (file, line, module) = place.lock().unwrap().take().unwrap();
    assert!(file.ends_with("lib.rs") && line > Some(30), "{file} {line:?}");
    assert_eq!(module.as_deref(), Some("talks"));
}

#[test]
fn the_spans_around_an_event_add_their_fields_the_nearest_first() {
    let _alone = alone();
    let (provider, kept) = running(LogLevel::Debug);
    kept.take();
    client(&provider).within_spans("in spans".into()).unwrap();
    let expected =
        "warn talks MACTOR WithinSpans: in spans own=Some(1) which=inner later=3 actor_length=6";
    assert_eq!(kept.take(), [expected]);
    // A span above the level is none.
    provider.set_log_level(LogLevel::Info);
    client(&provider).within_spans("again".into()).unwrap();
    let expected = "warn talks MACTOR WithinSpans: again own=Some(1) which=outer actor_length=6";
    assert_eq!(kept.take(), [expected]);
}

#[test]
fn the_level_can_be_changed_at_any_time_and_what_is_not_wanted_is_not_put_into_words() {
    let _alone = alone();
    let (provider, kept) = running(LogLevel::Off);
    let client = client(&provider);
    let before = client.worded().unwrap();
    client.say("error".into(), "nobody hears".into()).unwrap();
    assert_eq!(kept.take(), [""; 0]);
    provider.set_log_level(LogLevel::Debug);
    assert_eq!(client.worded().unwrap(), before + 2);
    let counted = "debug talks MACTOR Worded: counted";
    assert_eq!(kept.take(), [counted, counted]);
    provider.set_log_level(LogLevel::Warn);
    assert_eq!(client.worded().unwrap(), before + 2);
    client.say("info".into(), "too low".into()).unwrap();
    client.say("warn".into(), "heard".into()).unwrap();
    assert_eq!(kept.take(), ["warn talks::say MACTOR Say: heard number=7 word=seven"]);
}

#[test]
fn each_of_two_providers_is_heard_by_its_own_host_at_its_own_level() {
    let _alone = alone();
    let (one, of_one) = running(LogLevel::Warn);
    let (two, of_two) = running(LogLevel::Info);
    of_two.take();
    for level in ["warn", "info"] {
        client(&one).say(level.into(), "one".into()).unwrap();
        client(&two).say(level.into(), "two".into()).unwrap();
    }
    let fields = "number=7 word=seven";
    assert_eq!(of_one.take(), [format!("warn talks::say MACTOR Say: one {fields}")]);
    let both = ["warn", "info"].map(|level| format!("{level} talks::say MACTOR Say: two {fields}"));
    assert_eq!(of_two.take(), both);
    // On no call: the one that was configured first hears it, and the other one when that is gone.
    one.set_log_level(LogLevel::Info);
    client(&two).elsewhere("alone".into(), false).unwrap();
    client(&two).elsewhere("scoped".into(), true).unwrap();
    assert_eq!(of_one.take(), ["info talks - -: alone"]);
    assert_eq!(of_two.take(), ["info talks MACTOR Elsewhere: scoped"]);
    drop(one);
    let ended =
        ["info talks MACTOR -: unlinked", "warn talks - -: stopped", "info talks - -: dropped"];
    assert_eq!(of_one.take(), ended);
    client(&two).elsewhere("alone".into(), false).unwrap();
    assert_eq!(of_two.take(), ["info talks - -: alone"]);
}

#[test]
fn a_value_that_panics_while_it_is_logged_is_said_and_ends_nothing() {
    let _alone = alone();
    let (provider, kept) = running(LogLevel::Info);
    kept.take();
    client(&provider).panicking_values().unwrap();
    let said = "(a value panicked: no words while it was logged)";
    assert_eq!(
        kept.take(),
        [
            format!("info talks MACTOR PanickingValues: {said}"),
            format!("info talks MACTOR PanickingValues: with tracing field={said}"),
        ]
    );
}

#[test]
fn what_is_too_long_is_cut_by_the_provider_and_not_refused_by_the_host() {
    let _alone = alone();
    let (provider, kept) = running(LogLevel::Info);
    kept.take();
    client(&provider).long(70_000).unwrap();
    let said = kept.take();
    assert_eq!(said.len(), 1);
    let (before, after) = said[0].split_once(" key0=").unwrap();
    assert!(before.ends_with("é…"), "{}", &before[..100]);
    assert_eq!(before.len(), "info talks MACTOR Long: ".len() + abi::log_limit::MESSAGE - 1);
    assert_eq!(after.matches("key").count() + 1, abi::log_limit::FIELDS as usize);
}

#[test]
fn a_sink_that_panics_ends_nothing() {
    let _alone = alone();
    let sink = |_: &LogRecord<'_>| panic!("the sink panics");
    let created = library().create().unwrap().log_to(LogLevel::Info, sink);
    let provider = created.configure(NullDispatcher).unwrap();
    provider.bind::<&str, &str>(ACTOR, []).unwrap();
    client(&provider).say("info".into(), "x".into()).unwrap();
}

#[test]
fn a_provider_that_is_linked_in_does_not_take_the_process_s_logger() {
    let library = Library::linked(&talks::ENTRY).unwrap();
    let kept = Kept::default();
    let created = library.create().unwrap().log_to(LogLevel::Info, kept.clone());
    let provider = created.configure(NullDispatcher).unwrap();
    provider.bind::<&str, &str>(ACTOR, []).unwrap();
    assert_eq!(kept.take(), [""; 0]);
    // Nobody set a logger, so it can still be set.
    log::set_logger(&Quiet).unwrap();
}

struct Quiet;

impl log::Log for Quiet {
    fn enabled(&self, _: &log::Metadata<'_>) -> bool {
        false
    }
    fn log(&self, _: &log::Record<'_>) {}
    fn flush(&self) {}
}
