//! What a package may be called.

use heck::{ToKebabCase, ToSnakeCase, ToUpperCamelCase};

use crate::exit::Failure;

/// Names that mean something else to rustc or cargo, or that a package's own dependencies have.
const TAKEN: &[&str] = &[
    "alloc",
    "build",
    "core",
    "deps",
    "examples",
    "incremental",
    "proc_macro",
    "proc_macro2",
    "provider",
    "provider_contracts",
    "provider_core",
    "provider_host",
    "provider_macros",
    "provider_testkit",
    "serde",
    "std",
    "test",
    "tokio",
];

/// Rust's keywords, of every edition, and those that it keeps for later.
const KEYWORDS: &[&str] = &[
    "abstract", "as", "async", "await", "become", "box", "break", "const", "continue", "crate",
    "do", "dyn", "else", "enum", "extern", "false", "final", "fn", "for", "gen", "if", "impl",
    "in", "let", "loop", "macro", "match", "mod", "move", "mut", "override", "priv", "pub", "ref",
    "return", "self", "static", "struct", "super", "trait", "true", "try", "type", "typeof",
    "unsafe", "unsized", "use", "virtual", "where", "while", "yield",
];

/// What Windows does not let a file be called.
const DEVICES: &[&str] = &["aux", "con", "nul", "prn"];

/// The longest name. A file of the library's has it, with more around it.
const LONGEST: usize = 64;

/// The name, if a package can be called so.
pub(crate) fn checked(name: &str) -> Result<&str, Failure> {
    match problem(name) {
        None => Ok(name),
        Some(problem) => Err(Failure::unusable(format!(
            "`{name}` cannot be the name of a package: {problem}; try `{}`",
            proposal(name)
        ))),
    }
}

fn problem(name: &str) -> Option<&'static str> {
    let identifier = name.replace('-', "_");
    let is = |names: &[&str]| names.contains(&identifier.as_str());
    let strange = |c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_';
    if name.is_empty() {
        Some("it is empty")
    } else if name.contains(['/', '\\']) {
        Some("it is a path, which `--path` takes")
    } else if name.contains(strange) {
        Some("it may have letters of ASCII, digits, `-` and `_`")
    } else if !name.starts_with(|c: char| c.is_ascii_alphabetic()) {
        Some("it begins with a letter")
    } else if name.len() > LONGEST {
        Some("it is longer than 64 characters")
    } else if is(KEYWORDS) {
        Some("it is a keyword of Rust")
    } else if is(TAKEN) {
        Some("it has a meaning already")
    } else if is(DEVICES) {
        Some("Windows keeps it for a device")
    } else if name != name.to_kebab_case() && name != name.to_snake_case() {
        Some("it is written `like-this` or `like_this`")
    } else {
        None
    }
}

/// A name that is as near as can be.
fn proposal(name: &str) -> String {
    let last = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let plain: String = last.chars().filter(char::is_ascii).collect();
    let kebab = plain.to_kebab_case();
    let mut near = kebab.trim_start_matches(|c: char| !c.is_ascii_alphabetic()).to_owned();
    near.truncate(LONGEST);
    let near = near.trim_end_matches('-').to_owned();
    if problem(&near).is_none() {
        return near;
    }
    let more = format!("my-{}", near.trim_end_matches("-provider"));
    let more = more.trim_end_matches('-').to_owned();
    if problem(&more).is_none() && more != "my" { more } else { String::from("my-provider") }
}

/// How the provider's type is called.
pub(crate) fn provider(package: &str) -> String {
    let mut name = package.to_upper_camel_case();
    if !name.ends_with("Provider") {
        name.push_str("Provider");
    }
    name
}

/// How the package is called in Rust.
pub(crate) fn krate(package: &str) -> String {
    package.to_snake_case()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_that_cannot_be_is_refused_with_one_that_can() {
        for (name, near) in [
            ("", "my-provider"),
            ("Greeter", "greeter"),
            ("myKv", "my-kv"),
            ("my--kv", "my-kv"),
            ("a_b-c", "a-b-c"),
            ("2fast", "fast"),
            ("-x", "x"),
            ("../greeter", "greeter"),
            ("my kv", "my-kv"),
            ("größe", "gre"),
            ("日本", "my-provider"),
            ("type", "my-type"),
            ("self", "my-self"),
            ("provider", "my-provider"),
            ("provider-core", "my-provider-core"),
            ("nul", "my-nul"),
            ("test", "my-test"),
            (&"x".repeat(65), &"x".repeat(64)),
        ] {
            let failure = checked(name).unwrap_err();
            assert!(failure.message.ends_with(&format!("; try `{near}`")), "{}", failure.message);
            assert_eq!(checked(near).unwrap(), near);
        }
        for name in ["greeter", "my-kv", "my_kv", "redis2", "x", "kv-redis-provider"] {
            assert_eq!(checked(name).unwrap(), name);
        }
    }

    #[test]
    fn a_provider_is_called_after_its_package() {
        assert_eq!(provider("my-kv"), "MyKvProvider");
        assert_eq!(provider("redis_provider"), "RedisProvider");
        assert_eq!(krate("my-kv"), "my_kv");
    }
}
