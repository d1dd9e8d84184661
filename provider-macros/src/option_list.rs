//! A list of options, as any attribute of ours has one: `key`, `key = value`, separated by commas.
//!
//! A bad option is reported and left out; the others are read all the same.

use proc_macro2::{Group, TokenStream, TokenTree};
use quote::ToTokens;
use syn::{
    Attribute, Expr, Ident, Lit, LitStr, Meta, Path, Token,
    ext::IdentExt,
    parse::{Parse, ParseStream, Parser},
    token::Paren,
};

use crate::{errors::Errors, symbol, wire_type::text};

/// Which options an attribute has.
pub(crate) struct Options {
    pub(crate) attribute: &'static str,
    /// Sorted, as the messages list them.
    pub(crate) known: &'static [&'static str],
    /// Those of `known` that may be there more than once.
    pub(crate) repeated: &'static [&'static str],
    /// The one that a text without a key is meant for.
    pub(crate) text: Option<&'static str>,
}

/// An option as written.
pub(crate) struct Given {
    key: Ident,
    value: Option<(Token![=], TokenStream)>,
    list: Option<Group>,
}

impl Given {
    pub(crate) fn key(&self) -> &Ident {
        &self.key
    }

    /// What stands in parentheses behind it.
    pub(crate) fn list(&self) -> Option<TokenStream> {
        self.list.as_ref().map(Group::stream)
    }

    pub(crate) fn name(&self) -> String {
        self.key.to_string()
    }

    pub(crate) fn value<T: Parse>(&self, what: &str, errors: &mut Errors) -> Option<T> {
        let Some((equals, value)) = &self.value else {
            errors.at(&self.key, format_args!("expected `{} = ..`", self.key));
            return None;
        };
        let parsed = syn::parse2(value.clone());
        if parsed.is_err() {
            let found = if value.is_empty() { equals.to_token_stream() } else { value.clone() };
            let message = format!("expected {what}");
            match syn::parse2::<LitStr>(value.clone()).and_then(|text| text.parse::<Path>()) {
                Ok(path) => errors.with_help(
                    found,
                    message,
                    format_args!("write `{} = {}`", self.key, text(path.to_token_stream())),
                ),
                Err(_) => errors.at(found, message),
            }
        }
        parsed.ok()
    }

    pub(crate) fn string(&self, errors: &mut Errors) -> Option<LitStr> {
        let Some((equals, value)) = &self.value else {
            errors.at(&self.key, format_args!("expected `{} = \"..\"`", self.key));
            return None;
        };
        let parsed = syn::parse2(value.clone());
        if parsed.is_err() {
            let found = if value.is_empty() { equals.to_token_stream() } else { value.clone() };
            let meant = if self.key == symbol::CONTRACT { symbol::ID } else { &meant(value) };
            errors.with_help(
                found,
                "expected string literal",
                format_args!("write `{} = \"{meant}\"`", self.key),
            );
        }
        parsed.ok()
    }

    pub(crate) fn flag(&self, errors: &mut Errors) -> bool {
        if let Some((equals, value)) = &self.value {
            let mut given = equals.to_token_stream();
            value.to_tokens(&mut given);
            errors.at(given, format_args!("option `{}` takes no value", self.key));
        }
        true
    }
}

impl Options {
    pub(crate) fn parse_attribute(
        &self,
        attribute: &Attribute,
        errors: &mut Errors,
        take: impl FnMut(&Given, &mut Errors),
    ) {
        match &attribute.meta {
            Meta::Path(_) => {}
            Meta::List(list) => self.parse(list.tokens.clone(), errors, take),
            Meta::NameValue(given) => {
                errors.at(
                    &given.value,
                    format_args!("options go in parentheses: `#[{}(..)]`", self.attribute),
                );
            }
        }
    }

    pub(crate) fn parse(
        &self,
        tokens: TokenStream,
        errors: &mut Errors,
        mut take: impl FnMut(&Given, &mut Errors),
    ) {
        let all = |input: ParseStream<'_>| {
            let mut seen: Vec<Ident> = Vec::new();
            while !input.is_empty() {
                if let Some(given) = self.one(input, errors)? {
                    if !self.known.contains(&&*given.name()) {
                        errors.at(&given.key, self.unknown(&given.key));
                    } else if seen.contains(&given.key) && !self.repeated.contains(&&*given.name())
                    {
                        errors.at(&given.key, format_args!("duplicate option `{}`", given.key));
                    } else {
                        take(&given, errors);
                        seen.push(given.key);
                    }
                }
                if !input.is_empty() {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok(())
        };
        // What `one` does not understand it skips, so that no error is left; if one is, it is shown.
        if let Err(error) = all.parse2(tokens) {
            errors.push(error);
        }
    }

    /// One option, up to the comma behind it.
    fn one(&self, input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Option<Given>> {
        if !input.peek(Ident::peek_any) {
            let found = until_comma(input)?;
            let message = format!("expected {}", self.list());
            let (Some(key), Ok(literal)) = (self.text, syn::parse2::<LitStr>(found.clone())) else {
                errors.at(found, message);
                return Ok(None);
            };
            errors.with_help(
                &literal,
                message,
                format_args!("write `{key} = {}`", literal.to_token_stream()),
            );
            // What is meant is clear, so that it is not missed as well.
            let key = Ident::new(key, literal.span());
            return Ok(Some(Given {
                key,
                value: Some((Token![=](literal.span()), found)),
                list: None,
            }));
        }
        let key = input.call(Ident::parse_any)?;
        let (mut value, mut list) = (None, None);
        if key == symbol::EXAMPLE && input.peek(Paren) {
            list = Some(input.parse()?);
        } else if input.peek(Token![=]) {
            let equals = input.parse()?;
            let found = input.fork();
            // An expression may have commas of its own.
            if found.parse::<Expr>().is_ok() {
                let mut tokens = TokenStream::new();
                while input.cursor() != found.cursor() {
                    tokens.extend([input.parse::<TokenTree>()?]);
                }
                value = Some((equals, tokens));
            } else {
                value = Some((equals, until_comma(input)?));
            }
        }
        let rest = until_comma(input)?;
        if rest.is_empty() {
            return Ok(Some(Given { key, value, list }));
        }
        errors.at(rest, if value.is_some() { "expected `,`" } else { "expected `=` or `,`" });
        Ok(None)
    }

    fn unknown(&self, key: &Ident) -> String {
        format!("unknown `#[{}]` option `{key}`, expected {}", self.attribute, self.list())
    }

    fn list(&self) -> String {
        let list: Vec<_> = self.known.iter().map(|known| format!("`{known}`")).collect();
        match &*list {
            [only] => only.clone(),
            more => format!("one of: {}", more.join(", ")),
        }
    }
}

/// The text that is meant by what is no string literal.
fn meant(value: &TokenStream) -> String {
    match syn::parse2(value.clone()) {
        Ok(Lit::ByteStr(text)) => String::from_utf8_lossy(&text.value()).into_owned(),
        Ok(Lit::Char(text)) => text.value().to_string(),
        Ok(other) => other.to_token_stream().to_string(),
        Err(_) => match syn::parse2::<Ident>(value.clone()) {
            Ok(word) => word.to_string(),
            Err(_) => "..".to_owned(),
        },
    }
}

/// What stands before the next comma.
pub(crate) fn until_comma(input: ParseStream<'_>) -> syn::Result<TokenStream> {
    let mut skipped = TokenStream::new();
    while !input.is_empty() && !input.peek(Token![,]) {
        skipped.extend([input.parse::<TokenTree>()?]);
    }
    Ok(skipped)
}
