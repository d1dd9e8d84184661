//! The extension `cp.log/1`: the host's table from the provider's side, and the provider's own.
//!
//! # Invariants
//!
//! 1. The host's structure and its extension's table live as long as the process (ABI), so an [`Ear`]
//!    may be used by a thread that outlives its provider.
//! 2. What is passed to the host is borrowed from live values until the function returns.
#![expect(
    unsafe_code,
    reason = "the host's table is reached through addresses; see the invariants"
)]

use std::{
    panic::{AssertUnwindSafe, catch_unwind},
    ptr::NonNull,
    sync::atomic::{AtomicU32, Ordering},
};

use crate::{
    abi::{self, HostLog, LOG_EXTENSION, LogField, LogRecord, ProviderLog, Str, log_level},
    panics,
};

/// The size of a structure, as the ABI writes it.
#[expect(clippy::cast_possible_truncation, reason = "the structures are a few words")]
pub(super) const fn size<T>() -> u32 {
    size_of::<T>() as u32
}

/// Whoever listens to one provider: its host.
#[derive(Debug)]
pub(crate) struct Ear {
    host: NonNull<abi::Host>,
    table: HostLog,
    /// What the host wanted when it was asked last.
    level: AtomicU32,
}

// SAFETY: the host's structure lives as long as the process (invariant 1) and the functions of the
// table may be called from any thread, many at a time (ABI).
unsafe impl Send for Ear {}
// SAFETY: as above.
unsafe impl Sync for Ear {}

impl Ear {
    /// The host's, if it wants to hear of anything at all.
    ///
    /// # Safety
    ///
    /// `host` is a host as the header describes it, and lives as long as the process.
    pub(crate) unsafe fn of(host: NonNull<abi::Host>) -> Option<Self> {
        // SAFETY: the caller's promise.
        let get_extension = unsafe { host.as_ref() }.get_extension;
        // SAFETY: the host's own function with a live string.
        let table =
            unsafe { get_extension(host.as_ptr(), LOG_EXTENSION.as_ptr(), LOG_EXTENSION.len()) };
        let table = table.cast::<HostLog>();
        if table.is_null() {
            return None;
        }
        // SAFETY: the table of this name begins with its size.
        let given = unsafe { (*table).size };
        if given < size::<HostLog>() {
            return None;
        }
        // SAFETY: as above, and it is large enough.
        let table = unsafe { *table };
        Some(Self { host, table, level: AtomicU32::new(log_level::OFF) })
    }

    /// Asks the host how much it wants to hear.
    pub(super) fn ask(&self) -> u32 {
        // SAFETY: invariant 1.
        let level = unsafe { (self.table.max_level)(self.host.as_ptr()) };
        self.level.store(level, Ordering::Relaxed);
        level
    }

    /// What the host wanted to hear when it was asked last.
    pub(super) fn level(&self) -> u32 {
        self.level.load(Ordering::Relaxed)
    }

    /// Gives the host a record.
    pub(super) fn write(&self, record: &LogRecord) {
        // SAFETY: invariants 1 and 2.
        unsafe { (self.table.write)(self.host.as_ptr(), &raw const *record) };
    }
}

/// Fields, as the host takes them.
pub(super) fn fields(fields: &[(String, String)]) -> Vec<LogField> {
    fields
        .iter()
        .map(|(key, value)| LogField { key: Str::new(key), value: Str::new(value) })
        .collect()
}

/// The provider's table.
pub(crate) static PROVIDER_LOG: ProviderLog =
    ProviderLog { size: size::<ProviderLog>(), level_changed };

unsafe extern "C" fn level_changed(_: *mut abi::Provider) {
    // `tracing` calls whoever listens, the author's own listener among them.
    if let Err(panic) = catch_unwind(AssertUnwindSafe(super::refresh)) {
        panics::message(panic);
    }
}
