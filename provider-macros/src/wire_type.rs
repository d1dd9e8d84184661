//! Types that cannot travel, as far as tokens tell. Of all others the compiler says so.

use proc_macro2::{Spacing, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{GenericArgument, Lifetime, Path, PathArguments, Type, TypeReference};

use crate::types::{mentions, ungroup};

/// Types of the standard library that own what they hold: a reference to one cannot be read from a
/// message, which holds no such thing.
const OWNED: [&str; 24] = [
    "Arc", "BTreeMap", "BTreeSet", "Box", "HashMap", "HashSet", "Option", "PathBuf", "Rc",
    "String", "Vec", "VecDeque", "bool", "char", "f32", "f64", "i16", "i32", "i64", "i8", "u16",
    "u32", "u64", "u8",
];

/// What is wrong with a type, and what to write instead.
pub(crate) struct Refused {
    pub(crate) message: String,
    pub(crate) help: Option<String>,
}

/// What is wrong with the type of an argument.
pub(crate) fn argument(ty: &Type) -> Option<Refused> {
    if let Some(message) = opaque(ty, "operation arguments") {
        return Some(Refused { message, help: None });
    }
    let Type::Reference(reference) = ungroup(ty) else { return None };
    let instead = owned(&reference.elem);
    let help = instead.map(|instead| match &*instead {
        "String" => "write `String` or `&str`".to_owned(),
        instead => format!("write `{instead}`"),
    });
    if reference.mutability.is_some() {
        let message = "an operation argument cannot be changed in place: it is read from a message";
        return Some(Refused { message: message.to_owned(), help });
    }
    (help.is_some() && !borrows_bytes(reference)).then(|| {
        let message = format!(
            "`{}` cannot be received: an argument is owned, or is a `&str` or `&[u8]` of the message",
            text(ty.to_token_stream())
        );
        Refused { message, help }
    })
}

/// What is wrong with the type of a reply.
pub(crate) fn reply(ty: &Type) -> Option<Refused> {
    opaque(ty, "an operation's reply").map(|message| Refused { message, help: None })
}

/// What to write for an argument whose size is not known. Where there is a body rustc says it.
pub(crate) fn of_no_size(ty: &Type) -> Option<Refused> {
    let ty = ungroup(ty);
    let help = match ty {
        Type::Slice(_) => owned(ty).map(|instead| format!("write `{instead}`")),
        Type::Path(path) if path.path.is_ident("str") => {
            Some("write `String` or `&str`".to_owned())
        }
        _ => return None,
    };
    let message = format!("`{}` has no size of its own", text(ty.to_token_stream()));
    Some(Refused { message, help })
}

/// Whether a lifetime is named that nobody declared, which rustc says.
pub(crate) fn has_unknown_lifetime(ty: &Type, declared: &[&Lifetime]) -> bool {
    fn unknown(tokens: TokenStream, declared: &[&Lifetime]) -> bool {
        let mut after_quote = false;
        tokens.into_iter().any(|token| {
            let was_after_quote = after_quote;
            after_quote = matches!(&token, TokenTree::Punct(punct) if punct.as_char() == '\'');
            match token {
                TokenTree::Ident(name) => {
                    was_after_quote
                        && name != "_"
                        && name != "static"
                        && !declared.iter().any(|one| one.ident == name)
                }
                TokenTree::Group(group) => unknown(group.stream(), declared),
                _ => false,
            }
        })
    }
    // `for<'a> fn(&'a u8)` declares its own.
    !mentions(ty.to_token_stream(), "for") && unknown(ty.to_token_stream(), declared)
}

/// The type in `Cx<'_, ..>`, unless it is `Self`.
pub(crate) fn other_than_self(cx: &Type) -> Option<&Type> {
    let Type::Path(path) = ungroup(cx) else { return None };
    generic_types(&path.path).find(
        |ty| !matches!(ungroup(ty), Type::Path(path) if path.qself.is_none() && path.path.is_ident("Self")),
    )
}

fn opaque(ty: &Type, place: &str) -> Option<String> {
    ["impl", "dyn"].into_iter().find(|keyword| mentions(ty.to_token_stream(), keyword)).map(
        |keyword| {
            format!(
                "`{keyword} Trait` is not allowed in {place}: the concrete type is the wire format"
            )
        },
    )
}

/// What owns the same, if that can be told.
fn owned(ty: &Type) -> Option<String> {
    match ungroup(ty) {
        Type::Slice(slice) => Some(format!("Vec<{}>", text(slice.elem.to_token_stream()))),
        Type::Path(path) if path.path.is_ident("str") => Some("String".to_owned()),
        Type::Path(path) => {
            let last = path.path.segments.last()?;
            OWNED.iter().any(|owned| last.ident == owned).then(|| text(path.to_token_stream()))
        }
        _ => None,
    }
}

/// `&str`, `&[u8]`.
fn borrows_bytes(reference: &TypeReference) -> bool {
    match ungroup(&reference.elem) {
        Type::Slice(slice) => {
            matches!(ungroup(&slice.elem), Type::Path(path) if path.path.is_ident("u8"))
        }
        Type::Path(path) => path.path.is_ident("str"),
        _ => false,
    }
}

fn generic_types(path: &Path) -> impl Iterator<Item = &Type> {
    let arguments = path.segments.last().and_then(|last| match &last.arguments {
        PathArguments::AngleBracketed(arguments) => Some(&arguments.args),
        _ => None,
    });
    arguments.into_iter().flatten().filter_map(|argument| match argument {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    })
}

/// Tokens as an author writes them: `Vec<&'a str>`.
pub(crate) fn text(tokens: TokenStream) -> String {
    let mut text = String::new();
    let mut word_before = false;
    for token in tokens {
        let word = matches!(token, TokenTree::Ident(_) | TokenTree::Literal(_));
        if word && word_before {
            text.push(' ');
        }
        match &token {
            TokenTree::Punct(comma) if comma.as_char() == ',' => text.push_str(", "),
            TokenTree::Punct(punct)
                if punct.as_char() == '|' && punct.spacing() == Spacing::Alone =>
            {
                text.push_str("| ");
            }
            TokenTree::Group(group) => {
                let [open, close] = match group.delimiter() {
                    proc_macro2::Delimiter::Parenthesis => ["(", ")"],
                    proc_macro2::Delimiter::Brace => [" { ", " }"],
                    proc_macro2::Delimiter::Bracket => ["[", "]"],
                    proc_macro2::Delimiter::None => ["", ""],
                };
                text.push_str(open);
                text.push_str(&self::text(group.stream()));
                text.push_str(close);
            }
            other => text.push_str(&other.to_string()),
        }
        word_before = word;
    }
    text
}

#[cfg(test)]
mod tests {
    use super::*;
    use syn::parse_quote;

    fn refused(ty: &Type) -> Option<(String, Option<String>)> {
        argument(ty).map(|refused| (refused.message, refused.help))
    }

    #[test]
    fn a_reference_to_what_owns_is_answered_with_what_owns() {
        for (ty, instead) in [
            (parse_quote!(&String), "write `String` or `&str`"),
            (parse_quote!(&'a std::vec::Vec<u8>), "write `std::vec::Vec<u8>`"),
            (parse_quote!(&[Vec<(u8, &'static str)>]), "write `Vec<Vec<(u8, &'static str)>>`"),
            (parse_quote!(&mut [u8]), "write `Vec<u8>`"),
            (parse_quote!(&mut str), "write `String` or `&str`"),
        ] {
            let (_, help) = refused(&ty).unwrap();
            assert_eq!(help.as_deref(), Some(instead));
        }
    }

    #[test]
    fn what_may_travel_is_let_pass() {
        for ty in [
            parse_quote!(&str),
            parse_quote!(&'a [u8]),
            parse_quote!((&str, u8)),
            parse_quote!(&Mine),
            parse_quote!(Implementation<dynamic>),
        ] {
            let ty: Type = ty;
            assert!(refused(&ty).is_none(), "{}", ty.to_token_stream());
        }
    }

    #[test]
    fn an_undeclared_lifetime_is_told_from_a_declared_one() {
        let declared: Lifetime = parse_quote!('a);
        let unknown = |ty: Type| has_unknown_lifetime(&ty, &[&declared]);
        assert!(unknown(parse_quote!(Vec<&'b str>)));
        assert!(!unknown(parse_quote!(Map<&'a str, &'static str, &'_ [u8]>)));
        assert!(!unknown(parse_quote!(for<'b> fn(&'b u8))));
    }
}
