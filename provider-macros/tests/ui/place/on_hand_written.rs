use provider_core::{CapabilityProvider, Dispatcher, prelude::*};

#[derive(Clone, Default)]
pub struct Kv;

#[capability_provider]
impl CapabilityProvider for Kv {
    fn configure_dispatch(&self, _dispatcher: Box<dyn Dispatcher>) -> Result<(), BoxError> {
        Ok(())
    }

    fn handle_call(&self, _actor: &str, _op: &str, _msg: &[u8]) -> Result<Vec<u8>, BoxError> {
        Ok(Vec::new())
    }

    fn stop(&self) {}
}

fn main() {}
