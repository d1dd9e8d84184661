//! The names that authors write and the names that our output uses, each once.

/// The attribute on a provider's `impl` block.
pub(crate) const CAPABILITY_PROVIDER: &str = "capability_provider";
/// The attribute on a contract's trait.
pub(crate) const CONTRACT: &str = "contract";
/// The attribute on an operation.
pub(crate) const OP: &str = "op";
/// The attribute on an operation's argument.
pub(crate) const ARG: &str = "arg";

/// The derive on a struct of link values.
pub(crate) const LINK_VALUES: &str = "LinkValues";
/// The attribute on a field with a link value.
pub(crate) const VALUE: &str = "value";

/// Option: another name that still answers.
pub(crate) const ALIAS: &str = "alias";
/// Option: the trait whose operations the provider calls on its actors.
pub(crate) const CALLS: &str = "calls";
/// A contract's id, as an example of one.
pub(crate) const ID: &str = "vendor:name";

/// Option: where `provider_core` is.
pub(crate) const CRATE: &str = "crate";
/// Option: what a link without the value has.
pub(crate) const DEFAULT: &str = "default";
/// Option: a request of an operation with its reply.
pub(crate) const EXAMPLE: &str = "example";
/// Option: what a value is, for people.
pub(crate) const EXPECTED: &str = "expected";
/// Option: calling twice does no harm.
pub(crate) const IDEMPOTENT: &str = "idempotent";
/// Option: the name on the wire.
pub(crate) const NAME: &str = "name";
/// Option: the provider's constructor.
pub(crate) const NEW: &str = "new";
/// Option: the numbers that a value can be.
pub(crate) const RANGE: &str = "range";
/// Option: the reply of an example.
pub(crate) const REPLY: &str = "reply";
/// Option: the request of an example.
pub(crate) const REQUEST: &str = "request";
/// Option: the value is never shown.
pub(crate) const SECRET: &str = "secret";
/// Option: what an example shows.
pub(crate) const TITLE: &str = "title";
/// Option: the only argument is the whole message.
pub(crate) const UNARY: &str = "unary";
/// Option: the contract's version.
pub(crate) const VERSION: &str = "version";

/// The lifecycle, which is no contract.
pub(crate) const PROVIDER: &str = "Provider";
/// The specification's trait, which is no contract.
pub(crate) const BY_HAND: &str = "CapabilityProvider";
/// What the name of a contract's asynchronous form has at its end.
pub(crate) const ASYNC: &str = "Async";

/// The type of the call context. Macros see tokens, not types, so it is known by its name.
pub(crate) const CX: &str = "Cx";

/// The operations that the SDK answers, and what an author implements instead.
pub(crate) const RESERVED_OPS: [(&str, &str); 3] = [
    ("BindActor", "Provider::link"),
    ("RemoveActor", "Provider::unlink"),
    ("HealthRequest", "Provider::health"),
];

/// The hidden constant of a contract trait. Its name is what rustc prints about a trait that is no
/// contract.
pub(crate) const DECLARED: &str = "__declared_with_contract_attribute";
/// The hidden constant of a contract's client: what is said of the operations.
pub(crate) const OPS: &str = "__OPERATIONS";
/// The hidden constant of a client whose contract names what it calls: these operations as well.
pub(crate) const DECLARED_OPS: &str = "__DECLARED_OPERATIONS";
/// The macro whose second definition rustc refuses. Its name is what rustc prints then.
pub(crate) const ONLY_ONE: &str = "__only_one_capability_provider_per_library";
