//! The options of each attribute.

use proc_macro2::TokenStream;
use quote::ToTokens;
use syn::{
    Attribute, Expr, ExprClosure, ExprLit, ExprPath, Ident, Lit, LitStr, Path, Token,
    ext::IdentExt,
    parse::{ParseStream, Parser, discouraged::Speculative},
};

use crate::{
    errors::Errors,
    ir::Example,
    option_list::{Given, Options, until_comma},
    symbol,
    wire_type::text,
};

const CAPABILITY_PROVIDER: Options = Options {
    attribute: symbol::CAPABILITY_PROVIDER,
    known: &[symbol::CONTRACT, symbol::CRATE, symbol::NEW],
    repeated: &[],
    text: Some(symbol::CONTRACT),
};
const CONTRACT: Options = Options {
    attribute: symbol::CONTRACT,
    known: &[symbol::CALLS, symbol::CRATE, symbol::VERSION],
    repeated: &[],
    text: Some(symbol::VERSION),
};
const OP: Options = Options {
    attribute: symbol::OP,
    known: &[symbol::ALIAS, symbol::EXAMPLE, symbol::IDEMPOTENT, symbol::NAME, symbol::UNARY],
    repeated: &[symbol::ALIAS, symbol::EXAMPLE],
    text: Some(symbol::NAME),
};
const LINK_VALUES: Options =
    Options { attribute: symbol::VALUE, known: &[symbol::CRATE], repeated: &[], text: None };
const VALUE: Options = Options {
    attribute: symbol::VALUE,
    known: &[symbol::DEFAULT, symbol::EXPECTED, symbol::NAME, symbol::RANGE, symbol::SECRET],
    repeated: &[],
    text: Some(symbol::NAME),
};
const ARG: Options = Options {
    attribute: symbol::ARG,
    known: &[symbol::NAME],
    repeated: &[],
    text: Some(symbol::NAME),
};

/// A contract's id.
#[derive(Default)]
pub(crate) enum ContractId {
    #[default]
    Missing,
    /// What is there is no string, which was reported.
    Bad,
    Given(LitStr),
}

impl ContractId {
    fn new(literal: Option<LitStr>) -> Self {
        literal.map_or(Self::Bad, Self::Given)
    }
}

/// The options of `#[capability_provider]`.
#[derive(Default)]
pub(crate) struct ProviderOptions {
    pub(crate) contract: ContractId,
    pub(crate) core: Option<Path>,
    pub(crate) new: Constructor,
}

/// How a provider is constructed.
#[derive(Default)]
pub(crate) enum Constructor {
    #[default]
    Default,
    Path(ExprPath),
    Closure(ExprClosure),
    /// What is there is neither, which was reported.
    Bad,
}

/// The options of `#[contract]`.
#[derive(Default)]
pub(crate) struct ContractOptions {
    pub(crate) calls: Option<Path>,
    pub(crate) id: ContractId,
    pub(crate) core: Option<Path>,
    pub(crate) version: Option<LitStr>,
}

/// The options of `#[op]`.
#[derive(Default)]
pub(crate) struct OpOptions {
    pub(crate) aliases: Vec<LitStr>,
    pub(crate) examples: Vec<Example>,
    pub(crate) idempotent: bool,
    pub(crate) name: Option<LitStr>,
    pub(crate) unary: bool,
}

impl ProviderOptions {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut options = Self::default();
        CAPABILITY_PROVIDER.parse(tokens, errors, |given, errors| match &*given.name() {
            symbol::CONTRACT => options.contract = ContractId::new(given.string(errors)),
            symbol::CRATE => options.core = given.value("path", errors),
            _ => options.new = Constructor::new(given, errors),
        });
        options
    }
}

impl ContractOptions {
    pub(crate) fn parse(tokens: TokenStream, errors: &mut Errors) -> Self {
        let mut options = Self::default();
        let rest = options.take_id(tokens, errors);
        CONTRACT.parse(rest, errors, |given, errors| match &*given.name() {
            symbol::CALLS => options.calls = given.value("path", errors),
            symbol::CRATE => options.core = given.value("path", errors),
            _ => options.version = given.string(errors),
        });
        options
    }

    /// Takes the id, the only thing that has no key, off the front.
    fn take_id(&mut self, tokens: TokenStream, errors: &mut Errors) -> TokenStream {
        let split = |input: ParseStream<'_>| {
            let mut id = None;
            let is_option = input.peek(Ident::peek_any) && input.peek2(Token![=]);
            if is_option && let Some(given) = id_with_key(input, errors)? {
                id = Some(given);
                if input.peek(Token![,]) {
                    input.parse::<Token![,]>()?;
                }
            } else if !input.is_empty() && !is_option {
                id = Some(until_comma(input)?);
                if input.peek(Token![,]) {
                    input.parse::<Token![,]>()?;
                }
            }
            Ok((id, input.parse::<TokenStream>()?))
        };
        match split.parse2(tokens) {
            Ok((None, rest)) => rest,
            Ok((Some(id), rest)) => {
                self.id = ContractId::new(read_id(id, errors));
                rest
            }
            Err(error) => {
                errors.push(error);
                TokenStream::new()
            }
        }
    }
}

/// An id with a key before it, which it has not, but in `#[capability_provider]`.
fn id_with_key(input: ParseStream<'_>, errors: &mut Errors) -> syn::Result<Option<TokenStream>> {
    const KEYS: [&str; 3] = [symbol::CONTRACT, "id", symbol::NAME];
    let ahead = input.fork();
    let key = ahead.call(Ident::parse_any)?;
    ahead.parse::<Token![=]>()?;
    let Ok(id) = ahead.parse::<LitStr>() else { return Ok(None) };
    if !KEYS.iter().any(|known| key == known) {
        return Ok(None);
    }
    errors.with_help(
        key,
        "the contract id has no key",
        format_args!("write `#[contract({})]`", id.to_token_stream()),
    );
    input.advance_to(&ahead);
    Ok(Some(id.to_token_stream()))
}

fn read_id(given: TokenStream, errors: &mut Errors) -> Option<LitStr> {
    let mut rest = given.clone().into_iter();
    let first = rest.next().map(ToTokens::into_token_stream).unwrap_or_default();
    let rest: TokenStream = rest.collect();
    let id = syn::parse2(first).ok();
    if id.is_none() {
        errors.with_help(
            given,
            "expected string literal",
            format_args!("write `#[contract(\"{}\")]`", symbol::ID),
        );
    } else if !rest.is_empty() {
        errors.at(rest, "expected `,`");
    }
    id
}

impl OpOptions {
    pub(crate) fn parse(attribute: &Attribute, errors: &mut Errors) -> Self {
        let mut options = Self::default();
        OP.parse_attribute(attribute, errors, |given, errors| match &*given.name() {
            symbol::ALIAS => options.aliases.extend(given.string(errors)),
            symbol::EXAMPLE => options.examples.extend(Example::parse(given, errors)),
            symbol::IDEMPOTENT => options.idempotent = given.flag(errors),
            symbol::NAME => options.name = given.string(errors),
            _ => options.unary = given.flag(errors),
        });
        options
    }
}

/// The options of `#[value]` on a field.
#[derive(Default)]
pub(crate) struct ValueOptions {
    pub(crate) default: Option<Expr>,
    pub(crate) expected: Option<LitStr>,
    pub(crate) name: Option<LitStr>,
    pub(crate) range: Option<Expr>,
    pub(crate) secret: bool,
}

impl ValueOptions {
    pub(crate) fn parse(attribute: &Attribute, errors: &mut Errors) -> Self {
        let mut options = Self::default();
        VALUE.parse_attribute(attribute, errors, |given, errors| match &*given.name() {
            symbol::DEFAULT => options.default = given.value("a literal", errors).map(ungroup),
            symbol::EXPECTED => options.expected = given.string(errors),
            symbol::NAME => options.name = given.string(errors),
            symbol::RANGE => options.range = given.value("a range", errors).map(ungroup),
            _ => options.secret = given.flag(errors),
        });
        options
    }
}

/// The only option of `#[value]` on a struct.
pub(crate) fn link_values_core(attribute: &Attribute, errors: &mut Errors) -> Option<Path> {
    let mut core = None;
    LINK_VALUES
        .parse_attribute(attribute, errors, |given, errors| core = given.value("path", errors));
    core
}

/// The only option of `#[arg]`.
pub(crate) fn arg_name(attribute: &Attribute, errors: &mut Errors) -> Option<LitStr> {
    let mut name = None;
    ARG.parse_attribute(attribute, errors, |given, errors| name = given.string(errors));
    name
}

impl Constructor {
    fn new(given: &Given, errors: &mut Errors) -> Self {
        match given.value("path", errors).map(ungroup) {
            Some(Expr::Path(path)) => return Self::Path(path),
            Some(Expr::Closure(closure)) => return Self::Closure(closure),
            Some(other) => {
                let instead = Self::instead_of(&other);
                errors.with_help(
                    other,
                    "expected the constructor itself: a path or a closure",
                    format_args!("write `new = {instead}`"),
                );
            }
            None => {}
        }
        Self::Bad
    }
}

impl Constructor {
    /// What to write for an expression that is called too early, or is in quotes.
    fn instead_of(other: &Expr) -> String {
        match other {
            Expr::Call(call) if call.args.is_empty() => text(call.func.to_token_stream()),
            Expr::Call(_) => format!("|| {}", text(other.to_token_stream())),
            Expr::Lit(ExprLit { lit: Lit::Str(quoted), .. }) => match quoted.parse::<Path>() {
                Ok(path) => text(path.to_token_stream()),
                Err(_) => "|| ..".to_owned(),
            },
            _ => "|| ..".to_owned(),
        }
    }
}

/// The expression that invisible delimiters hide: `macro_rules!` leaves them around `$new:expr`.
fn ungroup(expression: Expr) -> Expr {
    match expression {
        Expr::Group(group) => ungroup(*group.expr),
        other => other,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use quote::quote;

    fn messages(errors: Errors) -> String {
        errors.finish().to_string()
    }

    #[test]
    fn good_options_are_read_whatever_stands_between_them() {
        let mut errors = Errors::new();
        let options = ProviderOptions::parse(
            quote!(
                nwe = 1,
                contract = "a:b",
                5,
                new = Kv::build::<u8, u16>,
                crate = ::c,
                contract = "c:d"
            ),
            &mut errors,
        );
        assert!(matches!(options.contract, ContractId::Given(id) if id.value() == "a:b"));
        let Constructor::Path(new) = options.new else { panic!("no constructor") };
        assert_eq!(new.to_token_stream().to_string(), quote!(Kv::build::<u8, u16>).to_string());
        assert_eq!(options.core.to_token_stream().to_string(), quote!(::c).to_string());
        assert_eq!(errors.count(), 3);
        let messages = messages(errors);
        assert!(messages.contains("unknown `#[capability_provider]` option `nwe`, expected one of: `contract`, `crate`, `new`"), "{messages}");
        assert!(messages.contains("expected one of: `contract`"), "{messages}");
        assert!(messages.contains("duplicate option `contract`"), "{messages}");
    }

    #[test]
    fn unfinished_options_cost_one_error_each() {
        for tokens in [
            quote!(name =),
            quote!(name),
            quote!(name = =),
            quote!(name = Get),
            quote!(unary = true),
            quote!(name "x"),
        ] {
            let mut errors = Errors::new();
            OpOptions::parse(&syn::parse_quote!(#[op(#tokens)]), &mut errors);
            let count = errors.count();
            let messages = messages(errors);
            assert_eq!(count, 1, "{tokens}: {messages}");
        }
    }

    #[test]
    fn an_alias_may_be_repeated() {
        let mut errors = Errors::new();
        let options = OpOptions::parse(
            &syn::parse_quote!(#[op(alias = "A", idempotent, alias = "B")]),
            &mut errors,
        );
        assert_eq!(options.aliases.iter().map(LitStr::value).collect::<Vec<_>>(), ["A", "B"]);
        assert!(options.idempotent && !options.unary);
        assert_eq!(messages(errors), "");
    }

    #[test]
    fn the_contract_id_comes_first_and_without_a_key() {
        let mut errors = Errors::new();
        let options = ContractOptions::parse(quote!("a:b", version = "0.2"), &mut errors);
        assert!(matches!(options.id, ContractId::Given(id) if id.value() == "a:b"));
        assert_eq!(options.version.unwrap().value(), "0.2");
        let options = ContractOptions::parse(quote!(5, version = "0.2"), &mut errors);
        assert!(matches!(options.id, ContractId::Bad) && options.version.is_some());
        assert_eq!(errors.count(), 1);
        drop(messages(errors));
    }
}
