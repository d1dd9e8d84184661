//! What makes a library of a provider: its table if the block declares one, and the exported
//! functions.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;

use super::{
    Core, ends,
    table::{self, Form},
};
use crate::{
    ir::{Operations, Provider},
    options::Constructor,
    symbol,
};

pub(super) fn expand(provider: &Provider, new: &Constructor, core: &Core) -> TokenStream {
    let Provider { attributes, self_ty, asynchronous, operations } = provider;
    let conditions = &attributes.conditions;
    let construct = construct(self_ty, new, core);
    let (declared, contract) = match operations {
        Operations::Trait(path) => {
            let declared = Ident::new(symbol::DECLARED, ends(path).1);
            (None, quote!(implements: #path, declared: #declared))
        }
        Operations::Marked { id, ops } => {
            let this = |span: Span| quote_spanned!(span=> Self);
            let doc = attributes.doc();
            let (form, own, by, contract) = if *asynchronous {
                let contract = quote!(#core::Contract<Self, #core::AsyncThunk<Self>>);
                let own = quote!(#core::__private::OwnAsyncContract);
                let by = quote!(#core::__private::DeclaresAsyncContract);
                (Form::Asynchronous, own, by, contract)
            } else {
                let own = quote!(#core::__private::OwnContract);
                let by = quote!(#core::__private::DeclaresContract);
                (Form::Synchronous, own, by, quote!(#core::Contract<Self>))
            };
            let (ops, calls) = (table::entries(ops, core), table::calls(ops, form, &this, core));
            let declared = quote! {
                #(#conditions)*
                #[automatically_derived]
                #[allow(deprecated)]
                impl #own for #self_ty {
                    const OWN: &'static #contract = &<#contract>::new(#id, #doc, #ops, #calls);
                }
            };
            (Some(declared), quote!(implements: #by, declared: CONTRACT))
        }
    };
    let needs = asynchronous.then(|| quote!(#core::__needs_tokio! {}));
    let only_one = Ident::new(symbol::ONLY_ONE, Span::call_site());
    quote! {
        #declared
        #needs
        #(#conditions)*
        #core::__export! { provider: #self_ty, #contract, new: #construct }
        #(#conditions)*
        #[doc(hidden)]
        #[macro_export]
        macro_rules! #only_one {
            () => {};
        }
    }
}

/// A closure that calls the constructor, so that a wrong one is underlined where it is named.
fn construct(self_ty: &Type, new: &Constructor, core: &Core) -> TokenStream {
    let constructor = match new {
        Constructor::Default => {
            let (first, _) = ends(self_ty);
            let core = core.at(first);
            quote_spanned!(first=> #core::__private::construct::<#self_ty>)
        }
        Constructor::Path(path) => path.to_token_stream(),
        Constructor::Closure(closure) => return closure.to_token_stream(),
        Constructor::Bad => return quote!(|| -> #self_ty { ::core::unreachable!() }),
    };
    let (_, last) = ends(&constructor);
    let mut call = Group::new(Delimiter::Parenthesis, TokenStream::new());
    call.set_span(last);
    quote!(|| -> #self_ty { #constructor #call })
}
