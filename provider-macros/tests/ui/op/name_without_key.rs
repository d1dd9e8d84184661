use provider_core::prelude::*;

#[contract("example:kv")]
pub trait KeyValue {
    #[op("Get")]
    fn get(&self, cx: Cx<'_, Self>, #[arg("k")] key: String) -> OpResult<()>;
}

fn main() {}
