//! An item without its function bodies and without our attributes.
//!
//! `syn` reads the skeleton only: what is being typed inside a body is none of our business, and an
//! unfinished line there must cost rustc's own error and nothing else. What is emitted are the
//! author's own tokens, less our attributes.

use proc_macro2::{Delimiter, Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote};

use crate::{
    body::Split,
    tokens::{Angles, is_group, is_ident, is_named, is_punct, regroup, ungroup},
};

const AN_IMPL_BLOCK: &str = "an `impl` block";
const A_TRAIT: &str = "a trait";

/// An item, split at its braces.
pub(crate) struct Skeleton {
    kind: &'static str,
    /// For `syn`: whole, but with empty function bodies.
    bare: TokenStream,
    /// For the output: what stands before the braces.
    header: TokenStream,
    /// For the output: the braces, without our attributes in them.
    body: Option<Group>,
    /// Our attributes that stood in the braces.
    marks: Vec<TokenStream>,
}

impl Skeleton {
    pub(crate) fn new(item: TokenStream) -> Self {
        let item = ungroup(item);
        let kind = kind(&item);
        let mut header: Vec<_> = item.into_iter().collect();
        let mut bare: TokenStream = header.iter().cloned().collect();
        let mut body = None;
        let mut marks = Vec::new();
        if let Some(TokenTree::Group(group)) =
            header.pop_if(|last| is_group(last, Delimiter::Brace))
        {
            let split = Split::new(group.stream(), in_place_of_op(kind));
            bare = header.iter().cloned().chain([regroup(&group, split.bare).into()]).collect();
            // A group that is built anew forgets where its two braces are.
            body = Some(if split.marks.is_empty() { group } else { regroup(&group, split.kept) });
            marks = split.marks;
        }
        Self { kind, bare, header: header.into_iter().collect(), body, marks }
    }

    /// What kind of item it is, with its article: `an impl block`, `a trait`, `a type`, ...
    pub(crate) fn kind(&self) -> &'static str {
        self.kind
    }

    pub(crate) fn is_impl(&self) -> bool {
        self.kind == AN_IMPL_BLOCK
    }

    pub(crate) fn is_trait(&self) -> bool {
        self.kind == A_TRAIT
    }

    /// Where the attribute on the item is, for an error about the attribute itself. It counts as
    /// the author's own text, so that the compiler does not add where the error comes from.
    pub(crate) fn attribute(&self) -> Span {
        let attribute = Span::call_site();
        let first = self.bare.clone().into_iter().next();
        first.map_or(attribute, |first| attribute.resolved_at(first.span()))
    }

    /// What stands in the braces, for `syn`.
    pub(crate) fn contents(&self) -> TokenStream {
        match self.bare.clone().into_iter().last() {
            Some(TokenTree::Group(body)) if self.body.is_some() => body.stream(),
            _ => TokenStream::new(),
        }
    }

    /// What stands in the braces, one token stream for each member. The last may be unfinished.
    pub(crate) fn members(&self) -> Vec<TokenStream> {
        let mut members = vec![TokenStream::new()];
        let mut angles = Angles::default();
        for token in self.contents() {
            angles.pass(&token);
            let ends =
                is_punct(&token, ';') || (angles.outside() && is_group(&token, Delimiter::Brace));
            members.last_mut().expect("there is one").extend([token]);
            if ends {
                members.push(TokenStream::new());
                angles = Angles::default();
            }
        }
        members.retain(|member| !member.is_empty());
        members
    }

    /// The attribute `name` on the item, if it is there once more.
    pub(crate) fn again(&self, name: &str) -> Option<TokenStream> {
        let header: Vec<_> = self.header.clone().into_iter().collect();
        header.windows(2).find_map(|tokens| match tokens {
            [pound, TokenTree::Group(group)]
                if is_punct(pound, '#')
                    && group.delimiter() == Delimiter::Bracket
                    && is_named(group.stream(), name) =>
            {
                Some(tokens.iter().cloned().collect())
            }
            _ => None,
        })
    }

    /// What `syn` reads.
    pub(crate) fn bare(&self) -> TokenStream {
        self.bare.clone()
    }

    /// What `syn` reads if nothing in the braces matters.
    pub(crate) fn bare_header(&self) -> TokenStream {
        let mut bare = self.header.clone();
        if let Some(body) = &self.body {
            bare.extend([TokenTree::from(regroup(body, TokenStream::new()))]);
        }
        bare
    }

    /// Our attributes on what stands in the braces.
    pub(crate) fn marks(&self) -> &[TokenStream] {
        &self.marks
    }

    /// The trait with one more supertrait and one more item.
    pub(crate) fn extended(&self, supertrait: &TokenStream, item: &TokenStream) -> TokenStream {
        let mut header = TokenStream::new();
        let mut rest = self.header.clone().into_iter().peekable();
        let mut angles = Angles::default();
        let mut named = false;
        while let Some(next) = rest.peek() {
            angles.pass(next);
            named |= is_ident(next, "trait");
            if named && angles.outside() && (is_punct(next, ':') || is_ident(next, "where")) {
                break;
            }
            header.extend(rest.next());
        }
        header.extend(quote!(: #supertrait));
        if rest.next_if(|next| is_punct(next, ':')).is_some() {
            header.extend(quote!(+));
        }
        header.extend(rest);
        if let Some(body) = &self.body {
            let mut items = body.stream();
            items.extend(item.clone());
            header.extend([TokenTree::from(regroup(body, items))]);
        }
        header
    }
}

impl ToTokens for Skeleton {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        self.header.to_tokens(tokens);
        self.body.to_tokens(tokens);
    }
}

/// The signature of a method that is an operation is our wish and not its author's choice, so what
/// clippy has to say about it is not for the author. Methods of traits it leaves alone anyway.
fn in_place_of_op(kind: &str) -> TokenStream {
    if kind != AN_IMPL_BLOCK {
        return TokenStream::new();
    }
    quote! {
        #[allow(clippy::needless_pass_by_value, clippy::unnecessary_wraps, clippy::unused_self)]
    }
}

fn kind(item: &TokenStream) -> &'static str {
    const KINDS: [(&str, &str); 11] = [
        ("impl", AN_IMPL_BLOCK),
        ("trait", A_TRAIT),
        ("struct", "a type"),
        ("enum", "a type"),
        ("union", "a type"),
        ("type", "a type"),
        ("mod", "a module"),
        ("fn", "a function"),
        ("static", "a static"),
        ("use", "an import"),
        ("macro_rules", "a macro"),
    ];
    item.clone()
        .into_iter()
        .find_map(|token| KINDS.iter().find(|(keyword, _)| is_ident(&token, keyword)))
        .map_or("this item", |(_, kind)| kind)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(item: TokenStream, bare: &TokenStream, emitted: &TokenStream) {
        let skeleton = Skeleton::new(item);
        assert_eq!(skeleton.bare().to_string(), bare.to_string());
        assert_eq!(skeleton.to_token_stream().to_string(), emitted.to_string());
    }

    #[test]
    fn bodies_are_for_the_compiler_and_our_attributes_for_us() {
        check(
            quote! { impl A { #[doc = "x"] #[op(name = "G")] fn get(&self, #[arg(name = "k")] key: K) { cx. } } },
            &quote! { impl A { #[doc = "x"] #[op(name = "G")] fn get(&self, #[arg(name = "k")] key: K) {} } },
            &quote! {
                impl A {
                    #[doc = "x"]
                    #[allow(clippy::needless_pass_by_value, clippy::unnecessary_wraps, clippy::unused_self)]
                    fn get(&self, key: K) { cx. }
                }
            },
        );
    }

    #[test]
    fn braces_inside_a_type_are_no_body() {
        let item = quote! { impl A { fn get(&self, f: fn(u8) -> u8) -> Wide<{ 1 + 2 }> { 1 } } };
        let bare = quote! { impl A { fn get(&self, f: fn(u8) -> u8) -> Wide<{ 1 + 2 }> {} } };
        check(item.clone(), &bare, &item);
    }

    #[test]
    fn the_attributes_of_others_stay() {
        let item = quote! { impl A { #[other::op] #[oper] fn get() {} const F: fn(u8) = f; } };
        check(item.clone(), &item, &item);
        assert!(is_named(quote!(provider_core::prelude::op(unary)), "op"));
        assert!(is_named(quote!(::provider_core::op), "op"));
    }

    #[test]
    fn a_supertrait_is_added_with_and_without_others() {
        let extend = |item| {
            Skeleton::new(item)
                .extended(
                    &quote!(P),
                    &quote!(
                        const X: u8;
                    ),
                )
                .to_string()
        };
        assert_eq!(
            extend(quote! { #[a(b: c)] pub trait T { fn f(); } }),
            quote! { #[a(b: c)] pub trait T: P { fn f(); const X: u8; } }.to_string()
        );
        assert_eq!(
            extend(quote! { trait T: a::B where Self: C {} }),
            quote! { trait T: P + a::B where Self: C { const X: u8; } }.to_string()
        );
        assert_eq!(
            extend(quote! { trait T where Self: C {} }),
            quote! { trait T: P where Self: C { const X: u8; } }.to_string()
        );
        assert_eq!(
            extend(quote! { trait T<X: Y> {} }),
            quote! { trait T<X: Y>: P { const X: u8; } }.to_string()
        );
    }

    #[test]
    fn kinds_are_told_apart() {
        for (item, kind) in [
            (quote!(pub(crate) unsafe impl A {}), "an `impl` block"),
            (
                quote!(
                    #[a(fn)]
                    pub const fn f() -> impl A {}
                ),
                "a function",
            ),
            (
                quote!(
                    pub struct S;
                ),
                "a type",
            ),
            (
                quote!(
                    const C: u8 = 1;
                ),
                "this item",
            ),
        ] {
            assert_eq!(Skeleton::new(item).kind(), kind);
        }
    }
}
