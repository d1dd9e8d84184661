//! How far the checks are: a bar on a terminal, a line a check elsewhere; both on standard error.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use provider_testkit::CheckReport;

use crate::output::{Output, one_line};

/// Shows checks as they end.
pub(crate) enum Progress {
    /// A bar that goes away at the end.
    Bar {
        bar: ProgressBar,
        /// The checks that run now, in the order in which they began.
        running: Vec<String>,
        failures: usize,
    },
    /// A line for each check that ended.
    Lines,
}

impl Progress {
    /// A bar for so many checks if standard error is a terminal.
    pub(crate) fn new(checks: usize, output: &Output) -> Self {
        if !output.messages_to_terminal() {
            return Self::Lines;
        }
        let bar = ProgressBar::with_draw_target(
            Some(checks.try_into().unwrap_or(u64::MAX)),
            ProgressDrawTarget::stderr(),
        );
        if let Ok(style) = ProgressStyle::with_template("{bar:30} {pos}/{len}  {wide_msg}") {
            bar.set_style(style);
        }
        Self::Bar { bar, running: Vec::new(), failures: 0 }
    }

    /// Takes the bar away.
    pub(crate) fn end(self) {
        if let Self::Bar { bar, .. } = self {
            bar.finish_and_clear();
        }
    }

    /// The check `id` begins.
    pub(crate) fn started(&mut self, id: &str) {
        if let Self::Bar { bar, running, failures } = self {
            running.push(one_line(id));
            bar.set_message(message(running, *failures));
        }
    }

    /// A check ended.
    pub(crate) fn finished(&mut self, report: &CheckReport, output: &mut Output) {
        let id = one_line(&report.id);
        match self {
            Self::Bar { bar, running, failures } => {
                running.retain(|other| *other != id);
                *failures += usize::from(report.is_red());
                bar.inc(1);
                bar.set_message(message(running, *failures));
            }
            Self::Lines => {
                let line = format!("{id} ({} ms)", report.duration_ms);
                output.message(report.verdict.word(), &line);
            }
        }
    }
}

fn message(running: &[String], failures: usize) -> String {
    let running = running.first().map_or("", String::as_str);
    match failures {
        0 => running.to_owned(),
        failures => format!("{failures} failed  {running}"),
    }
}
