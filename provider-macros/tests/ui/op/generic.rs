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
    fn get<K: Into<String>, const N: usize>(&self, _cx: Cx<'_, Self>, key: K) -> OpResult<()> {
        drop(key);
        Ok(())
    }
}

fn main() {}
