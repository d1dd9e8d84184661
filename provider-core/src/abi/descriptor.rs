//! What a library says of itself.

use super::{DescribeJsonFn, Str};

/// [`Op::direction`].
pub mod direction {
    /// An actor calls the provider.
    pub const ACTOR_TO_PROVIDER: u32 = 0;
    /// The provider calls an actor.
    pub const PROVIDER_TO_ACTOR: u32 = 1;
}

/// [`Op::flags`].
pub mod op_flags {
    /// May be sent again when it is not known whether it was done.
    pub const IDEMPOTENT: u32 = 1;
    /// Still answered; new actors should not use it.
    pub const DEPRECATED: u32 = 2;
}

/// [`Descriptor::flags`].
pub mod descriptor_flags {
    /// The library may be unloaded once every provider was destroyed.
    pub const UNLOADABLE: u32 = 1;
    /// At most one provider at a time.
    pub const SINGLE_INSTANCE: u32 = 2;
    /// A panic ends the process.
    pub const PANIC_ABORTS: u32 = 4;
}

/// One operation. The standard operations are not listed: every provider answers them.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Op {
    /// Its name.
    pub name: Str,
    /// Its documentation, Markdown.
    pub doc: Str,
    /// Bits of [`op_flags`].
    pub flags: u32,
    /// One of [`direction`].
    pub direction: u32,
}

/// What a library says of itself: static, free of effects, the same at each call.
#[repr(C)]
#[derive(Debug, Clone, Copy)]
pub struct Descriptor {
    /// Size of this structure in bytes.
    pub size: u32,
    /// The provider's [`ABI_MAJOR`](super::ABI_MAJOR).
    pub abi_major: u32,
    /// The provider's [`ABI_MINOR`](super::ABI_MINOR).
    pub abi_minor: u32,
    /// Bits of [`descriptor_flags`].
    pub flags: u32,
    /// Counts releases of this provider, zero when they are not counted.
    pub revision: u32,
    /// Number of operations.
    pub op_count: u32,
    /// The operations, `op_stride` bytes apart.
    pub ops: *const Op,
    /// Distance from one operation to the next, in bytes.
    pub op_stride: usize,
    /// Contract id, `vendor:name`.
    pub contract: Str,
    /// Vendor of this provider.
    pub vendor: Str,
    /// Name of this provider.
    pub name: Str,
    /// Version of this provider, semver.
    pub version: Str,
    /// Compiler, SDK, target: for people.
    pub build: Str,
    /// Since ABI 1.1: writes more of what the library says of itself, as a JSON document. `None` when
    /// there is no more.
    pub describe_json: Option<DescribeJsonFn>,
}
