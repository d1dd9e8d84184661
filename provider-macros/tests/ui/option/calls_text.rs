use provider_core::prelude::*;

#[contract("example:broker", calls = "Subscriber")]
trait Broker {
    fn publish(&self, cx: Cx<'_, Self>, text: String) -> OpResult<()>;
}

fn main() {}
