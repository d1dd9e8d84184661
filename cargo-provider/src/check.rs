//! `cargo provider check`: the checks of a provider, and the report.

use std::{
    ffi::OsString,
    fmt::Write,
    fs, io,
    path::{Path, PathBuf},
};

use provider_testkit::{CONFIG_FILE, Day, Deny, Kit, Level, Options, Run, Unusable};

use crate::{
    actions::Actions,
    build::{self, Found},
    cli, debug,
    exit::{Exit, Failure},
    expectations,
    output::Output,
    reports::Wanted,
};

/// Checks a provider.
pub(crate) fn run(mut arguments: cli::Check, output: &mut Output) -> Result<Exit, Failure> {
    let library = build::take_library(&mut arguments.operands);
    let mut ids = ids(&arguments.operands)?;
    if let Some(token) = &arguments.reproduce {
        if ids.iter().any(|id| id != token.check()) {
            return Err(Failure::unusable(format!(
                "`--reproduce` plays what `{}` found, and no other check",
                token.check()
            )));
        }
        ids = vec![token.check().to_owned()];
    }
    let wanted = Wanted::new(&arguments, Actions::here(), output)?;
    let found = build::find(library.as_deref(), &arguments.package)?;
    let config = config(&arguments, &found);
    if arguments.update_expectations && config.is_none() {
        return Err(Failure::unusable(
            "there is no file to write expectations to: a library that is given by its path needs \
             `--config FILE`",
        ));
    }
    let mut options = options(&arguments, &found)?;
    options.steps = wanted.calls().unwrap_or(options.steps);
    if options.shuffle
        && arguments.seed.is_none()
        && let Some(seed) = options.seed
    {
        output.message("note", &format!("the order of the checks is that of `--seed {seed:#x}`"));
    }
    let kit = match Kit::open(&found.library, options) {
        Ok(kit) => kit,
        Err(unusable) => {
            wanted.open()?.refused(&unusable, output);
            return Err(refusal(&unusable));
        }
    };
    let level = arguments.level.map_or(kit.options().level, Level::from);
    let selection =
        kit.select(&ids, level).map_err(|unknown| Failure::unusable(unknown.to_string()))?;
    if selection.is_empty() {
        return Err(Failure {
            exit: Exit::NothingVerified,
            message: format!(
                "nothing was verified: no check up to level `{level}` is among those asked for"
            ),
        });
    }
    let named: Vec<&str> = selection.ids().iter().map(String::as_str).collect();
    if arguments.in_process {
        let id = debug::only(&named, "--in-process")?;
        return debug::here(&kit, id, &in_process(&arguments, &found, id), output);
    }
    if let Some(debugger) = &arguments.debugger {
        let id = debug::only(&named, "--debugger")?;
        return debug::under(debugger, &kit, id, &in_process(&arguments, &found, id));
    }
    let folder = found.package.as_ref().map(|package| package.folder.as_path());
    let run = wanted.open()?.of(&kit, &selection, folder, output);
    match config {
        Some(file) if arguments.update_expectations => {
            let named =
                |id: &str| kit.select(&[id], level).map_or_else(|_| vec![], |s| s.ids().to_vec());
            update(&file, &run, named, output)
        }
        _ => Ok(Exit::of(run.exit_code())),
    }
}

/// Brings the expectations in `file` up to date.
fn update(
    file: &Path,
    run: &Run,
    named: impl Fn(&str) -> Vec<String>,
    output: &mut Output,
) -> Result<Exit, Failure> {
    let shown = file.display();
    let text = match fs::read_to_string(file) {
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(String::new()),
        read => read.map_err(|error| Failure::unusable(format!("cannot read `{shown}`: {error}"))),
    }?;
    let updated = expectations::updated(&text, run, Day::today(), named)
        .map_err(|problem| Failure::unusable(format!("cannot update `{shown}`: {problem}")))?;
    if updated.text != text {
        fs::write(file, &updated.text)
            .map_err(|error| Failure::unusable(format!("cannot write `{shown}`: {error}")))?;
    }
    for change in &updated.changes {
        output.message("expectations", &format!("`{shown}`: {change}"));
    }
    if updated.changes.is_empty() {
        output.message("expectations", &format!("`{shown}`: nothing to change"));
    }
    Ok(Exit::of(updated.applied(run).exit_code()))
}

/// The file that says what is known of the provider, whether it is there or not.
fn config(arguments: &cli::Check, found: &Found) -> Option<PathBuf> {
    let of_package = || Some(found.package.as_ref()?.folder.join(CONFIG_FILE));
    arguments.config.clone().or_else(of_package)
}

/// The rest of the operands, which all name checks.
fn ids(operands: &[OsString]) -> Result<Vec<String>, Failure> {
    operands
        .iter()
        .map(|operand| match operand.to_str() {
            Some(id) if !build::is_path(operand) => Ok(id.to_owned()),
            _ => Err(Failure::unusable(format!(
                "`{}` is no id of a check; a library comes first, and there can be one",
                operand.to_string_lossy()
            ))),
        })
        .collect()
}

/// What `provider-testkit.toml` says, and then the arguments.
pub(crate) fn options(arguments: &cli::Check, found: &Found) -> Result<Options, Failure> {
    let options = match (&arguments.config, &found.package) {
        (Some(file), _) => Options::in_file(file),
        (None, Some(package)) => Options::in_folder(&package.folder),
        (None, None) => Ok(Options::default()),
    };
    let mut options = options.map_err(|error| Failure::unusable(error.to_string()))?;
    options.link_values.extend(arguments.link.iter().cloned());
    if let Some(scale) = arguments.timeout_scale {
        options.timeout_scale = scale;
    }
    if let Some(effort) = arguments.effort {
        options.effort = effort;
    }
    options.seed = arguments.seed.or(options.seed);
    options.reproduce.clone_from(&arguments.reproduce);
    if let Some(jobs) = arguments.jobs {
        options.jobs = jobs.get();
    }
    options.shuffle = arguments.shuffle;
    if options.shuffle && options.seed.is_none() {
        options.seed = Some(provider_testkit::fresh_seed());
    }
    options.deny.extend(arguments.deny.iter().copied().map(Deny::from));
    if let Some(wrap) = &arguments.wrap {
        wrap.found("--wrap")?;
        options.wrap.clone_from(&wrap.0);
    }
    options.again = Some(again(arguments, found));
    Ok(options)
}

/// The command that repeats a check, up to its id.
fn again(arguments: &cli::Check, found: &Found) -> String {
    let mut command = match &found.package {
        Some(package) => format!("cargo provider check -p {}", package.name),
        None => format!("cargo provider check {}", quoted(&found.library.to_string_lossy())),
    };
    if arguments.package.dev {
        command.push_str(" --dev");
    }
    if let Some(file) = &arguments.config {
        // Writing to a string does not fail, here and below.
        let _ = write!(command, " --config {}", quoted(&file.to_string_lossy()));
    }
    for word in decisive(arguments) {
        let _ = write!(command, " {}", quoted(&word));
    }
    command
}

/// The arguments that decide how a check is made, whichever it is.
fn decisive(arguments: &cli::Check) -> Vec<String> {
    let mut words = Vec::new();
    let mut add = |name: &str, value: String| words.extend([name.to_owned(), value]);
    for (key, value) in &arguments.link {
        add("--link", format!("{key}={value}"));
    }
    if let Some(scale) = arguments.timeout_scale {
        add("--timeout-scale", scale.to_string());
    }
    if let Some(effort) = arguments.effort {
        add("--effort", effort.to_string());
    }
    if let Some(wrap) = &arguments.wrap {
        add("--wrap", wrap.to_string());
    }
    words
}

/// The arguments for the check `id` in one process, with the library that was found now.
fn in_process(arguments: &cli::Check, found: &Found, id: &str) -> Vec<OsString> {
    let library = fs::canonicalize(&found.library).unwrap_or_else(|_| found.library.clone());
    let mut all: Vec<OsString> =
        vec!["check".into(), library.into(), id.into(), "--in-process".into()];
    if let Some(file) = config(arguments, found).filter(|file| file.exists()) {
        all.extend(["--config".into(), file.into()]);
    }
    all.extend(decisive(arguments).into_iter().map(OsString::from));
    if let Some(seed) = arguments.seed {
        all.extend(["--seed".into(), format!("{seed:#x}").into()]);
    }
    if let Some(token) = &arguments.reproduce {
        all.extend(["--reproduce".into(), token.to_string().into()]);
    }
    all
}

/// `word`, as a shell reads it back.
pub(crate) fn quoted(word: &str) -> String {
    let plain = |c: char| c.is_alphanumeric() || "-_./:=,+@%".contains(c);
    if !word.is_empty() && word.chars().all(plain) {
        return word.to_owned();
    }
    format!("'{}'", word.replace('\'', r"'\''"))
}

/// A library that cannot be opened for checks.
pub(crate) fn refusal(unusable: &Unusable) -> Failure {
    Failure { exit: Exit::of(unusable.exit_code()), message: unusable.to_string() }
}

impl From<cli::Deny> for Deny {
    fn from(deny: cli::Deny) -> Self {
        match deny {
            cli::Deny::Skip => Self::Skip,
            cli::Deny::Blocked => Self::Blocked,
            cli::Deny::Expected => Self::Expected,
        }
    }
}

impl From<cli::Level> for Level {
    fn from(level: cli::Level) -> Self {
        match level {
            cli::Level::Must => Self::Must,
            cli::Level::Should => Self::Should,
            cli::Level::Perf => Self::Perf,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_shell_reads_back_what_was_quoted() {
        assert_eq!(quoted("a/b.so"), "a/b.so");
        assert_eq!(quoted("KEY=a b"), "'KEY=a b'");
        assert_eq!(quoted("it's"), r"'it'\''s'");
        assert_eq!(quoted(""), "''");
    }

    #[test]
    fn ids_are_no_paths() {
        let operands = |ids: &[&str]| ids.iter().map(OsString::from).collect::<Vec<_>>();
        assert_eq!(ids(&operands(&["links::*"])).unwrap(), ["links::*"]);
        let failure = ids(&operands(&["links", "./other.so"])).unwrap_err();
        assert!(failure.message.contains("`./other.so`"), "{failure:?}");
    }
}
