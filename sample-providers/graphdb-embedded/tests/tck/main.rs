//! openCypher's Technology Compatibility Kit, played through the provider's operations.
//!
//! The kit is openCypher's and is not here. `OPENCYPHER_TCK` names a folder with its `.feature` files:
//!
//! ```sh
//! git clone https://github.com/opencypher/openCypher
//! OPENCYPHER_TCK=$PWD/openCypher/tck cargo test -p graphdb-embedded --test tck
//! ```
#![expect(clippy::unwrap_used, reason = "in a test, where it fails is the message")]
#![expect(clippy::print_stderr, reason = "it says how many scenarios came to what")]

mod known;
mod scenario;
mod values;

use std::{
    collections::BTreeMap,
    env, fs, io,
    path::{Path, PathBuf},
    process::ExitCode,
    sync::{Arc, Mutex},
};

use gherkin::{Feature, GherkinEnv};
use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::scenario::{Graph, Outcome, Play};

const FOLDER: &str = "OPENCYPHER_TCK";
/// Why nothing is played.
const ABSENT: &str = "`git clone https://github.com/opencypher/openCypher`, and say the absolute path of its `tck` as \
                      `OPENCYPHER_TCK`";

/// How many scenarios came to what.
#[derive(Default)]
struct Totals {
    kept: usize,
    known: usize,
    not_for_us: BTreeMap<&'static str, usize>,
}

fn main() -> ExitCode {
    let mut arguments = Arguments::from_args();
    // Scenarios of one provider; what they count belongs together.
    arguments.test_threads = Some(1);
    let Some(folder) = env::var_os(FOLDER).map(PathBuf::from) else {
        let absent = || Ok(Completion::ignored_with(ABSENT));
        let trial = Trial::ignorable_test("the_compatibility_kit_of_open_cypher", absent);
        return libtest_mimic::run(&arguments, vec![trial]).exit_code();
    };
    let totals = Arc::new(Mutex::new(Totals::default()));
    let mut found = Vec::new();
    if let Err(error) = features(&folder, &mut found) {
        eprintln!("`{FOLDER}`: {}: {error}", folder.display());
        return ExitCode::FAILURE;
    }
    if found.is_empty() {
        eprintln!("`{FOLDER}`: {} has no `.feature` files", folder.display());
        return ExitCode::FAILURE;
    }
    let trials = found.into_iter().map(|path| {
        let (totals, folder) = (Arc::clone(&totals), folder.clone());
        let name = path.file_stem().unwrap().to_string_lossy().into_owned();
        Trial::test(name.clone(), move || play(&name, &path, &folder, &totals))
    });
    let conclusion = libtest_mimic::run(&arguments, trials.collect());
    let totals = totals.lock().unwrap();
    let apart: usize = totals.not_for_us.values().sum();
    eprintln!(
        "{} scenarios as the kit has them, {} known to differ, {apart} not for this contract: {:?}",
        totals.kept, totals.known, totals.not_for_us
    );
    conclusion.exit_code()
}

/// Finds all features below a folder.
fn features(folder: &Path, found: &mut Vec<PathBuf>) -> io::Result<()> {
    let mut entries = fs::read_dir(folder)?.collect::<Result<Vec<_>, _>>()?;
    entries.sort_by_key(fs::DirEntry::path);
    for path in entries.into_iter().map(|entry| entry.path()) {
        if path.is_dir() {
            features(&path, found)?;
        } else if path.extension().is_some_and(|end| end == "feature") {
            found.push(path);
        }
    }
    Ok(())
}

/// Plays the scenarios of one feature.
fn play(name: &str, path: &Path, folder: &Path, totals: &Mutex<Totals>) -> Result<(), Failed> {
    let feature = match (Feature::parse_path(path, GherkinEnv::default()), known::unreadable(name))
    {
        (Err(_), Some(count)) => {
            *totals.lock().unwrap().not_for_us.entry("a file that cannot be read").or_default() +=
                count;
            return Ok(());
        }
        (Ok(_), Some(_)) => return Err("it is said that it cannot be read, and it can".into()),
        (feature, None) => feature?,
    };
    let plays = feature.scenarios.iter().flat_map(|one| scenario::expanded(&feature, one));
    let mut wrong = Vec::new();
    let mut known = known::of(name).to_vec();
    for Play { title, steps } in plays {
        let outcome = scenario::play(&Graph::new(folder), &steps);
        let number = title.split(']').next().unwrap_or_default().trim_start_matches('[');
        let expected = known.contains(&number);
        let mut totals = totals.lock().unwrap();
        match outcome {
            Outcome::Kept => totals.kept += 1,
            Outcome::NotForUs(why) => *totals.not_for_us.entry(why).or_default() += 1,
            Outcome::Differs(_) if expected => {
                totals.known += 1;
                known.retain(|known| *known != number);
            }
            Outcome::Differs(how) => wrong.push(format!("{title}: {how}")),
        }
    }
    wrong.extend(known.iter().map(|number| format!("[{number}] is said to differ, and does not")));
    if wrong.is_empty() { Ok(()) } else { Err(wrong.join("\n").into()) }
}
