//! What the author of a capability provider depends on.
//!
//! A *capability provider* is a library that a host loads to give WebAssembly actors something from
//! outside: an HTTP server, a key-value store, a message broker. Its life:
//!
//! 1. The host opens the library, reads its description and makes a provider with
//!    `__capability_provider_create`: your type is constructed, with [`Default`] or the constructor
//!    you name.
//! 2. The host gives it a [`Dispatcher`], once. From now on it can call actors.
//! 3. For each actor that is linked to it, the host calls `BindActor`: [`Provider::link`] returns
//!    what you keep for this actor.
//! 4. Actors call operations, many at once: methods of the contract's trait, with a [`Cx`] that knows
//!    the actor and its link.
//! 5. The host asks how it is with `HealthRequest`: [`Provider::health`].
//! 6. `RemoveActor` ends a link: [`Provider::unlink`], then the link is dropped.
//! 7. The host stops it: [`Provider::stop`], then your type is dropped.
//!
//! Linking twice, removing twice, calls of actors that are not linked, unknown operations, payloads
//! that cannot be decoded and panics are answered as the specification wants, by this crate.
//!
//! A whole provider, with its contract beside it:
//!
//! ```
//! use std::sync::Mutex;
//! use provider_core::prelude::*;
//!
//! /// Counts.
//! #[contract("example:counter")]
//! pub trait Counter {
//!     /// Adds to the calling actor's counter and returns the sum.
//!     fn add(&self, cx: Cx<'_, Self>, value: i64) -> OpResult<i64>;
//! }
//!
//! /// What an actor is linked with.
//! #[derive(LinkValues)]
//! struct Settings {
//!     /// Where its counter starts.
//!     #[value(default = 0)]
//!     start: i64,
//! }
//!
//! #[derive(Default)]
//! struct InMemory;
//!
//! impl Provider for InMemory {
//!     type Link = Mutex<i64>;
//!     const LINK: LinkSchema = Settings::SCHEMA;
//!
//!     fn link(&self, config: &LinkConfig) -> Result<Self::Link, BoxError> {
//!         let settings: Settings = config.read()?;
//!         Ok(Mutex::new(settings.start))
//!     }
//! }
//!
//! #[capability_provider]
//! impl Counter for InMemory {
//!     fn add(&self, cx: Cx<'_, Self>, value: i64) -> OpResult<i64> {
//!         let mut sum = cx.link().lock().unwrap();
//!         *sum += value;
//!         Ok(*sum)
//!     }
//! }
//! # fn main() {}
//! ```
//!
//! [`CapabilityProvider`] is the specification's own trait, for those who write everything by hand;
//! [`export_provider!`] exports either kind.

// The macros name this crate by its public name, here too.
extern crate self as provider_core;

pub mod abi;
#[cfg(feature = "export")]
mod adapter;
#[cfg(feature = "tokio")]
mod asynchronous;
mod client;
pub mod codec;
mod context;
mod contract;
#[cfg(feature = "export")]
pub mod description;
mod dispatcher;
mod duration;
mod error;
#[cfg(feature = "export")]
mod export;
#[cfg(feature = "export")]
mod export_macros;
mod lifecycle;
mod link;
mod link_schema;
mod link_value;
#[cfg(feature = "export")]
mod links;
#[cfg(feature = "export")]
mod logs;
pub mod ops;
mod panics;
mod provider;
mod reply;
mod reply_buffer;
mod secret;
mod service;

// Not public API. Used by generated code.
#[doc(hidden)]
#[path = "private.rs"]
pub mod __private;

#[cfg(feature = "tokio")]
pub use self::asynchronous::{
    Answer, AsyncActor, AsyncAdapter, AsyncContext, AsyncProvider, AsyncThunk,
};
#[cfg(feature = "export")]
pub use self::{
    adapter::Adapter,
    export::ProviderEntry,
    links::{LinkGuard, Links},
    logs::LogScope,
};
pub use self::{
    client::{Called, Callee, Client, DirectCalls},
    context::Cx,
    contract::{Contract, OpEntry, Thunk},
    dispatcher::{Dispatcher, NullDispatcher},
    error::{BoxError, Error, ErrorKind, OpResult},
    lifecycle::Provider,
    link::{Actor, LinkConfig, Linked},
    link_schema::{LinkSchema, LinkValues, ValueSchema},
    ops::HealthResponse,
    provider::{CapabilityProvider, CloneProvider},
    reply::Reply,
    reply_buffer::{DEFAULT_REPLY_LIMIT, GivenBytes, MAX_ERROR_TEXT, ReplyBuffer, ReplyBytes},
    secret::Secret,
    service::{Call, HandWritten, Service},
};
pub use provider_macros::{LinkValues, capability_provider, contract};

/// The asynchronous form of a contract, which is there with the feature `tokio` only.
#[cfg(feature = "tokio")]
#[doc(hidden)]
#[macro_export]
macro_rules! __asynchronous {
    ($($form:tt)*) => {
        $($form)*
    };
}

/// The asynchronous form of a contract, which is there with the feature `tokio` only.
#[cfg(not(feature = "tokio"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __asynchronous {
    ($($form:tt)*) => {};
}

/// What an asynchronous provider begins with.
#[cfg(feature = "tokio")]
#[doc(hidden)]
#[macro_export]
macro_rules! __needs_tokio {
    () => {};
}

/// What an asynchronous provider begins with.
#[cfg(not(feature = "tokio"))]
#[doc(hidden)]
#[macro_export]
macro_rules! __needs_tokio {
    () => {
        ::core::compile_error!(
            "operations that are `async fn` need the feature `tokio` of `provider-core`: `provider-core = { .., features = [\"tokio\"] }`"
        );
    };
}

/// What a provider's source begins with: `use provider_core::prelude::*;`.
pub mod prelude {
    #[cfg(feature = "tokio")]
    pub use crate::{AsyncContext as _, AsyncProvider};
    pub use crate::{
        BoxError, Cx, Error, ErrorKind, HealthResponse, LinkConfig, LinkSchema, LinkValues,
        OpResult, Provider, Secret, capability_provider, contract,
    };
    // Only here: a named import of `op` would be unused, the outer attribute takes it away.
    pub use provider_macros::op;
}
