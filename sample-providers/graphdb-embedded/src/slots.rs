//! How many queries of a link run at the same time.

use std::{sync::Arc, time::Instant};

use parking_lot::{Condvar, Mutex};

/// The places of a link's queries.
#[derive(Debug)]
pub(crate) struct Slots {
    free: Mutex<usize>,
    freed: Condvar,
}

impl Slots {
    pub(crate) fn new(count: usize) -> Self {
        Self { free: Mutex::new(count), freed: Condvar::new() }
    }

    /// A place, unless there is none until then.
    pub(crate) fn take(self: &Arc<Self>, until: Instant) -> Option<Slot> {
        let mut free = self.free.lock();
        while *free == 0 {
            if self.freed.wait_until(&mut free, until).timed_out() && *free == 0 {
                return None;
            }
        }
        *free -= 1;
        Some(Slot(Arc::clone(self)))
    }
}

/// A query's place, until this is dropped.
#[derive(Debug)]
pub(crate) struct Slot(Arc<Slots>);

impl Drop for Slot {
    fn drop(&mut self) {
        *self.0.free.lock() += 1;
        self.0.freed.notify_one();
    }
}

#[cfg(test)]
mod tests {
    use std::{thread, time::Duration};

    use super::*;

    #[test]
    fn who_finds_no_place_waits_until_one_is_free_or_the_time_is_over() {
        let slots = Arc::new(Slots::new(1));
        let soon = || Instant::now() + Duration::from_secs(10);
        let first = slots.take(soon());
        assert!(first.is_some());
        assert!(slots.take(Instant::now()).is_none());
        thread::scope(|scope| {
            let waiting = scope.spawn(|| slots.take(soon()).is_some());
            drop(first);
            assert!(waiting.join().is_ok_and(|got| got));
        });
        assert!(slots.take(Instant::now()).is_some());
    }
}
