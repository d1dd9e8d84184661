//! The operation table: of each operation what is said of it, and how it is called.
//!
//! A call takes the arguments, calls the method and sends the reply, without a name of its own in
//! between: arguments may be called anything.

use proc_macro2::{Delimiter, Group, Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::Type;

use super::{Core, ends};
use crate::{
    ir::{Argument, Example, Operation},
    types,
    wire_type::text,
};

/// How the methods of a table are called.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Form {
    Synchronous,
    Asynchronous,
}

/// What is said of `ops`, as an array.
// What every entry names is imported once: a path costs tokens, and a resolution, an operation. Among
// the entries there is no name of an author's that it could take the place of.
pub(super) fn entries(ops: &[Operation], core: &Core) -> TokenStream {
    let entries = ops.iter().filter(|op| op.sound).map(entry);
    quote!({
        #[allow(unused_imports)]
        use #core::OpEntry;
        &[#(#entries),*]
    })
}

/// How `ops` are called, as an array in the same order. `this` is the path that the methods are found
/// under.
// Imported as in `entries`: no function of an author's is called by its name alone.
pub(super) fn calls(
    ops: &[Operation],
    form: Form,
    this: &impl Fn(Span) -> TokenStream,
    core: &Core,
) -> TokenStream {
    let calls = ops.iter().filter(|op| op.sound).map(|op| {
        let conditions = &op.attributes.conditions;
        let thunk = thunk(op, form, this, core);
        quote!(#(#conditions)* #thunk)
    });
    quote!({
        #[allow(unused_imports)]
        use #core::__private::respond;
        &[#(#calls),*]
    })
}

fn entry(op: &Operation) -> TokenStream {
    let conditions = &op.attributes.conditions;
    let name = &op.name.text;
    let doc = op.attributes.doc();
    let keys = op.args.iter().map(|arg| &arg.key.text);
    let constructor = if op.unary { quote!(unary) } else { quote!(new) };
    let aliases = (!op.aliases.is_empty()).then(|| {
        let aliases = op.aliases.iter().map(|alias| &alias.text);
        quote!(.aliases(&[#(#aliases),*]))
    });
    let types = op.args.iter().map(|arg| written(&arg.ty));
    let reply = written(types::reply(&op.output).unwrap_or(&op.output));
    let examples = (!op.examples.is_empty()).then(|| {
        let examples = op.examples.iter().map(Example::entry);
        quote!(.examples(&[#(#examples),*]))
    });
    let deprecated = op.attributes.deprecated.as_ref().map(|_| quote!(.deprecated()));
    let idempotent = op.idempotent.then(|| quote!(.idempotent()));
    quote! {
        #(#conditions)*
        OpEntry::#constructor(#name, #doc, &[#(#keys),*])
            .typed(&[#(#types),*], #reply) #aliases #examples #deprecated #idempotent
    }
}

/// A type as an author writes it.
fn written(ty: &Type) -> String {
    // A lifetime that nobody wrote is not shown.
    text(ty.to_token_stream()).replace("&'_ ", "&")
}

fn thunk(
    op: &Operation,
    form: Form,
    this: &impl Fn(Span) -> TokenStream,
    core: &Core,
) -> TokenStream {
    let local = |name, span| Ident::new(name, Span::mixed_site().located_at(span));
    let site = Span::mixed_site();
    let (me, cx) = (local("__me", site), local("__cx", op.cx));
    let (args, reply) = (local("__args", site), local("__reply", site));
    let values = op.args.iter().map(|arg| take(arg, &args));
    let binding = if op.args.is_empty() { quote!(_) } else { quote!(mut #args) };
    // The compiler complains about a return type at the call that returns it.
    let (first, last) = ends(&op.output);
    let this = this(first);
    let mut method = op.ident.clone();
    method.set_span(first.resolved_at(method.span()));
    let mut given = Group::new(Delimiter::Parenthesis, quote!(#me, #cx #(, #values)*));
    given.set_span(last);
    let call = quote_spanned!(first=> #this::#method #given);
    let returned = if types::reply(&op.output).is_some() {
        call
    } else {
        // What is no `Result` makes the same error here as in the client's signature, and the
        // compiler shows the same error once.
        let (output, core) = (&op.output, core.at(first));
        let open = quote_spanned!(first=> <#output as #core::__private::OpReturn>);
        let into_result = quote_spanned!(last=> #open::into_result);
        match form {
            Form::Synchronous => quote_spanned!(last=> #into_result(#call)),
            Form::Asynchronous => {
                let then = quote_spanned!(first=> #core::__private::then);
                quote_spanned!(last=> #then(#call, #into_result))
            }
        }
    };
    let mut given = Group::new(Delimiter::Parenthesis, quote!(#reply, #returned));
    given.set_span(last);
    let respond = quote_spanned!(first=> respond);
    quote!(|#me, #cx, #binding, #reply| #respond #given)
}

/// The method says of what type it is: a type that is named twice is complained about twice.
fn take(Argument { ty, .. }: &Argument, args: &Ident) -> TokenStream {
    let (first, _) = ends(ty);
    let argument = quote_spanned!(first=> .argument()?);
    quote!(#args #argument)
}

/// What an operation replies, if its return type is some `Result`.
pub(super) fn reply_of(output: &Type, core: &Core) -> TokenStream {
    let (first, last) = ends(output);
    let core = core.at(first);
    let open = quote_spanned!(first=> <#output as #core::__private::OpReturn>);
    quote_spanned!(last=> #open::Reply)
}
