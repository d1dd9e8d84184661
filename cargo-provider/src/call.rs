//! `cargo provider call`: one operation, once, in a process of its own.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    io::{self, Read},
};

use provider_core::ErrorKind;
use provider_testkit::{
    CheckReport, Identity, Kit, LogLine, Options, Verdict, nearest, payload,
    session::{self, CallFailure, CallOptions, CallReport},
};
use serde_json::Value;

use crate::{
    build,
    check::refusal,
    cli,
    exit::{Exit, Failure},
    log_lines,
    output::Output,
};

/// Calls and shows the reply.
pub(crate) fn run(arguments: cli::Call, output: &mut Output) -> Result<Exit, Failure> {
    let mut operands = arguments.operands;
    let library = build::take_library(&mut operands);
    let (op, payload) = request(operands)?;
    let found = build::find(library.as_deref(), &arguments.package)?;
    let options = CallOptions {
        actor: arguments.actor,
        op,
        payload,
        links: arguments.link.into_iter().collect(),
        timeout: arguments.timeout,
        log: log_lines::level(arguments.verbose),
        env: BTreeMap::new(),
    };
    // Also says what is wrong with a library before anything is made of it.
    let kit =
        Kit::open(&found.library, Options::default()).map_err(|unusable| refusal(&unusable))?;
    let op = options.op.clone();
    let mut heard = |line: &LogLine| log_lines::show(line, output);
    match session::call_heard(&found.library, options, &mut heard) {
        Ok(report) => Ok(show(&op, report, kit.identity(), output)),
        Err(CallFailure::Unusable(unusable)) => Err(refusal(&unusable)),
        Err(CallFailure::Died(report)) => Ok(show_death(&report, output)),
        Err(other) => Err(Failure::internal(other.to_string())),
    }
}

/// The operation and its payload.
fn request(operands: Vec<OsString>) -> Result<(String, Vec<u8>), Failure> {
    let mut operands = operands.into_iter().map(|operand| {
        operand.into_string().map_err(|operand| {
            Failure::unusable(format!("`{}` is not UTF-8", operand.to_string_lossy()))
        })
    });
    let usage = "the arguments are `[LIBRARY] OP [JSON]`";
    let (op, json) = match (operands.next(), operands.next(), operands.next()) {
        (Some(op), json, None) => (op?, json.transpose()?),
        (None, ..) => {
            return Err(Failure::unusable(format!("no operation is given: {usage}")));
        }
        (Some(first), ..) => {
            return Err(Failure::unusable(format!(
                "`{}` is no library: {usage}, and a library is a path",
                first?
            )));
        }
    };
    let payload = json.map_or(Ok(Vec::new()), payload)?;
    Ok((op, payload))
}

fn payload(mut json: String) -> Result<Vec<u8>, Failure> {
    if json == "-" {
        json.clear();
        io::stdin().read_to_string(&mut json).map_err(|error| {
            Failure::unusable(format!("cannot read the request from standard input: {error}"))
        })?;
    }
    let value: Value = serde_json::from_str(&json)
        .map_err(|error| Failure::unusable(format!("the request is no JSON: {error}")))?;
    payload::encode(&value).map_err(|error| Failure::unusable(error.message()))
}

fn show(op: &str, report: CallReport, identity: &Identity, output: &mut Output) -> Exit {
    let exit = match report.reply {
        Ok(reply) => match payload::decode(&reply) {
            Ok(value) => {
                output.json(&value);
                Exit::Success
            }
            Err(error) => {
                output.json(&payload::bytes(&reply));
                output.error(&format!("the reply is no message, it is shown as bytes: {error}"));
                Exit::Failed
            }
        },
        Err(error) => {
            let place = if error.during == op {
                String::new()
            } else {
                format!(" (in `{}`)", error.during)
            };
            output.error(&format!("{}: {}{place}", error.kind, error.message));
            let names = identity.ops.iter().map(|op| op.name.as_str());
            if error.kind == ErrorKind::UnknownOperation.name()
                && let Some(name) = nearest(op, names)
            {
                output.message("help", &format!("did you mean `{name}`?"));
            }
            Exit::Failed
        }
    };
    for call in report.dispatched {
        let value = payload::decode(&call.msg).unwrap_or_else(|_| payload::bytes(&call.msg));
        output.message("dispatched", &format!("{} {} {value}", call.actor, call.op));
    }
    show_stderr(&report.stderr, output);
    exit
}

/// The provider crashed, hung or ended the process.
pub(crate) fn show_death(report: &CheckReport, output: &mut Output) -> Exit {
    output.error(&format!("{}: {}", report.verdict.word(), report.summary));
    if let Some(likely) = &report.likely {
        output.message("likely", likely);
    }
    show_stderr(&report.stderr_tail, output);
    if report.verdict == Verdict::Error { Exit::Internal } else { Exit::Failed }
}

fn show_stderr(text: &str, output: &mut Output) {
    for line in text.lines() {
        output.message("provider", line);
    }
}
