use provider_core::prelude::*;

#[derive(Default)]
pub struct Vault;

impl Provider for Vault {
    type Link = Secret;

    fn link(&self, config: &LinkConfig) -> Result<Secret, BoxError> {
        Ok(Secret::new(config.require("PASSWORD")?.to_owned()))
    }
}

#[capability_provider(contract = "example:vault")]
impl Vault {
    #[op]
    fn open(&self, cx: Cx<'_, Self>) -> OpResult<Secret> {
        Ok(cx.link().clone())
    }
}

fn main() {}
