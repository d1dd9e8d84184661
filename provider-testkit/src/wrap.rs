//! Commands that a worker is started under: a checker of memory, a tracer.
//!
//! A worker that finds [`WRAP`] is not one yet: it makes sure that it dies with the testkit, and becomes
//! the command, which starts the program once more.

use std::{
    env,
    io::Write as _,
    os::unix::process::CommandExt,
    process::{self, Command},
};

/// The variable that has the words of the command, as JSON.
const WRAP: &str = "PROVIDER_TESTKIT_WRAP";
/// The variable that says that a worker runs under a command.
const WRAPPED: &str = "PROVIDER_TESTKIT_WRAPPED";
/// How much more time there is.
pub(crate) const SLOWER: f64 = 20.0;

/// What a worker's environment says of the command.
pub(crate) fn variable(words: &[String]) -> Option<(String, String)> {
    let json = serde_json::to_string(words).ok()?;
    (!words.is_empty()).then(|| (WRAP.to_owned(), json))
}

/// The name of the command in what [`variable`] made.
pub(crate) fn command(env: &std::collections::BTreeMap<String, String>) -> Option<String> {
    let words: Vec<String> = serde_json::from_str(env.get(WRAP)?).ok()?;
    words.into_iter().next()
}

/// Whether this worker runs under a command, which may be the one above it.
pub(crate) fn is_wrapped() -> bool {
    env::var_os(WRAPPED).is_some()
}

/// Becomes the command, if there is one. `alive` makes sure that it ends with who started it.
pub(crate) fn become_it_if_asked(alive: impl FnOnce()) {
    let Some(words) = env::var_os(WRAP) else {
        return;
    };
    let words: Vec<String> = serde_json::from_str(&words.to_string_lossy()).unwrap_or_default();
    let Some((name, arguments)) = words.split_first() else {
        return;
    };
    alive();
    let started = env::current_exe().map(|own| {
        Command::new(name).args(arguments).arg(own).env_remove(WRAP).env(WRAPPED, "1").exec()
    });
    let (Ok(error) | Err(error)) = started;
    // Nobody is left to tell if that fails.
    let _ = writeln!(std::io::stderr(), "`{name}` cannot be started: {error}");
    process::exit(127);
}
