//! `cargo provider fuzz`: random calls for a while, and what they did.

use std::{
    fmt::Write as _,
    sync::OnceLock,
    time::{Duration, Instant},
};

use indicatif::{ProgressBar, ProgressDrawTarget};
use provider_testkit::{Fuzz, FuzzObserver, Fuzzed, Interrupt, Kit, Progress, Verdict, report};

use crate::{
    build,
    check::{self, options, refusal},
    cli,
    exit::{Exit, Failure},
    output::{Output, one_line},
    paragraph::WIDTH,
};

/// How often a line says how far it is, where there is no terminal.
const EVERY: Duration = Duration::from_secs(5);

/// What ends the fuzzing that runs.
static RUNNING: OnceLock<Interrupt> = OnceLock::new();

/// Ends the fuzzing that runs; whether there is any that was not ended before.
pub(crate) fn interrupt() -> bool {
    match RUNNING.get() {
        Some(running) if !running.is_interrupted() => {
            running.interrupt();
            true
        }
        _ => false,
    }
}

/// Fuzzes a provider.
pub(crate) fn run(arguments: cli::Fuzz, output: &mut Output) -> Result<Exit, Failure> {
    let reproduce = arguments.reproduce.is_some();
    let same = cli::Check {
        operands: arguments.library.iter().map(Into::into).collect(),
        package: arguments.package.clone(),
        jobs: arguments.jobs,
        link: arguments.link,
        config: arguments.config,
        timeout_scale: arguments.timeout_scale,
        seed: arguments.seed,
        reproduce: arguments.reproduce,
        ..cli::Check::default()
    };
    if reproduce {
        return check::run(same, output);
    }
    let found = build::find(arguments.library.as_deref(), &arguments.package)?;
    let options = options(&same, &found)?;
    let kit = Kit::open(&found.library, options).map_err(|unusable| refusal(&unusable))?;
    let interrupt = RUNNING.get_or_init(Interrupt::default).clone();
    let wanted = Fuzz {
        duration: arguments.duration,
        seed: kit.options().seed,
        interrupt: interrupt.clone(),
    };
    let mut watched = Watched::new(output);
    let fuzzed = kit.fuzz(&wanted, &mut watched);
    watched.end();
    show(&fuzzed, interrupt.is_interrupted(), output);
    Ok(exit(&fuzzed, interrupt.is_interrupted()))
}

fn exit(fuzzed: &Fuzzed, interrupted: bool) -> Exit {
    match &fuzzed.failure {
        Some(report) if report.verdict == Verdict::Error => Exit::Internal,
        Some(report) if report.verdict.is_failure() => Exit::Failed,
        // What every call builds on could not be checked.
        Some(_) => Exit::NothingVerified,
        None if interrupted => Exit::Interrupted,
        None if fuzzed.progress.rounds == 0 => Exit::NothingVerified,
        None => Exit::Success,
    }
}

fn show(fuzzed: &Fuzzed, interrupted: bool, output: &mut Output) {
    let Fuzzed { progress, seed, failure, .. } = fuzzed;
    let mut text = String::new();
    if let Some(report) = failure {
        text.push_str(&report::failure(report, report::Style { color: false, width: WIDTH }));
        text.push('\n');
    }
    let width = progress.cases.keys().map(|op| one_line(op).chars().count()).max();
    for (op, count) in &progress.cases {
        // Writing to a string does not fail, here and below.
        let _ = writeln!(text, "{:<width$}  {count:>9}", one_line(op), width = width.unwrap_or(0));
    }
    let word = match (failure, interrupted) {
        (Some(_), _) => "failed",
        (None, true) => "interrupted, nothing failed",
        (None, false) if progress.rounds == 0 => "nothing verified",
        (None, false) => "ok",
    };
    let _ = writeln!(text, "{word}: {} (--seed {seed:#x})", told(progress));
    output.text(&text);
}

/// How far it is, in one line.
fn told(progress: &Progress) -> String {
    let plural = |count: u64| if count == 1 { "" } else { "s" };
    let (rounds, calls) = (progress.rounds, progress.total());
    let fewest = progress.cases.iter().min_by_key(|(_, count)| **count);
    let fewest = fewest.map_or_else(String::new, |(op, count)| {
        let ops = progress.cases.len();
        format!(" of {ops} operations (`{}` {count}, the others more)", one_line(op))
    });
    format!(
        "{rounds} round{}, {calls} call{}{fewest}, {:.1} s",
        plural(rounds),
        plural(calls),
        progress.elapsed.as_secs_f64()
    )
}

/// Says how far it is: on a terminal in one line that changes, elsewhere in a line now and then.
enum Watched<'a> {
    Bar(ProgressBar),
    Lines { output: &'a mut Output, last: Instant },
}

impl<'a> Watched<'a> {
    fn new(output: &'a mut Output) -> Self {
        if !output.messages_to_terminal() {
            return Self::Lines { output, last: Instant::now() };
        }
        let bar = ProgressBar::with_draw_target(None, ProgressDrawTarget::stderr());
        bar.enable_steady_tick(Duration::from_millis(100));
        Self::Bar(bar)
    }

    fn end(self) {
        if let Self::Bar(bar) = self {
            bar.finish_and_clear();
        }
    }
}

impl FuzzObserver for Watched<'_> {
    fn round(&mut self, progress: &Progress) {
        match self {
            Self::Bar(bar) => bar.set_message(told(progress)),
            Self::Lines { output, last } => {
                if progress.rounds == 1 || last.elapsed() >= EVERY {
                    output.message("fuzz", &told(progress));
                    *last = Instant::now();
                }
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn progress_is_one_line_with_the_operation_that_got_the_fewest() {
        let progress = Progress {
            rounds: 2,
            cases: [("Get".to_owned(), 30), ("Set\n".to_owned(), 12)].into(),
            elapsed: Duration::from_millis(1250),
        };
        assert_eq!(
            told(&progress),
            "2 rounds, 42 calls of 2 operations (`Set\\n` 12, the others more), 1.2 s"
        );
    }
}
