//! Items with attributes of ours, from where they are written for people and for tests.

use std::{fs, path::PathBuf};

use proc_macro2::{Delimiter, Group, TokenStream, TokenTree};

use crate::expand;

/// An item with an attribute of ours.
pub(crate) struct Marked {
    pub(crate) attribute: &'static str,
    pub(crate) args: TokenStream,
    pub(crate) item: TokenStream,
}

const ATTRIBUTES: [&str; 3] = ["contract", "capability_provider", "derive"];

impl Marked {
    /// All in `tokens`, modules included.
    pub(crate) fn find(tokens: TokenStream) -> Vec<Self> {
        let tokens: Vec<TokenTree> = tokens.into_iter().collect();
        let mut found = Vec::new();
        for (index, token) in tokens.iter().enumerate() {
            let TokenTree::Group(group) = token else { continue };
            match group.delimiter() {
                Delimiter::Brace => found.extend(Self::find(group.stream())),
                Delimiter::Bracket => found.extend(Self::read(group, &tokens[index + 1..])),
                _ => {}
            }
        }
        found
    }

    /// The contents of an attribute, and what follows it.
    fn read(contents: &Group, rest: &[TokenTree]) -> Option<Self> {
        let mut contents = contents.stream().into_iter();
        let TokenTree::Ident(name) = contents.next()? else { return None };
        let attribute = ATTRIBUTES.into_iter().find(|attribute| name == attribute)?;
        let args = match contents.next() {
            Some(TokenTree::Group(args)) => args.stream(),
            _ => TokenStream::new(),
        };
        if attribute == "derive" && !args.to_string().contains("LinkValues") {
            return None;
        }
        let end = rest.iter().position(|token| {
            matches!(token, TokenTree::Group(group) if group.delimiter() == Delimiter::Brace)
        })?;
        Some(Self { attribute, args, item: rest[..=end].iter().cloned().collect() })
    }

    pub(crate) fn expand(&self, args: TokenStream, item: TokenStream) -> TokenStream {
        match self.attribute {
            "contract" => expand::contract(args, item),
            "capability_provider" => expand::capability_provider(args, item),
            _ => expand::link_values(item),
        }
    }
}

/// The first block of Rust in a page.
pub(crate) fn example(page: &str) -> TokenStream {
    let page = fs::read_to_string(page).unwrap();
    let (_, block) = page.split_once("```rust").unwrap();
    let (_, block) = block.split_once('\n').unwrap();
    let (block, _) = block.split_once("```").unwrap();
    block.parse().unwrap()
}

/// All in the suites, right and wrong.
pub(crate) fn in_the_suites() -> Vec<Marked> {
    let mut folders = vec![PathBuf::from("tests/ui"), PathBuf::from("tests/pass")];
    let mut found = Vec::new();
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            if path.is_dir() {
                folders.push(path);
            } else if let Ok(tokens) = fs::read_to_string(&path).unwrap().parse() {
                found.extend(Marked::find(tokens));
            }
        }
    }
    found
}
