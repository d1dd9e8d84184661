//! Arguments may borrow from the message, with or without names for their lifetimes.

use std::borrow::Cow;

use provider_core::prelude::*;
use serde::{Deserialize, Serialize};

#[derive(Serialize, Deserialize)]
pub struct Chunk<'a> {
    #[serde(borrow)]
    pub text: Cow<'a, str>,
}

#[contract("example:borrow")]
pub trait Borrow {
    fn elided(&self, cx: Cx<'_, Self>, key: &str, chunk: Chunk<'_>) -> OpResult<usize>;
    fn named<'a, 'b: 'a>(
        &'a self,
        cx: Cx<'a, Self>,
        key: &'b str,
        more: Option<&'a str>,
    ) -> OpResult<String>;
}

#[derive(Default)]
pub struct Lender;

impl Provider for Lender {
    type Link = ();

    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

#[capability_provider(contract = "example:borrow")]
impl Lender {
    #[op]
    fn longest<'a>(
        &'a self,
        _cx: Cx<'a, Self>,
        one: &'a str,
        other: &'a str,
    ) -> Result<&'a str, BoxError> {
        Ok(if one.len() > other.len() { one } else { other })
    }

    #[op(unary)]
    fn whole(self: &Self, _cx: Cx<'_, Self>, chunk: Chunk<'_>) -> OpResult<usize> {
        Ok(chunk.text.len())
    }
}

fn main() {}
