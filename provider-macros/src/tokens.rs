//! Questions about tokens that are asked before `syn` reads them.

use proc_macro2::{Delimiter, Group, Spacing, TokenStream, TokenTree};

/// Counts `<` and `>` in a signature, where they are brackets.
#[derive(Default)]
pub(crate) struct Angles {
    depth: usize,
    after_dash: bool,
}

impl Angles {
    pub(crate) fn pass(&mut self, token: &TokenTree) {
        if is_punct(token, '<') {
            self.depth += 1;
        } else if is_punct(token, '>') && !self.after_dash {
            self.depth = self.depth.saturating_sub(1);
        }
        self.after_dash = matches!(token, TokenTree::Punct(punct)
            if punct.as_char() == '-' && punct.spacing() == Spacing::Joint);
    }

    pub(crate) fn outside(&self) -> bool {
        self.depth == 0
    }
}

/// Whether an attribute's path is `name`, or is `name` inside `provider_core`.
pub(crate) fn is_named(attribute: TokenStream, name: &str) -> bool {
    let path: Vec<_> = ungroup(attribute)
        .into_iter()
        .map_while(|token| match token {
            TokenTree::Ident(ident) => Some(Some(ident)),
            TokenTree::Punct(colon) if colon.as_char() == ':' => Some(None),
            _ => None,
        })
        .flatten()
        .collect();
    match &*path {
        [] => false,
        [only] => only == name,
        [first, .., last] => last == name && first == "provider_core",
    }
}

/// What invisible delimiters around everything hide: `macro_rules!` leaves them around `$item`.
pub(crate) fn ungroup(tokens: TokenStream) -> TokenStream {
    let mut rest = tokens.clone().into_iter();
    match (rest.next(), rest.next()) {
        (Some(TokenTree::Group(group)), None) if group.delimiter() == Delimiter::None => {
            ungroup(group.stream())
        }
        (Some(TokenTree::Group(group)), Some(_)) if group.delimiter() == Delimiter::None => {
            // A path that is followed by arguments.
            group.stream().into_iter().chain(tokens.into_iter().skip(1)).collect()
        }
        _ => tokens,
    }
}

pub(crate) fn regroup(group: &Group, contents: TokenStream) -> Group {
    let mut regrouped = Group::new(group.delimiter(), contents);
    regrouped.set_span(group.span());
    regrouped
}

pub(crate) fn is_body(group: &Group) -> bool {
    match group.delimiter() {
        Delimiter::Brace => true,
        Delimiter::None => {
            let mut inside = group.stream().into_iter();
            matches!((inside.next(), inside.next()), (Some(TokenTree::Group(group)), None) if is_body(&group))
        }
        _ => false,
    }
}

pub(crate) fn is_parens(group: &Group) -> bool {
    group.delimiter() == Delimiter::Parenthesis
}

pub(crate) fn is_group(token: &TokenTree, delimiter: Delimiter) -> bool {
    matches!(token, TokenTree::Group(group) if group.delimiter() == delimiter)
}

pub(crate) fn is_ident(token: &TokenTree, name: &str) -> bool {
    matches!(token, TokenTree::Ident(ident) if ident == name)
}

pub(crate) fn is_punct(token: &TokenTree, character: char) -> bool {
    matches!(token, TokenTree::Punct(punct) if punct.as_char() == character)
}
