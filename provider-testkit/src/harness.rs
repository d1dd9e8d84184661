//! The front end for `cargo test` and `cargo nextest`: each check is a test of its own.

use std::{
    any::Any, env, error::Error, fmt::Display, io::Write, path::Path, process::ExitCode,
    sync::OnceLock,
};

use libtest_mimic::{Arguments, Completion, Failed, Trial};

use crate::{
    Kit, Options, Problem, UnknownCheck, Unusable, Verdict,
    arguments::Asked,
    bench::Bench,
    check::checks,
    kit, library,
    report::{Style, failure},
    select, worker,
};

/// The exit code of a test that failed before it began.
const FAILED: u8 = 101;
/// How wide failures are printed.
const WIDTH: usize = 100;

/// What has to be there before a package's provider can be checked: a server, a file, a device.
#[derive(Debug)]
pub enum Preparation {
    /// It is there, for as long as this value is kept: until the last check has ended.
    Ready(Box<dyn Any>),
    /// It cannot be had here, for this reason: every check is ignored with it, and none has passed.
    NotRun(String),
}

impl Preparation {
    /// What is there for as long as `keep` lives.
    pub fn ready(keep: impl Any) -> Self {
        Self::Ready(Box::new(keep))
    }
}

/// Makes ready what a provider's checks need, and says in the options how it is found, a link value
/// for example.
///
/// An error ends the tests as a failure with its text.
pub type Prepare = fn(&mut Options) -> Result<Preparation, Box<dyn Error>>;

/// What [`main!`](crate::main) knows of the package that it stands in.
#[derive(Debug, Clone, Copy)]
pub struct Package {
    /// `CARGO_PKG_NAME`.
    pub name: &'static str,
    /// `CARGO_MANIFEST_DIR`.
    pub manifest_dir: &'static str,
    /// `CARGO_TARGET_TMPDIR`.
    pub scratch: Option<&'static str>,
}

/// The whole of a provider's `tests/conformance.rs`, which needs `harness = false` in `Cargo.toml`.
///
/// ```toml
/// [lib]
/// crate-type = ["cdylib", "rlib"]   # the second one lets cargo build it for its tests
///
/// [[test]]
/// name = "conformance"
/// harness = false
/// ```
///
/// A provider of something that runs elsewhere starts that first, in a function that says where it
/// is ([`Prepare`](crate::harness::Prepare)):
///
/// ```no_run
/// use std::error::Error;
///
/// use provider_testkit::{Options, harness::Preparation};
///
/// fn prepare(options: &mut Options) -> Result<Preparation, Box<dyn Error>> {
///     let Ok(url) = std::env::var("DATABASE_URL") else {
///         return Ok(Preparation::NotRun("`DATABASE_URL` is not set".into()));
///     };
///     options.link_values.insert("URL".into(), url);
///     Ok(Preparation::ready(()))
/// }
///
/// provider_testkit::main!(prepare);
/// ```
#[macro_export]
macro_rules! main {
    () => {
        $crate::main!(|_| Ok($crate::harness::Preparation::ready(())));
    };
    ($prepare:expr) => {
        fn main() -> ::std::process::ExitCode {
            $crate::harness::main(
                $crate::harness::Package {
                    name: ::core::env!("CARGO_PKG_NAME"),
                    manifest_dir: ::core::env!("CARGO_MANIFEST_DIR"),
                    scratch: ::core::option_env!("CARGO_TARGET_TMPDIR"),
                },
                $prepare,
            )
        }
    };
}

/// What [`main!`](crate::main) calls.
pub fn main(package: Package, prepare: Prepare) -> ExitCode {
    worker::enter_worker_if_asked();
    let asked = Asked::read(env::args());
    let mut arguments = Arguments::from_iter(&asked.arguments);
    let mut options = match Options::in_folder(package.manifest_dir) {
        Ok(options) => options,
        Err(error) => return refuse(&error),
    };
    if options.jobs > 0 && arguments.test_threads.is_none() {
        arguments.test_threads = Some(options.jobs);
    }
    options.again = Some(again(&package));
    if let Err(problem) = repeated(&asked, &mut options) {
        return refuse(&problem);
    }
    let path = match library::find(&package) {
        Ok(path) => path,
        Err(error) => return refuse(&error),
    };
    // A list needs nothing but the library.
    let prepared = if arguments.list { Ok(Preparation::ready(())) } else { prepare(&mut options) };
    let prepared = match prepared {
        Ok(prepared) => prepared,
        Err(error) => return refuse(&error),
    };
    let mut trials = match Kit::open_for_tests(&path, options) {
        Ok(kit) => trials(kit, &asked, &prepared),
        Err(unusable) if matches!(unusable.problem, Problem::Options(_)) => {
            return refuse(&unusable);
        }
        Err(unusable) => vec![unusable_trial(&unusable)],
    };
    if arguments.exact
        && let Err(unknown) = known(&asked, &trials)
    {
        return refuse(&unknown);
    }
    if asked.filters.len() > 1 {
        trials.retain(|trial| asked.wants(trial.name(), arguments.exact));
    }
    let conclusion = libtest_mimic::run(&arguments, trials);
    drop(prepared);
    conclusion.exit_code()
}

fn refuse(why: &dyn Display) -> ExitCode {
    // Nobody is left to tell if that fails.
    let _ = writeln!(std::io::stderr(), "error: {why}");
    ExitCode::from(FAILED)
}

/// What the command line says so that a failure is the same again.
fn repeated(asked: &Asked, options: &mut Options) -> Result<(), String> {
    if let Some(token) = &asked.reproduce {
        let token = token.parse().map_err(|error| format!("--reproduce: {error}"))?;
        options.reproduce = Some(token);
    }
    if let Some(seed) = &asked.seed {
        let number = seed.strip_prefix("0x").map(|digits| u64::from_str_radix(digits, 16));
        let number = number.unwrap_or_else(|| seed.parse());
        options.seed = Some(number.map_err(|error| format!("--seed: {error}"))?);
    }
    Ok(())
}

/// The command that repeats a check; its id follows.
fn again(package: &Package) -> String {
    let own = env::current_exe().unwrap_or_default();
    let release = own.parent().and_then(Path::parent).is_some_and(|it| it.ends_with("release"));
    let own = own.file_stem().unwrap_or_default().to_string_lossy();
    let test = own.rsplit_once('-').map_or(&*own, |(name, _)| name);
    let profile = if release { " --release" } else { "" };
    let other = env::var_os(library::LIBRARY).map_or_else(String::new, |path| {
        format!("{}={} ", library::LIBRARY, kit::quoted(Path::new(&path)))
    });
    format!("{other}cargo test -p {}{profile} --test {test} -- --exact", package.name)
}

/// A check that is asked for by its whole name must be there. A name that is none of ours may be
/// another test's.
fn known(asked: &Asked, trials: &[Trial]) -> Result<(), UnknownCheck> {
    for filter in &asked.filters {
        let group = filter.split("::").next().unwrap_or_default();
        let ours = checks().iter().any(|check| check.group() == group);
        if ours && trials.iter().all(|trial| trial.name() != filter) {
            let names = trials.iter().map(Trial::name);
            return Err(UnknownCheck::new(filter, names));
        }
    }
    Ok(())
}

fn unusable_trial(unusable: &Unusable) -> Trial {
    let text = unusable.to_string();
    Trial::test(unusable.check(), move || Err(Failed::from(text)))
}

fn trials(kit: Kit, asked: &Asked, prepared: &Preparation) -> Vec<Trial> {
    static KIT: OnceLock<Kit> = OnceLock::new();
    static BENCH: OnceLock<Bench<'static>> = OnceLock::new();
    let kit = KIT.get_or_init(|| kit);
    let bench = BENCH.get_or_init(|| Bench::new(kit));
    // nextest learns what is ignored from the list; libtest's own runner says why, at run time.
    let listed = env::var_os("NEXTEST").is_some();
    // A blocked check is quiet when the one that blocks it is loud.
    let alone = !asked.filters.is_empty() || listed;
    // A check that is named by its whole id is there whatever its level.
    let level = kit.options().level;
    select::all(kit.identity())
        .into_iter()
        .filter(|(check, id)| check.level <= level || asked.filters.contains(id))
        .map(|(_, id)| {
            if let Preparation::NotRun(reason) = prepared {
                let reason = reason.clone();
                return Trial::ignorable_test(id, move || Ok(Completion::ignored_with(reason)));
            }
            let ignored = listed && kit.not_made(&id).is_some();
            Trial::ignorable_test(id.clone(), move || run(bench, &id, alone))
                .with_ignored_flag(ignored)
        })
        .collect()
}

fn run(bench: &Bench<'_>, id: &str, alone: bool) -> Result<Completion, Failed> {
    let report = bench.check(id);
    let style = Style { color: false, width: WIDTH };
    match &report.verdict {
        Verdict::Blocked { by } if alone => {
            let blocker = bench.check(by);
            if blocker.is_red() {
                let text = format!("{}{}", failure(report, style), failure(blocker, style));
                return Err(Failed::from(text));
            }
            Ok(Completion::ignored_with(&report.summary))
        }
        _ if report.is_red() || report.verdict == Verdict::Error => {
            Err(Failed::from(failure(report, style)))
        }
        Verdict::Skipped { .. } | Verdict::Blocked { .. } => {
            Ok(Completion::ignored_with(&report.summary))
        }
        _ => {
            // What does not make it red is worth knowing all the same.
            if report.verdict.is_failure() || report.expectation.is_some() {
                let _ = write!(std::io::stderr(), "{}", failure(report, style));
            }
            Ok(Completion::Completed)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_of_ours_that_is_not_there_is_refused_and_another_tests_is_not() {
        let trials = [Trial::test("links::bind", || Ok(()))];
        let asked = |name: &str| Asked::read(["t", name].map(str::to_owned));
        assert!(known(&asked("links::bind"), &trials).is_ok());
        assert!(known(&asked("somebody::else"), &trials).is_ok());
        let unknown = known(&asked("links::bnd"), &trials).unwrap_err();
        assert_eq!(unknown.nearest.as_deref(), Some("links::bind"));
    }
}
