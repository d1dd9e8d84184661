//! The reports of `cargo provider check`: which ones, and where each of them goes.

use std::{
    collections::BTreeSet,
    fs::File,
    io::Write,
    path::{Path, PathBuf},
};

use clap::ValueEnum;
use provider_testkit::{
    CheckReport, Kit, Observer, Run, Selection, Unusable,
    report::{self, Document, Event, Refusal, Style},
};

use crate::{
    actions::Actions,
    cli,
    exit::Failure,
    output::{Output, escaped_json},
    paragraph::WIDTH,
    progress::Progress,
};

/// How many calls of each check a report keeps that shows every call.
const EVERY_CALL: usize = 2000;

/// How a report is written.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, ValueEnum)]
pub(crate) enum Format {
    /// For people
    #[default]
    Human,
    /// One JSON document
    Json,
    /// A JSON document a line, as things happen
    Jsonl,
    /// `JUnit`'s XML
    Junit,
    /// Annotations of GitHub's runners
    Github,
    /// A page for a browser
    Html,
}

/// `FORMAT=FILE`.
pub(crate) fn format_and_file(text: &str) -> Result<(Format, PathBuf), String> {
    let (format, file) = text.split_once('=').unwrap_or((text, ""));
    let format = Format::from_str(format, false)
        .map_err(|_| format!("`{format}` is no format: human, json, jsonl, junit, github, html"))?;
    if file.is_empty() {
        return Err(String::from("FORMAT=FILE is needed"));
    }
    Ok((format, PathBuf::from(file)))
}

/// Which reports are wanted.
pub(crate) struct Wanted {
    /// What goes to standard output, if not to a file.
    standard: Option<Format>,
    files: Vec<(Format, PathBuf)>,
    /// Whether reports for people are coloured, on standard output and in files.
    color: (bool, bool),
    actions: Actions,
}

impl Wanted {
    /// What the arguments ask for.
    pub(crate) fn new(
        arguments: &cli::Check,
        actions: Actions,
        output: &Output,
    ) -> Result<Self, Failure> {
        let mut files = arguments.report.clone();
        let standard = match &arguments.out {
            Some(file) => {
                files.insert(0, (arguments.format, file.clone()));
                None
            }
            None => Some(arguments.format),
        };
        let mut seen = BTreeSet::new();
        if let Some((_, twice)) = files.iter().find(|(_, file)| !seen.insert(file)) {
            let message = format!("two reports cannot both be `{}`", twice.display());
            return Err(Failure::unusable(message));
        }
        let color = (
            arguments.color.wanted(output.results_to_terminal()),
            arguments.color == crate::color::When::Always,
        );
        Ok(Self { standard, files, color, actions })
    }

    /// How many calls of each check they show, if all of them are wanted.
    pub(crate) fn calls(&self) -> Option<usize> {
        let mut formats = self.files.iter().map(|(format, _)| *format).chain(self.standard);
        formats.any(|format| format == Format::Html).then_some(EVERY_CALL)
    }

    /// Makes the files.
    pub(crate) fn open(self) -> Result<Reports, Failure> {
        let Self { standard, files, color, actions } = self;
        let files = files
            .into_iter()
            .map(|(format, path)| match File::create(&path) {
                Ok(file) => Ok(ReportFile { format, path, file, lost: false }),
                Err(error) => {
                    let message = format!("cannot write `{}`: {error}", path.display());
                    Err(Failure::unusable(message))
                }
            })
            .collect::<Result<_, _>>()?;
        Ok(Reports { standard, files, color, actions })
    }
}

/// Reports that are being written.
pub(crate) struct Reports {
    standard: Option<Format>,
    files: Vec<ReportFile>,
    color: (bool, bool),
    actions: Actions,
}

struct ReportFile {
    format: Format,
    path: PathBuf,
    file: File,
    /// Whether something could not be written.
    lost: bool,
}

impl ReportFile {
    fn write(&mut self, text: &str, output: &mut Output) {
        if self.lost {
            return;
        }
        if let Err(error) = self.file.write_all(text.as_bytes()) {
            self.lost = true;
            output.lost(format!("`{}`: {error}", self.path.display()));
        }
    }
}

impl Reports {
    /// Runs the checks and writes down what happens, and at the end what came of it.
    pub(crate) fn of(
        &mut self,
        kit: &Kit,
        selection: &Selection,
        folder: Option<&Path>,
        output: &mut Output,
    ) -> Run {
        self.tell(&Event::run_started(kit.identity(), selection.ids()), output);
        let progress = Progress::new(selection.len(), output);
        let mut watch = Watch { reports: self, progress, output };
        let run = kit.run(selection, &mut watch);
        watch.progress.end();
        self.end(Document::from(&run), folder, output);
        if self.standard.is_none() {
            let style = Style { color: false, width: WIDTH };
            output.message("result", &report::summary_line(&run, style));
        }
        run
    }

    /// Writes down why no check can be made.
    pub(crate) fn refused(&mut self, unusable: &Unusable, output: &mut Output) {
        self.end(Document::from(&Refusal::new(unusable)), None, output);
    }

    /// A line of the reports that tell things as they happen.
    fn tell(&mut self, event: &Event<'_>, output: &mut Output) {
        let line = || escaped_json(&event.line());
        if self.standard == Some(Format::Jsonl) {
            output.json_line(&event.line());
        }
        for file in self.files.iter_mut().filter(|file| file.format == Format::Jsonl) {
            file.write(&line(), output);
        }
    }

    fn end(&mut self, document: Document<'_>, folder: Option<&Path>, output: &mut Output) {
        self.tell(&Event::last(document), output);
        if let Some(format) = self.standard {
            self.standard(format, document, folder, output);
        }
        for file in &mut self.files {
            let text = match file.format {
                Format::Human => people(document, self.color.1, true),
                Format::Json => escaped_json(&report::json(document)),
                Format::Jsonl => continue,
                Format::Junit => report::junit(document),
                Format::Github => self.actions.annotations(document, folder),
                Format::Html => report::html(document),
            };
            file.write(&text, output);
        }
        let asked = self.standard == Some(Format::Github)
            || self.files.iter().any(|file| file.format == Format::Github);
        if !asked && self.actions.running() {
            let annotations = self.actions.annotations(document, folder);
            // Among the lines of a report for people nobody minds them; others are for programs.
            if self.standard == Some(Format::Human) {
                output.finished(&annotations);
            } else {
                output.beside(&annotations);
            }
        }
        if (asked || self.actions.running())
            && let Err(problem) = self.actions.summarize(document)
        {
            output.lost(problem);
        }
    }

    fn standard(
        &self,
        format: Format,
        document: Document<'_>,
        folder: Option<&Path>,
        output: &mut Output,
    ) {
        match format {
            Format::Human => {
                let text = people(document, self.color.0, false);
                output.finished(&self.actions.unheard(&text));
            }
            Format::Json => output.json_text(&report::json(document)),
            Format::Jsonl => {}
            Format::Junit => {
                output.finished(&self.actions.unheard_markup(&report::junit(document)));
            }
            Format::Github => output.finished(&self.actions.annotations(document, folder)),
            Format::Html => output.finished(&self.actions.unheard_markup(&report::html(document))),
        }
    }
}

/// The report for people. Why there is none is a line on standard error already, and belongs into a
/// file only.
fn people(document: Document<'_>, color: bool, in_file: bool) -> String {
    match document {
        Document::Run(run) => report::human(run, Style { color, width: WIDTH }),
        Document::Refusal(refusal) if in_file => {
            let line = format!("`{}`: {}", refusal.path.display(), refusal.unusable);
            format!("error: {}\n", crate::output::one_line(&line))
        }
        Document::Refusal(_) => String::new(),
    }
}

/// Tells of checks as they begin and end.
struct Watch<'a> {
    reports: &'a mut Reports,
    progress: Progress,
    output: &'a mut Output,
}

impl Observer for Watch<'_> {
    fn started(&mut self, id: &str) {
        self.progress.started(id);
        self.reports.tell(&Event::CheckStarted { id }, self.output);
    }

    fn finished(&mut self, report: &CheckReport) {
        self.progress.finished(report, self.output);
        self.reports.tell(&Event::CheckFinished { check: report }, self.output);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_report_is_a_format_and_a_file() {
        let (format, file) = format_and_file("junit=a=b.xml").unwrap();
        assert_eq!((format, file), (Format::Junit, "a=b.xml".into()));
        for wrong in ["junit", "junit=", "=x", "xml=x", ""] {
            format_and_file(wrong).unwrap_err();
        }
    }
}
