//! Where the tokens of an expansion are in the source. The compiler's messages, and an editor's hovers,
//! renames and jumps, are about these places.

use proc_macro2::{LineColumn, Span, TokenStream, TokenTree};

use crate::items::{Marked, example, in_the_suites};

/// A token and where it is.
#[derive(Debug, Clone, PartialEq)]
struct Placed {
    text: String,
    start: LineColumn,
    end: LineColumn,
}

/// Every token, also those in groups, whose delimiters are two.
fn placed(tokens: TokenStream) -> Vec<Placed> {
    fn place(text: &str, span: Span) -> Placed {
        Placed { text: text.to_owned(), start: span.start(), end: span.end() }
    }
    let mut all = Vec::new();
    for token in tokens {
        match token {
            TokenTree::Group(group) => {
                all.push(place("open", group.span_open()));
                all.extend(placed(group.stream()));
                all.push(place("close", group.span_close()));
            }
            other => all.push(place(&other.to_string(), other.span())),
        }
    }
    all
}

/// What is there only because a macro was called.
fn nowhere() -> (LineColumn, LineColumn) {
    (Span::call_site().start(), Span::call_site().end())
}

fn expanded(marked: &Marked) -> Vec<Placed> {
    placed(marked.expand(marked.args.clone(), marked.item.clone()))
}

fn of_the_readme() -> Vec<Marked> {
    Marked::find(example("../README.md"))
}

/// So that all that an editor knows of an ordinary implementation it knows of this one: where a method
/// is declared, which are missing, what `cx` is.
#[test]
fn the_implementation_of_a_contract_is_emitted_token_for_token_where_it_was() {
    let mut seen = 0;
    for marked in of_the_readme().iter().chain(&in_the_suites()) {
        let text = marked.item.to_string();
        let has_marks = text.contains("# [op");
        // It is refused, and what stands in for it is emitted.
        let is_refused = text.contains("async fn") && !text.contains("Async for");
        if marked.attribute == "capability_provider" && !has_marks && !is_refused {
            let item = placed(marked.item.clone());
            assert_eq!(expanded(marked)[..item.len()], item);
            seen += 1;
        }
    }
    assert!(seen > 20, "only {seen} implementations");
}

/// A contract's trait gets a supertrait and a hidden constant; all that its author wrote is there, in its
/// order and its place.
#[test]
fn every_token_of_a_contract_keeps_its_place() {
    let contract =
        of_the_readme().into_iter().find(|marked| marked.attribute == "contract").unwrap();
    let mut emitted = expanded(&contract).into_iter();
    for token in placed(contract.item.clone()) {
        // A group that something is added to forgets where its two braces are.
        if token.text != "open" && token.text != "close" {
            assert!(emitted.any(|other| other == token), "{token:?} is lost");
        }
    }
}

/// Whatever is made of an item is either nowhere or at something that its author wrote.
#[test]
fn what_is_added_is_at_something_that_the_author_wrote() {
    let (readme, suites) = (of_the_readme(), in_the_suites());
    // A derived constant has numbers of its own.
    for marked in readme.iter().chain(&suites).filter(|marked| marked.attribute != "derive") {
        let written: Vec<Placed> =
            placed(marked.item.clone()).into_iter().chain(placed(marked.args.clone())).collect();
        let inside = |start| written.iter().any(|token| token.start <= start && start < token.end);
        for token in expanded(marked) {
            // The lines of our own documentation are texts that `quote` reads.
            let is_nowhere = (token.start, token.end) == nowhere() || token.text.starts_with("r\"");
            assert!(is_nowhere || inside(token.start), "{token:?} in {}", marked.item);
        }
    }
}

/// A type is checked where it is received and where it is sent: both at the type.
#[test]
fn what_is_said_of_an_argument_and_a_reply_is_said_at_its_type() {
    let contract: TokenStream =
        "#[contract(\"a:b\")] trait Kv { fn get(&self, cx: Cx<'_, Self>, key: Key) -> OpResult<Reply>; }"
            .parse()
            .unwrap();
    let contract = Marked::find(contract).remove(0);
    let at = |name: &str| {
        let all = placed(contract.item.clone());
        all.into_iter().find(|token| token.text == name).unwrap().start
    };
    let emitted = expanded(&contract);
    let place_of = |name: &str| {
        let found: Vec<_> = (emitted.iter())
            // What is imported by that name is nowhere.
            .filter(|token| token.text == name && (token.start, token.end) != nowhere())
            .map(|token| token.start)
            .collect();
        assert!(!found.is_empty(), "there is no `{name}`");
        found
    };
    // Once in each form of the contract.
    assert_eq!(place_of("argument"), [at("Key"), at("Key")]);
    let passed = emitted.windows(2).filter(|two| two[0].text == "&" && two[1].text == "key");
    assert_eq!(passed.map(|two| two[1].start).collect::<Vec<_>>(), [at("Key")]);
    assert_eq!(place_of("respond"), [at("OpResult"), at("OpResult")]);
    assert_eq!(place_of("ask"), [at("OpResult")]);
}
