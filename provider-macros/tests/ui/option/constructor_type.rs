use provider_core::prelude::*;

#[derive(Default)]
pub struct Kv;

impl Provider for Kv {
    type Link = ();

    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

impl Kv {
    fn build() -> Result<Self, BoxError> {
        Ok(Self)
    }
}

#[capability_provider(contract = "example:kv", new = Kv::build)]
impl Kv {
    #[op]
    fn get(&self, _cx: Cx<'_, Self>, key: String) -> OpResult<()> {
        drop(key);
        Ok(())
    }
}

fn main() {}
