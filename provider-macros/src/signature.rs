//! The rules for an operation's signature, from its qualifiers to its return type.

use quote::ToTokens;
use syn::{
    FnArg, GenericParam, Lifetime, Pat, PatIdent, PatType, Receiver, ReceiverKind, ReturnType,
    Safety, Signature, Type, WherePredicate,
};

use crate::{
    errors::Errors,
    ir::{Argument, WireName},
    options,
    parse::is_arg,
    symbol,
    types::{elided, is_context, is_path, mentions, reply, ungroup},
    wire_type::{self, text},
};

/// Nothing before `fn`, but for `async`.
pub(crate) fn qualifiers(signature: &Signature, errors: &mut Errors) {
    if let Safety::Unsafe(keyword) = &signature.safety {
        errors.with_help(
            keyword,
            "an operation cannot be `unsafe`: it is called with whatever bytes an actor sends",
            "remove `unsafe`",
        );
    }
    if let Some(abi) = &signature.abi {
        errors.with_help(
            abi,
            "an operation cannot have an ABI: the host reaches it through the table",
            format_args!("remove `{}`", text(abi.to_token_stream())),
        );
    }
}

/// Lifetimes are all that an operation may be generic over; returns them.
pub(crate) fn generics<'a>(signature: &'a Signature, errors: &mut Errors) -> Vec<&'a Lifetime> {
    let mut lifetimes = Vec::new();
    for param in &signature.generics.params {
        if let GenericParam::Lifetime(param) = param {
            lifetimes.push(&param.lifetime);
        } else {
            errors.with_help(
                param,
                "an operation cannot be generic: its argument types are its wire format",
                "write one operation for each type, or an `enum` of them",
            );
        }
    }
    let clauses = signature.generics.where_clause.iter().flat_map(|clause| &clause.predicates);
    for clause in clauses.filter(|clause| !matches!(clause, WherePredicate::Lifetime(_))) {
        errors.with_help(
            clause,
            "an operation cannot have a condition: it is there for every actor",
            "remove it, or make it a supertrait of the contract",
        );
    }
    lifetimes
}

/// `&self`. Says whether there is a receiver at all.
pub(crate) fn receiver(signature: &Signature, errors: &mut Errors) -> bool {
    const ADD: &str = "add `&self` before all other arguments";
    let receiver = match signature.inputs.first() {
        Some(FnArg::Receiver(receiver)) => receiver,
        Some(other) => {
            errors.with_help(other, "an operation needs a `&self` receiver", ADD);
            return false;
        }
        None => {
            errors.with_help(&signature.ident, "an operation needs a `&self` receiver", ADD);
            return false;
        }
    };
    match access(receiver) {
        Access::Shared => {}
        Access::Exclusive => errors.with_help(
            receiver,
            "an operation takes `&self`: the host may call a provider from several threads at once",
            "keep mutable state behind a `Mutex` or an atomic",
        ),
        Access::Owned => errors.with_help(
            receiver,
            "an operation takes `&self`: one provider serves every linked actor",
            "write `&self`",
        ),
    }
    true
}

enum Access {
    Shared,
    Exclusive,
    Owned,
}

fn access(receiver: &Receiver) -> Access {
    let reference = |exclusive| if exclusive { Access::Exclusive } else { Access::Shared };
    match &receiver.kind {
        ReceiverKind::Reference(_, _, mutability) => reference(mutability.is_some()),
        ReceiverKind::Typed(_, ty) => match ungroup(ty) {
            Type::Reference(ty) if is_path(&ty.elem, "Self") => reference(ty.mutability.is_some()),
            _ => Access::Owned,
        },
        _ => Access::Owned,
    }
}

/// The context's type, which stands first after the receiver.
pub(crate) fn context<'a>(
    signature: &Signature,
    found: Option<&'a PatType>,
    errors: &mut Errors,
) -> Option<&'a Type> {
    const HELP: &str = "`cx: Cx<'_, Self>`";
    let Some(found) = found else {
        errors.with_help(
            &signature.ident,
            "the argument after `&self` must be the call context",
            format_args!("add {HELP}"),
        );
        return None;
    };
    match ungroup(&found.ty) {
        ty if is_path(ty, symbol::CX) => return Some(ty),
        ty if is_context(ty) => errors.with_help(
            ty,
            "the call context is passed by value",
            format_args!("write {HELP}"),
        ),
        _ => errors.with_help(
            found,
            "the argument after `&self` must be the call context",
            format_args!("add {HELP}"),
        ),
    }
    None
}

/// An argument behind the context.
pub(crate) fn argument(
    input: &PatType,
    lifetimes: &[&Lifetime],
    errors: &mut Errors,
) -> Option<Argument> {
    let before = errors.count();
    let mut name = None;
    let mut marked = false;
    for attribute in &input.attrs {
        if is_arg(attribute) {
            if marked {
                errors.at(attribute, "duplicate attribute `#[arg]`");
            }
            marked = true;
            name = options::arg_name(attribute, errors);
        } else if attribute.path().is_ident("cfg") {
            errors.with_help(
                attribute,
                "an operation argument cannot be conditional: its wire format would change with it",
                "put the condition on the operation",
            );
        }
    }
    let ident = match &*input.pat {
        Pat::Ident(PatIdent { by_ref: None, subpat: None, ident, .. }) => Some(ident),
        Pat::Wild(underscore) => {
            errors.with_help(
                underscore,
                "an operation argument needs a name: the name is its key on the wire",
                "to ignore it, prefix the name with `_`",
            );
            None
        }
        pattern => {
            errors.with_help(
                pattern,
                "patterns are not allowed in operation arguments: the name is the key on the wire",
                format_args!(
                    "write a name, and in the body `let {} = name;`",
                    text(pattern.to_token_stream())
                ),
            );
            None
        }
    };
    if let Some(refused) = wire_type::argument(&input.ty) {
        errors.refuse(&input.ty, refused);
    }
    let ident = ident?;
    let key =
        name.map_or_else(|| WireName::of_argument(ident), |literal| WireName::literal(&literal));
    let ty = elided(&input.ty, lifetimes);
    (errors.count() == before).then(|| Argument { ident: ident.clone(), key, ty })
}

/// The return type.
pub(crate) fn output(
    signature: &Signature,
    lifetimes: &[&Lifetime],
    errors: &mut Errors,
) -> Option<Type> {
    let ReturnType::Type(_, output) = &signature.output else {
        errors.with_help(
            &signature.ident,
            "an operation must return a `Result`",
            "for no reply, return `Result<(), BoxError>`",
        );
        return None;
    };
    if mentions(output.to_token_stream(), "impl") {
        errors.at(
            output,
            "`impl Trait` is not allowed in an operation's reply: the concrete type is the wire format",
        );
        return None;
    }
    if let Some(reply) = reply(output)
        && let Some(refused) = wire_type::reply(reply)
    {
        errors.refuse(reply, refused);
        return None;
    }
    Some(elided(output, lifetimes))
}
