//! Which contract the provider implements.

use heck::ToUpperCamelCase;
use provider_testkit::nearest;

use crate::{exit::Failure, new::name};

/// A contract that the SDK has a trait for.
struct Known {
    /// Its short name: its module in `provider-contracts`, and its folder in the template.
    module: &'static str,
    id: &'static str,
    trait_name: &'static str,
}

const KNOWN: [Known; 1] =
    [Known { module: "keyvalue", id: "wasmcloud:keyvalue", trait_name: "KeyValue" }];

/// What a trait is not called: these names are in use where it is.
pub(crate) const IN_USE: [&str; 22] = [
    "AsyncProvider",
    "BoxError",
    "Box",
    "Cx",
    "Debug",
    "Default",
    "Error",
    "ErrorKind",
    "HealthResponse",
    "Link",
    "LinkConfig",
    "LinkSchema",
    "LinkValues",
    "OpResult",
    "Option",
    "Provider",
    "Result",
    "Secret",
    "Self",
    "Settings",
    "String",
    "Vec",
];

/// The contract of the new provider.
#[derive(Debug, PartialEq, Eq)]
pub(crate) struct Contract {
    pub(crate) id: String,
    pub(crate) trait_name: String,
    /// Where in `provider-contracts` it is; empty for a new one.
    pub(crate) module: &'static str,
}

impl Contract {
    /// The contract that is asked for, by its short name or its id, else a new one that is called
    /// like the package.
    pub(crate) fn named(wanted: Option<&str>, package: &str) -> Result<Self, Failure> {
        let Some(wanted) = wanted else {
            let name = package.trim_end_matches("-provider").trim_end_matches("_provider");
            return Self::new(&format!("example:{name}"), package);
        };
        if let Some(known) = KNOWN.iter().find(|known| wanted == known.module || wanted == known.id)
        {
            return Ok(Self {
                id: known.id.to_owned(),
                trait_name: known.trait_name.to_owned(),
                module: known.module,
            });
        }
        let Some((vendor, name)) = wanted.split_once(':') else {
            let near = nearest(wanted, KNOWN.iter().map(|known| known.module));
            let near = near.map_or_else(
                || format!("write `vendor:{}`", if wanted.is_empty() { "name" } else { wanted }),
                |near| format!("did you mean `{near}`?"),
            );
            return Err(Failure::unusable(format!(
                "the id of a contract names its vendor, `{wanted}` does not: {near}"
            )));
        };
        if !is_part(vendor, &['-', '_', '.']) || !is_part(name, &['-', '_']) {
            return Err(Failure::unusable(format!(
                "`{wanted}` cannot be the id of a contract: vendor and name are words in small \
                 letters, with `-` or `_` between them, such as `acme:image-cache`"
            )));
        }
        if vendor == "wasmcloud" {
            let known: Vec<String> =
                KNOWN.iter().map(|known| format!("`{}`", known.module)).collect();
            return Err(Failure::unusable(format!(
                "there is no trait for `{wanted}` yet, only for {}: a contract of your own has a \
                 vendor of your own",
                known.join(", ")
            )));
        }
        Self::new(wanted, package)
    }

    fn new(id: &str, package: &str) -> Result<Self, Failure> {
        let (_, name) = id.split_once(':').unwrap_or_default();
        let mut trait_name = name.to_upper_camel_case();
        if IN_USE.contains(&trait_name.as_str()) {
            trait_name.push_str("Contract");
        }
        if trait_name == name::provider(package) {
            return Err(Failure::unusable(format!(
                "the trait of `{id}` and the provider of `{package}` would both be called \
                 `{trait_name}`: give the package another name"
            )));
        }
        Ok(Self { id: id.to_owned(), trait_name, module: "" })
    }
}

/// Words of small letters and digits, the first of them a letter, with one separator between them.
fn is_part(text: &str, separators: &[char]) -> bool {
    text.starts_with(|c: char| c.is_ascii_lowercase())
        && text.split(separators).all(|word| {
            !word.is_empty() && word.chars().all(|c| c.is_ascii_lowercase() || c.is_ascii_digit())
        })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_contract_is_known_or_new() {
        let named = |wanted, package| {
            let contract = Contract::named(wanted, package).unwrap();
            (contract.id, contract.trait_name, contract.module)
        };
        let keyvalue = ("wasmcloud:keyvalue".into(), "KeyValue".into(), "keyvalue");
        assert_eq!(named(Some("keyvalue"), "x"), keyvalue);
        assert_eq!(named(Some("wasmcloud:keyvalue"), "x"), keyvalue);
        let new = |id: &str, name: &str| (id.to_owned(), name.to_owned(), "");
        assert_eq!(named(Some("acme:image-cache"), "x"), new("acme:image-cache", "ImageCache"));
        assert_eq!(named(Some("acme.com:error"), "x"), new("acme.com:error", "ErrorContract"));
        assert_eq!(named(None, "my-kv"), new("example:my-kv", "MyKv"));
        assert_eq!(named(None, "redis-provider"), new("example:redis", "Redis"));
    }

    #[test]
    fn an_id_that_cannot_be_is_told_what_to_write() {
        for (wanted, told) in [
            ("keyvlue", "did you mean `keyvalue`?"),
            ("greeter", "write `vendor:greeter`"),
            ("", "write `vendor:name`"),
            (":greeter", "such as `acme:image-cache`"),
            ("acme:", "such as `acme:image-cache`"),
            ("acme:a:b", "such as `acme:image-cache`"),
            ("Acme:x", "such as `acme:image-cache`"),
            ("acme:2x", "such as `acme:image-cache`"),
            ("acme:x--y", "such as `acme:image-cache`"),
            ("wasmcloud:blobstore", "only for `keyvalue`"),
            ("acme:redis-provider", "both be called `RedisProvider`"),
        ] {
            let failure = Contract::named(Some(wanted), "redis").unwrap_err();
            assert!(failure.message.contains(told), "{wanted}: {}", failure.message);
        }
    }
}
