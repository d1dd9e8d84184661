//! Who works on which entries: a namespace for each link, or one that several links share.

use std::{collections::HashMap, fmt, sync::Arc};

use parking_lot::{Mutex, RwLock, RwLockReadGuard, RwLockWriteGuard};

use crate::entries::Entries;

/// Entries and their lock.
// A change of the entries is whole before anything that could panic, so a panic under the lock leaves
// them as good as ever.
#[derive(Default)]
pub(crate) struct Namespace(RwLock<Entries>);

impl Namespace {
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, Entries> {
        self.0.read()
    }

    pub(crate) fn write(&self) -> RwLockWriteGuard<'_, Entries> {
        self.0.write()
    }
}

/// The namespaces that links share, by name.
#[derive(Default)]
pub(crate) struct Namespaces(Mutex<HashMap<Arc<str>, Shared>>);

#[derive(Default)]
struct Shared {
    namespace: Arc<Namespace>,
    members: usize,
}

impl Namespaces {
    /// Joins the namespace `name`, which begins with its first member.
    pub(crate) fn join(self: &Arc<Self>, name: &str) -> Membership {
        let name: Arc<str> = name.into();
        let mut namespaces = self.0.lock();
        let shared = namespaces.entry(Arc::clone(&name)).or_default();
        shared.members += 1;
        let namespace = Arc::clone(&shared.namespace);
        Membership { namespace, shared: Some((Arc::clone(self), name)) }
    }

    fn leave(&self, name: &str) {
        let mut namespaces = self.0.lock();
        if let Some(shared) = namespaces.get_mut(name) {
            shared.members -= 1;
            if shared.members == 0 {
                namespaces.remove(name);
            }
        }
    }

    #[cfg(test)]
    fn len(&self) -> usize {
        self.0.lock().len()
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
        if let Some((namespaces, name)) = &self.shared {
            namespaces.leave(name);
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
        assert_eq!(namespaces.len(), 2);
        drop(second);
        assert_eq!(namespaces.len(), 1);
        drop(other);
        assert_eq!(namespaces.len(), 0);
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
        assert_eq!(namespaces.len(), 0);
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
