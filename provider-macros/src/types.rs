//! What can be told of a type by its tokens alone.

use proc_macro2::{Group, Ident, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericArgument, Lifetime, PathArguments, Type};

use crate::symbol;

/// The `T` of `Result<T, E>`, `Result<T>` and `OpResult<T>`. An alias of another name hides it.
pub(crate) fn reply(output: &Type) -> Option<&Type> {
    let Type::Path(path) = ungroup(output) else { return None };
    let last = path.path.segments.last()?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(reply) if last.ident == "Result" || last.ident == "OpResult" => {
            Some(reply)
        }
        _ => None,
    }
}

/// `Cx<..>`, or a reference to one.
pub(crate) fn is_context(ty: &Type) -> bool {
    match ungroup(ty) {
        Type::Reference(ty) => is_context(&ty.elem),
        ty => is_path(ty, symbol::CX),
    }
}

/// Whether a path ends in `name`.
pub(crate) fn is_path(ty: &Type, name: &str) -> bool {
    matches!(ungroup(ty), Type::Path(path) if path.path.segments.last().is_some_and(|last| last.ident == name))
}

/// The type that parentheses, or the invisible ones of `macro_rules!`, hide.
pub(crate) fn ungroup(ty: &Type) -> &Type {
    match ty {
        Type::Group(group) => ungroup(&group.elem),
        Type::Paren(paren) => ungroup(&paren.elem),
        other => other,
    }
}

/// Whether `name` is among the tokens.
pub(crate) fn mentions(tokens: TokenStream, name: &str) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Ident(ident) => ident == name,
        TokenTree::Group(group) => mentions(group.stream(), name),
        _ => false,
    })
}

/// Whether there is a reference or a lifetime among the tokens.
pub(crate) fn borrows(tokens: TokenStream) -> bool {
    tokens.into_iter().any(|token| match token {
        TokenTree::Punct(punct) => matches!(punct.as_char(), '&' | '\''),
        TokenTree::Group(group) => borrows(group.stream()),
        _ => false,
    })
}

/// `ty` with `'_` for the method's own lifetimes, which only its signature can name.
pub(crate) fn elided(ty: &Type, lifetimes: &[&Lifetime]) -> Type {
    fn walk(tokens: TokenStream, lifetimes: &[&Lifetime]) -> TokenStream {
        let mut after_quote = false;
        tokens
            .into_iter()
            .map(|token| {
                let was_after_quote = after_quote;
                after_quote = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '\'');
                match token {
                    TokenTree::Ident(name)
                        if was_after_quote && lifetimes.iter().any(|one| one.ident == name) =>
                    {
                        Ident::new("_", name.span()).into()
                    }
                    TokenTree::Group(group) => {
                        let mut walked =
                            Group::new(group.delimiter(), walk(group.stream(), lifetimes));
                        walked.set_span(group.span());
                        walked.into()
                    }
                    other => other,
                }
            })
            .collect()
    }
    if lifetimes.is_empty() {
        return ty.clone();
    }
    syn::parse2(walk(ty.to_token_stream(), lifetimes)).unwrap_or_else(|_| ty.clone())
}
