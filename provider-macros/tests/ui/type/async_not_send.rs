use std::rc::Rc;

use provider_core::prelude::*;

#[contract("example:kv")]
pub trait KeyValue {
    fn get(&self, cx: Cx<'_, Self>) -> OpResult<()>;
}

#[derive(Default)]
pub struct Kv;

impl AsyncProvider for Kv {
    type Link = ();

    async fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

#[capability_provider]
impl KeyValueAsync for Kv {
    async fn get(&self, _cx: Cx<'_, Self>) -> OpResult<()> {
        let kept = Rc::new(1);
        tokio::task::yield_now().await;
        drop(kept);
        Ok(())
    }
}

fn main() {}
