//! The files of `provider-template`, which `cargo generate` reads as well. Both fill them in alike: a
//! test compares.

use minijinja::{
    AutoEscape, Environment, Error, UndefinedBehavior, Value, context, syntax::SyntaxConfig,
};

use crate::{
    exit::Failure,
    new::{contract::Contract, name},
};

/// A file that each package gets.
macro_rules! common {
    ($path:literal) => {
        ($path, include_str!(concat!("../../../provider-template/", $path)))
    };
}

/// A file of one contract and content.
macro_rules! chosen {
    ($folder:literal, [$($path:literal),* $(,)?]) => {
        Chosen {
            folder: $folder,
            files: &[$((
                $path,
                include_str!(concat!("../../../provider-template/", $folder, "/", $path)),
            )),*],
        }
    };
}

const COMMON: [(&str, &str); 5] = [
    common!(".github/workflows/ci.yml"),
    common!(".gitignore"),
    common!("Cargo.toml.liquid"),
    common!("README.md"),
    common!("tests/conformance.rs"),
];

struct Chosen {
    folder: &'static str,
    files: &'static [(&'static str, &'static str)],
}

const CHOSEN: [Chosen; 4] = [
    chosen!("contract/embedded", ["provider-testkit.toml", "src/contract.rs", "src/lib.rs"]),
    chosen!("contract/empty", ["provider-testkit.toml", "src/contract.rs", "src/lib.rs"]),
    chosen!(
        "keyvalue/embedded",
        ["provider-testkit.toml", "src/lib.rs", "src/operations.rs", "src/store.rs"]
    ),
    chosen!("keyvalue/empty", ["provider-testkit.toml", "src/lib.rs", "src/operations.rs"]),
];

/// What the package is to be.
#[derive(Debug)]
pub(crate) struct Wanted<'a> {
    pub(crate) package: &'a str,
    pub(crate) contract: &'a Contract,
    pub(crate) empty: bool,
    pub(crate) asynchronous: bool,
    /// A path or a URL.
    pub(crate) sdk: &'a str,
}

impl Wanted<'_> {
    fn content(&self) -> &'static str {
        if self.empty { "empty" } else { "embedded" }
    }

    /// Every file of the package: its path in it, and what it contains.
    pub(crate) fn files(&self) -> Result<Vec<(String, String)>, Failure> {
        let module = self.contract.module;
        let kind = if module.is_empty() { "contract" } else { module };
        let folder = format!("{kind}/{}", self.content());
        let chosen = CHOSEN
            .iter()
            .find(|chosen| chosen.folder == folder)
            .ok_or_else(|| Failure::internal(format!("the template has no `{folder}`")))?;
        let values = self.values();
        let wrong = |path: &str, error: &Error| {
            Failure::internal(format!("`{path}` of the template: {error}"))
        };
        COMMON
            .iter()
            .chain(chosen.files)
            .map(|(path, text)| {
                let filled = environment()
                    .and_then(|environment| environment.render_str(text, &values))
                    .map_err(|error| wrong(path, &error))?;
                Ok((path.trim_end_matches(".liquid").to_owned(), filled))
            })
            .collect()
    }

    /// What the files name. `choose.rhai` computes the same for `cargo generate`.
    fn values(&self) -> Value {
        let (sdk_git, sdk_revision) = if self.sdk.contains("://") {
            self.sdk.split_once('#').unwrap_or((self.sdk, ""))
        } else {
            ("", "")
        };
        let trait_name = self.contract.trait_name.as_str();
        let (form, function, lifecycle, suffix, adapter) = if self.asynchronous {
            ("async", "async fn", "AsyncProvider", "Async", "AsyncAdapter")
        } else {
            ("sync", "fn", "Provider", "", "Adapter")
        };
        context! {
            form => form,
            function => function,
            lifecycle => lifecycle,
            operations => format!("{trait_name}{suffix}"),
            adapter => adapter,
            package => self.package,
            crate_name => name::krate(self.package),
            provider => name::provider(self.package),
            contract => self.contract.id.as_str(),
            known => self.contract.module,
            trait_name => trait_name,
            content => self.content(),
            sdk => self.sdk,
            sdk_git => sdk_git,
            sdk_revision => sdk_revision,
        }
    }

    /// What was made, in words.
    pub(crate) fn summary(&self) -> String {
        let new = if self.contract.module.is_empty() { "the new contract" } else { "the contract" };
        let content = if self.empty { ", with its operations still to be written" } else { "" };
        let form = if self.asynchronous { "an asynchronous" } else { "a" };
        format!("{form} provider of {new} `{}`{content}", self.contract.id)
    }

    /// The next commands, each with its purpose.
    pub(crate) fn next(&self) -> Vec<(&'static str, &'static str)> {
        let mut next = vec![
            ("cargo test", "its own tests, and the rules of every provider"),
            ("cargo provider check", "the same rules for the library as it ships"),
        ];
        next.push(match (self.contract.module, self.empty) {
            (_, true) => ("cargo provider inspect", "what the library says of itself"),
            ("", false) => (r#"cargo provider call Greet '{"name": "you"}'"#, ""),
            _ => (r#"cargo provider call Get '{"key": "greeting"}'"#, ""),
        });
        next
    }
}

/// An engine that takes of the template's language what `cargo generate` takes too.
fn environment() -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_auto_escape_callback(|_| AutoEscape::None);
    environment.set_undefined_behavior(UndefinedBehavior::Strict);
    environment.set_syntax(SyntaxConfig::builder().keep_trailing_newline(true).build()?);
    Ok(environment)
}

#[cfg(test)]
mod tests {
    use std::{fs, path::Path};

    use super::*;
    use crate::new::contract::IN_USE;

    const TEMPLATE: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/../provider-template");

    fn listed(folder: &Path, files: &mut Vec<String>) {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                listed(&path, files);
            } else {
                let path = path.strip_prefix(TEMPLATE).unwrap();
                files.push(path.to_str().unwrap().replace('\\', "/"));
            }
        }
    }

    #[test]
    fn every_file_of_the_template_is_built_in() {
        let mut there = Vec::new();
        listed(Path::new(TEMPLATE), &mut there);
        // For `cargo generate` alone.
        there.retain(|path| path != "cargo-generate.toml" && path != "choose.rhai");
        let chosen = CHOSEN.iter().flat_map(|chosen| {
            chosen.files.iter().map(|(path, _)| format!("{}/{path}", chosen.folder))
        });
        let mut built_in: Vec<String> =
            COMMON.iter().map(|(path, _)| (*path).to_owned()).chain(chosen).collect();
        there.sort();
        built_in.sort();
        assert_eq!(built_in, there);
    }

    #[test]
    fn the_names_that_are_in_use_are_the_same_for_cargo_generate() {
        let hook = fs::read_to_string(Path::new(TEMPLATE).join("choose.rhai")).unwrap();
        let list = hook.split_once("let in_use = [").unwrap().1.split_once("];").unwrap().0;
        let names: Vec<&str> = list.split(',').map(|name| name.trim().trim_matches('"')).collect();
        let names = names.strip_suffix(&[""]).unwrap_or(&names);
        assert_eq!(names, IN_USE);
    }

    #[test]
    fn nothing_of_the_templates_language_is_left_in_a_file() {
        let contracts = ["keyvalue", "acme:image-cache"];
        for (contract, empty) in contracts.into_iter().flat_map(|c| [(c, false), (c, true)]) {
            let asynchronous = empty;
            for sdk in ["../sdk", "https://example.org/sdk", "https://example.org/sdk#v1"] {
                let contract = Contract::named(Some(contract), "my-kv").unwrap();
                let wanted =
                    Wanted { package: "my-kv", contract: &contract, empty, asynchronous, sdk };
                for (path, text) in wanted.files().unwrap() {
                    let left = text.replace("${{", "");
                    assert!(!left.contains("{{") && !left.contains("{%"), "{path}: {text}");
                    assert!(text.ends_with('\n') && !text.ends_with("\n\n"), "{path}: {text:?}");
                }
            }
        }
    }
}
