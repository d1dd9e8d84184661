//! The contract's client: the same operations from the caller's side.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, format_ident, quote, quote_spanned};

use syn::Path;

use super::{Core, ends, table};
use crate::{
    example,
    ir::{Contract, Operation},
    symbol, types,
};

pub(super) fn expand(contract: &Contract, core: &Core) -> TokenStream {
    let Contract { attributes, vis, ident, id, ops, .. } = contract;
    let client = format_ident!("{ident}Client");
    let (docs, conditions, deprecated) =
        (&attributes.docs, &attributes.conditions, &attributes.deprecated);
    let summary = format!(
        " Calls the operations of `{}`: [`{ident}`] from the other side.\n\n\
         Every call returns the error of the host or of the provider, with its kind.",
        id.value()
    );
    let methods =
        ops.iter().filter(|op| op.sound).map(|op| method(op, &vis.to_token_stream(), core));
    let operations = constants(contract, core);
    quote! {
        #(#conditions)*
        #[doc = #summary]
        ///
        #(#docs)*
        #deprecated
        #[allow(dead_code)]
        #[derive(::core::fmt::Debug, ::core::clone::Clone)]
        #vis struct #client<C> {
            client: #core::Client<C>,
        }
        #(#conditions)*
        #[allow(
            clippy::missing_errors_doc,
            clippy::needless_pass_by_value,
            clippy::too_many_arguments,
            clippy::used_underscore_binding,
            dead_code,
            deprecated
        )]
        impl<C: #core::Callee> #client<C> {
            #(#methods)*
        }
        #(#conditions)*
        #[allow(dead_code, deprecated)]
        impl<D: #core::Dispatcher> #client<D> {
            /// A client that speaks for `actor` through `dispatcher`.
            #[must_use]
            #vis fn new(dispatcher: D, actor: impl ::core::convert::Into<#core::__private::String>) -> Self {
                Self { client: #core::Client::new(dispatcher, actor) }
            }
        }
        #(#conditions)*
        #[allow(dead_code, deprecated)]
        impl #client<#core::Actor> {
            /// A client that calls `actor`.
            #[must_use]
            #vis fn to(actor: &#core::Actor) -> Self {
                Self { client: #core::Client::to(actor) }
            }
        }
        #(#conditions)*
        #[allow(dead_code, deprecated)]
        impl #client<()> {
            #operations
        }
    }
}

/// The path of what is said of the contract's operations: the trait's two forms and whoever calls
/// them read the same.
pub(super) fn operations(contract: &Contract) -> TokenStream {
    let client = format_ident!("{}Client", contract.ident);
    let name = if contract.calls.is_some() { symbol::DECLARED_OPS } else { symbol::OPS };
    let name = Ident::new(name, Span::call_site());
    quote!(#client::<()>::#name)
}

/// The operations; and, of a contract that names what it calls, these with the operations of that.
fn constants(contract: &Contract, core: &Core) -> TokenStream {
    let vis = &contract.vis;
    let ops = table::entries(&contract.ops, core);
    let [own, all] =
        [symbol::OPS, symbol::DECLARED_OPS].map(|name| Ident::new(name, Span::call_site()));
    let all = contract.calls.as_ref().map(|path| {
        let theirs = client_of(path);
        let (first, last) = ends(path);
        let open = quote_spanned!(first=> <#theirs<()>);
        let theirs = quote_spanned!(last=> #open>::#own);
        quote! {
            #[doc(hidden)]
            #vis const #all: &'static [#core::OpEntry] =
                &#core::__private::with_calls::<{ Self::#own.len() + #theirs.len() }>(Self::#own, #theirs);
        }
    });
    quote! {
        #[doc(hidden)]
        #vis const #own: &'static [#core::OpEntry] = #ops;
        #all
    }
}

/// The client that `#[contract]` made beside the trait at `path`.
fn client_of(path: &Path) -> Path {
    let mut path = path.clone();
    if let Some(last) = path.segments.last_mut() {
        last.ident = Ident::new(&format!("{}Client", last.ident), last.ident.span());
    }
    path
}

fn method(op: &Operation, vis: &TokenStream, core: &Core) -> TokenStream {
    let Operation { attributes, ident, name, args, output, unary, .. } = op;
    let examples = example::docs(&op.examples);
    let (docs, conditions, deprecated) =
        (&attributes.docs, &attributes.conditions, &attributes.deprecated);
    let name = &name.text;
    let summary = docs.is_empty().then(|| {
        let summary = format!(" Calls `{name}`.");
        quote!(#[doc = #summary])
    });
    let params = args.iter().map(|arg| {
        let (ident, ty) = (&arg.ident, &arg.ty);
        quote!(#ident: #ty)
    });
    // The compiler complains about a type that cannot be sent where it is passed on.
    let passed = args.iter().map(|arg| {
        let (first, _) = ends(&arg.ty);
        let mut ident = arg.ident.clone();
        ident.set_span(first.resolved_at(ident.span()));
        (arg, quote_spanned!(first=> &#ident))
    });
    let (asks, given) = if *unary {
        let passed = passed.map(|(_, passed)| passed);
        ("ask_unary", quote!(#name, #(#passed)*))
    } else {
        let pairs = passed.map(|(arg, passed)| {
            let key = &arg.key.text;
            quote!((#key, #passed))
        });
        ("ask", quote!(#name, &[#(#pairs),*]))
    };
    let (first, last) = ends(output);
    let reply = types::reply(output)
        .map_or_else(|| table::reply_of(output, core), ToTokens::to_token_stream);
    let core = core.at(first);
    let returned = quote_spanned!(first=> #core::Called<C, #reply);
    let returned = quote_spanned!(last=> #returned>);
    let asks = Ident::new(asks, first.resolved_at(Span::call_site()));
    let ask = quote_spanned!(first=> .#asks::<#reply>);
    quote! {
        #(#conditions)*
        #(#docs)*
        #summary
        #examples
        #deprecated
        #vis fn #ident(&self #(, #params)*) -> #returned {
            self.client #ask(#given)
        }
    }
}
