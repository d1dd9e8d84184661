//! One operation: its attribute, its signature, its arguments.

use proc_macro2::Ident;
use quote::ToTokens;
use syn::{
    Attribute, FnArg, Lifetime, LitStr, PatType, ReturnType, Signature, Type, ext::IdentExt,
    spanned::Spanned,
};

use crate::{
    errors::Errors,
    ir::{Operation, WireName},
    options::OpOptions,
    parse::{attributes, is_arg, is_op},
    signature, symbol,
    types::{borrows, is_context, is_path, mentions, reply},
    wire_type,
};

/// Reads a method of a contract trait.
pub(crate) fn of_contract(
    attrs: &[Attribute],
    method: &Signature,
    errors: &mut Errors,
) -> Operation {
    let before = errors.count();
    let mut operation = of_provider(attrs, method, errors);
    if let Some(keyword) = &method.asyncness {
        errors.with_help(
            keyword,
            "a contract declares its operations without `async`",
            format_args!(
                "remove `async`: a provider writes it that implements the asynchronous form of the contract"
            ),
        );
    }
    let constructors = [("new", "New"), ("to", "To"), ("to_async", "ToAsync")];
    if let Some((name, on_the_wire)) = constructors.iter().find(|(name, _)| method.ident == name) {
        errors.with_help(
            &method.ident,
            format_args!(
                "an operation cannot be called `{name}`: that makes the contract's client"
            ),
            format_args!(
                "rename the method and keep its name on the wire: `#[op(name = \"{on_the_wire}\")]`"
            ),
        );
    }
    for argument in method.inputs.iter().skip(2).filter_map(typed) {
        refuse_self(&argument.ty, errors);
        if let Some(refused) = wire_type::of_no_size(&argument.ty) {
            errors.refuse(&argument.ty, refused);
        }
    }
    let cx = method.inputs.iter().nth(1).and_then(typed).map(|cx| &*cx.ty);
    if let Some(cx) = cx.filter(|cx| is_path(cx, symbol::CX))
        && let Some(other) = wire_type::other_than_self(cx)
    {
        errors.with_help(
            other,
            "the call context is that of whatever type implements the contract",
            "write `cx: Cx<'_, Self>`",
        );
    }
    if let ReturnType::Type(_, output) = &method.output {
        refuse_self(output, errors);
        if let Some(reply) = reply(output)
            && borrows(reply.to_token_stream())
        {
            errors.with_help(
                reply,
                "a contract's reply cannot borrow: its client owns what it decodes",
                "write a type that owns: `String`, `Vec<u8>`",
            );
        }
    }
    operation.sound &= errors.count() == before;
    operation
}

/// Reads a method that is marked with `#[op]`.
pub(crate) fn of_provider(
    attrs: &[Attribute],
    method: &Signature,
    errors: &mut Errors,
) -> Operation {
    let before = errors.count();
    let options = op_options(attrs, errors);
    let name = match &options.name {
        Some(literal) => WireName::literal(literal),
        None => WireName::of_method(&method.ident),
    };
    let mut operation = Operation {
        attributes: attributes(attrs),
        ident: method.ident.clone(),
        name,
        aliases: options.aliases.iter().map(WireName::literal).collect(),
        idempotent: options.idempotent,
        unary: options.unary,
        examples: options.examples,
        asynchronous: method.asyncness.is_some(),
        cx: method.ident.span(),
        args: Vec::new(),
        output: syn::parse_quote!(()),
        sound: false,
    };
    signature::qualifiers(method, errors);
    let lifetimes = signature::generics(method, errors);
    // Without a receiver nothing after it is where it belongs.
    if signature::receiver(method, errors) {
        read_signature(&mut operation, method, &lifetimes, errors);
    }
    if errors.count() == before {
        // What an argument is called is known for sure.
        for example in &operation.examples {
            example.check(&operation, errors);
        }
    }
    operation.sound = errors.count() == before && !is_refused_by_rustc(method, &lifetimes);
    operation
}

/// Whether rustc complains about the signature: it need not do so about what is made of it.
fn is_refused_by_rustc(method: &Signature, lifetimes: &[&Lifetime]) -> bool {
    let output = match &method.output {
        ReturnType::Type(_, output) => Some(&**output),
        ReturnType::Default => None,
    };
    let mut inputs = method.inputs.iter().filter_map(typed).map(|input| &*input.ty);
    inputs.clone().any(|ty| wire_type::of_no_size(ty).is_some())
        || inputs.any(|ty| wire_type::has_unknown_lifetime(ty, lifetimes))
        || output.is_some_and(|ty| wire_type::has_unknown_lifetime(ty, lifetimes))
}

fn read_signature(
    operation: &mut Operation,
    method: &Signature,
    lifetimes: &[&Lifetime],
    errors: &mut Errors,
) {
    let mut inputs = method.inputs.iter().skip(1).filter_map(typed).peekable();
    let cx = signature::context(method, inputs.peek().copied(), errors);
    // Where the context is missing it may stand too late.
    let inputs: Vec<_> = match cx {
        Some(_) => inputs.skip(1).collect(),
        None => inputs.filter(|input| !is_context(&input.ty)).collect(),
    };
    operation.args =
        inputs.iter().filter_map(|input| signature::argument(input, lifetimes, errors)).collect();
    if let Some(cx) = cx {
        operation.cx = cx.span();
        // The receiver and the context are the first two.
        refuse_arg(method.inputs.iter().take(2), errors);
        let unary = match &*inputs {
            _ if !operation.unary => None,
            [] => Some(method.ident.to_token_stream()),
            [_] => None,
            [_, second, ..] => Some(second.to_token_stream()),
        };
        if let Some(wrong) = unary {
            errors
                .at(wrong, "a unary operation takes exactly one argument: it is the whole message");
        }
    }
    if let Some(output) = signature::output(method, lifetimes, errors) {
        operation.output = output;
    }
}

/// `#[arg]` on what is no argument of an operation.
pub(crate) fn refuse_arg<'a>(inputs: impl Iterator<Item = &'a FnArg>, errors: &mut Errors) {
    for input in inputs {
        let attributes = match input {
            FnArg::Receiver(receiver) => &receiver.attrs,
            FnArg::Typed(input) => &input.attrs,
        };
        for attribute in attributes.iter().filter(|attribute| is_arg(attribute)) {
            errors.at(attribute, "`#[arg]` only has meaning on an argument of an operation");
        }
    }
}

fn op_options(attrs: &[Attribute], errors: &mut Errors) -> OpOptions {
    let mut marks = attrs.iter().filter(|attribute| is_op(attribute));
    let options = marks.next().map(|mark| OpOptions::parse(mark, errors)).unwrap_or_default();
    for again in marks {
        errors.at(again, "duplicate attribute `#[op]`");
    }
    options
}

fn refuse_self(ty: &Type, errors: &mut Errors) {
    if mentions(ty.to_token_stream(), "Self") {
        errors.with_help(
            ty,
            "`Self` is not allowed in a contract's messages: they are the same for every provider",
            "write the type itself",
        );
    }
}

fn typed(input: &FnArg) -> Option<&PatType> {
    match input {
        FnArg::Typed(input) => Some(input),
        FnArg::Receiver(_) => None,
    }
}

impl WireName {
    pub(crate) fn literal(literal: &LitStr) -> Self {
        Self { text: literal.value(), source: literal.to_token_stream() }
    }

    /// The method's name in `PascalCase`.
    fn of_method(ident: &Ident) -> Self {
        let text = ident
            .unraw()
            .to_string()
            .split('_')
            .flat_map(|word| {
                let mut letters = word.chars();
                letters.next().into_iter().flat_map(char::to_uppercase).chain(letters)
            })
            .collect();
        Self { text, source: ident.to_token_stream() }
    }

    /// The argument's name, less the underscore that says that it is not used.
    pub(crate) fn of_argument(ident: &Ident) -> Self {
        let name = ident.unraw().to_string();
        let text = name.strip_prefix('_').unwrap_or(&name).to_owned();
        Self { text, source: ident.to_token_stream() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proc_macro2::TokenStream;
    use quote::quote;

    fn read(method: TokenStream) -> Result<Operation, String> {
        let method: syn::TraitItemFn = syn::parse2(method).unwrap();
        let mut errors = Errors::new();
        let operation = of_contract(&method.attrs, &method.sig, &mut errors);
        let reported = errors.finish().to_string();
        if operation.sound { Ok(operation) } else { Err(reported) }
    }

    #[test]
    fn names_on_the_wire_come_from_rust_names() {
        for (method, name) in
            [("get", "Get"), ("list_del", "ListDel"), ("r#type", "Type"), ("_sha_256", "Sha256")]
        {
            assert_eq!(
                WireName::of_method(
                    &syn::parse_str(method).unwrap_or_else(|_| format_ident(method))
                )
                .text,
                name
            );
        }
        for (argument, key) in
            [("key", "key"), ("_expires", "expires"), ("__x", "_x"), ("r#type", "type")]
        {
            assert_eq!(WireName::of_argument(&format_ident(argument)).text, key);
        }
    }

    fn format_ident(name: &str) -> Ident {
        syn::parse_str(name).unwrap()
    }

    #[test]
    fn lifetimes_of_the_method_are_elided_and_others_are_not() {
        let operation = read(quote! {
            fn get<'a>(&'a self, cx: Cx<'a, Self>, key: &'a str, more: Vec<&'static [&'a u8]>) -> Result<R, E>;
        })
        .unwrap();
        let types: Vec<_> =
            operation.args.iter().map(|arg| arg.ty.to_token_stream().to_string()).collect();
        assert_eq!(
            types,
            [quote!(&'_ str).to_string(), quote!(Vec<&'static [&'_ u8]>).to_string()]
        );
    }

    #[test]
    fn every_mistake_of_a_signature_is_found_at_once() {
        let errors = read(quote! {
            #[op(nmae = "x")]
            async unsafe extern "C" fn get<K: X>(&mut self, cx: &Cx<'_, Self>, _: u8, (a, b): impl Y);
        })
        .err()
        .unwrap();
        assert_eq!(errors.matches("compile_error").count(), 11, "{errors}");
    }

    #[test]
    fn what_a_client_cannot_have_is_refused() {
        for (method, message) in [
            (
                quote!(
                    fn new(&self, cx: Cx<'_, Self>) -> OpResult<()>;
                ),
                "cannot be called `new`",
            ),
            (
                quote!(
                    fn get(&self, cx: Cx<'_, Self>) -> OpResult<&str>;
                ),
                "cannot borrow",
            ),
            (
                quote!(
                    fn get(&self, cx: Cx<'_, Self>, k: Self::Key) -> OpResult<()>;
                ),
                "`Self` is not allowed",
            ),
        ] {
            let errors = read(method).err().unwrap();
            assert!(
                errors.contains(message) && errors.matches("compile_error").count() == 1,
                "{errors}"
            );
        }
    }
}
