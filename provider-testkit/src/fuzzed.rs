//! Doors to what reads a provider's words and files, for fuzzers. No part of the interface.

use std::{io::Write as _, path::Path, time::Duration};

use crate::{
    Options, Run, Verdict,
    capture::Captured,
    check::checks,
    classify::{Subject, classify},
    evidence::Evidence,
    identity::{Described, Identity},
    image::Image,
    payload, place,
    process::Exit,
    protocol::{Bounds, DescribedRecord, Records},
    report, site,
};

/// What each line of a report begins with here.
const SECRET: &str = "r";
/// How large a report of a run may get for each byte that was read.
const GROWTH: usize = 400;

/// Judges a worker and writes every report of it. The first byte chooses how it ended; then comes what it
/// reported, and after a byte of zero what it wrote to standard error.
pub fn records(data: &[u8]) {
    let Some((&how, said)) = data.split_first() else {
        return;
    };
    let mut said = said.splitn(2, |byte| *byte == 0);
    let report = said.next().unwrap_or_default();
    let stderr = said.next().unwrap_or_default();
    let mut evidence = Evidence {
        exit: match how % 5 {
            0 => Some(Exit::Code(0)),
            1 => Some(Exit::Code(i32::from(how))),
            2 => Some(Exit::Signal(11)),
            3 => Some(Exit::Signal(i32::from(how))),
            _ => None,
        },
        expired: (how & 0x40 != 0).then_some(Duration::from_secs(1)),
        flooded: (how & 0x80 != 0).then_some("standard error"),
        stderr: captured(stderr),
        ..Evidence::default()
    };
    for record in Records::new(report, Bounds::CHECK, SECRET) {
        match record {
            Ok(record) => evidence.take(record),
            Err(garbage) => evidence.garbage = Some(garbage),
        }
    }
    // A place is looked up in a file that the worker names: here in none.
    if let Some(crashed) = &mut evidence.crashed {
        crashed.module.clear();
        evidence.crash = site::crash(&evidence, Path::new(""));
    }
    let described = match evidence.described.take() {
        Some(DescribedRecord::Fine(described)) => described,
        _ => Described::default(),
    };
    let Some(check) = checks().iter().find(|check| check.id == "links::bind") else {
        unreachable!("the catalogue has it");
    };
    let subject = Subject::of(check, check.id, String::from("again"));
    let check = classify(&subject, evidence);
    assert!(check.verdict != Verdict::Pass || check.summary.is_empty(), "{check:?}");
    let identity =
        Identity::new(Path::new("/lib.so"), String::from("00"), 1, String::from("ELF"), described);
    let run = Run {
        schema_version: crate::SCHEMA_VERSION,
        kit_version: String::new(),
        identity,
        host: String::new(),
        duration_ms: 0,
        checks: vec![check],
    };
    written(&run, data.len());
}

/// Writes every report of `run`, and reads back the one for programs.
fn written(run: &Run, read: usize) {
    let check = &run.checks[0];
    let json = report::json(run);
    match serde_json::from_str::<Run>(&json) {
        Ok(back) => assert_eq!(back, *run),
        Err(error) => unreachable!("{error}: {json}"),
    }
    let ids = [check.id.clone()];
    let lines = [
        report::Event::run_started(&run.identity, &ids).line(),
        report::Event::CheckFinished { check }.line(),
        report::Event::last(run).line(),
    ];
    for line in &lines {
        assert_eq!(line.find('\n'), Some(line.len() - 1), "{line}");
    }
    let junit = report::junit(run);
    let html = report::html(run);
    let annotations = report::github::annotations(run, |file| Some(file.to_owned()));
    for line in annotations.lines() {
        assert!(line.starts_with("::error ") || line.starts_with("::warning "), "{line}");
    }
    let summary = report::github::summary(run);
    for (color, width) in [(false, 100), (true, 1)] {
        let style = report::Style { color, width };
        let human = report::human(run, style);
        let failure = report::failure(check, style);
        let last = report::summary_line(run, style);
        for text in [&human, &failure, &last] {
            let control = |c: char| report::is_control(c) && c != '\n' && !(color && c == '\u{1b}');
            assert!(!text.contains(control), "{text:?}");
        }
        let all = [&json, &junit, &html, &annotations, &summary, &human, &failure];
        let size = all.iter().map(|text| text.len()).max().unwrap_or_default();
        assert!(size < 1 << 20 || size < GROWTH * read, "{read} bytes became {size}");
    }
}

fn captured(data: &[u8]) -> Captured {
    let mut captured = Captured::default();
    for piece in data.chunks(1000) {
        // Writing to memory does not fail.
        let _ = captured.write_all(piece);
    }
    captured.end();
    captured
}

/// Reads what a provider may have written to standard error.
pub fn stderr(data: &[u8]) {
    let captured = captured(data);
    assert_eq!(captured.total(), data.len() as u64);
    let lines = captured.last_lines(30);
    assert!(lines.split('\n').count() <= 30, "{lines:?}");
    let _ = (captured.panics(), captured.last_words());
}

/// Shows a payload, and reads back what is shown.
pub fn payload(data: &[u8]) {
    let shown = payload::render(data, 300);
    assert!(shown.len() < 400, "{shown}");
    if let Ok(value) = payload::decode(data)
        && let Ok(again) = payload::encode(&value)
    {
        same(&value, &again);
    }
    if let Ok(value) = serde_json::from_slice(data)
        && let Ok(payload) = payload::encode(&value)
    {
        same(&value, &payload);
    }
}

/// Whether `payload` stands for `value`; deeper than the SDK reads, it stands for nothing.
fn same(value: &serde_json::Value, payload: &[u8]) {
    if let Ok(back) = payload::decode(payload) {
        let again = payload::encode(&back);
        assert_eq!(again.as_deref().ok(), Some(payload), "{value} became {back}");
    }
}

/// Reads what may be a `provider-testkit.toml`.
pub fn config(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data) {
        match Options::parse(text) {
            Ok(options) => assert!(options.timeout_scale > 0.0),
            Err(problem) => assert!(!problem.is_empty()),
        }
    }
}

/// Reads what may be a token.
pub fn token(data: &[u8]) {
    if let Ok(text) = std::str::from_utf8(data)
        && let Ok(token) = text.parse::<crate::Reproduction>()
    {
        let again = token.to_string();
        assert_eq!(again.parse(), Ok(token), "{again}");
    }
}

/// Looks at what may be a library's file, as is done before any process is started.
pub fn library(data: &[u8]) {
    match Image::parse(data) {
        Ok(image) => {
            if let Err(problem) = image.exports() {
                assert!(!problem.to_string().is_empty());
            }
        }
        Err(problem) => assert!(!problem.to_string().is_empty()),
    }
}

/// Looks up names in the file at `path`, which has `data`: for places all over it, and for what a stack
/// of the same bytes returns to.
pub fn places(path: &Path, data: &[u8]) {
    let size = data.len() as u64;
    let all = place::with(path, |code| {
        let mut places = code.callers(&data[..data.len().min(512)], |word| word.checked_rem(size));
        places.extend((0..32).map(|part| code.place(size * part / 32)));
        places
    });
    for place in all.unwrap_or_default() {
        assert!(!place.to_string().is_empty());
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    /// Fuzzing begins with these files, and what it once found is among them.
    #[test]
    fn every_seed_is_read() {
        let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../fuzz/seeds");
        let every = |name: &str, door: fn(&[u8])| {
            let seeds = fs::read_dir(folder.join(name)).unwrap();
            let count = seeds.map(|seed| door(&fs::read(seed.unwrap().path()).unwrap())).count();
            assert!(count > 1, "{name}");
        };
        every("records", records);
        every("stderr", stderr);
        every("payload", payload);
        every("config", config);
        every("token", token);
        every("library", library);
        let file = tempfile::NamedTempFile::new().unwrap();
        let seeds = fs::read_dir(folder.join("places")).unwrap();
        for seed in seeds {
            let data = fs::read(seed.unwrap().path()).unwrap();
            fs::write(file.path(), &data).unwrap();
            places(file.path(), &data);
        }
    }
}
