//! What the macros emit, for people to read: `tests/expansion/*.txt`, compared here and written anew
//! with `UPDATE_EXPANSION=1 cargo test -p provider-macros --test expansion`.
//!
//! A macro crate exports its macros only, so this test compiles the macros' modules as its own.

#![expect(clippy::unwrap_used, reason = "a panic is how a test fails")]

// In a macro crate the compiler does this by itself.
extern crate proc_macro;

#[path = "../src/body.rs"]
mod body;
#[path = "../src/check.rs"]
mod check;
#[path = "../src/errors.rs"]
mod errors;
#[path = "../src/example.rs"]
mod example;
#[path = "../src/expand/mod.rs"]
mod expand;
#[path = "../src/ir.rs"]
mod ir;
#[path = "../src/link_value_range.rs"]
mod link_value_range;
#[path = "../src/link_value_type.rs"]
mod link_value_type;
#[path = "../src/link_values.rs"]
mod link_values;
#[path = "../src/operation.rs"]
mod operation;
#[path = "../src/option_list.rs"]
mod option_list;
#[path = "../src/options.rs"]
mod options;
#[path = "../src/parse.rs"]
mod parse;
#[path = "../src/signature.rs"]
mod signature;
#[path = "../src/skeleton.rs"]
mod skeleton;
#[path = "../src/symbol.rs"]
mod symbol;
#[path = "../src/tokens.rs"]
mod tokens;
#[path = "../src/types.rs"]
mod types;
#[path = "../src/wire_type.rs"]
mod wire_type;

#[path = "expansion/half_typed.rs"]
mod half_typed;
#[path = "expansion/items.rs"]
mod items;
#[path = "expansion/spans.rs"]
mod spans;

use std::{env, fmt::Write, fs};

use proc_macro2::TokenStream;
use quote::quote;

/// The most lines that an operation of three arguments may add to what its author wrote; with the
/// asynchronous form of its contract, of which a build without the feature `tokio` sees nothing.
const LINES_AN_OPERATION: usize = 30;

fn pretty(tokens: TokenStream) -> String {
    prettyplease::unparse(&syn::parse2(tokens).unwrap())
}

fn source(text: &str) -> TokenStream {
    text.parse().unwrap()
}

fn compare(name: &str, expanded: TokenStream) {
    let path = format!("tests/expansion/{name}.txt");
    let expanded = pretty(expanded);
    if env::var_os("UPDATE_EXPANSION").is_some() {
        fs::write(&path, &expanded).unwrap();
    }
    let expected = fs::read_to_string(&path).unwrap();
    assert_eq!(expanded, expected, "the expansion changed: compare {path} by eye, then update it");
}

#[test]
fn contract() {
    let item = source(
        r#"
        /// A key-value store.
        pub trait KeyValue: Sized {
            /// Gets the value of a key.
            #[op(idempotent, example(request = "{\"key\": \"a\"}", reply = "{\"exists\": false}"))]
            fn get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<GetResponse>;
            #[op(name = "ListItemDelete", alias = "ListDel")]
            #[deprecated = "use lists"]
            fn list_del<'a>(&'a self, cx: Cx<'a, Self>, #[arg(name = "listKey")] key: &'a str, _all: Option<bool>) -> Answer;
            #[op(unary)]
            #[cfg(feature = "check")]
            fn check(&self, cx: Cx<'_, Self>, request: Request) -> Result<(), Error>;
        }
        "#,
    );
    let args = quote!("example:keyvalue", version = "0.2");
    compare("contract", expand::contract(args, item));
}

#[test]
fn contract_that_calls_actors() {
    let item = source(
        "trait Broker { fn publish(&self, cx: Cx<'_, Self>, text: String) -> OpResult<()>; }",
    );
    let args = quote!("example:broker", calls = handlers::Subscriber);
    compare("contract_that_calls_actors", without_asynchronous(expand::contract(args, item)));
}

#[test]
fn provider_of_a_contract() {
    let item = source("impl contracts::KeyValue for MemoryKv { fn get(&self) { body } }");
    compare("provider_of_a_contract", expand::capability_provider(quote!(), item));
}

#[test]
fn provider_with_marked_methods() {
    let item = source(
        r"
        /// A key-value store.
        impl MemoryKv {
            /// Gets the value of a key.
            #[op]
            pub fn get(&self, cx: Cx<'_, Self>, key: String) -> Result<GetResponse, BoxError> { body }
            #[op(idempotent)]
            fn clear(&self, _: Cx<'_, Self>) -> OpResult<()> { body }
            fn helper(&self) {}
        }
        ",
    );
    let args = quote!(contract = "example:keyvalue", new = || MemoryKv::with_capacity(16));
    compare("provider_with_marked_methods", expand::capability_provider(args, item));
}

#[test]
fn link_values_of_a_struct() {
    let item = source(
        r#"
        /// How to reach the broker.
        struct Settings {
            /// The broker's host.
            host: String,
            #[value(default = 4222, range = 1..=65535)]
            port: u16,
            password: Option<Secret>,
            #[value(default = "30s", name = "WAIT")]
            timeout: Duration,
        }
        "#,
    );
    compare("link_values", expand::link_values(item));
}

/// A trait or an `impl` block with `count` operations of three arguments.
fn with_operations(count: usize, end: &str) -> TokenStream {
    let mut methods = String::new();
    for number in 0..count {
        let result = write!(
            methods,
            "/// Does something.
            #[op]
            fn operation_{number}(&self, cx: Cx<'_, Self>, key: String, value: Vec<Value>, expires: Option<i64>) -> OpResult<Response>{end}"
        );
        result.unwrap();
    }
    source(&methods)
}

/// What is left of an expansion where there is no feature `tokio`.
fn without_asynchronous(expanded: TokenStream) -> TokenStream {
    let mut file: syn::File = syn::parse2(expanded).unwrap();
    let is_asynchronous = |item: &syn::Item| match item {
        syn::Item::Macro(item) => item.mac.path.segments.last().unwrap().ident == "__asynchronous",
        _ => false,
    };
    assert_eq!(file.items.iter().filter(|item| is_asynchronous(item)).count(), 1);
    file.items.retain(|item| !is_asynchronous(item));
    quote!(#file)
}

/// How many lines each of ten more operations adds to `item`, and to what `expand` makes of it.
fn lines(
    item: impl Fn(usize) -> TokenStream,
    expand: impl Fn(TokenStream) -> TokenStream,
) -> (usize, usize) {
    let each = |tokens: &dyn Fn(usize) -> TokenStream| {
        let count = |operations| pretty(tokens(operations)).lines().count();
        (count(19) - count(9)) / 10
    };
    (each(&item), each(&|operations| expand(item(operations))))
}

#[test]
fn an_operation_costs_few_lines() {
    let contract = lines(
        |count| {
            let methods = with_operations(count, ";");
            quote!(pub trait KeyValue { #methods })
        },
        |item| expand::contract(quote!("example:keyvalue"), item),
    );
    let provider = lines(
        |count| {
            let methods = with_operations(count, "{}");
            quote!(impl MemoryKv { #methods })
        },
        |item| expand::capability_provider(quote!(contract = "example:keyvalue"), item),
    );
    let synchronous = lines(
        |count| {
            let methods = with_operations(count, ";");
            quote!(pub trait KeyValue { #methods })
        },
        |item| without_asynchronous(expand::contract(quote!("example:keyvalue"), item)),
    );
    for (what, (written, expanded), most) in [
        ("contract", synchronous, LINES_AN_OPERATION),
        ("contract in both forms", contract, LINES_AN_OPERATION),
        ("provider", provider, LINES_AN_OPERATION),
    ] {
        // Not counted: what the author wrote, which is emitted as it is (but for `#[op]`).
        let added = expanded - (written - 1);
        println!(
            "{what}: {written} lines an operation become {expanded}, of which {added} are ours"
        );
        assert!(added <= most, "{what}: {added} lines");
    }
}

#[test]
fn another_path_to_the_crate_is_used_everywhere() {
    let methods = with_operations(1, ";");
    let args = quote!("example:keyvalue", crate = kernel::sdk);
    let contract = expand::contract(args, quote!(trait KeyValue { #methods }));
    let methods = with_operations(1, "{}");
    let args = quote!(contract = "example:keyvalue", crate = kernel::sdk);
    let provider = expand::capability_provider(args, quote!(impl MemoryKv { #methods }));
    for tokens in [contract, provider] {
        let text = tokens.to_string();
        assert!(!text.contains("provider_core"), "{text}");
        assert!(text.contains("kernel :: sdk :: OpEntry"), "{text}");
    }
}

#[test]
fn a_mark_that_is_left_over_is_reported_and_its_item_kept() {
    let text = expand::op(quote!(
        fn get(&self) {}
    ))
    .to_string();
    assert!(text.starts_with("fn get (& self) { }"), "{text}");
    assert_eq!(text.matches("compile_error").count(), 1, "{text}");
}

#[test]
fn an_item_with_mistakes_is_emitted_all_the_same() {
    let item = quote! {
        trait KeyValue {
            #[op(nmae = "x")]
            fn get(&self, key: String) -> OpResult<()>;
            fn put(&self, cx: Cx<'_, Self>) -> OpResult<()>;
        }
    };
    let text = expand::contract(quote!("example:keyvalue"), item).to_string();
    assert_eq!(text.matches("compile_error").count(), 2, "{text}");
    // The mistaken operation stays in the trait; the other one has its entry and its client.
    assert!(text.contains("fn get (& self , key : String)") && !text.contains("nmae ="), "{text}");
    assert!(
        text.contains("OpEntry :: new (\"Put\"") && !text.contains("OpEntry :: new (\"Get\""),
        "{text}"
    );
    assert!(text.contains("struct KeyValueClient"), "{text}");
}
