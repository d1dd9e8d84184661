//! What a known contract says beyond the rules for all.

use std::time::{Duration, SystemTime, UNIX_EPOCH};

use provider_core::ErrorKind;
use serde_json::Value;

use crate::{
    Check,
    lab::{Halt, Lab, Outcome},
    payload,
    protocol::Failure,
    subject::{Answer, Provider},
};

mod blobstore;
mod declarations;
mod graphdb;
mod http_client;
mod http_server;
mod http_server_values;
mod keyvalue;
mod logging;
mod loopback;
mod messaging;
mod played;
mod telnet;

/// How long something that happens on another thread is waited for.
const SOON: Duration = Duration::from_secs(3);

pub(super) fn checks() -> Vec<Check> {
    [
        declarations::checks(),
        keyvalue::checks(),
        blobstore::checks(),
        http_server::checks(),
        http_client::checks(),
        messaging::checks(),
        telnet::checks(),
        logging::checks(),
        graphdb::checks(),
    ]
    .concat()
}

/// A number that no other run has, also where the seed is given: a store may outlive a run.
fn unique(lab: &Lab) -> u64 {
    let time = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
    let nanoseconds = (time.as_secs() << 30) | u64::from(time.subsec_nanos());
    lab.job.seed ^ nanoseconds.rotate_left(16) ^ u64::from(std::process::id())
}

/// A name that no other run uses, as long in every run: what a report shows of a payload is cut.
fn fresh_name(lab: &Lab) -> String {
    format!("testkit-{:020}", unique(lab))
}

/// Calls an operation with a request that is written as JSON.
fn call(provider: &Provider, actor: &str, op: &str, request: &Value) -> Answer {
    // Whatever the checks write can be encoded.
    let msg = payload::encode(request).unwrap_or_default();
    provider.call(actor, op, &msg)
}

/// The reply's value: the call must not fail.
fn reply(answer: &Answer, op: &str) -> Outcome<Value> {
    let failure = match &answer.reply {
        Ok(reply) => match payload::decode(reply) {
            Ok(value) => return Ok(value),
            Err(error) => {
                Failure::new(format!("the reply of `{op}` cannot be read: {}", error.message()))
            }
        },
        Err(error) => Failure::new(format!("`{op}` failed: {}", error.message())),
    };
    let panic = answer.kind() == Some(ErrorKind::Panic);
    Err(Failure { panic, ..failure.expected("Ok").got(answer.shown()) }.into())
}

/// The reply's fields must be those of `expected`; others may be there too.
fn must_be(answer: &Answer, op: &str, expected: &Value, otherwise: &str) -> Outcome {
    let got = reply(answer, op)?;
    if holds(&got, expected) {
        return Ok(());
    }
    Err(differs(otherwise, expected, &got))
}

fn differs(what: &str, expected: &Value, got: &Value) -> Halt {
    let shown = |value: &Value| payload::shortened(&value.to_string(), 300);
    Failure::new(what).expected(shown(expected)).got(shown(got)).into()
}

/// Whether every field of `expected` is in `got`, at any depth.
fn holds(got: &Value, expected: &Value) -> bool {
    match (got, expected) {
        (Value::Object(got), Value::Object(expected)) => expected
            .iter()
            .all(|(key, expected)| got.get(key).is_some_and(|got| holds(got, expected))),
        (got, expected) => got == expected,
    }
}
