//! What actors write, in the host's log and in files.
#![expect(clippy::unwrap_used, reason = "in a test, where it fails is the message")]

mod concurrent;
mod full;
mod host_log;
mod lines;
mod rotation;
mod unusable;

use std::{fs, path::Path, sync::Arc};

use provider_contracts::logging::LoggingClient;
use provider_core::{Error, NullDispatcher};
use provider_host::{Library, Running};
use serde_json::Value;

pub(crate) type Client = LoggingClient<Arc<Running>>;

/// The provider, through its real table.
pub(crate) fn provider() -> Arc<Running> {
    let library = Library::linked(&logging::ENTRY).unwrap();
    Arc::new(library.create().unwrap().configure(NullDispatcher).unwrap())
}

pub(crate) fn link(
    provider: &Arc<Running>,
    actor: &str,
    values: &[(&str, &str)],
) -> Result<Client, Error> {
    provider.bind(actor, values.iter().copied())?;
    Ok(LoggingClient::new(Arc::clone(provider), actor))
}

/// Links an actor to a file in `folder`.
pub(crate) fn link_to(
    provider: &Arc<Running>,
    actor: &str,
    folder: &Path,
    values: &[(&str, &str)],
) -> Client {
    let path = folder.join("log.jsonl");
    let file = [("FILE", path.to_str().unwrap())];
    let values: Vec<_> = file.iter().chain(values).copied().collect();
    link(provider, actor, &values).unwrap()
}

/// The records of a file.
pub(crate) fn records(path: &Path) -> Vec<Value> {
    let text = fs::read_to_string(path).unwrap();
    assert!(text.is_empty() || text.ends_with('\n'), "{text:?}");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

/// The texts of the records.
pub(crate) fn texts(path: &Path) -> Vec<String> {
    let text = |record: Value| record["text"].as_str().unwrap().to_owned();
    records(path).into_iter().map(text).collect()
}
