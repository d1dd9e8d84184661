//! A failure made short: the parent plays ever simpler scripts, each in a process of its own.

use std::time::{Duration, Instant};

use super::{Script, kind, play, script, simpler};
use crate::{CheckReport, Kit, Verdict, protocol::Job, supervise::Limits};

/// How long a call that hangs is waited for while there is a simpler one to be found.
const HANG: Duration = Duration::from_secs(2);
/// The same, however little time there is.
const SHORT_HANG: Duration = Duration::from_secs(1);
/// How long a token may be to be written down.
const TOKEN: usize = 4000;

/// The report of the shortest script that still fails, if the one of `report` was made by chance.
pub(crate) fn shrunk(kit: &Kit, job: &Job, id: &str, mut report: CheckReport) -> CheckReport {
    let Some(kind) = kind(job).filter(|_| report.verdict.is_failure()) else {
        return report;
    };
    let began = Instant::now();
    let whole = script(job, kind);
    if job.script.is_some() {
        play::explain(&mut report, &whole);
        report.again = with_token(kit, id, &whole).unwrap_or(report.again);
        return report;
    }
    let before = report.duration_ms;
    let mut best = None;
    let limits = limits(kit.limits(id), &report);
    let least = simpler::shrink(play::played(&whole, &report.steps), |script| {
        if began.elapsed() > job.budget {
            return false;
        }
        let next = kit.judged(&scripted(job, script), id, limits);
        let fails = is_same(&report, &next);
        if fails {
            best = Some((script.clone(), next));
        }
        fails
    });
    let seeded = kit.seeded(id, job.seed);
    let Some((script, mut shortest)) = best.filter(|(script, _)| *script == least) else {
        report.notes.push(String::from("the same calls did not fail when they were made again"));
        report.again = seeded;
        return report;
    };
    if matches!(shortest.verdict, Verdict::Hang { .. }) {
        // With the patience that everything else is given.
        let next = kit.judged(&scripted(job, &script), id, kit.limits(id));
        if is_same(&report, &next) {
            shortest = next;
        }
    }
    play::explain(&mut shortest, &script);
    shortest.again = with_token(kit, id, &script).unwrap_or(seeded);
    let more = u64::try_from(began.elapsed().as_millis()).unwrap_or(u64::MAX);
    shortest.duration_ms = before.saturating_add(more);
    shortest
}

fn scripted(job: &Job, script: &Script) -> Job {
    Job { script: Some(script.to_string()), ..job.clone() }
}

/// The command that plays `script` again.
fn with_token(kit: &Kit, id: &str, script: &Script) -> Option<String> {
    let token = script.to_string();
    (token.len() <= TOKEN).then(|| format!("{} --reproduce {token}", kit.again(id)))
}

fn limits(usual: Limits, report: &CheckReport) -> Limits {
    if matches!(report.verdict, Verdict::Hang { .. }) {
        Limits { inactivity: usual.inactivity.min(HANG).max(SHORT_HANG), ..usual }
    } else {
        usual
    }
}

/// Whether it went wrong in the same way.
fn is_same(one: &CheckReport, other: &CheckReport) -> bool {
    let place = |report: &CheckReport| report.panic.as_ref().map(|panic| panic.location.clone());
    one.verdict.word() == other.verdict.word() && place(one) == place(other)
}
