use provider_core::prelude::*;

#[contract("example:kv")]
pub trait KeyValue {
    fn get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<()>;
}

#[derive(Default)]
pub struct Kv;

impl Provider for Kv {
    type Link = std::cell::RefCell<u32>;

    fn link(&self, _config: &LinkConfig) -> Result<Self::Link, BoxError> {
        Ok(std::cell::RefCell::default())
    }
}

#[capability_provider]
impl KeyValue for Kv {
    fn get(&self, _cx: Cx<'_, Self>, _key: String) -> OpResult<()> {
        Ok(())
    }
}

fn main() {}
