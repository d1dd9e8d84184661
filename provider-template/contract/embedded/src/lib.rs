//! A capability provider of the contract `{{ contract }}`.

pub mod contract;

use std::sync::atomic::{AtomicU64, Ordering::Relaxed};

use provider_core::prelude::*;

use crate::contract::{{ operations }};

/// Greets each linked actor in its own words.
#[derive(Debug, Default)]
pub struct {{ provider }};

/// The values of a link.
#[derive(Debug, LinkValues)]
struct Settings {
    /// What a greeting begins with.
    #[value(default = "Hello")]
    greeting: String,
}

/// What is kept for a linked actor.
#[derive(Debug)]
pub struct Link {
    settings: Settings,
    greeted: AtomicU64,
}

impl {{ lifecycle }} for {{ provider }} {
    type Link = Link;

    const LINK: LinkSchema = Settings::SCHEMA;

    /// An actor is linked. After an error it is not, and the host learns why.
    {{ function }} link(&self, config: &LinkConfig) -> Result<Link, BoxError> {
        Ok(Link {
            settings: config.read()?,
            greeted: AtomicU64::new(0),
        })
    }
}

#[capability_provider]
impl {{ operations }} for {{ provider }} {
    {{ function }} greet(&self, cx: Cx<'_, Self>, name: String) -> OpResult<String> {
        if name.is_empty() {
            return Err("the name is empty".into());
        }
        let link = cx.link();
        link.greeted.fetch_add(1, Relaxed);
        Ok(format!("{}, {name}", link.settings.greeting))
    }

    {{ function }} greeted(&self, cx: Cx<'_, Self>) -> OpResult<u64> {
        Ok(cx.link().greeted.load(Relaxed))
    }
}

#[cfg(test)]
mod tests {
    use provider_core::{DirectCalls, contract_of};

    use super::*;
    use crate::contract::{{ trait_name }}Client;

    #[test]
    fn an_actor_is_greeted_as_its_link_says() -> Result<(), Error> {
        let contract = contract_of!({{ provider }}: {{ operations }});
        let adapter = provider_core::{{ adapter }}::new({{ provider }}, contract);
        let provider = DirectCalls(adapter);
        provider.bind("MACTOR", [("GREETING", "Good day")])?;
        let client = {{ trait_name }}Client::new(provider, "MACTOR");
        assert_eq!(client.greet("you".into())?, "Good day, you");
        assert_eq!(client.greeted()?, 1);
        assert!(client.greet(String::new()).is_err());
        assert_eq!(client.greeted()?, 1);
        Ok(())
    }
}
