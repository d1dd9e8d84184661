//! The attribute macros of the Capability Provider SDK. Authors reach them through
//! `provider_core`, which they are made for and versioned with.
//!
//! - [`#[contract]`](macro@contract) on a trait declares a contract: its operations, once, for
//!   providers, hosts and actors.
//! - [`#[capability_provider]`](macro@capability_provider) on an `impl` block makes a library that a
//!   host can load: of the implementation of a contract trait, or of methods that are marked with
//!   [`#[op]`](macro@op).
//! - [`#[derive(LinkValues)]`](macro@LinkValues) on a struct reads it from what an actor is linked
//!   with.
//!
//! What an author wrote stays as it is: a trait, an `impl` block, methods that anything can call.
//! Beside it the macros emit the operation table, the contract's client and the exported functions.
//! Everything else, from decoding to panics, is functions of `provider_core`.
//!
//! # From tokens to tokens
//!
//! 1. `skeleton` (with `body`) takes the function bodies out of an item and our attributes off it. The one is for
//!    `syn`, the other is emitted: what is being typed in a body is rustc's to judge.
//! 2. `options`, `parse`, `operation` and `signature` read it into the types of `ir` and report what is wrong in
//!    one place; `check` reports what takes a look at the whole. `errors` collects, so that all of it
//!    is reported at once, in source order.
//! 3. `link_values`, `link_value_type` and `link_value_range` do the same for the fields of a struct.
//! 4. `expand` makes tokens of it. Whatever it emits about a type of the author's carries that
//!    type's span.
//!
//! With mistakes in an item, the item itself is emitted all the same, and what can be made of its
//! sound operations too: one mistake must not look like twenty.

mod body;
mod check;
mod errors;
mod example;
mod expand;
mod ir;
mod link_value_range;
mod link_value_type;
mod link_values;
mod operation;
mod option_list;
mod options;
mod parse;
mod signature;
mod skeleton;
mod symbol;
mod tokens;
mod types;
mod wire_type;

use proc_macro::TokenStream;

/// Makes a capability provider of an `impl` block: exports it from the library.
///
/// A library exports one provider; a second one is an error at `cargo check`.
///
/// # The implementation of a contract
///
/// On the implementation of a trait that is declared with [`#[contract]`](macro@contract). The block
/// is emitted as it is, so rustc sees to it that it is complete.
///
/// ```
/// use std::{collections::HashMap, sync::RwLock};
///
/// use provider_core::prelude::*;
///
/// /// Remembers. In a real project, a crate of its own.
/// #[contract("example:memory")]
/// pub trait Memory {
///     /// Remembers a value.
///     fn store(&self, cx: Cx<'_, Self>, key: String, value: String) -> OpResult<()>;
///     /// What was stored last.
///     fn recall(&self, cx: Cx<'_, Self>, key: &str) -> OpResult<Option<String>>;
/// }
///
/// pub struct Notebook {
///     max_len: usize,
/// }
///
/// impl Notebook {
///     fn new() -> Self {
///         Self { max_len: 1024 }
///     }
/// }
///
/// impl Provider for Notebook {
///     type Link = RwLock<HashMap<String, String>>;
///
///     fn link(&self, _config: &LinkConfig) -> Result<Self::Link, BoxError> {
///         Ok(RwLock::default())
///     }
/// }
///
/// #[capability_provider(new = Notebook::new)]
/// impl Memory for Notebook {
///     fn store(&self, cx: Cx<'_, Self>, key: String, value: String) -> OpResult<()> {
///         if value.len() > self.max_len {
///             return Err(format!("longer than {}", self.max_len).into());
///         }
///         cx.link().write().unwrap().insert(key, value);
///         Ok(())
///     }
///
///     fn recall(&self, cx: Cx<'_, Self>, key: &str) -> OpResult<Option<String>> {
///         Ok(cx.link().read().unwrap().get(key).cloned())
///     }
/// }
/// # fn main() {}
/// ```
///
/// # Marked methods
///
/// On an inherent `impl` block, for a contract that nobody else shares: the methods that are marked
/// with [`#[op]`](macro@op) are its operations, the others stay what they are.
///
/// ```
/// use provider_core::prelude::*;
///
/// #[derive(Default)]
/// pub struct Greeter;
///
/// impl Provider for Greeter {
///     type Link = String;
///
///     fn link(&self, config: &LinkConfig) -> Result<String, BoxError> {
///         Ok(config.require("GREETING")?.to_owned())
///     }
/// }
///
/// #[capability_provider(contract = "example:greeter")]
/// impl Greeter {
///     /// Greets somebody.
///     #[op]
///     fn greet(&self, cx: Cx<'_, Self>, name: &str) -> OpResult<String> {
///         Ok(format!("{}, {name}!", cx.link()))
///     }
/// }
/// # fn main() {}
/// ```
///
/// # Options
///
/// | option | value | |
/// |---|---|---|
/// | `contract` | string | the id of the contract that marked methods make, `vendor:name` |
/// | `crate` | path | where `provider_core` is, if not at `::provider_core` |
/// | `new` | path or closure | the constructor, a function without arguments; else the type implements `Default` |
///
/// What an operation's signature looks like is told at [`#[contract]`](macro@contract).
#[proc_macro_attribute]
pub fn capability_provider(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::capability_provider(args.into(), item.into()).into()
}

/// Declares a contract: each method of the trait is an operation.
///
/// The trait gets `Provider` as its supertrait and a hidden constant with the operation table. Beside
/// it, with the trait's visibility, stands its client: for `trait KeyValue` that is
/// `KeyValueClient<D>`, with the same methods less the context, for hosts, actors and tests.
///
/// ```
/// use provider_core::{Dispatcher, prelude::*};
/// use serde::{Deserialize, Serialize};
///
/// /// What is stored under a key.
/// #[derive(Debug, Serialize, Deserialize)]
/// pub struct Entry {
///     pub value: String,
///     pub expires: Option<u32>,
/// }
///
/// /// A store with one name space for each linked actor.
/// #[contract("example:store", version = "0.2")]
/// pub trait Store {
///     /// Gets the entry of a key.
///     #[op(idempotent)]
///     fn get(&self, cx: Cx<'_, Self>, key: &str) -> OpResult<Option<Entry>>;
///
///     /// Removes a key. It was called `Delete` once.
///     #[op(name = "Remove", alias = "Delete")]
///     fn del(&self, cx: Cx<'_, Self>, key: String) -> OpResult<bool>;
///
///     /// Adds an entry: the message is the entry itself.
///     #[op(unary)]
///     fn add(&self, cx: Cx<'_, Self>, entry: Entry) -> Result<u64, Error>;
///
///     /// Finds keys.
///     #[deprecated = "it reads everything"]
///     fn find(
///         &self,
///         cx: Cx<'_, Self>,
///         #[arg(name = "queryString")] query: &str,
///     ) -> OpResult<Vec<String>>;
/// }
///
/// fn total(store: &StoreClient<impl Dispatcher>, keys: &[&str]) -> Result<usize, Error> {
///     let mut total = 0;
///     for key in keys {
///         total += store.get(key)?.map_or(0, |entry| entry.value.len());
///     }
///     Ok(total)
/// }
/// ```
///
/// # Operations
///
/// A method takes `&self`, the call context `cx: Cx<'_, Self>` by value, and its arguments. It
/// returns a `Result`, under whatever name: with a reply that implements `Serialize` and an error
/// that becomes a `BoxError`. It is neither `async` nor generic, except over lifetimes.
///
/// - *Its name on the wire* is the method's in `PascalCase`, or `#[op(name = "..")]`.
///   `BindActor`, `RemoveActor`, `HealthRequest` and names that start with `__` are taken.
/// - *Its arguments* are the fields of the request, by name. A leading underscore is not part of the
///   name, nor is the `r#` of a raw identifier; `#[arg(name = "..")]` names it otherwise. Fields
///   that are not known are ignored; one that is missing is an error, unless its type is an
///   `Option`. Arguments may borrow from the message, as `&str` does.
/// - *Its documentation* becomes part of the contract's description.
/// - `#[cfg]` and `#[deprecated]` on the method hold for all that is made of it.
///
/// The client reads what providers send and the other way round, so types in a contract implement
/// both `Serialize` and `Deserialize`.
///
/// # Options
///
/// First comes the contract's id, `vendor:name`.
///
/// | option | value | |
/// |---|---|---|
/// | `crate` | path | where `provider_core` is, if not at `::provider_core` |
/// | `version` | string | the contract's version |
#[proc_macro_attribute]
pub fn contract(args: TokenStream, item: TokenStream) -> TokenStream {
    expand::contract(args.into(), item.into()).into()
}

/// Marks a method as an operation: in a block with
/// [`#[capability_provider]`](macro@capability_provider), where every operation is marked, and in a
/// trait with [`#[contract]`](macro@contract), where every method is one and only options need it.
///
/// These two take it away. It is a macro only to say so where there is neither.
///
/// ```
/// # use provider_core::prelude::*;
/// # #[derive(Default)]
/// # pub struct Mail;
/// # impl Provider for Mail {
/// #     type Link = ();
/// #     fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
/// #         Ok(())
/// #     }
/// # }
/// #[capability_provider(contract = "example:mail")]
/// impl Mail {
///     /// Sends a message. It was called `Post` once.
///     #[op(name = "Send", alias = "Post")]
///     fn deliver(&self, _cx: Cx<'_, Self>, #[arg(name = "toAddress")] to: &str) -> OpResult<()> {
///         Err(format!("there is no `{to}`").into())
///     }
/// }
/// # fn main() {}
/// ```
///
/// # Options
///
/// | option | value | |
/// |---|---|---|
/// | `alias` | string | another name that must keep answering; may be repeated |
/// | `example(..)` | options | a request with its reply, see below; may be repeated |
/// | `idempotent` | | it may be sent again when nobody knows whether it was done |
/// | `name` | string | its name on the wire, if not the method's in `PascalCase` |
/// | `unary` | | its only argument is the whole message, not a field of it |
///
/// An argument takes `#[arg(name = "..")]`: its name on the wire, if not its own.
///
/// # Examples of an operation
///
/// ```
/// # use provider_core::prelude::*;
/// #[contract("example:greeter")]
/// pub trait Greeter {
///     /// Greets.
///     #[op(example(request = r#"{"name": "Ada"}"#, reply = r#""Good day, Ada""#))]
///     fn greet(&self, cx: Cx<'_, Self>, name: String) -> OpResult<String>;
/// }
/// ```
///
/// `request` is JSON with the operation's arguments, `reply` is JSON of what a newly linked actor gets (leave
/// it out where that is another one each time), `title` says what it shows. `{"$bytes": "base64"}` stands for
/// bytes. An example is part of the documentation and of the contract's description, and
/// `cargo provider check` sends it: it must be safe to send.
#[proc_macro_attribute]
pub fn op(_args: TokenStream, item: TokenStream) -> TokenStream {
    expand::op(item.into()).into()
}

/// Reads a struct from the values that an actor is linked with.
///
/// Each field is a value. What is wrong with the values of a link is told all at once, with keys,
/// values and what was expected; what the values are is part of what the library says of itself.
///
/// ```
/// use std::time::Duration;
///
/// use provider_core::prelude::*;
///
/// /// How to reach the broker.
/// #[derive(LinkValues)]
/// struct Settings {
///     /// The broker's host.
///     host: String,
///     #[value(default = 4222, range = 1..=65535)]
///     port: u16,
///     /// Without it, the broker is asked as nobody.
///     password: Option<Secret>,
///     /// How long an answer may take.
///     #[value(default = "30s")]
///     timeout: Duration,
///     /// What the actor listens to.
///     #[value(name = "SUBSCRIPTION", default = "")]
///     subjects: Vec<String>,
/// }
///
/// #[derive(Default)]
/// struct Broker;
///
/// impl Provider for Broker {
///     const LINK: LinkSchema = Settings::SCHEMA;
///     type Link = Settings;
///
///     fn link(&self, config: &LinkConfig) -> Result<Settings, BoxError> {
///         Ok(config.read()?)
///     }
/// }
/// ```
///
/// A link of `PORT=high, TIMEOUT=5` is then refused with
///
/// ```text
/// link value `HOST` is required, expected text
/// link value `PORT` is `high`, expected a whole number from 1 to 65535
/// link value `TIMEOUT` is `5`, expected a duration such as `30s`
/// ```
///
/// # Fields
///
/// - *The key* is the field's name in `SCREAMING_SNAKE_CASE`, or `#[value(name = "..")]`. A leading
///   underscore is not part of it. Keys that no field has are ignored: hosts add some of their own.
/// - *The type* is any that implements `FromStr`: numbers, `bool`, `String`, `PathBuf`, `SocketAddr`,
///   your own. `Duration` is a number and its unit: `ns`, `us`, `ms`, `s`, `m`, `h` or `d`. `Vec<T>` is
///   a list with commas.
/// - `Option<T>` is a value that may be missing. One with a default may be missing too; all others
///   are required.
/// - `Secret`, or `Secret<T>`, never prints, and no error repeats what was given.
/// - *The documentation* is part of the schema.
///
/// # Options
///
/// | option | value | |
/// |---|---|---|
/// | `default` | literal | what a link without the value has; a wrong one is an error when it is compiled where the type's text is known to the macro (numbers, `bool`, `char`, addresses, `Duration`), else for every link |
/// | `expected` | string | what a value is, for people: `"a URL"`; for types that the macro does not know |
/// | `name` | string | its key, if not the field's name in `SCREAMING_SNAKE_CASE` |
/// | `range` | range of literals | the numbers that it can be |
/// | `secret` | | errors do not repeat the value, and a default is not shown |
///
/// `#[value(crate = path)]` on the struct says where `provider_core` is, if not at `::provider_core`.
#[proc_macro_derive(LinkValues, attributes(value))]
pub fn link_values(item: TokenStream) -> TokenStream {
    expand::link_values(item.into()).into()
}
