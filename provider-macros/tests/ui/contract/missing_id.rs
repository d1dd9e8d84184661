use provider_core::prelude::*;

#[contract]
pub trait KeyValue {
    fn get(&self, cx: Cx<'_, Self>, key: String) -> OpResult<()>;
}

fn main() {}
