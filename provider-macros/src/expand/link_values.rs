//! What reads a struct from a link's values: its schema, and a function that takes each field.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};

use super::{Core, ends};
use crate::ir::{LinkDefault, LinkStruct, LinkValue};

/// The implementation. One that is not sound is there for those who use the struct: it is not the
/// mistake that they would hear of.
pub(super) fn expand(values: &LinkStruct, sound: bool) -> TokenStream {
    let LinkStruct { ident, generics, values, core } = values;
    let core = Core(core.clone());
    let (impl_generics, ty_generics, condition) = generics.split_for_impl();
    let schema: Vec<_> =
        if sound { values.iter().map(|value| schema(value, &core)).collect() } else { Vec::new() };
    let config = Ident::new("config", Span::mixed_site());
    let body = if sound {
        let fields = values.iter().map(|value| take(value, &config, &core));
        quote!(::core::result::Result::Ok(Self { #(#fields)* }))
    } else {
        quote!(::core::unreachable!())
    };
    let unused = (values.is_empty() || !sound).then(|| quote!(let _ = #config;));
    let checks = values.iter().filter(|_| sound).filter_map(|value| check(value, &core));
    quote! {
        #[automatically_derived]
        #[allow(deprecated)]
        impl #impl_generics #core::LinkValues for #ident #ty_generics #condition {
            const SCHEMA: #core::LinkSchema = #core::LinkSchema::new(&[#(#schema),*]);

            fn from_checked(#config: &#core::LinkConfig) -> ::core::result::Result<Self, #core::Error> {
                #unused
                #body
            }
        }
        #(#checks)*
    }
}

/// The field's reader. It is mentioned more than once, in the same words and at the same place: the
/// compiler then says once what is wrong with its type.
fn reader(LinkValue { ty, .. }: &LinkValue, core: &Core) -> TokenStream {
    let (first, _) = ends(ty);
    let core = core.at(first);
    quote_spanned!(first=> #core::__private::field::<#ty, _>())
}

fn schema(value: &LinkValue, core: &Core) -> TokenStream {
    let reader = reader(value, core);
    let LinkValue { doc, expected, .. } = value;
    let key = &value.key.text;
    let plain = value.plain.then(|| quote!(.plain()));
    let default = value.default.as_ref().map(|LinkDefault { text, .. }| quote!(.or(#text)));
    let within = value.within.as_ref().map(|within| quote!(.within(#within)));
    let secret = value.secret.then(|| quote!(.secret()));
    quote!(#reader.schema(#key, #doc, #expected) #plain #default #within #secret)
}

fn take(value: &LinkValue, config: &Ident, core: &Core) -> TokenStream {
    let reader = reader(value, core);
    let (ident, key) = (&value.ident, &value.key.text);
    let none = || quote!(::core::option::Option::None);
    let some = |LinkDefault { text, .. }: &_| quote!(::core::option::Option::Some(#text));
    let default = value.default.as_ref().map_or_else(none, some);
    quote!(#ident: #reader.take(#config, #key, #default)?,)
}

/// A default that is looked at when it is compiled.
fn check(value: &LinkValue, core: &Core) -> Option<TokenStream> {
    let LinkDefault { text, span, duration: true } = value.default.as_ref()? else { return None };
    let message = format!("the default of `{}` must be {}", value.key.text, value.expected);
    let core = core.at(*span);
    Some(quote_spanned! {*span=>
        const _: () = ::core::assert!(#core::__private::parse_duration(#text).is_some(), #message);
    })
}
