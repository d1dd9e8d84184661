//! `wasmcloud:telnet`: people at terminals, line by line.
//!
//! A server that listens for an actor. It tells the actor of each
//! [session](TelnetHandler::session_started) and of each [line](TelnetHandler::receive_text), and sends
//! what the actor [says](Telnet::send_text).
//!
//! # A link
//!
//! `BindActor` succeeds when the socket listens, and fails with the reason when it cannot. `PORT` is the
//! port, 3000 without it; `MOTD` is the text that every session begins with.
//!
//! `RemoveActor` closes the socket and the sessions, and returns within a second.
//!
//! # The protocol
//!
//! Options are negotiated and never needed: a client that can do none of them has the same sessions.
//! What is no UTF-8 arrives with a replacement character in its place.

use provider_core::prelude::*;
use serde::{Deserialize, Deserializer, Serialize};

/// Talks to the clients of actors.
#[contract("wasmcloud:telnet", calls = TelnetHandler)]
pub trait Telnet {
    /// Sends a text to a session of the calling actor, and nothing else: no end of a line is added.
    ///
    /// `success` says that it was taken for sending, in order. It is `false`, with the reason in `error`,
    /// for a session that is none of this actor's or no more, and for a client that does not read what it
    /// was sent before.
    ///
    /// # Errors
    ///
    /// *Not linked*; all else is in the reply.
    #[op(example(
        title = "to a session that is none",
        request = r#"{"session": "nobody", "text": "hello"}"#
    ))]
    fn send_text(&self, cx: Cx<'_, Self>, session: String, text: String) -> OpResult<TelnetResult>;
}

/// What the actors of `wasmcloud:telnet` answer.
#[contract("wasmcloud:telnet")]
pub trait TelnetHandler {
    /// Somebody has connected. `session` names the connection until it ends, and no other one before or
    /// after.
    ///
    /// A reply without success ends the session.
    ///
    /// # Errors
    ///
    /// The actor's own: the session ends.
    fn session_started(&self, cx: Cx<'_, Self>, session: String) -> OpResult<TelnetResult>;

    /// A line has come, without its end. The lines of a session come one after the other.
    ///
    /// # Errors
    ///
    /// The actor's own. The session goes on.
    fn receive_text(
        &self,
        cx: Cx<'_, Self>,
        session: String,
        text: String,
    ) -> OpResult<TelnetResult>;
}

/// Whether something was done.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct TelnetResult {
    /// Whether it was.
    pub success: bool,
    /// Why not.
    pub error: Option<String>,
}

impl TelnetResult {
    /// It was done.
    #[must_use]
    pub fn done() -> Self {
        Self { success: true, error: None }
    }

    /// It was not, for this reason.
    #[must_use]
    pub fn refused(reason: impl Into<String>) -> Self {
        Self { success: false, error: Some(reason.into()) }
    }
}

impl<'de> Deserialize<'de> for TelnetResult {
    /// Actors of the older contract reply `true` or `false`, which is read as well.
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        #[derive(Deserialize)]
        struct Whole {
            success: bool,
            #[serde(default)]
            error: Option<String>,
        }

        #[derive(Deserialize)]
        #[serde(untagged, expecting = "expected a map with `success`, or a boolean")]
        enum Either {
            Old(bool),
            New(Whole),
        }

        Ok(match Either::deserialize(deserializer)? {
            Either::Old(success) => Self { success, error: None },
            Either::New(Whole { success, error }) => Self { success, error },
        })
    }
}
