use provider_core::prelude::*;

#[derive(Default)]
pub struct Kv;

impl AsyncProvider for Kv {
    type Link = ();

    async fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

#[capability_provider(contract = "example:kv")]
impl Kv {
    #[op]
    async fn get(&self, _cx: Cx<'_, Self>) -> OpResult<()> {
        Ok(())
    }

    #[op]
    fn put(&self, _cx: Cx<'_, Self>) -> OpResult<()> {
        Ok(())
    }
}

fn main() {}
