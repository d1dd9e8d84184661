use provider_core::prelude::*;

#[contract("example:kv")]
pub trait KeyValue {
    fn get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<()>;
}

#[derive(Default)]
pub struct Kv;

impl Provider for Kv {
    type Link = std::rc::Rc<u32>;

    fn link(&self, _config: &LinkConfig) -> Result<Self::Link, BoxError> {
        Ok(std::rc::Rc::new(1))
    }
}

#[capability_provider]
impl KeyValue for Kv {
    fn get(&self, _cx: Cx<'_, Self>, _key: String) -> OpResult<()> {
        Ok(())
    }
}

fn main() {}
