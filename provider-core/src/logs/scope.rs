//! On whose behalf a thread works.
//!
//! # Invariant
//!
//! [`CURRENT`] is null or the address of a [`Frame`] that [`within`] borrows until it returns. Only
//! `within` sets it, and it puts back what was there before it returns or unwinds; only [`current`]
//! reads it, on the same thread, and lends the frame to a closure that cannot keep it.
#![expect(unsafe_code, reason = "a thread knows its frame by address; see the invariant")]

use std::{cell::Cell, fmt, ptr, sync::Arc};

use super::Ear;

/// A call that a thread works on.
#[derive(Clone, Copy)]
pub(crate) struct Frame<'a> {
    /// Who listens to the provider.
    pub(crate) ear: &'a Arc<Ear>,
    /// The actor, empty when it is nobody's work.
    pub(crate) actor: &'a str,
    /// The operation.
    pub(crate) op: &'a str,
}

thread_local! {
    static CURRENT: Cell<*const Frame<'static>> = const { Cell::new(ptr::null()) };
}

/// Puts back what was there before.
struct Before(*const Frame<'static>);

impl Drop for Before {
    fn drop(&mut self) {
        CURRENT.set(self.0);
    }
}

/// Calls `act`; what is logged meanwhile on this thread belongs to `frame`.
pub(crate) fn within<T>(frame: &Frame<'_>, act: impl FnOnce() -> T) -> T {
    let _before = Before(CURRENT.replace(ptr::from_ref(frame).cast()));
    act()
}

/// Lets `look` see what this thread works on.
pub(super) fn current<T>(look: impl FnOnce(Option<&Frame<'_>>) -> T) -> T {
    // SAFETY: null, or a frame that is borrowed for longer than this call (the invariant).
    look(unsafe { CURRENT.get().as_ref() })
}

/// Calls `act`; what is logged meanwhile on this thread is said on behalf of `actor`.
pub(crate) fn for_actor<T>(actor: &str, act: impl FnOnce() -> T) -> T {
    current(|frame| match frame {
        Some(frame) => within(&Frame { actor, ..*frame }, act),
        None => act(),
    })
}

/// Whose call a thread works on, for records: which provider, which actor, which operation.
///
/// The SDK keeps it around `link`, `unlink` and every operation. A thread of your own works on no
/// call; take the scope along when it should:
///
/// ```
/// use provider_core::LogScope;
///
/// let scope = LogScope::current();
/// let thread = std::thread::spawn(move || scope.enter(|| 6 * 7));
/// assert_eq!(thread.join().unwrap(), 42);
/// ```
///
/// Outside of every call, and in an operation that began when no host wanted to hear anything, it is
/// empty, and entering it changes nothing.
#[derive(Clone, Default)]
pub struct LogScope(Option<Arc<Kept>>);

struct Kept {
    ear: Arc<Ear>,
    actor: Box<str>,
    op: Box<str>,
}

impl LogScope {
    /// The call that this thread works on.
    #[must_use]
    pub fn current() -> Self {
        Self(current(|frame| {
            frame.map(|Frame { ear, actor, op }| {
                let (actor, op) = ((*actor).into(), (*op).into());
                Arc::new(Kept { ear: Arc::clone(ear), actor, op })
            })
        }))
    }

    /// Calls `act`; what is logged meanwhile on this thread belongs to the call.
    pub fn enter<T>(&self, act: impl FnOnce() -> T) -> T {
        match &self.0 {
            Some(kept) => within(&Frame { ear: &kept.ear, actor: &kept.actor, op: &kept.op }, act),
            None => act(),
        }
    }
}

impl fmt::Debug for LogScope {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let mut shown = f.debug_struct("LogScope");
        if let Some(kept) = &self.0 {
            shown.field("actor", &kept.actor).field("op", &kept.op);
        }
        shown.finish()
    }
}
