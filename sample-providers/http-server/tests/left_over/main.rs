//! After a link is removed, and after the provider is stopped, no thread, descriptor or port is left. One
//! test and no more: it counts what the whole process has.
#![cfg(target_os = "linux")]
#![expect(clippy::unwrap_used, reason = "in a test, where it fails is the message")]

#[path = "../serving/client.rs"]
mod client;
#[path = "../serving/host.rs"]
mod host;

use std::{
    collections::BTreeMap,
    fs,
    net::TcpListener,
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering::SeqCst},
    },
    thread,
    time::Duration,
};

use client::{Connection, get, until};
use host::{Host, echo};

/// How many threads there are of each name.
fn threads() -> BTreeMap<String, usize> {
    let mut names = BTreeMap::new();
    for task in fs::read_dir("/proc/self/task").unwrap() {
        // One that ended meanwhile has no name.
        if let Ok(name) = fs::read_to_string(task.unwrap().path().join("comm")) {
            *names.entry(name.trim_end().to_owned()).or_insert(0) += 1;
        }
    }
    names
}

/// What is open.
fn files() -> Vec<String> {
    let entries = fs::read_dir("/proc/self/fd").unwrap();
    let mut files: Vec<String> = entries
        .filter_map(|entry| fs::read_link(entry.ok()?.path()).ok())
        .map(|target| target.to_string_lossy().into_owned())
        .filter(|target| !target.starts_with("/proc/"))
        .collect();
    files.sort();
    files
}

#[test]
fn nothing_is_left_over() {
    // What the first client of a process opens for good is not the provider's.
    drop(TcpListener::bind(("127.0.0.1", 0)).unwrap());
    let (files_before, threads_before) = (files(), threads());
    let host = Host::new();
    // The runtime is there from now on until the provider is stopped.
    let files_without_link = files();
    let stuck = Arc::new(AtomicBool::new(true));
    for _ in 0..3 {
        let address = host.serve("MACTOR", &[("TIMEOUT_MS", "200")], echo);
        let still = Arc::clone(&stuck);
        let silent = host.serve("MSTUCK", &[("TIMEOUT_MS", "200")], move |request| {
            while still.load(SeqCst) {
                thread::sleep(Duration::from_millis(5));
            }
            echo(request)
        });
        stuck.store(true, SeqCst);
        let mut clients: Vec<_> = (0..50).map(|_| Connection::new(address)).collect();
        for client in &mut clients {
            assert_eq!(client.post(b"x").unwrap().body, b"x");
        }
        let mut partial = Connection::new(address);
        partial.send("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 5\r\n\r\nab").unwrap();
        let mut gone = Connection::new(address);
        gone.send("GET / HTTP/1.1\r\nHost: a\r\n\r\n").unwrap();
        drop(gone);
        assert_eq!(get(silent).status, 504);
        host.remove("MSTUCK");
        // The actor works on, and has its thread until it answers.
        assert!(threads().contains_key("http-actor"), "{:?}", threads());
        stuck.store(false, SeqCst);
        host.remove("MACTOR");
        until("the threads end", || !threads().contains_key("http-actor"));
        drop((clients, partial));
        until("the descriptors are closed", || files() == files_without_link);
        drop((TcpListener::bind(address).unwrap(), TcpListener::bind(silent).unwrap()));
    }
    host.stop();
    until("the runtime's threads end", || threads() == threads_before);
    assert_eq!(files(), files_before);
}
