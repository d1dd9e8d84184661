//! `wasmcloud:logging`: what actors have to say.
//!
//! A link may have the value `LEVEL`, one of the five [levels](Level) in any case or `off`: what is
//! less important than that is taken and goes nowhere. Without it, nothing is held back.

mod level;

use provider_core::prelude::*;

pub use self::level::{Level, UnknownLevel};

/// Takes what actors have to say to the log of their host.
///
/// A record has the actor that wrote it as its field `actor`. Records of one actor that are written
/// one after the other stay in that order.
#[contract("wasmcloud:logging")]
pub trait Logging {
    /// Writes a record. The reply is no bytes.
    ///
    /// Level and target are those of the actor, and so is the text: every character of it arrives, line
    /// breaks and control characters included.
    ///
    /// # Errors
    ///
    /// *Bad request* when the level is none of the five. Of any other kind when the record could not
    /// be written to where the link has it written.
    #[op(example(
        title = "a warning",
        request = r#"{"target": "orders", "level": "Warn", "text": "the queue is long"}"#
    ))]
    fn write_log(
        &self,
        cx: Cx<'_, Self>,
        target: String,
        level: Level,
        text: String,
    ) -> OpResult<()>;
}
