//! How a function ended: the numbers, as the header has them.

/// A status number. [`crate::ErrorKind`] gives every number but [`OK`] a name; a number that is not
/// listed counts as [`FAILED`].
pub type Status = i32;

/// Done.
pub const OK: Status = 0;
/// The operation failed.
pub const FAILED: Status = 1;
/// The provider has no operation of that name.
pub const UNKNOWN_OPERATION: Status = 2;
/// The payload cannot be understood.
pub const BAD_REQUEST: Status = 3;
/// The actor is not linked to this provider.
pub const NOT_LINKED: Status = 4;
/// The implementing side panicked; it is still usable.
pub const PANIC: Status = 5;
/// What stands behind it cannot be reached at present.
pub const UNAVAILABLE: Status = 6;
/// It took too long.
pub const TIMEOUT: Status = 7;
/// The caller gave up.
pub const CANCELLED: Status = 8;
/// Stopped, or about to be.
pub const STOPPING: Status = 9;
/// A message is larger than the limit.
pub const TOO_LARGE: Status = 10;
/// No memory.
pub const NO_MEMORY: Status = 11;
/// A structure is not what this interface describes.
pub const ABI_MISMATCH: Status = 12;
/// It cannot be done now without waiting.
pub const WOULD_BLOCK: Status = 13;
/// The caller may not do this.
pub const DENIED: Status = 14;
/// It was done before and can be done only once.
pub const ALREADY: Status = 15;
/// The first number that belongs to the contract.
pub const CONTRACT_FIRST: Status = 1000;
/// The last number that belongs to the contract.
pub const CONTRACT_LAST: Status = 1999;
