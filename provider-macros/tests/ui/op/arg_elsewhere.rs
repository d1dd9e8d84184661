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
    fn get(
        #[arg(name = "me")] &self,
        #[arg(name = "cx")] _cx: Cx<'_, Self>,
        #[arg(name = "key")]
        #[arg(name = "k")]
        _key: String,
    ) -> OpResult<()> {
        self.helper(1);
        Ok(())
    }

    fn helper(&self, #[arg(name = "n")] _number: u8) {}
}

fn main() {}
