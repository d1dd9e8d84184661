//! One provider of `wasmcloud:keyvalue` is as good as another: actors see the same with each.
//!
//! The contract's scenarios are played against four providers, each a library behind the C ABI, and what
//! was said is compared word for word.
#![expect(clippy::unwrap_used, reason = "in a test, where it fails is the message")]

use std::{
    env,
    path::{Path, PathBuf},
    process::{Command, ExitCode},
    sync::Mutex,
    thread,
    time::Duration,
};

use provider_contracts::keyvalue::scenario::{Scenario, Subject, pinned};
use provider_core::{BoxError, Dispatcher, Error, ErrorKind, NullDispatcher};
use provider_host::Library;
use test_servers::{Program, Server};

/// How often a scenario that was too slow is begun again.
const TRIES: usize = 3;

fn main() -> ExitCode {
    test_servers::main(
        &["redis-server"],
        &[("actors_see_the_same_in_memory_in_a_file_on_redis_and_in_c", the_same_everywhere)],
    )
}

/// What was asked, and what came: a reply's bytes, or the kind of an error. Words are a provider's own.
type Said = (String, String, Vec<u8>, Result<Vec<u8>, ErrorKind>);

/// Notes what is said.
struct Noting<D> {
    provider: D,
    said: Mutex<Vec<Said>>,
}

impl<D: Dispatcher> Dispatcher for Noting<D> {
    fn dispatch(&self, actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        let outcome = self.provider.dispatch(actor, op, msg).map_err(Error::from_boxed);
        let came = outcome.as_ref().map(Clone::clone).map_err(Error::kind);
        // The values of a link are each provider's own.
        let asked = if actor == "system" { Vec::new() } else { msg.into() };
        self.said.lock().unwrap().push((actor.into(), op.into(), asked, came));
        Ok(outcome?)
    }
}

fn the_same_everywhere() {
    let server = Server::start_with(Program::Redis, &["--databases", "64"]).unwrap();
    let libraries = [
        built("keyvalue_memory"),
        built("keyvalue_embedded"),
        built("keyvalue_redis"),
        built_from_c(),
    ];
    let url = &server.url();
    let played = thread::scope(|scope| {
        let plays: Vec<_> = libraries
            .iter()
            .map(|library| scope.spawn(move || play_all(&Library::open(library).unwrap(), url)))
            .collect();
        plays.into_iter().map(|play| play.join().unwrap()).collect::<Vec<_>>()
    });
    let steps: usize = played[0].iter().map(Vec::len).sum();
    assert!(steps > 250, "only {steps} steps");
    for (library, said) in libraries.iter().zip(&played) {
        for (scenario, (first, this)) in pinned().iter().zip(played[0].iter().zip(said)) {
            let both = first.iter().zip(this);
            for (first, this) in both {
                assert_eq!(first, this, "{} in `{}`", scenario.name(), library.display());
            }
            assert_eq!(first.len(), this.len(), "{}", scenario.name());
        }
    }
}

/// Plays every scenario, each with a provider and a store of its own.
fn play_all(library: &Library, url: &str) -> Vec<Vec<Said>> {
    thread::scope(|scope| {
        let plays: Vec<_> = pinned()
            .into_iter()
            .enumerate()
            // Some wait for keys to expire: all at the same time.
            .map(|(number, scenario)| scope.spawn(move || play(library, url, number, &scenario)))
            .collect();
        plays.into_iter().map(|play| play.join().unwrap()).collect()
    })
}

/// Plays a scenario. One in which keys expire is begun again when it fails: a machine that is busy for a
/// second lets them expire before they were used.
fn play(library: &Library, url: &str, number: usize, scenario: &Scenario) -> Vec<Said> {
    let tries = if scenario.takes_time() { TRIES } else { 1 };
    let mut outcome = Err(String::new());
    for turn in 0..tries {
        outcome = play_once(library, url, number * TRIES + turn, scenario);
        if outcome.is_ok() {
            break;
        }
    }
    outcome.unwrap_or_else(|failure| panic!("{failure}"))
}

fn play_once(
    library: &Library,
    url: &str,
    database: usize,
    scenario: &Scenario,
) -> Result<Vec<Said>, String> {
    let folder = tempfile::tempdir().unwrap();
    let provider = library.create().unwrap().configure(NullDispatcher).unwrap();
    let noting = Noting { provider: &provider, said: Mutex::default() };
    let mut wait = |seconds| thread::sleep(Duration::from_secs(seconds));
    // Each of them takes what it knows.
    let mut subject = Subject::new(&noting, &mut wait)
        .link_value("PATH", folder.path().join("keys.redb").to_str().unwrap())
        .link_value("URL", url)
        .link_value("DATABASE", database.to_string());
    let outcome = scenario.run(&mut subject).map_err(|failure| failure.to_string());
    let said = noting.said.into_inner().unwrap();
    provider.stop().unwrap().destroy().unwrap();
    outcome.map(|()| said)
}

/// The library of a package that cargo has built for this test.
fn built(name: &str) -> PathBuf {
    let folder = env::current_exe().unwrap();
    let file = format!("{}{name}{}", env::consts::DLL_PREFIX, env::consts::DLL_SUFFIX);
    folder.with_file_name(file)
}

fn built_from_c() -> PathBuf {
    let sources = Path::new(env!("CARGO_MANIFEST_DIR")).join("../c-keyvalue");
    let library = Path::new(env!("CARGO_TARGET_TMPDIR")).join("libc_keyvalue_for_exchange.so");
    let built = Command::new("sh").arg(sources.join("build.sh")).arg(&library).status().unwrap();
    assert!(built.success(), "a C compiler is needed: set CC");
    library
}
