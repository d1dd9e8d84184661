use provider_core::prelude::*;

#[derive(Default)]
pub struct Kv;

impl Provider for Kv {
    type Link = ();

    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

#[capability_provider(contract = 5, crate = "kernel")]
impl Kv {
    #[op(name)]
    fn get(&self, _cx: Cx<'_, Self>) -> OpResult<()> {
        Ok(())
    }

    #[op(name =)]
    fn put(&self, _cx: Cx<'_, Self>) -> OpResult<()> {
        Ok(())
    }

    #[op(unary = true, "Set")]
    fn set(&self, _cx: Cx<'_, Self>) -> OpResult<()> {
        Ok(())
    }

    #[op = "Del"]
    fn del(&self, _cx: Cx<'_, Self>) -> OpResult<()> {
        Ok(())
    }

    #[op(name "Add")]
    fn add(
        &self,
        _cx: Cx<'_, Self>,
        #[arg(key = "k")] a: u8,
        #[arg(name = k)] b: u8,
    ) -> OpResult<()> {
        let _ = (a, b);
        Ok(())
    }
}

fn main() {}
