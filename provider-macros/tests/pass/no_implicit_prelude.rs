//! Whatever we emit names things by their whole path.

#![no_implicit_prelude]

mod provider_core {}

#[::provider_core::contract("example:clock")]
pub trait Clock {
    #[op(name = "Now", alias = "Time")]
    fn now(
        &self,
        cx: ::provider_core::Cx<'_, Self>,
        zone: ::std::string::String,
    ) -> ::provider_core::OpResult<::std::option::Option<u64>>;
    #[op(unary)]
    fn set(&self, cx: ::provider_core::Cx<'_, Self>, time: u64) -> Answer;
}

type Answer = ::std::result::Result<(), ::provider_core::Error>;

pub struct Wall;

impl ::provider_core::Provider for Wall {
    type Link = ();

    fn link(
        &self,
        _config: &::provider_core::LinkConfig,
    ) -> ::std::result::Result<(), ::provider_core::BoxError> {
        ::std::result::Result::Ok(())
    }
}

impl Clock for Wall {
    fn now(
        &self,
        _cx: ::provider_core::Cx<'_, Self>,
        _zone: ::std::string::String,
    ) -> ::provider_core::OpResult<::std::option::Option<u64>> {
        ::std::result::Result::Ok(::std::option::Option::None)
    }

    fn set(&self, _cx: ::provider_core::Cx<'_, Self>, _time: u64) -> Answer {
        ::std::result::Result::Ok(())
    }
}

#[::provider_core::capability_provider(contract = "example:wall", new = || Wall)]
impl Wall {
    #[op]
    fn hang(&self, _cx: ::provider_core::Cx<'_, Self>, _height: f64) -> Answer {
        ::std::result::Result::Ok(())
    }
}

fn main() {}
