//! What only the operating system's own functions tell, and the one that unloads a library.
//!
//! # Invariants
//!
//! 1. Each of these functions asks and changes nothing, but for [`unloaded`].
//! 2. They are called in a worker, by the thread that runs a check, between two calls of a provider.
//!    What a thread of the provider changes at the same moment is read before or after the change.
#![expect(unsafe_code, reason = "functions of the C library and of the loader; see the invariants")]

use std::{ffi::CStr, mem::MaybeUninit, ptr};

use provider_host::Library;

use crate::lab::{Lab, Outcome};

/// How many bytes of the heap are in use, where the C library counts them.
pub(crate) fn heap() -> Option<u64> {
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    {
        // SAFETY: it takes nothing, reads the allocator's own counters under its locks and returns
        // them by value.
        let info = unsafe { libc::mallinfo2() };
        // What was mapped for one large block each is counted apart.
        u64::try_from(info.uordblks + info.hblkhd).ok()
    }
    #[cfg(not(all(target_os = "linux", target_env = "gnu")))]
    None
}

/// What is done about signal `number`: the address of a handler, or the numbers that stand for the
/// default and for nothing.
pub(crate) fn handler(number: i32) -> Option<usize> {
    let mut old = MaybeUninit::<libc::sigaction>::zeroed();
    // SAFETY: a null address for the new handler changes nothing; the old one is written to memory
    // that is ours and large enough.
    let status = unsafe { libc::sigaction(number, ptr::null(), old.as_mut_ptr()) };
    if status != 0 {
        return None;
    }
    // SAFETY: it succeeded, so it was written; all zeroes would be a valid value as well.
    let old = unsafe { old.assume_init() };
    Some(old.sa_sigaction)
}

/// The locale of the process, as the C library names it.
pub(crate) fn locale() -> Option<String> {
    // SAFETY: a null address for the new locale changes nothing (invariant 1).
    let name = unsafe { libc::setlocale(libc::LC_ALL, ptr::null()) };
    if name.is_null() {
        return None;
    }
    // SAFETY: not null, so a terminated string; it is valid until somebody sets the locale, and no
    // call of the provider goes on (invariant 2). The copy is made at once.
    let name = unsafe { CStr::from_ptr(name) };
    Some(name.to_string_lossy().into_owned())
}

/// Lets `act` use the library, and unloads it then. Returns why it could not be unloaded, if so.
pub(crate) fn unloaded(
    lab: &mut Lab,
    library: Library,
    act: fn(&mut Lab, &Library) -> Outcome,
) -> Outcome<Option<&'static str>> {
    act(lab, &library)?;
    let seq = lab.reporter.step("dlclose", String::new());
    // SAFETY: `act` is a plain function that returns nothing, and a `Lab` keeps no reply: there is
    // none left. A provider that is left keeps the library in use, which is an error.
    let unloaded = unsafe { library.unload() };
    let reason = unloaded.err().map(|(_, reason)| reason);
    lab.reporter.done(seq, reason.unwrap_or("Ok"));
    Ok(reason)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(all(target_os = "linux", target_env = "gnu"))]
    fn what_is_on_the_heap_is_counted() {
        let before = heap().unwrap();
        // Other tests run at the same time: much more than they use.
        let block = vec![1_u8; 64 << 20];
        assert!(heap().unwrap() > before + (32 << 20));
        drop(block);
    }

    #[test]
    fn handlers_and_the_locale_are_known() {
        assert!(handler(libc::SIGPIPE).is_some());
        assert_eq!(handler(100_000), None);
        assert!(locale().is_some());
    }
}
