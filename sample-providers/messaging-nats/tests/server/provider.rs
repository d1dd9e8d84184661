//! The provider in this process, and what else a test asks its server.

use std::{
    fs, thread,
    time::{Duration, Instant},
};

use messaging_nats::ENTRY;
use provider_contracts::messaging::MessagingClient;
use provider_core::{Dispatcher, Error};
use provider_host::{Library, Running};
use test_servers::{Program, Server};

/// How long what must happen may take.
const SOON: Duration = Duration::from_secs(40);
/// How often is looked: nobody tells.
const AGAIN: Duration = Duration::from_millis(10);

pub(crate) fn running(actors: impl Dispatcher + 'static) -> Running {
    Library::linked(&ENTRY).unwrap().create().unwrap().configure(actors).unwrap()
}

/// Links an actor to a server.
pub(crate) fn link(
    provider: &Running,
    actor: &str,
    server: &Server,
    values: &[(&str, &str)],
) -> Result<(), Error> {
    let url = server.url();
    provider.bind(actor, [("URL", url.as_str())].iter().chain(values).copied())
}

pub(crate) fn publish(
    provider: &Running,
    actor: &str,
    subject: &str,
    body: &[u8],
) -> Result<(), Error> {
    let client = MessagingClient::new(provider, actor);
    let published = client.publish(subject.into(), String::new(), body.to_vec().into())?;
    assert!(published.published);
    Ok(())
}

pub(crate) fn stop(provider: Running) {
    provider.stop().unwrap().destroy().unwrap();
}

/// A server with further arguments.
pub(crate) fn server(arguments: &[&str]) -> Server {
    Server::start_with(Program::Nats, arguments).unwrap()
}

/// How many connections this process has to the server, as the system sees them.
pub(crate) fn connections(server: &Server) -> usize {
    const ESTABLISHED: &str = "01";
    let port = format!(":{:04X}", server.port());
    let table = fs::read_to_string("/proc/net/tcp").unwrap();
    let is_ours = |line: &&str| {
        let mut words = line.split_whitespace().skip(2);
        words.next().is_some_and(|remote| remote.ends_with(&port))
            && words.next() == Some(ESTABLISHED)
    };
    table.lines().filter(is_ours).count()
}

/// Waits until `happened`.
pub(crate) fn eventually(what: &str, mut happened: impl FnMut() -> bool) {
    let deadline = Instant::now() + SOON;
    while !happened() {
        assert!(Instant::now() < deadline, "it did not happen: {what}");
        thread::sleep(AGAIN);
    }
}
