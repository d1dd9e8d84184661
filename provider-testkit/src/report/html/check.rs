//! One check on the page.

use super::markup::Markup;
use crate::{
    CheckReport, Crash, Step,
    check::split,
    report::{
        standing::{Standing, word},
        style::Tone,
        text::counted,
    },
};

/// A check: a line, and all there is to tell behind it.
pub(super) fn check(page: &mut Markup, report: &CheckReport) {
    let standing = Standing::of(report);
    let class = match standing.tone() {
        Tone::Good => "good",
        Tone::Bad => "bad",
        Tone::Middling => "middling",
        Tone::Quiet | Tone::Strong => "quiet",
    };
    let open = standing.is_loud();
    page.element("article", &[("class", class)], |page| {
        let open: &[(&str, &str)] = if open { &[("open", "open")] } else { &[] };
        page.element("details", open, |page| {
            page.element("summary", &[], |page| {
                page.text_element("span", "verdict", word(report));
                page.text_element("span", "mono id", &report.id);
                page.text_element("span", "level", report.level.name());
                page.text_element("span", "title", &report.title);
                page.text_element("span", "time", &format!("{} ms", report.duration_ms));
            });
            body(page, report);
        });
    });
}

fn body(page: &mut Markup, report: &CheckReport) {
    if !report.summary.is_empty() {
        page.text_element("p", "said", &report.summary);
    }
    if let Some(expected) = &report.expectation {
        page.text_element("p", "lines", &expected.to_string());
    }
    if let Some(denied) = report.denied {
        page.text_element("p", "lines", denied.sentence());
    }
    page.text_element("blockquote", "", &report.rule);
    if let Some((check, _)) = split(&report.id) {
        page.text_element("p", "why", check.why);
    }
    page.element("dl", &[], |page| {
        let panic = report.panic.as_ref().map(|panic| {
            let place = &panic.location;
            let at = format!("{}:{}:{}", place.file, place.line, place.col);
            format!("thread {} at {at}\n{}", panic.thread, panic.message)
        });
        for (name, value) in [
            ("expected", &report.expected),
            ("got", &report.got),
            ("likely", &report.likely),
            ("panic", &panic),
            ("signal", &report.signal),
        ] {
            if let Some(value) = value {
                term(page, name, value);
            }
        }
        if let Some(crash) = &report.crash {
            crashed(page, crash);
        }
        for thread in &report.threads {
            let said =
                format!("{}  {}  {} {}", thread.comm, thread.state, thread.syscall, thread.wchan);
            let place = thread.place.as_ref().map(|place| format!("\nat {place}"));
            term(page, "thread", &(said.trim_end().to_owned() + &place.unwrap_or_default()));
        }
        for metric in &report.metrics {
            term(page, "figure", &metric.to_string());
        }
        for note in &report.notes {
            term(page, "note", note);
        }
    });
    steps(page, report);
    if !report.log.is_empty() {
        page.text_element("h4", "", "What the provider said last");
        let lines: Vec<String> = report.log.iter().map(ToString::to_string).collect();
        page.text_element("pre", "", &lines.join("\n"));
    }
    if !report.stderr_tail.is_empty() {
        page.text_element("h4", "", "The end of standard error");
        page.text_element("pre", "", &report.stderr_tail);
    }
    if !report.again.is_empty() {
        page.text_element("h4", "", "Again");
        page.text_element("pre", "", &report.again);
    }
}

/// Where the processor stopped.
fn crashed(page: &mut Markup, crash: &Crash) {
    let place = crash.place.as_ref().map_or_else(
        || if crash.unloaded { "the library, after it was unloaded" } else { "no code" }.to_owned(),
        ToString::to_string,
    );
    let said = format!("{} at {:#x}: {place}", crash.signal, crash.pc);
    term(page, "crash", &said);
    for caller in &crash.callers {
        term(page, "from", &caller.to_string());
    }
}

fn term(page: &mut Markup, name: &str, value: &str) {
    page.text_element("dt", "", name);
    page.text_element("dd", "lines", value);
}

/// Every call that was kept, with a row that counts where some were not.
fn steps(page: &mut Markup, report: &CheckReport) {
    if report.steps.is_empty() {
        return;
    }
    page.element("details", &[("class", "steps")], |page| {
        let calls = usize::try_from(report.calls).unwrap_or(usize::MAX);
        page.text_element("summary", "", &counted(calls, "call"));
        page.element("table", &[("class", "calls")], |page| {
            let mut next = 1;
            for step in &report.steps {
                left_out(page, next, step.seq);
                row(page, step);
                next = step.seq.saturating_add(1);
            }
        });
    });
}

fn left_out(page: &mut Markup, next: u32, seq: u32) {
    if let Some(count @ 1..) = seq.checked_sub(next) {
        let count = usize::try_from(count).unwrap_or(usize::MAX);
        page.element("tr", &[("class", "gap")], |page| {
            page.element("td", &[("colspan", "3")], |page| {
                page.text(&format!("{} left out", counted(count, "call")));
            });
        });
    }
}

fn row(page: &mut Markup, step: &Step) {
    page.element("tr", &[], |page| {
        let number = match step.nth {
            Some((nth, total)) => format!("{}  ({nth} of {total})", step.seq),
            None => step.seq.to_string(),
        };
        page.text_element("td", "number", &number);
        page.text_element("td", "mono", &format!("{}({})", step.call, step.args));
        match &step.outcome {
            Some(outcome) => page.text_element("td", "mono", outcome),
            None => page.text_element("td", "mono bad", "did not return"),
        }
    });
}
