//! The documentation's examples.
//!
//! Each module below is a page of the book, or the README: `cargo test` compiles and runs its Rust
//! blocks. The tests of this package check links, generated pages, the steps of the guide, and what is
//! shown of real runs.
//!
//! `UPDATE_DOCS=1 cargo test -p provider-docs --test generated --test contract --test side_by_side` rewrites
//! what is generated; before that, `--test failures --test commands --test first_provider --test runs`
//! rewrites what is shown of real runs and says something else by now.

macro_rules! pages {
    ($($name:ident: $path:literal),* $(,)?) => {
        $(
            #[cfg(doctest)]
            #[doc = include_str!($path)]
            pub mod $name {}
        )*
    };
}

mod checks;

pages! {
    readme: "../README.md",
    guide_first_provider: "src/guide/first-provider.md",
    guide_contracts: "src/guide/contracts.md",
    guide_links: "src/guide/links.md",
    guide_calling_actors: "src/guide/calling-actors.md",
    guide_errors: "src/guide/errors.md",
    guide_async: "src/guide/async.md",
    guide_logs: "src/guide/logs.md",
    guide_testing: "src/guide/testing.md",
    guide_port: "src/guide/port.md",
    guide_unsafe_and_abi: "src/guide/unsafe-and-abi.md",
    reference_contracts_httpserver: "src/reference/contracts-httpserver.md",
    reference_contracts_keyvalue: "src/reference/contracts-keyvalue.md",
}
