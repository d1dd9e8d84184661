//! Nothing that we emit has a name that an argument could hide.

use provider_core::prelude::*;

#[contract("example:names")]
pub trait Names {
    #[allow(clippy::too_many_arguments)]
    fn all(
        &self,
        cx: Cx<'_, Self>,
        message: u8,
        params: u8,
        msg: u8,
        op: u8,
        actor: u8,
        args: u8,
        client: u8,
        dispatcher: u8,
        reply: u8,
        result: u8,
        __me: u8,
        __cx: u8,
        __args: u8,
        __reply: u8,
    ) -> OpResult<Vec<u8>>;
}

#[derive(Default)]
pub struct Everything;

impl Provider for Everything {
    type Link = ();

    fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

#[capability_provider(contract = "example:names")]
impl Everything {
    #[op]
    #[allow(clippy::too_many_arguments)]
    fn all(
        &self,
        this: Cx<'_, Self>,
        message: u8,
        params: u8,
        msg: u8,
        op: u8,
        actor: u8,
        args: u8,
        cx: u8,
        core: u8,
        __me: u8,
        __cx: u8,
        __args: u8,
        __reply: u8,
    ) -> OpResult<Vec<u8>> {
        let _ = this;
        Ok(vec![message, params, msg, op, actor, args, cx, core, __me, __cx, __args, __reply])
    }
}

fn main() {}
