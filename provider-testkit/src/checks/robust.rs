//! What belongs to the whole process stays as it is.

use super::HEADER;
use crate::{
    Check, Level,
    globals::Globals,
    lab::{Lab, Outcome, actor},
    protocol::Failure,
    subject::failed,
};

pub(super) fn checks() -> Vec<Check> {
    vec![Check {
        id: "robust::globals",
        level: Level::Should,
        title: "what belongs to the whole process stays as it is",
        rule: "Process: a provider changes no signal handler, locale, umask, directory, environment \
               or floating-point mode, and does not need standard output to exist.",
        source: HEADER,
        why: "Many providers share a process with their host. One that lets SIGPIPE kill, changes the \
              directory or the locale breaks others, far away from its own code.",
        what: "leads a provider's whole life with a link and sample calls; after each step compares \
               signal handlers, the mask of signals, directory, umask, environment, locale and \
               floating-point mode with those before the provider was made",
        causes: &[
            "a library for signals or crash reports was initialised in the provider",
            "`env::set_var` or `set_current_dir` instead of arguments and absolute paths",
            "`setlocale` to format numbers; a fast-math library that flushes small numbers to zero",
        ],
        fix: "pass values on as arguments; leave what is the process's to the host",
        example: include_str!("examples/robust-globals.md"),
        needs: &["links::remove", "stop::clean"],
        run: globals,
        ..Check::BLANK
    }]
}

fn globals(lab: &mut Lab) -> Outcome {
    let library = lab.load()?;
    let before = Globals::now();
    let same = |step: &str| -> Outcome {
        let changed = before.changed();
        if changed.is_empty() {
            return Ok(());
        }
        Err(Failure::new(format!("after {step} {}", changed.join("; ")))
            .expected("what belongs to the process as it was")
            .into())
    };
    let provider = lab.create(&library)?;
    same("it was made")?;
    provider.configure().map_err(|error| failed("configure_dispatch", &error, "Ok"))?;
    same("`configure_dispatch`")?;
    let actor = actor(0);
    let values = lab.values(&actor);
    // Whether they are answered well is another check's business, here and below.
    let _ = provider.bind(&actor, &values);
    same("`BindActor`")?;
    let _ = provider.health();
    same("`HealthRequest`")?;
    let description = library.description();
    for op in &description.ops {
        if let Some(sample) = lab.sample(&description.contract, &op.name)
            && let Ok(msg) = sample.payload()
        {
            let _ = provider.call(&actor, op.name.as_str(), &msg);
            same(&format!("`{}`", op.name))?;
        }
    }
    let _ = provider.remove(&actor);
    same("`RemoveActor`")?;
    let _ = provider.stop();
    same("`stop`")?;
    provider.destroy()?;
    same("`destroy`")
}
