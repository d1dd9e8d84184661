//! The link table: who is linked, found by many readers without contention.
//!
//! A lookup touches nothing that another lookup writes to: the index is read optimistically and a
//! link is held through a thread's own slot, so lookups of one hot actor scale as well as those of a
//! hundred thousand. Binding and removing wait only for a bind or a removal of the same actor. No
//! lock is held while a link is made, used or ended.
//!
//! A link is dropped when it was removed and the last call that uses it has returned, whichever
//! comes later, and not when some reclamation gets round to it.

use std::{
    collections::HashMap,
    fmt,
    panic::{AssertUnwindSafe, catch_unwind, resume_unwind},
    sync::Arc,
    thread::{self, ThreadId},
};

use arc_swap::{ArcSwapOption, Guard};
use foldhash::fast::RandomState;
use papaya::HashMap as Index;
use parking_lot::{Condvar, Mutex};

use crate::{
    error::{Error, ErrorKind},
    link::Linked,
};

/// A link's place. The index may keep it for a while after the link was removed; then it is empty.
type Slot<L> = Arc<ArcSwapOption<Linked<L>>>;

/// Which actors are linked, and what the provider keeps for each.
pub struct Links<L> {
    // Actor keys come from the host, so a fast hash with a random seed is safe enough.
    index: Index<Arc<str>, Slot<L>, RandomState>,
    changes: Mutex<Changes>,
    changed: Condvar,
}

#[derive(Default)]
struct Changes {
    /// The actors whose link is being made or ended, and by which thread.
    by: HashMap<Arc<str>, ThreadId, RandomState>,
    /// No link is made any more.
    closed: bool,
}

/// A link in use. It holds no lock; the link lives at least as long.
pub struct LinkGuard<L>(Guard<Option<Arc<Linked<L>>>>);

impl<L> std::ops::Deref for LinkGuard<L> {
    type Target = Linked<L>;

    #[inline]
    fn deref(&self) -> &Linked<L> {
        // `Links::get` returns a guard only for a slot that is not empty.
        self.0.as_deref().unwrap_or_else(|| unreachable!("a guard without a link"))
    }
}

impl<L> fmt::Debug for LinkGuard<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("LinkGuard").field(&self.config).finish()
    }
}

impl<L: Send + Sync + 'static> Links<L> {
    /// A table without links.
    #[must_use]
    pub fn new() -> Self {
        Self {
            index: Index::with_hasher(RandomState::default()),
            changes: Mutex::default(),
            changed: Condvar::new(),
        }
    }

    /// The link of `actor`, if it is linked.
    #[must_use]
    #[inline]
    pub fn get(&self, actor: &str) -> Option<LinkGuard<L>> {
        let guard = self.index.pin().get(actor)?.load();
        guard.is_some().then_some(LinkGuard(guard))
    }

    /// The link of `actor`, if it is linked, to be kept for as long as a call takes.
    #[cfg(feature = "tokio")]
    pub(crate) fn hold(&self, actor: &str) -> Option<Arc<Linked<L>>> {
        self.index.pin().get(actor)?.load_full()
    }

    /// Links `actor`. The caller keeps others from changing its link.
    #[cfg(feature = "tokio")]
    pub(crate) fn put(&self, actor: &str, linked: Linked<L>) {
        self.index.pin().insert(actor.into(), Arc::new(ArcSwapOption::new(Some(Arc::new(linked)))));
    }

    /// Takes the link of `actor` away, so that no call finds it. The caller keeps others from changing
    /// it.
    #[cfg(feature = "tokio")]
    pub(crate) fn take(&self, actor: &str) -> Option<Arc<Linked<L>>> {
        // The index may keep the slot for a while, so it is emptied.
        self.index.pin().remove(actor).and_then(|slot| slot.swap(None))
    }

    /// How many actors are linked.
    #[must_use]
    pub fn len(&self) -> usize {
        self.index.len()
    }

    /// Whether no actor is linked.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.index.is_empty()
    }

    /// Links `actor` with what `make` returns, unless it is linked already. Returns whether it was
    /// linked now.
    ///
    /// It waits while another thread makes or ends the link of the same actor.
    ///
    /// # Errors
    ///
    /// Those of `make`; the actor stays unlinked. [`Stopping`](ErrorKind::Stopping) when the table was
    /// closed. [`WouldBlock`](ErrorKind::WouldBlock) when it is
    /// called by a thread that is making or ending the link of the same actor already.
    pub fn bind(
        &self,
        actor: &str,
        make: impl FnOnce() -> Result<Linked<L>, Error>,
    ) -> Result<bool, Error> {
        if self.get(actor).is_some() {
            return Ok(false);
        }
        let change = self.change(actor, true)?;
        if self.get(actor).is_some() {
            return Ok(false);
        }
        let linked = Arc::new(make()?);
        let slot = Arc::new(ArcSwapOption::new(Some(linked)));
        self.index.pin().insert(Arc::clone(&change.actor), slot);
        Ok(true)
    }

    /// Takes the link of `actor` away and lets `end` end it. Returns whether there was one.
    ///
    /// It waits while another thread makes or ends the link of the same actor, but not for calls
    /// in progress.
    ///
    /// # Errors
    ///
    /// [`WouldBlock`](ErrorKind::WouldBlock) as for [`bind`](Self::bind).
    pub fn remove(&self, actor: &str, end: impl FnOnce(&Linked<L>)) -> Result<bool, Error> {
        let change = self.change(actor, false)?;
        // From here on no call finds it. The index may keep the slot for a while, so it is emptied.
        let Some(linked) = self.index.pin().remove(actor).and_then(|slot| slot.swap(None)) else {
            return Ok(false);
        };
        // A panic in here and one in the link's destructor would be one too many.
        let ended = catch_unwind(AssertUnwindSafe(|| end(&linked)));
        drop(linked);
        drop(change);
        match ended {
            Ok(()) => Ok(true),
            Err(panic) => resume_unwind(panic),
        }
    }

    /// Makes no link any more, and waits for those that are being made or ended by other threads. From
    /// then on only removals change the table.
    pub fn close(&self) {
        let this = thread::current().id();
        let mut changes = self.changes.lock();
        changes.closed = true;
        while changes.by.values().any(|thread| *thread != this) {
            self.changed.wait(&mut changes);
        }
    }

    /// The actors that are linked now.
    #[must_use]
    pub fn actors(&self) -> Vec<Arc<str>> {
        self.index.pin().keys().cloned().collect()
    }

    /// Waits until no other thread changes the link of `actor`, and keeps others from it.
    fn change(&self, actor: &str, making: bool) -> Result<Change<'_, L>, Error> {
        let this = thread::current().id();
        let mut changes = self.changes.lock();
        while let Some(thread) = changes.by.get(actor) {
            if *thread == this {
                return Err(Error::new(
                    ErrorKind::WouldBlock,
                    format!("the link of actor `{actor}` is being changed by this very call"),
                ));
            }
            self.changed.wait(&mut changes);
        }
        if making && changes.closed {
            return Err(Error::new(ErrorKind::Stopping, "no actor is linked any more"));
        }
        let actor: Arc<str> = actor.into();
        changes.by.insert(Arc::clone(&actor), this);
        Ok(Change { links: self, actor })
    }
}

impl<L: Send + Sync + 'static> Default for Links<L> {
    fn default() -> Self {
        Self::new()
    }
}

impl<L> fmt::Debug for Links<L> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Links").finish_non_exhaustive()
    }
}

/// The right to change the link of one actor. Given back also when making the link panics.
struct Change<'a, L: Send + Sync + 'static> {
    links: &'a Links<L>,
    actor: Arc<str>,
}

impl<L: Send + Sync + 'static> Drop for Change<'_, L> {
    fn drop(&mut self) {
        self.links.changes.lock().by.remove(&self.actor);
        self.links.changed.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use std::sync::{
        Barrier,
        atomic::{AtomicUsize, Ordering},
        mpsc,
    };

    use super::*;
    use crate::{
        dispatcher::NullDispatcher,
        link::{Actor, LinkConfig},
    };

    fn linked<L>(actor: &str, link: L) -> Linked<L> {
        let actor = Actor::new(actor, Arc::new(NullDispatcher));
        Linked { config: LinkConfig::new(actor, HashMap::new()), link }
    }

    fn bind<L: Send + Sync + 'static>(links: &Links<L>, actor: &str, link: L) -> bool {
        links.bind(actor, || Ok(linked(actor, link))).unwrap()
    }

    #[test]
    fn binding_twice_keeps_the_first_link_and_removing_twice_is_harmless() {
        let links = Links::new();
        assert!(bind(&links, "A", 1));
        assert!(!bind(&links, "A", 2));
        assert_eq!(links.get("A").unwrap().link, 1);
        assert!(links.remove("A", |linked| assert_eq!(linked.link, 1)).unwrap());
        assert!(!links.remove("A", |_| unreachable!()).unwrap());
        assert!(links.get("A").is_none());
        assert!(bind(&links, "A", 3));
        assert_eq!(links.get("A").unwrap().link, 3);
    }

    #[test]
    fn a_bind_that_fails_or_panics_leaves_nothing_behind() {
        let links = Links::<u8>::new();
        let failure = links.bind("A", || Err(Error::new(ErrorKind::Unavailable, "no server")));
        assert_eq!(failure.unwrap_err().kind(), ErrorKind::Unavailable);
        catch_unwind(AssertUnwindSafe(|| links.bind("A", || panic!("on purpose")))).unwrap_err();
        assert!(links.is_empty());
        assert!(bind(&links, "A", 1));
    }

    struct CountsDrops(Arc<AtomicUsize>);

    impl Drop for CountsDrops {
        fn drop(&mut self) {
            self.0.fetch_add(1, Ordering::SeqCst);
        }
    }

    #[test]
    fn a_link_is_dropped_when_it_is_removed_and_no_call_uses_it() {
        let drops = Arc::new(AtomicUsize::new(0));
        let links = Links::new();
        bind(&links, "A", CountsDrops(Arc::clone(&drops)));
        links.remove("A", |_| ()).unwrap();
        assert_eq!(drops.load(Ordering::SeqCst), 1, "at once when nobody uses it");

        bind(&links, "A", CountsDrops(Arc::clone(&drops)));
        let call = links.get("A").unwrap();
        links.remove("A", |_| ()).unwrap();
        assert_eq!(drops.load(Ordering::SeqCst), 1, "a call uses it");
        drop(call);
        assert_eq!(drops.load(Ordering::SeqCst), 2, "the call has returned");
    }

    #[test]
    fn a_bind_in_progress_holds_up_neither_another_actors_calls_nor_its_bind() {
        let links = Arc::new(Links::new());
        bind(&links, "B", 2);
        let (entered, wait) = (Arc::new(Barrier::new(2)), Arc::new(Barrier::new(2)));
        let binder = thread::spawn({
            let (links, entered, wait) =
                (Arc::clone(&links), Arc::clone(&entered), Arc::clone(&wait));
            move || {
                links.bind("A", || {
                    entered.wait();
                    wait.wait();
                    Ok(linked("A", 1))
                })
            }
        });
        entered.wait();
        // The bind of A does not return before this thread lets it.
        assert_eq!(links.get("B").unwrap().link, 2);
        assert!(links.get("A").is_none());
        assert!(bind(&links, "C", 3));
        assert!(links.remove("B", |_| ()).unwrap());
        wait.wait();
        assert!(binder.join().unwrap().unwrap());
        assert_eq!(links.get("A").unwrap().link, 1);
    }

    #[test]
    fn of_two_binds_at_once_one_makes_the_link_and_the_other_waits_for_it() {
        let links = Arc::new(Links::new());
        let (entered, made) = (Arc::new(Barrier::new(2)), Arc::new(AtomicUsize::new(0)));
        let (go, gone) = mpsc::channel();
        let first = thread::spawn({
            let (links, entered, made) =
                (Arc::clone(&links), Arc::clone(&entered), Arc::clone(&made));
            move || {
                links.bind("A", || {
                    entered.wait();
                    gone.recv().unwrap();
                    made.fetch_add(1, Ordering::SeqCst);
                    Ok(linked("A", 1))
                })
            }
        });
        entered.wait();
        let second = thread::spawn({
            let (links, made) = (Arc::clone(&links), Arc::clone(&made));
            move || {
                links.bind("A", || {
                    made.fetch_add(1, Ordering::SeqCst);
                    Ok(linked("A", 2))
                })
            }
        });
        go.send(()).unwrap();
        assert!(first.join().unwrap().unwrap());
        assert!(!second.join().unwrap().unwrap());
        assert_eq!(made.load(Ordering::SeqCst), 1);
    }

    #[test]
    fn closing_waits_for_a_bind_in_progress_and_refuses_the_next() {
        let links = Arc::new(Links::new());
        let entered = Arc::new(Barrier::new(2));
        let (go, gone) = mpsc::channel();
        let binder = thread::spawn({
            let (links, entered) = (Arc::clone(&links), Arc::clone(&entered));
            move || {
                links.bind("A", || {
                    entered.wait();
                    gone.recv().unwrap();
                    Ok(linked("A", 1))
                })
            }
        });
        entered.wait();
        let closer = thread::spawn({
            let links = Arc::clone(&links);
            move || {
                links.close();
                links.actors().len()
            }
        });
        // The closer waits, or has not begun: either way the bind is let go before it can return.
        go.send(()).unwrap();
        assert!(binder.join().unwrap().unwrap());
        assert_eq!(closer.join().unwrap(), 1, "the link that was being made is there");
        let refused = links.bind("B", || unreachable!("the table was closed")).unwrap_err();
        assert_eq!(refused.kind(), ErrorKind::Stopping);
        assert!(links.remove("A", |_| ()).unwrap());
    }

    #[test]
    fn a_panic_while_ending_a_link_and_one_while_dropping_it_are_one() {
        struct PanicsWhenDropped;

        impl Drop for PanicsWhenDropped {
            fn drop(&mut self) {
                panic!("in the destructor, on purpose");
            }
        }

        let links = Links::new();
        bind(&links, "A", PanicsWhenDropped);
        let end = || links.remove("A", |_| panic!("while ending, on purpose"));
        catch_unwind(AssertUnwindSafe(end)).unwrap_err();
        assert!(links.get("A").is_none());
        assert!(!links.remove("A", |_| ()).unwrap());
    }

    #[test]
    fn changing_a_link_while_the_same_thread_changes_it_is_an_error_and_no_deadlock() {
        let links = Links::new();
        let inner = links.bind("A", || {
            assert_eq!(links.remove("A", |_| ()).unwrap_err().kind(), ErrorKind::WouldBlock);
            let again = links.bind("A", || Ok(linked("A", 2))).unwrap_err();
            assert_eq!(again.kind(), ErrorKind::WouldBlock);
            Ok(linked("A", 1))
        });
        assert!(inner.unwrap());
    }

    #[test]
    fn links_hold_under_many_threads() {
        const ROUNDS: usize = if cfg!(miri) { 20 } else { 2_000 };
        let drops = Arc::new(AtomicUsize::new(0));
        let made = Arc::new(AtomicUsize::new(0));
        let links = Arc::new(Links::new());
        thread::scope(|scope| {
            for thread in 0..4 {
                let (links, drops, made) =
                    (Arc::clone(&links), Arc::clone(&drops), Arc::clone(&made));
                scope.spawn(move || {
                    for round in 0..ROUNDS {
                        let actor = format!("A{}", (round + thread) % 3);
                        let bound = links.bind(&actor, || {
                            made.fetch_add(1, Ordering::SeqCst);
                            Ok(linked(&actor, CountsDrops(Arc::clone(&drops))))
                        });
                        bound.unwrap();
                        if let Some(link) = links.get(&actor) {
                            assert_eq!(link.config.actor().id(), actor);
                        }
                        if round % 2 == thread % 2 {
                            links.remove(&actor, |_| ()).unwrap();
                        }
                    }
                });
            }
        });
        for actor in links.actors() {
            links.remove(&actor, |_| ()).unwrap();
        }
        assert!(links.is_empty());
        assert_eq!(drops.load(Ordering::SeqCst), made.load(Ordering::SeqCst));
    }
}
