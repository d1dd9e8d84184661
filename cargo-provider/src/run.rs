//! `cargo provider run`: a provider in a process of its own, kept up for whoever types requests.

use std::{
    collections::BTreeMap,
    io::{self, BufRead},
    mem,
    sync::{
        OnceLock,
        atomic::{AtomicBool, Ordering},
    },
    thread,
    time::Duration,
};

use provider_testkit::{
    Kit, Options, Verdict, payload,
    session::{self, AttendOptions, Attended, CallError, Happening},
};
use serde_json::{Value, json};

use crate::{
    build,
    call::show_death,
    check::refusal,
    cli,
    exit::{Exit, Failure},
    log_lines,
    output::Output,
};

/// How long linking the actor may take; and after the end, each call that was asked for, and the stop.
const PATIENCE: Duration = Duration::from_secs(10);

/// The provider that is kept up.
static RUNNING: OnceLock<Attended> = OnceLock::new();
/// It was told to stop by an interrupt.
static INTERRUPTED: AtomicBool = AtomicBool::new(false);
/// A line of the input was no request.
static WRONG_LINE: AtomicBool = AtomicBool::new(false);

/// Stops the provider that is kept up; whether there is any that was not told before.
pub(crate) fn interrupt() -> bool {
    match RUNNING.get() {
        Some(running) if !INTERRUPTED.swap(true, Ordering::SeqCst) => {
            running.stop();
            true
        }
        _ => false,
    }
}

/// Keeps a provider up until the input ends.
pub(crate) fn run(arguments: cli::Run, output: &mut Output) -> Result<Exit, Failure> {
    let found = build::find(arguments.library.as_deref(), &arguments.package)?;
    // Also says what is wrong with a library before anything is made of it.
    let kit =
        Kit::open(&found.library, Options::default()).map_err(|unusable| refusal(&unusable))?;
    let identity = kit.identity();
    let ready = format!("{} {} ({})", identity.name, identity.version, identity.contract);
    let options = AttendOptions {
        actor: arguments.actor,
        links: arguments.link.into_iter().collect(),
        answers: arguments.reply.into_iter().collect(),
        log: log_lines::level(arguments.verbose),
        patience: PATIENCE,
        env: BTreeMap::new(),
    };
    let mut shown = Shown { output, failed: false, stderr: Vec::new(), ready };
    let ended = session::keep_up(&found.library, options, &mut |happening| shown.show(happening));
    shown.end_stderr();
    let failed = shown.failed || WRONG_LINE.load(Ordering::SeqCst);
    match ended {
        Ok(report) if report.verdict != Verdict::Pass => {
            // What it wrote to standard error was shown as it came.
            let report = provider_testkit::CheckReport { stderr_tail: String::new(), ..report };
            Ok(show_death(&report, output))
        }
        Ok(_) if failed => Ok(Exit::Failed),
        Ok(_) => Ok(Exit::Success),
        Err(session::CallFailure::Unusable(unusable)) => Err(refusal(&unusable)),
        Err(other) => Err(Failure::internal(other.to_string())),
    }
}

/// Shows what happens.
struct Shown<'a> {
    output: &'a mut Output,
    /// A call failed.
    failed: bool,
    /// The last line that the provider wrote to standard error, as far as it has come.
    stderr: Vec<u8>,
    ready: String,
}

impl Shown<'_> {
    fn show(&mut self, happening: Happening) {
        match happening {
            Happening::Ready(attended) => {
                let running = RUNNING.get_or_init(|| attended).clone();
                self.output.message("ready", &self.ready);
                thread::spawn(move || read(io::stdin().lock(), &running));
            }
            Happening::Replied(reply) => {
                self.failed |= reply.is_err();
                self.output.json_line(&format!("{}\n", replied(reply)));
            }
            Happening::Dispatched { message, answered } => {
                let sent =
                    payload::decode(&message.msg).unwrap_or_else(|_| payload::bytes(&message.msg));
                let hint = if answered {
                    String::new()
                } else {
                    format!(" (answered with an error: give `--reply {}=JSON`)", message.op)
                };
                let said = format!("{} {} {sent}{hint}", message.actor, message.op);
                self.output.message("dispatched", &said);
            }
            Happening::Log(line) => log_lines::show(&line, self.output),
            Happening::Stderr(piece) => self.stderr(&piece),
            _ => {}
        }
    }

    fn stderr(&mut self, piece: &[u8]) {
        /// How much of a line is waited for.
        const LINE: usize = 64 << 10;
        for line in piece.split_inclusive(|byte| *byte == b'\n') {
            self.stderr.extend(line);
            if line.ends_with(b"\n") || self.stderr.len() > LINE {
                self.end_stderr();
            }
        }
    }

    fn end_stderr(&mut self) {
        let line = mem::take(&mut self.stderr);
        if !line.is_empty() {
            self.output.message("provider", String::from_utf8_lossy(&line).trim_end());
        }
    }
}

/// A reply as a line of JSON: an error is an object with the key `$error`.
fn replied(reply: Result<Vec<u8>, CallError>) -> Value {
    match reply {
        Ok(reply) => payload::decode(&reply).unwrap_or_else(|_| payload::bytes(&reply)),
        Err(CallError { kind, message, .. }) => {
            json!({ "$error": { "kind": kind, "message": message } })
        }
    }
}

/// Asks for what the lines of `input` say, and tells the provider to stop at its end.
fn read(input: impl BufRead, running: &Attended) {
    for (index, line) in input.lines().enumerate() {
        let asked = line.map_err(|error| error.to_string()).and_then(|line| request(&line));
        match asked {
            Ok(Some((op, payload))) => {
                if !running.call(op, payload) {
                    return;
                }
            }
            Ok(None) => {}
            Err(problem) => {
                WRONG_LINE.store(true, Ordering::SeqCst);
                Output::standard().error(&format!("line {}: {problem}", index + 1));
            }
        }
    }
    running.stop();
}

/// The operation and the payload of a line, unless it is empty or a comment.
fn request(line: &str) -> Result<Option<(String, Vec<u8>)>, String> {
    let line = line.trim();
    if line.is_empty() || line.starts_with('#') {
        return Ok(None);
    }
    let (op, json) = line.split_once(char::is_whitespace).unwrap_or((line, ""));
    let payload = match json.trim_start() {
        "" => Vec::new(),
        json => {
            let value: Value = serde_json::from_str(json)
                .map_err(|error| format!("the request of `{op}` is no JSON: {error}"))?;
            payload::encode(&value).map_err(|error| error.message().to_owned())?
        }
    };
    Ok(Some((op.to_owned(), payload)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_line_is_an_operation_and_its_request() {
        let read = |line: &str| request(line).unwrap();
        assert_eq!(read("Get [1]"), Some(("Get".into(), vec![0x91, 1])));
        assert_eq!(read("  Get   [ 1 ]  "), Some(("Get".into(), vec![0x91, 1])));
        assert_eq!(read("Get"), Some(("Get".into(), Vec::new())));
        assert_eq!(read(""), None);
        assert_eq!(read(" # Get"), None);
        assert!(request("Get {").unwrap_err().contains("the request of `Get` is no JSON"));
    }
}
