//! The host's side of a capability provider: opens a library, checks what it says of itself, makes a
//! provider and calls it.
//!
//! ```no_run
//! use provider_core::NullDispatcher;
//! use provider_host::Library;
//!
//! let library = Library::open("target/debug/libkeyvalue_memory.so")?;
//! println!("{} {}", library.description().name, library.description().version);
//! let provider = library.create()?.configure(NullDispatcher)?;
//! provider.bind("MACTOR", [("NAMESPACE", "demo")])?;
//! let reply = provider.call("MACTOR", "Get", b"\x81\xa3key\xa1k")?;
//! println!("{} bytes", reply.len());
//! provider.stop()?;
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! The order of a provider's life is in the types: [`Library::create`] returns a [`Created`], which
//! can only be configured; [`Created::configure`] returns a [`Running`], which can be called and
//! stopped; [`Running::stop`] takes it away. [`Instance`] is the same without the order, for those
//! who test what a provider does when it is broken.
//!
//! A call that is not waited for is started with [`Running::start`], which returns a future
//! ([`PendingCall`]), whether or not the provider has asynchronous calls.
//!
//! Nothing a provider returns is trusted: addresses, lengths, numbers and strings are checked before
//! they are used, and what is wrong is an error. What cannot be checked (an address that points
//! nowhere, a crash, a call that never returns) can only be survived by another process;
//! `provider-testkit` runs providers there.
//!
//! What a provider says with `log` or `tracing` comes to this program's own `log`, or to a [`LogSink`] of
//! your own: [`Created::log_to`].
//!
//! A library is not unloaded, because threads and thread-local destructors of a provider may outlive
//! it; [`Library::unload`] is for those that say they can be.

mod answer;
mod calls;
mod completion;
mod description;
mod dispatch;
mod door;
mod error;
mod foreign;
mod instance;
mod library;
mod lifecycle;
mod logs;
mod pending;
mod records;
mod workers;

pub use self::{
    calls::CallFaults,
    description::{Description, Direction, OpRef, Operation},
    error::OpenError,
    instance::{Addresses, Instance},
    library::Library,
    lifecycle::{Created, Running, Stopped},
    logs::{LogLevel, LogRecord, LogSink},
    pending::PendingCall,
};
