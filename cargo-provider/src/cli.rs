//! The arguments. Names, defaults and exit codes are a public interface: a test compares the help.

use std::{ffi::OsString, num::NonZero, path::PathBuf, time::Duration};

use clap::{ArgAction, Args, Parser, Subcommand, ValueEnum};
use jiff::SignedDuration;
use provider_testkit::{Reproduction, payload};

use crate::debug::Words;

use crate::{
    color::When,
    reports::{Format, format_and_file},
};

const EXIT_CODES: &str = "\
Exit codes:
  0    all is well
  1    a check failed, or the call did
  2    wrong usage or configuration, or a library that cannot be used
  3    nothing was verified
  4    the tool itself failed
  130  interrupted";

const CHECK_EXAMPLES: &str = "\
LIBRARY is a path: something with a separator, with the extension of a library (.so, .dylib, .dll),
or the name of a file that is there. Anything else is an id. Without LIBRARY the package is built
with `cargo build --lib --release`: what ships is what is checked.

Examples:
  cargo provider check                            the package in this directory
  cargo provider check -p my-provider 'links::*'  one group of checks
  cargo provider check build/libother.so          a library in any language
  cargo provider check --link URL=redis://db      what the provider needs to link an actor
  cargo provider check --format json > run.json   a report for programs
  cargo provider check --report html=run.html     a page beside what is shown

`provider-testkit.toml` beside the package's Cargo.toml holds the values of links, samples of
requests, environment variables, time limits and what is known to fail. Progress is on standard error, the report on
standard output. Exit code 0: all is well; 1: a check failed; 3: nothing was verified.";

const NEW_EXAMPLES: &str = "\
Examples:
  cargo provider new greeter                           a contract of its own, `example:greeter`
  cargo provider new thumbs --contract acme:thumbnails a contract of your own
  cargo provider new my-kv --contract keyvalue         the contract `wasmcloud:keyvalue`
  cargo provider new my-kv --contract keyvalue --empty everything still to be written

`cargo generate --path PATH/provider-template` asks for the same and makes the same.";

const LIST_EXAMPLES: &str = "\
Example:
  cargo provider list --json";

const EXPLAIN_EXAMPLES: &str = "\
Example:
  cargo provider explain links::bind-idempotent";

const INSPECT_EXAMPLES: &str = "\
The library is opened in a process of its own: one that crashes while it is loaded does no harm.

Examples:
  cargo provider inspect build/libother.so
  cargo provider inspect -p my-provider --json";

const CONTRACT_EXAMPLES: &str = "\
Examples:
  cargo provider contract -p my-provider
  cargo provider contract build/libother.so --json
  cargo provider contract --markdown --output docs/contract.md";

const CALL_EXAMPLES: &str = "\
JSON becomes MessagePack: an object a map with its keys in the given order, an integer an integer in
its shortest form, {\"$bytes\": \"base64\"} a byte string. `-` reads it from standard input; without
JSON the payload has no bytes. The reply comes back as JSON in the same way on standard output; what
the provider sent to the actor meanwhile is on standard error, one line a call.

The provider runs in a process of its own and is stopped after the call. Its error, or its end, is
`error: KIND: MESSAGE` on standard error and exit code 1.

Examples:
  cargo provider call -p my-provider Get '{\"key\": \"greeting\"}'
  cargo provider call libkv.so Set '{\"key\": \"a\", \"value\": \"b\", \"expires\": 0}' --link PATH=data.db
  cargo provider call libkv.so HealthRequest --actor system
  cargo provider call -p my-provider -vv Get '{\"key\": \"greeting\"}'";

const RUN_EXAMPLES: &str = "\
The provider runs in a process of its own, with one actor linked, until standard input ends or Ctrl-C
is pressed; then the link is removed and the provider is stopped. Each line `OP JSON` of standard
input is a call, with JSON as for `cargo provider call`; empty lines and lines that begin with # are
none. Each call's reply is a line of JSON on standard output, an error {\"$error\": {\"kind\": ..,
\"message\": ..}}. What the provider sends to actors, logs or writes to standard error is on standard
error, one line each.

Exit code 0: every call was answered and the provider stopped; 1: a call failed, or the provider
crashed, hung, or could not be stopped. Ctrl-C once more ends it at once, with 130.

Examples:
  cargo provider run -p my-provider -v
  cargo provider run libweb.so --link PORT=8080 --reply 'HandleRequest={\"statusCode\": 200}'
  echo 'Get {\"key\": \"greeting\"}' | cargo provider run libkv.so";

const FUZZ_EXAMPLES: &str = "\
Payloads that nobody would send and well-formed calls in an order that nobody thought of, round after
round, each round in a process of its own and with chance of its own. An operation gets what could be
decoded only if a sample for it is known: `[samples]` in `provider-testkit.toml`.

The first failure ends it, is made as short as it can be, and is shown with the command that repeats
it. Ctrl-C ends it after the rounds that run, with exit code 130; once more ends it at once. Progress
is on standard error, how many calls each operation got is on standard output.

Examples:
  cargo provider fuzz -p my-provider -d 10m      ten minutes
  cargo provider fuzz build/libother.so -d 30s --seed 0x2a
  cargo provider fuzz build/libother.so --reproduce life:bind0,change0,remove0,bind0";

/// Begins, checks, inspects and calls capability providers.
#[derive(Debug, Parser)]
#[command(
    name = "cargo-provider",
    bin_name = "cargo provider",
    version,
    max_term_width = 100,
    after_help = EXIT_CODES,
    subcommand_required = true,
    arg_required_else_help = true,
    disable_help_subcommand = true
)]
pub(crate) struct Cli {
    /// What to do.
    #[command(subcommand)]
    pub(crate) command: Command,
}

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a package with a new provider, its tests and its checks
    #[command(after_help = NEW_EXAMPLES)]
    New(New),
    /// Check a provider against the rules
    #[command(
        override_usage = "cargo provider check [LIBRARY | -p PACKAGE] [IDS]... [OPTIONS]",
        after_help = CHECK_EXAMPLES
    )]
    Check(Check),
    /// List the checks
    #[command(after_help = LIST_EXAMPLES)]
    List(List),
    /// Explain a check: its rule, what is done, usual causes, how to mend
    #[command(after_help = EXPLAIN_EXAMPLES)]
    Explain(Explain),
    /// Show what a library says of itself
    #[command(
        override_usage = "cargo provider inspect [LIBRARY | -p PACKAGE] [OPTIONS]",
        after_help = INSPECT_EXAMPLES
    )]
    Inspect(Inspect),
    /// Show a library's contract: operations, types, examples, link values
    #[command(
        override_usage = "cargo provider contract [LIBRARY | -p PACKAGE] [OPTIONS]",
        after_help = CONTRACT_EXAMPLES
    )]
    Contract(Contract),
    /// Look for crashes and wrong answers with random calls, for a while
    #[command(
        override_usage = "cargo provider fuzz [LIBRARY | -p PACKAGE] [OPTIONS]",
        after_help = FUZZ_EXAMPLES
    )]
    Fuzz(Fuzz),
    /// Call one operation of a provider
    #[command(
        override_usage = "cargo provider call [LIBRARY | -p PACKAGE] OP [JSON] [OPTIONS]",
        after_help = CALL_EXAMPLES
    )]
    Call(Call),
    /// Keep a provider up and call what standard input says
    #[command(
        override_usage = "cargo provider run [LIBRARY | -p PACKAGE] [OPTIONS]",
        after_help = RUN_EXAMPLES
    )]
    Run(Run),
}

/// `cargo provider new`.
#[derive(Debug, Args)]
pub(crate) struct New {
    /// The name of the package
    #[arg(value_name = "NAME")]
    pub(crate) name: String,
    /// The contract: `keyvalue`, or the id of a new one, `vendor:name` [default: example:NAME]
    #[arg(long, value_name = "CONTRACT")]
    pub(crate) contract: Option<String>,
    /// Write operations as `async fn`, on a runtime of the provider's own
    #[arg(long = "async")]
    pub(crate) asynchronous: bool,
    /// Leave everything to be written, instead of a small provider that works
    #[arg(long)]
    pub(crate) empty: bool,
    /// The package's folder, which is made [default: NAME]
    #[arg(long, value_name = "FOLDER")]
    pub(crate) path: Option<PathBuf>,
    /// Where the SDK is: its checkout, or its repository as URL or URL#REVISION [default: the
    /// checkout that this command was built in]
    #[arg(long, value_name = "PATH | URL")]
    pub(crate) sdk: Option<String>,
}

/// Which package to build when no library is given.
#[derive(Debug, Clone, Default, Args)]
pub(crate) struct Package {
    /// Build this package of the workspace and take its library
    #[arg(short, long, value_name = "PACKAGE")]
    pub(crate) package: Option<String>,
    /// Build with the dev profile instead of the release profile
    #[arg(long)]
    pub(crate) dev: bool,
}

/// `cargo provider check`.
#[derive(Debug, Default, Args)]
pub(crate) struct Check {
    /// A library, if the first is a path; ids of checks, `*` stands for anything
    #[arg(value_name = "LIBRARY | IDS")]
    pub(crate) operands: Vec<OsString>,
    #[command(flatten)]
    pub(crate) package: Package,
    /// Run the checks up to LEVEL: must, should (recommendations too), perf (measurements too)
    /// [default: what `provider-testkit.toml` says, else must]
    #[arg(long, value_enum, value_name = "LEVEL", hide_possible_values = true)]
    pub(crate) level: Option<Level>,
    /// How the report is written: human (for people), json (one document, for programs), jsonl (a
    /// document a line, as things happen), junit, github (annotations), html (a page with each call)
    #[arg(
        long,
        value_enum,
        value_name = "FORMAT",
        default_value_t = Format::Human,
        hide_possible_values = true
    )]
    pub(crate) format: Format,
    /// Write the report to FILE instead of standard output
    #[arg(long, value_name = "FILE")]
    pub(crate) out: Option<PathBuf>,
    /// Write another report, for example junit=target/junit.xml; may be given many times
    #[arg(long, value_name = "FORMAT=FILE", value_parser = format_and_file)]
    pub(crate) report: Vec<(Format, PathBuf)>,
    /// Use colours for people: auto (on a terminal), always, never
    #[arg(
        long,
        value_enum,
        value_name = "WHEN",
        default_value_t = When::Auto,
        hide_possible_values = true
    )]
    pub(crate) color: When,
    /// How many checks run at a time [default: as many as there are processors]
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<NonZero<usize>>,
    /// A value of the link, overriding `provider-testkit.toml`; may be given many times
    #[arg(long, value_name = "KEY=VALUE", value_parser = link_value)]
    pub(crate) link: Vec<(String, String)>,
    /// Give every check X times as long
    #[arg(long, value_name = "X", value_parser = scale)]
    pub(crate) timeout_scale: Option<f64>,
    /// Repeat X times as often, where many repetitions make a check thorough
    #[arg(long, value_name = "X", value_parser = scale)]
    pub(crate) effort: Option<f64>,
    /// Make chance the same again: decimal, or hexadecimal with 0x
    #[arg(long, value_name = "SEED", value_parser = seed)]
    pub(crate) seed: Option<u64>,
    /// Play what a report of `fuzz::payload` or `fuzz::lifecycle` shows, and nothing else
    #[arg(long, value_name = "TOKEN")]
    pub(crate) reproduce: Option<Reproduction>,
    /// Start the checks in random order, which the seed decides as well
    #[arg(long)]
    pub(crate) shuffle: bool,
    /// Read FILE instead of the package's `provider-testkit.toml`
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Fail for what is quiet otherwise: skip (checks that are not made), blocked, expected
    /// (failures that are); several with commas
    #[arg(
        long,
        value_enum,
        value_name = "KIND",
        value_delimiter = ',',
        hide_possible_values = true
    )]
    pub(crate) deny: Vec<Deny>,
    /// Run the one check that is named in this process, without limits, and say what happens
    #[arg(long, conflicts_with_all = ["debugger", "wrap", "update_expectations"])]
    pub(crate) in_process: bool,
    /// Start DEBUGGER with the one check that is named: gdb, lldb, or a command with its arguments
    #[arg(
        long,
        value_name = "DEBUGGER",
        value_parser = Words::read,
        conflicts_with_all = ["wrap", "update_expectations"]
    )]
    pub(crate) debugger: Option<Words>,
    /// Start the process of each check under COMMAND, for example "valgrind -q --error-exitcode=9"
    #[arg(long, value_name = "COMMAND", value_parser = Words::read)]
    pub(crate) wrap: Option<Words>,
    /// Write what fails into `provider-testkit.toml` as expected, and remove what passes again
    #[arg(long)]
    pub(crate) update_expectations: bool,
}

/// What is red besides broken rules.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Deny {
    /// A check that is not made, because it does not apply or is left out
    Skip,
    /// A check that is not made, because another one fails
    Blocked,
    /// A failure that is expected
    Expected,
}

/// `cargo provider fuzz`.
#[derive(Debug, Args)]
pub(crate) struct Fuzz {
    /// A library; without one the package is built
    #[arg(value_name = "LIBRARY", conflicts_with_all = ["package", "dev"])]
    pub(crate) library: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) package: Package,
    /// For how long rounds are begun, for example 30s, 10m or 1h
    #[arg(short, long, value_name = "TIME", value_parser = duration, default_value = "1m")]
    pub(crate) duration: Duration,
    /// How many rounds run at a time [default: as many as there are processors]
    #[arg(short, long, value_name = "N")]
    pub(crate) jobs: Option<NonZero<usize>>,
    /// A value of the link, overriding `provider-testkit.toml`; may be given many times
    #[arg(long, value_name = "KEY=VALUE", value_parser = link_value)]
    pub(crate) link: Vec<(String, String)>,
    /// Read FILE instead of the package's `provider-testkit.toml`
    #[arg(long, value_name = "FILE")]
    pub(crate) config: Option<PathBuf>,
    /// Give every round X times as long
    #[arg(long, value_name = "X", value_parser = scale)]
    pub(crate) timeout_scale: Option<f64>,
    /// Make chance the same again: decimal, or hexadecimal with 0x
    #[arg(long, value_name = "SEED", value_parser = seed)]
    pub(crate) seed: Option<u64>,
    /// Play what a report shows, and nothing else
    #[arg(long, value_name = "TOKEN", conflicts_with_all = ["duration", "seed"])]
    pub(crate) reproduce: Option<Reproduction>,
}

/// `cargo provider list`.
#[derive(Debug, Args)]
pub(crate) struct List {
    /// Write one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// `cargo provider explain`.
#[derive(Debug, Args)]
pub(crate) struct Explain {
    /// The id of a check, as `list` and reports show it
    #[arg(value_name = "ID")]
    pub(crate) id: String,
}

/// `cargo provider inspect`.
#[derive(Debug, Args)]
pub(crate) struct Inspect {
    /// A library; without one the package is built
    #[arg(value_name = "LIBRARY", conflicts_with_all = ["package", "dev"])]
    pub(crate) library: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) package: Package,
    /// Write one JSON document
    #[arg(long)]
    pub(crate) json: bool,
}

/// `cargo provider contract`.
#[derive(Debug, Args)]
pub(crate) struct Contract {
    /// A library; without one the package is built
    #[arg(value_name = "LIBRARY", conflicts_with_all = ["package", "dev"])]
    pub(crate) library: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) package: Package,
    /// Write the library's JSON document
    #[arg(long, conflicts_with = "markdown")]
    pub(crate) json: bool,
    /// Write a page of Markdown
    #[arg(long)]
    pub(crate) markdown: bool,
    /// Write to this file instead of standard output
    #[arg(long, short, value_name = "FILE")]
    pub(crate) output: Option<PathBuf>,
}

/// `cargo provider call`.
#[derive(Debug, Args)]
pub(crate) struct Call {
    /// A library, if the first is a path; the operation's name; its request
    #[arg(
        value_name = "LIBRARY | OP | JSON",
        required = true,
        num_args = 1..=3,
        allow_negative_numbers = true
    )]
    pub(crate) operands: Vec<OsString>,
    #[command(flatten)]
    pub(crate) package: Package,
    /// The actor that calls, linked before the call; `system` calls without a link
    #[arg(long, value_name = "ACTOR", default_value = DEFAULT_ACTOR, hide_default_value = true)]
    pub(crate) actor: String,
    /// A value of the actor's link; may be given many times
    #[arg(long, value_name = "KEY=VALUE", value_parser = link_value)]
    pub(crate) link: Vec<(String, String)>,
    /// How long the call may take, in seconds
    #[arg(long, value_name = "SECONDS", value_parser = seconds, default_value = "10")]
    pub(crate) timeout: Duration,
    /// Show what the provider logs: -v info and above, -vv debug too, -vvv everything
    #[arg(short, long, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// `cargo provider run`.
#[derive(Debug, Args)]
pub(crate) struct Run {
    /// A library; without one the package is built
    #[arg(value_name = "LIBRARY", conflicts_with_all = ["package", "dev"])]
    pub(crate) library: Option<PathBuf>,
    #[command(flatten)]
    pub(crate) package: Package,
    /// The actor that is linked, and that calls; `system` calls without a link
    #[arg(long, value_name = "ACTOR", default_value = DEFAULT_ACTOR, hide_default_value = true)]
    pub(crate) actor: String,
    /// A value of the actor's link; may be given many times
    #[arg(long, value_name = "KEY=VALUE", value_parser = link_value)]
    pub(crate) link: Vec<(String, String)>,
    /// What actors answer when the provider calls OP; without an answer they answer with an error;
    /// may be given many times
    #[arg(long, value_name = "OP=JSON", value_parser = answer)]
    pub(crate) reply: Vec<(String, Vec<u8>)>,
    /// Show what the provider logs: -v info and above, -vv debug too, -vvv everything
    #[arg(short, long, action = ArgAction::Count)]
    pub(crate) verbose: u8,
}

/// An actor's public key that belongs to nobody: 56 characters, as real ones have.
const DEFAULT_ACTOR: &str = "MTESTACTORTESTACTORTESTACTORTESTACTORTESTACTORTESTACTORM";

/// How much a check matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum Level {
    /// What the specification and the ABI demand
    Must,
    /// And what they recommend
    Should,
    /// And measurements
    Perf,
}

fn link_value(text: &str) -> Result<(String, String), String> {
    match text.split_once('=') {
        Some((key, value)) if !key.is_empty() => Ok((key.to_owned(), value.to_owned())),
        _ => Err(String::from("KEY=VALUE is needed")),
    }
}

fn answer(text: &str) -> Result<(String, Vec<u8>), String> {
    let Some((op, json)) = text.split_once('=').filter(|(op, _)| !op.is_empty()) else {
        return Err(String::from("OP=JSON is needed"));
    };
    let value: serde_json::Value =
        serde_json::from_str(json).map_err(|error| format!("the answer is no JSON: {error}"))?;
    let answer = payload::encode(&value).map_err(|error| error.message().to_owned())?;
    Ok((op.to_owned(), answer))
}

fn scale(text: &str) -> Result<f64, String> {
    number(text, 1000.0)
}

fn seed(text: &str) -> Result<u64, String> {
    let number = match text.strip_prefix("0x") {
        Some(digits) => u64::from_str_radix(digits, 16),
        None => text.parse(),
    };
    number.map_err(|error| error.to_string())
}

fn duration(text: &str) -> Result<Duration, String> {
    let wrong = || String::from("a time like 30s, 10m or 1h is needed");
    let time: SignedDuration = text.parse().map_err(|_| wrong())?;
    Duration::try_from(time).ok().filter(|time| !time.is_zero()).ok_or_else(wrong)
}

fn seconds(text: &str) -> Result<Duration, String> {
    // A day: whoever waits for longer does not wait.
    number(text, 86_400.0).map(Duration::from_secs_f64)
}

fn number(text: &str, most: f64) -> Result<f64, String> {
    match text.parse::<f64>() {
        Ok(number) if number > 0.0 && number <= most => Ok(number),
        _ => Err(format!("a number above 0 and up to {most} is needed")),
    }
}

/// The arguments without the name of the subcommand, which cargo repeats: `cargo provider list`
/// starts `cargo-provider provider list`.
pub(crate) fn without_subcommand(
    arguments: impl IntoIterator<Item = OsString>,
) -> impl Iterator<Item = OsString> {
    arguments
        .into_iter()
        .enumerate()
        .filter(|(index, argument)| *index != 1 || argument != "provider")
        .map(|(_, argument)| argument)
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_arguments_fit_together() {
        Cli::command().debug_assert();
    }

    #[test]
    fn cargo_repeats_the_name_of_the_subcommand_and_an_alias_does_not() {
        for arguments in [
            &["cargo-provider", "provider", "explain", "provider"][..],
            &["cargo-provider", "explain", "provider"],
        ] {
            let arguments = without_subcommand(arguments.iter().map(Into::into));
            let cli = Cli::try_parse_from(arguments).unwrap();
            assert!(matches!(cli.command, Command::Explain(explain) if explain.id == "provider"));
        }
    }

    #[test]
    fn link_values_and_numbers_are_checked() {
        assert_eq!(link_value("A=b=c"), Ok(("A".into(), "b=c".into())));
        assert_eq!(link_value("A="), Ok(("A".into(), String::new())));
        for wrong in ["A", "=b", ""] {
            link_value(wrong).unwrap_err();
        }
        for wrong in ["0", "-1", "nan", "inf", "x"] {
            scale(wrong).unwrap_err();
        }
        assert_eq!((seed("10"), seed("0x10")), (Ok(10), Ok(16)));
        seed("x").unwrap_err();
        assert_eq!(duration("10m"), Ok(Duration::from_mins(10)));
        for wrong in ["", "10", "-1s", "0s", "x"] {
            duration(wrong).unwrap_err();
        }
        seconds("86401").unwrap_err();
        scale("1001").unwrap_err();
        assert_eq!(seconds("0.5"), Ok(Duration::from_millis(500)));
        assert_eq!(DEFAULT_ACTOR.len(), 56);
    }
}
