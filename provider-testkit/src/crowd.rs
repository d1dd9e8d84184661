//! Many threads that begin at the same time.

use std::{sync::Barrier, thread};

use crate::lab::Outcome;

/// Runs `act` on `count` threads, which it tells their number, and waits for all of them. Of several
/// that fail the first one's reason is returned.
pub(crate) fn crowd<T: Send>(
    count: u32,
    act: impl Fn(u32) -> Outcome<T> + Sync,
) -> Outcome<Vec<T>> {
    let start = Barrier::new(count as usize);
    let (start, act) = (&start, &act);
    thread::scope(|scope| {
        let begin = |number| {
            scope.spawn(move || {
                start.wait();
                act(number)
            })
        };
        let threads: Vec<_> = (0..count).map(begin).collect();
        threads
            .into_iter()
            .map(|thread| match thread.join() {
                Ok(outcome) => outcome,
                // Our own panic goes on.
                Err(panic) => std::panic::resume_unwind(panic),
            })
            .collect()
    })
}
