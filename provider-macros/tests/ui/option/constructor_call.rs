use provider_core::prelude::*;

pub struct Kv(usize);

impl Provider for Kv {
    type Link = ();

    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

#[capability_provider(contract = "example:kv", new = Kv(1))]
impl Kv {
    #[op]
    fn get(&self, _cx: Cx<'_, Self>) -> OpResult<usize> {
        Ok(self.0)
    }
}

fn main() {}
