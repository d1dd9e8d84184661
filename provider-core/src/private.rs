//! Not public API. Used by generated code.
//!
//! Generated code meets the types of an author here. Each trait below stands for a foreign bound and
//! says in our words what rustc would say in terms of that bound; the blanket implementations are
//! never recommended, so nothing leads from our sentence back to the bound.

pub use std::string::String;

#[cfg(feature = "tokio")]
pub use crate::asynchronous::{Bytes, Later};
pub use crate::contract::with_calls;

use serde::{Deserialize, Serialize, de::DeserializeOwned};

#[cfg(feature = "export")]
pub use crate::export::{
    Package, create, describe as describe_contract, describe_by_hand, describe_json, op_by_hand,
};
pub use crate::panics::{discard, message as panic_message};
#[cfg(feature = "export")]
use crate::{Adapter, CapabilityProvider, HandWritten, LinkSchema, abi, contract::Thunk, export};
#[cfg(feature = "tokio")]
use crate::{AsyncAdapter, AsyncProvider, AsyncThunk, asynchronous};
use crate::{
    client::{Called, Callee, Client},
    codec::{Args, ArgsWriter},
    contract::Contract,
    error::{BoxError, Error},
    lifecycle::Provider,
    reply::Reply,
};
pub use crate::{
    duration::parse as parse_duration,
    link_value::{Field, field},
};

/// What an operation's method may return: a [`Result`], whatever its name in the source.
#[diagnostic::on_unimplemented(
    message = "a capability operation must return a `Result`, found `{Self}`",
    label = "expected `Result<_, _>`",
    note = "for a method that cannot fail, wrap the reply: `Result<{Self}, BoxError>`"
)]
pub trait OpReturn {
    /// What is sent.
    type Reply;
    /// Why nothing is.
    type Error;

    /// Itself.
    ///
    /// # Errors
    ///
    /// Its own.
    fn into_result(self) -> Result<Self::Reply, Self::Error>;
}

impl<T, E> OpReturn for Result<T, E> {
    type Reply = T;
    type Error = E;

    fn into_result(self) -> Self {
        self
    }
}

/// What can be sent: [`Serialize`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the reply of a capability operation",
    label = "cannot be sent",
    note = "derive `serde::Serialize` for `{Self}`"
)]
pub trait OpReply: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize> OpReply for T {}

/// How an operation can fail: anything that becomes a [`BoxError`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the error of a capability operation",
    label = "is no error",
    note = "implement `std::error::Error` for `{Self}`, or return `Result<_, BoxError>`"
)]
pub trait OpError: Into<BoxError> {}

#[diagnostic::do_not_recommend]
impl<E: Into<BoxError>> OpError for E {}

/// What can be received: [`Deserialize`]. It may borrow from the message.
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a capability operation",
    label = "cannot be received",
    note = "derive `serde::Deserialize` for `{Self}`"
)]
pub trait OpArgument<'a>: Deserialize<'a> {}

#[diagnostic::do_not_recommend]
impl<'a, T: Deserialize<'a>> OpArgument<'a> for T {}

/// What a contract's client can send as an argument: [`Serialize`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be an argument of a contract's operation: its client cannot send it",
    label = "cannot be sent",
    note = "derive `serde::Serialize` for `{Self}`"
)]
pub trait ClientArgument {
    /// Adds it to `args` as the argument `name`.
    fn put(&self, args: ArgsWriter, name: &'static str) -> ArgsWriter;

    /// The request that it is itself.
    fn alone(&self) -> ArgsWriter;
}

#[diagnostic::do_not_recommend]
impl<T: Serialize> ClientArgument for T {
    fn put(&self, args: ArgsWriter, name: &'static str) -> ArgsWriter {
        args.put(name, self)
    }

    fn alone(&self) -> ArgsWriter {
        ArgsWriter::unary(self)
    }
}

/// What a contract's client can receive as a reply: [`DeserializeOwned`].
#[diagnostic::on_unimplemented(
    message = "`{Self}` cannot be the reply of a contract's operation: its client cannot read it",
    label = "cannot be received",
    note = "derive `serde::Deserialize` for `{Self}`"
)]
pub trait ClientReply: DeserializeOwned {}

#[diagnostic::do_not_recommend]
impl<T: DeserializeOwned> ClientReply for T {}

/// What a host can construct without being told how: [`Default`].
#[diagnostic::on_unimplemented(
    message = "the host cannot construct `{Self}`",
    label = "needs a constructor",
    note = "implement `Default` for `{Self}`, or name a constructor: `#[capability_provider(new = {Self}::new)]`"
)]
pub trait Construct: Default {}

#[diagnostic::do_not_recommend]
impl<P: Default> Construct for P {}

/// A type whose own block declares its contract.
// Not `: Provider`, which would ask once more for what `Provider` asks for: see `DeclaresContract`.
pub trait OwnContract: Sized + 'static {
    /// Its contract.
    const OWN: &'static Contract<Self>;
}

/// A provider whose own block declares its contract.
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no provider lifecycle",
    label = "needs `impl Provider`",
    note = "implement it: `impl Provider for {Self} {{ type Link = (); .. }}`"
)]
pub trait DeclaresContract: Provider {
    /// Its contract.
    const CONTRACT: &'static Contract<Self>;
}

impl<P: Provider + OwnContract> DeclaresContract for P {
    const CONTRACT: &'static Contract<Self> = Self::OWN;
}

/// A type whose own block declares its contract with `async fn`.
#[cfg(feature = "tokio")]
pub trait OwnAsyncContract: Sized + 'static {
    /// Its contract.
    const OWN: &'static Contract<Self, AsyncThunk<Self>>;
}

/// A provider whose own block declares its contract with `async fn`.
#[cfg(feature = "tokio")]
#[diagnostic::on_unimplemented(
    message = "`{Self}` has no asynchronous provider lifecycle",
    label = "needs `impl AsyncProvider`",
    note = "implement it: `impl AsyncProvider for {Self} {{ type Link = (); .. }}`"
)]
pub trait DeclaresAsyncContract: AsyncProvider {
    /// Its contract.
    const CONTRACT: &'static Contract<Self, AsyncThunk<Self>>;
}

#[cfg(feature = "tokio")]
impl<P: AsyncProvider + OwnAsyncContract> DeclaresAsyncContract for P {
    const CONTRACT: &'static Contract<Self, AsyncThunk<Self>> = Self::OWN;
}

/// A provider that is not linked to any actor.
#[must_use]
pub fn construct<P: Construct>() -> P {
    P::default()
}

impl<'a> Args<'a> {
    /// The next argument, in declared order.
    ///
    /// # Errors
    ///
    /// Those of [`take`](Self::take).
    #[doc(hidden)]
    #[inline]
    pub fn argument<T: OpArgument<'a>>(&mut self) -> Result<T, Error> {
        self.take()
    }
}

/// What a method returned, on its way to `To`: a [`Result`], or a future of one.
pub trait Returned<To>: Sized {
    /// What is sent.
    type Reply;
    /// Why nothing is.
    type Error;
    /// What is left of it.
    type Sent;

    /// Sends it.
    fn send(self, to: To) -> Self::Sent
    where
        Self::Reply: Serialize,
        Self::Error: Into<BoxError>;
}

impl<T, E> Returned<&mut Reply<'_>> for Result<T, E> {
    type Reply = T;
    type Error = E;
    type Sent = Result<(), Error>;

    #[inline]
    fn send(self, to: &mut Reply<'_>) -> Self::Sent
    where
        T: Serialize,
        E: Into<BoxError>,
    {
        to.send(&self.map_err(|error| failed(error.into()))?)
    }
}

#[cfg(feature = "tokio")]
impl<'a, F> Returned<Bytes<'a>> for F
where
    F: Future<Output: OpReturn> + Send + 'a,
{
    type Reply = <F::Output as OpReturn>::Reply;
    type Error = <F::Output as OpReturn>::Error;
    type Sent = Result<Later<'a>, Error>;

    fn send(self, _: Bytes<'a>) -> Self::Sent
    where
        Self::Reply: Serialize,
        Self::Error: Into<BoxError>,
    {
        // The reply is made when nothing is waited for any more: it stays on one thread.
        Ok(Box::pin(async move {
            let returned = self.await.into_result();
            asynchronous::collected(|reply| returned.send(reply))
        }))
    }
}

/// Sends what a method returned.
// One function for both forms of a contract: the compiler says once what is wrong with a type.
#[inline]
pub fn respond<To, R>(to: To, returned: R) -> R::Sent
where
    R: Returned<To>,
    R::Reply: OpReply,
    R::Error: OpError,
{
    returned.send(to)
}

/// `call`, and then what `into` makes of what it ends with.
#[cfg(feature = "tokio")]
pub async fn then<T, R>(call: impl Future<Output = T>, into: fn(T) -> R) -> R {
    into(call.await)
}

impl<C: Callee> Client<C> {
    /// Calls `op` with the arguments `args`, as [`Client::call`] does.
    #[doc(hidden)]
    pub fn ask<R: ClientReply + 'static>(
        &self,
        op: &str,
        args: &[(&'static str, &dyn ClientArgument)],
    ) -> Called<C, R> {
        let request = ArgsWriter::new(args.len());
        self.call(op, args.iter().fold(request, |request, (name, value)| value.put(request, name)))
    }

    /// Calls `op` with the message `value`.
    #[doc(hidden)]
    pub fn ask_unary<R: ClientReply + 'static>(
        &self,
        op: &str,
        value: &dyn ClientArgument,
    ) -> Called<C, R> {
        self.call(op, value.alone())
    }
}

#[cold]
fn failed(error: BoxError) -> Error {
    Error::from_boxed(error)
}

/// Makes a provider that serves a contract.
#[cfg(feature = "export")]
pub type Create<P, C> = fn(fn() -> P, &'static Contract<P, C>) -> *mut abi::Provider;

/// How a provider of some form is made, and what its lifecycle says of itself.
#[cfg(feature = "export")]
#[derive(Debug, Clone, Copy)]
pub struct Form<P: 'static, C: 'static> {
    /// The values of its links.
    pub link: LinkSchema,
    /// Whether it is asynchronous.
    pub asynchronous: bool,
    /// Makes a provider that serves a contract.
    pub create: Create<P, C>,
}

#[cfg(feature = "export")]
impl<P> Contract<P> {
    /// The form of its providers.
    // One function for all that needs the lifecycle: without one the compiler says so once.
    #[must_use]
    pub fn __form<Q: Provider>(&self) -> Form<Q, Thunk<Q>> {
        Form {
            link: Q::LINK,
            asynchronous: false,
            create: |construct, contract| export::create(|| Adapter::new(construct(), contract)),
        }
    }
}

#[cfg(feature = "tokio")]
impl<P> Contract<P, AsyncThunk<P>> {
    /// The form of its providers.
    #[must_use]
    pub fn __form<Q: AsyncProvider>(&self) -> Form<Q, AsyncThunk<Q>> {
        Form {
            link: Q::LINK,
            asynchronous: true,
            create: |construct, contract| {
                export::create_async(|| AsyncAdapter::new(construct(), contract))
            },
        }
    }
}

/// What a host calls of a provider that implements a contract.
#[cfg(feature = "export")]
#[derive(Debug)]
pub struct Served<P> {
    /// What the library says of itself.
    pub descriptor: abi::Descriptor,
    /// The same with all that there is, as JSON.
    pub describe: unsafe fn(*mut abi::Sink) -> abi::Status,
    /// Makes a provider.
    pub create: fn(fn() -> P) -> *mut abi::Provider,
}

/// Makes a provider that implements the specification's trait by hand.
#[cfg(feature = "export")]
pub fn create_by_hand<P: CapabilityProvider + 'static>(
    construct: impl FnOnce() -> P,
) -> *mut abi::Provider {
    export::create(|| HandWritten::new(construct()))
}
