//! Answers later: an asynchronous provider in one file.
//!
//! A call that waits keeps no thread, so ten thousand of them wait on a few.

use std::{future::pending, time::Duration};

use provider_core::prelude::*;

/// What an actor is linked with.
#[derive(Debug, LinkValues)]
pub struct Settings {
    /// How long `Wait` takes.
    #[value(default = "100ms")]
    delay: Duration,
}

/// Answers later.
#[contract("example:later")]
pub trait Later {
    /// Answers with the same text after the link's delay.
    ///
    /// # Errors
    ///
    /// *Cancelled* when the caller gives up, *stopping* when the provider is stopped.
    #[op(idempotent, example(request = r#"{"text": "tick"}"#, reply = r#""tick""#))]
    fn wait(&self, cx: Cx<'_, Self>, text: String) -> OpResult<String>;

    /// Never answers: it waits until the caller gives up or the provider is stopped.
    ///
    /// # Errors
    ///
    /// Always, as for `wait`.
    #[op(idempotent)]
    fn hold(&self, cx: Cx<'_, Self>, text: String) -> OpResult<String>;
}

/// An echo that takes its time.
#[derive(Debug, Default)]
pub struct Echo;

impl AsyncProvider for Echo {
    type Link = Settings;

    const LINK: LinkSchema = Settings::SCHEMA;

    async fn link(&self, config: &LinkConfig) -> Result<Settings, BoxError> {
        Ok(config.read()?)
    }
}

#[capability_provider]
impl LaterAsync for Echo {
    async fn wait(&self, cx: Cx<'_, Self>, text: String) -> OpResult<String> {
        tokio::time::sleep(cx.link().delay).await;
        Ok(text)
    }

    async fn hold(&self, _cx: Cx<'_, Self>, _text: String) -> OpResult<String> {
        pending().await
    }
}
