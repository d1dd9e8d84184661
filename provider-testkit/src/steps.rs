//! The calls of a check that a report keeps: the first ones and the last ones, within bounds.

use std::collections::VecDeque;

use crate::Step;

/// How many calls a report keeps when nobody asks for more: the last ones.
pub(crate) const LAST: usize = 8;
/// How much of a payload a call shows, in bytes: where the last calls are a hint, and where each of
/// them is to be read.
pub(crate) const SHOWN: usize = 300;
const ALL_SHOWN: usize = 4096;
/// How many bytes of arguments and outcomes are kept of the calls of one check.
const BYTES: usize = 1 << 20;

/// How much of a payload a call shows where a report keeps `limit` of them.
pub(crate) fn shown(limit: usize) -> usize {
    if limit > LAST { ALL_SHOWN } else { SHOWN }
}

/// Calls, as they come.
#[derive(Debug, Clone)]
pub(crate) struct Steps {
    /// The first ones, up to half of the limit; none when only the last ones are wanted.
    first: Vec<Step>,
    /// The ones after the first, without those that had to make room.
    last: VecDeque<Step>,
    limit: usize,
    /// What is in use, of [`BYTES`].
    bytes: usize,
}

impl Default for Steps {
    fn default() -> Self {
        Self::up_to(LAST)
    }
}

impl Steps {
    /// At most `limit` calls, and the last one in any case.
    pub(crate) fn up_to(limit: usize) -> Self {
        Self { first: Vec::new(), last: VecDeque::new(), limit: limit.max(1), bytes: 0 }
    }

    /// The provider is about to be called.
    pub(crate) fn push(&mut self, step: Step) {
        let size = size(&step);
        let beginning = if self.limit > LAST { self.limit / 2 } else { 0 };
        if self.last.is_empty()
            && self.first.len() < beginning
            && self.bytes.saturating_add(size) <= BYTES / 2
        {
            self.first.push(step);
        } else {
            self.last.push_back(step);
        }
        self.bytes = self.bytes.saturating_add(size);
        self.make_room();
    }

    /// The call `seq` returned.
    pub(crate) fn returned(&mut self, seq: u32, outcome: String) {
        let mut steps = self.last.iter_mut().rev().chain(self.first.iter_mut().rev());
        if let Some(step) = steps.find(|step| step.seq == seq) {
            let before = size(step);
            step.outcome = Some(outcome);
            self.bytes = self.bytes.saturating_add(size(step)).saturating_sub(before);
            self.make_room();
        }
    }

    fn make_room(&mut self) {
        while self.last.len() > 1
            && (self.first.len() + self.last.len() > self.limit || self.bytes > BYTES)
        {
            if let Some(gone) = self.last.pop_front() {
                self.bytes = self.bytes.saturating_sub(size(&gone));
            }
        }
    }

    /// The last call that did not return; else the last one.
    pub(crate) fn current(&self) -> Option<&Step> {
        let mut steps = self.last.iter().rev().chain(self.first.iter().rev());
        steps.find(|step| step.outcome.is_none()).or_else(|| self.latest())
    }

    fn latest(&self) -> Option<&Step> {
        self.last.back().or_else(|| self.first.last())
    }

    /// What was kept, in the order of the calls.
    pub(crate) fn into_vec(mut self) -> Vec<Step> {
        self.first.extend(self.last);
        self.first
    }
}

fn size(step: &Step) -> usize {
    step.call.len() + step.args.len() + step.outcome.as_ref().map_or(0, String::len)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn step(seq: u32, args: String) -> Step {
        Step { seq, call: "handle_call".into(), args, nth: None, outcome: None }
    }

    fn kept(limit: usize, count: u32, size: usize) -> Vec<u32> {
        let mut steps = Steps::up_to(limit);
        for seq in 1..=count {
            steps.push(step(seq, "x".repeat(size)));
            steps.returned(seq, "Ok".into());
        }
        assert!(steps.bytes <= BYTES || steps.last.len() == 1, "{}", steps.bytes);
        let steps = steps.into_vec();
        assert!(steps.iter().all(|step| step.outcome.is_some()));
        steps.iter().map(|step| step.seq).collect()
    }

    #[test]
    fn without_a_wish_the_last_calls_are_kept() {
        assert_eq!(kept(LAST, 3, 1), [1, 2, 3]);
        assert_eq!(kept(LAST, 20, 1), (13..=20).collect::<Vec<_>>());
    }

    #[test]
    fn of_many_the_first_and_the_last_are_kept() {
        assert_eq!(kept(10, 10, 1), (1..=10).collect::<Vec<_>>());
        assert_eq!(kept(10, 50, 1), [1, 2, 3, 4, 5, 46, 47, 48, 49, 50]);
    }

    #[test]
    fn what_is_kept_is_bounded_in_bytes() {
        let large = kept(2000, 500, 64 << 10);
        assert!(large.len() < 20, "{large:?}");
        assert_eq!((large.first(), large.last()), (Some(&1), Some(&500)));
        assert_eq!(kept(2000, 3, 2 * BYTES), [3]);
    }

    #[test]
    fn the_current_call_is_the_one_that_did_not_return() {
        let mut steps = Steps::default();
        assert_eq!(steps.current(), None);
        steps.push(step(1, String::new()));
        steps.push(step(2, String::new()));
        steps.returned(2, "Ok".into());
        assert_eq!(steps.current().map(|step| step.seq), Some(1));
        steps.returned(1, "Ok".into());
        assert_eq!(steps.current().map(|step| step.seq), Some(2));
    }
}
