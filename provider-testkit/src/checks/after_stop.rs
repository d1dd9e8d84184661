//! What is left when a provider was stopped: calls, threads, whatever it opened.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
    sync::{
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    thread,
    time::Instant,
};

use provider_core::{
    ErrorKind,
    ops::{OP_BIND_ACTOR, OP_HEALTH_REQUEST, OP_REMOVE_ACTOR, SYSTEM_ACTOR},
};

use super::{
    HEADER, SPECIFICATION,
    stop::{PATIENCE, stop},
};
use crate::{
    Check, Level,
    holdings::{Holdings, lasting},
    lab::{Lab, Outcome, actor, each},
    processes,
    protocol::Failure,
    scratch::TEMPORARY,
    subject::{Provider, Values, configuration, health_request},
};

/// How many threads call while a provider is stopped.
const CALLERS: u32 = 4;

const CLEAN_RULE: &str = "This gives the provider an opportunity to clean up any resources and stop \
                          any running threads";

pub(super) fn checks() -> Vec<Check> {
    vec![
        Check {
            id: "stop::twice",
            level: Level::Should,
            title: "stopped twice",
            rule: "a second stop does nothing and answers CP_ALREADY or CP_STOPPING.",
            source: HEADER,
            why: "A host that is shutting down stops a provider that a failed health check is \
                  stopping already. A second stop that panics or hangs takes the shutdown with it.",
            what: "stops a provider that was used, and one that was not, twice each, and frees them",
            causes: &["`take().unwrap()` of what the first `stop` took"],
            fix: "do nothing when it is stopped already",
            example: include_str!("examples/stop-twice.md"),
            needs: &["stop::clean"],
            run: twice,
            ..Check::BLANK
        },
        Check {
            id: "stop::then-call",
            level: Level::Should,
            title: "called after it was stopped",
            rule: "Calls that come afterwards answer CP_STOPPING",
            source: HEADER,
            why: "Calls that were under way when the host decided to stop arrive a moment later. \
                  One that is answered with Ok did nothing that lasts, and one that panics does harm.",
            what: "stops, then sends each operation, `HealthRequest`, `BindActor` and `RemoveActor`: \
                   each must be an error",
            causes: &["`stop` takes what every call unwraps", "nothing remembers that it stopped"],
            fix: "remember in `stop` that it happened, and look at that first in every call",
            example: include_str!("examples/stop-then-call.md"),
            needs: &["stop::clean"],
            run: then_call,
            ..Check::BLANK
        },
        Check {
            id: "stop::threads",
            level: Level::Should,
            title: "no thread outlives `stop`",
            rule: CLEAN_RULE,
            source: SPECIFICATION,
            why: "A thread that goes on works for actors that are gone, and uses the library's code \
                  while its host ends: the crash comes later, in somebody else's name.",
            what: "makes a provider, links two actors, sends the samples and stops; the threads must \
                   be those from before, within two seconds",
            causes: &["a thread that nobody tells to end", "a runtime that is never shut down"],
            fix: "tell each thread to end, then join it, in `unlink` or in `stop`",
            example: include_str!("examples/stop-threads.md"),
            needs: &["stop::clean", "create::drop-unused"],
            run: no_threads,
            ..Check::BLANK
        },
        Check {
            id: "stop::resources",
            level: Level::Should,
            title: "nothing stays open after `stop`",
            rule: "Ends threads, closes what is open.",
            source: HEADER,
            why: "A port that stays taken keeps the provider's next version from starting; files, \
                  processes and what lies in the folder for temporary files add up with every \
                  update of a host that runs for months.",
            what: "makes a provider, links two actors, sends the samples and stops; open files and \
                   sockets, child processes and temporary files must be those from before, within \
                   two seconds",
            causes: &[
                "what a link opened is closed in `unlink` only by those who call `RemoveActor`",
                "it is closed when the provider is freed, which is later",
            ],
            fix: "close in `stop` what is still open; wait for processes that were started",
            example: include_str!("examples/stop-resources.md"),
            needs: &["stop::clean", "create::drop-unused"],
            run: nothing_open,
            ..Check::BLANK
        },
        Check {
            id: "stop::in-flight",
            level: Level::Should,
            title: "stopped while it is called",
            rule: "Threads: handle_call, dispatch, get_extension: from any thread, many at a time.",
            source: HEADER,
            why: "Actors go on calling while a host shuts down. A `stop` and a call that wait for \
                  each other never return, and the host never ends.",
            what: "four threads send samples and ask for the health without a pause; the provider is \
                   stopped meanwhile, and everything must return within 5 s; ten times",
            causes: &[
                "`stop` waits for calls in progress while it holds a lock that they need",
                "a call waits for a thread that `stop` has ended",
            ],
            fix: "release the lock before waiting; wake up whoever waits for what ended",
            example: include_str!("examples/stop-in-flight.md"),
            needs: &["stop::then-call", "dispatch::failing", "links::unlinked-op"],
            run: in_flight,
            ..Check::BLANK
        },
    ]
}

fn twice(lab: &mut Lab) -> Outcome {
    let mut taken = false;
    for used in [true, false] {
        let provider = if used { lab.linked()?.0 } else { lab.configured()? };
        stop(lab, &provider)?;
        taken |= provider.stop().is_ok();
        provider.destroy()?;
    }
    if taken {
        lab.reporter.note(
            "a second `stop` answers Ok: the rule is an error of the kind `Already` or `Stopping`",
        );
    }
    Ok(())
}

fn then_call(lab: &mut Lab) -> Outcome {
    let (provider, linked) = lab.linked()?;
    let stranger = actor(9);
    let values = lab.values(&stranger);
    let system = SYSTEM_ACTOR.to_owned();
    let mut calls: Vec<(&String, String, Vec<u8>)> = Vec::new();
    for (op, msg) in lab.requests(&provider) {
        calls.push((&linked, op, msg.unwrap_or_else(|| vec![0xc1])));
    }
    for (op, msg) in [
        (OP_HEALTH_REQUEST, health_request()),
        (OP_BIND_ACTOR, configuration(&stranger, &values)),
        (OP_REMOVE_ACTOR, configuration(&linked, &Values::new())),
    ] {
        calls.push((&system, op.to_owned(), msg));
    }
    stop(lab, &provider)?;
    let mut other_kind = None;
    each(&lab.reporter, calls, |_, (caller, op, msg)| {
        let answer = provider.call(caller, op.as_str(), &msg);
        answer.refused(&format!("`{op}` after `stop`"))?;
        if answer.kind() != Some(ErrorKind::Stopping) {
            other_kind = answer.kind();
        }
        Ok(())
    })?;
    if let Some(kind) = other_kind {
        lab.reporter.note(format!(
            "the error's kind is `{kind}` and not `{}`: a host cannot tell it from others",
            ErrorKind::Stopping
        ));
    }
    provider.destroy()
}

/// A provider that was used by two actors and stopped.
fn used_and_stopped(lab: &mut Lab) -> Outcome<Provider> {
    let provider = lab.configured()?;
    let requests = lab.requests(&provider);
    for actor in [actor(0), actor(1)] {
        let values = lab.values(&actor);
        provider.bind(&actor, &values).empty(OP_BIND_ACTOR)?;
        for (op, msg) in &requests {
            if let Some(msg) = msg {
                // What is answered is not asked here.
                provider.call(&actor, op.as_str(), msg);
            }
        }
    }
    stop(lab, &provider)?;
    Ok(provider)
}

fn no_threads(lab: &mut Lab) -> Outcome {
    // The library stays loaded: what it holds by itself is not the provider's.
    let _library = lab.load()?;
    let before = Holdings::now();
    let provider = used_and_stopped(lab)?;
    match lasting(&lab.reporter, || before.threads_more()) {
        None => provider.destroy(),
        Some(more) => Err(Failure::new(format!("it was stopped and left behind: {more}"))
            .expected("the threads from before it was made")
            .into()),
    }
}

fn nothing_open(lab: &mut Lab) -> Outcome {
    let _library = lab.load()?;
    let own = std::process::id();
    let before = Holdings::now();
    let children = processes::children(own);
    let temporary = temporary(lab);
    let provider = used_and_stopped(lab)?;
    let more = lasting(&lab.reporter, || {
        let mut more = before.files_more();
        let started = processes::children(own).into_iter();
        let started = started.filter(|(pid, _)| !children.contains_key(pid));
        more.extend(started.map(|(pid, name)| format!("process `{name}` ({pid})")));
        if let Some(folder) = &temporary {
            let files = files_in(folder);
            more.extend(files.iter().map(|file| format!("temporary file `{}`", file.display())));
        }
        more
    });
    match more {
        None => provider.destroy(),
        Some(more) => Err(Failure::new(format!("it was stopped and left behind: {more}"))
            .expected("the open files, processes and temporary files from before it was made")
            .into()),
    }
}

/// The check's own folder for temporary files, if that is the one that a provider uses.
fn temporary(lab: &Lab) -> Option<PathBuf> {
    let own = lab.job.folder.as_ref()?.parent()?.join(TEMPORARY);
    (std::env::temp_dir() == own && own.is_dir()).then_some(own)
}

/// The names of what is in `folder`.
fn files_in(folder: &Path) -> BTreeSet<PathBuf> {
    let entries = fs::read_dir(folder).into_iter().flatten().flatten();
    entries.map(|entry| PathBuf::from(entry.file_name())).collect()
}

fn in_flight(lab: &mut Lab) -> Outcome {
    const MOST: u32 = 500;
    let times = lab.times(10).min(MOST);
    each(&lab.reporter.clone(), 0..times, |_, _| stopped_while_called(lab))
}

fn stopped_while_called(lab: &mut Lab) -> Outcome {
    let (provider, actor) = lab.linked()?;
    let mut calls = vec![(SYSTEM_ACTOR, OP_HEALTH_REQUEST.to_owned(), health_request())];
    for (op, msg) in lab.requests(&provider) {
        calls.push((&actor[..], op, msg.unwrap_or_else(|| vec![0xc1])));
    }
    for (actor, op, msg) in &calls {
        provider.call(actor, op.as_str(), msg);
    }
    let over = AtomicBool::new(false);
    let (send, begun) = mpsc::channel();
    let lab = &*lab;
    let (calls, over, provider_ref) = (&calls, &over, &provider);
    let seq = lab.reporter.step("4 threads", "the same without a pause".into());
    let late = thread::scope(|scope| {
        let caller = |send: mpsc::Sender<()>| {
            let stopping = |(actor, op, msg): &(&str, String, Vec<u8>)| {
                let answer = provider_ref.call_quietly(actor, op.as_str(), msg);
                answer.kind() == Some(ErrorKind::Stopping)
            };
            // Who was told that it is over has no reason to go on.
            while !over.load(Ordering::Relaxed) && !calls.iter().any(stopping) {
                // The one who waits for it may have failed.
                let _ = send.send(());
            }
        };
        let callers: Vec<_> = (0..CALLERS)
            .map(|_| {
                let send = send.clone();
                scope.spawn(move || caller(send))
            })
            .collect();
        drop(send);
        // As many rounds as there are threads, whoever makes them; fewer if they end by themselves.
        begun.iter().take(CALLERS as usize).for_each(drop);
        drop(begun);
        let stopped = stop(lab, provider_ref);
        over.store(true, Ordering::Relaxed);
        let returned = Instant::now();
        for caller in callers {
            if let Err(panic) = caller.join() {
                std::panic::resume_unwind(panic);
            }
        }
        stopped.map(|()| returned.elapsed())
    })?;
    lab.reporter.done(seq, "returned");
    let patience = lab.patience(PATIENCE);
    if late > patience {
        return Err(Failure::new(format!(
            "calls in progress returned {:.1} s after `stop`",
            late.as_secs_f64()
        ))
        .expected(format!("{} s at most", patience.as_secs()))
        .into());
    }
    provider.destroy()
}
