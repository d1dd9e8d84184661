//! Ctrl-C.

use std::{
    fs::{self, File},
    io::Read,
    process::Command,
    sync::mpsc,
    thread,
    time::Duration,
};

use rustix::process::{Pid, Signal, kill_process};
use tempfile::TempDir;

use crate::{
    command::{finish, program},
    libraries::moods,
};

#[test]
fn an_interrupt_ends_with_130_and_leaves_no_worker_and_no_file_behind() {
    let folder = TempDir::new().unwrap();
    let fifo = folder.path().join("fifo");
    assert_eq!(finish(Command::new("mkfifo").arg(&fifo)).code, Some(0));
    let files = folder.path().join("files");
    fs::create_dir(&files).unwrap();
    let mut child = program()
        // Longer than the patience below: it is the interrupt that ends it.
        .args(["check", moods().to_str().unwrap(), "ops::declared::Hang", "--timeout-scale", "10"])
        .env("MOODS_PIPE", &fifo)
        .env("TMPDIR", &files)
        .spawn()
        .unwrap();
    let (sender, events) = mpsc::channel();
    thread::spawn(move || {
        let mut pipe = File::open(&fifo).unwrap();
        let mut byte = [0];
        // First its word, then its end: nobody holds the pipe any more.
        while let Ok(count) = pipe.read(&mut byte) {
            if sender.send(count).is_err() || count == 0 {
                break;
            }
        }
    });
    let patience = Duration::from_secs(30);
    assert_eq!(events.recv_timeout(patience), Ok(1), "the operation hangs");
    let pid = Pid::from_child(&child);
    kill_process(pid, Signal::INT).unwrap();
    assert_eq!(events.recv_timeout(patience), Ok(0), "the worker is gone");
    let status = child.wait().unwrap();
    assert_eq!(status.code(), Some(130));
    let mut err = String::new();
    child.stderr.take().unwrap().read_to_string(&mut err).unwrap();
    assert_eq!(err, "error: interrupted\n");
    assert_eq!(fs::read_dir(&files).unwrap().count(), 0, "no file is left");
}
