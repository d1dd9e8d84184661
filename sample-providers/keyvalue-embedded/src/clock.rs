//! What time it is, for keys that expire.

use std::time::{SystemTime, UNIX_EPOCH};

/// A clock that goes on while nobody runs.
pub trait Clock: Send + Sync + 'static {
    /// Milliseconds since the beginning of 1970.
    fn now(&self) -> u64;
}

/// The operating system's clock.
#[derive(Debug, Clone, Copy, Default)]
pub struct WallClock;

impl Clock for WallClock {
    fn now(&self) -> u64 {
        // Before 1970 nothing has expired yet.
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    }
}
