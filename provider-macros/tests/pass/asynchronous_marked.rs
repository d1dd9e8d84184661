//! Marked methods that are `async fn`.
#![deny(warnings)]

use provider_core::prelude::*;

#[derive(Default)]
pub struct Greeter;

impl AsyncProvider for Greeter {
    type Link = ();

    async fn link(&self, _config: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

#[capability_provider(contract = "example:greeter")]
impl Greeter {
    /// Greets somebody.
    #[op]
    async fn greet(&self, _cx: Cx<'_, Self>, name: &str) -> OpResult<String> {
        tokio::task::yield_now().await;
        Ok(format!("Good day, {name}"))
    }

    #[op(unary)]
    async fn echo(&self, _cx: Cx<'_, Self>, text: String) -> Result<String, Error> {
        Ok(text)
    }
}

fn main() {}
