use provider_core::prelude::*;

#[derive(Default)]
pub struct Kv;

#[capability_provider]
impl Provider for Kv {
    type Link = ();

    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

fn main() {}
