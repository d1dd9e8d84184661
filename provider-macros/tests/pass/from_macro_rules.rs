//! Items that come out of `macro_rules!`, with the invisible groups that it leaves around things.

use provider_core::{__private::DeclaresContract, prelude::*};

macro_rules! contract {
    ($(#[$meta:meta])* $id:literal, $version:expr, $vis:vis $name:ident, $($(#[$op:meta])* $method:ident($($arg:ident: $ty:ty),*) -> $output:ty;)*) => {
        $(#[$meta])*
        #[contract($id, version = $version)]
        $vis trait $name {
            $($(#[$op])* fn $method(&self, cx: Cx<'_, Self>, $($arg: $ty),*) -> $output;)*
        }
    };
}

contract! {
    /// Made by a macro.
    "example:made", "1.0", pub Made,
    /// One.
    #[op(name = "First")]
    one(value: u8, values: Vec<u8>) -> OpResult<u8>;
    two() -> Result<(), Error>;
}

macro_rules! provider {
    ($ty:ty, $id:expr, $new:expr, $context:ty, $(#[$op:meta])* $vis:vis fn $name:ident($cx:ident, $arg:ident: $arg_ty:ty) -> $output:ty $body:block) => {
        #[capability_provider(contract = $id, new = $new)]
        impl $ty {
            $(#[$op])* $vis fn $name(&self, $cx: $context, $arg: $arg_ty) -> $output $body
        }
    };
}

macro_rules! item {
    ($item:item) => {
        $item
    };
}

pub struct Maker(u8);

impl Provider for Maker {
    type Link = ();

    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

provider! {
    Maker, "example:made", || Maker(1), Cx<'_, Self>,
    #[op(alias = "Old")]
    pub fn make(cx, value: &str) -> OpResult<usize> { Ok(value.len() + cx.actor().len()) }
}

item! {
    #[contract("example:item")]
    pub trait Item {
        #[op(idempotent)]
        fn item(&self, cx: Cx<'_, Self>, #[arg(name = "k")] key: String) -> OpResult<()>;
    }
}

impl Item for Maker {
    fn item(&self, _cx: Cx<'_, Self>, _key: String) -> OpResult<()> {
        Ok(())
    }
}

fn main() {
    assert_eq!(Maker::CONTRACT.id(), "example:made");
    assert_eq!(Maker::CONTRACT.ops()[0].other_names(), ["Old"]);
    assert_eq!(<Maker as Item>::__declared_with_contract_attribute.ops()[0].args(), ["k"]);
}
