//! Paired measurements: subjects take turns within one run, and what counts is the median of the
//! ratios of neighbours in time.

use std::{
    fmt::Write as _,
    hint::black_box,
    sync::Barrier,
    thread,
    time::{Duration, Instant},
};

/// How many turns each subject gets.
const ROUNDS: usize = 151;
/// How long a turn lasts about.
const TURN: Duration = Duration::from_micros(700);

/// Something to measure: makes, for each thread, what is called again and again.
pub(crate) struct Case<'a> {
    name: String,
    make: Box<dyn Fn() -> Box<dyn FnMut() + 'a> + Sync + 'a>,
}

impl<'a> Case<'a> {
    pub(crate) fn new<F: FnMut() + 'a>(
        name: impl Into<String>,
        make: impl Fn() -> F + Sync + 'a,
    ) -> Self {
        Self { name: name.into(), make: Box::new(move || Box::new(make())) }
    }
}

/// What was measured.
pub(crate) struct Table<'f> {
    filter: Option<&'f str>,
    text: String,
    ratios: Vec<(String, f64)>,
}

impl<'f> Table<'f> {
    pub(crate) fn new(filter: Option<&'f str>) -> Self {
        Self { filter, text: String::new(), ratios: Vec::new() }
    }

    /// Measures the first case beside each other one, on so many threads at once.
    pub(crate) fn paired(&mut self, threads: usize, cases: &[Case<'_>]) {
        let name = cases[0].name.clone();
        if self.filter.is_some_and(|filter| !name.contains(filter)) {
            return;
        }
        let turns: Vec<usize> = cases.iter().map(calibrate).collect();
        let mut nanoseconds = vec![Vec::with_capacity(ROUNDS); cases.len()];
        for _ in 0..ROUNDS {
            for (index, case) in cases.iter().enumerate() {
                nanoseconds[index].push(turn(case, threads, turns[index]));
            }
        }
        let _ = writeln!(self.text, "{name}: {:.1} ns", median(nanoseconds[0].clone()));
        for (case, others) in cases.iter().zip(&nanoseconds).skip(1) {
            let ratios =
                nanoseconds[0].iter().zip(others).map(|(ours, other)| ours / other).collect();
            let ratio = median(ratios);
            let other = median(others.clone());
            let _ = writeln!(self.text, "    / {:<14} {ratio:>8.3}   ({other:.1} ns)", case.name);
            self.ratios.push((format!("{name}/{}", case.name), ratio));
        }
    }

    /// Measures a case on two threads beside itself on one: 1 is a call that takes no longer when
    /// another thread calls as well.
    pub(crate) fn scaling(&mut self, case: &Case<'_>) {
        let Case { name, .. } = case;
        if self.filter.is_some_and(|filter| !name.contains(filter)) {
            return;
        }
        let calls = calibrate(case);
        let (mut alone, mut together) = (Vec::new(), Vec::new());
        for _ in 0..ROUNDS {
            alone.push(turn(case, 1, calls));
            together.push(turn(case, 2, calls));
        }
        let ratio = median(together.iter().zip(&alone).map(|(two, one)| two / one).collect());
        let (one, two) = (median(alone), median(together));
        let _ = writeln!(self.text, "{name}: {one:.1} ns");
        let _ = writeln!(self.text, "    two threads/one  {ratio:>6.3}   ({two:.1} ns)");
        self.ratios.push((format!("{name}_2threads/1thread"), ratio));
    }

    pub(crate) fn print(&self) {
        print!("{}", self.text);
    }

    pub(crate) fn ratios(&self) -> impl Iterator<Item = (&str, f64)> {
        self.ratios.iter().map(|(name, ratio)| (name.as_str(), *ratio))
    }
}

/// How many calls fill a turn.
fn calibrate(case: &Case<'_>) -> usize {
    let mut call = (case.make)();
    let mut calls = 1;
    loop {
        let begin = Instant::now();
        for _ in 0..calls {
            call();
        }
        let took = begin.elapsed();
        if took >= TURN {
            return calls;
        }
        calls = if took.is_zero() { calls * 10 } else { calls * 2 };
    }
}

/// Nanoseconds a call, when so many threads call at once.
#[expect(clippy::cast_precision_loss, reason = "a turn has far fewer calls and nanoseconds")]
fn turn(case: &Case<'_>, threads: usize, calls: usize) -> f64 {
    let run = |mut call: Box<dyn FnMut() + '_>, start: Option<&Barrier>| {
        if let Some(start) = start {
            start.wait();
        }
        let begin = Instant::now();
        for _ in 0..calls {
            black_box(&mut call)();
        }
        begin.elapsed().as_nanos() as f64 / calls as f64
    };
    if threads == 1 {
        let mut call = (case.make)();
        // The first call of a turn warms what the last subject cooled.
        call();
        return run(call, None);
    }
    let start = Barrier::new(threads);
    thread::scope(|scope| {
        let handles: Vec<_> = (0..threads)
            .map(|_| {
                scope.spawn(|| {
                    let mut call = (case.make)();
                    call();
                    run(call, Some(&start))
                })
            })
            .collect();
        let times: Vec<f64> =
            handles.into_iter().map(|handle| handle.join().expect("a subject panicked")).collect();
        times.iter().sum::<f64>() / times.len() as f64
    })
}

fn median(mut values: Vec<f64>) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}
