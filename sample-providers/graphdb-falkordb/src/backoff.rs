//! When a server that could not be connected to is tried again.

use std::time::{Duration, Instant};

const FIRST: Duration = Duration::from_millis(50);
const LONGEST: Duration = Duration::from_secs(2);

/// Waits longer after each failure.
#[derive(Debug, Default)]
pub(crate) struct Backoff {
    failed: Option<Failed>,
}

#[derive(Debug)]
struct Failed {
    why: String,
    pause: Duration,
    until: Instant,
}

impl Backoff {
    /// Why it is not tried now.
    pub(crate) fn holds(&self, now: Instant) -> Option<&str> {
        self.failed.as_ref().filter(|failed| now < failed.until).map(|failed| failed.why.as_str())
    }

    pub(crate) fn failed(&mut self, now: Instant, why: &str) {
        let pause = match &self.failed {
            None => FIRST,
            Some(before) => (before.pause * 2).min(LONGEST),
        };
        self.failed = Some(Failed { why: why.to_owned(), pause, until: now + pause });
    }

    pub(crate) fn succeeded(&mut self) {
        self.failed = None;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_become_longer_up_to_a_bound_and_end_with_a_success() {
        let mut backoff = Backoff::default();
        let mut now = Instant::now();
        assert_eq!(backoff.holds(now), None);
        for expected in [50, 100, 200, 400, 800, 1600, 2000, 2000] {
            backoff.failed(now, "refused");
            let pause = Duration::from_millis(expected);
            assert_eq!(backoff.holds(now + pause / 2), Some("refused"));
            now += pause;
            assert_eq!(backoff.holds(now), None);
        }
        backoff.succeeded();
        backoff.failed(now, "refused");
        assert_eq!(backoff.holds(now + FIRST), None);
    }
}
