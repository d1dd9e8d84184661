//! From a struct to the link values that it is read from.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    Attribute, Expr, ExprLit, ExprUnary, Field, Fields, Generics, Ident, Item, ItemStruct, Lit,
    LitStr, UnOp, ext::IdentExt, spanned::Spanned,
};

use crate::{
    errors::Errors,
    ir::{LinkDefault, LinkStruct, LinkValue, WireName},
    link_value_range::within,
    link_value_type::LinkType,
    options::{ValueOptions, link_values_core},
    parse::attributes,
    symbol,
    tokens::is_named,
};

/// Reads the item of `#[derive(LinkValues)]`. Without a result, errors were found.
pub(crate) fn read(item: TokenStream, errors: &mut Errors) -> Option<LinkStruct> {
    let item: Item = syn::parse2(item).map_err(|error| errors.unread(error)).ok()?;
    let misplaced = |keyword: &dyn ToTokens, what, errors: &mut Errors| {
        let name = symbol::LINK_VALUES;
        errors.at(
            keyword.to_token_stream(),
            format_args!("`#[derive({name})]` goes on a struct, not on {what}"),
        );
    };
    let item = match item {
        Item::Struct(item) => item,
        Item::Enum(item) => {
            misplaced(&item.enum_token, "an enum", errors);
            return Some(empty(item.ident, item.generics));
        }
        Item::Union(item) => {
            misplaced(&item.union_token, "a union", errors);
            return Some(empty(item.ident, item.generics));
        }
        other => {
            misplaced(&other, "this item", errors);
            return None;
        }
    };
    Some(of_struct(item, errors))
}

fn empty(ident: Ident, generics: Generics) -> LinkStruct {
    LinkStruct { ident, generics, core: None, values: Vec::new() }
}

fn of_struct(item: ItemStruct, errors: &mut Errors) -> LinkStruct {
    if !item.generics.params.is_empty() {
        let Generics { lt_token, params, gt_token, .. } = &item.generics;
        errors.with_help(
            quote!(#lt_token #params #gt_token),
            "a struct of link values cannot be generic: its types say what the values are",
            "write the types where they are used",
        );
    }
    let core = one(&item.attrs, errors).and_then(|value| link_values_core(value, errors));
    let mut values = Vec::new();
    match &item.fields {
        Fields::Named(fields) => {
            values = fields.named.iter().filter_map(|field| value(field, errors)).collect();
        }
        Fields::Unnamed(fields) => errors.with_help(
            fields,
            "a link value needs a name: the name of its field is its key",
            format_args!("write `struct {} {{ url: String }}`", item.ident),
        ),
        Fields::Unit => errors.with_help(
            &item.ident,
            "this struct has no fields: each of them is a link value",
            format_args!("write `struct {} {{ url: String }}`", item.ident),
        ),
    }
    LinkStruct { core, values, ..empty(item.ident, item.generics) }
}

/// The `#[value(..)]` among the attributes.
fn one<'a>(attributes: &'a [Attribute], errors: &mut Errors) -> Option<&'a Attribute> {
    let mut ours = attributes
        .iter()
        .filter(|attribute| is_named(attribute.meta.to_token_stream(), symbol::VALUE));
    let first = ours.next();
    for more in ours {
        errors.at(more, "duplicate attribute `#[value]`");
    }
    first
}

fn value(field: &Field, errors: &mut Errors) -> Option<LinkValue> {
    let ident = field.ident.clone()?;
    let options = one(&field.attrs, errors)
        .map(|value| ValueOptions::parse(value, errors))
        .unwrap_or_default();
    let key = match &options.name {
        Some(name) => WireName::literal(name),
        None => WireName::of_field(&ident),
    };
    let ty = LinkType::of(&field.ty);
    let mut expected = ty.expected();
    let mut plain = ty.is_plain();
    let range = options.range.as_ref().and_then(|range| within(&ty, range, errors));
    if let Some(range) = &range {
        expected.clone_from(&range.expected);
    }
    if let Some(given) = &options.expected {
        if given.value().is_empty() {
            errors.at(given, "what is expected must not be empty");
        }
        expected = given.value();
        plain = false;
    }
    let default = options.default.as_ref().and_then(|default| {
        let default = text(default, &ty, errors)?;
        if ty.is_option() {
            errors.with_help(
                &options.default,
                "an `Option` needs no default: without a value it is `None`",
                "remove the default, or the `Option`",
            );
        } else if ty.refuses(&default.value())
            || range.as_ref().is_some_and(|range| !range.contains(&default.value()))
        {
            errors.at(&default, format_args!("the default of `{}` must be {expected}", key.text));
        }
        let (text, span) = (default.value(), default.span());
        Some(LinkDefault { text, span, duration: ty.is_duration() })
    });
    Some(LinkValue {
        ident,
        key,
        doc: attributes(&field.attrs).doc(),
        ty: field.ty.clone(),
        expected,
        plain,
        default,
        within: range.map(|range| range.within),
        secret: options.secret,
    })
}

/// A default's text. What is written as a number means the same number.
fn text(default: &Expr, ty: &LinkType, errors: &mut Errors) -> Option<LitStr> {
    let text = match default {
        Expr::Lit(ExprLit { lit, .. }) => literal(lit),
        Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => match &**expr {
            Expr::Lit(ExprLit { lit: lit @ (Lit::Int(_) | Lit::Float(_)), .. }) => {
                literal(lit).map(|digits| format!("-{digits}"))
            }
            _ => None,
        },
        _ => None,
    };
    if text.is_none() {
        errors.with_help(
            default,
            "expected a literal: the text of a value",
            format_args!("write `default = \"{}\"`", ty.sample()),
        );
    }
    Some(LitStr::new(&text?, default.span()))
}

fn literal(literal: &Lit) -> Option<String> {
    match literal {
        Lit::Str(text) => Some(text.value()),
        Lit::Char(character) => Some(character.value().to_string()),
        Lit::Int(number) => Some(number.base10_digits().to_owned()),
        Lit::Float(number) => Some(number.base10_digits().to_owned()),
        Lit::Bool(value) => Some(value.value.to_string()),
        _ => None,
    }
}

impl WireName {
    /// The field's name in `SCREAMING_SNAKE_CASE`, less one leading underscore.
    fn of_field(ident: &Ident) -> Self {
        let name = ident.unraw().to_string();
        let name = name.strip_prefix('_').unwrap_or(&name);
        Self { text: name.to_uppercase(), source: ident.to_token_stream() }
    }
}
