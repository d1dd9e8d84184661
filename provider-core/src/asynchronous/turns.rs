//! Changes of one actor's link take turns, and no thread waits for its turn.

use std::{collections::HashMap, sync::Arc};

use foldhash::fast::RandomState;
use parking_lot::Mutex;
use tokio::sync::{Mutex as Turnstile, OwnedMutexGuard};

use super::chain::Chain;
use crate::error::{Error, ErrorKind};

/// Who changes the link of which actor.
#[derive(Default)]
pub(super) struct Turns(Mutex<HashMap<Arc<str>, Arc<Turnstile<()>>, RandomState>>);

impl Turns {
    /// Waits until nobody changes the link of `actor`, and keeps others from it.
    ///
    /// # Errors
    ///
    /// `WouldBlock` when this call came from a change of that very link.
    pub(super) async fn take(&self, actor: &Arc<str>) -> Result<Turn<'_>, Error> {
        if Chain::current().changes(actor) {
            return Err(Error::new(
                ErrorKind::WouldBlock,
                format!("the link of actor `{actor}` is being changed by this very call"),
            ));
        }
        let turnstile = Arc::clone(self.0.lock().entry(Arc::clone(actor)).or_default());
        let mut turn = Turn { turns: self, actor: Arc::clone(actor), turnstile, inside: None };
        turn.inside = Some(Arc::clone(&turn.turnstile).lock_owned().await);
        Ok(turn)
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.0.lock().len()
    }
}

/// The right to change the link of one actor, or the wish for it.
pub(super) struct Turn<'a> {
    turns: &'a Turns,
    actor: Arc<str>,
    turnstile: Arc<Turnstile<()>>,
    inside: Option<OwnedMutexGuard<()>>,
}

impl Drop for Turn<'_> {
    fn drop(&mut self) {
        let mut turns = self.turns.0.lock();
        self.inside = None;
        // The table's and ours: nobody else waits.
        if Arc::strong_count(&self.turnstile) == 2 {
            turns.remove(&self.actor);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::{
        pin::pin,
        task::{Context, Poll, Waker},
    };

    use super::*;

    fn poll<F: Future>(future: std::pin::Pin<&mut F>) -> Poll<F::Output> {
        future.poll(&mut Context::from_waker(Waker::noop()))
    }

    #[test]
    fn turns_are_taken_one_at_a_time_and_nothing_is_left_of_them() {
        let turns = Turns::default();
        let (a, b) = (Arc::from("A"), Arc::from("B"));
        let Poll::Ready(Ok(first)) = poll(pin!(turns.take(&a))) else { panic!("it is free") };
        let mut second = Box::pin(turns.take(&a));
        assert!(poll(second.as_mut()).is_pending(), "somebody is inside");
        assert!(poll(pin!(turns.take(&b))).is_ready(), "another actor's link");
        let mut third = Box::pin(turns.take(&a));
        assert!(poll(third.as_mut()).is_pending());
        // One that gave up before its turn came.
        drop(second);
        drop(first);
        assert_eq!(turns.len(), 1, "the third waits");
        let Poll::Ready(Ok(turn)) = poll(third.as_mut()) else { panic!("it is free again") };
        drop(turn);
        drop(third);
        assert_eq!(turns.len(), 0);
    }

    #[test]
    fn a_change_cannot_wait_for_itself() {
        let turns = Turns::default();
        let a = Arc::from("A");
        let within = Chain::default().changing("A").around(turns.take(&a));
        let Poll::Ready(Err(error)) = poll(pin!(within)) else { panic!("it waits for itself") };
        assert_eq!(error.kind(), ErrorKind::WouldBlock);
    }
}
