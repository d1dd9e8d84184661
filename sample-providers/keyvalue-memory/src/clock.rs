//! What time it is, for keys that expire.

use std::time::{Duration, Instant};

/// A clock that never goes back.
pub trait Clock: Send + Sync + 'static {
    /// The time since some moment that stays the same.
    fn now(&self) -> Duration;
}

/// The operating system's monotonic clock. Whether it runs on while the machine sleeps is the
/// system's choice; on Linux it does not.
#[derive(Debug, Clone, Copy)]
pub struct Monotonic(Instant);

impl Default for Monotonic {
    fn default() -> Self {
        Self(Instant::now())
    }
}

impl Clock for Monotonic {
    fn now(&self) -> Duration {
        self.0.elapsed()
    }
}
