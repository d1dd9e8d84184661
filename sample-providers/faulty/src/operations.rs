//! `Echo` and `Nest`.

use std::{hint, process};

use provider_core::{
    Error, ErrorKind,
    codec::{self, Args},
};
use serde::{Deserialize, Serialize};

use crate::{
    defects::Kind,
    nesting::{self, Nesting},
    provider::{Faulty, decode},
};

/// The operation that returns its text.
pub const OP_ECHO: &str = "Echo";
/// The operation that returns how deep its value is nested.
pub const OP_NEST: &str = "Nest";

/// What `Echo` takes and returns.
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

impl Faulty {
    pub(crate) fn echo(&self, actor: &str, msg: &[u8]) -> Result<Vec<u8>, Error> {
        self.links().require(actor)?;
        let decoded = decode::<Text>(OP_ECHO, msg);
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
}
