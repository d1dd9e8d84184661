//! A worker's standard output or error, as it is being emptied.

use std::{
    io::{Read, Write},
    sync::{
        Arc, Mutex, PoisonError,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Duration,
};

use crate::capture::Captured;

/// How much a provider may write before it is stopped.
pub(crate) const FLOOD: u64 = 256 << 20;
/// How long what a dead worker left in its pipes may take to arrive.
const LINGER: Duration = Duration::from_millis(300);

/// A pipe that is being emptied.
pub(crate) struct Drained {
    captured: Arc<Mutex<Captured>>,
    over: mpsc::Receiver<()>,
    /// Nobody wants it any more.
    left: Arc<AtomicBool>,
}

impl Drained {
    /// Empties `from`; calls `flooded` when too much comes, and `heard` with each piece.
    pub(crate) fn new(
        from: Option<impl Read + Send + 'static>,
        flooded: impl FnOnce() + Send + 'static,
        heard: impl FnMut(&[u8]) + Send + 'static,
    ) -> Self {
        let captured = Arc::<Mutex<Captured>>::default();
        let left = Arc::<AtomicBool>::default();
        let (send, over) = mpsc::channel();
        if let Some(from) = from {
            let (into, left) = (Arc::clone(&captured), Arc::clone(&left));
            thread::spawn(move || {
                drain(from, &into, &left, flooded, heard);
                let _ = send.send(());
            });
        }
        Self { captured, over, left }
    }

    /// What came. A process that got away may hold the pipe open: it is not waited for.
    pub(crate) fn take(self) -> Captured {
        let _ = self.over.recv_timeout(LINGER);
        self.left.store(true, Ordering::Relaxed);
        let mut captured = self.captured.lock().unwrap_or_else(PoisonError::into_inner);
        let mut captured = std::mem::take(&mut *captured);
        captured.end();
        captured
    }
}

/// Reads everything that comes, never waiting for anybody but the writer.
fn drain(
    mut from: impl Read,
    into: &Mutex<Captured>,
    left: &AtomicBool,
    flooded: impl FnOnce(),
    mut heard: impl FnMut(&[u8]),
) {
    let mut flooded = Some(flooded);
    let mut buffer = vec![0; 64 << 10];
    while let Ok(read) = from.read(&mut buffer) {
        if read == 0 || left.load(Ordering::Relaxed) {
            break;
        }
        let mut captured = into.lock().unwrap_or_else(PoisonError::into_inner);
        // Writing to memory does not fail.
        let _ = captured.write_all(&buffer[..read]);
        let too_much = captured.total() > FLOOD;
        drop(captured);
        heard(&buffer[..read]);
        if too_much && let Some(flooded) = flooded.take() {
            flooded();
        }
    }
}
