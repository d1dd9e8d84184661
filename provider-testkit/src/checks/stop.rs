//! The end of a provider's life.

use std::{
    fs::OpenOptions,
    os::fd::OwnedFd,
    time::{Duration, Instant},
};

use super::{HEADER, SPECIFICATION};
use crate::{
    Check,
    lab::{Lab, Outcome, skip},
    protocol::Failure,
    subject::failed,
};

/// How long `stop` may take.
const PATIENCE: Duration = Duration::from_secs(5);

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

fn stop(provider: &crate::subject::Provider) -> Outcome {
    let began = Instant::now();
    provider.stop().map_err(|error| failed("stop", &error, "Ok"))?;
    let took = began.elapsed();
    if took > PATIENCE {
        return Err(Failure::new(format!("`stop` took {:.1} s", took.as_secs_f64()))
            .expected("5 s at most")
            .into());
    }
    Ok(())
}

fn unused(lab: &mut Lab) -> Outcome {
    let provider = lab.configured()?;
    stop(&provider)?;
    provider.destroy()?;
    let provider = lab.created()?;
    // An error is an answer here.
    let _ = provider.stop();
    provider.destroy()
}

fn clean(lab: &mut Lab) -> Outcome {
    let (provider, _) = lab.linked()?;
    provider.alive("a link was made")?;
    stop(&provider)?;
    provider.destroy()
}

fn exit(lab: &mut Lab) -> Outcome {
    let (provider, _) = lab.linked()?;
    stop(&provider)?;
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
        stop(&provider)?;
        provider.destroy()?;
    }
    Ok(())
}
