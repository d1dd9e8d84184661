//! Not public API. Used by generated code.
//!
//! Generated code meets the types of an author here. Each trait below stands for a foreign bound and
//! says in our words what rustc would say in terms of that bound; the blanket implementations are
//! never recommended, so nothing leads from our sentence back to the bound.

pub use std::string::String;

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
pub trait ClientArgument: Serialize {}

#[diagnostic::do_not_recommend]
impl<T: Serialize + ?Sized> ClientArgument for T {}

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

/// A provider whose own block declares its contract.
pub trait DeclaresContract: Provider {
    /// Its contract.
    const CONTRACT: &'static Contract<Self>;
}

/// A provider whose own block declares its contract with `async fn`.
#[cfg(feature = "tokio")]
pub trait DeclaresAsyncContract: AsyncProvider {
    /// Its contract.
    const CONTRACT: &'static Contract<Self, AsyncThunk<Self>>;
}

/// What an entry of an asynchronous contract's table returns.
#[cfg(feature = "tokio")]
pub fn later<'a>(
    future: impl Future<Output = Result<Vec<u8>, Error>> + Send + 'a,
) -> std::pin::Pin<Box<dyn Future<Output = Result<Vec<u8>, Error>> + Send + 'a>> {
    asynchronous::later(future)
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

/// Where what a method returned goes.
pub trait Responder {
    /// What is left of it there.
    type Sent;

    /// Sends it.
    fn send<T: Serialize>(self, returned: Result<T, Error>) -> Self::Sent;
}

impl Responder for &mut Reply<'_> {
    type Sent = Result<(), Error>;

    #[inline]
    fn send<T: Serialize>(self, returned: Result<T, Error>) -> Self::Sent {
        Reply::send(self, &returned?)
    }
}

/// Bytes that are sent later.
#[cfg(feature = "tokio")]
#[derive(Debug)]
pub struct Bytes;

#[cfg(feature = "tokio")]
impl Responder for Bytes {
    type Sent = Result<Vec<u8>, Error>;

    fn send<T: Serialize>(self, returned: Result<T, Error>) -> Self::Sent {
        let returned = returned?;
        asynchronous::collected(|reply| reply.send(&returned))
    }
}

/// Sends what a method returned.
// One function for both forms of a contract: the compiler says once what is wrong with a type.
#[inline]
pub fn respond<R: Responder, T: OpReply, E: OpError>(to: R, returned: Result<T, E>) -> R::Sent {
    to.send(returned.map_err(|error| failed(error.into())))
}

/// A call in the making, on the client's side.
#[derive(Debug)]
pub struct Request<'c, C> {
    client: &'c Client<C>,
    op: &'static str,
    args: ArgsWriter,
}

impl<C: Callee> Client<C> {
    /// A call of `op` with `count` arguments.
    #[doc(hidden)]
    #[must_use]
    pub fn request(&self, op: &'static str, count: usize) -> Request<'_, C> {
        Request { client: self, op, args: ArgsWriter::new(count) }
    }

    /// A call of `op` whose message is `value`.
    #[doc(hidden)]
    #[must_use]
    pub fn unary<T: ClientArgument + ?Sized>(&self, op: &'static str, value: &T) -> Request<'_, C> {
        Request { client: self, op, args: ArgsWriter::unary(value) }
    }
}

impl<C: Callee> Request<'_, C> {
    /// Adds the argument `name`.
    #[must_use]
    pub fn put<T: ClientArgument + ?Sized>(self, name: &'static str, value: &T) -> Self {
        Self { args: self.args.put(name, value), ..self }
    }

    /// Makes the call, as [`Client::call`] does.
    pub fn send<R: ClientReply + 'static>(self) -> Called<C, R> {
        self.client.call(self.op, self.args)
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

/// Makes a provider that implements the specification's trait by hand.
#[cfg(feature = "export")]
pub fn create_by_hand<P: CapabilityProvider + 'static>(
    construct: impl FnOnce() -> P,
) -> *mut abi::Provider {
    export::create(|| HandWritten::new(construct()))
}
