//! From what `syn` read to what we know of it. Whatever is wrong in one place is found here;
//! [`check`](crate::check) finds what takes a look at the whole.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    Attribute, Expr, ExprLit, Generics, ImplItem, ItemImpl, ItemTrait, Lit, Meta, Path, TraitItem,
    parse::{Parse, Parser},
};

use crate::{
    errors::Errors,
    ir::{Attributes, Contract, Operation, Operations, Provider},
    operation,
    options::{ContractId, ContractOptions, ProviderOptions},
    skeleton::Skeleton,
    symbol,
    tokens::is_named,
};

/// Reads the `impl` block of `#[capability_provider]`. Without a result, errors were found.
pub(crate) fn provider(
    item: &Skeleton,
    options: &ProviderOptions,
    errors: &mut Errors,
) -> Option<Provider> {
    let block: ItemImpl = read(item.bare_header(), errors)?;
    let concrete = is_concrete(&block, errors);
    let operations = match block.trait_ {
        Some((contract, _)) => Some(implemented(contract, item, options, errors)),
        None => marked(item, options, errors),
    };
    let attributes = attributes(&block.attrs);
    let self_ty = *block.self_ty;
    operations.filter(|_| concrete).map(|operations| Provider { attributes, self_ty, operations })
}

/// The operations of a block that implements a contract trait. What stands in its braces is between
/// the author and the trait.
fn implemented(
    contract: Path,
    item: &Skeleton,
    options: &ProviderOptions,
    errors: &mut Errors,
) -> Operations {
    if let ContractId::Given(id) = &options.contract {
        errors.at(id, "the contract id comes from the trait here; remove `contract = ..`");
    }
    for mark in item.marks() {
        let (message, help) = if names(mark, symbol::ARG) {
            (
                "arguments are named on the contract trait, not on its implementation",
                "remove `#[arg]`",
            )
        } else {
            (
                "operations are declared on the contract trait, not on its implementation",
                "remove `#[op]`",
            )
        };
        errors.with_help(mark, message, help);
    }
    Operations::Trait(contract)
}

/// The operations of a block that marks them.
fn marked(item: &Skeleton, options: &ProviderOptions, errors: &mut Errors) -> Option<Operations> {
    let block: ItemImpl = read(item.bare(), errors)?;
    if let ContractId::Missing = options.contract {
        errors.at_span(
            item.attribute(),
            "missing contract id: `#[capability_provider(contract = \"vendor:name\")]`\n\
             help: or implement a contract trait: `impl KeyValue for ..`",
        );
    }
    let ops = marked_methods(&block, errors);
    if !item.marks().iter().any(|mark| names(mark, symbol::OP)) {
        errors.with_help(
            &block.self_ty,
            "this provider has no operations",
            "mark a method with `#[op]`",
        );
    }
    match &options.contract {
        ContractId::Given(id) => Some(Operations::Marked { id: id.clone(), ops }),
        _ => None,
    }
}

/// Reads the trait of `#[contract]`. Without a result, errors were found.
pub(crate) fn contract(
    skeleton: &Skeleton,
    options: &ContractOptions,
    errors: &mut Errors,
) -> Option<Contract> {
    let item: ItemTrait = read(skeleton.bare(), errors)?;
    if let ContractId::Missing = options.id {
        errors.at_span(
            skeleton.attribute(),
            "expected the contract id: `#[contract(\"vendor:name\")]`",
        );
    }
    let is_generic = !item.generics.params.is_empty();
    if is_generic {
        let Generics { lt_token, params, gt_token, .. } = &item.generics;
        errors.at(
            quote!(#lt_token #params #gt_token),
            "a contract cannot be generic: hosts and actors know it only by its id",
        );
    }
    if item.items.is_empty() {
        errors.at(&item.ident, "a contract needs at least one operation");
    }
    let mut ops = Vec::new();
    for item in &item.items {
        let TraitItem::Fn(method) = item else {
            errors.at(item, "a contract contains only operations");
            continue;
        };
        ops.push(operation::of_contract(&method.attrs, &method.sig, errors));
        if let Some(body) = &method.default {
            errors.at(
                body,
                "an operation is declared here and implemented by the provider: remove the body",
            );
        }
    }
    let attributes = attributes(&item.attrs);
    match &options.id {
        ContractId::Given(id) if !is_generic => Some(Contract {
            attributes,
            vis: item.vis,
            ident: item.ident,
            id: id.clone(),
            version: options.version.clone(),
            ops,
        }),
        _ => None,
    }
}

fn read<T: Parse>(item: TokenStream, errors: &mut Errors) -> Option<T> {
    syn::parse2(item).map_err(|error| errors.push(error)).ok()
}

fn is_concrete(block: &ItemImpl, errors: &mut Errors) -> bool {
    let params = &block.generics.params;
    let generic = if params.is_empty() {
        anonymous_lifetime(block.self_ty.to_token_stream())
    } else {
        Some(params.to_token_stream())
    };
    let Some(generic) = generic else { return true };
    errors.at(
        generic,
        "a capability provider cannot be generic: the exported constructor has one concrete type",
    );
    false
}

/// The first `'_`.
fn anonymous_lifetime(tokens: TokenStream) -> Option<TokenStream> {
    use proc_macro2::TokenTree::{Group, Ident, Punct};
    let mut tokens = tokens.into_iter().peekable();
    while let Some(token) = tokens.next() {
        match (token, tokens.peek()) {
            (Punct(quote), Some(Ident(name))) if quote.as_char() == '\'' && name == "_" => {
                let mut lifetime = quote.to_token_stream();
                name.to_tokens(&mut lifetime);
                return Some(lifetime);
            }
            (Group(group), _) => {
                let inside = anonymous_lifetime(group.stream());
                if inside.is_some() {
                    return inside;
                }
            }
            _ => {}
        }
    }
    None
}

/// The methods of a block that are marked with `#[op]`.
fn marked_methods(block: &ItemImpl, errors: &mut Errors) -> Vec<Operation> {
    let mut ops = Vec::new();
    for item in &block.items {
        let (attributes, keyword) = match item {
            ImplItem::Fn(method) if method.attrs.iter().any(is_op) => {
                ops.push(operation::of_provider(&method.attrs, &method.sig, errors));
                continue;
            }
            ImplItem::Fn(method) => {
                operation::refuse_arg(method.sig.inputs.iter(), errors);
                continue;
            }
            ImplItem::Const(item) => (&item.attrs, item.const_token.to_token_stream()),
            ImplItem::Type(item) => (&item.attrs, item.type_token.to_token_stream()),
            ImplItem::Macro(item) => (&item.attrs, item.mac.path.to_token_stream()),
            // A method without a body, say: rustc refuses all of it.
            _ => continue,
        };
        if attributes.iter().any(is_op) {
            errors.at(keyword, "only a method can be an operation");
        }
    }
    ops
}

/// Whether a `#[..]` is `name`.
fn names(mark: &TokenStream, name: &str) -> bool {
    let attributes = Attribute::parse_outer.parse2(mark.clone()).unwrap_or_default();
    attributes.iter().any(|attribute| is_named(attribute.meta.to_token_stream(), name))
}

pub(crate) fn is_op(attribute: &Attribute) -> bool {
    is_named(attribute.meta.to_token_stream(), symbol::OP)
}

pub(crate) fn is_arg(attribute: &Attribute) -> bool {
    is_named(attribute.meta.to_token_stream(), symbol::ARG)
}

/// What is carried over from an item's attributes.
pub(crate) fn attributes(attributes: &[Attribute]) -> Attributes {
    let named = |name: &'static str| {
        attributes.iter().filter(move |attribute| attribute.path().is_ident(name)).cloned()
    };
    Attributes {
        docs: named("doc").filter(|doc| doc_line(doc).is_some()).collect(),
        conditions: named("cfg").collect(),
        deprecated: named("deprecated").next(),
    }
}

/// The text of `#[doc = ".."]`.
fn doc_line(attribute: &Attribute) -> Option<String> {
    let Meta::NameValue(doc) = &attribute.meta else { return None };
    match &doc.value {
        Expr::Lit(ExprLit { lit: Lit::Str(text), .. }) => Some(text.value()),
        _ => None,
    }
}

impl Attributes {
    /// The documentation as Markdown.
    pub(crate) fn doc(&self) -> String {
        let lines: Vec<_> = self.docs.iter().filter_map(doc_line).collect();
        let lines: Vec<_> = lines
            .iter()
            .flat_map(|text| text.split('\n'))
            .map(|line| line.strip_prefix(' ').unwrap_or(line))
            .collect();
        lines.join("\n").trim().to_owned()
    }
}
