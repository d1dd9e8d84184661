//! The rules that take a look at an item as a whole, and the rules for names on the wire.

use proc_macro2::Ident;
use syn::LitStr;

use crate::{
    errors::Errors,
    ir::{Contract, LinkStruct, Operation, Operations, Provider, WireName},
    symbol,
};

/// Looks at a whole contract trait.
pub(crate) fn contract(contract: &Contract, errors: &mut Errors) {
    check_id(&contract.id, errors);
    if let Some(version) = &contract.version
        && version.value().is_empty()
    {
        errors.at(version, "contract version must not be empty");
    }
    check_ops(&contract.ops, errors);
}

/// Looks at a whole provider.
pub(crate) fn provider(provider: &Provider, errors: &mut Errors) {
    if let Operations::Marked { id, ops } = &provider.operations {
        check_id(id, errors);
        check_ops(ops, errors);
    }
}

/// Looks at all the values of a link.
pub(crate) fn link_values(values: &LinkStruct, errors: &mut Errors) {
    let keys: Vec<_> = values.values.iter().map(|value| (&value.key, false)).collect();
    for (key, _) in &keys {
        if key.text.is_empty() {
            errors.at(&key.source, "link value key must not be empty");
        }
    }
    check_distinct("link value", &keys, errors);
}

fn check_id(id: &LitStr, errors: &mut Errors) {
    let text = id.value();
    let names_vendor =
        text.split_once(':').is_some_and(|(vendor, name)| !vendor.is_empty() && !name.is_empty());
    if !names_vendor || text.contains(char::is_whitespace) {
        errors.at(id, "a contract id names its vendor: expected `vendor:name`");
    }
}

fn check_ops(ops: &[Operation], errors: &mut Errors) {
    let mut names = Vec::new();
    for op in ops {
        let conditional = !op.attributes.conditions.is_empty();
        for name in std::iter::once(&op.name).chain(&op.aliases) {
            check_op_name(name, errors);
            names.push((name, conditional));
        }
        let keys: Vec<_> = op.args.iter().map(|arg| (&arg.key, false)).collect();
        for (key, _) in &keys {
            if key.text.is_empty() {
                errors.at(&key.source, "argument name must not be empty");
            }
        }
        check_distinct("argument", &keys, errors);
    }
    check_distinct("operation", &names, errors);
}

fn check_op_name(name: &WireName, errors: &mut Errors) {
    let text = &*name.text;
    if text.is_empty() {
        errors.at(&name.source, "operation name must not be empty");
    } else if text.starts_with("__") {
        errors.at(&name.source, "operation names that start with `__` are reserved");
    } else if let Some((_, instead)) =
        symbol::RESERVED_OPS.iter().find(|(reserved, _)| *reserved == text)
    {
        errors.with_help(
            &name.source,
            format_args!("`{text}` is answered by the SDK and cannot be an operation"),
            format_args!("implement `{instead}` instead"),
        );
    }
}

fn is_rust_name(name: &WireName) -> bool {
    syn::parse2::<Ident>(name.source.clone()).is_ok()
}

/// Reports every name that was there before, and once the place where it was there first. Two that
/// are conditional may exclude each other.
fn check_distinct(what: &str, names: &[(&WireName, bool)], errors: &mut Errors) {
    let mut reported = Vec::new();
    for (index, (name, conditional)) in names.iter().enumerate() {
        let same = |(earlier, earlier_conditional): &&(&WireName, bool)| {
            earlier.text == name.text && !(*conditional && *earlier_conditional)
        };
        let Some((first, _)) = names[..index].iter().find(same) else { continue };
        // Of two Rust names that are the same rustc says so.
        if is_rust_name(first) && first.source.to_string() == name.source.to_string() {
            continue;
        }
        errors.at(&name.source, format_args!("{what} `{}` is declared twice", name.text));
        if !reported.contains(&&first.text) {
            errors.at(&first.source, format_args!("`{}` is first declared here", name.text));
            reported.push(&first.text);
        }
    }
}
