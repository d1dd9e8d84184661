//! What can be told of a link value by the tokens of its type: what it is for people, and whether a
//! default is one.
//!
//! A type is known by its last name, as `Option` is. Of one that is not known there is nothing to tell
//! but that name; it is read by whatever the type implements all the same.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6},
    str::FromStr,
};

use proc_macro2::{Ident, Span, TokenStream};
use quote::{ToTokens, quote, quote_spanned};
use syn::{
    Expr, ExprLit, ExprRange, ExprUnary, GenericArgument, Lit, PathArguments, RangeLimits, Type,
    UnOp, spanned::Spanned,
};

use crate::{errors::Errors, types::ungroup};

/// A link value's type.
pub(crate) struct LinkType {
    option: bool,
    /// Commas between values.
    list: bool,
    item: Kind,
}

enum Kind {
    /// A number type of Rust's, by its name.
    Number(&'static Number),
    Duration,
    /// Another type that everybody knows.
    Std(&'static Std),
    /// The type's name.
    Other(String),
}

struct Number {
    name: &'static str,
    expected: &'static str,
    whole: bool,
    accepts: fn(&str) -> bool,
}

struct Std {
    name: &'static str,
    expected: &'static str,
    sample: &'static str,
    accepts: fn(&str) -> bool,
}

fn is<T: FromStr>(text: &str) -> bool {
    text.parse::<T>().is_ok()
}

macro_rules! numbers {
    ($($name:ident $whole:literal $expected:literal,)*) => {
        &[$(Number {
            name: stringify!($name), expected: $expected, whole: $whole, accepts: is::<$name>,
        }),*]
    };
}

const NUMBERS: &[Number] = numbers! {
    u8 true "a whole number from 0 to 255",
    u16 true "a whole number from 0 to 65535",
    u32 true "a whole number from 0 to 4294967295",
    u64 true "a whole number that is not negative",
    u128 true "a whole number that is not negative",
    usize true "a whole number that is not negative",
    i8 true "a whole number from -128 to 127",
    i16 true "a whole number from -32768 to 32767",
    i32 true "a whole number from -2147483648 to 2147483647",
    i64 true "a whole number",
    i128 true "a whole number",
    isize true "a whole number",
    f32 false "a number",
    f64 false "a number",
};

macro_rules! known {
    ($($name:ident $sample:literal $expected:literal,)*) => {
        &[$(Std {
            name: stringify!($name), expected: $expected, sample: $sample, accepts: is::<$name>,
        }),*]
    };
}

const STD: &[Std] = known! {
    String "text" "text",
    bool "true" "`true` or `false`",
    char "x" "one character",
    IpAddr "127.0.0.1" "an IP address",
    Ipv4Addr "127.0.0.1" "an IPv4 address",
    Ipv6Addr "::1" "an IPv6 address",
    SocketAddr "127.0.0.1:80" "an IP address and a port, such as `127.0.0.1:80`",
    SocketAddrV4 "127.0.0.1:80" "an IPv4 address and a port, such as `127.0.0.1:80`",
    SocketAddrV6 "[::1]:80" "an IPv6 address and a port, such as `[::1]:80`",
    PathBuf "data" "a path",
};

/// Any text is one.
type PathBuf = std::path::PathBuf;

impl LinkType {
    pub(crate) fn of(ty: &Type) -> Self {
        let (option, ty) = inside(ty, "Option").map_or((false, ty), |ty| (true, ty));
        let ty = inside(ty, "Secret").unwrap_or(ty);
        let (list, ty) = inside(ty, "Vec").map_or((false, ty), |ty| (true, ty));
        let ty = inside(ty, "Secret").unwrap_or(ty);
        Self { option, list, item: Kind::of(ty) }
    }

    pub(crate) fn is_option(&self) -> bool {
        self.option
    }

    pub(crate) fn is_duration(&self) -> bool {
        !self.list && matches!(self.item, Kind::Duration)
    }

    /// What a value is, for people.
    pub(crate) fn expected(&self) -> String {
        let item = match &self.item {
            Kind::Number(number) => number.expected.to_owned(),
            Kind::Duration => "a duration such as `30s`".to_owned(),
            Kind::Std(known) => known.expected.to_owned(),
            Kind::Other(name) => format!("a value of `{name}`"),
        };
        match (self.list, &*item) {
            (false, _) => item,
            (true, "text") => String::from("values with commas between them"),
            (true, item) => format!("values with commas between them, each {item}"),
        }
    }

    /// Whether that says all there is to say of a wrong value.
    pub(crate) fn is_plain(&self) -> bool {
        !self.list && !matches!(self.item, Kind::Other(_))
    }

    /// What a default may look like.
    pub(crate) fn sample(&self) -> &'static str {
        match &self.item {
            Kind::Number(_) => "1",
            Kind::Duration => "30s",
            Kind::Std(known) => known.sample,
            Kind::Other(_) => "text",
        }
    }

    /// Whether a default is known to be wrong.
    pub(crate) fn refuses(&self, default: &str) -> bool {
        let accepts: fn(&str) -> bool = match &self.item {
            Kind::Number(number) => number.accepts,
            Kind::Std(known) => known.accepts,
            // The compiler's to tell, or the first link's.
            Kind::Duration | Kind::Other(_) => return false,
        };
        if self.list && !default.trim().is_empty() {
            !default.split(',').map(str::trim).all(accepts)
        } else {
            !self.list && !accepts(default)
        }
    }
}

impl Kind {
    fn of(ty: &Type) -> Self {
        let Type::Path(path) = ungroup(ty) else {
            return Self::Other(ty.to_token_stream().to_string());
        };
        let Some(last) = path.path.segments.last() else { return Self::Other(String::new()) };
        let name = last.ident.to_string();
        if name == "Secret" {
            return Self::Std(&STD[0]);
        }
        if name == "Duration" {
            return Self::Duration;
        }
        let number = NUMBERS.iter().find(|number| number.name == name).map(Self::Number);
        number
            .or_else(|| STD.iter().find(|known| known.name == name).map(Self::Std))
            .unwrap_or(Self::Other(name))
    }
}

/// The `T` of `name<T>`.
fn inside<'a>(ty: &'a Type, name: &str) -> Option<&'a Type> {
    let Type::Path(path) = ungroup(ty) else { return None };
    let last = path.path.segments.last().filter(|last| last.ident == name)?;
    let PathArguments::AngleBracketed(arguments) = &last.arguments else { return None };
    match arguments.args.first()? {
        GenericArgument::Type(ty) => Some(ty),
        _ => None,
    }
}

/// The numbers that a value can be.
pub(crate) struct Range {
    pub(crate) expected: String,
    /// A function that tells whether a text is one of them.
    pub(crate) within: TokenStream,
    from: Option<f64>,
    to: Option<f64>,
    closed: bool,
}

impl Range {
    pub(crate) fn contains(&self, text: &str) -> bool {
        let Ok(number) = text.parse::<f64>() else { return true };
        self.from.is_none_or(|from| number >= from)
            && self.to.is_none_or(|to| if self.closed { number <= to } else { number < to })
    }
}

/// Reads `range = ..` of a value.
pub(crate) fn within(ty: &LinkType, range: &Expr, errors: &mut Errors) -> Option<Range> {
    let LinkType { list: false, item: Kind::Number(number), .. } = ty else {
        errors.at(range, "only a number can have a range");
        return None;
    };
    let (from, to, limits) = match range {
        Expr::Range(ExprRange { start, end, limits, .. }) if start.is_some() || end.is_some() => {
            (start.as_deref(), end.as_deref(), limits)
        }
        _ => {
            errors.at(range, "expected a range of literals, such as `1..=100`");
            return None;
        }
    };
    let closed = matches!(limits, RangeLimits::Closed(_));
    let from = from.map(|from| Bound::read(from, number, errors));
    let to = to.map(|to| Bound::read(to, number, errors));
    let (from, to) = (transposed(from)?, transposed(to)?);
    let (from_text, to_text) =
        (from.as_ref().map(|bound| &bound.text), to.as_ref().map(|bound| &bound.text));
    let noun = if number.whole { "a whole number" } else { "a number" };
    let below = if closed { "" } else { "below " };
    let expected = match (from_text, to_text) {
        (Some(from), Some(to)) => format!("{noun} from {from} to {below}{to}"),
        (Some(from), None) => format!("{noun}, {from} or more"),
        (None, Some(to)) if closed => format!("{noun}, {to} or less"),
        (None, Some(to)) => format!("{noun} below {to}"),
        (None, None) => String::from(noun),
    };
    let span = range.span();
    let ty = Ident::new(number.name, Span::call_site());
    let (start, end) =
        (from.as_ref().map(|bound| &bound.tokens), to.as_ref().map(|bound| &bound.tokens));
    let bounds = quote_spanned!(span=> (#start #limits #end));
    let within = quote! {
        |text| text.parse::<::core::primitive::#ty>().is_ok_and(|number| #bounds.contains(&number))
    };
    let (from, to) = (from.map(|bound| bound.number), to.map(|bound| bound.number));
    if let (Some(from), Some(to)) = (from, to)
        && (from > to || (from >= to && !closed))
    {
        errors.at(range, "this range is empty");
    }
    Some(Range { expected, within, from, to, closed })
}

/// An end of a range.
struct Bound {
    text: String,
    number: f64,
    tokens: TokenStream,
}

impl Bound {
    fn read(bound: &Expr, number: &Number, errors: &mut Errors) -> Option<Self> {
        let (minus, digits) = match bound {
            Expr::Unary(ExprUnary { op: UnOp::Neg(_), expr, .. }) => ("-", &**expr),
            other => ("", other),
        };
        let digits = match digits {
            Expr::Lit(ExprLit { lit: Lit::Int(digits), .. }) => Some(digits.base10_digits()),
            Expr::Lit(ExprLit { lit: Lit::Float(digits), .. }) => Some(digits.base10_digits()),
            _ => None,
        };
        let text = digits.map(|digits| format!("{minus}{digits}"));
        let Some(text) = text.filter(|text| (number.accepts)(text)) else {
            errors.at(bound, format_args!("expected a literal: {}", number.expected));
            return None;
        };
        // A whole number stands for the same number where it is a float.
        let point = if number.whole || text.contains(['.', 'e', 'E']) { "" } else { ".0" };
        let tokens: TokenStream = format!("{text}{point}").parse().ok()?;
        Some(Self { number: text.parse().ok()?, text, tokens })
    }
}

/// `None` is a bound that is wrong, `Some(None)` one that is not there.
#[expect(clippy::option_option, reason = "the two are different")]
fn transposed(bound: Option<Option<Bound>>) -> Option<Option<Bound>> {
    match bound {
        Some(bound) => bound.map(Some),
        None => Some(None),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn expected(ty: &str) -> String {
        LinkType::of(&syn::parse_str(ty).unwrap()).expected()
    }

    #[test]
    fn a_type_is_known_by_its_last_name() {
        for (ty, words) in [
            ("u16", "a whole number from 0 to 65535"),
            ("std::net::IpAddr", "an IP address"),
            ("Option<std::time::Duration>", "a duration such as `30s`"),
            ("Secret", "text"),
            ("Option<Secret<u8>>", "a whole number from 0 to 255"),
            ("Vec<Secret>", "values with commas between them"),
            ("Secret<Vec<bool>>", "values with commas between them, each `true` or `false`"),
            ("own::Level", "a value of `Level`"),
        ] {
            assert_eq!(expected(ty), words, "{ty}");
        }
    }

    #[test]
    fn a_default_of_a_known_type_is_judged() {
        let refuses = |ty: &str, text| LinkType::of(&syn::parse_str(ty).unwrap()).refuses(text);
        for (ty, right, wrong) in [
            ("u16", "65535", "65536"),
            ("i8", "-128", "128"),
            ("f64", "0.5", "half"),
            ("bool", "true", "yes"),
            ("char", ",", ""),
            ("IpAddr", "::1", "localhost"),
            ("Vec<u8>", "1, 2", "1,x"),
            ("Secret<u8>", "1", "x"),
        ] {
            assert!(!refuses(ty, right) && refuses(ty, wrong), "{ty}");
        }
        assert!(!refuses("Vec<u8>", "") && !refuses("Level", "?") && !refuses("String", ""));
    }

    fn range(ty: &str, range: &str) -> Result<Range, String> {
        let mut errors = Errors::new();
        let ty = LinkType::of(&syn::parse_str(ty).unwrap());
        let found = within(&ty, &syn::parse_str(range).unwrap(), &mut errors);
        let sound = errors.count() == 0;
        let messages = errors.finish().to_string();
        found.filter(|_| sound).ok_or(messages)
    }

    #[test]
    fn a_range_is_told_in_words_and_has_two_ends_at_most() {
        for (ty, written, words) in [
            ("u16", "1..=100", "a whole number from 1 to 100"),
            ("Option<i8>", "-5..5", "a whole number from -5 to below 5"),
            ("u8", "1..", "a whole number, 1 or more"),
            ("u8", "..=9", "a whole number, 9 or less"),
            ("f64", "..1.5", "a number below 1.5"),
        ] {
            assert_eq!(range(ty, written).unwrap().expected, words);
        }
        let percent = range("f32", "0..=1").unwrap();
        assert!(percent.contains("1") && percent.contains("0.5") && !percent.contains("1.01"));
        assert!(percent.within.to_string().contains("0.0 ..= 1.0"), "{}", percent.within);
        let open = range("u8", "1..5").unwrap();
        assert!(open.contains("1") && !open.contains("5") && !open.contains("0"));
    }

    #[test]
    fn what_is_no_range_of_numbers_is_refused() {
        for (ty, written, message) in [
            ("String", "1..2", "only a number can have a range"),
            ("Vec<u8>", "1..2", "only a number can have a range"),
            ("u8", "..", "expected a range of literals"),
            ("u8", "5", "expected a range of literals"),
            ("u8", "1..MAX", "expected a literal: a whole number from 0 to 255"),
            ("u8", "1..=256", "expected a literal: a whole number from 0 to 255"),
            ("u8", "2..=1", "this range is empty"),
            ("u8", "1..1", "this range is empty"),
        ] {
            let messages = range(ty, written).err().unwrap_or_default();
            assert!(messages.contains(message), "{ty} {written}: {messages}");
        }
    }
}
