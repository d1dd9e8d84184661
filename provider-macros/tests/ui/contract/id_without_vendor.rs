use provider_core::prelude::*;

#[contract("keyvalue")]
pub trait KeyValue {
    fn get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<()>;
}

#[contract(":keyvalue")]
pub trait NoVendor {
    fn get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<()>;
}

#[contract("example:key value")]
pub trait Space {
    fn get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<()>;
}

fn main() {}
