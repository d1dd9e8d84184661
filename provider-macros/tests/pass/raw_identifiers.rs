//! A raw identifier travels without its `r#`.

use provider_core::{__private::DeclaresContract, prelude::*};

#[contract("example:raw")]
pub trait Raw {
    fn r#type(&self, cx: Cx<'_, Self>, r#fn: u8, r#in: u8) -> OpResult<u8>;
}

#[derive(Default)]
struct r#Struct;

impl Provider for r#Struct {
    type Link = ();

    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

#[capability_provider(contract = "example:raw")]
impl r#Struct {
    #[op]
    fn r#match(&self, r#ref: Cx<'_, Self>, r#mod: u8, _loop: u8) -> OpResult<u8> {
        let _ = r#ref;
        Ok(r#mod)
    }
}

fn main() {
    let op = &r#Struct::CONTRACT.ops()[0];
    assert_eq!((op.name(), op.args()), ("Match", &["mod", "loop"][..]));
}
