//! What is left of a link: nothing. The only test of its program, since it counts what the process has.
#![expect(clippy::unwrap_used, reason = "in a test, where it fails is the message")]

use std::{net::TcpListener, time::Instant};

use test_servers::Held;

#[allow(dead_code, reason = "each program uses its part of the module")]
#[path = "sessions/terminal.rs"]
mod terminal;

use crate::terminal::{Client, Terminal};

#[test]
fn remove_ends_what_is_under_way_and_leaves_nothing() {
    let terminal = Terminal::new();
    // What the runtime has is there before it is counted.
    let port = terminal.link("MFIRST", &[]);
    let client = Client::new(port);
    terminal.session();
    terminal.remove("MFIRST");
    client.ends();
    let held = Held::now();
    let port = terminal.link("MACTOR", &[]);
    let mut clients: Vec<Client> = (0..50).map(|_| Client::new(port)).collect();
    for client in &mut clients {
        terminal.session();
        client.types(b"half a li");
    }
    let began = Instant::now();
    terminal.remove("MACTOR");
    assert!(began.elapsed() < terminal::PATIENCE, "{:?}", began.elapsed());
    TcpListener::bind(("127.0.0.1", port)).unwrap();
    for client in clients {
        client.ends();
    }
    // Threads that called the actor end when they have had nothing to do for a while.
    terminal::until(|| (Held::now().descriptors <= held.descriptors).then_some(()));
    terminal.stop();
    terminal::until(|| (Held::now().threads <= held.threads).then_some(()));
}
