//! A call, in either direction.

use super::{Bytes, Str};

/// [`Request::op_id`] when the position is not known: look at [`Request::op`].
pub const NO_OP_ID: u32 = u32::MAX;

/// A call, in either direction.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Request {
    /// Size of this structure in bytes.
    pub size: u32,
    /// Position of `op` in the descriptor's table, or [`NO_OP_ID`]: saves looking it up.
    pub op_id: u32,
    /// None yet: zero.
    pub flags: u32,
    /// Public key of the actor; `system` when the host itself calls.
    pub actor: Str,
    /// Name of the operation, always there.
    pub op: Str,
    /// The payload: `MessagePack`.
    pub msg: Bytes,
}
