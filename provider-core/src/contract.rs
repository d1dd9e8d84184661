//! A contract's operation table: the one list of operations.
//!
//! `#[contract]` and `#[capability_provider]` make it. Dispatch, self-description, errors for unknown
//! operations and whatever prints or checks operations read it, and there is no second list.

use std::{fmt, marker::PhantomData};

use crate::{
    abi::{self, op_flags},
    codec::Args,
    context::Cx,
    error::{Error, ErrorKind},
    reply::Reply,
};

/// What the table calls: takes the arguments, runs the method, sends its reply.
pub type Thunk<P> = fn(&P, Cx<'_, P>, Args<'_>, &mut Reply<'_>) -> Result<(), Error>;

/// A contract as the provider type `P` implements it, with operations that are called like `C`.
pub struct Contract<P: 'static, C: 'static = Thunk<P>> {
    id: &'static str,
    version: &'static str,
    doc: &'static str,
    /// What actors call comes first, each with its call; then what the provider calls.
    declared: &'static [OpEntry],
    calls: &'static [C],
    provider: PhantomData<fn(&P)>,
}

impl<P, C> Contract<P, C> {
    /// The contract `id` (`vendor:name`) with its operations and how each is called, in the same order.
    /// Operations without a call are those that the provider calls on its actors.
    ///
    /// # Panics
    ///
    /// When there are more calls than operations: at compile time, in a constant.
    #[must_use]
    pub const fn new(
        id: &'static str,
        doc: &'static str,
        declared: &'static [OpEntry],
        calls: &'static [C],
    ) -> Self {
        assert!(calls.len() <= declared.len(), "each call belongs to an operation");
        Self { id, version: "", doc, declared, calls, provider: PhantomData }
    }

    /// The same contract with its own version.
    #[must_use]
    pub const fn version(self, version: &'static str) -> Self {
        Self { version, ..self }
    }

    /// Its id, `vendor:name`.
    #[must_use]
    pub const fn id(&self) -> &'static str {
        self.id
    }

    /// Its documentation, Markdown.
    #[must_use]
    pub const fn doc(&self) -> &'static str {
        self.doc
    }

    /// Its own version; empty when it has none.
    #[must_use]
    pub const fn own_version(&self) -> &'static str {
        self.version
    }

    /// The operations that actors call, in the order of the contract.
    #[must_use]
    pub const fn ops(&self) -> &'static [OpEntry] {
        self.declared.split_at(self.calls.len()).0
    }

    /// All its operations: those that actors call, and after them those that the provider calls on its
    /// actors.
    #[must_use]
    pub const fn declared(&self) -> &'static [OpEntry] {
        self.declared
    }

    /// The operation at `position` of [`ops`](Self::ops), and how it is called.
    #[inline]
    pub(crate) fn op(&self, position: usize) -> Option<Op<C>> {
        let call = self.calls.get(position)?;
        Some(Op { entry: self.declared.get(position)?, call })
    }
}

impl<P> Contract<P> {
    /// Runs the operation at `position` of [`ops`](Self::ops).
    ///
    /// # Errors
    ///
    /// [`BadRequest`](crate::ErrorKind::BadRequest) for a payload that is not its request,
    /// [`UnknownOperation`](crate::ErrorKind::UnknownOperation) where there is none, and whatever the
    /// method returns.
    #[inline]
    pub fn call(
        &self,
        position: usize,
        provider: &P,
        cx: Cx<'_, P>,
        msg: &[u8],
        reply: &mut Reply<'_>,
    ) -> Result<(), Error> {
        let Some(op) = self.op(position) else {
            let text = format!("the contract has no operation {position}");
            return Err(Error::new(ErrorKind::UnknownOperation, text));
        };
        op.run(provider, cx, msg, reply)
    }
}

/// An operation, and how it is called.
pub(crate) struct Op<C: 'static> {
    pub(crate) entry: &'static OpEntry,
    pub(crate) call: &'static C,
}

impl<P> Op<Thunk<P>> {
    #[inline]
    pub(crate) fn run(
        &self,
        provider: &P,
        cx: Cx<'_, P>,
        msg: &[u8],
        reply: &mut Reply<'_>,
    ) -> Result<(), Error> {
        (self.call)(provider, cx, self.entry.split(msg)?, reply)
    }
}

/// The operations `ops`, and after them `theirs` as operations that the provider calls on its actors.
/// `N` is how many they are together.
///
/// # Panics
///
/// When `N` is another number: at compile time, in a constant.
#[must_use]
pub const fn with_calls<const N: usize>(ops: &[OpEntry], theirs: &[OpEntry]) -> [OpEntry; N] {
    assert!(ops.len() + theirs.len() == N, "it is the number of all operations");
    let mut all = [OpEntry::new("", "", &[]); N];
    let mut index = 0;
    while index < N {
        all[index] = if index < ops.len() { ops[index] } else { theirs[index - ops.len()] };
        if index >= ops.len() {
            all[index].op.direction = abi::direction::PROVIDER_TO_ACTOR;
        }
        index += 1;
    }
    all
}

/// The [`Contract`] that a provider implements, as a constant: `contract_of!(Redis: KeyValue)`.
///
/// For [`Adapter::new`](crate::Adapter::new), and for whoever prints or checks a contract.
///
/// ```
/// use provider_core::{Adapter, contract_of, prelude::*};
///
/// #[contract("example:greeter")]
/// trait Greeter {
///     /// Greets.
///     fn greet(&self, cx: Cx<'_, Self>, name: String) -> OpResult<String>;
/// }
///
/// struct Polite;
///
/// impl Provider for Polite {
///     type Link = ();
///     fn link(&self, _: &LinkConfig) -> Result<(), BoxError> {
///         Ok(())
///     }
/// }
///
/// impl Greeter for Polite {
///     fn greet(&self, _: Cx<'_, Self>, name: String) -> OpResult<String> {
///         Ok(format!("Good day, {name}"))
///     }
/// }
///
/// let contract = contract_of!(Polite: Greeter);
/// assert_eq!(contract.id(), "example:greeter");
/// let adapter = Adapter::new(Polite, contract);
/// ```
#[macro_export]
macro_rules! contract_of {
    ($provider:ty : $contract:path) => {
        <$provider as $contract>::__declared_with_contract_attribute
    };
}

impl<P, C> fmt::Debug for Contract<P, C> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Contract")
            .field("id", &self.id)
            .field("declared", &self.declared)
            .finish_non_exhaustive()
    }
}

/// What is said of one operation.
// The first member is what the ABI's descriptor lists: the descriptor's table is this table, with a
// stride.
#[derive(Clone, Copy)]
#[repr(C)]
pub struct OpEntry {
    op: abi::Op,
    name: &'static str,
    doc: &'static str,
    args: &'static [&'static str],
    aliases: &'static [&'static str],
    unary: bool,
    types: &'static [&'static str],
    reply: &'static str,
    examples: &'static [[&'static str; 3]],
}

impl OpEntry {
    /// The operation `name`, whose arguments are the fields of the request map.
    #[must_use]
    pub const fn new(name: &'static str, doc: &'static str, args: &'static [&'static str]) -> Self {
        let op = abi::Op {
            name: abi::Str::new(name),
            doc: abi::Str::new(doc),
            flags: 0,
            direction: abi::direction::ACTOR_TO_PROVIDER,
        };
        Self {
            op,
            name,
            doc,
            args,
            aliases: &[],
            unary: false,
            types: &[],
            reply: "",
            examples: &[],
        }
    }

    /// The operation `name`, whose only argument is the whole message.
    #[must_use]
    pub const fn unary(
        name: &'static str,
        doc: &'static str,
        arg: &'static [&'static str; 1],
    ) -> Self {
        let mut entry = Self::new(name, doc, arg);
        entry.unary = true;
        entry
    }

    /// Other names that must keep answering.
    #[must_use]
    pub const fn aliases(mut self, aliases: &'static [&'static str]) -> Self {
        self.aliases = aliases;
        self
    }

    /// The types of its arguments and of its reply, as they are written in the source.
    #[must_use]
    pub const fn typed(mut self, types: &'static [&'static str], reply: &'static str) -> Self {
        self.types = types;
        self.reply = reply;
        self
    }

    /// Examples: of each its title, its request and its reply, both JSON. What is empty is not said.
    #[must_use]
    pub const fn examples(mut self, examples: &'static [[&'static str; 3]]) -> Self {
        self.examples = examples;
        self
    }

    /// It may be sent again when it is not known whether it was done.
    #[must_use]
    pub const fn idempotent(mut self) -> Self {
        self.op.flags |= op_flags::IDEMPOTENT;
        self
    }

    /// New actors should not use it.
    #[must_use]
    pub const fn deprecated(mut self) -> Self {
        self.op.flags |= op_flags::DEPRECATED;
        self
    }

    /// Its name on the wire.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        self.name
    }

    /// Other names that it answers to.
    #[must_use]
    pub const fn other_names(&self) -> &'static [&'static str] {
        self.aliases
    }

    /// Its documentation, Markdown.
    #[must_use]
    pub const fn doc(&self) -> &'static str {
        self.doc
    }

    /// Its arguments' names on the wire, in declared order.
    #[must_use]
    pub const fn args(&self) -> &'static [&'static str] {
        self.args
    }

    /// Its arguments' types as they are written in the source, in declared order. Empty when they are
    /// not known.
    #[must_use]
    pub const fn arg_types(&self) -> &'static [&'static str] {
        self.types
    }

    /// Its reply's type as it is written in the source. Empty when it is not known.
    #[must_use]
    pub const fn reply_type(&self) -> &'static str {
        self.reply
    }

    /// Its examples: title, request and reply of each, the latter two JSON. What is empty is not said.
    #[must_use]
    pub const fn given_examples(&self) -> &'static [[&'static str; 3]] {
        self.examples
    }

    /// Whether its only argument is the whole message.
    #[must_use]
    pub const fn is_unary(&self) -> bool {
        self.unary
    }

    /// Bits of [`op_flags`].
    #[must_use]
    pub const fn flags(&self) -> u32 {
        self.op.flags
    }

    /// Whether the provider calls it on its actors. Else actors call it.
    #[must_use]
    pub const fn is_call_to_actor(&self) -> bool {
        self.op.direction == abi::direction::PROVIDER_TO_ACTOR
    }

    /// The arguments in `msg`.
    #[inline]
    pub(crate) fn split<'a>(&self, msg: &'a [u8]) -> Result<Args<'a>, Error> {
        if self.unary {
            Args::unary(self.name, self.args, msg)
        } else {
            Args::split(self.name, self.args, msg)
        }
    }
}

impl fmt::Debug for OpEntry {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("OpEntry")
            .field("name", &self.name)
            .field("args", &self.args)
            .finish_non_exhaustive()
    }
}
