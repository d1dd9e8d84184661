//! The specification's own trait needs no attribute, and one that is exported by hand does not keep
//! contracts from being declared.

use provider_core::{CapabilityProvider, Dispatcher, prelude::*};

#[contract("example:echo")]
pub trait Echo {
    #[op(unary)]
    fn echo(&self, cx: Cx<'_, Self>, text: String) -> OpResult<String>;
}

#[derive(Clone, Default)]
pub struct ByHand;

impl CapabilityProvider for ByHand {
    fn configure_dispatch(&self, _dispatcher: Box<dyn Dispatcher>) -> Result<(), BoxError> {
        Ok(())
    }

    fn handle_call(&self, _actor: &str, op: &str, msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        match op {
            "Echo" => Ok(msg.to_vec()),
            other => Err(format!("unknown operation `{other}`").into()),
        }
    }

    fn stop(&self) {}
}

provider_core::export_provider!(ByHand, ByHand::default, contract = "example:echo", ops = ["Echo"]);

fn main() {
    let client = EchoClient::new(provider_core::DirectCalls(ByHand), "MACTOR");
    assert_eq!(client.echo("hello".into()).unwrap(), "hello");
}
