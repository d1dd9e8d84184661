use provider_core::prelude::*;

#[contract("kv", versoin = "1")]
pub trait KeyValue {
    async fn get(&self, key: String) -> OpResult<()>;
    #[op(name = "Get", unary)]
    fn put(&self, cx: Cx<'_, Self>, a: u8, b: u8) -> OpResult<()>;
    fn stop();
    fn bind_actor(&self, cx: Cx<'_, Self>);
    type Key;
}

fn main() {}
