use provider_core::prelude::*;

#[contract("example:kv", versoin = "0.2")]
pub trait Unknown {
    fn get(&self, cx: Cx<'_, Self>) -> OpResult<()>;
}

#[contract("example:kv", version = 2)]
pub trait Version {
    fn get(&self, cx: Cx<'_, Self>) -> OpResult<()>;
}

#[contract(KeyValue)]
pub trait Id {
    fn get(&self, cx: Cx<'_, Self>) -> OpResult<()>;
}

#[contract(5)]
pub trait Number {
    fn get(&self, cx: Cx<'_, Self>) -> OpResult<()>;
}

#[contract("example:kv", version = "")]
pub trait Empty {
    fn get(&self, cx: Cx<'_, Self>) -> OpResult<()>;
}

fn main() {}
