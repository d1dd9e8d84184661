//! What is being typed. An editor runs the macros after every key, and rustc on whatever it could
//! make sense of, so the macros see every beginning of an item, with the open braces closed.
//!
//! They never panic, and add no error to rustc's own about the syntax.

use proc_macro2::{Group, TokenStream, TokenTree};

use crate::items::{Marked, example, in_the_suites};

/// Every beginning of `tokens`, groups that are open closed.
fn beginnings(tokens: TokenStream) -> Vec<TokenStream> {
    let mut all = vec![TokenStream::new()];
    let mut before = TokenStream::new();
    for token in tokens {
        if let TokenTree::Group(group) = &token {
            for inside in beginnings(group.stream()) {
                let mut beginning = before.clone();
                let mut closed = Group::new(group.delimiter(), inside);
                closed.set_span(group.span());
                beginning.extend([TokenTree::from(closed)]);
                all.push(beginning);
            }
        } else {
            let mut beginning = before.clone();
            beginning.extend([token.clone()]);
            all.push(beginning);
        }
        before.extend([token]);
    }
    all
}

/// `tokens` without one of them, for each of them.
fn omissions(tokens: TokenStream) -> Vec<TokenStream> {
    let tokens: Vec<TokenTree> = tokens.into_iter().collect();
    let mut all = Vec::new();
    for (index, token) in tokens.iter().enumerate() {
        let replaced = |by: Option<TokenTree>| -> TokenStream {
            let (before, after) = (&tokens[..index], &tokens[index + 1..]);
            before.iter().cloned().chain(by).chain(after.iter().cloned()).collect()
        };
        all.push(replaced(None));
        if let TokenTree::Group(group) = token {
            for inside in omissions(group.stream()) {
                all.push(replaced(Some(Group::new(group.delimiter(), inside).into())));
            }
        }
    }
    all
}

fn errors(expanded: &TokenStream) -> usize {
    expanded.to_string().matches("compile_error").count()
}

fn is_syntax_error(item: &TokenStream) -> bool {
    syn::parse2::<syn::Item>(item.clone()).is_err()
}

#[test]
fn an_example_costs_rustcs_syntax_error_and_no_other_whatever_is_typed_of_it() {
    let marked = Marked::find(example("../README.md"));
    assert_eq!(marked.len(), 3, "the README's contract, link values and provider");
    let (mut broken, mut whole) = (0, 0);
    for marked in &marked {
        let expanded = marked.expand(marked.args.clone(), marked.item.clone());
        assert_eq!(errors(&expanded), 0, "{expanded}");
        let item = || marked.item.clone();
        for half in beginnings(item()).into_iter().chain(omissions(item())) {
            let expanded = marked.expand(marked.args.clone(), half.clone());
            let found = errors(&expanded);
            if is_syntax_error(&half) {
                broken += 1;
                assert_eq!(found, 0, "`{half}` becomes\n{expanded}");
            } else {
                whole += 1;
                assert!(found <= 1, "`{half}` becomes\n{expanded}");
            }
        }
    }
    assert!(broken > 100 && whole > 25, "{broken} unfinished items and {whole} others");
}

#[test]
fn options_that_are_being_typed_cost_one_error() {
    let marked = Marked::find(
        r#"
        #[contract("example:kv", version = "0.2", crate = a::b)]
        trait KeyValue { fn get(&self, cx: Cx<'_, Self>) -> OpResult<()>; }
        #[capability_provider(contract = "example:kv", new = || Kv::new(1, 2), crate = a::b)]
        impl Kv { #[op] fn get(&self, cx: Cx<'_, Self>) -> OpResult<()> {} }
        "#
        .parse()
        .unwrap(),
    );
    for marked in &marked {
        for half in beginnings(marked.args.clone()) {
            let expanded = marked.expand(half.clone(), marked.item.clone());
            assert!(errors(&expanded) <= 1, "`{half}` becomes\n{expanded}");
        }
    }
}

/// Every item that the suites have, right and wrong, from its first token on.
#[test]
fn nothing_that_is_typed_makes_a_macro_panic() {
    let mut count = 0;
    for marked in in_the_suites() {
        for half in beginnings(marked.item.clone()) {
            drop(marked.expand(marked.args.clone(), half));
            count += 1;
        }
        for half in beginnings(marked.args.clone()) {
            drop(marked.expand(half, marked.item.clone()));
            count += 1;
        }
    }
    assert!(count > 5000, "only {count} beginnings");
}
