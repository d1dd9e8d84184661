//! The asynchronous form of a contract, with borrowed arguments, an alias, `unary` and marked methods.
#![forbid(unsafe_code)]
#![deny(missing_docs, warnings)]
#![warn(clippy::pedantic)]

use provider_core::{AsyncAdapter, CapabilityProvider, NullDispatcher, contract_of, prelude::*};

/// Two texts.
pub type Answer = Result<String, std::num::ParseIntError>;

/// Joins.
#[contract("example:joiner", version = "0.2")]
pub trait Joiner {
    /// Joins two texts.
    fn join(&self, cx: Cx<'_, Self>, one: &str, other: String) -> OpResult<String>;
    /// Takes a number.
    fn number<'a>(&'a self, cx: Cx<'a, Self>, #[arg(name = "theText")] text: &'a str) -> Answer;
    /// The message is the text.
    #[op(unary)]
    fn whole(&self, cx: Cx<'_, Self>, text: String) -> OpResult<()>;
    /// Nothing.
    #[deprecated = "it does nothing"]
    fn nothing(&self, cx: Cx<'_, Self>) -> OpResult<()>;
}

/// Waits a little.
#[derive(Default)]
pub struct Waits;

impl AsyncProvider for Waits {
    type Link = String;

    async fn link(&self, config: &LinkConfig) -> Result<String, BoxError> {
        tokio::task::yield_now().await;
        Ok(config.actor().id().to_owned())
    }
}

#[capability_provider]
impl JoinerAsync for Waits {
    async fn join(&self, cx: Cx<'_, Self>, one: &str, other: String) -> OpResult<String> {
        tokio::task::yield_now().await;
        Ok(format!("{}: {one} {other}", cx.link()))
    }

    async fn number(&self, _cx: Cx<'_, Self>, text: &str) -> Answer {
        tokio::time::sleep(std::time::Duration::from_millis(1)).await;
        Ok((text.parse::<u8>()? + 1).to_string())
    }

    async fn whole(&self, cx: Cx<'_, Self>, text: String) -> OpResult<()> {
        let reply: String = cx.dispatch("Echo", &text).await?;
        drop(reply);
        Ok(())
    }

    async fn nothing(&self, _cx: Cx<'_, Self>) -> OpResult<()> {
        Ok(())
    }
}

fn main() {
    use provider_core::{codec, ops};
    let provider = AsyncAdapter::new(Waits, contract_of!(Waits: JoinerAsync));
    CapabilityProvider::configure_dispatch(&provider, Box::new(NullDispatcher)).unwrap();
    let link = ops::CapabilityConfiguration { module: "MACTOR".into(), ..Default::default() };
    provider
        .handle_call(ops::SYSTEM_ACTOR, ops::OP_BIND_ACTOR, &codec::encode(&link).unwrap())
        .unwrap();
    let client = JoinerClient::new(provider_core::DirectCalls(provider.clone()), "MACTOR");
    assert_eq!(client.join("a", "b".into()).unwrap(), "MACTOR: a b");
    assert_eq!(client.number("7").unwrap(), "8");
    assert!(client.number("x").unwrap_err().message().contains("invalid digit"));
    assert_eq!(
        client.whole("x".into()).unwrap_err().kind(),
        provider_core::ErrorKind::Unavailable
    );
    CapabilityProvider::stop(&provider);
}
