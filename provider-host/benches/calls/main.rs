//! What a call costs, beside what it could cost at least and what it cost in 2020.
//!
//! `cargo bench -p provider-host` measures everything in one run, in pairs, and prints ratios: these
//! hold on a noisy machine, the nanoseconds beside them do not. It writes `bench-ratios.json` into
//! the target directory, one flat object from name to ratio.
//!
//! `--count SUBJECT ITERATIONS` runs one subject so many times and nothing else: what
//! `scripts/instructions` counts.
#![expect(clippy::print_stdout, reason = "a benchmark prints what it measured")]

mod links;
mod measure;
mod subjects;
#[path = "../../tests/support/mod.rs"]
mod support;
mod typed;

use std::{collections::BTreeMap, env, fs, hint::black_box, path::PathBuf, process::ExitCode};

use measure::{Case, Table};
use subjects::Subjects;

/// Sizes of the echoed message, in bytes.
const SIZES: [(&str, usize); 5] =
    [("0B", 0), ("64B", 64), ("1KiB", 1 << 10), ("64KiB", 64 << 10), ("1MiB", 1 << 20)];

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).collect();
    let subjects = Subjects::open();
    if let [flag, subject, iterations] = &arguments[..]
        && flag == "--count"
    {
        return count(&subjects, subject, iterations);
    }
    let filter = arguments.iter().find(|argument| !argument.starts_with('-'));
    let mut table = Table::new(filter.map(String::as_str));
    echoes(&subjects, &mut table);
    typed::measure(&mut table);
    links::measure(&mut table);
    table.print();
    let path = target_directory().join("bench-ratios.json");
    let ratios: BTreeMap<&str, f64> =
        table.ratios().map(|(name, ratio)| (name, (ratio * 1000.0).round() / 1000.0)).collect();
    let text = serde_json::to_string_pretty(&ratios).expect("names and numbers are JSON");
    if let Err(error) = fs::write(&path, text + "\n") {
        println!("cannot write `{}`: {error}", path.display());
        return ExitCode::FAILURE;
    }
    println!("ratios are in {}", path.display());
    ExitCode::SUCCESS
}

/// An echo through the whole path, beside the plain C function and the style of 2020.
fn echoes(subjects: &Subjects, table: &mut Table<'_>) {
    for threads in [1, 2] {
        for (size, length) in SIZES {
            let msg = vec![0x5a; length];
            let suffix = if threads == 1 { String::new() } else { format!("_{threads}threads") };
            let mut cases = vec![
                Case::new(format!("echo_{size}{suffix}"), || subjects.echo(&msg)),
                Case::new("plain_c", || subjects.plain_c(&msg)),
                Case::new("style_2020", || subjects.style_2020(&msg)),
            ];
            // From about this size on handing a buffer over is the better way to answer.
            if length >= 64 << 10 {
                cases[0] = Case::new(format!("echo_{size}{suffix}"), || subjects.give(&msg));
                cases.push(Case::new("copied", || subjects.echo(&msg)));
            }
            table.paired(threads, &cases);
        }
    }
    table.paired(
        1,
        &[
            Case::new("unknown_operation", || subjects.unknown()),
            Case::new("style_2020", || subjects.style_2020_unknown()),
        ],
    );
}

/// Runs one subject so often that nothing else counts.
fn count(subjects: &Subjects, subject: &str, iterations: &str) -> ExitCode {
    let Ok(iterations) = iterations.parse::<u64>() else {
        println!("`{iterations}` is no number of iterations");
        return ExitCode::from(2);
    };
    let msg = black_box(vec![0x5a; 64]);
    match subject {
        "nothing" => repeat(iterations, || ()),
        "echo_64B" => repeat(iterations, subjects.echo(&msg)),
        "plain_c_64B" => repeat(iterations, subjects.plain_c(&msg)),
        "style_2020_64B" => repeat(iterations, subjects.style_2020(&msg)),
        "unknown_operation" => repeat(iterations, subjects.unknown()),
        "style_2020_unknown" => repeat(iterations, subjects.style_2020_unknown()),
        _ => {
            let Some(typed) = typed::counted(subject) else {
                println!("there is no subject `{subject}`");
                return ExitCode::from(2);
            };
            repeat(iterations, typed);
        }
    }
    ExitCode::SUCCESS
}

#[inline(never)]
fn repeat(iterations: u64, mut subject: impl FnMut()) {
    for iteration in 0..iterations {
        black_box(iteration);
        subject();
    }
}

/// The folder that cargo builds into: the one above this program that says so itself.
fn target_directory() -> PathBuf {
    let program = env::current_exe().expect("the running program has a path");
    program
        .ancestors()
        .filter(|folder| folder.join("CACHEDIR.TAG").exists())
        .last()
        .map_or_else(|| PathBuf::from("target"), PathBuf::from)
}
