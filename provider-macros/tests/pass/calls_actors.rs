//! A contract names the operations that its providers call on their actors, and may have no others.

#![deny(warnings, missing_docs)]

use provider_core::{description::Description, prelude::*};

/// What actors answer.
pub mod handlers {
    use provider_core::prelude::*;

    /// Hears what is published.
    #[contract("example:broker")]
    pub trait Subscriber {
        /// A message has come.
        #[op(idempotent)]
        fn heard(&self, cx: Cx<'_, Self>, text: String) -> OpResult<()>;
    }
}

/// Publishes.
#[contract("example:broker", calls = handlers::Subscriber)]
pub trait Broker {
    /// Publishes a text.
    fn publish(&self, cx: Cx<'_, Self>, text: String) -> OpResult<bool>;
}

/// Only calls.
#[contract("example:clock", version = "0.1", calls = handlers::Subscriber)]
pub trait Clock {}

/// Does both.
pub struct Both;

impl Provider for Both {
    type Link = ();

    fn link(&self, _: &LinkConfig) -> Result<(), BoxError> {
        Ok(())
    }
}

impl Broker for Both {
    fn publish(&self, cx: Cx<'_, Self>, text: String) -> OpResult<bool> {
        cx.dispatch::<()>("Heard", &text)?;
        Ok(true)
    }
}

impl Clock for Both {}

fn main() {
    let broker = provider_core::contract_of!(Both: Broker);
    let names = |ops: &[provider_core::OpEntry]| {
        ops.iter().map(|op| (op.name(), op.is_call_to_actor())).collect::<Vec<_>>()
    };
    assert_eq!(names(broker.ops()), [("Publish", false)]);
    assert_eq!(names(broker.declared()), [("Publish", false), ("Heard", true)]);
    let clock = provider_core::contract_of!(Both: Clock);
    assert!(clock.ops().is_empty());
    assert_eq!(names(clock.declared()), [("Heard", true)]);
    let description = Description::of(broker, &Both::LINK);
    let heard = description.operation("Heard").unwrap();
    assert!(heard.to_actor && heard.idempotent);
    assert_eq!(heard.doc, "A message has come.");
}
