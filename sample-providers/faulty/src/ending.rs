//! The end of the provider, of its threads and of the process.

use std::{
    cell::Cell,
    io::{self, Write},
    process,
    sync::atomic::Ordering,
    thread,
    time::Duration,
};

use faulty_defects::Kind;

use crate::{outside, provider::Faulty};

/// How often those who wait look again.
const A_LITTLE: Duration = Duration::from_millis(5);

/// Never returns.
pub(crate) fn wait_for_ever() -> ! {
    loop {
        thread::park();
    }
}

thread_local! {
    static AT_EXIT: AtExit = const { AtExit(Cell::new(false)) };
}

/// What is dropped when the thread, or with the main thread the process, ends.
struct AtExit(Cell<bool>);

impl Drop for AtExit {
    fn drop(&mut self) {
        if self.0.get() {
            process::abort();
        }
    }
}

/// Lets the end of this thread crash, or not.
pub(crate) fn crash_at_exit(crash: bool) {
    // A thread that is ending already has its answer.
    let _ = AT_EXIT.try_with(|at_exit| at_exit.0.set(crash));
}

impl Faulty {
    /// What `stop` does.
    pub(crate) fn end(&self) {
        let mut links = self.links();
        assert!(
            links.were_used() || !self.has(Kind::StopNeedsALink),
            "only a link makes what is ended here, on purpose"
        );
        let linked = !links.is_empty();
        assert!(!linked || !self.has(Kind::PanicInStop), "an actor is still linked, on purpose");
        if linked && self.has(Kind::HangInStop) {
            wait_for_ever();
        }
        if linked && self.has(Kind::ExitInStop) {
            process::exit(3);
        }
        links.clear();
        self.inner().crossing.locked();
        while self.has(Kind::StopWaitsForCalls) && self.inner().calls.load(Ordering::SeqCst) > 0 {
            thread::park_timeout(A_LITTLE);
        }
        drop(links);
        outside::stopped();
        if self.has(Kind::PrintsInStop) {
            let _ = writeln!(io::stdout(), "stopped");
        }
        if self.has(Kind::StdoutInStop) {
            say_or_die(io::stdout());
        }
        if self.has(Kind::StderrInStop) {
            say_or_die(io::stderr());
        }
        if self.has(Kind::CrashAtExit) {
            crash_at_exit(true);
        }
    }
}

/// What `println!` and `eprintln!` come to where no guard catches the panic.
fn say_or_die(mut output: impl Write) {
    let said = output.write_all(b"stopped\n").and_then(|()| output.flush());
    if said.is_err() {
        process::abort();
    }
}
