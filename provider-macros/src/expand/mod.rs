//! From what we know of an item to what is emitted beside it.
//!
//! Whatever is emitted about a type of the author's carries that type's span, so that the compiler
//! points there and not at the attribute.

mod asynchronous;
mod client;
mod contract;
mod link_values;
mod provider;
mod table;

use proc_macro2::{Group, Span, TokenStream, TokenTree};
use quote::{ToTokens, quote, quote_spanned};
use syn::{Item, Path};

use crate::{
    check,
    errors::Errors,
    link_values as read_link_values,
    options::{ContractOptions, ProviderOptions},
    parse,
    skeleton::Skeleton,
    symbol,
};

/// `#[capability_provider(args)] item`.
pub(crate) fn capability_provider(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let skeleton = Skeleton::new(item);
    let mut emitted = skeleton.to_token_stream();
    if let Some(again) = skeleton.again(symbol::CAPABILITY_PROVIDER) {
        errors.at(again, "duplicate attribute `#[capability_provider]`");
    } else if skeleton.is_impl() {
        let options = ProviderOptions::parse(args, &mut errors);
        if let Some(provider) = parse::provider(&skeleton, &options, &mut errors) {
            check::provider(&provider, &mut errors);
            let core = Core(options.core);
            if let Some(corrected) = parse::as_synchronous(&skeleton) {
                emitted = corrected;
            }
            emitted.extend(provider::expand(&provider, &options.new, &core));
        }
    } else {
        misplaced(symbol::CAPABILITY_PROVIDER, "an `impl` block", &skeleton, &mut errors);
    }
    emitted.extend(errors.finish());
    emitted
}

/// `#[contract(args)] item`.
pub(crate) fn contract(args: TokenStream, item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let skeleton = Skeleton::new(item);
    let mut emitted = None;
    if let Some(again) = skeleton.again(symbol::CONTRACT) {
        errors.at(again, "duplicate attribute `#[contract]`");
    } else if skeleton.is_trait() {
        let options = ContractOptions::parse(args, &mut errors);
        if let Some(contract) = parse::contract(&skeleton, &options, &mut errors) {
            check::contract(&contract, &mut errors);
            let core = Core(options.core);
            let mut expanded = contract::expand(&contract, &skeleton, &core);
            expanded.extend(client::expand(&contract, &core));
            expanded.extend(asynchronous::expand(&contract, &core));
            emitted = Some(expanded);
        }
    } else {
        misplaced(symbol::CONTRACT, "a trait", &skeleton, &mut errors);
    }
    let mut emitted = emitted.unwrap_or_else(|| skeleton.to_token_stream());
    emitted.extend(errors.finish());
    emitted
}

/// `#[op]` that no outer attribute took away.
pub(crate) fn op(item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let skeleton = Skeleton::new(item.clone());
    errors.at_span(
        skeleton.attribute(),
        "`#[op]` only has meaning inside a `#[capability_provider]` impl block or a `#[contract]` trait",
    );
    let mut emitted = item;
    emitted.extend(errors.finish());
    emitted
}

/// `#[derive(LinkValues)] item`.
pub(crate) fn link_values(item: TokenStream) -> TokenStream {
    let mut errors = Errors::new();
    let Some(values) = read_link_values::read(item, &mut errors) else { return errors.finish() };
    check::link_values(&values, &mut errors);
    let sound = errors.count() == 0;
    let mut emitted = link_values::expand(&values, sound);
    emitted.extend(errors.finish());
    emitted
}

fn misplaced(attribute: &str, place: &str, found: &Skeleton, errors: &mut Errors) {
    match syn::parse2::<Item>(found.bare()) {
        Ok(_) => errors.at_span(
            found.attribute(),
            format_args!("`#[{attribute}]` goes on {place}, not on {}", found.kind()),
        ),
        // Nobody knows yet what it will be.
        Err(error) => errors.unread(error),
    }
}

/// Where `provider_core` is.
struct Core(Option<Path>);

impl Core {
    /// Its path, as if it was written at `span`.
    fn at(&self, span: Span) -> TokenStream {
        match &self.0 {
            None => quote_spanned!(span=> ::provider_core),
            Some(path) => respanned(path.to_token_stream(), span),
        }
    }
}

impl ToTokens for Core {
    fn to_tokens(&self, tokens: &mut TokenStream) {
        tokens.extend(match &self.0 {
            None => quote!(::provider_core),
            Some(path) => path.to_token_stream(),
        });
    }
}

fn respanned(tokens: TokenStream, span: Span) -> TokenStream {
    tokens
        .into_iter()
        .map(|token| match token {
            TokenTree::Group(group) => {
                let mut moved = Group::new(group.delimiter(), respanned(group.stream(), span));
                moved.set_span(span);
                moved.into()
            }
            mut other => {
                other.set_span(span.resolved_at(other.span()));
                other
            }
        })
        .collect()
}

/// The spans of the first and the last token. Something that begins at the one and ends at the other
/// is underlined from end to end.
fn ends(tokens: &impl ToTokens) -> (Span, Span) {
    let mut all = tokens.to_token_stream().into_iter();
    let first = all.next().map_or_else(Span::call_site, |token| token.span());
    (first, all.last().map_or(first, |token| token.span()))
}
