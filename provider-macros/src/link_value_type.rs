//! What can be told of a link value by the tokens of its type: what it is for people, and whether a
//! default is one.
//!
//! A type is known by its last name, as `Option` is. Of one that is not known there is nothing to tell
//! but that name; it is read by whatever the type implements all the same.

use std::{
    net::{IpAddr, Ipv4Addr, Ipv6Addr, SocketAddr, SocketAddrV4, SocketAddrV6},
    str::FromStr,
};

use quote::ToTokens;
use syn::{GenericArgument, PathArguments, Type};

use crate::types::ungroup;

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

/// A number type.
pub(crate) struct Number {
    pub(crate) name: &'static str,
    pub(crate) expected: &'static str,
    pub(crate) whole: bool,
    pub(crate) accepts: fn(&str) -> bool,
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

    /// The number type, if a value is one number.
    pub(crate) fn number(&self) -> Option<&'static Number> {
        match self.item {
            Kind::Number(number) if !self.list => Some(number),
            _ => None,
        }
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
}
