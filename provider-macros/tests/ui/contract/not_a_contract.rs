use provider_core::prelude::*;

pub trait Plain: Provider {
    fn get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<()>;
    fn del(&self, cx: Cx<'_, Self>, key: String) -> OpResult<()>;
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
impl Plain for Kv {
    fn get(&self, _cx: Cx<'_, Self>, _key: String) -> OpResult<()> {
        Ok(())
    }

    fn del(&self, _cx: Cx<'_, Self>, _key: String) -> OpResult<()> {
        Ok(())
    }
}

fn main() {}
