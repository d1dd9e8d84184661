use provider_core::prelude::*;

#[contract("example:kv")]
pub trait KeyValue {
    fn get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<()>;
}

pub struct Kv {
    size: usize,
}

impl Provider for Kv {
    type Link = ();

    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

#[capability_provider(new = Kv)]
impl KeyValue for Kv {
    fn get(&self, _cx: Cx<'_, Self>, _key: String) -> OpResult<()> {
        Ok(())
    }
}

fn main() {}
