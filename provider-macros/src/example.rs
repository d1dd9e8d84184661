//! Examples of an operation: a request and its reply, JSON that is checked when it is compiled.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use serde_json::Value;
use syn::{Attribute, LitStr, parse::Parser};

use crate::{
    errors::Errors,
    ir::{Argument, Example, Operation},
    option_list::{Given, Options},
    options::OpOptions,
    symbol,
    types::is_path,
};

const EXAMPLE: Options = Options {
    attribute: "op(example(..))",
    known: &[symbol::REPLY, symbol::REQUEST, symbol::TITLE],
    repeated: &[],
    text: None,
};

impl Example {
    /// Reads `example(request = "..", reply = "..", title = "..")`.
    pub(crate) fn parse(given: &Given, errors: &mut Errors) -> Option<Self> {
        let Some(list) = given.list() else {
            errors.with_help(
                given.key(),
                "an example has a request",
                r##"write `example(request = r#"{..}"#, reply = r#"{..}"#)`"##,
            );
            return None;
        };
        let (mut title, mut request, mut reply) = (None, None, None);
        let before = errors.count();
        EXAMPLE.parse(list, errors, |given, errors| match &*given.name() {
            symbol::REPLY => reply = given.string(errors),
            symbol::REQUEST => request = given.string(errors),
            _ => title = given.string(errors),
        });
        if request.is_none() && errors.count() == before {
            errors.with_help(
                given.key(),
                "an example has a request",
                r##"write `example(request = r#"{..}"#, ..)`"##,
            );
        }
        Some(Self { title, request: request?, reply })
    }

    /// Whether it is an example of `operation`.
    pub(crate) fn check(&self, operation: &Operation, errors: &mut Errors) {
        if let Some(reply) = &self.reply {
            json("reply", reply, errors);
        }
        let Some(request) = json("request", &self.request, errors) else { return };
        if operation.unary {
            return;
        }
        let Value::Object(fields) = request else {
            errors.with_help(
                &self.request,
                "a request is an object with the operation's arguments",
                format_args!("write `{}`", template(&operation.args)),
            );
            return;
        };
        for key in fields.keys() {
            if operation.args.iter().all(|argument| argument.key.text != *key) {
                errors.with_help(
                    &self.request,
                    format_args!("`{key}` is no argument of `{}`", operation.name.text),
                    format_args!("write `{}`", template(&operation.args)),
                );
            }
        }
        for argument in &operation.args {
            if !fields.contains_key(&argument.key.text) && !is_path(&argument.ty, "Option") {
                errors.with_help(
                    &self.request,
                    format_args!(
                        "argument `{}` of `{}` is missing in the request",
                        argument.key.text, operation.name.text
                    ),
                    format_args!("write `{}`", template(&operation.args)),
                );
            }
        }
    }

    /// Its part of the operation's documentation.
    fn doc(&self) -> TokenStream {
        let title = self.title.as_ref().map(|title| format!(": {}", title.value()));
        let request = self.request.value();
        let mut doc =
            format!("\n**Example**{}\n\n```json\n{request}\n```", title.unwrap_or_default());
        if let Some(reply) = &self.reply {
            doc = format!("{doc}\n\nis answered with\n\n```json\n{}\n```", reply.value());
        }
        quote!(#[doc = #doc])
    }

    /// As an entry of the operation table has it.
    pub(crate) fn entry(&self) -> TokenStream {
        let or_nothing = |text: &Option<LitStr>| {
            text.as_ref().map_or_else(|| quote!(""), ToTokens::to_token_stream)
        };
        let (title, request, reply) =
            (or_nothing(&self.title), &self.request, or_nothing(&self.reply));
        quote!([#title, #request, #reply])
    }
}

/// The documentation of `examples`.
pub(crate) fn docs(examples: &[Example]) -> TokenStream {
    examples.iter().map(Example::doc).collect()
}

/// The documentation of the examples in an `#[op]`, whose brackets have `contents`. What is wrong there is
/// told elsewhere.
pub(crate) fn docs_of_op(contents: &TokenStream) -> TokenStream {
    let Ok(marks) = Attribute::parse_outer.parse2(quote!(#[#contents])) else {
        return TokenStream::new();
    };
    let mut told = Errors::new();
    let docs = marks.iter().map(|mark| docs(&OpOptions::parse(mark, &mut told).examples)).collect();
    drop(told.finish());
    docs
}

fn json(what: &str, literal: &LitStr, errors: &mut Errors) -> Option<Value> {
    let value = serde_json::from_str(&literal.value());
    if let Err(error) = &value {
        errors.with_help(
            literal,
            format_args!("the {what} is no JSON: {error}"),
            "write it as it is in a document: `{\"key\": \"text\"}`, `[1, 2]`, `\"text\"`, `null`",
        );
    }
    value.ok()
}

/// A request with all arguments.
fn template(args: &[Argument]) -> String {
    let fields: Vec<_> = args.iter().map(|arg| format!("\"{}\": ..", arg.key.text)).collect();
    format!("{{{}}}", fields.join(", "))
}

#[cfg(test)]
mod tests {
    use proc_macro2::Span;

    use super::*;
    use crate::operation;

    /// What is said of an operation with this request and this reply.
    fn messages(request: &str, reply: &str) -> String {
        let (request, reply) =
            (LitStr::new(request, Span::call_site()), LitStr::new(reply, Span::call_site()));
        let method: syn::TraitItemFn = syn::parse_quote! {
            #[op(example(title = "t", request = #request, reply = #reply))]
            fn put(&self, cx: Cx<'_, Self>, key: String, #[arg(name = "for")] _for: Option<u32>) -> OpResult<()>;
        };
        let mut errors = Errors::new();
        operation::of_contract(&method.attrs, &method.sig, &mut errors);
        errors.finish().to_string()
    }

    #[test]
    fn an_example_has_the_operations_arguments() {
        assert_eq!(messages(r#"{"key": "a"}"#, "null"), "");
        assert_eq!(messages(r#"{"for": 1, "key": {"$bytes": "AQI="}}"#, "null"), "");
        for (request, reply, message) in [
            (r#"{"key": "a""#, "null", "the request is no JSON: EOF while parsing an object"),
            (r#"{"key": "a"}"#, "nul", "the reply is no JSON: EOF"),
            (r#"["a"]"#, "null", "a request is an object with the operation's arguments"),
            (r#"{"key": "a", "_for": 1}"#, "null", "`_for` is no argument of `Put`"),
            (r#"{"for": 1}"#, "null", "argument `key` of `Put` is missing in the request"),
        ] {
            let messages = messages(request, reply);
            assert!(messages.contains(message), "{messages}");
            assert_eq!(messages.matches("compile_error").count(), 1, "{messages}");
        }
    }

    #[test]
    fn what_is_no_example_costs_one_error() {
        for (option, message) in [
            (quote!(example), "an example has a request"),
            (quote!(example()), "an example has a request"),
            (quote!(example(reply = "1")), "an example has a request"),
            (quote!(example(request = 1)), "expected string literal"),
            (quote!(example(request = "{}", answer = "1")), "unknown `#[op(example(..))]` option"),
        ] {
            let method: syn::TraitItemFn = syn::parse_quote! {
                #[op(#option)]
                fn put(&self, cx: Cx<'_, Self>) -> OpResult<()>;
            };
            let mut errors = Errors::new();
            operation::of_contract(&method.attrs, &method.sig, &mut errors);
            let messages = errors.finish().to_string();
            assert!(messages.contains(message), "{messages}");
            assert_eq!(messages.matches("compile_error").count(), 1, "{messages}");
        }
    }
}
