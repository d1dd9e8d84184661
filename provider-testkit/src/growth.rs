//! What grows from batch to batch of the same calls.

use std::time::{Duration, Instant};

use crate::{
    holdings::Holdings,
    lab::{Lab, Outcome},
    native,
    payload::shortened,
    protocol::Failure,
};

/// How many batches there are at most, without the one that warms up.
const BATCHES: usize = 4;
/// How many batches must grow.
const GROWING: usize = 3;
/// What of the heap may be added in a cycle. The least that a C library gives out takes more.
const HEAP: f64 = 8.0;
/// How many threads or files may be added in a cycle.
const THINGS: f64 = 0.25;
/// The fewest cycles of a batch.
const FEWEST: u32 = 10;
/// How long a batch may take before the next ones are made smaller.
const PATIENCE: Duration = Duration::from_millis(400);
/// How many times as long the batches are that a suspicion has to stand. What goes up and down by chance
/// does so as much in a long batch as in a short one.
const LONGER: u32 = 4;
/// How many of these there are.
const TRIALS: usize = 2;
/// How long what is no longer needed may take to be freed, by a thread of the provider's for example.
const FREEING: Duration = Duration::from_millis(200);
/// How often it is looked whether it was.
const LOOKING: Duration = Duration::from_millis(2);

/// What is held at one moment.
#[derive(Debug, Clone, Copy)]
struct Held {
    heap: Option<u64>,
    files: usize,
    threads: usize,
}

impl Held {
    fn now() -> Self {
        let (files, threads) = Holdings::now().counts();
        // Last: what was needed for looking is given back.
        Self { heap: native::heap(), files, threads }
    }

    /// What is held after a batch, once it is no more than `most` bytes of the heap above what was held
    /// `before`, or has had the time for it.
    fn after(before: &Self, most: f64, patience: Duration) -> Self {
        let began = Instant::now();
        loop {
            let now = Self::now();
            let grown =
                before.heap.zip(now.heap).is_some_and(|(was, is)| difference(was, is) >= most);
            if !grown || began.elapsed() >= patience {
                return now;
            }
            std::thread::sleep(LOOKING);
        }
    }
}

/// What is counted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Kind {
    Files,
    Threads,
    Heap,
}

impl Kind {
    fn name(self) -> &'static str {
        match self {
            Self::Files => "open files",
            Self::Threads => "threads",
            Self::Heap => "bytes of memory",
        }
    }

    /// How many may be added in a cycle.
    fn most(self) -> f64 {
        match self {
            Self::Files | Self::Threads => THINGS,
            Self::Heap => HEAP,
        }
    }
}

/// What is added in a batch, by the thing that is counted.
#[derive(Debug, Default)]
struct Added {
    heap: Vec<f64>,
    files: Vec<f64>,
    threads: Vec<f64>,
}

/// Runs `cycle` in batches, `count` times each, and says what grows from batch to batch, if something
/// does. `tare` is what a cycle adds to our own heap; `name` is one of them for people, for
/// example `link made and removed`.
///
/// One that does not grow is done after two batches. What grows once, as a cache or a table does, is no
/// leak; what grows in three of four batches, and again and as fast in two longer ones, is.
pub(crate) fn of(
    lab: &Lab,
    name: &str,
    count: u32,
    tare: f64,
    mut cycle: impl FnMut() -> Outcome,
) -> Outcome<Option<Failure>> {
    let mut batch = |count: u32| -> Outcome<Duration> {
        let began = Instant::now();
        let seq = lab.reporter.step("repeat", format!("{count} times: {name}"));
        for _ in 0..count {
            cycle()?;
        }
        lab.reporter.done(seq, "done");
        lab.recorder.forget();
        Ok(began.elapsed())
    };
    // The warm-up finds out how many fit. A slow provider gets smaller batches.
    let once = batch(FEWEST)?.div_f64(f64::from(FEWEST));
    let fit = PATIENCE.div_duration_f64(once.max(Duration::from_nanos(1)));
    let count = if fit < f64::from(count) { fit_into(fit) } else { count }.max(FEWEST);
    batch(count)?;
    let first = Holdings::now();
    let most = |count: u32| (HEAP + tare) * f64::from(count);
    let freeing = lab.patience(FREEING);
    // Room for all of them: nothing of ours is added between two measurements.
    let mut held = Vec::with_capacity(BATCHES + 1);
    let mut last = Held::now();
    held.push(last);
    for _ in 0..BATCHES {
        batch(count)?;
        last = Held::after(&last, most(count), freeing);
        held.push(last);
        let added = Added::of(&held, count, tare);
        if added.settled() {
            return Ok(None);
        }
        let Some(kind) = added.grows() else {
            continue;
        };
        let longer = count.saturating_mul(LONGER);
        for _ in 0..TRIALS {
            batch(longer)?;
            let then = Held::after(&last, most(longer), freeing);
            if !added.stands(kind, &Added::of(&[last, then], longer, tare)) {
                return Ok(None);
            }
            last = then;
        }
        return Ok(added.failure(kind, name, count, || first.grown(&lab.reporter)));
    }
    Ok(None)
}

fn fit_into(cycles: f64) -> u32 {
    #[expect(
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss,
        reason = "it is smaller than a number that fits, and not negative"
    )]
    let cycles = cycles as u32;
    cycles
}

impl Added {
    fn of(held: &[Held], count: u32, tare: f64) -> Self {
        let mut added = Self::default();
        for pair in held.windows(2) {
            let [before, after] = pair else {
                continue;
            };
            if let (Some(before), Some(after)) = (before.heap, after.heap) {
                added.heap.push(difference(before, after) - tare * f64::from(count));
            }
            added.files.push(difference(before.files as u64, after.files as u64));
            added.threads.push(difference(before.threads as u64, after.threads as u64));
        }
        let count = f64::from(count);
        for values in [&mut added.heap, &mut added.files, &mut added.threads] {
            for value in values {
                *value /= count;
            }
        }
        added
    }

    fn all(&self, kind: Kind) -> &[f64] {
        match kind {
            Kind::Files => &self.files,
            Kind::Threads => &self.threads,
            Kind::Heap => &self.heap,
        }
    }

    /// Whether nothing can turn out to be a leak any more.
    fn settled(&self) -> bool {
        [Kind::Files, Kind::Threads, Kind::Heap].into_iter().all(|kind| {
            let values = self.all(kind);
            let small = values.iter().filter(|value| **value < kind.most()).count();
            small > BATCHES - GROWING || values.is_empty()
        })
    }

    /// What grew often enough, and more in all than it went back.
    fn grows(&self) -> Option<Kind> {
        [Kind::Files, Kind::Threads, Kind::Heap].into_iter().find(|kind| {
            let values = self.all(*kind);
            let growing = values.iter().filter(|value| **value >= kind.most()).count();
            growing >= GROWING && average(values) * 2.0 >= kind.most()
        })
    }

    /// Whether `longer` batches show the same. A leak is one in each cycle, so it is as fast in these; what
    /// comes and goes with the threads that happen to run is not.
    fn stands(&self, kind: Kind, longer: &Self) -> bool {
        let least = kind.most().max(average(self.all(kind)) / 2.0);
        longer.all(kind).iter().all(|value| *value >= least)
    }

    fn failure(
        &self,
        kind: Kind,
        name: &str,
        count: u32,
        lasting: impl FnOnce() -> Option<String>,
    ) -> Option<Failure> {
        let (what, values) = (kind.name(), self.all(kind));
        let shown: Vec<String> =
            values.iter().map(|value| format!("{:+.0}", value * f64::from(count))).collect();
        let got = format!("{} {what}, after {count} times each", shown.join(", "));
        let summary = format!("it keeps {} more {what} for each {name}", rounded(average(values)));
        let mut failure = Failure::new(summary).expected("as much as before").got(got);
        if kind != Kind::Heap {
            // What only takes a moment to end is no leak.
            let more = lasting()?;
            failure.got = failure.got.map(|got| format!("{got}: {}", shortened(&more, 120)));
        }
        Some(failure)
    }
}

fn average(values: &[f64]) -> f64 {
    values.iter().sum::<f64>() / u32::try_from(values.len()).map_or(1.0, f64::from)
}

fn rounded(value: f64) -> String {
    if value >= 10.0 || (value - value.round()).abs() < 0.05 {
        format!("{value:.0}")
    } else {
        format!("{value:.1}")
    }
}

fn difference(before: u64, after: u64) -> f64 {
    let size = |number: u64| u32::try_from(number).map_or(f64::from(u32::MAX), f64::from);
    if after >= before { size(after - before) } else { -size(before - after) }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn added(heap: &[u64]) -> Added {
        let held: Vec<Held> =
            heap.iter().map(|heap| Held { heap: Some(*heap), files: 5, threads: 1 }).collect();
        Added::of(&held, 100, 0.0)
    }

    fn says(added: &Added) -> Option<String> {
        let failure = added.failure(added.grows()?, "call", 100, || None)?;
        Some(format!("{} | {}", failure.summary, failure.got.unwrap_or_default()))
    }

    #[test]
    fn what_grows_in_three_batches_of_four_is_a_leak() {
        let leak = added(&[1000, 4200, 7400, 10600]);
        assert!(!leak.settled());
        assert_eq!(
            says(&leak).unwrap(),
            "it keeps 32 more bytes of memory for each call | \
             +3200, +3200, +3200 bytes of memory, after 100 times each"
        );
        let once = added(&[1000, 1000, 9000, 12200, 15400]);
        assert!(says(&once).is_some());
    }

    #[test]
    fn what_grows_once_or_goes_up_and_down_is_none() {
        assert!(added(&[1000, 1000, 900]).settled());
        let table = added(&[1000, 9000, 9000, 9000]);
        assert!(table.settled() && says(&table).is_none());
        let twice = added(&[1000, 9000, 9000, 17000, 17000]);
        assert!(twice.settled() && says(&twice).is_none());
        assert!(!added(&[1000, 4200]).settled());
        // More went back than came.
        let by_chance = added(&[10_000, 10_992, 12_224, 8_368, 9_600]);
        assert!(says(&by_chance).is_none());
    }

    #[test]
    fn what_is_slower_in_a_longer_batch_is_none() {
        let suspicion = added(&[1000, 16_400, 31_800, 47_200]);
        let longer = |heap: [u64; 2]| {
            let held = heap.map(|heap| Held { heap: Some(heap), files: 5, threads: 1 });
            suspicion.stands(Kind::Heap, &Added::of(&held, 400, 0.0))
        };
        assert!(longer([0, 61_600]));
        // As much as in a short one.
        assert!(!longer([0, 15_400]));
        // No more than the least that counts.
        assert!(!added(&[0, 800, 1600, 2400]).stands(Kind::Heap, &added(&[0, 799])));
    }

    #[test]
    fn what_is_our_own_does_not_count() {
        let held =
            [1000, 4200, 7400, 10600].map(|heap| Held { heap: Some(heap), files: 5, threads: 1 });
        assert!(Added::of(&held, 100, 32.0).settled());
        let files = [5, 105, 205, 305].map(|files| Held { heap: None, files, threads: 1 });
        let files = Added::of(&files, 100, 0.0);
        // What goes away in a moment is none.
        assert!(says(&files).is_none());
        let failure = files.failure(Kind::Files, "call", 100, || Some("file `x`".into())).unwrap();
        assert!(failure.summary.starts_with("it keeps 1 more open files"), "{}", failure.summary);
    }
}
