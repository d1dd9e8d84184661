//! Collects what is wrong with an item, so that a macro call reports all of it at once.

use std::{fmt::Display, thread};

use proc_macro2::{Span, TokenStream};
use quote::{ToTokens, quote_spanned};
use syn::Type;

use crate::wire_type::Refused;

/// The errors of one macro call.
///
/// Dropping it without [`finish`](Self::finish) is a bug: errors would be lost.
pub(crate) struct Errors {
    list: Option<Vec<(Position, syn::Error)>>,
    /// What `syn` cannot read.
    unread: Option<syn::Error>,
}

/// Line and column; equal for all where there is no compiler to ask.
type Position = (usize, usize);

impl Errors {
    pub(crate) fn new() -> Self {
        Self { list: Some(Vec::new()), unread: None }
    }

    /// `message` at all of `tokens`.
    pub(crate) fn at(&mut self, tokens: impl ToTokens, message: impl Display) {
        self.push(syn::Error::new_spanned(tokens, message));
    }

    /// `message` at all of `tokens`, and below it what to write instead.
    pub(crate) fn with_help(
        &mut self,
        tokens: impl ToTokens,
        message: impl Display,
        help: impl Display,
    ) {
        self.at(tokens, format_args!("{message}\nhelp: {help}"));
    }

    /// A type that cannot travel.
    pub(crate) fn refuse(&mut self, ty: &Type, refused: Refused) {
        match refused.help {
            Some(help) => self.with_help(ty, refused.message, help),
            None => self.at(ty, refused.message),
        }
    }

    /// `message` at `span`, for what has no tokens: the attribute itself.
    pub(crate) fn at_span(&mut self, span: Span, message: impl Display) {
        self.push(syn::Error::new(span, message));
    }

    /// Takes over what `syn` found.
    pub(crate) fn push(&mut self, error: syn::Error) {
        if let Some(list) = &mut self.list {
            list.push((position(error.span()), error));
        }
    }

    /// Something cannot be read. The compiler read it before us, so it has said what is wrong, and once
    /// is enough. Should it ever understand what we do not, then this is an error after all.
    pub(crate) fn unread(&mut self, error: syn::Error) {
        self.unread.get_or_insert(error);
    }

    /// How many there are by now.
    pub(crate) fn count(&self) -> usize {
        self.list.as_ref().map_or(0, Vec::len)
    }

    /// The tokens that make the compiler report everything, in source order.
    pub(crate) fn finish(mut self) -> TokenStream {
        let mut list = self.list.take().unwrap_or_default();
        list.sort_by_key(|(position, _)| *position);
        let unread = self.unread.take();
        list.iter()
            .map(|(_, error)| error.to_compile_error())
            .chain(unread.iter().map(unless_there_are_others))
            .collect()
    }
}

/// An error that is reported if the compiler finds nothing else: it looks for results that are not used
/// at the very end.
fn unless_there_are_others(error: &syn::Error) -> TokenStream {
    let message = error.to_string();
    quote_spanned! {error.span()=>
        #[allow(dead_code)]
        #[deny(unused_must_use)]
        const _: () = {
            #[must_use = #message]
            struct Syntax;
            fn syntax_that_the_attribute_does_not_know() -> Syntax {
                Syntax
            }
            fn unused() {
                syntax_that_the_attribute_does_not_know();
            }
        };
    }
}

impl Drop for Errors {
    fn drop(&mut self) {
        assert!(
            self.list.is_none() || thread::panicking(),
            "errors were collected and not reported"
        );
    }
}

fn position(span: Span) -> Position {
    if !proc_macro::is_available() {
        return (0, 0);
    }
    let start = span.unwrap().start();
    (start.line(), start.column())
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    #[test]
    fn every_error_is_reported_and_help_stands_on_its_own_line() {
        let mut errors = Errors::new();
        errors.at(quote!(a), "first");
        errors.with_help(quote!(b), "second", "write c");
        assert_eq!(errors.count(), 2);
        let tokens = errors.finish().to_string();
        assert!(
            tokens.contains("\"first\"") && tokens.contains(r#""second\nhelp: write c""#),
            "{tokens}"
        );
    }

    #[test]
    fn what_cannot_be_read_costs_no_error_of_its_own() {
        let mut errors = Errors::new();
        errors.unread(syn::Error::new(Span::call_site(), "expected `:`"));
        errors.unread(syn::Error::new(Span::call_site(), "expected `,`"));
        let tokens = errors.finish().to_string();
        assert!(!tokens.contains("compile_error"), "{tokens}");
        assert!(tokens.contains("must_use = \"expected `:`\""), "{tokens}");
        assert!(!tokens.contains("expected `,`"), "{tokens}");
    }

    #[test]
    #[should_panic(expected = "not reported")]
    fn dropping_errors_unreported_is_a_bug() {
        drop(Errors::new());
    }
}
