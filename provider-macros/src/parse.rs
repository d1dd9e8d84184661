//! From what `syn` read to what we know of it. Whatever is wrong in one place is found here;
//! [`check`](crate::check) finds what takes a look at the whole.

use proc_macro2::TokenStream;
use quote::{ToTokens, quote};
use syn::{
    Attribute, Expr, ExprLit, Generics, ImplItem, ItemImpl, ItemTrait, Lit, Meta, Path, Token,
    TraitItem, TraitItemFn, Type, Visibility,
    parse::{Parse, ParseStream, Parser},
};

use crate::{
    errors::Errors,
    ir::{Attributes, Contract, Operation, Operations, Provider},
    operation,
    options::{ContractId, ContractOptions, ProviderOptions},
    skeleton::Skeleton,
    symbol,
    tokens::is_named,
    types::mentions,
    wire_type::text,
};

/// Reads the `impl` block of `#[capability_provider]`. Without a result, errors were found.
pub(crate) fn provider(
    item: &Skeleton,
    options: &ProviderOptions,
    errors: &mut Errors,
) -> Option<Provider> {
    let block: ItemImpl = read(item.bare_header(), errors)?;
    let concrete = is_concrete(&block, errors);
    let mut operations = match &block.trait_ {
        Some((contract, _)) => implemented(contract, &block.self_ty, item, options, errors),
        None => marked(item, options, errors),
    };
    let attributes = attributes(&block.attrs);
    let self_ty = *block.self_ty;
    let asynchronous = match &mut operations {
        Some(Operations::Marked { ops, .. }) => is_asynchronous(ops, errors),
        Some(Operations::Trait(_)) => !asynchronous_methods(item).is_empty(),
        None => false,
    };
    operations.filter(|_| concrete).map(|operations| Provider {
        attributes,
        self_ty,
        asynchronous,
        operations,
    })
}

/// Whether operations are asynchronous; all of them are, or none.
fn is_asynchronous(ops: &mut [Operation], errors: &mut Errors) -> bool {
    let asynchronous = ops.iter().any(|op| op.asynchronous);
    for op in ops.iter_mut().filter(|op| asynchronous && !op.asynchronous) {
        errors.with_help(
            &op.ident,
            "this provider's other operations are `async fn`, and this one is not",
            "write `async fn`: one that waits for nothing costs no more",
        );
        op.sound = false;
    }
    asynchronous
}

/// Where the methods in the braces that are `async fn` say so. What cannot be read is rustc's to judge.
fn asynchronous_methods(item: &Skeleton) -> Vec<Token![async]> {
    let Ok(block) = syn::parse2::<ItemImpl>(item.bare()) else { return Vec::new() };
    let keyword = |item| match item {
        ImplItem::Fn(method) => method.sig.asyncness,
        _ => None,
    };
    block.items.into_iter().filter_map(keyword).collect()
}

/// The block of a synchronous contract with its `async fn` as they would have to be, so that rustc does not
/// complain about what is complained about here. What is in the methods may wait, so it is left out.
pub(crate) fn as_synchronous(item: &Skeleton) -> Option<TokenStream> {
    let mut block: ItemImpl = syn::parse2(item.bare()).ok()?;
    let (contract, _) = block.trait_.as_ref()?;
    let name = contract.segments.last()?.ident.to_string();
    if name.ends_with(symbol::ASYNC) || asynchronous_methods(item).is_empty() {
        return None;
    }
    for item in &mut block.items {
        if let ImplItem::Fn(method) = item {
            method.sig.asyncness = None;
            method.block = syn::parse_quote!({ ::core::unreachable!() });
        }
    }
    Some(block.into_token_stream())
}

/// The operations of a block that implements a contract trait. What stands in its braces is between
/// the author and the trait.
fn implemented(
    contract: &Path,
    self_ty: &Type,
    item: &Skeleton,
    options: &ProviderOptions,
    errors: &mut Errors,
) -> Option<Operations> {
    if let Some((message, help)) = no_contract(contract, self_ty, item) {
        errors.with_help(contract, message, help);
        return None;
    }
    if let ContractId::Given(id) = &options.contract {
        errors.with_help(
            id,
            "the contract id comes from the trait here",
            format_args!("remove `contract = {}`", id.to_token_stream()),
        );
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
    let name = contract.segments.last().map(|last| last.ident.to_string()).unwrap_or_default();
    if !name.ends_with(symbol::ASYNC) {
        for keyword in asynchronous_methods(item) {
            errors.with_help(
                keyword,
                format_args!(
                    "the operations of `{name}` are synchronous: its asynchronous form is another trait"
                ),
                format_args!(
                    "remove `async`, or implement the asynchronous form of the contract: \
                     `impl {name}{} for ..`",
                    symbol::ASYNC
                ),
            );
        }
    }
    Some(Operations::Trait(contract.clone()))
}

/// What is wrong with a block of the two traits that authors take for a contract: a contract may have
/// their names, and then it has not their contents.
fn no_contract(contract: &Path, self_ty: &Type, item: &Skeleton) -> Option<(String, String)> {
    let name = contract.segments.last()?.ident.to_string();
    if name == symbol::PROVIDER && mentions(item.bare(), "Link") {
        return Some((
            format!("`{name}` is the lifecycle of a provider and not its contract"),
            format!(
                "write `#[capability_provider]` above `impl KeyValue for {}`, for the trait of your contract",
                text(self_ty.to_token_stream())
            ),
        ));
    }
    if name == symbol::BY_HAND && mentions(item.bare(), "handle_call") {
        let ty = text(self_ty.to_token_stream());
        return Some((
            format!("`{name}` is implemented by hand and has no contract trait"),
            format!("write `export_provider!({ty}, {ty}::new);` in place of the attribute"),
        ));
    }
    None
}

/// The operations of a block that marks them.
fn marked(item: &Skeleton, options: &ProviderOptions, errors: &mut Errors) -> Option<Operations> {
    let mut block: ItemImpl = read(item.bare_header(), errors)?;
    block.items = members(item, errors);
    let has_ops = item.marks().iter().any(|mark| names(mark, symbol::OP));
    if let (ContractId::Missing, false) = (&options.contract, has_ops) {
        errors.with_help(
            &block.self_ty,
            "this block implements no contract, and marks no operations of its own",
            format_args!(
                "write `#[capability_provider]` above `impl KeyValue for {}`, for the trait of your contract",
                text(block.self_ty.to_token_stream())
            ),
        );
        return None;
    }
    if let ContractId::Missing = options.contract {
        errors.at_span(
            item.attribute(),
            "missing contract id: `#[capability_provider(contract = \"vendor:name\")]`\n\
             help: or implement a contract trait: `impl KeyValue for ..`",
        );
    }
    let ops = marked_methods(&block, errors);
    if !has_ops {
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
    let mut item: ItemTrait = read(skeleton.bare_header(), errors)?;
    item.items = members(skeleton, errors);
    if let ContractId::Missing = options.id {
        errors.at_span(
            skeleton.attribute(),
            "expected the contract id: `#[contract(\"vendor:name\")]`",
        );
    }
    let is_generic = !item.generics.params.is_empty();
    if is_generic {
        let Generics { lt_token, params, gt_token, .. } = &item.generics;
        errors.with_help(
            quote!(#lt_token #params #gt_token),
            "a contract cannot be generic: hosts and actors know it only by its id",
            "write the types where they are used",
        );
    }
    if skeleton.contents().is_empty() && options.calls.is_none() {
        errors.with_help(
            &item.ident,
            "a contract needs at least one operation",
            "write one: `fn get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<String>;`",
        );
    }
    let mut ops: Vec<Operation> = Vec::new();
    for item in &item.items {
        let public = if let TraitItem::Verbatim(item) = item { public_method(item) } else { None };
        let ((TraitItem::Fn(method), _) | (_, Some(method))) = (item, &public) else {
            errors.with_help(
                item,
                "a contract contains only operations",
                "write types and constants beside the trait",
            );
            continue;
        };
        ops.push(operation::of_contract(&method.attrs, &method.sig, errors));
        if let Some(body) = &method.default {
            errors.with_help(
                body,
                "an operation is declared here and implemented by the provider",
                "write `;` in place of the body",
            );
        }
    }
    leave_doubles(&mut ops);
    let attributes = attributes(&item.attrs);
    match &options.id {
        ContractId::Given(id) if !is_generic => Some(Contract {
            attributes,
            vis: item.vis,
            ident: item.ident,
            id: id.clone(),
            version: options.version.clone(),
            calls: options.calls.clone(),
            ops,
        }),
        _ => None,
    }
}

fn read<T: Parse>(item: TokenStream, errors: &mut Errors) -> Option<T> {
    syn::parse2(item).map_err(|error| errors.unread(error)).ok()
}

/// What can be read of what stands in an item's braces.
fn members<T: Parse>(item: &Skeleton, errors: &mut Errors) -> Vec<T> {
    let all = |input: ParseStream<'_>| {
        let mut all = Vec::new();
        while !input.is_empty() {
            all.push(input.parse()?);
        }
        Ok(all)
    };
    all.parse2(item.contents()).unwrap_or_else(|_| {
        item.members().into_iter().filter_map(|member| read(member, errors)).collect()
    })
}

/// `pub fn`, which rustc refuses in a trait: it need not be refused twice.
fn public_method(item: &TokenStream) -> Option<TraitItemFn> {
    let read = |input: ParseStream<'_>| {
        let attrs = Attribute::parse_outer(input)?;
        input.parse::<Visibility>()?;
        Ok(TraitItemFn { attrs, ..input.parse()? })
    };
    read.parse2(item.clone()).ok()
}

/// Leaves the methods to rustc that have the name of another.
fn leave_doubles(ops: &mut [Operation]) {
    for index in 1..ops.len() {
        let (earlier, rest) = ops.split_at_mut(index);
        let same = |op: &&Operation| op.ident == rest[0].ident;
        if let Some(first) = earlier.iter().find(same) {
            let conditional = |op: &Operation| !op.attributes.conditions.is_empty();
            rest[0].sound &= conditional(first) || conditional(&rest[0]);
        }
    }
}

fn is_concrete(block: &ItemImpl, errors: &mut Errors) -> bool {
    let params = &block.generics.params;
    let generic = if params.is_empty() {
        anonymous_lifetime(block.self_ty.to_token_stream())
    } else {
        Some(params.to_token_stream())
    };
    let Some(generic) = generic else { return true };
    errors.with_help(
        generic,
        "a capability provider cannot be generic: the exported constructor has one concrete type",
        "write the type that the host shall construct",
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
            errors.with_help(keyword, "only a method can be an operation", "remove `#[op]`");
        }
    }
    leave_doubles(&mut ops);
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
