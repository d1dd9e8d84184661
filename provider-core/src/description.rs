//! What a library says of itself beyond its descriptor, as a JSON document: types, examples, aliases,
//! link values.
//!
//! The SDK writes it for every provider with a contract ([`abi::Descriptor::describe_json`]); a host
//! reads it, people and programs get it from `cargo provider contract`. A library in another language may
//! write what it knows: only the version, the contract and the names of operations must be there.
//!
//! [`abi::Descriptor::describe_json`]: crate::abi::Descriptor::describe_json

use serde::{Deserialize, Serialize};
use serde_json::Value;

use crate::{
    abi::op_flags,
    contract::{Contract, OpEntry},
    link_schema::{LinkSchema, ValueSchema},
};

/// The version of the document. Members may be added to it; a reader ignores what it does not know.
pub const DESCRIPTION_VERSION: u32 = 1;

/// What a library says of itself.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Description {
    /// The version of this document: [`DESCRIPTION_VERSION`].
    pub schema_version: u32,
    /// Contract id, `vendor:name`.
    pub contract: String,
    /// The contract's own version, if it has one.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub version: Option<String>,
    /// The contract's documentation, Markdown.
    #[serde(default)]
    pub doc: String,
    /// Whether calls can be made that keep no thread of the caller's.
    #[serde(default)]
    pub asynchronous: bool,
    /// The contract's operations, in its order.
    pub operations: Vec<Operation>,
    /// The values that links have. `null` or missing when that is not known.
    #[serde(default)]
    pub link: Option<Vec<LinkValue>>,
}

/// An operation of a contract.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[expect(clippy::struct_excessive_bools, reason = "each is a member of its own in the document")]
pub struct Operation {
    /// Its name.
    pub name: String,
    /// Other names that it answers to.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub aliases: Vec<String>,
    /// Its documentation, Markdown.
    #[serde(default)]
    pub doc: String,
    /// Whether it may be sent again when it is not known whether it was done.
    #[serde(default)]
    pub idempotent: bool,
    /// Whether new actors should not use it.
    #[serde(default)]
    pub deprecated: bool,
    /// Whether the provider calls it on its actors. Else actors call it.
    #[serde(default, skip_serializing_if = "std::ops::Not::not")]
    pub to_actor: bool,
    /// Whether its only argument is the whole message. Else the arguments are the fields of a map.
    #[serde(default)]
    pub unary: bool,
    /// Its arguments, in declared order. `null` or missing when they are not known.
    #[serde(default)]
    pub arguments: Option<Vec<Argument>>,
    /// The type of its reply, as it is written in the source. For an alias of `Result` it is the alias.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub reply: Option<String>,
    /// Requests with their replies.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub examples: Vec<Example>,
}

/// An argument of an operation.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Argument {
    /// Its name.
    pub name: String,
    /// Its type, as it is written in the source.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// Whether it may be left out: its type is an `Option`.
    #[serde(default)]
    pub optional: bool,
}

/// A request of an operation with its reply: what a newly linked actor gets.
///
/// Bytes are `{"$bytes": "base64"}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct Example {
    /// What it shows.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// The request.
    pub request: Value,
    /// The reply. Missing when it is another one each time.
    #[serde(default, deserialize_with = "some", skip_serializing_if = "Option::is_none")]
    pub reply: Option<Value>,
}

/// A value of a link.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct LinkValue {
    /// Its key.
    pub key: String,
    /// Its documentation, Markdown.
    #[serde(default)]
    pub doc: String,
    /// What it is, for people: `a whole number from 0 to 65535`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#type: Option<String>,
    /// Whether a link must have it.
    #[serde(default)]
    pub required: bool,
    /// What it is in a link without it. Never said of a secret.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub default: Option<String>,
    /// Whether it is never shown.
    #[serde(default)]
    pub secret: bool,
}

impl Description {
    /// What a provider says of `contract`, whose links have the values of `link`.
    #[must_use]
    pub fn of<P, C>(contract: &Contract<P, C>, link: &LinkSchema) -> Self {
        Self {
            schema_version: DESCRIPTION_VERSION,
            contract: contract.id().into(),
            version: said(contract.own_version()),
            doc: contract.doc().into(),
            asynchronous: false,
            operations: contract.declared().iter().map(Operation::of).collect(),
            link: link.values().map(|values| values.iter().map(LinkValue::of).collect()),
        }
    }

    /// The document.
    #[must_use]
    pub fn to_json(&self) -> Vec<u8> {
        // There is nothing in it that cannot be written: no map with keys that are no strings, and no
        // writer that fails.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads a document.
    ///
    /// # Errors
    ///
    /// What is wrong with it: no JSON, another version, a member that is missing or of another type.
    pub fn from_json(json: &[u8]) -> Result<Self, String> {
        #[derive(Deserialize)]
        struct Version {
            schema_version: u32,
        }

        let Version { schema_version } =
            serde_json::from_slice(json).map_err(|error| error.to_string())?;
        if schema_version != DESCRIPTION_VERSION {
            return Err(format!(
                "schema_version is {schema_version}, {DESCRIPTION_VERSION} is expected"
            ));
        }
        let mut read: Self = serde_json::from_slice(json).map_err(|error| error.to_string())?;
        // Whoever wrote it may have told too much.
        for value in read.link.iter_mut().flatten().filter(|value| value.secret) {
            value.default = None;
        }
        Ok(read)
    }

    /// The operation `name`, which may be an alias.
    #[must_use]
    pub fn operation(&self, name: &str) -> Option<&Operation> {
        let by_alias = |op: &&Operation| op.aliases.iter().any(|alias| alias == name);
        let by_name = self.operations.iter().find(|op| op.name == name);
        by_name.or_else(|| self.operations.iter().find(by_alias))
    }
}

impl Operation {
    fn of(entry: &OpEntry) -> Self {
        let types = entry.arg_types();
        let argument = |(index, name): (usize, &&str)| {
            let written = types.get(index).copied().unwrap_or_default();
            Argument {
                name: (*name).into(),
                r#type: said(written),
                optional: !entry.is_unary() && is_option(written),
            }
        };
        Self {
            name: entry.name().into(),
            aliases: entry.other_names().iter().copied().map(String::from).collect(),
            doc: entry.doc().into(),
            idempotent: entry.flags() & op_flags::IDEMPOTENT != 0,
            deprecated: entry.flags() & op_flags::DEPRECATED != 0,
            to_actor: entry.is_call_to_actor(),
            unary: entry.is_unary(),
            arguments: Some(entry.args().iter().enumerate().map(argument).collect()),
            reply: said(entry.reply_type()),
            examples: entry.given_examples().iter().filter_map(Example::of).collect(),
        }
    }
}

impl Example {
    /// The macro checked that it is JSON; what is none by hand is left out.
    fn of([title, request, reply]: &[&'static str; 3]) -> Option<Self> {
        let request = serde_json::from_str(request).ok()?;
        Some(Self { title: said(title), request, reply: serde_json::from_str(reply).ok() })
    }
}

impl LinkValue {
    fn of(value: &ValueSchema) -> Self {
        Self {
            key: value.key().into(),
            doc: value.doc().into(),
            r#type: said(value.expected()),
            required: value.is_required(),
            default: value.default().filter(|_| !value.is_secret()).map(String::from),
            secret: value.is_secret(),
        }
    }
}

/// A reply of `null` is one.
fn some<'de, D: serde::Deserializer<'de>>(deserializer: D) -> Result<Option<Value>, D::Error> {
    Value::deserialize(deserializer).map(Some)
}

fn said(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.into())
}

/// Whether a type is written as an `Option`, with or without a path.
fn is_option(written: &str) -> bool {
    let (path, _) = written.split_once('<').unwrap_or_default();
    path.rsplit("::").next() == Some("Option")
}
