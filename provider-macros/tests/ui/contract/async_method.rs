use provider_core::prelude::*;

#[contract("example:kv")]
pub trait KeyValue {
    fn get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<()>;
    fn count(&self, cx: Cx<'_, Self>) -> OpResult<u64>;
}

#[derive(Default)]
pub struct Kv;

impl Provider for Kv {
    type Link = ();

    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

#[capability_provider]
impl KeyValue for Kv {
    async fn get(&self, _cx: Cx<'_, Self>, _key: String) -> OpResult<()> {
        std::future::ready(()).await;
        Ok(())
    }

    fn count(&self, _cx: Cx<'_, Self>) -> OpResult<u64> {
        Ok(0)
    }
}

fn main() {}
