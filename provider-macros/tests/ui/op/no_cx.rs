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
    #[op]
    fn get(&self, key: String, other: u8) -> OpResult<()> {
        let _ = (key, other);
        Ok(())
    }

    #[op]
    fn put(&self) -> OpResult<()> {
        Ok(())
    }

    #[op]
    fn del(&self, key: String, cx: Cx<'_, Self>) -> OpResult<()> {
        let _ = (key, cx);
        Ok(())
    }
}

fn main() {}
