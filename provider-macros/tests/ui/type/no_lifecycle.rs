use provider_core::prelude::*;

#[derive(Default)]
pub struct Kv;

#[capability_provider(contract = "example:kv")]
impl Kv {
    #[op]
    fn get(&self, _cx: Cx<'_, Self>, key: String) -> OpResult<()> {
        drop(key);
        Ok(())
    }
}

fn main() {}
