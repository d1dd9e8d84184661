//! How far the checks are: a bar on a terminal, a line a check elsewhere; both on standard error.

use indicatif::{ProgressBar, ProgressDrawTarget, ProgressStyle};
use provider_testkit::{CheckReport, Observer};

use crate::output::{Output, one_line};

/// Shows checks as they end.
pub(crate) enum Progress<'a> {
    /// A bar that goes away at the end.
    Bar {
        bar: ProgressBar,
        /// The checks that run now, in the order in which they began.
        running: Vec<String>,
        failures: usize,
    },
    /// A line for each check that ended.
    Lines(&'a mut Output),
}

impl<'a> Progress<'a> {
    /// A bar for so many checks if standard error is a terminal.
    pub(crate) fn new(checks: usize, output: &'a mut Output) -> Self {
        if !output.messages_to_terminal() {
            return Self::Lines(output);
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
}

impl Observer for Progress<'_> {
    fn started(&mut self, id: &str) {
        if let Self::Bar { bar, running, failures } = self {
            running.push(one_line(id));
            bar.set_message(message(running, *failures));
        }
    }

    fn finished(&mut self, report: &CheckReport) {
        let id = one_line(&report.id);
        match self {
            Self::Bar { bar, running, failures } => {
                running.retain(|other| *other != id);
                *failures += usize::from(report.is_red());
                bar.inc(1);
                bar.set_message(message(running, *failures));
            }
            Self::Lines(output) => {
                let as_expected = if report.failed_as_expected() { ", as expected" } else { "" };
                let line = format!("{id} ({} ms{as_expected})", report.duration_ms);
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
