//! What a worker tells its supervisor: one JSON document a line. And what it is asked, one line too.
//!
//! The provider shares the worker's process and can write whatever it likes: the reader trusts
//! nothing. Each line begins with digits that only the worker was told, so that what a provider
//! writes to a descriptor that is not its own is never taken for a report by accident. A provider that
//! searches the memory of its process for them can forge one: the testkit finds mistakes, it does not
//! guard against malice.

use std::{
    collections::BTreeMap,
    io::{self, BufRead, Read},
    path::PathBuf,
    time::Duration,
};

use serde::{Deserialize, Serialize};

use crate::{
    LogLine, Metric, Sample,
    identity::Described,
    session::{CallError, Dispatched},
    steps,
};

/// What a worker is to do.
#[derive(Debug, Clone, Serialize, Deserialize)]
pub(crate) struct Job {
    pub(crate) path: PathBuf,
    pub(crate) task: Task,
    /// Where a check is made: what a provider writes to a relative path stays there.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) folder: Option<PathBuf>,
    /// Whether the process has none of our environment.
    #[serde(default)]
    pub(crate) bare: bool,
    /// What actors are linked with.
    pub(crate) links: BTreeMap<String, String>,
    /// Requests that are safe to send.
    pub(crate) samples: BTreeMap<String, Sample>,
    /// Makes names that were not used before, and chance.
    pub(crate) seed: u64,
    /// What the number of repetitions is multiplied with.
    pub(crate) effort: f64,
    /// What time limits are multiplied with.
    pub(crate) scale: f64,
    /// How long chance may take; zero means as long as it likes.
    #[serde(default)]
    pub(crate) budget: Duration,
    /// What is played instead of what the seed makes.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) script: Option<String>,
    /// How much of a payload a call shows, in bytes.
    pub(crate) shown: usize,
    /// The first of the ports that are its own.
    #[serde(default)]
    pub(crate) ports: u16,
    /// What the library said of itself in another process.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub(crate) described: Option<Described>,
    /// Up to which level the provider's records are told.
    #[serde(default, skip_serializing_if = "String::is_empty")]
    pub(crate) log: String,
}

impl Job {
    /// A task, and what all of them have that are no checks.
    pub(crate) fn new(path: PathBuf, task: Task) -> Self {
        Self {
            path,
            task,
            folder: None,
            bare: false,
            links: BTreeMap::new(),
            samples: BTreeMap::new(),
            seed: 0,
            effort: 1.0,
            scale: 1.0,
            budget: Duration::ZERO,
            script: None,
            shown: steps::SHOWN,
            ports: 0,
            described: None,
            log: String::new(),
        }
    }
}

#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Task {
    Describe,
    Check {
        id: String,
    },
    Call {
        actor: String,
        op: String,
        #[serde(with = "hex")]
        payload: Vec<u8>,
    },
    /// Keeps the actor linked, calls what it is asked to, and tells what the provider does.
    Attend {
        actor: String,
        /// What actors answer, by operation.
        answers: BTreeMap<String, HexBytes>,
    },
}

/// What a worker that [attends](Task::Attend) a provider is asked, one line each.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Request {
    Call {
        op: String,
        #[serde(with = "hex")]
        payload: Vec<u8>,
    },
    Stop,
}

/// One line of a worker's report.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(tag = "t", rename_all = "snake_case")]
pub(crate) enum Record {
    /// The first one.
    Hello { pid: u32, kit: String },
    /// The provider is about to be called.
    Step {
        seq: u32,
        call: String,
        args: String,
        #[serde(default, skip_serializing_if = "Option::is_none")]
        nth: Option<(u32, u32)>,
    },
    /// It returned.
    Done { seq: u32, outcome: String },
    /// Nothing happened: the worker waits for something and is still there.
    Pulse,
    /// Worth knowing, and breaks no rule that binds.
    Note { text: String },
    /// The provider said something.
    Log { line: LogLine },
    /// A figure.
    Metric { metric: Metric },
    /// The provider broke a rule that holds everywhere.
    Finding { panic: bool, text: String },
    /// The worker itself went wrong.
    Broken { text: String },
    /// What the library says of itself.
    Described { described: Box<DescribedRecord> },
    /// What came of a call.
    Called { reply: Result<HexBytes, CallError>, dispatched: Vec<Dispatched> },
    /// The actor is linked: calls may be asked for.
    Ready,
    /// The provider called an actor.
    Dispatched { message: Dispatched, answered: bool },
    /// The library that was loaded lies here.
    Mapped { start: u64, end: u64, offset: u64 },
    /// The process crashed.
    Crashed(Crashed),
    /// The last one before the process ends.
    Verdict { ended: Ended },
    /// The process ends, and its exit handlers ran.
    Bye,
}

/// Where a process crashed.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Crashed {
    pub(crate) signal: i32,
    /// What it is about: memory that is not there, for example.
    pub(crate) address: u64,
    pub(crate) pc: u64,
    pub(crate) thread: u32,
    pub(crate) sp: u64,
    /// What lies from there on.
    #[serde(with = "hex")]
    pub(crate) stack: Vec<u8>,
    /// The path of the file that lies at `pc`.
    #[serde(with = "hex")]
    pub(crate) module: Vec<u8>,
    /// Where in the file that is.
    pub(crate) offset: u64,
}

/// The description, or why there is none.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum DescribedRecord {
    Fine(Described),
    Load(String),
    NoSymbols,
    OldInterface,
    Abi((u32, u32)),
    Descriptor(String),
}

/// How a check ended, as the worker sees it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub(crate) enum Ended {
    Pass,
    Skip { reason: String },
    Fail(Failure),
}

/// A rule that is broken.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct Failure {
    pub(crate) summary: String,
    pub(crate) expected: Option<String>,
    pub(crate) got: Option<String>,
    pub(crate) likely: Option<String>,
    /// Whether the provider said that it panicked.
    #[serde(default)]
    pub(crate) panic: bool,
}

/// Bytes, as hexadecimal digits in JSON.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub(crate) struct HexBytes(#[serde(with = "hex")] pub(crate) Vec<u8>);

/// Bytes as hexadecimal digits.
pub(crate) mod hex {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    pub(crate) fn serialize<S: Serializer>(bytes: &[u8], serializer: S) -> Result<S::Ok, S::Error> {
        serializer.serialize_str(&encode(bytes))
    }

    pub(crate) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<Vec<u8>, D::Error> {
        let text = String::deserialize(deserializer)?;
        decode(&text).ok_or_else(|| D::Error::custom("hexadecimal digits are expected"))
    }

    pub(crate) fn encode(bytes: &[u8]) -> String {
        const DIGITS: &[u8; 16] = b"0123456789abcdef";
        let mut text = String::with_capacity(bytes.len() * 2);
        for byte in bytes {
            text.push(char::from(DIGITS[usize::from(byte >> 4)]));
            text.push(char::from(DIGITS[usize::from(byte & 15)]));
        }
        text
    }

    pub(crate) fn decode(text: &str) -> Option<Vec<u8>> {
        let digit = |byte: u8| char::from(byte).to_digit(16);
        let (pairs, []) = text.as_bytes().as_chunks::<2>() else {
            return None;
        };
        pairs
            .iter()
            .map(|[high, low]| u8::try_from(digit(*high)? << 4 | digit(*low)?).ok())
            .collect()
    }
}

/// How much a worker may report.
#[derive(Debug, Clone, Copy)]
pub(crate) struct Bounds {
    pub(crate) line: u64,
    pub(crate) lines: usize,
    /// Altogether.
    pub(crate) bytes: u64,
}

impl Bounds {
    /// For checks.
    pub(crate) const CHECK: Self = Self { line: 256 << 10, lines: 100_000, bytes: 256 << 20 };
    /// For a description.
    pub(crate) const DESCRIPTION: Self = Self { line: 8 << 20, lines: 1000, bytes: 16 << 20 };
    /// For a reply, which may be large.
    pub(crate) const LARGE: Self = Self { line: 192 << 20, lines: 100_000, bytes: 256 << 20 };
}

/// Why a report is none.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Garbage {
    LineTooLong,
    TooManyLines,
    /// The line, shortened. It has the worker's secret.
    NotARecord(String),
    /// The line, shortened. Somebody else than the worker wrote it.
    Foreign(String),
    /// The stream ended within this line: the worker died while it wrote, or somebody else wrote.
    Unfinished(String),
    Read(String),
}

impl std::fmt::Display for Garbage {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::LineTooLong => f.write_str("a line of the worker's report is too long"),
            Self::TooManyLines => f.write_str("the worker's report has too many lines"),
            Self::NotARecord(line) | Self::Foreign(line) => {
                write!(f, "not a line of the worker's report: {line:?}")
            }
            Self::Unfinished(line) => {
                write!(f, "the worker's report ends within a line: {line:?}")
            }
            Self::Read(reason) => write!(f, "the worker's report cannot be read: {reason}"),
        }
    }
}

/// Reads a report, line by line, until it ends or turns out to be none.
pub(crate) struct Records<R> {
    reader: R,
    bounds: Bounds,
    secret: Vec<u8>,
    count: usize,
    bytes: u64,
    over: bool,
}

impl<R: BufRead> Records<R> {
    pub(crate) fn new(reader: R, bounds: Bounds, secret: &str) -> Self {
        let secret = format!("{secret} ").into_bytes();
        Self { reader, bounds, secret, count: 0, bytes: 0, over: false }
    }

    fn read(&mut self) -> Result<Option<Record>, Garbage> {
        let mut line = Vec::new();
        let read = self.reader.by_ref().take(self.bounds.line + 1).read_until(b'\n', &mut line);
        match read {
            Ok(0) => return Ok(None),
            Ok(_) => {}
            // Somebody closed the other end the hard way: that is an end.
            Err(error) if error.kind() == io::ErrorKind::ConnectionReset => return Ok(None),
            Err(error) => return Err(Garbage::Read(error.to_string())),
        }
        self.count += 1;
        self.bytes += line.len() as u64;
        let Some(record) = line.strip_prefix(&*self.secret) else {
            return Err(if self.secret.starts_with(&line) {
                Garbage::Unfinished(shown(&line))
            } else {
                Garbage::Foreign(shown(&line))
            });
        };
        if self.count > self.bounds.lines || self.bytes > self.bounds.bytes {
            return Err(Garbage::TooManyLines);
        }
        if record.last() != Some(&b'\n') {
            return Err(if line.len() as u64 > self.bounds.line {
                Garbage::LineTooLong
            } else {
                Garbage::Unfinished(shown(record))
            });
        }
        serde_json::from_slice(record).map(Some).map_err(|_| Garbage::NotARecord(shown(record)))
    }
}

impl<R: BufRead> Iterator for Records<R> {
    type Item = Result<Record, Garbage>;

    fn next(&mut self) -> Option<Self::Item> {
        if self.over {
            return None;
        }
        let record = self.read().transpose();
        self.over = !matches!(record, Some(Ok(_)));
        record
    }
}

fn shown(line: &[u8]) -> String {
    let text = String::from_utf8_lossy(line);
    let text = text.trim_end();
    text[..text.floor_char_boundary(80)].to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;

    const SMALL: Bounds = Bounds { line: 64, lines: 3, bytes: 400 };

    fn records(bytes: &[u8]) -> Vec<Result<Record, Garbage>> {
        Records::new(bytes, SMALL, "7").collect()
    }

    fn note(text: &str) -> Record {
        Record::Note { text: text.into() }
    }

    #[test]
    fn records_come_back_as_they_were_written() {
        let mut bytes = Vec::new();
        for record in [note("a\nb"), note("\u{1f980}")] {
            bytes.extend(b"7 ");
            bytes.extend(serde_json::to_vec(&record).unwrap());
            bytes.push(b'\n');
        }
        assert_eq!(records(&bytes), [Ok(note("a\nb")), Ok(note("\u{1f980}"))]);
    }

    #[test]
    fn garbage_ends_the_report_and_is_never_a_panic() {
        let good: &[u8] = b"7 {\"t\":\"note\",\"text\":\"x\"}\n";
        for (garbage, expected) in [
            (&b"hello\n"[..], Garbage::Foreign("hello".into())),
            (b"{\"t\":\"bye\"}\n", Garbage::Foreign("{\"t\":\"bye\"}".into())),
            (b"7 \xff\xfe\n", Garbage::NotARecord("\u{fffd}\u{fffd}".into())),
            (b"7 {\"t\":\"nonsense\"}\n", Garbage::NotARecord("{\"t\":\"nonsense\"}".into())),
            (b"7 {\"t\":\"no", Garbage::Unfinished("{\"t\":\"no".into())),
            (&[&b"7 "[..], &[b'x'; 100]].concat(), Garbage::LineTooLong),
            (&[b'x'; 100], Garbage::Foreign("x".repeat(65))),
        ] {
            let found = records(&[good, garbage, good].concat());
            if matches!(expected, Garbage::Unfinished(_)) {
                // The good line behind it makes it one line.
                assert!(found[1].is_err());
                assert_eq!(records(garbage), [Err(expected)]);
                continue;
            }
            assert_eq!(found, [Ok(note("x")), Err(expected)]);
        }
        assert_eq!(records(&good.repeat(5)).last(), Some(&Err(Garbage::TooManyLines)));
        let deep = [b"7 ", &[b'['; 60][..], b"\n"].concat();
        assert!(matches!(records(&deep)[..], [Err(Garbage::NotARecord(_))]));
    }

    #[test]
    fn hexadecimal_digits_go_both_ways() {
        assert_eq!(hex::encode(&[0, 0xff, 0x1a]), "00ff1a");
        assert_eq!(hex::decode("00ff1A"), Some(vec![0, 0xff, 0x1a]));
        assert_eq!(hex::decode("0"), None);
        assert_eq!(hex::decode("0g"), None);
    }
}
