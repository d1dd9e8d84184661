use provider_core::prelude::*;

#[contract("example:kv")]
pub trait KeyValue {
    fn get(&self, cx: Cx<'_, Self>) -> OpResult<()>;
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
    async fn get(&self, _cx: Cx<'_, Self>) -> OpResult<()> {
        Ok(())
    }
}

fn main() {}
