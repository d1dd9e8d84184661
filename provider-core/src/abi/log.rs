//! The extension [`LOG_EXTENSION`]: a provider's records reach the host.
//!
//! The host's table comes from the host's `get_extension`, the provider's from the provider's. Either
//! may be missing.

use super::{Host, Provider, Str};

/// The name of the extension, on both sides.
pub const LOG_EXTENSION: &str = "cp.log/1";

/// The levels of a [`LogRecord`], and how far a host wants to hear: the levels up to that number.
pub mod log_level {
    /// Nothing is wanted. No record has it.
    pub const OFF: u32 = 0;
    /// Something failed.
    pub const ERROR: u32 = 1;
    /// Something may fail soon, or was mended.
    pub const WARN: u32 = 2;
    /// Worth knowing in operation.
    pub const INFO: u32 = 3;
    /// For whoever looks for a mistake.
    pub const DEBUG: u32 = 4;
    /// Everything.
    pub const TRACE: u32 = 5;
}

/// How large the parts of a [`LogRecord`] may be. A host refuses a record with a larger one.
pub mod log_limit {
    /// Bytes of `message`.
    pub const MESSAGE: usize = 64 << 10;
    /// Bytes of `target`, `file`, `module`, `actor` and `op`, and of a field's key.
    pub const NAME: usize = 4 << 10;
    /// Bytes of a field's value.
    pub const VALUE: usize = 16 << 10;
    /// How many fields there may be.
    pub const FIELDS: u32 = 64;
}

/// A key and its value.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct LogField {
    /// The key.
    pub key: Str,
    /// The value, as text.
    pub value: Str,
}

/// Something that a provider has to say. A string without length stands for "not known".
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct LogRecord {
    /// Size of this structure in bytes.
    pub size: u32,
    /// One of [`log_level`].
    pub level: u32,
    /// Line in `file`, zero when it is not known.
    pub line: u32,
    /// How many fields there are.
    pub field_count: u32,
    /// The first field; the others are `field_stride` bytes apart.
    pub fields: *const LogField,
    /// How far apart fields are.
    pub field_stride: usize,
    /// What it is about, for filters: as a rule the module.
    pub target: Str,
    /// What is said.
    pub message: Str,
    /// The source file.
    pub file: Str,
    /// The module.
    pub module: Str,
    /// Public key of the actor on whose behalf the provider works, if it is on anybody's.
    pub actor: Str,
    /// The operation that is served, if one is.
    pub op: Str,
}

/// The host's side.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct HostLog {
    /// Size of this structure in bytes.
    pub size: u32,
    /// How far the host wants to hear, one of [`log_level`]. From any thread.
    pub max_level: unsafe extern "C" fn(this: *const Host) -> u32,
    /// Takes a record, borrowed until it returns. From any thread, many at a time, in a call or not.
    pub write: unsafe extern "C" fn(this: *const Host, record: *const LogRecord),
}

/// The provider's side.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct ProviderLog {
    /// Size of this structure in bytes.
    pub size: u32,
    /// What the host's `max_level` answers is another number now. From any thread, between the
    /// return of `configure_dispatch` and `destroy`.
    pub level_changed: unsafe extern "C" fn(this: *mut Provider),
}
