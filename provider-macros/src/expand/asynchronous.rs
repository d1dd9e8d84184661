//! The asynchronous form of a contract: a second trait with the same operations, which are futures.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};

use super::{
    Core, client, ends,
    table::{self, Form},
};
use crate::{
    ir::{Contract, Operation},
    symbol,
};

pub(super) fn expand(contract: &Contract, core: &Core) -> TokenStream {
    let Contract { attributes, vis, ident, id, .. } = contract;
    let (docs, conditions, deprecated) =
        (&attributes.docs, &attributes.conditions, &attributes.deprecated);
    let doc = attributes.doc();
    let name = format_ident!("{ident}{}", symbol::ASYNC);
    let summary = format!(
        " The asynchronous form of [`{ident}`]: its operations are `async fn`, and the provider\n\
         implements `AsyncProvider`.\n"
    );
    let this = |span: Span| {
        let mut name = name.clone();
        name.set_span(span.resolved_at(name.span()));
        quote_spanned!(span=> <Self as #name>)
    };
    let methods = contract.ops.iter().filter(|op| op.sound).map(|op| method(op, core));
    let ops = client::operations(contract);
    let calls = table::calls(&contract.ops, Form::Asynchronous, &this, core);
    let version = contract.version.as_ref().map(|version| quote!(.version(#version)));
    let declared = Ident::new(symbol::DECLARED, Span::call_site());
    let client = format_ident!("{ident}Client");
    let async_client = format_ident!("{ident}{}Client", symbol::ASYNC);
    let client_summary = format!(
        " Calls the operations of `{}` of an actor without blocking: its calls are futures.",
        id.value()
    );
    quote! {
        #core::__asynchronous! {
            #(#conditions)*
            #[doc = #client_summary]
            #[allow(dead_code, deprecated)]
            #vis type #async_client = #client<#core::AsyncActor>;
            #(#conditions)*
            #[allow(dead_code, deprecated)]
            impl #client<#core::AsyncActor> {
                /// A client that calls `actor` without blocking.
                #[must_use]
                #vis fn to_async(actor: &#core::Actor) -> Self {
                    Self { client: #core::Client::to_async(actor) }
                }
            }
            #(#conditions)*
            #[doc = #summary]
            ///
            #(#docs)*
            #deprecated
            #[allow(clippy::too_many_arguments, dead_code, deprecated)]
            #vis trait #name: #core::AsyncProvider {
                #(#methods)*
                #[doc(hidden)]
                #[allow(non_upper_case_globals)]
                const #declared: &'static #core::Contract<Self, #core::AsyncThunk<Self>> =
                    &<#core::Contract<Self, #core::AsyncThunk<Self>>>::new(#id, #doc, #ops, #calls) #version;
            }
        }
    }
}

fn method(op: &Operation, core: &Core) -> TokenStream {
    let Operation { attributes, ident, args, output, .. } = op;
    let (docs, conditions, deprecated) =
        (&attributes.docs, &attributes.conditions, &attributes.deprecated);
    let summary = docs.is_empty().then(|| {
        let summary = format!(" Answers `{}`.", op.name.text);
        quote!(#[doc = #summary])
    });
    let cx = Ident::new("cx", Span::mixed_site());
    let params = args.iter().map(|arg| {
        let (ident, ty) = (&arg.ident, &arg.ty);
        quote!(#ident: #ty)
    });
    let (first, _) = ends(output);
    let output = output.to_token_stream();
    let returned = quote_spanned! {first=>
        impl ::core::future::Future<Output = #output> + ::core::marker::Send
    };
    quote! {
        #(#conditions)*
        #(#docs)*
        #summary
        #deprecated
        fn #ident(&self, #cx: #core::Cx<'_, Self> #(, #params)*) -> #returned;
    }
}
