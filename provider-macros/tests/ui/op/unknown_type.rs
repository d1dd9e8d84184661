use provider_core::prelude::*;

#[contract("example:kv")]
pub trait KeyValue {
    fn get(&self, cx: Cx<'_, Self>, key: Kye) -> OpResult<Respons>;
}

fn main() {}
