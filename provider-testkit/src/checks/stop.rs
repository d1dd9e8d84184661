//! The end of a provider's life.

use std::{
    fs::{self, File, OpenOptions},
    os::fd::OwnedFd,
    time::{Duration, Instant},
};

use super::{HEADER, SPECIFICATION};
use crate::{
    Check, Level,
    lab::{Lab, Outcome, skip},
    payload::shortened,
    protocol::Failure,
    subject::{Provider, failed},
};

/// How long `stop` may take.
pub(super) const PATIENCE: Duration = Duration::from_secs(5);

const RULE: &str = "You must also be sure that you do nothing in the `stop` function call that might \
                    panic, which includes writing to `STDOUT` when that facility might be \
                    unavailable.";

pub(super) fn checks() -> Vec<Check> {
    let check = |id, title| Check {
        id,
        title,
        rule: RULE,
        source: SPECIFICATION,
        needs: &["stop::clean"],
        run: clean,
        ..Check::BLANK
    };
    vec![
        Check {
            why: "A host may stop a provider that no actor ever used, for example when it is \
                  itself told to end. A panic there spoils the end of everything else.",
            what: "configures and stops without a link; and stops without having configured",
            causes: &["`stop` takes what only a link has made: `take().unwrap()`"],
            fix: "do nothing for what is not there",
            example: include_str!("examples/stop-unused.md"),
            needs: &["dispatch::configure"],
            run: unused,
            ..check("stop::unused", "stopped without having been used")
        },
        Check {
            source: HEADER,
            rule: "Once, as the last thing but destroy. Ends threads, closes what is open.",
            why: "A host that ends, or replaces a provider, waits for `stop`. One that never \
                  returns is killed with the host, and what it did not write is lost; one that \
                  exits takes the host along.",
            what: "links an actor, asks how it is, stops and frees; `stop` may take 5 s",
            causes: &["`stop` waits for a thread that waits for something else"],
            fix: "tell threads to end before waiting for them",
            example: include_str!("examples/stop-clean.md"),
            needs: &["links::bind", "stop::unused"],
            run: clean,
            ..check("stop::clean", "stopped after use")
        },
        Check {
            why: "Hosts run as services, and the other end of their standard output goes away \
                  first when they are stopped. `println!` panics then, in the one function that \
                  must not.",
            what: "stops and frees while standard output is a pipe that nobody reads, and while it \
                   is a full device",
            causes: &["`println!` in `stop`, in `RemoveActor` or in a destructor"],
            fix: "`let _ = writeln!(std::io::stdout(), ..)`, or no output at all",
            example: include_str!("examples/stop-stdout-broken.md"),
            run: stdout_broken,
            ..check("stop::stdout-broken", "stopped without standard output")
        },
        Check {
            why: "When standard error is gone, `eprintln!` and many loggers panic, and the panic's \
                  own message has nowhere to go: the host dies without a word.",
            what: "stops and frees while standard error is a pipe that nobody reads, and while it \
                   is a full device",
            causes: &["`eprintln!` or a logger in `stop` or in a destructor"],
            fix: "`let _ = writeln!(std::io::stderr(), ..)`, or no output at all",
            example: include_str!("examples/stop-stderr-broken.md"),
            run: stderr_broken,
            ..check("stop::stderr-broken", "stopped without standard error")
        },
        Check {
            level: Level::Should,
            why: "A host that runs as a service has closed its standard output, and the next file \
                  that it opens gets the number: what a provider prints is written into the host's \
                  data.",
            what: "gives the number of standard output to a file, lets standard input and standard \
                   error fail as closed ones do, stops and frees; the file must stay empty",
            causes: &["`println!` in `stop`, in `unlink` or in a destructor"],
            fix: "write to the log, or to standard error; never to standard output",
            example: include_str!("examples/stop-stdio-closed.md"),
            needs: &["stop::stdout-broken", "stop::stderr-broken"],
            run: stdio_closed,
            ..check("stop::stdio-closed", "stopped while the host's file is standard output")
        },
        Check {
            source: HEADER,
            rule: "Frees the provider, with or without stop before it.",
            why: "A host that ends does not free its providers one by one: it stops them and \
                  exits. What still runs or still cleans up then crashes where no report names the \
                  provider any more.",
            what: "ends the process right after `stop`, without freeing the provider",
            causes: &[
                "an exit handler or a destructor of a static uses what is gone",
                "a thread that outlives `stop`",
            ],
            fix: "end threads in `stop`; register no exit handlers",
            example: include_str!("examples/stop-exit.md"),
            run: exit,
            ..check("stop::exit", "the process ends after `stop`")
        },
    ]
}

/// Stops a provider, which may take a while and no longer.
pub(super) fn stop(lab: &Lab, provider: &Provider) -> Outcome {
    let patience = lab.patience(PATIENCE);
    let began = Instant::now();
    provider.stop().map_err(|error| failed("stop", &error, "Ok"))?;
    let took = began.elapsed();
    if took > patience {
        return Err(Failure::new(format!("`stop` took {:.1} s", took.as_secs_f64()))
            .expected(format!("{} s at most", patience.as_secs()))
            .into());
    }
    Ok(())
}

fn unused(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    stop(lab, &provider)?;
    provider.destroy()?;
    let provider = lab.created()?;
    // An error is an answer here.
    let _ = provider.stop();
    provider.destroy()
}

fn clean(lab: &mut Lab) -> Outcome {
    let (provider, _) = lab.linked()?;
    provider.alive("a link was made")?;
    stop(lab, &provider)?;
    provider.destroy()
}

fn exit(lab: &mut Lab) -> Outcome {
    let (provider, _) = lab.linked()?;
    stop(lab, &provider)?;
    lab.abandon();
    Ok(())
}

/// A place that output cannot go to.
#[derive(Debug, Clone, Copy)]
enum Broken {
    /// A pipe that nobody reads.
    Pipe,
    /// A device without room.
    Full,
}

impl Broken {
    fn open(self) -> std::io::Result<OwnedFd> {
        match self {
            Self::Pipe => {
                let (reader, writer) = std::io::pipe()?;
                drop(reader);
                Ok(writer.into())
            }
            Self::Full => Ok(OpenOptions::new().write(true).open("/dev/full")?.into()),
        }
    }
}

fn stdout_broken(lab: &mut Lab) -> Outcome {
    broken(lab, "standard output", |to| rustix::stdio::dup2_stdout(to))
}

fn stderr_broken(lab: &mut Lab) -> Outcome {
    broken(lab, "standard error", |to| rustix::stdio::dup2_stderr(to))
}

fn broken(
    lab: &mut Lab,
    what: &str,
    redirect: impl Fn(&OwnedFd) -> rustix::io::Result<()>,
) -> Outcome {
    for broken in [Broken::Pipe, Broken::Full] {
        let unusable = |error: &dyn std::fmt::Display| skip(format!("{broken:?}: {error}"));
        let to = match broken.open() {
            Ok(to) => to,
            // Not every system has a full device.
            Err(_) if matches!(broken, Broken::Full) => continue,
            Err(error) => return Err(unusable(&error)),
        };
        let (provider, _) = lab.linked()?;
        let place = match broken {
            Broken::Pipe => "a pipe that nobody reads",
            Broken::Full => "a full device",
        };
        let seq = lab.reporter.step("redirect", format!("{what} to {place}"));
        redirect(&to).map_err(|error| unusable(&error))?;
        lab.reporter.done(seq, "Ok");
        stop(lab, &provider)?;
        provider.destroy()?;
    }
    Ok(())
}

/// Where the worker keeps what it puts back: out of a provider's way.
const KEPT_FD: i32 = 100;

fn stdio_closed(lab: &mut Lab) -> Outcome {
    const SENTINEL: &str = "host's-own-file";
    let unusable = |error: &dyn std::fmt::Display| skip(format!("standard output: {error}"));
    let (provider, _) = lab.linked()?;
    let seq = lab.reporter.step("redirect", "standard output to a file of the host".into());
    let stderr = rustix::io::fcntl_dupfd_cloexec(rustix::stdio::stderr(), KEPT_FD)
        .map_err(|error| unusable(&error))?;
    let redirected = || -> std::io::Result<()> {
        let sentinel = File::create(SENTINEL)?;
        // A number that can only be written to fails a reader as one that is closed does, and the
        // other way round.
        rustix::stdio::dup2_stdin(OpenOptions::new().write(true).open("/dev/null")?)?;
        rustix::stdio::dup2_stdout(sentinel)?;
        rustix::stdio::dup2_stderr(File::open("/dev/null")?)?;
        Ok(())
    };
    redirected().map_err(|error| unusable(&error))?;
    lab.reporter.done(seq, "Ok");
    let outcome = stop(lab, &provider).and_then(|()| provider.destroy());
    // So that the last words of the process are heard.
    rustix::stdio::dup2_stderr(stderr).map_err(|error| unusable(&error))?;
    outcome?;
    let written = fs::read(SENTINEL).map_err(|error| unusable(&error))?;
    if written.is_empty() {
        return Ok(());
    }
    let plural = if written.len() == 1 { "" } else { "s" };
    Err(Failure::new(format!(
        "it wrote {} byte{plural} into the host's file that has the number of standard output",
        written.len()
    ))
    .expected("an empty file")
    .got(format!("{:?}", shortened(&String::from_utf8_lossy(&written), 200)))
    .into())
}
