//! Link values under every lint, without the prelude of the standard library, from `macro_rules!` and
//! beside names that are like ours.

#![no_implicit_prelude]
#![deny(missing_docs, warnings)]
#![forbid(unsafe_code)]

mod kernel {
    pub use ::provider_core::*;
}

/// Of another crate's path, with names that are used inside.
#[derive(::provider_core::LinkValues)]
#[value(crate = crate::kernel)]
pub struct Settings {
    /// Where.
    pub config: ::std::string::String,
    /// A raw name.
    pub r#type: ::core::option::Option<::provider_core::Secret<::std::string::String>>,
    /// Not from now on.
    #[deprecated]
    #[value(default = 1, range = 1..)]
    pub number: u8,
    #[value(default = "5m")]
    text: ::core::time::Duration,
}

/// Without any value.
#[derive(::provider_core::LinkValues)]
pub struct Nothing {}

macro_rules! settings {
    ($name:ident { $($field:ident: $ty:ty = $default:expr,)* }) => {
        /// Made by a macro.
        #[derive(::provider_core::LinkValues)]
        pub struct $name {
            $(
                /// A field.
                #[value(default = $default)]
                pub $field: $ty,
            )*
        }
    };
}

settings! { Made { port: u16 = 80, host: ::std::string::String = "localhost", } }

fn main() {
    use ::core::iter::Iterator;
    use ::provider_core::LinkValues;
    let all = <Settings as LinkValues>::SCHEMA.values();
    let keys = ["CONFIG", "TYPE", "NUMBER", "TEXT"];
    ::std::assert!(all.is_some_and(|all| all.iter().map(|one| one.key()).eq(keys)));
    ::std::assert!(Nothing::SCHEMA.values().is_some_and(|all| all.is_empty()));
    ::std::assert!(Made::SCHEMA.values().is_some_and(|all| all.len() == 2));
    let read = |settings: Settings| settings.text;
    let _ = read;
}
