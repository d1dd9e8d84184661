//! What a worker gives up before it loads a provider: what one that goes wrong does to the machine ends
//! with its process.

#![allow(unsafe_code, reason = "system calls of Linux that have no safe form yet")]

use rustix::process::{Resource, Rlimit};

/// What a provider may allocate.
const DATA_LIMIT: u64 = 2 << 30;
/// How many files a provider may have open.
const FILES_LIMIT: u64 = 1024;

/// Limits this process, for good.
pub(crate) fn enter() {
    #[cfg(target_os = "linux")]
    {
        keep_limits();
        keep_signals();
    }
    limit(Resource::Core, 0);
    limit(Resource::Data, DATA_LIMIT);
    limit(Resource::Nofile, FILES_LIMIT);
}

/// Gives up the right to raise limits, which the superuser has, for this process and all that it
/// starts.
#[cfg(target_os = "linux")]
fn keep_limits() {
    use rustix::thread::{CapabilitySet, capabilities, set_capabilities};

    // Who may not do this has nothing to give up.
    let _ = rustix::thread::remove_capability_from_bounding_set(CapabilitySet::SYS_RESOURCE);
    if let Ok(mut sets) = capabilities(None) {
        for set in [&mut sets.effective, &mut sets.permitted, &mut sets.inheritable] {
            set.remove(CapabilitySet::SYS_RESOURCE);
        }
        let _ = set_capabilities(None, sets);
    }
}

/// Gives up the right to send signals to processes that it did not start: the one above it, all of
/// them. Linux before 6.12 cannot do it.
#[cfg(target_os = "linux")]
fn keep_signals() {
    use std::os::fd::{AsRawFd, FromRawFd, OwnedFd};

    /// `struct landlock_ruleset_attr`.
    #[repr(C)]
    struct Rules {
        files: u64,
        network: u64,
        scoped: u64,
    }
    const SCOPE_SIGNAL: u64 = 1 << 1;
    let rules = Rules { files: 0, network: 0, scoped: SCOPE_SIGNAL };
    let flags: libc::c_uint = 0;

    // Needed by everybody but the superuser. What cannot be given up here is not: the check is the same
    // without it.
    let _ = rustix::thread::set_no_new_privs(true);
    // SAFETY: the kernel reads `rules`, as many bytes as it is told, and nothing else.
    let created = unsafe {
        libc::syscall(
            libc::SYS_landlock_create_ruleset,
            &raw const rules,
            size_of::<Rules>(),
            flags,
        )
    };
    let Some(number) = i32::try_from(created).ok().filter(|number| *number >= 0) else {
        return;
    };
    // SAFETY: the kernel has just opened it, for nobody but us.
    let ruleset = unsafe { OwnedFd::from_raw_fd(number) };
    // SAFETY: it takes nothing but numbers, and `ruleset` is open.
    unsafe { libc::syscall(libc::SYS_landlock_restrict_self, ruleset.as_raw_fd(), flags) };
}

/// Lowers a limit; one that is lower already stays as it is.
fn limit(resource: Resource, to: u64) {
    let lower = |now: Option<u64>| Some(now.map_or(to, |now| now.min(to)));
    let now = rustix::process::getrlimit(resource);
    // What cannot be limited here is not: the check is the same without it.
    let _ = rustix::process::setrlimit(
        resource,
        Rlimit { current: lower(now.current), maximum: lower(now.maximum) },
    );
}
