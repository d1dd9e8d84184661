//! The contract trait: what the author wrote, with the lifecycle as its supertrait and the operation
//! table as a hidden constant.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::{
    Core, client,
    table::{self, Form},
};
use crate::{ir::Contract, skeleton::Skeleton, symbol};

pub(super) fn expand(contract: &Contract, skeleton: &Skeleton, core: &Core) -> TokenStream {
    let Contract { ident, id, .. } = contract;
    let doc = contract.attributes.doc();
    let this = |span: Span| {
        let mut ident = ident.clone();
        ident.set_span(span.resolved_at(ident.span()));
        quote_spanned!(span=> <Self as #ident>)
    };
    let ops = client::operations(contract);
    let calls = table::calls(&contract.ops, Form::Synchronous, &this, core);
    let version = contract.version.as_ref().map(|version| quote!(.version(#version)));
    let declared = Ident::new(symbol::DECLARED, Span::call_site());
    let table = quote! {
        #[doc(hidden)]
        #[allow(deprecated, non_upper_case_globals)]
        const #declared: &'static #core::Contract<Self> = &<#core::Contract<Self>>::new(#id, #doc, #ops, #calls) #version;
    };
    let core = core.at(ident.span());
    let supertrait = quote_spanned!(ident.span()=> #core::Provider);
    let contract = skeleton.extended(&supertrait, &table);
    // It may be there for its client or for its asynchronous form only.
    quote!(#[allow(dead_code)] #contract)
}
