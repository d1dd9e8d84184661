use provider_core::prelude::*;

#[derive(Default)]
pub struct Kv;

impl Provider for Kv {
    type Link = ();

    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

#[capability_provider(contract = "example:kv")]
impl Kv {
    #[op(nmae = "Get")]
    fn get(&mut self, _cx: Cx<'_, Self>, key: String) -> OpResult<()> {
        drop(key);
        Ok(())
    }

    #[op]
    fn put(&self, _cx: Cx<'_, Self>, _: String) {}
}

fn main() {}
