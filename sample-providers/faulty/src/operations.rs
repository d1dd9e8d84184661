//! `Echo`, `Nest` and `Relay`.

use std::{hint, process};

use provider_core::{
    Error, ErrorKind,
    codec::{self, Args},
};
use serde::{Deserialize, Serialize};

use faulty_defects::Kind;

use crate::{
    nesting::{self, Nesting},
    provider::{Faulty, decode},
};

/// The operation that returns its text.
pub const OP_ECHO: &str = "Echo";
/// The operation that returns how deep its value is nested.
pub const OP_NEST: &str = "Nest";
/// The operation that sends its text to the actor that calls it, and returns what that one answers.
pub const OP_RELAY: &str = "Relay";
/// The operation of actors that `Relay` calls: it takes a text and answers one, or nothing.
pub const OP_RELAYED: &str = "Relayed";

/// What `Echo` and `Relay` take and return.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Text {
    /// The text.
    pub text: String,
}

/// What `Nest` returns.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Depth {
    /// How many arrays and maps of the value are inside each other.
    pub depth: u32,
}

/// How long a text may be for one that cannot take more.
const ROOM: usize = 200;
/// The byte that no message has.
const RESERVED: u8 = 0xc1;
/// How much may be behind a message, for those who do not look.
const BEHIND: usize = 64;

impl Faulty {
    pub(crate) fn echo(&self, actor: &str, msg: &[u8]) -> Result<Vec<u8>, Error> {
        if self.has(Kind::StopWaitsForCalls) {
            self.inner().crossing.call(self.is_elsewhere());
        }
        if self.has(Kind::PanicsForStrangers) {
            self.links().rely_on(actor);
        }
        self.links().require(actor)?;
        let mut decoded = decode::<Text>(OP_ECHO, msg);
        if decoded.is_err() && self.has(Kind::TakesTrailingBytes) {
            let mut shorter = (msg.len().saturating_sub(BEHIND)..msg.len()).rev();
            let begins = shorter.find_map(|end| codec::decode(&msg[..end]).ok());
            decoded = begins.map_or(decoded, Ok);
        }
        let broken = decoded.is_err() && msg.first() != Some(&RESERVED);
        if broken && self.has(Kind::PanicInOp) {
            decoded.as_ref().expect("it begins like a message");
        }
        if broken && self.has(Kind::AcceptsMalformed) {
            return codec::encode(&Text::default());
        }
        if broken && self.has(Kind::SpinInOp) {
            loop {
                hint::spin_loop();
            }
        }
        let mut text = decoded?;
        if text.text.len() > ROOM && self.has(Kind::AbortOnLongText) {
            process::abort();
        }
        if self.has(Kind::WrongReply) {
            text.text.push('?');
        }
        self.called();
        codec::encode(&text)
    }

    pub(crate) fn nest(&self, actor: &str, msg: &[u8]) -> Result<Vec<u8>, Error> {
        self.links().require(actor)?;
        if self.has(Kind::DeepNestingOverflows) {
            nesting::read_without_limit(msg);
        }
        // By its fields: what they hold is not a message of its own.
        let decoded = Args::split(OP_NEST, &["value"], msg).and_then(|mut args| args.take());
        if decoded.is_err() && self.has(Kind::DeclaredOpUnknown) {
            let message = "unknown operation `Nest`";
            return Err(Error::new(ErrorKind::UnknownOperation, message));
        }
        let Nesting { depth, bytes } = decoded?;
        if bytes && self.has(Kind::SpinOnBytes) {
            loop {
                hint::spin_loop();
            }
        }
        codec::encode(&Depth { depth })
    }

    pub(crate) fn relay(&self, actor: &str, msg: &[u8]) -> Result<Vec<u8>, Error> {
        self.links().require(actor)?;
        let text = codec::encode(&decode::<Text>(OP_RELAY, msg)?)?;
        let Some(dispatcher) = self.inner().dispatcher.get() else {
            return Err(Error::new(ErrorKind::Unavailable, "there is no way to actors yet"));
        };
        let _links = self.has(Kind::DispatchLocksLinks).then(|| self.links());
        let _everything = self.has(Kind::DispatchLocksHealth).then(|| self.everything());
        let answer = dispatcher.dispatch(actor, OP_RELAYED, &text).map_err(Error::from_boxed);
        if self.has(Kind::UnwrapsAnswers) {
            answer.as_ref().expect("actors answer");
        }
        let answer = answer?;
        let said = if answer.is_empty() { Text::default() } else { decode(OP_RELAYED, &answer)? };
        codec::encode(&said)
    }
}
