//! Who works on which entries: a namespace for each link, or one that several links share.

use std::{
    collections::HashMap,
    fmt,
    sync::{Arc, Mutex, MutexGuard, PoisonError, RwLock, RwLockReadGuard, RwLockWriteGuard},
};

use crate::entries::Entries;

/// Entries and their lock.
// A change of the entries is whole before anything that could panic, so what a poisoned lock guards
// is as good as ever.
#[derive(Default)]
pub(crate) struct Namespace(RwLock<Entries>);

impl Namespace {
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Entries> {
        self.0.read().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, Entries> {
        self.0.write().unwrap_or_else(PoisonError::into_inner)
    }
}

/// The namespaces that links share, by name.
#[derive(Default)]
pub(crate) struct Namespaces(Mutex<HashMap<Arc<str>, Arc<Namespace>>>);

impl Namespaces {
    /// Joins the namespace `name`, which begins with its first member.
    pub(crate) fn join(self: &Arc<Self>, name: &str) -> Membership {
        let name: Arc<str> = name.into();
        let namespace = Arc::clone(self.shared().entry(Arc::clone(&name)).or_default());
        Membership { namespace, shared: Some((Arc::clone(self), name)) }
    }

    fn shared(&self) -> MutexGuard<'_, HashMap<Arc<str>, Arc<Namespace>>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// A link's part in a namespace. The last member of a namespace takes it along.
pub struct Membership {
    namespace: Arc<Namespace>,
    /// Where the namespace is listed, if it is shared.
    shared: Option<(Arc<Namespaces>, Arc<str>)>,
}

impl Membership {
    /// A namespace of one's own.
    pub(crate) fn alone() -> Self {
        Self { namespace: Arc::default(), shared: None }
    }

    pub(crate) fn namespace(&self) -> &Namespace {
        &self.namespace
    }
}

impl Drop for Membership {
    fn drop(&mut self) {
        let Some((namespaces, name)) = &self.shared else {
            return;
        };
        let mut shared = namespaces.shared();
        // Members come and go under this lock, so nobody joins between the look and the removal: the
        // list's own handle and this one are the last.
        if Arc::strong_count(&self.namespace) == 2 {
            shared.remove(name);
        }
    }
}

impl fmt::Debug for Membership {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let name = self.shared.as_ref().map(|(_, name)| name);
        f.debug_struct("Membership").field("name", &name).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shared_namespace_is_listed_until_its_last_member_leaves() {
        let namespaces = Arc::new(Namespaces::default());
        let first = namespaces.join("n");
        let second = namespaces.join("n");
        let other = namespaces.join("o");
        assert!(Arc::ptr_eq(&first.namespace, &second.namespace));
        assert!(!Arc::ptr_eq(&first.namespace, &other.namespace));
        drop(first);
        assert_eq!(namespaces.shared().len(), 2);
        drop(second);
        assert_eq!(namespaces.shared().len(), 1);
        drop(other);
        assert!(namespaces.shared().is_empty());
    }

    #[test]
    fn members_that_join_and_leave_on_many_threads_leave_nothing_listed() {
        let namespaces = Arc::new(Namespaces::default());
        std::thread::scope(|scope| {
            for _ in 0..4 {
                scope.spawn(|| {
                    for _ in 0..1000 {
                        drop(namespaces.join("n"));
                    }
                });
            }
        });
        assert!(namespaces.shared().is_empty());
    }

    #[test]
    fn a_panic_under_the_lock_does_not_end_the_namespace() {
        let member = Membership::alone();
        std::thread::scope(|scope| {
            let panics = scope.spawn(|| {
                let _entries = member.namespace().write();
                panic!("on purpose");
            });
            panics.join().unwrap_err();
        });
        drop(member.namespace().read());
        drop(member.namespace().write());
    }
}
