//! The numbers that a link value can be: `range = 1..=100`.

use proc_macro2::{Ident, Span, TokenStream};
use quote::{quote, quote_spanned};
use syn::{Expr, ExprLit, ExprRange, ExprUnary, Lit, RangeLimits, UnOp, spanned::Spanned};

use crate::{
    errors::Errors,
    link_value_type::{LinkType, Number},
};

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
    let Some(number) = ty.number() else {
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
