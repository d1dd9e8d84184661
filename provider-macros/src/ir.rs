//! What the macros know of an item once it is read. [`parse`](crate::parse) makes it,
//! [`check`](crate::check) looks at it as a whole, [`expand`](crate::expand) turns it into tokens.

use proc_macro2::{Span, TokenStream};
use syn::{Attribute, Generics, Ident, LitStr, Path, Type, Visibility};

/// `#[contract] trait ..`.
pub(crate) struct Contract {
    pub(crate) attributes: Attributes,
    pub(crate) vis: Visibility,
    pub(crate) ident: Ident,
    pub(crate) id: LitStr,
    pub(crate) version: Option<LitStr>,
    /// The contract whose operations the provider calls on its actors.
    pub(crate) calls: Option<Path>,
    pub(crate) ops: Vec<Operation>,
}

/// `#[capability_provider] impl ..`.
pub(crate) struct Provider {
    pub(crate) attributes: Attributes,
    pub(crate) self_ty: Type,
    /// Its operations are `async fn`.
    pub(crate) asynchronous: bool,
    pub(crate) operations: Operations,
}

/// Where a provider's operations come from.
pub(crate) enum Operations {
    /// From the contract trait that the block implements.
    Trait(Path),
    /// From the block's own marked methods.
    Marked { id: LitStr, ops: Vec<Operation> },
}

/// What is carried over from an item's attributes.
pub(crate) struct Attributes {
    pub(crate) docs: Vec<Attribute>,
    /// `#[cfg(..)]`.
    pub(crate) conditions: Vec<Attribute>,
    pub(crate) deprecated: Option<Attribute>,
}

/// A method that answers an operation.
#[expect(clippy::struct_excessive_bools, reason = "each is a word of its own in the source")]
pub(crate) struct Operation {
    pub(crate) attributes: Attributes,
    pub(crate) ident: Ident,
    pub(crate) name: WireName,
    pub(crate) aliases: Vec<WireName>,
    pub(crate) idempotent: bool,
    pub(crate) unary: bool,
    pub(crate) examples: Vec<Example>,
    /// It is an `async fn`.
    pub(crate) asynchronous: bool,
    /// Where the call context's type is.
    pub(crate) cx: Span,
    pub(crate) args: Vec<Argument>,
    /// The whole return type: an alias or a `Result`.
    pub(crate) output: Type,
    /// Nothing is wrong with it: it can be called.
    pub(crate) sound: bool,
}

/// A request of an operation with its reply, JSON both.
pub(crate) struct Example {
    pub(crate) title: Option<LitStr>,
    pub(crate) request: LitStr,
    /// Nothing when it is another one each time.
    pub(crate) reply: Option<LitStr>,
}

/// An argument of an operation, the receiver and the context not counted.
pub(crate) struct Argument {
    pub(crate) ident: Ident,
    pub(crate) key: WireName,
    pub(crate) ty: Type,
}

/// `#[derive(LinkValues)] struct ..`.
pub(crate) struct LinkStruct {
    pub(crate) ident: Ident,
    pub(crate) generics: Generics,
    pub(crate) core: Option<Path>,
    pub(crate) values: Vec<LinkValue>,
}

/// A field with a link value.
pub(crate) struct LinkValue {
    pub(crate) ident: Ident,
    pub(crate) key: WireName,
    pub(crate) doc: String,
    pub(crate) ty: Type,
    /// What it is, for people.
    pub(crate) expected: String,
    /// Nothing needs to be added to that when a value is wrong.
    pub(crate) plain: bool,
    pub(crate) default: Option<LinkDefault>,
    /// What tells whether a text is within the range.
    pub(crate) within: Option<TokenStream>,
    pub(crate) secret: bool,
}

/// What a link without the value has.
pub(crate) struct LinkDefault {
    pub(crate) text: String,
    pub(crate) span: Span,
    /// It is looked at when it is compiled: `parse` of durations is a constant function.
    pub(crate) duration: bool,
}

/// A name as it travels.
pub(crate) struct WireName {
    pub(crate) text: String,
    /// What it was read from: a literal, or a Rust name.
    pub(crate) source: TokenStream,
}
